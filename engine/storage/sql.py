"""The store in SQLite or PostgreSQL.

SQLAlchemy makes the tables, builds each statement once and keeps the pool; statements are run by the driver's own cursor, since SQLAlchemy's
execution costs four times the statement (measured). Driver errors leave this module translated. Import it only where a database is meant:
SQLAlchemy takes a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa

from ..errors import StoreError
from ..registry import Change, Count, Record, Select
from .columns import Stored, write_of
from .port import Head, Payload, StoredRow
from .sql_backend import Backend, Batch, complain
from .sql_schema import create_statements, drop_statement, record_mark
from .sql_statements import Statements
from .sql_truth import TruthStatements
from .tables import SCHEMA, all_tables

_SETTING = "setting:"
_RECORD = "record:"
_BUSY_SECONDS = 10.0


class SqlStore:
    """A database of one congress in SQLite or PostgreSQL. Made by `create` or `open`."""

    def __init__(self, backend: Backend, records: Iterable[Record]) -> None:
        self._backend = backend
        self._tables = all_tables(records)
        self._engine = backend.engine()
        self._statements = Statements(self._engine.dialect, self._tables.values(), backend.many)
        self._truth = TruthStatements(self._engine.dialect)
        self.simulated = False
        self.settings: Mapping[str, str] = {}

    @classmethod
    def create(
        cls,
        url_or_path: str | Path,
        records: Iterable[Record] = (),
        *,
        simulated: bool = False,
        settings: Mapping[str, str] | None = None,
        busy_seconds: float = _BUSY_SECONDS,
    ) -> SqlStore:
        """Make the tables in a new file or an empty PostgreSQL database. Raises StoreError `exists`, `unreachable`, `disk_full`."""
        backend = backend_of(url_or_path, busy_seconds=busy_seconds)
        store = cls(backend, records)
        backend.make_place()
        try:
            store._fill(simulated=simulated, settings=settings or {})
            store._read_meta()
        except BaseException:
            store.close()
            backend.unmake_place()
            raise
        return store

    @classmethod
    def open(
        cls,
        url_or_path: str | Path,
        records: Iterable[Record] = (),
        *,
        busy_seconds: float = _BUSY_SECONDS,
        pragmas: Mapping[str, int | str] | None = None,
    ) -> SqlStore:
        """Open what `create` made. Raises StoreError `missing`, `unreachable`, `not_a_database`, `older_schema`, `newer_schema`.

        `pragmas` are SQLite's, for tuning or bounding it.
        """
        backend = backend_of(url_or_path, busy_seconds=busy_seconds, pragmas=pragmas or {})
        backend.require_present()
        store = cls(backend, records)
        try:
            store._read_meta()
            store._require_schema()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def upgrade(cls, url_or_path: str | Path) -> None:
        """Bring the tables of truth to this release's schema, all or nothing. Take a backup before."""
        backend = backend_of(url_or_path, busy_seconds=_BUSY_SECONDS)
        backend.require_present()
        store = cls(backend, ())
        try:
            store._read_meta()
            store._require_schema(older_allowed=True)
            with store._migration():
                pass
        finally:
            store.close()

    def transaction(self, *, write: bool) -> SqlTransaction:
        """Begin. SQLite: BEGIN IMMEDIATE for writers; PostgreSQL: serializable. Raises Contended, errors.StoreError."""
        return SqlTransaction(self, write=write)

    def tables(self) -> Mapping[str, Record]:
        """Every table by name, with its kind (truth, fold, working)."""
        return self._tables

    def stale_folds(self) -> tuple[str, ...]:
        """Tables whose record is new or has another version or other columns than the database."""
        marks = {name.removeprefix(_RECORD): mark for name, mark in self._meta().items() if name.startswith(_RECORD)}
        mine = [record for record in self._tables.values() if record.kind != "truth"]
        return tuple(record.name for record in mine if marks.get(record.name) != record_mark(record))

    def close(self) -> None:
        """Give back connections and files."""
        self._engine.dispose()

    # Below the port

    def connection(self) -> Any:
        """A connection out of the pool, as the pool wraps it."""
        with self._translated():
            return self._engine.raw_connection()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._backend.errors as error:
            raise self._backend.translate(error) from error
        except sa.exc.DBAPIError as error:
            raise self._backend.translate(error.orig if isinstance(error.orig, Exception) else error) from error
        except sa.exc.SQLAlchemyError as error:
            raise complain(self._backend.database, error) from error

    def _meta(self) -> dict[str, str]:
        with self.transaction(write=False) as transaction:
            return dict(transaction.rows(self._truth.meta, ()))

    def _read_meta(self) -> None:
        meta = self._meta()
        self.simulated = meta.get("simulated") == "1"
        named = {name.removeprefix(_SETTING): value for name, value in meta.items() if name.startswith(_SETTING)}
        self.settings = {**named, "schema": meta.get("schema", "0")}

    def _require_schema(self, *, older_allowed: bool = False) -> None:
        found, database = int(self.settings["schema"]), self._backend.database
        if found > SCHEMA:
            text = "the database {database} was written by a newer release (schema {found}, this one knows {known})"
            raise StoreError("newer_schema", text, database=database, found=found, known=SCHEMA, hint="install the newer release")
        if found < SCHEMA and not older_allowed:
            text = "the database {database} is of an older release (schema {found}, this one needs {known})"
            raise StoreError("older_schema", text, database=database, found=found, known=SCHEMA, hint="take a backup, then run: jianyi db upgrade")

    @contextmanager
    def _migration(self) -> Iterator[sa.Connection]:
        """One transaction in which the revisions have run; committed at the end of the block."""
        # Alembic takes half a second to import and is wanted only where tables are made.
        from .sql_migrate import upgrade

        with self._translated(), self._engine.connect() as connection:
            connection.exec_driver_sql(self._backend.begin(write=True))
            upgrade(connection)
            yield connection
            connection.commit()

    def _fill(self, *, simulated: bool, settings: Mapping[str, str]) -> None:
        meta = {"simulated": "1" if simulated else "0", **{_SETTING + name: value for name, value in settings.items()}}
        with self._migration() as connection:
            cursor = connection.connection.cursor()
            for name in self._statements.tables:
                for sql in self.making(name):
                    cursor.execute(sql)
                meta[_RECORD + name] = record_mark(self._tables[name])
            for name, value in meta.items():
                cursor.execute(self._truth.put_meta, (name, value))

    def making(self, table: str) -> list[str]:
        """The statements that make a fold or working table anew, without rows."""
        self._statements.columns(table)
        made = self._statements.tables[table]
        return [drop_statement(made, self._engine.dialect), *create_statements(made, self._engine.dialect)]


class SqlTransaction:
    """One read or one command against a `SqlStore`; see the port."""

    def __init__(self, store: SqlStore, *, write: bool) -> None:
        self._store = store
        self._write = write
        self._truth = store._truth
        self._statements = store._statements
        self._backend = store._backend
        self._usable = False

    def __enter__(self) -> SqlTransaction:
        self._pooled = self._store.connection()
        self._connection = self._pooled.driver_connection
        self._cursor = self._connection.cursor()
        self._usable = True
        try:
            self._run(self._backend.begin(write=self._write), ())
        except BaseException:
            self._pooled.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._usable = False
        # The pool rolls back what was not committed.
        self._pooled.close()

    def commit(self) -> None:
        """Make it all durable. What follows in this transaction is refused."""
        self._run("COMMIT", ())
        self._usable = False

    # History

    def head(self, stream: str) -> Head | None:
        row = self._one(self._truth.head, (stream,))
        return None if row is None else Head(stream=stream, position=row[0], hash=row[1])

    def load(self, stream: str) -> tuple[Head, bytes | None] | None:
        row = self._one(self._truth.load, (stream,))
        return None if row is None else (Head(stream=stream, position=row[0], hash=row[1]), row[2])

    def command(self, command_id: str) -> StoredRow | None:
        row = self._one(self._truth.command, (command_id,))
        return None if row is None else _stored(row)

    def history(self, stream: str, *, after: int = 0, limit: int = 1000) -> Sequence[StoredRow]:
        return [_stored(row) for row in self.rows(self._truth.history, (stream, after, limit))]

    def places(self, *, after: int = 0, limit: int = 1000) -> Sequence[StoredRow]:
        return [_stored(row) for row in self.rows(self._truth.places, (after, limit))]

    def payloads(self, stream: str, positions: Sequence[int]) -> Sequence[Payload]:
        found = self.rows(self._truth.payloads, (stream, self._backend.many(list(positions))))
        return [_payload(row) for row in found]

    def streams(self, *, after: str = "", limit: int = 1000) -> Sequence[str]:
        return [row[0] for row in self.rows(self._truth.streams, (after, limit))]

    def append(self, row: StoredRow, payloads: Sequence[Payload]) -> None:
        batches: list[Batch] = [(self._truth.append, [(row.stream, row.position, row.command_id, row.recorded_at, row.hash, row.bytes)])]
        if payloads:
            batches.append((self._truth.put_payload, [(p.stream, p.position, p.name, p.salt, p.digest, p.bytes) for p in payloads]))
        self._run_all(batches)

    def erase(self, stream: str, position: int, name: str) -> None:
        self._run_all([(self._truth.erase, [(b"", stream, position, name)])])

    def file(self, digest: bytes) -> bytes | None:
        row = self._one(self._truth.file, (digest,))
        return None if row is None else row[0]

    def put_file(self, digest: bytes, data: bytes) -> None:
        self._run_all([(self._truth.put_file, [(digest, data)])])

    # Folds and working tables

    def apply(self, changes: Iterable[Change]) -> None:
        batches: list[Batch] = []
        strict: list[tuple[int, str]] = []
        """Places of batches that must find each of their rows."""
        last: Any = None
        rows: list[Sequence[Stored]] = []
        for change in changes:
            columns = self._statements.columns(change.table)
            write = write_of(columns, change)
            statement = self._statements.write(write)
            if statement is not last:
                rows, last = [], statement
                if write.op == "update" and columns.record.kind == "fold" and set(write.key_columns) == set(columns.record.key):
                    strict.append((len(batches), change.table))
                batches.append((statement.sql, rows))
            rows.append(statement.parameters(write.values))
        if not batches:
            return
        touched = self._run_all(batches)
        for place, table in strict:
            if touched[place] != len(batches[place][1]):
                self._usable = False
                raise StoreError("row_missing", "table {table} lacks a row that history changes", table=table, hint="compare the records with: jianyi audit rebuild")

    def select(self, select: Select) -> Sequence[Mapping[str, Any]]:
        query, values = self._statements.select(select)
        return query.rows(self.rows(query.statement.sql, values))

    def count(self, count: Count) -> Sequence[Mapping[str, Any]]:
        query, values = self._statements.count(count)
        return query.rows(self.rows(query.statement.sql, values))

    def next_instance(self) -> int:
        self._require_writer()
        return self._number(self._backend.next_instance, ())

    def next_in_series(self, name: str) -> int:
        self._require_writer()
        return self._number(self._truth.next_in_series, (name, 1))

    def fold_rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        query = self._statements.every(table)
        cursor = self._connection.cursor()
        self._require_usable()
        cursor.execute(query.statement.sql, ())
        while some := cursor.fetchmany(1000):
            yield from query.rows(some)

    def empty(self, tables: Iterable[str]) -> None:
        self._require_writer()
        for name in tables:
            for sql in self._store.making(name):
                self._run(sql, ())
            self._run(self._truth.put_meta, (_RECORD + name, record_mark(self._store.tables()[name])))

    # Below the port

    def rows(self, sql: str, values: Sequence[Stored]) -> list[Any]:
        """What a statement answers."""
        found: list[Any] = self._run(sql, values).fetchall()
        return found

    def _one(self, sql: str, values: Sequence[Stored]) -> Any:
        return self._run(sql, values).fetchone()

    def _number(self, sql: str, values: Sequence[Stored]) -> int:
        found = self.rows(sql, values)
        return int(found[0][0])

    def _run(self, sql: str, values: Sequence[Stored]) -> Any:
        self._require_usable()
        try:
            return self._cursor.execute(sql, values)
        except self._backend.errors as error:
            self._usable = False
            raise self._backend.translate(error) from error

    def _run_all(self, batches: Sequence[Batch]) -> list[int]:
        self._require_writer()
        try:
            return self._backend.run_all(self._connection, batches)
        except self._backend.errors as error:
            self._usable = False
            raise self._backend.translate(error) from error

    def _require_usable(self) -> None:
        if not self._usable:
            raise RuntimeError("this transaction has ended or failed: leave it and begin another")

    def _require_writer(self) -> None:
        self._require_usable()
        if not self._write:
            raise RuntimeError("this transaction was begun for reading")


def backend_of(url_or_path: str | Path, *, busy_seconds: float, pragmas: Mapping[str, int | str] | None = None) -> Backend:
    """The database product that a path or URL means. Raises StoreError `unsupported`."""
    text = str(url_or_path)
    if "://" not in text:
        url = sa.URL.create("sqlite", database=str(Path(text).expanduser()))
    else:
        try:
            url = sa.make_url(text)
        except (sa.exc.ArgumentError, ValueError):
            raise StoreError("unsupported", "this is no database URL", hint="a path, sqlite:///path or postgresql://user@host/name") from None
    if url.get_backend_name() == "sqlite":
        from .sql_sqlite import SqliteBackend

        return SqliteBackend(url, busy_seconds=busy_seconds, pragmas=pragmas or {})
    if url.get_backend_name() in ("postgresql", "postgres"):
        from .sql_postgres import PostgresBackend

        return PostgresBackend(url, busy_seconds=busy_seconds)
    raise StoreError("unsupported", "no store for {name}", name=url.drivername, hint="a path, sqlite:///path or postgresql://user@host/name")


def _stored(row: Sequence[Any]) -> StoredRow:
    stream, position, command_id, recorded_at, data, digest, place = row
    return StoredRow(stream=stream, position=position, command_id=command_id, recorded_at=recorded_at, bytes=data, hash=digest, place=place)


def _payload(row: Sequence[Any]) -> Payload:
    stream, position, name, salt, data, digest = row
    return Payload(stream=stream, position=position, name=name, salt=salt, bytes=data, digest=digest)
