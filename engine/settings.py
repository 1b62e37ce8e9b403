"""The shipped settings (设置) of every jurisdiction: `settings.dmn`, read once, asked by jurisdiction and name. Pure.

The decision `settings` has the inputs `jurisdiction` and `name`, collects its rows, and gives for each value, law, article, confirmed,
effective_from. A jurisdiction exists when it has a row `cfg.jurisdictionName`. A row with a confirmed law is law; every other row is a
default of the product. A null effective_from holds since ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from . import feel
from .deployment import SETTINGS_FILE
from .errors import DefinitionError, Problem, Saying, said_with
from .feel.dmn.xml import Element, child, children, parse, text_of
from .model import Json

DECISION = "settings"
JURISDICTION_NAME = "cfg.jurisdictionName"
INPUTS = ("jurisdiction", "name")
OUTPUTS = ("value", "law", "article", "confirmed", "effective_from")
_DATE = re.compile(r'date\(\s*"(\d{4}-\d\d-\d\d)"\s*\)')


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """One row of the table. `from_on`: None where it holds since ever."""

    jurisdiction: str
    name: str
    value: Json
    law: str
    article: str
    confirmed: bool
    from_on: date | None
    row: str
    line: int | None

    @property
    def is_law(self) -> bool:
        """A confirmed text says so; otherwise it is a default of the product."""
        return self.confirmed and bool(self.law)


@dataclass
class SettingTable:
    """The rows by jurisdiction and name, oldest first."""

    by_name: dict[tuple[str, str], list[Shipped]] = field(default_factory=dict)

    @staticmethod
    def read(data: bytes) -> SettingTable:
        """The table of a DMN file. Raises DefinitionError with every row that cannot be read."""
        rows, problems = read_rows(data)
        if problems:
            raise DefinitionError(problems)
        table = SettingTable()
        for row in sorted(rows, key=lambda one: one.from_on or date.min):
            table.by_name.setdefault((row.jurisdiction, row.name), []).append(row)
        return table

    @property
    def jurisdictions(self) -> Mapping[str, Mapping[str, str]]:
        """The names (`zh`, `en`) of every jurisdiction by its id, in the order of the file."""
        return {jurisdiction: rows[-1].value for (jurisdiction, name), rows in self.by_name.items() if name == JURISDICTION_NAME}

    def in_force(self, jurisdiction: str, name: str, on: date) -> Shipped | None:
        """The row in force on that day."""
        rows = [row for row in self.by_name.get((jurisdiction, name), ()) if row.from_on is None or row.from_on <= on]
        return rows[-1] if rows else None


def read_rows(data: bytes) -> tuple[Sequence[Shipped], Sequence[Problem]]:
    """The rows that can be read, and a problem for each that cannot."""
    rows: list[Shipped] = []
    problems: list[Problem] = []
    try:
        root = parse(data, SETTINGS_FILE)
    except feel.DecisionsRefused as refused:
        return (), tuple(refused.problems)
    tables = [child(one, "decisionTable") for one in children(root, "decision") if one.get("id") == DECISION]
    table = tables[0] if tables else None
    if table is None or _columns(table) != (INPUTS, OUTPUTS):
        columns = {"inputs": ", ".join(INPUTS), "outputs": ", ".join(OUTPUTS)}
        return (), (bad_row(None, DECISION, "setting-table", "is not the table of settings", "inputs {inputs}; outputs {outputs}", **columns),)
    for rule in children(table, "rule"):
        try:
            rows.append(_row(rule))
        except (ValueError, feel.FeelError, feel.FeelSyntaxError) as fault:
            problems.append(
                bad_row(rule.sourceline, rule.get("id"), "setting-row", "cannot be read: {error}", "write each cell as one FEEL value", error=_said(fault))
            )
    return rows, problems


def bad_row(line: int | None, row: str | None, rule: str, template: str, fix: str, **params: object) -> Problem:
    """A fault of a row, with its line and id."""
    return Problem(file=SETTINGS_FILE, line=line, element_id=row, rule=rule, template=template, fix_template=fix, params=said_with(params))


def _said(fault: Exception) -> Saying | str:
    if isinstance(fault, feel.FeelError | feel.FeelSyntaxError):
        return fault.saying
    told = fault.args[0] if fault.args else ""
    return told if isinstance(told, Saying) else str(told)


def _columns(table: Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    inputs = tuple(text_of(child(column, "inputExpression")) for column in children(table, "input"))
    return inputs, tuple(str(column.get("name")) for column in children(table, "output"))


def _row(rule: Element) -> Shipped:
    asked = [_value(text_of(cell)) for cell in children(rule, "inputEntry")]
    given = [_value(text_of(cell)) for cell in children(rule, "outputEntry")]
    if len(asked) != len(INPUTS) or len(given) != len(OUTPUTS) or not all(isinstance(text, str) and text for text in asked):
        raise ValueError(Saying("a row names one jurisdiction and one setting and has every output"))
    value, law, article, confirmed, from_on = given
    if not isinstance(confirmed, bool) or not isinstance(law, str | None) or not isinstance(article, str | None):
        raise ValueError(Saying("law and article are texts, confirmed is true or false"))
    return Shipped(
        jurisdiction=asked[0],
        name=asked[1],
        value=value,
        law=law or "",
        article=article or "",
        confirmed=confirmed,
        from_on=date.fromisoformat(from_on) if from_on else None,
        row=rule.get("id") or "",
        line=rule.sourceline,
    )


def _value(text: str) -> Any:
    """A cell's value in JSON form: most cells are JSON as they stand; all others are FEEL, a date as its ISO text."""
    dated = _DATE.fullmatch(text.strip())
    if dated:
        return date.fromisoformat(dated[1]).isoformat()
    try:
        return json.loads(text)
    except ValueError:
        return feel.to_json(feel.compile_expression(text).evaluate(feel.Context()))
