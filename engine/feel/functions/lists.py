"""Functions that look into lists and build them (DMN 1.3, 10.3.4.4, and `sort`)."""

import functools
from typing import cast

from ..context import Run
from ..errors import Undefined
from ..kinds import Function, Value, kind
from ..operators import equal
from .signature import function

List = list[Value]
_HASHED = frozenset((str, bool, type(None)))


@function("list contains", "list: list, element: any")
def _list_contains(run: Run, items: List, element: Value) -> bool:
    run.charge_items(len(items))
    return any(equal(run, item, element) is True for item in items)


@function("count", "list: list")
def _count(run: Run, items: List) -> int:
    return len(items)


@function("all", "list: list")
def _all(run: Run, items: List) -> bool | None:
    run.charge_items(len(items))
    if any(item is False for item in items):
        return False
    return _all_boolean(items, True)


@function("any", "list: list")
def _any(run: Run, items: List) -> bool | None:
    run.charge_items(len(items))
    if any(item is True for item in items):
        return True
    return _all_boolean(items, False)


def _all_boolean(items: List, result: bool) -> bool:
    odd = next((item for item in items if type(item) is not bool), result)
    if type(odd) is not bool:
        raise Undefined("the list holds a {kind}", kind=kind(odd))
    return result


for _name, _body in {"all": _all, "any": _any}.items():

    @function(_name, "b...: any")
    def _several(run: Run, *items: Value, body: object = _body) -> Value:
        return body(run, list(items))  # type: ignore[operator]


@function("sublist", "list: list, start position: number, length?: number")
def _sublist(run: Run, items: List, start: Value, length: Value = None) -> List:
    first = _place(start, len(items))
    end = len(items)
    if length is not None:
        if type(length) is not int or length < 0:
            raise Undefined("the length must be a whole number, 0 or more")
        end = first + length
        if end > len(items):
            raise Undefined("the list ends before")
    return items[first:end]


def _place(position: Value, size: int) -> int:
    """The index from 0 of a FEEL position, which counts from 1, or from -1 at the end."""
    if type(position) is not int:
        raise Undefined("no whole position")
    if position == 0 or abs(position) > size:
        raise Undefined("the list of {size} has no position {position}", size=size, position=position)
    return position - 1 if position > 0 else size + position


@function("append", "list: list, item...: any")
def _append(run: Run, items: List, *more: Value) -> List:
    return _sized(run, [*items, *more])


@function("concatenate", "list...: list")
def _concatenate(run: Run, *lists: List) -> List:
    return _sized(run, [item for items in lists for item in items])


@function("insert before", "list: list, position: number, newItem: any")
def _insert_before(run: Run, items: List, position: Value, item: Value) -> List:
    place = _place(position, len(items))
    return _sized(run, [*items[:place], item, *items[place:]])


@function("remove", "list: list, position: number")
def _remove(run: Run, items: List, position: Value) -> List:
    place = _place(position, len(items))
    return _sized(run, [*items[:place], *items[place + 1 :]])


@function("list replace", "list: list, position: any, newItem: any")
def _list_replace(run: Run, items: List, position: Value, item: Value) -> List:
    if type(position) is Function:
        run.charge_items(len(items))
        return [item if run.call(position, [old, item]) is True else old for old in items]
    place = _place(position, len(items))
    return _sized(run, [*items[:place], item, *items[place + 1 :]])


@function("reverse", "list: list")
def _reverse(run: Run, items: List) -> List:
    return _sized(run, items[::-1])


@function("index of", "list: list, match: any")
def _index_of(run: Run, items: List, match: Value) -> List:
    run.charge_items(len(items))
    return [place for place, item in enumerate(items, 1) if equal(run, item, match) is True]


@function("union", "list...: list")
def _union(run: Run, *lists: List) -> List:
    return distinct(run, [item for items in lists for item in items])


@function("distinct values", "list: list")
def _distinct_values(run: Run, items: List) -> List:
    return distinct(run, items)


def distinct(run: Run, items: List) -> List:
    """The items without later ones that equal an earlier one."""
    run.charge_items(len(items))
    found: List = []
    seen: set[tuple[type, Value]] = set()
    others: List = []
    for item in items:
        if type(item) in _HASHED or kind(item) == "number":
            key = (type(item) if type(item) in _HASHED else int, item)
            if key in seen:
                continue
            seen.add(key)
        else:
            run.charge(len(others))
            if any(equal(run, item, other) is True for other in others):
                continue
            others.append(item)
        found.append(item)
    return found


@function("flatten", "list: list")
def _flatten(run: Run, items: List) -> List:
    found: List = []
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            run.charge(1)
            if type(item) is list:
                pending.append(iter(item))
                break
            found.append(item)
        else:
            pending.pop()
    return _sized(run, found)


@function("sort", "list: list, precedes: function")
def _sort(run: Run, items: List, precedes: Value) -> List:
    def compare(left: Value, right: Value) -> int:
        run.charge(1)
        if run.call(precedes, [left, right]) is True:
            return -1
        return 1 if run.call(precedes, [right, left]) is True else 0

    run.charge_items(len(items))
    return sorted(items, key=functools.cmp_to_key(compare))


@function("string join", "list: list, delimiter?: any, prefix?: string, suffix?: string")
def _string_join(run: Run, items: List, delimiter: Value = None, prefix: str | None = "", suffix: str | None = "") -> str:
    if delimiter is not None and type(delimiter) is not str:
        raise Undefined("the delimiter must be a string")
    texts = [item for item in items if item is not None]
    odd = next((item for item in texts if type(item) is not str), None)
    if odd is not None:
        raise Undefined("the list holds a {kind}", kind=kind(odd))
    parts = cast(list[str], texts)
    run.charge_items(len(parts))
    run.charge_text(sum(map(len, parts)) + len(parts) * len(delimiter or ""))
    return (prefix or "") + (delimiter or "").join(parts) + (suffix or "")


def _sized(run: Run, items: List) -> List:
    run.charge_items(len(items))
    return items


