"""Backdated acts (补录) as an auditor lists them: by act, or summed by person or unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .language import mark
from .output import Column
from .words import Names

if TYPE_CHECKING:
    from engine import Backdated, Engine

ACT_COLUMNS = [
    Column(name="recorded_on", title=mark("recorded"), whole=True),
    Column(name="happened_on", title=mark("happened"), whole=True),
    Column(name="days_gained", title=mark("days")),
    Column(name="person", title=mark("who")),
    Column(name="unit", title=mark("unit")),
    Column(name="case_id", title=mark("case"), whole=True),
    Column(name="reason", title=mark("reason")),
]

SUM_COLUMNS = [
    Column(name="who", title=mark("who")),
    Column(name="acts", title=mark("acts")),
    Column(name="days_gained", title=mark("days gained")),
    Column(name="most_days", title=mark("at most")),
]

UNIT = "unit:"


def acts(engine: Engine, me: str, rows: Sequence[Backdated]) -> list[dict[str, Any]]:
    """One row an act, with the names of person and unit."""
    from handlers import desk

    names = Names(read=lambda table, ids: [dict(row) for row in engine.select(me, desk.by_ids(table, ids))])
    names.learn("person", {row.actor_id for row in rows})
    names.learn("unit", {unit for row in rows for unit in _units(row)})
    return [
        {
            **{name: value for name, value in vars(row).items() if name != "groups"},
            "days_gained": row.days_gained,
            "person": names.person(row.actor_id),
            "unit": ", ".join(names.unit(unit) for unit in _units(row)),
        }
        for row in rows
    ]


def _units(row: Backdated) -> list[str]:
    return [group.removeprefix(UNIT) for group in row.groups if group.startswith(UNIT)]


def sums(rows: Sequence[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """How many acts, and how many days they gained together and at most, by `person` or `unit`; the most days first."""
    gathered: dict[str, list[int]] = {}
    for row in rows:
        gathered.setdefault(row[by], []).append(row["days_gained"])
    told = [{"who": who, "acts": len(days), "days_gained": sum(days), "most_days": max(days)} for who, days in gathered.items()]
    return sorted(told, key=lambda row: (-row["days_gained"], row["who"]))
