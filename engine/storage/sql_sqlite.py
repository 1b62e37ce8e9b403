"""What is SQLite's own: the file, the pragmas, how a transaction begins, what its errors mean.

Transactions are begun by hand (`isolation_level=None`), since the driver's own way begins none before a read and a deferred one before a
write. Imports the port, `errors` and SQLAlchemy.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa

from ..errors import StoreError
from .columns import Stored
from .port import CommandKnown, Contended, PositionTaken
from .sql_backend import Batch, complain

# RETURNING, NULLS LAST and JSON as a matter of course.
_OLDEST = (3, 38, 0)
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNUSABLE: Mapping[int, tuple[str, str, str]] = {
    sqlite3.SQLITE_READONLY: ("read_only", "the database {database} cannot be written", "check the rights on the file and its folder"),
    sqlite3.SQLITE_FULL: ("disk_full", "no space is left for the database {database}", "make space, then run the command again"),
    sqlite3.SQLITE_NOTADB: ("not_a_database", "{database} is not a database", "name the right file, or make one with: jianyi init"),
    sqlite3.SQLITE_CORRUPT: ("damaged", "the database {database} is damaged", "restore a backup and compare its checkpoints"),
    sqlite3.SQLITE_CANTOPEN: ("unreachable", "the database {database} cannot be opened", "check the path and the rights on the file and its folder"),
    sqlite3.SQLITE_PERM: ("unreachable", "the database {database} cannot be opened", "check the rights on the file and its folder"),
    sqlite3.SQLITE_IOERR: ("unreachable", "the database {database} cannot be read or written", "check the disk, then run the command again"),
}


class SqliteBackend:
    """One SQLite file."""

    name = "sqlite"
    keeps_connections = True
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)
    next_instance = "UPDATE sequence SET value = value + 1 WHERE name = 'instance' RETURNING value"

    def __init__(self, url: sa.URL, *, busy_seconds: float, pragmas: Mapping[str, int | str]) -> None:
        if url.database in (None, "", ":memory:"):
            raise StoreError("unsupported", "a database needs a file", hint="name a path; simulations in memory need no database")
        if sqlite3.sqlite_version_info < _OLDEST:
            text, hint = "SQLite {version} is too old", "install a Python that brings SQLite 3.38 or newer"
            raise StoreError("unsupported", text, version=sqlite3.sqlite_version, hint=hint)
        self._url = url
        self._busy_seconds = busy_seconds
        # The log is written back every 16 MB: measured, every 4 MB costs a tenth more a command.
        self._pragmas = {"synchronous": "FULL", "foreign_keys": "ON", "wal_autocheckpoint": 4_000, "cache_size": -32_000, **pragmas}
        self.database = str(url.database)

    @property
    def path(self) -> Path:
        """The file, also where the URL names it as a URI."""
        if not self.database.startswith("file:"):
            return Path(self.database)
        return Path(unquote(self.database.removeprefix("file:").partition("?")[0]))

    def engine(self) -> sa.Engine:
        """SQLAlchemy's engine, for its pool and dialect."""
        arguments = {"isolation_level": None, "check_same_thread": False, "timeout": self._busy_seconds, "cached_statements": 512}
        # A transaction rolls itself back when it is left: the pool need not ask again.
        engine = sa.create_engine(self._url, connect_args=arguments, max_overflow=-1, pool_reset_on_return=None)
        sa.event.listen(engine, "connect", self._prepare)
        return engine

    def _prepare(self, connection: sqlite3.Connection, record: object) -> None:
        for name, value in self._pragmas.items():
            connection.execute(f"PRAGMA {name} = {value}").close()

    def require_present(self) -> None:
        """There is such a file, or StoreError `missing`."""
        if not self.path.exists():
            raise StoreError("missing", "there is no database {database}", database=self.database, hint="make one with: jianyi init")

    def make_place(self) -> None:
        """Make the file, readable by its owner alone, with a write-ahead log. Raises StoreError `exists`, `unreachable`."""
        _make_file(self.path)
        # The file remembers it. Set here and not when opening, where it would change a file that may not be ours.
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()

    def unmake_place(self) -> None:
        """Take away a file that `make_place` made and that could not be filled."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def begin(self, *, write: bool) -> str:
        """The statement that begins. A writer waits for the other one here and nowhere else."""
        return "BEGIN IMMEDIATE" if write else "BEGIN"

    def many(self, values: Sequence[Stored]) -> Any:
        """The values of an `in`, as one parameter."""
        return json.dumps(values, ensure_ascii=False)

    def run_all(self, connection: Any, batches: Sequence[Batch]) -> list[int]:
        """Run each batch in order; how many rows each touched."""
        cursor = connection.cursor()
        touched = []
        for sql, rows in batches:
            if len(rows) == 1:
                cursor.execute(sql, rows[0])
            else:
                cursor.executemany(sql, rows)
            touched.append(cursor.rowcount)
        return touched

    def stream(self, connection: Any, sql: str) -> Iterator[Sequence[Any]]:
        """The rows of a large answer, some at a time."""
        cursor = connection.execute(sql)
        while some := cursor.fetchmany(1000):
            yield some

    def leave(self, connection: Any) -> None:
        """Roll back what was not committed."""
        if connection.in_transaction:
            connection.rollback()

    def is_lost(self, connection: Any) -> bool:
        """Never: a file stays."""
        return False

    def backup(self, connection: Any, path: Path) -> None:
        """Copy the database into a new file, readable by its owner alone."""
        _make_file(path)
        target = sqlite3.connect(path)
        try:
            connection.backup(target)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            target.close()

    def integrity(self, connection: Any) -> tuple[str, ...]:
        """What `integrity_check` and `foreign_key_check` find wrong."""
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            # Some damage ends the check itself.
            return (str(error),)
        return (*found, *(f"{table}: row {row} lacks its row in {parent}" for table, row, parent, _ in orphans))

    def translate(self, error: Exception) -> Exception:
        """What a driver's error means to the engine."""
        code = getattr(error, "sqlite_errorcode", None)
        kind = None if code is None else code & 0xFF
        if kind in _BUSY:
            return Contended(str(error))
        if kind == sqlite3.SQLITE_CONSTRAINT:
            return _constraint(str(error))
        if kind is not None and kind in _UNUSABLE:
            name, template, hint = _UNUSABLE[kind]
            return StoreError(name, template, hint=hint, database=self.database)
        return complain(self.database, error)


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        raise StoreError("exists", "{database} exists already", database=str(path), hint="name another path; nothing was changed") from None
    except OSError as error:
        text, hint = "the file {database} cannot be made: {reason}", "check the path and the rights on its folder"
        raise StoreError("unreachable", text, database=str(path), reason=error.strerror, hint=hint) from error


def _constraint(message: str) -> Exception:
    if "history.position" in message:
        return PositionTaken(message)
    if "history.command_id" in message:
        return CommandKnown(message)
    return StoreError("row_exists", "the database refuses a row: {reason}", reason=message, hint="compare the records with: jianyi audit rebuild")
