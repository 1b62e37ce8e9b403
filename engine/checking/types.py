"""What a value can be, as far as it is known before anything runs: kinds of FEEL, the texts it can be, what a list or context holds.

Everything errs towards knowing less: a type says too much possible rather than too little, so that what it excludes is surely wrong.
Imports `feel` only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from ..feel import Context, FeelError, YearsMonths, compile_expression, kind

MAX_TEXTS = 200
MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Type:
    """What a value can be. None means: not known, so anything. Every value can be null too.

    `texts`: all texts that it can be; `items`: what its list holds; `entries`: what its context holds, and nothing else.
    """

    kinds: frozenset[str] | None = None
    texts: frozenset[str] | None = None
    items: Type | None = None
    entries: Mapping[str, Type] | None = None

    def may_be(self, name: str) -> bool:
        """Whether it can be of this kind."""
        return self.kinds is None or name in self.kinds


ANY = Type()
NEVER = Type(kinds=frozenset(), texts=frozenset())
"""The type of null, and of a variable before its first writer is known."""

TEXT = Type(kinds=frozenset({"string"}))
NUMBER = Type(kinds=frozenset({"number"}), texts=frozenset())
BOOLEAN = Type(kinds=frozenset({"boolean"}), texts=frozenset())
DATE = Type(kinds=frozenset({"date"}), texts=frozenset())
INSTANT = Type(kinds=frozenset({"date and time"}), texts=frozenset())
LIST = Type(kinds=frozenset({"list"}), texts=frozenset())


def of_kind(*names: str) -> Type:
    """Any value of these kinds."""
    return Type(kinds=frozenset(names), texts=None if "string" in names else frozenset())


def text(value: str) -> Type:
    """This very text."""
    return Type(kinds=frozenset({"string"}), texts=frozenset({value}))


def list_of(items: Type) -> Type:
    """A list whose items are so."""
    return Type(kinds=LIST.kinds, texts=frozenset(), items=None if items == ANY else items)


def context_of(entries: Mapping[str, Type]) -> Type:
    """A context with these entries and no other."""
    return Type(kinds=frozenset({"context"}), texts=frozenset(), entries=dict(entries))


def join(one: Type, other: Type, depth: int = 0) -> Type:
    """What can be either."""
    if one == other or other is NEVER:
        return one
    if one is NEVER:
        return other
    if depth > MAX_DEPTH:
        return ANY
    kinds = None if one.kinds is None or other.kinds is None else one.kinds | other.kinds
    texts = None if one.texts is None or other.texts is None else one.texts | other.texts
    return Type(
        kinds=kinds,
        texts=None if texts is None or len(texts) > MAX_TEXTS else texts,
        items=_joined(one, other, "list", one.items, other.items, depth),
        entries=_entries(one, other, depth),
    )


def join_all(types: Iterable[Type]) -> Type:
    """What can be any of these; null for none."""
    found = NEVER
    for each in types:
        found = join(found, each)
    return found


def _joined(one: Type, other: Type, name: str, mine: Type | None, theirs: Type | None, depth: int) -> Type | None:
    if not one.may_be(name):
        return theirs
    if not other.may_be(name):
        return mine
    return None if mine is None or theirs is None else join(mine, theirs, depth + 1)


def _entries(one: Type, other: Type, depth: int) -> Mapping[str, Type] | None:
    if not one.may_be("context"):
        return other.entries
    if not other.may_be("context"):
        return one.entries
    if one.entries is None or other.entries is None:
        return None
    names = [*one.entries, *(name for name in other.entries if name not in one.entries)]
    return {name: join(one.entries.get(name, NEVER), other.entries.get(name, NEVER), depth + 1) for name in names}


def of_value(value: Any) -> Type:
    """The type of a value that stands in a text."""
    if value is None:
        return NEVER
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return list_of(join_all(map(of_value, value)))
    if isinstance(value, dict):
        return context_of({name: of_value(inner) for name, inner in value.items()})
    return of_kind(kind(value))


_WORDS = {"any": ANY, "text": TEXT, "number": NUMBER, "boolean": BOOLEAN, "date": DATE, "instant": INSTANT}


def of_shape(shape: Any) -> Type:
    """The type that a handler declares; see `registry.Shape`."""
    if isinstance(shape, str):
        return _WORDS[shape]
    if isinstance(shape, tuple):
        return Type(kinds=TEXT.kinds, texts=frozenset(shape))
    if isinstance(shape, list):
        return list_of(of_shape(shape[0]))
    return context_of({name: of_shape(inner) for name, inner in shape.items()})


def of_schema(schema: Any) -> Type:
    """The type of a form's field by its JSON Schema."""
    if not isinstance(schema, Mapping):
        return ANY
    texts = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(texts, list):
        return join_all(map(of_value, texts))
    word = schema.get("type")
    if isinstance(word, list):
        return join_all(of_schema({**schema, "type": one}) for one in word)
    if word == "string":
        form = schema.get("format")
        return DATE if form == "date" else INSTANT if form == "date-time" else TEXT
    if word == "array":
        return list_of(of_schema(schema.get("items")))
    if word == "object":
        fields = schema.get("properties")
        if not isinstance(fields, Mapping) or schema.get("additionalProperties") is not False:
            return of_kind("context")
        return context_of({name: of_schema(inner) for name, inner in fields.items()})
    return {"number": NUMBER, "integer": NUMBER, "boolean": BOOLEAN, "null": NEVER}.get(word, ANY) if isinstance(word, str) else ANY


# -- what can be done with which kinds: asked of the evaluator itself, by one sample of each kind

_SAMPLES: Mapping[str, Any] = {
    "string": "2024-01-01",
    "number": 2,
    "boolean": True,
    "date": date(2024, 1, 1),
    "time": time(12),
    "date and time": datetime.fromisoformat("2024-01-01T00:00:00+00:00"),
    "days and time duration": timedelta(days=1),
    "years and months duration": YearsMonths(12),
    "list": [1],
    "context": {"a": 1},
}


@lru_cache(maxsize=4096)
def result_kind(operation: str, one: str, other: str) -> str | None:
    """The kind that `one operation other` gives; None where it is not defined. An unknown kind gives an empty text."""
    if one not in _SAMPLES or other not in _SAMPLES:
        return ""
    expression = compile_expression(f"a {operation} b")
    try:
        value = expression.evaluate(Context({"a": _SAMPLES[one], "b": _SAMPLES[other]}, now=_SAMPLES["date and time"], zone="UTC"))
    except FeelError:
        return None
    return None if value is None else kind(value)


def results(operation: str, one: Type, other: Type) -> frozenset[str] | None:
    """The kinds that an operation can give; empty where it surely is not defined; None where too little is known."""
    if one.kinds is None or other.kinds is None or not one.kinds or not other.kinds:
        return None
    found = {result_kind(operation, mine, theirs) for mine in one.kinds for theirs in other.kinds}
    return None if "" in found else frozenset(name for name in found if name)


def fits(given: Type, asked: Type) -> bool:
    """Whether a value so given can be what is asked for. Only a sure misfit is none."""
    # A date is taken where an instant is asked for, and the other way about.
    days = frozenset({"date", "date and time"})
    are_days = given.kinds is not None and asked.kinds is not None and given.kinds <= days and bool(asked.kinds & days)
    if given.kinds and asked.kinds and given.kinds.isdisjoint(asked.kinds) and not are_days:
        return False
    if given.items is not None and asked.items is not None and not fits(given.items, asked.items):
        return False
    if given.entries is not None and asked.entries is not None:
        return all(name in given.entries and fits(given.entries[name], inner) for name, inner in asked.entries.items())
    return True


def strange_texts(given: Type, asked: Type) -> frozenset[str]:
    """Texts that can be given and are none of those asked for."""
    if given.texts is not None and asked.texts is not None and asked.kinds == TEXT.kinds:
        return given.texts - asked.texts
    if given.items is not None and asked.items is not None:
        return strange_texts(given.items, asked.items)
    return frozenset()
