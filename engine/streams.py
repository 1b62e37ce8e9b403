"""History read in bounded pieces: streams by name, and each stream's rows with their payloads. Used by audit and by refolding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .canonical import parse
from .events import Json
from .history import Row, read_row
from .state import InstanceState, state_from_json
from .storage.port import Payload, StoredRow, Transaction

BATCH = 500


@dataclass(frozen=True)
class Stored:
    """A row with its payloads by name."""

    row: StoredRow
    payloads: Mapping[str, Payload]

    def value(self, name: str) -> Json:
        """The value of a payload; None where there is none or it was erased."""
        payload = self.payloads.get(name)
        return parse(payload.bytes) if payload is not None and payload.bytes is not None else None

    def read(self) -> Row:
        """The row with its content."""
        content = self.payloads.get("content")
        return read_row(self.row.bytes, content.bytes if content else None)

    def state(self) -> InstanceState | None:
        """The instance's state after the row; None in the engine's own streams."""
        snapshot = self.value("snapshot")
        return state_from_json(snapshot) if snapshot is not None else None


def streams(transaction: Transaction) -> Iterator[str]:
    """All streams, sorted."""
    after = ""
    while True:
        names = transaction.streams(after=after, limit=BATCH)
        yield from names
        if len(names) < BATCH:
            return
        after = names[-1]


def rows_of_stream(transaction: Transaction, stream: str) -> Iterator[Stored]:
    """The rows of one stream in order of position, with their payloads."""
    after = 0
    while True:
        rows = transaction.history(stream, after=after, limit=BATCH)
        if not rows:
            return
        payloads: dict[int, dict[str, Payload]] = {}
        for payload in transaction.payloads(stream, [row.position for row in rows]):
            payloads.setdefault(payload.position, {})[payload.name] = payload
        for row in rows:
            yield Stored(row, payloads.get(row.position, {}))
        after = rows[-1].position
