"""Forms (表单): JSON Schema 2020-12 with `x-ui`, `x-record`, `x-input` and `x-labels` hints. Pure.

One definition serves the prompts, the validation and a later web page. Fields marked `x-record` go to the domain's records; only the
others become variables.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .errors import FieldProblem, InvalidForm, Problem, Saying, said_with

if TYPE_CHECKING:
    import jsonschema_rs

Schema = Mapping[str, Any]

_SAYINGS = {
    "MinLength": "needs at least {limit} characters",
    "MaxLength": "may have at most {limit} characters",
    "Minimum": "may not be less than {limit}",
    "Maximum": "may not be more than {limit}",
    "ExclusiveMinimum": "must be more than {limit}",
    "ExclusiveMaximum": "must be less than {limit}",
    "MinItems": "needs at least {limit} entries",
    "MaxItems": "may have at most {limit} entries",
    "Format": "is not a {format}",
    "Enum": "must be one of {options}",
    "Constant": "must be {expected_value}",
    "Type": "must be of type {types}",
    "Pattern": "does not have the form asked for",
    "UniqueItems": "may not hold the same entry twice",
    "FalseSchema": "may not be given here",
}


@dataclass(frozen=True)
class Form:
    """One form of a deployment."""

    id: str
    schema: Schema

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        import jsonschema_rs

        return jsonschema_rs.Draft202012Validator(dict(self.schema), validate_formats=True)

    @cached_property
    def _has_dated_fields(self) -> bool:
        return '"x-date"' in json.dumps(self.schema, default=str)

    @cached_property
    def record_fields(self) -> Mapping[str, str]:
        """The fields that go to a record, with the record's name."""
        return {name: field["x-record"] for name, field in self.fields.items() if "x-record" in field}

    @property
    def fields(self) -> Mapping[str, Schema]:
        properties: Mapping[str, Schema] = self.schema.get("properties", {})
        return properties

    def filled(self, data: Mapping[str, Any], inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The data, with each field marked `x-input` taken from the work item's input of that name where the person left it out."""
        known = {name: inputs.get(field["x-input"]) for name, field in self.fields.items() if "x-input" in field and name not in data}
        return {**data, **{name: value for name, value in known.items() if value is not None}}

    def problems(self, data: Mapping[str, Any], today: date | None = None) -> tuple[FieldProblem, ...]:
        """All that does not fit, field by field; with `today` also dates marked `x-date` past (not after it) or future (after it)."""
        problems = tuple(_problem(error) for error in self._validator.iter_errors(data))
        if problems or today is None or not self._has_dated_fields:
            return problems
        return tuple(_misplaced(self.schema, data, today.isoformat(), ()))

    def accept(self, data: Mapping[str, Any], today: date | None = None) -> None:
        """Raise InvalidForm unless the data fits."""
        problems = self.problems(data, today)
        if problems:
            raise InvalidForm(problems, form=self.id)

    def values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """All fields as FEEL values (a `date` is a date)."""
        fields = self.fields
        return {name: typed(fields.get(name, {}), value) for name, value in data.items()}

    def variables(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Of these values those that become variables; the others go to records."""
        return {name: value for name, value in values.items() if name not in self.record_fields}


def read_form(path: str, data: bytes) -> Form | Problem:
    """The form in a file named `forms/<id>.json`, or what is wrong with it."""
    identifier = path.rsplit("/", 1)[-1].removesuffix(".json")
    try:
        schema = json.loads(data, parse_float=Decimal)
    except ValueError as error:
        line = getattr(error, "lineno", None)
        return Problem(file=path, line=line, element_id=None, rule="form-json", template="is not JSON: {error}", fix_template="mend the JSON", params=said_with({"error": _broken(error)}))
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return _bad_form(path, "the schema is not of type object", 'write "type": "object" with "properties"')
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except ValueError as error:
        return _bad_form(path, "is not a JSON Schema of 2020-12: {error}", "mend the schema", error=_misshapen(error))
    return Form(identifier, schema)


def typed(schema: Schema, value: Any) -> Any:
    """The value as FEEL knows it: texts of format date and date-time become dates, decimals stay exact."""
    if isinstance(value, str) and schema.get("format") == "date":
        return date.fromisoformat(value)
    if isinstance(value, str) and schema.get("format") == "date-time":
        return datetime.fromisoformat(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [typed(schema.get("items", {}), inner) for inner in value]
    if isinstance(value, dict):
        inner_schemas = schema.get("properties", {})
        return {name: typed(inner_schemas.get(name, {}), inner) for name, inner in value.items()}
    return value


def _misplaced(schema: Schema, value: Any, today: str, path: tuple[str, ...]) -> Iterator[FieldProblem]:
    """Dates that lie on the wrong side of today, in fields of any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _misplaced(schema.get("properties", {}).get(name, {}), inner, today, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _misplaced(schema.get("items", {}), inner, today, (*path, str(place)))
    elif schema.get("x-date") == "past" and value > today:
        yield FieldProblem(field=".".join(path), rule="past", template="may not lie after today, {today}", params=(("today", today),))
    elif schema.get("x-date") == "future" and value <= today:
        yield FieldProblem(field=".".join(path), rule="future", template="must lie after today, {today}", params=(("today", today),))


def _problem(error: jsonschema_rs.ValidationError) -> FieldProblem:
    kind = type(error.kind).__name__.rsplit(".", 1)[-1]
    path = [str(part) for part in error.instance_path]
    facts = error.kind.as_dict()
    if kind == "Required":
        return FieldProblem(field=".".join([*path, str(facts["property"])]), rule="required", template="is missing")
    if kind in ("AdditionalProperties", "UnevaluatedProperties"):
        return FieldProblem(
            field=".".join([*path, *map(str, facts["unexpected"])]), rule="unknown", template="is not a field of this form"
        )
    template = _SAYINGS.get(kind, "does not fit ({rule})")
    params = {name: _shown(value) for name, value in facts.items()} | {"rule": kind}
    used = tuple((name, text) for name, text in sorted(params.items()) if "{" + name + "}" in template)
    return FieldProblem(field=".".join(path), rule=kind.lower(), template=template, params=used)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _broken(error: ValueError) -> Saying:
    """Why a text is no JSON."""
    if isinstance(error, json.JSONDecodeError):
        return Saying("{fault}: line {line} column {column} (char {character})", fault=Saying(error.msg), line=error.lineno, column=error.colno, character=error.pos)
    if isinstance(error, UnicodeDecodeError):
        return Saying("it is not {encoding}: {reason} at byte {byte}", encoding=error.encoding, reason=Saying(error.reason), byte=error.start)
    return Saying("it holds a number with too many digits")


def _misshapen(error: ValueError) -> Saying:
    """Why an object is no JSON Schema."""
    import jsonschema_rs

    if not isinstance(error, jsonschema_rs.ValidationError):
        return Saying("it refers to what is not there")
    fault = _problem(error)
    if type(error.kind).__name__.rsplit(".", 1)[-1].endswith("AnyOf"):
        return Saying("{value} is not valid under any of the schemas listed in the 'anyOf' keyword", value=json.dumps(error.instance, ensure_ascii=False, default=str))
    return Saying("{field}: {fault}", field=fault.field or "/", fault=Saying(fault.template, **dict(fault.params)))


def _bad_form(path: str, template: str, fix: str, **params: object) -> Problem:
    return Problem(file=path, line=None, element_id=None, rule="form-schema", template=template, fix_template=fix, params=said_with(params))
