"""What is PostgreSQL's own: the session, how a transaction begins, pipelines, what its errors mean.

The session is in autocommit and transactions are begun by hand, so that one statement says how. Imports the port, `errors`, SQLAlchemy and
psycopg 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..errors import StoreError
from .columns import Stored
from .port import CommandKnown, Contended, PositionTaken
from .sql_backend import Batch, complain

try:
    import psycopg
    from psycopg.types.numeric import Int8Dumper
except ImportError:
    raise StoreError("unsupported", "PostgreSQL needs the package psycopg", hint="pip install 'jianyi[postgresql]'") from None

_SERIALIZATION = ("40001", "40P01", "55P03")
_UNREACHABLE = ("the database {database} cannot be reached: {reason}", "check host, name, user and password, and that the server runs")
_BY_STATE: Mapping[str, tuple[str, str, str]] = {
    "25006": ("read_only", "the database {database} cannot be written", "is this a standby? name the primary server"),
    "53100": ("disk_full", "no space is left for the database {database}", "make space on the server, then run the command again"),
    "42P07": ("exists", "{database} holds tables already", "name an empty database; nothing was changed"),
    "3D000": ("missing", "there is no database {database}", "create it on the server, then: jianyi init"),
    "42501": ("no_permission", "the user may not do this in the database {database}: {reason}", "grant the rights, or name the owner of the tables"),
}


class PostgresBackend:
    """One PostgreSQL database."""

    name = "postgresql"
    keeps_connections = False
    errors: tuple[type[Exception], ...] = (psycopg.Error,)
    next_instance = "SELECT nextval('instance_number')"

    def __init__(self, url: sa.URL, *, busy_seconds: float) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self._busy_seconds = busy_seconds
        self._names = count()
        self.database = url.render_as_string(hide_password=True)

    def engine(self) -> sa.Engine:
        """SQLAlchemy's engine, for its pool and dialect."""
        engine = sa.create_engine(
            self._url,
            paramstyle="format",
            connect_args={"connect_timeout": 10},
            max_overflow=-1,
            use_native_hstore=False,
        )
        sa.event.listen(engine, "connect", self._prepare)
        return engine

    def _prepare(self, connection: psycopg.Connection[Any], record: object) -> None:
        connection.autocommit = True
        # One size for all integers: a prepared statement is kept for each set of types.
        connection.adapters.register_dumper(int, Int8Dumper)
        wait = int(self._busy_seconds * 1000)
        connection.execute(f"SET synchronous_commit = on; SET lock_timeout = {wait}; SET default_transaction_isolation = 'serializable'")

    def require_present(self) -> None:
        """The server says itself that a database is missing."""

    def make_place(self) -> None:
        """The database is made by the server's administrator."""

    def unmake_place(self) -> None:
        """Nothing: DDL is rolled back."""

    def begin(self, *, write: bool) -> str:
        """The statement that begins. A read is of one snapshot and cannot fail; a write is serializable."""
        return "BEGIN ISOLATION LEVEL SERIALIZABLE" if write else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def many(self, values: Sequence[Stored]) -> Any:
        """The values of an `in`, as one parameter."""
        return values

    def run_all(self, connection: Any, batches: Sequence[Batch]) -> list[int]:
        """Run each batch in order, all in one round trip; how many rows each touched."""
        cursors = []
        with connection.pipeline():
            for sql, rows in batches:
                cursor = connection.cursor()
                if len(rows) == 1:
                    cursor.execute(sql, rows[0])
                else:
                    cursor.executemany(sql, rows)
                cursors.append(cursor)
        return [cursor.rowcount for cursor in cursors]

    def stream(self, connection: Any, sql: str) -> Iterator[Sequence[Any]]:
        """The rows of a large answer, some at a time, by a cursor on the server."""
        with connection.cursor(name=f"stream_{next(self._names)}") as cursor:
            cursor.execute(sql)
            while some := cursor.fetchmany(1000):
                yield some

    def leave(self, connection: Any) -> None:
        """The pool rolls back what was not committed."""

    def is_lost(self, connection: Any) -> bool:
        """The server or the network ended the session."""
        return bool(connection.closed)

    def backup(self, connection: Any, path: Path) -> None:
        """Not from here."""
        raise StoreError("unsupported", "a PostgreSQL database is not copied into a file here", hint="use pg_dump, or the server's own backup")

    def integrity(self, connection: Any) -> tuple[str, ...]:
        """Nothing: the server checks its pages itself."""
        return ()

    def translate(self, error: Exception) -> Exception:
        """What a driver's error means to the engine."""
        state = getattr(error, "sqlstate", None)
        reason = str(error).strip()
        if state in _SERIALIZATION:
            return Contended(reason)
        if isinstance(error, psycopg.errors.UniqueViolation):
            return self._clash(error.diag.constraint_name, reason)
        if state is not None and state in _BY_STATE:
            code, template, hint = _BY_STATE[state]
            return StoreError(code, template, hint=hint, database=self.database, reason=reason)
        if isinstance(error, psycopg.OperationalError):
            template, hint = _UNREACHABLE
            # Before a session stands the server's answer has no state, only its words.
            code = "missing" if state is None and "does not exist" in reason and "database" in reason else "unreachable"
            return StoreError(code, template, hint=hint, database=self.database, reason=reason)
        return complain(self.database, error)

    def _clash(self, constraint: str | None, reason: str) -> Exception:
        if constraint == "history_position":
            return PositionTaken(reason)
        if constraint == "history_command":
            return CommandKnown(reason)
        return StoreError("row_exists", "the database refuses a row: {reason}", reason=reason, hint="compare the records with: jianyi audit rebuild")
