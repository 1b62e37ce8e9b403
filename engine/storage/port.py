"""The port: what the engine asks of a store, in the engine's words.

A store knows rows, payloads and tables; it knows no BPMN and decides nothing. One `Transaction` is one command (or one read). Every
adapter is held to the same contract tests. Imports only `registry` (records and selects as data) and `errors`.

Values. A row is `{column: value}` with text and dates as `str` (ISO), integers and instants (microseconds UTC) as `int`, booleans as
`bool`, json as plain JSON. When written or compared, a `date` or an aware `datetime` may stand for a date or an instant. A wrong type, NUL
in a text or a lone surrogate is a `ValueError`, an unknown table or column too: these are defects of the caller.

Null. A column without a value fulfils `is_null` and no other condition, `!=` and `not_in_select` included. In every order it comes last.
Rows with equal values follow by key, so that every answer has one order. Text is compared by code point; `contains` and `starts` are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from ..registry import Change, Count, Record, Select


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRow:
    """One history row as stored: its canonical bytes and the columns copied from them. `place` is the store's own running number."""

    stream: str
    position: int
    command_id: str
    recorded_at: int
    hash: bytes
    bytes: bytes
    place: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """Content beside a row (`name`: content, reads, snapshot). `digest` = sha256(salt + bytes).

    Once erased by order `bytes` is None and `salt` empty: with the salt, a short content could be guessed from its digest.
    """

    stream: str
    position: int
    name: str
    salt: bytes
    digest: bytes
    bytes: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The last row of a stream."""

    stream: str
    position: int
    hash: bytes


class PositionTaken(Exception):
    """Another command took this position of the stream first: decide again from the new state."""


class CommandKnown(Exception):
    """A row with this command id stands already: answer as the first time."""


class Contended(Exception):
    """Serialization failure, deadlock or lock time-out: the same transaction may be tried again."""


class Transaction(Protocol):
    """One read or one command. Nothing is visible to others before `commit`; leaving without it rolls back.

    It sees one state of the database from its first read on, and its own writes. After any exception out of it, it can only be left.
    """

    def head(self, stream: str) -> Head | None:
        """The last row of the stream, or None."""

    def load(self, stream: str) -> tuple[Head, bytes | None] | None:
        """The head and the snapshot payload that stands at it (None where the row has none), in one round trip."""

    def command(self, command_id: str) -> StoredRow | None:
        """The row that this command wrote, or None."""

    def history(self, stream: str, *, after: int = 0, limit: int = 1000) -> Sequence[StoredRow]:
        """Rows of one stream in order of position."""

    def places(self, *, after: int = 0, limit: int = 1000) -> Sequence[StoredRow]:
        """Rows of all streams in order of place."""

    def last(self) -> StoredRow | None:
        """The row with the greatest place: what was written last, or None."""

    def payloads(self, stream: str, positions: Sequence[int]) -> Sequence[Payload]:
        """The payloads of these rows, by position and name."""

    def streams(self, *, after: str = "", limit: int = 1000) -> Sequence[str]:
        """Names of streams, sorted."""

    def append(self, row: StoredRow, payloads: Sequence[Payload]) -> None:
        """Insert one history row with its payloads. Raises PositionTaken, CommandKnown."""

    def erase(self, stream: str, position: int, name: str) -> None:
        """Take content and salt out of one payload; its digest stays. Harmless when repeated or when there is no such payload."""

    def apply(self, changes: Iterable[Change]) -> None:
        """Write folds and working tables, in the given order. All changes are asked for before the first is written.

        insert, upsert and raise name the whole key. update and delete may name any columns in `key` and touch every row that has these
        values; an update by the whole key that finds no row of a fold, and an insert of a key that stands, are StoreError `row_missing`
        and `row_exists` (or Contended, when another transaction made it so): folds and history disagree.
        """

    def select(self, select: Select) -> Sequence[Mapping[str, Any]]:
        """Rows of a fold or working table. The limit and order of a Select inside `in_select` do not count."""

    def count(self, count: Count) -> Sequence[Mapping[str, Any]]:
        """Counts by group, in order of the group's values."""

    def next_instance(self) -> int:
        """A new instance number from the store's sequence: unique, gaps allowed, not given back by a rollback on PostgreSQL."""

    def next_in_series(self, name: str) -> int:
        """The next number of a series without gaps (from 1), held to the commit."""

    def file(self, digest: bytes) -> bytes | None:
        """A stored definition file or attachment by its sha256."""

    def put_file(self, digest: bytes, data: bytes) -> None:
        """Store a file once."""

    def fold_rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """Every row of a fold or working table, by key: for comparison after a rebuild."""

    def empty(self, tables: Iterable[str]) -> None:
        """Make these fold or working tables anew, without rows, as their records now declare them; they are no longer stale.

        Done in the same transaction as the refolding, so that a table is never seen half filled.
        """

    def commit(self) -> None:
        """Make it all durable. Called by `runtime` only."""


class Store(Protocol):
    """A database of one congress."""

    simulated: bool
    """Created for a set clock; marked for ever."""

    settings: Mapping[str, str]
    """What was fixed at creation: jurisdiction, zone, created_at, schema version."""

    def transaction(self, *, write: bool) -> AbstractContextManager[Transaction]:
        """Begin. SQLite: BEGIN IMMEDIATE for writers; PostgreSQL: serializable. Raises Contended, errors.StoreError."""

    def tables(self) -> Mapping[str, Record]:
        """Every table by name, with its kind (truth, fold, working)."""

    def stale_folds(self) -> tuple[str, ...]:
        """Tables whose record is new or has another version or other columns than the database: empty and refold them before any command."""

    def close(self) -> None:
        """Give back connections and files."""
