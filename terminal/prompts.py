"""A form asked field by field on a terminal: re-asks with a message, keeps a draft at every answer, opens `$EDITOR` for long text.

Questions go to stderr. `?` explains a field, an empty answer skips what may stay empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import click

from engine.errors import InvalidForm, Rejected

from .fields import Resolve, Schema, as_typed, choices, kind_of, label, resolved, shown, value_of
from .language import say

Keep = Callable[[Mapping[str, Any]], None]
MAX_ROUNDS = 50
"""A form that is refused so often is left as a draft."""


@dataclass
class Asker:
    """Asks for the fields of one form. `keep` is called with all answers after each one."""

    root: Schema
    data: dict[str, Any] = field(default_factory=dict)
    keep: Keep = lambda data: None
    resolve: Resolve = as_typed
    passed: set[str] = field(default_factory=set)
    """Fields that were left empty: they are not asked a second time unless they are refused."""

    def ask(self, *, again: tuple[str, ...] = ()) -> dict[str, Any]:
        """Ask for what is not answered yet; `again` names top fields to ask once more, with what was said before as the default."""
        for name, schema in self.root.get("properties", {}).items():
            if ((name in self.data or name in self.passed) and name not in again) or schema.get("readOnly"):
                continue
            self.passed.add(name)
            value = self._field(name, schema, name in self.root.get("required", ()) or name in again, self.data.get(name))
            if value is None:
                self.data.pop(name, None)
            else:
                self.data[name] = value
            self.keep(self.data)
        return self.data

    def _field(self, name: str, schema: Schema, required: bool, default: Any = None) -> Any:
        schema = resolved(schema, self.root)
        items = resolved(schema.get("items", {}), self.root)
        if kind_of(schema) == "array" and (kind_of(items) == "object" or self._is_long(items)):
            return self._list(name, schema, items, required) or None
        if kind_of(schema) == "object":
            return self._object(label(schema, name), schema)
        if self._is_long(schema):
            return self._long(name, schema, required, default)
        return self._line(name, schema, required, default)

    def _is_long(self, schema: Schema) -> bool:
        hint = schema.get("x-ui", {})
        return kind_of(schema) == "string" and "enum" not in schema and (hint.get("widget") if isinstance(hint, Mapping) else hint) == "long"

    def _object(self, title: str, schema: Schema) -> dict[str, Any]:
        tell(f"— {title}")
        answers: dict[str, Any] = {}
        for name, inner in schema.get("properties", {}).items():
            value = self._field(name, inner, name in schema.get("required", ()))
            if value is not None:
                answers[name] = value
        return answers

    def _list(self, name: str, schema: Schema, items: Schema, required: bool) -> list[Any]:
        title = label(schema, name)
        least = int(schema.get("minItems", 1 if required else 0))
        most = int(schema.get("maxItems", 1_000))
        entries: list[Any] = []
        while len(entries) < most:
            numbered = f"{title} {len(entries) + 1}"
            if len(entries) >= least and not click.confirm(say("add {entry}?", entry=numbered), default=False, err=True):
                break
            entries.append(self._object(numbered, items) if kind_of(items) == "object" else self._long(numbered, {**items, "title": numbered, "x-title-en": numbered}, True, None))
        return entries

    def _long(self, name: str, schema: Schema, required: bool, default: Any) -> str | None:
        tell(say("{field}: type it on one line, or :e to open your editor", field=_head(name, schema, required)))
        while True:
            text = _typed(default)
            if text == "?":
                tell(_explained(schema))
                continue
            if text == ":e":
                text = (click.edit(str(default or ""), extension=".txt") or "").strip()
            if text or not required:
                return text or None
            tell("  " + say("this is needed"))

    def _line(self, name: str, schema: Schema, required: bool, default: Any) -> Any:
        tell(_head(name, schema, required))
        listed = list(choices(schema).items())
        for number, (code, words) in enumerate(listed, 1):
            tell(f"  {number}. {words} [{code}]" if words != code else f"  {number}. {code}")
        if default is None:
            default = schema.get("default")
        while True:
            text = _typed(shown(default, schema, self.root) if default is not None else None)
            if text == "?":
                tell(_explained(schema))
                continue
            if not text:
                if not required:
                    return None
                tell("  " + say("this is needed"))
                continue
            if listed and text.isdecimal() and text not in dict(listed) and 1 <= int(text) <= len(listed):
                text = listed[int(text) - 1][0]
            try:
                return self._checked(value_of(text, schema, self.root, self.resolve), schema)
            except Rejected as error:
                tell("  " + say(error.template, **error.params))

    def _checked(self, value: Any, schema: Schema) -> Any:
        """The value, if it fits its own field's schema; what spans fields is checked with the whole form."""
        from engine.forms import Form

        wrapped = {**{key: self.root[key] for key in ("$defs",) if key in self.root}, "type": "object", "properties": {"value": schema}}
        problems = Form("field", wrapped).problems({"value": value})
        if problems:
            raise Rejected("does_not_fit", problems[0].template, **dict(problems[0].params))
        return value


def fill(asker: Asker, send: Callable[[dict[str, Any]], Any]) -> Any:
    """Ask, send, and ask again for the fields that were refused, until the form is taken."""
    again: tuple[str, ...] = ()
    for _ in range(MAX_ROUNDS):
        data = asker.ask(again=again)
        try:
            return send(data)
        except InvalidForm as error:
            known = asker.root.get("properties", {})
            again = tuple(dict.fromkeys(problem.field.split(".")[0] for problem in error.problems))
            if not any(name in known for name in again):
                raise
            for problem in error.problems:
                tell(f"  {label(known.get(problem.field.split('.')[0], {}), problem.field)}: {say(problem.template, **dict(problem.params))}")
    raise Rejected("given_up", "the form was refused {count} times; your answers are kept as a draft", count=MAX_ROUNDS)


def tell(text: str) -> None:
    """Say something beside the questions."""
    click.echo(text, err=True)


def _typed(default: Any) -> str:
    answer: str = click.prompt(">", default="" if default is None else str(default), show_default=bool(default), prompt_suffix=" ", err=True)
    return answer.strip()


def _head(name: str, schema: Schema, required: bool) -> str:
    return f"{label(schema, name)}{' *' if required else ''}"


def _explained(schema: Schema) -> str:
    parts = [str(schema.get("description") or "")]
    if schema.get("format") == "date":
        parts.append(say("a date: 2026-09-30"))
    return "  " + (" ".join(part for part in parts if part) or say("no more is known of this field"))
