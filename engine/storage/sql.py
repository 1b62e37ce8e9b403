"""The store in SQLite or PostgreSQL.

SQLAlchemy makes the tables, builds each statement once and keeps the pool; `sql_transaction` runs them. Driver errors leave this module
translated. Import it only where a database is meant: SQLAlchemy takes a quarter of a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..errors import StoreError
from ..registry import Record
from .sql_backend import Backend, complain
from .sql_schema import RECORD_MARK, create_statements, drop_statement, record_mark
from .sql_statements import Statements
from .sql_transaction import SqlTransaction
from .sql_truth import TruthStatements
from .tables import SCHEMA, all_tables

_SETTING = "setting:"
_BUSY_SECONDS = 10.0


class SqlStore:
    """A database of one congress in SQLite or PostgreSQL. Made by `create` or `open`."""

    def __init__(self, backend: Backend, records: Iterable[Record]) -> None:
        self._backend = backend
        self._tables = all_tables(records)
        self._engine = backend.engine()
        self._idle: deque[Any] = deque()
        """Connections of a file that a transaction left: taken again without the pool's checks."""
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
        try:
            backend.make_place()
        except BaseException:
            store.close()
            raise
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
            with store._migration(new=False):
                pass
        finally:
            store.close()

    def transaction(self, *, write: bool) -> SqlTransaction:
        """Begin. SQLite: BEGIN IMMEDIATE for writers; PostgreSQL: serializable. Raises Contended, errors.StoreError."""
        return SqlTransaction(self, self._backend, self._statements, self._truth, write=write)

    def tables(self) -> Mapping[str, Record]:
        """Every table by name, with its kind (truth, fold, working)."""
        return self._tables

    def stale_folds(self) -> tuple[str, ...]:
        """Tables whose record is new or has another version or other columns than the database."""
        marks = {name.removeprefix(RECORD_MARK): mark for name, mark in self._meta().items() if name.startswith(RECORD_MARK)}
        mine = [record for record in self._tables.values() if record.kind != "truth"]
        return tuple(record.name for record in mine if marks.get(record.name) != record_mark(record))

    def backup(self, path: str | Path) -> None:
        """Copy the database, as it stands at one moment, into a new SQLite file. Raises StoreError `exists`, `disk_full`, `unsupported`."""
        with self._pooled() as pooled, self._translated():
            self._backend.backup(pooled.driver_connection, Path(path))

    def integrity(self) -> tuple[str, ...]:
        """What the database itself finds wrong with its file: nothing, if all is well. History is proved elsewhere."""
        with self._pooled() as pooled, self._translated():
            return self._backend.integrity(pooled.driver_connection)

    def close(self) -> None:
        """Give back connections and files."""
        self.forget_connections()

    # Below the port

    @contextmanager
    def _pooled(self) -> Iterator[Any]:
        pooled = self.connection()
        try:
            yield pooled
        finally:
            self.give_back(pooled)

    def forget_connections(self) -> None:
        """Drop every idle connection: where the server closed one, it closed all."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()

    def connection(self) -> Any:
        """A connection, as the pool wraps it."""
        try:
            return self._idle.pop()
        except IndexError:
            with self._translated():
                return self._engine.raw_connection()

    def give_back(self, pooled: Any) -> None:
        """Take back a connection on which no transaction is open."""
        if self._backend.keeps_connections:
            self._idle.append(pooled)
        else:
            pooled.close()

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
        try:
            meta = self._meta()
        except StoreError as error:
            if error.code != "database":
                raise
            # It answers, but has no such table.
            text, database = "{database} is no database of this program", self._backend.database
            raise StoreError("not_a_database", text, database=database, hint="make one with: jianyi init") from error
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
    def _migration(self, *, new: bool) -> Iterator[sa.Connection]:
        """One transaction in which the revisions have run; committed at the end of the block."""
        # Alembic takes half a second to import and is wanted only where tables are made.
        from .sql_migrate import upgrade

        with self._translated(), self._engine.connect() as connection:
            connection.exec_driver_sql(self._backend.begin(write=True))
            if new and sa.inspect(connection).get_table_names():
                raise StoreError(
                    "exists", "{database} holds tables already", database=self._backend.database, hint="name an empty database; nothing was changed"
                )
            upgrade(connection)
            yield connection
            connection.commit()

    def _fill(self, *, simulated: bool, settings: Mapping[str, str]) -> None:
        meta = {"simulated": "1" if simulated else "0", **{_SETTING + name: value for name, value in settings.items()}}
        with self._migration(new=True) as connection:
            cursor = connection.connection.cursor()
            for name in self._statements.tables:
                for sql in self.creating(name):
                    cursor.execute(sql)
                meta[RECORD_MARK + name] = record_mark(self._tables[name])
            for name, value in meta.items():
                cursor.execute(self._truth.put_meta, (name, value))

    def creating(self, table: str) -> list[str]:
        """The statements that make a fold or working table."""
        return create_statements(self._statements.tables[table], self._tables[table], self._engine.dialect)

    def dropping(self, table: str) -> str:
        """The statement that takes a fold or working table away, if it is there."""
        self._statements.columns(table)  # Truth is never dropped.
        return drop_statement(self._statements.tables[table], self._engine.dialect)


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
