"""Tables of plain Python for `MemoryStore`: rows by key, their indexes, and conditions as closures.

Rows stand in stored form (`columns`), as in SQL. A `Table` is never changed while a transaction reads it: changes are laid over it in an
`Overlay` and merged at the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..registry import AllOf, AnyOf, Condition, Record, Where
from .columns import Columns, Stored

Row = dict[str, Stored]
Key = tuple[Stored, ...]
Test = Callable[[Row], bool]
Answer = Callable[[Where], Iterable[Stored]]
"""The values that the Select of an `in_select` gives."""


class Table:
    """Committed rows by key, with a hash index for each column that begins an index or a compound key."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.rows: dict[Key, Row] = {}
        first = {index[0] for index in record.indexes} | ({record.key[0]} if len(record.key) > 1 else set())
        self.indexes: dict[str, dict[Stored, dict[Key, None]]] = {column: {} for column in first}

    def put(self, key: Key, row: Row | None) -> None:
        """Set a row, or take it out (None)."""
        before = self.rows.pop(key, None)
        if row is not None:
            self.rows[key] = row
        for column, index in self.indexes.items():
            old = None if before is None else before[column]
            new = None if row is None else row[column]
            if old == new:
                continue
            if old is not None:
                del index[old][key]
            if new is not None:
                index.setdefault(new, {})[key] = None

    def copy(self) -> Table:
        """The same rows in a table of their own."""
        other = Table(self.record)
        other.rows = dict(self.rows)
        other.indexes = {column: {value: dict(keys) for value, keys in index.items()} for column, index in self.indexes.items()}
        return other


class Overlay:
    """A table as one transaction sees it: the committed rows with its own changes over them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.changed: dict[Key, Row | None] = {}

    def get(self, key: Key) -> Row | None:
        """The row with this key."""
        return self.changed[key] if key in self.changed else self.table.rows.get(key)

    def rows(self, narrowed: Mapping[str, Iterable[Stored]]) -> Iterator[Row]:
        """All rows, or at least those whose columns have one of the values in `narrowed`, by way of an index where there is one."""
        keys = self._keys(narrowed)
        if keys is None:
            found: Iterable[tuple[Key, Row]] = self.table.rows.items()
        else:
            standing = self.table.rows
            found = [(key, standing[key]) for key in keys if key in standing]
        changed = self.changed
        yield from (row for key, row in found if key not in changed) if changed else (row for _, row in found)
        yield from (row for row in changed.values() if row is not None)

    def _keys(self, narrowed: Mapping[str, Iterable[Stored]]) -> Iterable[Key] | None:
        key_columns = self.table.record.key
        if len(key_columns) == 1 and key_columns[0] in narrowed:
            return [(value,) for value in narrowed[key_columns[0]]]
        for column, values in narrowed.items():
            if column in self.table.indexes:
                index = self.table.indexes[column]
                return [key for value in values for key in index.get(value, ())]
        return None


def tests_of(columns: Columns, conditions: Iterable[Condition], answer: Answer) -> tuple[Test, Mapping[str, frozenset[Stored]]]:
    """What a row must fulfil, and the columns whose possible values are known beforehand."""
    tests: list[Test] = []
    narrowed: dict[str, frozenset[Stored]] = {}
    for condition in conditions:
        if isinstance(condition, Where) and condition.op in ("=", "in", "in_select"):
            values = _values(columns, condition, answer)
            narrowed[condition.column] = narrowed.get(condition.column, values) & values
            tests.append(_among(condition.column, values))
        else:
            tests.append(_test(columns, condition, answer))
    return _all(tests), narrowed


def _test(columns: Columns, condition: Condition, answer: Answer) -> Test:
    if isinstance(condition, AllOf):
        return _all([_test(columns, each, answer) for each in condition.of])
    if isinstance(condition, AnyOf):
        return _any([_test(columns, each, answer) for each in condition.of])
    column, op = condition.column, condition.op
    columns.require((column,))
    if op == "is_null":
        return lambda row: row[column] is None
    if op == "not_null":
        return lambda row: row[column] is not None
    if op in ("=", "in", "in_select"):
        return _among(column, _values(columns, condition, answer))
    if op == "not_in_select":
        values = _values(columns, condition, answer)
        return lambda row: row[column] is not None and row[column] not in values
    return _compared(column, op, columns.compared(condition))


def _compared(column: str, op: str, value: Stored) -> Test:
    if value is None:
        return lambda row: False
    compare = _COMPARISONS[op]
    return lambda row: row[column] is not None and compare(row[column], value)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "!=": lambda standing, value: standing != value,
    "<": lambda standing, value: standing < value,
    "<=": lambda standing, value: standing <= value,
    ">": lambda standing, value: standing > value,
    ">=": lambda standing, value: standing >= value,
    "contains": lambda standing, value: value in standing,
    "starts": lambda standing, value: standing.startswith(value),
}


def _values(columns: Columns, condition: Where, answer: Answer) -> frozenset[Stored]:
    columns.require((condition.column,))
    if condition.op == "=":
        found: Iterable[Stored] = (columns.encode(condition.column, condition.value),)
    elif condition.op == "in":
        found = columns.among(condition)
    else:
        found = answer(condition)
    return frozenset(value for value in found if value is not None)


def _among(column: str, values: frozenset[Stored]) -> Test:
    return lambda row: row[column] in values


def _all(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _any(tests: list[Test]) -> Test:
    return lambda row: any(test(row) for test in tests)


def ordered(rows: list[Row], order: Iterable[tuple[str, bool]]) -> list[Row]:
    """The rows in this order; a row without a value comes last in either direction."""
    for column, descends in reversed(tuple(order)):
        if descends:
            rows.sort(key=lambda row: (row[column] is not None, row[column] if row[column] is not None else 0), reverse=True)
        else:
            rows.sort(key=lambda row: (row[column] is None, row[column] if row[column] is not None else 0))
    return rows
