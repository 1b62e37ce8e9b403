"""Tables as SQLAlchemy sees them: built from records, so that DDL and statements name the same columns.

Text has the collation of code points on PostgreSQL, which SQLite has by nature: both order and compare as Python does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from ..registry import ColumnKind, Record

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

TYPES: Mapping[ColumnKind, sa.types.TypeEngine[Any]] = {
    "text": _TEXT,
    "date": _TEXT,
    "json": _TEXT,
    "integer": sa.BigInteger(),
    "instant": sa.BigInteger(),
    "boolean": sa.BigInteger(),
    "bytes": sa.LargeBinary(),
}


class Tables(Mapping[str, sa.Table]):
    """One table for each record, by name, made when it is first asked for: a command needs a few of many.

    Its indexes are made with it alone: no statement names them.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = {record.name: record for record in records}
        self._made: dict[str, sa.Table] = {}

    def __getitem__(self, name: str) -> sa.Table:
        found = self._made.get(name)
        return found if found is not None else self._made.setdefault(name, _table(self._records[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def _table(record: Record) -> sa.Table:
    # Rows without long content lie in the key's own tree on SQLite: one page less to write for each change.
    short = "json" not in record.columns.values() and record.kind != "truth"
    return sa.Table(
        record.name,
        sa.MetaData(),
        *(sa.Column(name, TYPES[kind], nullable=name not in record.key) for name, kind in record.columns.items()),
        sa.PrimaryKeyConstraint(*record.key, name=_name("pk", record.name, ())),
        sqlite_with_rowid=not short,
    )


def _name(kind: str, table: str, columns: tuple[str, ...]) -> str:
    name = "_".join((kind, table, *columns))
    if len(name.encode()) <= 60:
        return name
    # PostgreSQL cuts names at 63 bytes.
    return f"{kind}_{hashlib.sha256(name.encode()).hexdigest()[:24]}"


def create_statements(table: sa.Table, record: Record, dialect: sa.Dialect) -> list[str]:
    """DDL that makes this record's table and its indexes."""
    indexes = sorted((_index(table, record, columns, dialect) for columns in record.indexes), key=lambda index: str(index.name))
    return [str(CreateTable(table).compile(dialect=dialect)), *(str(CreateIndex(index).compile(dialect=dialect)) for index in indexes)]


def _index(table: sa.Table, record: Record, columns: tuple[str, ...], dialect: sa.Dialect) -> sa.Index:
    """An index; rows whose first column is null are left out, for nothing that is compared with a value is null."""
    filled = None if columns[0] in record.key else table.c[columns[0]].is_not(None)
    # Naming the other dialect would import it, which takes as long as a tenth of SQLAlchemy.
    options: dict[str, Any] = {f"{dialect.name}_where": filled}
    return sa.Index(_name("ix", record.name, columns), *(table.c[name] for name in columns), **options)


def drop_statement(table: sa.Table, dialect: sa.Dialect) -> str:
    """DDL that takes the table away, if it is there."""
    return str(DropTable(table, if_exists=True).compile(dialect=dialect))


RECORD_MARK = "record:"
"""Begins the names under which `meta` keeps the marks of records."""


def record_mark(record: Record) -> str:
    """What `meta` remembers of a record's declaration: its version and a digest of key, columns and indexes."""
    declared = repr((record.kind, record.key, tuple(record.columns.items()), record.indexes))
    return f"{record.version}:{hashlib.sha256(declared.encode()).hexdigest()[:16]}"
