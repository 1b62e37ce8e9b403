"""The state of one instance while a step is made: tables of plain JSON records, copied on write, with a journal to undo.

A record is never changed in place but replaced, so the snapshot that came in stays as it was and unchanged parts are shared.

| table | key → record |
|---|---|
| scopes | id → {p: process, e: container, up: host token, live: tokens in it, …} |
| tokens | id → {in: scope, e: element, s: state, …} |
| vars | id of a scope or token → {name: JSON value} |
| watches | id → {k: kind, in: scope, t: token or None, e: event, …} what is waited for |
| incidents | id → {t: token, …} |
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ..model import Json

TABLES: Final = ("scopes", "tokens", "vars", "watches", "incidents")
VERSION: Final = 1
_MISSING: Final = object()

Record = dict[str, Any]
Table = dict[str, Record]


def by_id(keys: Iterable[str]) -> list[str]:
    """Ids of a table in the order in which they were given: a snapshot that was stored has its keys in the order of their letters."""
    return sorted(keys, key=int)


class State:
    """Tables, the one counter of ids, and the journal."""

    __slots__ = ("ended_by", "incidents", "journal", "last", "process", "root", "scopes", "status", "tokens", "vars", "watches")

    def __init__(self, snapshot: dict[str, Json] | None, process: str = "") -> None:
        source = snapshot or {"n": 0, "status": "running", "process": process, "root": "", **{table: {} for table in TABLES}}
        self.scopes: Table = dict(source["scopes"])
        self.tokens: Table = dict(source["tokens"])
        self.vars: Table = dict(source["vars"])
        self.watches: Table = dict(source["watches"])
        self.incidents: Table = dict(source["incidents"])
        self.last: int = source["n"]
        self.status: str = source["status"]
        self.process: str = source["process"]
        self.root: str = source["root"]
        self.ended_by = "completed"
        self.journal: list[tuple[Table, str, Any]] = []

    def new_id(self) -> str:
        """The next id of the instance, as text (a JSON key)."""
        self.last += 1
        return str(self.last)

    def put(self, table: Table, key: str, record: Record) -> None:
        """Replace a record."""
        self.journal.append((table, key, table.get(key, _MISSING)))
        table[key] = record

    def change(self, table: Table, key: str, **fields: Any) -> Record:
        """Replace a record by one with these fields changed."""
        record = {**table[key], **fields}
        self.put(table, key, record)
        return record

    def drop(self, table: Table, key: str) -> Record | None:
        """Take a record away; None when there was none."""
        record = table.pop(key, None)
        if record is not None:
            self.journal.append((table, key, record))
        return record

    def undo(self, done: int = 0) -> None:
        """Put back everything that was changed since the journal had so many lines."""
        journal = self.journal
        while len(journal) > done:
            table, key, old = journal.pop()
            if old is _MISSING:
                table.pop(key, None)
            else:
                table[key] = old

    def snapshot(self) -> dict[str, Json]:
        """The state as a JSON value. Its size follows the open work, not the history."""
        return {
            "v": VERSION,
            "n": self.last,
            "status": self.status,
            "process": self.process,
            "root": self.root,
            **{table: getattr(self, table) for table in TABLES},
        }
