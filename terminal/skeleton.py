"""A form as a YAML file to fill in (`jianyi item form ID`): every field with its name, whether it is needed, and its choices as comments. Pure.

What it prints can be read back by `--data @file`: fields left empty are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .fields import Schema, choices, kind_of, label, resolved
from .language import say

MAX_DEPTH = 6
"""No form nests deeper; a schema that refers to itself ends here."""


def skeleton(schema: Schema, data: Mapping[str, Any] | None = None, *, title: str = "") -> str:
    """The YAML text, with what is known already filled in."""
    head = [f"# {title or label(schema)}"] if title or label(schema) else []
    return "\n".join([*head, *_object(schema, schema, data or {}, "")]) + "\n"


def _object(schema: Schema, root: Schema, data: Mapping[str, Any], indent: str) -> Iterator[str]:
    if len(indent) > 2 * MAX_DEPTH:
        return
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        inner = resolved(field, root)
        yield from (f"{indent}# {line}" for line in _comments(name, inner, name in required))
        value = data.get(name, inner.get("default"))
        if value is not None:
            yield f"{indent}{name}: {_scalar(value)}"
        elif kind_of(inner) == "object":
            yield f"{indent}{name}:"
            yield from _object(inner, root, {}, indent + "  ")
        elif kind_of(inner) == "array" and kind_of(resolved(inner.get("items", {}), root)) == "object":
            yield f"{indent}{name}:"
            yield from _first_entry(resolved(inner["items"], root), root, indent + "  ")
        else:
            yield f"{indent}{name}:{' []' if kind_of(inner) == 'array' else ''}"


def _first_entry(items: Schema, root: Schema, indent: str) -> Iterator[str]:
    """One empty entry of a list: the dash stands alone, so that comments may follow it."""
    yield f"{indent}-"
    yield from _object(items, root, {}, indent + "  ")


def _comments(name: str, schema: Schema, required: bool) -> Iterator[str]:
    needed = say("(needed)") if required else say("(may stay empty)")
    yield f"{label(schema, name)} {needed}"
    if schema.get("description"):
        yield str(schema["description"])
    listed = choices(schema) or choices(schema.get("items", {}))
    if listed:
        yield "  ".join(f"{code}={words}" if code != words else code for code, words in listed.items())
    elif schema.get("format") == "date":
        yield say("a date: 2026-09-30")


def _scalar(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, default=str)
