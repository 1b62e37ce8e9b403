"""One transaction of the SQL store, run by the driver's own cursor.

SQLAlchemy's execution costs four times the statement (measured), so it only built the texts and keeps the pool. Driver errors leave this
module translated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import StoreError
from ..registry import Change, Count, Select
from .columns import Stored, write_of
from .port import Head, Payload, StoredRow
from .sql_backend import Backend, Batch
from .sql_schema import RECORD_MARK, record_mark
from .sql_statements import Statements
from .sql_truth import TruthStatements

if TYPE_CHECKING:
    from .sql import SqlStore


class SqlTransaction:
    """One read or one command against a `SqlStore`; see the port."""

    def __init__(self, store: SqlStore, backend: Backend, statements: Statements, truth: TruthStatements, *, write: bool) -> None:
        self._store = store
        self._backend = backend
        self._statements = statements
        self._truth = truth
        self._write = write
        self._usable = False
        self._was_lost = False

    def __enter__(self) -> SqlTransaction:
        try:
            self._begin()
        except StoreError:
            if not self._was_lost:
                raise
            # The pool kept connections that the server had closed since: a new one may do.
            self._store.forget_connections()
            self._begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._usable = False
        self._was_lost = self._backend.is_lost(self._connection)
        if self._was_lost:
            self._pooled.invalidate()
            self._pooled.close()
        else:
            self._backend.leave(self._connection)
            self._store.give_back(self._pooled)

    def _begin(self) -> None:
        self._pooled = self._store.connection()
        self._connection = self._pooled.driver_connection
        self._cursor = self._connection.cursor()
        self._usable = True
        try:
            self._run(self._backend.begin(write=self._write), ())
        except BaseException:
            self.__exit__(None, None, None)
            raise

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

    def last(self) -> StoredRow | None:
        rows = self.rows(self._truth.last, ())
        return _stored(rows[0]) if rows else None

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
        self._require_writer()
        wanted = tuple(changes)
        # Unusable until all are written: a command half applied can never be committed.
        self._usable = False
        batches, strict = self._batches(wanted)
        self._usable = True
        if not batches:
            return
        touched = self._run_all(batches)
        for place, table in strict:
            if touched[place] != len(batches[place][1]):
                self._usable = False
                hint = "compare the records with: jianyi audit rebuild"
                raise StoreError("row_missing", "table {table} lacks a row that history changes", table=table, hint=hint)

    def _batches(self, changes: Iterable[Change]) -> tuple[list[Batch], list[tuple[int, str]]]:
        """Changes of one shape that follow each other as one batch; and which batches must find each of their rows."""
        batches: list[Batch] = []
        strict: list[tuple[int, str]] = []
        last: Any = None
        rows: list[Sequence[Stored]] = []
        for change in changes:
            columns = self._statements.columns(change.table)
            shape, stored = write_of(columns, change)
            statement = self._statements.write(shape)
            if statement is not last:
                rows, last = [], statement
                if shape.op == "update" and columns.record.kind == "fold" and set(shape.key_columns) == set(columns.record.key):
                    strict.append((len(batches), change.table))
                batches.append((statement.sql, rows))
            rows.append(statement.parameters(stored))
        return batches, strict

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
        self._require_usable()
        try:
            for some in self._backend.stream(self._connection, query.statement.sql):
                yield from query.rows(some)
        except self._backend.errors as error:
            raise self._failed(error) from error

    def empty(self, tables: Iterable[str]) -> None:
        self._require_writer()
        for name in tables:
            for sql in (self._store.dropping(name), *self._store.creating(name)):
                self._run(sql, ())
            self._run(self._truth.put_meta, (RECORD_MARK + name, record_mark(self._store.tables()[name])))

    # Below the port

    def rows(self, sql: str, values: Sequence[Stored]) -> list[Any]:
        """What a statement answers."""
        self._require_usable()
        try:
            found: list[Any] = self._cursor.execute(sql, values).fetchall()
        except self._backend.errors as error:
            raise self._failed(error) from error
        return found

    def _one(self, sql: str, values: Sequence[Stored]) -> Any:
        found = self.rows(sql, values)
        return found[0] if found else None

    def _number(self, sql: str, values: Sequence[Stored]) -> int:
        found = self.rows(sql, values)
        return int(found[0][0])

    def _run(self, sql: str, values: Sequence[Stored]) -> None:
        self._require_usable()
        try:
            self._cursor.execute(sql, values)
        except self._backend.errors as error:
            raise self._failed(error) from error

    def _run_all(self, batches: Sequence[Batch]) -> list[int]:
        self._require_writer()
        try:
            return self._backend.run_all(self._connection, batches)
        except self._backend.errors as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> Exception:
        # PostgreSQL answers COMMIT after a failure with a silent rollback: none may come.
        self._usable = False
        return self._backend.translate(error)

    def _require_usable(self) -> None:
        if not self._usable:
            raise RuntimeError("this transaction has ended or failed: leave it and begin another")

    def _require_writer(self) -> None:
        self._require_usable()
        if not self._write:
            raise RuntimeError("this transaction was begun for reading")


def _stored(row: Sequence[Any]) -> StoredRow:
    stream, position, command_id, recorded_at, data, digest, place = row
    return StoredRow(stream=stream, position=position, command_id=command_id, recorded_at=recorded_at, bytes=data, hash=digest, place=place)


def _payload(row: Sequence[Any]) -> Payload:
    stream, position, name, salt, data, digest = row
    return Payload(stream=stream, position=position, name=name, salt=salt, bytes=data, digest=digest)
