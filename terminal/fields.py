"""What a person typed, made to fit a form's schema: `--set a.b=v`, `--data @file`, dates and choices as people write them. Pure but for reading files.

The result is plain JSON (dates as ISO text), which the engine validates as a whole. Everything that cannot be read as the field's type is
refused by name, never guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from engine.errors import FieldProblem, InvalidForm, Rejected

from .language import current, mark, say

Schema = Mapping[str, Any]

Resolve = Callable[[str, Schema], str]
"""What a text stands for in a field of this schema: a person's or a unit's id for its name."""

CHINA = timezone(timedelta(hours=8))
"""A stated moment without an offset is civil time of the congress; all of China keeps one."""

_TRUE = {"true", "yes", "y", "1", "是", "对"}
_FALSE = {"false", "no", "n", "0", "否", "不"}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\Z")
MAX_INDEX = 1_000
"""No list that is typed by hand is longer."""


def date_of(text: str) -> date:
    """The civil date in 2026-09-30, 2026/9/30 or 2026年9月30日. Raises Rejected."""
    found = _DATE.match(text.strip())
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Rejected("bad_date", "{text} is not a date", text=text, hint=mark("write it as 2026-09-30"))


def moment_of(text: str) -> datetime:
    """The instant in ISO 8601; a bare date is its first minute. Raises Rejected."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.combine(date_of(text), datetime.min.time())
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema behind a local `$ref`."""
    seen = 0
    while "$ref" in schema and seen < 20:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        schema, seen = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}, seen + 1
    return schema


def kind_of(schema: Schema) -> str:
    """The one type a field has: its `type` without null; a bare enum is a string."""
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "string")
    return str(kind)


def label(schema: Schema, name: str = "") -> str:
    """The field's or form's name for a person, in the current language."""
    chinese, english = schema.get("title"), schema.get("x-title-en")
    return str((chinese or english or name) if current() == "zh" else (english or chinese or name))


def choices(schema: Schema) -> dict[str, str]:
    """The codes that may be chosen, each with its words in the current language."""
    labels = schema.get("x-labels-en" if current() == "en" else "x-labels") or schema.get("x-labels") or {}
    return {str(code): str(labels.get(str(code), code)) for code in schema.get("enum", ()) if code is not None}


def as_typed(text: str, schema: Schema) -> str:
    """Nothing stands behind a text."""
    return text


def value_of(text: str, schema: Schema, root: Schema, resolve: Resolve = as_typed) -> Any:
    """What a person typed for one field, as JSON of the field's type. Raises Rejected with what is wrong."""
    schema = resolved(schema, root)
    kind = kind_of(schema)
    if "enum" in schema:
        return _choice(text, schema)
    if kind in ("array", "object"):
        return _nested(text, schema, root, resolve)
    if kind == "boolean":
        return _boolean(text)
    if kind in ("integer", "number"):
        return _number(text, kind)
    if schema.get("format") == "date":
        return date_of(text).isoformat()
    if schema.get("format") == "date-time":
        return moment_of(text).isoformat()
    return resolve(text, schema)


def _choice(text: str, schema: Schema) -> Any:
    wanted = text.strip()
    labels = {**(schema.get("x-labels-en") or {}), **(schema.get("x-labels") or {})}
    for code in schema["enum"]:
        names = {str(code).lower(), str((schema.get("x-labels") or {}).get(str(code), code)), str((schema.get("x-labels-en") or {}).get(str(code), code)).lower()}
        if wanted in names or wanted.lower() in names:
            return code
    known = ", ".join(f"{code} {labels.get(str(code), '')}".strip() for code in schema["enum"])
    raise Rejected("bad_choice", "{text} is not one of: {choices}", text=text, choices=known)


def _boolean(text: str) -> bool:
    wanted = text.strip().lower()
    if wanted in _TRUE:
        return True
    if wanted in _FALSE:
        return False
    raise Rejected("bad_boolean", "{text} is neither yes nor no", text=text)


def _number(text: str, kind: str) -> int | float:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise Rejected("bad_number", "{text} is not a number", text=text) from None
    if not number.is_finite() or (kind == "integer" and number != number.to_integral_value()):
        raise Rejected("bad_number", "{text} is not a whole number" if kind == "integer" else "{text} is not a number", text=text)
    return int(number) if number == number.to_integral_value() else float(number)


def _nested(text: str, schema: Schema, root: Schema, resolve: Resolve) -> Any:
    stripped, kind = text.strip(), kind_of(schema)
    if stripped[:1] in ("[", "{"):
        try:
            value = json.loads(stripped)
        except ValueError as error:
            raise Rejected("bad_json", "is not JSON: {text}", text=str(error)) from None
        if isinstance(value, list) == (kind == "array"):
            return value
    if kind == "object":
        raise Rejected("bad_object", "{text} is not an object", text=text, hint=mark("write its fields one by one: --set field.part=value"))
    items = schema.get("items", {})
    return [value_of(part.strip(), items, root, resolve) for part in re.split(r"[,，、;；]", stripped) if part.strip()]


def read_set(assignments: Iterable[str], root: Schema, resolve: Resolve = as_typed) -> dict[str, Any]:
    """The data of `--set a.b=v` assignments, each typed by the form's schema. Raises InvalidForm naming every bad one."""
    data: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        try:
            if not equals or not path:
                raise Rejected("bad_assignment", "is not of the form field=value")
            _place(data, path.split("."), _typed(path, text, root, resolve))
        except Rejected as error:
            problems.append(FieldProblem(field=path, rule=error.code, template=error.template, params=tuple((k, str(v)) for k, v in error.params.items())))
    if problems:
        raise InvalidForm(problems, form=str(root.get("$id") or label(root)))
    return data


def _typed(path: str, text: str, root: Schema, resolve: Resolve) -> Any:
    schema: Schema = root
    for part in path.split("."):
        schema = resolved(schema, root)
        if kind_of(schema) == "array" and part.isdecimal():
            schema = schema.get("items", {})
            continue
        properties = schema.get("properties", {})
        if part not in properties:
            raise Rejected("unknown_field", "is not a field of this form; its fields: {fields}", fields=", ".join(properties) or "-")
        schema = properties[part]
    return value_of(text, schema, root, resolve)


def _place(data: dict[str, Any], path: list[str], value: Any) -> None:
    here: Any = data
    for part, following in zip(path, [*path[1:], None], strict=True):
        key: Any = part
        if isinstance(here, list):
            key = int(part)
            if key > min(len(here), MAX_INDEX):
                raise Rejected("bad_index", "entry {index} comes before entry {next}", index=part, next=len(here))
            if key == len(here):
                here.append(None)
        if following is None:
            here[key] = value
            return
        present = here[key] if isinstance(here, list) else here.get(key)
        if present is None:
            here[key] = present = [] if following.isdecimal() else {}
        here = present


def read_data(source: str) -> dict[str, Any]:
    """The object in `@file`, `@-` (standard input) or the text itself, as JSON or YAML; empty fields are left out. Raises Rejected."""
    import yaml

    text = source
    if source.startswith("@"):
        text = _text_of(source[1:])
    try:
        value = json.loads(text) if text.lstrip().startswith(("{", "[")) else yaml.load(text, Loader=_plain_loader())
    except (ValueError, yaml.YAMLError) as error:
        raise Rejected("bad_data", "the data is neither JSON nor YAML: {text}", text=" ".join(str(error).split())) from None
    if not isinstance(value, dict):
        raise Rejected("bad_data", "the data is not an object of fields", hint=mark("write field: value, one a line"))
    filled = without_empty(value)
    return filled if isinstance(filled, dict) else {}


def _text_of(name: str) -> str:
    import sys

    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected("no_file", "{file} cannot be read: {text}", file=name, text=str(getattr(error, "strerror", None) or error)) from None


def _plain_loader() -> Any:
    """YAML without its date and yes/no guessing: 2026-09-30 stays text, as in JSON."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def without_empty(value: Any) -> Any:
    """The value without null fields, empty texts and empty entries: what a skeleton leaves open."""
    if isinstance(value, dict):
        kept = {str(name): without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in (None, "", {})}
    if isinstance(value, list):
        return [inner for inner in (without_empty(each) for each in value) if inner not in (None, "", {})]
    return value


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both data; where both have a field, objects are merged and the second's value wins."""
    result = dict(first)
    for name, value in second.items():
        present = result.get(name)
        result[name] = merged(present, value) if isinstance(present, Mapping) and isinstance(value, Mapping) else value
    return result


def shown(value: Any, schema: Schema, root: Schema) -> str:
    """A value of a form for a person: choices in words, lists joined."""
    schema = resolved(schema, root)
    if value is None:
        return ""
    if "enum" in schema:
        return choices(schema).get(str(value), str(value))
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, list):
        return "; ".join(shown(each, schema.get("items", {}), root) for each in value)
    if isinstance(value, Mapping):
        parts = schema.get("properties", {})
        return ", ".join(f"{label(parts.get(name, {}), name)}: {shown(inner, parts.get(name, {}), root)}" for name, inner in value.items())
    return str(value)
