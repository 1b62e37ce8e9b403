"""The records that the contract tests declare, and handles on a database and on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg

from engine.registry import Record
from engine.storage import Store

PAPER = Record(
    name="paper",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "title": "text",
        "state": "text",
        "due_on": "date",
        "opened_at": "instant",
        "urgent": "boolean",
        "pages": "integer",
        "tags": "json",
    },
    indexes=(("case_id",), ("state", "due_on"), ("title",)),
)
PAPER_UNIT = Record(
    name="paper_unit",
    key=("paper_id", "unit_id"),
    columns={"paper_id": "text", "unit_id": "text", "role": "text"},
    indexes=(("unit_id",),),
    case_column=None,
)
LEASE = Record(name="lease", kind="working", key=("id",), columns={"id": "text", "until": "instant"}, case_column=None)
RECORDS = (PAPER, PAPER_UNIT, LEASE)

SETTINGS = {"jurisdiction": "全国", "zone": "Asia/Shanghai"}


@dataclass
class Server:
    """A PostgreSQL server of this run."""

    url: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url_of(self, database: str, *, user: str = "postgres") -> str:
        """How to reach one database."""
        return self.url.replace("/postgres?", f"/{database}?").replace("//postgres:", f"//{user}:")

    def run(self, sql: str, *, database: str = "postgres") -> list[Any]:
        """Run a statement as the server's administrator."""
        with psycopg.connect(self.url_of(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def new_database(self) -> str:
        """An empty database without tables."""
        name = f"t{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        return name

    def clear(self, database: str) -> None:
        """Take all rows out of all tables, but for what was fixed at creation."""
        named = self.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database=database)
        rows = [f'DELETE FROM "{name}"' for (name,) in sorted(named, reverse=True) if name not in ("meta", "alembic_version")]
        self.run(";".join((*rows, "ALTER SEQUENCE instance_number RESTART")), database=database)


@dataclass
class Database:
    """One database, which a test opens as often as it likes."""

    kind: str
    url: str
    make: Callable[..., Store]
    opened: list[Store] = field(default_factory=list)

    def open(self, records: Iterable[Record] = RECORDS, **options: Any) -> Store:
        """A handle of its own; in memory there is only the one store."""
        store = self.make(records, **options)
        self.opened.append(store)
        return store
