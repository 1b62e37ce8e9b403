"""Functions on contexts (DMN 1.3, 10.3.4.10; context, context put and context merge from 1.4)."""

from ..context import Run
from ..errors import Undefined
from ..kinds import Value, kind
from .signature import function

Entries = dict[str, Value]


@function("get value", "m: context, key: any")
def _get_value(run: Run, entries: Entries, key: Value) -> Value:
    found: Value = entries
    for name in _keys(key):
        if type(found) is not dict or name not in found:
            raise Undefined("the context has no entry {name}", name=name)
        found = found[name]
    return found


@function("get entries", "m: context")
def _get_entries(run: Run, entries: Entries) -> list[Value]:
    run.charge_items(len(entries))
    return [{"key": key, "value": value} for key, value in entries.items()]


@function("context", "entries: list")
def _context(run: Run, items: list[Value]) -> Entries:
    run.charge_items(len(items))
    found: Entries = {}
    for item in items:
        if type(item) is not dict or not {"key", "value"} <= item.keys() or type(item["key"]) is not str:
            raise Undefined("an entry is a context with key and value")
        if item["key"] in found:
            raise Undefined("there are two entries {name}", name=item['key'])
        found[item["key"]] = item["value"]
    return found


@function("context put", "context: context, key: any, value: any")
def _context_put(run: Run, entries: Entries, key: Value, value: Value) -> Entries:
    return _put(run, entries, _keys(key), value)


@function("context put", "context: context, keys: list, value: any")
def _context_put_keys(run: Run, entries: Entries, keys: list[Value], value: Value) -> Entries:
    return _put(run, entries, _keys(keys), value)


def _put(run: Run, entries: Entries, keys: list[str], value: Value) -> Entries:
    if len(keys) > 100:
        raise Undefined("a path has at most 100 keys")
    first, *rest = keys
    run.charge_items(len(entries))
    if rest:
        inner = entries.get(first)
        if type(inner) is not dict:
            raise Undefined("the entry {name} is no context", name=first)
        value = _put(run, inner, rest, value)
    return {**entries, first: value}


@function("context merge", "contexts: list")
def _context_merge(run: Run, contexts: list[Value]) -> Entries:
    found: Entries = {}
    for entries in contexts:
        if type(entries) is not dict:
            raise Undefined("the list holds a {kind}", kind=kind(entries))
        run.charge_items(len(entries))
        found.update(entries)
    return found


def _keys(key: Value) -> list[str]:
    keys = key if type(key) is list else [key]
    names = [name for name in keys if type(name) is str]
    if not keys or len(names) != len(keys):
        raise Undefined("the key must be a string")
    return names
