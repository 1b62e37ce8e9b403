"""A store of plain Python: the twin of the SQL store for tests and simulations, with real transactions.

One writer at a time, as in SQLite; readers keep the state in which they began. Nothing outlives the process. Imports `columns`,
`memory_tables`, `tables` and the port.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from ..errors import StoreError
from ..registry import Change, Count, Record, Select, Where
from .columns import Columns, Shape, Stored, counted, only_column, selected, window, write_of
from .memory_tables import Key, Overlay, Row, Table, ordered, tests_of
from .port import CommandKnown, Contended, Head, Payload, PositionTaken, StoredRow
from .tables import SCHEMA, all_tables

_PayloadKey = tuple[str, int, str]


@dataclass(kw_only=True)
class _State:
    """Everything committed. `readers` counts the transactions that still look at it."""

    tables: dict[str, Table]
    streams: dict[str, dict[int, StoredRow]] = field(default_factory=dict)
    heads: dict[str, StoredRow] = field(default_factory=dict)
    commands: dict[str, StoredRow] = field(default_factory=dict)
    rows: list[StoredRow] = field(default_factory=list)
    payloads: dict[tuple[str, int], Mapping[str, Payload]] = field(default_factory=dict)
    files: dict[bytes, bytes] = field(default_factory=dict)
    instances: int = 0
    readers: int = 0

    def copy(self, touched: Iterable[str]) -> _State:
        """The same state, with its own containers wherever the next commit writes."""
        tables = dict(self.tables)
        for name in touched:
            tables[name] = tables[name].copy()
        return replace(
            self,
            tables=tables,
            streams={stream: dict(rows) for stream, rows in self.streams.items()},
            heads=dict(self.heads),
            commands=dict(self.commands),
            rows=list(self.rows),
            payloads=dict(self.payloads),
            files=dict(self.files),
            readers=0,
        )


class MemoryStore:
    """A database of one congress that lives in this process."""

    def __init__(
        self,
        records: Iterable[Record] = (),
        *,
        simulated: bool = False,
        settings: Mapping[str, str] | None = None,
        busy_seconds: float = 10.0,
    ) -> None:
        self.simulated = simulated
        self.settings: Mapping[str, str] = {**(settings or {}), "schema": str(SCHEMA)}
        self._tables = all_tables(records)
        self._columns = {name: Columns(record) for name, record in self._tables.items() if record.kind != "truth"}
        self._state = _State(tables={name: Table(columns.record) for name, columns in self._columns.items()})
        self._busy_seconds = busy_seconds
        self._writing = threading.Lock()
        self._switching = threading.Lock()

    def transaction(self, *, write: bool) -> MemoryTransaction:
        """Begin. Raises Contended where another writer does not end in time."""
        return MemoryTransaction(self, write=write)

    def tables(self) -> Mapping[str, Record]:
        """Every table by name, with its kind (truth, fold, working)."""
        return self._tables

    def stale_folds(self) -> tuple[str, ...]:
        """None: the tables were made by this process."""
        return ()

    def close(self) -> None:
        """Nothing to give back."""

    def _enter(self, *, write: bool) -> _State:
        if write and not self._writing.acquire(timeout=self._busy_seconds):
            raise Contended("another writer did not end in time")
        with self._switching:
            self._state.readers += 1
            return self._state

    def _leave(self, state: _State, *, write: bool) -> None:
        with self._switching:
            state.readers -= 1
        if write:
            self._writing.release()

    def _merge(self, transaction: MemoryTransaction) -> None:
        """Put a writer's changes in force; readers that began before keep the old containers."""
        with self._switching:
            old = self._state
            # The writer itself is one of the readers of the old state.
            state = old.copy(transaction.overlays) if old.readers > 1 else old
            transaction.merge_into(state)
            if state is not old:
                self._state = state


class MemoryTransaction:
    """One read or one command against a `MemoryStore`; see the port."""

    def __init__(self, store: MemoryStore, *, write: bool) -> None:
        self._store = store
        self._write = write
        self._columns = store._columns
        self._usable = False
        self.overlays: dict[str, Overlay] = {}

    def __enter__(self) -> MemoryTransaction:
        self._base = self._store._enter(write=self._write)
        self._rows: dict[tuple[str, int], StoredRow] = {}
        self._payloads: dict[_PayloadKey, Payload] = {}
        self._files: dict[bytes, bytes] = {}
        self._instances = self._base.instances
        self._usable = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._usable = False
        self._store._leave(self._base, write=self._write)

    def commit(self) -> None:
        """Make it all visible. What follows in this transaction is refused."""
        self._require_usable()
        if self._write:
            self._store._merge(self)
        self._usable = False

    def merge_into(self, state: _State) -> None:
        """Write what this transaction changed into the committed state."""
        for name, overlay in self.overlays.items():
            table = state.tables[name]
            for key, changed in overlay.changed.items():
                table.put(key, changed)
        for (stream, position), row in self._rows.items():
            placed = replace(row, place=len(state.rows) + 1)
            state.rows.append(placed)
            state.streams.setdefault(stream, {})[position] = placed
            state.commands[row.command_id] = placed
            if stream not in state.heads or state.heads[stream].position < position:
                state.heads[stream] = placed
        for (stream, position, kind), payload in self._payloads.items():
            # A new mapping, since readers of the state before may hold the old one.
            state.payloads[stream, position] = {**state.payloads.get((stream, position), {}), kind: payload}
        state.files.update(self._files)
        state.instances = self._instances

    # History

    def head(self, stream: str) -> Head | None:
        self._require_usable()
        own = [row for row in self._rows.values() if row.stream == stream]
        standing = self._base.heads.get(stream)
        rows = own if standing is None else [*own, standing]
        if not rows:
            return None
        last = max(rows, key=lambda row: row.position)
        return Head(stream=stream, position=last.position, hash=last.hash)

    def load(self, stream: str) -> tuple[Head, bytes | None] | None:
        head = self.head(stream)
        if head is None:
            return None
        snapshot = self._payload((stream, head.position, "snapshot"))
        return head, None if snapshot is None else snapshot.bytes

    def command(self, command_id: str) -> StoredRow | None:
        self._require_usable()
        own = next((row for row in self._rows.values() if row.command_id == command_id), None)
        return own or self._base.commands.get(command_id)

    def history(self, stream: str, *, after: int = 0, limit: int = 1000) -> Sequence[StoredRow]:
        rows = self._stream(stream)
        return [rows[position] for position in sorted(position for position in rows if position > after)[:limit]]

    def places(self, *, after: int = 0, limit: int = 1000) -> Sequence[StoredRow]:
        self._require_usable()
        standing = self._base.rows
        own = [replace(row, place=len(standing) + n) for n, row in enumerate(self._rows.values(), 1)]
        return [*standing[after : after + limit], *(row for row in own if row.place > after)][:limit]

    def last(self) -> StoredRow | None:
        self._require_usable()
        standing, own = self._base.rows, list(self._rows.values())
        if own:
            return replace(own[-1], place=len(standing) + len(own))
        return standing[-1] if standing else None

    def payloads(self, stream: str, positions: Sequence[int]) -> Sequence[Payload]:
        self._require_usable()
        found: list[Payload] = []
        for position in sorted(set(positions)):
            standing = self._base.payloads.get((stream, position), {})
            own = {key[2]: payload for key, payload in self._payloads.items() if key[:2] == (stream, position)}
            found.extend(payload for _, payload in sorted({**standing, **own}.items()))
        return found

    def streams(self, *, after: str = "", limit: int = 1000) -> Sequence[str]:
        self._require_usable()
        names = {*self._base.streams, *(stream for stream, _ in self._rows)}
        return sorted(name for name in names if name > after)[:limit]

    def append(self, row: StoredRow, payloads: Sequence[Payload]) -> None:
        self._require_writer()
        if row.position in self._base.streams.get(row.stream, ()) or (row.stream, row.position) in self._rows:
            self._usable = False
            raise PositionTaken(f"{row.stream}/{row.position}")
        if self.command(row.command_id) is not None:
            self._usable = False
            raise CommandKnown(row.command_id)
        self._rows[row.stream, row.position] = row
        for payload in payloads:
            self._payloads[payload.stream, payload.position, payload.name] = payload

    def erase(self, stream: str, position: int, name: str) -> None:
        self._require_writer()
        standing = self._payload((stream, position, name))
        if standing is not None:
            self._payloads[stream, position, name] = replace(standing, bytes=None, salt=b"")

    def file(self, digest: bytes) -> bytes | None:
        self._require_usable()
        return self._files[digest] if digest in self._files else self._base.files.get(digest)

    def put_file(self, digest: bytes, data: bytes) -> None:
        self._require_writer()
        if self.file(digest) is None:
            self._files[digest] = data

    # Folds and working tables

    def apply(self, changes: Iterable[Change]) -> None:
        self._require_writer()
        wanted = tuple(changes)
        # Unusable until all are written: a command half applied can never be committed.
        self._usable = False
        for change in wanted:
            self._apply(*write_of(self._named(change.table), change))
        self._usable = True

    def select(self, select: Select) -> Sequence[Mapping[str, Any]]:
        columns = self._named(select.table)
        names = selected(columns, select)
        rows = ordered(self._found(select.table, select.where), columns.order(select))
        limit, offset = window(select)
        rows = rows[offset : offset + limit]
        return _values(columns, names, [{name: row[name] for name in names} for row in rows])

    def count(self, count: Count) -> Sequence[Mapping[str, Any]]:
        columns = self._named(count.table)
        by = counted(columns, count)
        groups: dict[Key, list[Stored]] = {} if by else {(): []}
        for row in self._found(count.table, count.where):
            groups.setdefault(tuple(row[name] for name in by), []).append(row[count.distinct] if count.distinct else 1)
        rows: list[Row] = []
        for group, values in groups.items():
            n = len({value for value in values if value is not None}) if count.distinct else len(values)
            rows.append({**dict(zip(by, group, strict=True)), "n": n})
        return _values(columns, by, ordered(rows, [(name, False) for name in by]))

    def next_instance(self) -> int:
        self._require_writer()
        self._instances += 1
        return self._instances

    def next_in_series(self, name: str) -> int:
        self._require_writer()
        overlay = self._overlay("series")
        standing = overlay.get((name,))
        value: int = 1 if standing is None else standing["value"] + 1
        overlay.changed[(name,)] = {"name": name, "value": value}
        return value

    def fold_rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        columns = self._named(table)
        rows = ordered(self._found(table, ()), [(name, False) for name in columns.record.key])
        return iter(_values(columns, columns.names, [dict(row) for row in rows]))

    def empty(self, tables: Iterable[str]) -> None:
        self._require_writer()
        for name in tables:
            self._named(name)
            overlay = self._overlay(name)
            overlay.changed = dict.fromkeys(overlay.table.rows)

    # Below the port

    def _apply(self, shape: Shape, stored: list[Stored]) -> None:
        overlay = self._overlay(shape.table)
        record = overlay.table.record
        key = dict(zip(shape.key_columns, stored, strict=False))
        values = dict(zip(shape.value_columns, stored[len(key) :], strict=True))
        if shape.op in ("update", "delete"):
            self._apply_where(overlay, key, None if shape.op == "delete" else values)
            return
        place = tuple(key[name] for name in record.key)
        standing = overlay.get(place)
        if standing is None:
            overlay.changed[place] = {**dict.fromkeys(record.columns), **key, **values}
        elif shape.op == "insert":
            raise StoreError("row_exists", "table {table} already has a row {key}", table=shape.table, key=key, hint="run rebuild")
        elif shape.op == "raise":
            overlay.changed[place] = {**standing, **{name: _greater(standing[name], value) for name, value in values.items()}}
        else:
            overlay.changed[place] = {**standing, **values}

    def _apply_where(self, overlay: Overlay, key: Mapping[str, Stored], values: Row | None) -> None:
        record = overlay.table.record
        found = [row for row in overlay.rows({name: (value,) for name, value in key.items()}) if all(row[name] == key[name] for name in key)]
        if not found and values is not None and record.kind == "fold" and key.keys() == set(record.key):
            raise StoreError("row_missing", "table {table} has no row {key}", table=record.name, key=dict(key), hint="run rebuild")
        for row in found:
            place = tuple(row[name] for name in record.key)
            overlay.changed[place] = None if values is None else {**row, **values}

    def _found(self, table: str, where: Iterable[Any]) -> list[Row]:
        self._require_usable()
        columns = self._named(table)

        def answer(outer: Where) -> Iterable[Stored]:
            inner: Select = outer.value
            name = only_column(columns, outer, self._named(inner.table))
            return (row[name] for row in self._found(inner.table, inner.where))

        test, narrowed = tests_of(columns, where, answer)
        overlay = self.overlays.get(table) or Overlay(self._base.tables[table])
        return [row for row in overlay.rows(narrowed) if test(row)]

    def _overlay(self, table: str) -> Overlay:
        if table not in self.overlays:
            self.overlays[table] = Overlay(self._base.tables[table])
        return self.overlays[table]

    def _named(self, table: str) -> Columns:
        try:
            return self._columns[table]
        except KeyError:
            raise ValueError(f"no fold or working table {table}") from None

    def _stream(self, stream: str) -> Mapping[int, StoredRow]:
        self._require_usable()
        standing = self._base.streams.get(stream, {})
        own = {position: row for (name, position), row in self._rows.items() if name == stream}
        return {**standing, **own} if own else standing

    def _payload(self, key: _PayloadKey) -> Payload | None:
        return self._payloads.get(key) or self._base.payloads.get(key[:2], {}).get(key[2])

    def _require_usable(self) -> None:
        if not self._usable:
            raise RuntimeError("this transaction has ended or failed: leave it and begin another")

    def _require_writer(self) -> None:
        self._require_usable()
        if not self._write:
            raise RuntimeError("this transaction was begun for reading")


def _values(columns: Columns, names: Sequence[str], rows: list[Row]) -> list[Row]:
    for name, decode in columns.decoders(names):
        for row in rows:
            if row[name] is not None:
                row[name] = decode(row[name])
    return rows


def _greater(standing: Stored, value: Stored) -> Stored:
    if standing is None or value is None:
        return value if standing is None else standing
    return max(standing, value)
