"""What a person might type: data for a form, drawn from its schema by a chance with a seed, and mended until the schema accepts it.

It reads schemas alone and knows no field by name; `hints` of the domain lie over what was drawn (see `hints.py`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

Schema = Mapping[str, Any]
Draw = Callable[[Schema], str | None]
"""A text for a schema of type string with a widget or a format of its own; None: any text will do."""

_WORDS = "关于加强城乡社区养老服务设施建设的建议请有关部门研究办理并答复代表"
_MENDS = 20
SESSION = "14-2"


class Drafter:
    """Draws values for schemas."""

    def __init__(self, chance: random.Random, draw: Draw) -> None:
        self.chance = chance
        self.draw = draw

    def paper(self, schema: Schema, hints: Mapping[str, Any]) -> dict[str, Any]:
        """Data that fits the schema, as far as the hints allow it. A hint of None leaves the field out."""
        wanted = schema.get("required", ())
        fields = {name: field for name, field in schema.get("properties", {}).items() if "x-input" not in field}
        data = {name: self.value(field) for name, field in fields.items() if name in wanted or self.chance.random() < 0.4}
        data = {name: value for name, value in {**data, **hints}.items() if value is not None}
        return self._mended(schema, data, frozenset(hints))

    def value(self, schema: Schema) -> Any:
        """One value of the schema."""
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        return getattr(self, f"_{schema.get('type', 'string')}")(schema)

    def _string(self, schema: Schema) -> str:
        if schema.get("pattern", "").startswith("^[1-9]"):
            return SESSION
        drawn = self.draw(schema)
        return drawn if drawn is not None else self.text(max(schema.get("minLength", 0), 3))

    def text(self, length: int) -> str:
        """Some Chinese words of at least this length."""
        return "".join(self.chance.choice(_WORDS) for _ in range(length + self.chance.randint(0, 3)))

    def _boolean(self, schema: Schema) -> bool:
        return self.chance.random() < 0.5

    def _integer(self, schema: Schema) -> int:
        return int(schema.get("minimum", 0)) + self.chance.randint(0, 5)

    def _array(self, schema: Schema) -> list[Any]:
        low = schema.get("minItems", 0)
        drawn = [self.value(schema["items"]) for _ in range(self.chance.randint(low, max(low, 2)))]
        return [value for place, value in enumerate(drawn) if not schema.get("uniqueItems") or value not in drawn[:place]]

    def _object(self, schema: Schema) -> dict[str, Any]:
        wanted = schema.get("required", ())
        return {name: self.value(field) for name, field in schema["properties"].items() if name in wanted or self.chance.random() < 0.5}

    def _mended(self, schema: Schema, data: dict[str, Any], fixed: frozenset[str]) -> dict[str, Any]:
        """Give what a condition of the schema asks for and take away what it forbids, but for what the hints say."""
        validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
        for _ in range(_MENDS):
            errors = [error for error in validator.iter_errors(data) if not _touches(error, fixed)]
            if not errors:
                break
            self._mend(schema, data, errors[0])
        return data

    def _mend(self, schema: Schema, data: dict[str, Any], error: jsonschema_rs.ValidationError) -> None:
        name = _field(error)
        field = schema["properties"].get(name, {})
        if "x-input" in field:
            return
        kind = type(error.kind).__name__.rsplit(".", 1)[-1]
        if kind in ("FalseSchema", "AdditionalProperties"):
            data.pop(name, None)
        elif kind == "MaxItems":
            data[name] = data[name][: error.kind.as_dict()["limit"]]
        elif kind == "MinItems":
            data[name] = [*data[name], self.value(field["items"])]
        elif kind == "Enum":
            data[name] = self.chance.choice(error.kind.as_dict()["options"])
        else:
            data[name] = self.value(field)


def _field(error: jsonschema_rs.ValidationError) -> str:
    if error.instance_path:
        return str(error.instance_path[0])
    return str(error.kind.as_dict().get("property", ""))


def _touches(error: jsonschema_rs.ValidationError, fixed: frozenset[str]) -> bool:
    return not _field(error) or _field(error) in fixed


def broken(chance: random.Random, schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with one fault that every form must refuse: a field too many, one of a wrong type, or a needed one left out."""
    ways: list[dict[str, Any]] = [{**data, "no_such_field": 1}]
    ways += [{**data, name: {"wrong": "type"}} for name in sorted(schema.get("properties", {}))]
    for name in schema.get("required", ()):
        if "x-input" not in schema["properties"][name]:
            ways.append({key: value for key, value in data.items() if key != name})
    return chance.choice(ways)
