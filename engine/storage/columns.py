"""The stored form of values, one per column kind, and what a statement asks, checked against the record it names.

Both stores pass every value through here, so that neither can hold what the other would refuse. Imports only `registry`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from ..registry import Change, ColumnKind, Count, Record, Select, Where

Stored = Any
"""None, str, int or bytes: what stands in a column."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INTEGER_MAX = 2**63 - 1


def _text(value: Any) -> Stored:
    if type(value) is not str:
        if not isinstance(value, str):
            raise TypeError(f"a text, not {type(value).__name__}")
        value = str.__str__(value)
    if not value.isascii():
        value.encode()  # A lone surrogate is refused here and not by one driver alone.
    if "\x00" in value:
        raise ValueError("a text holds no NUL")
    return value


def _integer(value: Any) -> Stored:
    if type(value) is not int:
        raise TypeError(f"an integer, not {type(value).__name__}")
    if not -_INTEGER_MAX <= value <= _INTEGER_MAX:
        raise ValueError("an integer of 64 bits")
    return value


def _date(value: Any) -> Stored:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str) or len(value) != 10:
        raise TypeError(f"a date or YYYY-MM-DD, not {value!r}")
    date.fromisoformat(value)
    return value


def _instant(value: Any) -> Stored:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant has an offset")
        return (value - _EPOCH) // _MICROSECOND
    return _integer(value)


def _boolean(value: Any) -> Stored:
    if type(value) is not bool:
        raise TypeError(f"true or false, not {value!r}")
    return int(value)


def _json(value: Any) -> Stored:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return _text(text)


def _bytes(value: Any) -> Stored:
    if not isinstance(value, bytes):
        raise TypeError(f"bytes, not {type(value).__name__}")
    return value


_ENCODERS: Mapping[ColumnKind, Callable[[Any], Stored]] = {
    "text": _text,
    "integer": _integer,
    "date": _date,
    "instant": _instant,
    "boolean": _boolean,
    "json": _json,
    "bytes": _bytes,
}

_DECODERS: Mapping[ColumnKind, Callable[[Stored], Any]] = {"boolean": bool, "json": json.loads}


@dataclass(frozen=True)
class Columns:
    """A record with its encoders at hand."""

    record: Record

    @cached_property
    def encoders(self) -> Mapping[str, Callable[[Any], Stored]]:
        return {name: _ENCODERS[kind] for name, kind in self.record.columns.items()}

    @cached_property
    def known_shapes(self) -> set[Shape]:
        """Shapes of changes already found right."""
        return set()

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self.record.columns)

    def encode(self, column: str, value: Any) -> Stored:
        """The stored form of a value of this column."""
        try:
            encoder = self.encoders[column]
        except KeyError:
            raise ValueError(f"{self.record.name} has no column {column}") from None
        if value is None:
            return None
        try:
            return encoder(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self.record.name}.{column}: {error}") from error

    def require(self, names: Sequence[str]) -> None:
        """All are columns of the record, or ValueError."""
        for name in names:
            if name not in self.encoders:
                raise ValueError(f"{self.record.name} has no column {name}")

    def compared(self, where: Where) -> Stored:
        """The stored form of the value that a column is compared with."""
        textual = _is_textual(self.record.columns.get(where.column, "text"))
        if where.op in ("contains", "starts"):
            if not textual:
                raise ValueError(f"{self.record.name}.{where.column} is no text: {where.op}")
            self.require((where.column,))
            return None if where.value is None else _text(where.value)
        return self.encode(where.column, where.value)

    def among(self, where: Where) -> list[Stored]:
        """The stored forms of the values of an `in`; those that are None are no value and left out."""
        self.require((where.column,))
        if isinstance(where.value, str | bytes):
            raise ValueError(f"{self.record.name}.{where.column}: in takes several values, not the text {where.value!r}")
        return [self.encode(where.column, value) for value in where.value if value is not None]

    def decoders(self, names: Sequence[str]) -> tuple[tuple[str, Callable[[Stored], Any]], ...]:
        """The columns among these whose stored form is not their value."""
        kinds = self.record.columns
        return tuple((name, _DECODERS[kinds[name]]) for name in names if kinds[name] in _DECODERS)

    def order(self, select: Select) -> tuple[tuple[str, bool], ...]:
        """`(column, descends)` of the wanted order, made total by the key."""
        wanted = [(name[1:], True) if name.startswith("-") else (name, False) for name in select.order]
        self.require([name for name, _ in wanted])
        named = {name for name, _ in wanted}
        return (*wanted, *((name, False) for name in self.record.key if name not in named))


def selected(columns: Columns, select: Select) -> tuple[str, ...]:
    """The columns that the rows of this select have."""
    columns.require(select.columns)
    return tuple(select.columns) or columns.names


def window(select: Select) -> tuple[int, int]:
    """Limit and offset. Raises ValueError below 0."""
    if select.limit < 0 or select.offset < 0:
        raise ValueError(f"{select.table}: limit {select.limit}, offset {select.offset}")
    return select.limit, select.offset


def only_column(columns: Columns, where: Where, inner: Columns) -> str:
    """The one column of a Select inside `in_select`, of the same nature as the column it is compared with."""
    select: Select = where.value
    if len(select.columns) != 1:
        raise ValueError(f"{columns.record.name}.{where.column}: {where.op} takes a select of one column")
    inner.require(select.columns)
    (name,) = select.columns
    if _is_textual(inner.record.columns[name]) != _is_textual(columns.record.columns[where.column]):
        raise ValueError(f"{columns.record.name}.{where.column} is compared with {inner.record.name}.{name} of another nature")
    return name


def _is_textual(kind: ColumnKind) -> bool:
    return kind in ("text", "date", "json")


def counted(columns: Columns, count: Count) -> tuple[str, ...]:
    """The columns by which a count groups."""
    columns.require(count.by)
    if "n" in count.by:
        raise ValueError(f"{count.table}: a count's own column is named n")
    if count.distinct is not None:
        columns.require((count.distinct,))
    return tuple(count.by)


class Shape(NamedTuple):
    """What the statement of a change depends on. The columns stand in the order in which the caller named them."""

    op: str
    table: str
    key_columns: tuple[str, ...]
    value_columns: tuple[str, ...]


def write_of(columns: Columns, change: Change) -> tuple[Shape, list[Stored]]:
    """The change as its shape and the stored values of key and value columns. Raises ValueError where it names what the record has not."""
    key, values = change.key, change.values
    shape = Shape(change.op, change.table, tuple(key), tuple(values))
    if shape not in columns.known_shapes:
        _check_shape(columns.record, shape)
        columns.known_shapes.add(shape)
    encoders = columns.encoders
    try:
        stored = [encoders[name](value) for name, value in key.items()]
        stored += [None if value is None else encoders[name](value) for name, value in values.items()]
    except (TypeError, ValueError):
        for name, value in (*key.items(), *values.items()):
            columns.encode(name, value)  # Once more, for the name of the column in the message.
        raise ValueError(f"{columns.record.name}: a key without a value: {dict(key)}") from None
    return shape, stored


def _check_shape(record: Record, shape: Shape) -> None:
    op, _, key, values = shape
    unknown = [name for name in (*key, *values) if name not in record.columns]
    if unknown:
        raise ValueError(f"{record.name} has no column {', '.join(unknown)}")
    if op in ("insert", "upsert", "raise") and set(key) != set(record.key):
        raise ValueError(f"{record.name}: {op} names the whole key {record.key}, not {key}")
    if not key or (op == "delete" and values) or (op == "update" and not values):
        raise ValueError(f"{record.name}: {op} with key {key} and values {values}")
    if set(values) & set(record.key):
        raise ValueError(f"{record.name}: a key is never changed: {values}")
    if op == "raise" and any(record.columns[name] == "json" for name in values):
        raise ValueError(f"{record.name}: json has no order to be raised in")


def text_after(prefix: str) -> str | None:
    """The least text greater than every text that starts with this prefix, by code point; None if there is none."""
    for end in range(len(prefix) - 1, -1, -1):
        point = ord(prefix[end]) + 1
        if point <= 0x10FFFF:
            return prefix[:end] + chr(0xE000 if 0xD800 <= point <= 0xDFFF else point)
    return None
