"""The shipped settings (设置) of every jurisdiction: `settings.dmn`, read once, asked by jurisdiction and name. Pure.

The decision `settings` has the inputs `jurisdiction` and `name`, collects its rows, and gives for each value, law, article, source,
effective_from. A jurisdiction exists when it has a row `cfg.jurisdictionName`. `source` says what a value rests on: `law` (a text in
force), `plan` (a year's work plan, which is no law) or `unconfirmed` (no text says it: a default of the product, never shown as law).
A null effective_from holds since ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from . import feel
from .deployment import SETTINGS_FILE
from .errors import DefinitionError, Problem, Saying, said_with
from .feel.dmn.xml import Element, child, children, parse, text_of
from .model import Json

DECISION = "settings"
JURISDICTION_NAME = "cfg.jurisdictionName"
INPUTS = ("jurisdiction", "name")
OUTPUTS = ("value", "law", "article", "source", "effective_from")
SOURCES = ("law", "plan", "unconfirmed")
_DATE = re.compile(r'date\(\s*"(\d{4}-\d\d-\d\d)"\s*\)')


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """One row of the table. `from_on`: None where it holds since ever."""

    jurisdiction: str
    name: str
    value: Json
    law: str
    article: str
    source: str
    from_on: date | None
    row: str
    line: int | None

    @property
    def is_law(self) -> bool:
        """A text in force says so; otherwise it is a plan's or a default of the product."""
        return self.source == "law"


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


@dataclass(frozen=True, kw_only=True)
class SettingView:
    """A setting as its reader sees it. `source`: set (a person did), law, plan, unconfirmed or default. `state`: in-force or to-come."""

    name: str
    value: Json
    source: str
    state: str
    from_on: date | None = None
    law: str = ""
    article: str = ""
    set_by: str | None = None
    reason: str | None = None


def settings_told(
    names: Mapping[str, Json], table: SettingTable, jurisdiction: str, changes: Sequence[SettingView], on: date
) -> Sequence[SettingView]:
    """What holds on that day and what is to come, by name and date. `names`: every declared setting with its default; `changes`: what persons set."""
    told: list[SettingView] = []
    every = {name for name in names if not name.endswith(".")} | {one.name for one in changes}
    for name in sorted(every):
        mine = {one.from_on: one for one in sorted((one for one in changes if one.name == name), key=_begins)}
        rows = [_shipped_view(row) for row in table.by_name.get((jurisdiction, name), ())]
        told += _one_setting(SettingView(name=name, value=names.get(name), source="default", state=""), rows, list(mine.values()), on)
    return told


def _one_setting(default: SettingView, rows: Sequence[SettingView], changes: Sequence[SettingView], on: date) -> Iterator[SettingView]:
    """What a person set wins over every shipped row, so a shipped row to come is told only while nobody has set the name."""
    changed = [one for one in changes if _begins(one) <= on]
    shipped = [one for one in rows if _begins(one) <= on]
    yield replace((changed or shipped or [default])[-1], state="in-force")
    for one in sorted([*(() if changed else rows), *changes], key=_begins):
        if _begins(one) > on:
            yield replace(one, state="to-come")


def _begins(view: SettingView) -> date:
    return view.from_on or date.min


def _shipped_view(row: Shipped) -> SettingView:
    return SettingView(name=row.name, value=row.value, source=row.source, state="", from_on=row.from_on, law=row.law, article=row.article)


@lru_cache(maxsize=4)
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
    return tuple(rows), tuple(problems)


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
    value, law, article, source, from_on = given
    if source not in SOURCES or not isinstance(law, str | None) or not isinstance(article, str | None):
        raise ValueError(Saying("law and article are texts, source is one of {options}", options=", ".join(SOURCES)))
    return Shipped(
        jurisdiction=asked[0],
        name=asked[1],
        value=value,
        law=law or "",
        article=article or "",
        source=source,
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
