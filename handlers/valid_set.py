"""The rule of a valid set of assignments (V4), over plain rows: who answers, who helps, each unit once.

A set has exactly one `sole`, or exactly one `lead` and at least one `co`, or at least two `separate` each with its named part; and any
number of `reference`. A unit stands in it once, also under the name of its predecessor or successor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.model import Rows, WorkItem
from engine.registry import AnyOf, FieldFault, Read, Select, Where, rows_of

MODES = ("sole", "lead", "co", "separate", "reference")
"""How a unit takes part (独办、主办、协办、分办、参阅)."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One unit's share in the handling (承办方式); `part` names what a separate unit answers (分办)."""

    unit: str
    mode: str
    part: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Share:
        """The share that a form's row or a stored row states."""
        return cls(unit=row.get("unit") or row["unit_id"], mode=row["mode"], part=row.get("part"))


def set_faults(shares: Sequence[Share], field: str) -> Iterable[FieldFault]:
    """What is wrong with the modes and units of a set, whatever the units are."""
    modes = Counter(share.mode for share in shares)
    text = _mode_fault(modes)
    if text:
        yield FieldFault(field=field, rule="valid_set", template=text)
    for place, share in enumerate(shares):
        if share.mode == "separate" and not (share.part or "").strip():
            yield _at(field, place, "part", "valid_set", "{unit} answers separately: name its part", share.unit)
    for unit, times in Counter(share.unit for share in shares).items():
        if times > 1:
            yield FieldFault(field=field, rule="once", template="{unit} stands in the set {times} times", params={"unit": unit, "times": str(times)})


def _mode_fault(modes: Mapping[str, int]) -> str | None:
    sole, lead, co, separate = (modes.get(mode, 0) for mode in ("sole", "lead", "co", "separate"))
    if sole + lead + separate == 0:
        return "no unit answers: name one sole unit, a lead with co-handlers, or several separate units"
    if (sole > 0) + (lead > 0) + (separate > 0) > 1:
        return "sole, lead and separate exclude one another"
    if sole > 1 or lead > 1:
        return "only one unit may be sole or lead"
    if lead and not co:
        return "a lead unit needs at least one co-handler; a unit alone is sole"
    if co and not lead:
        return "a co-handler needs a lead unit"
    if separate == 1:
        return "separate handling needs at least two units; a unit alone is sole"
    return None


def unit_faults(shares: Sequence[Share], rows: Rows, field: str, on: date | None) -> Iterable[FieldFault]:
    """Units that are unknown or no longer there on the day. `rows` as `unit_reads` asks."""
    known = {row["id"]: row for row in rows_of(rows, "units")}
    for place, share in enumerate(shares):
        unit = known.get(share.unit)
        if unit is None:
            yield _at(field, place, "unit", "unit", "{unit} is not a known unit", share.unit)
        elif on is not None and has_ended(unit, on):
            yield _at(field, place, "unit", "ended", "{unit} ended before this day", share.unit)


def opened_on(item: WorkItem) -> date | None:
    """The day on which the work item opened, where its input `on` carries it."""
    value = item.inputs.get("on")
    return value if isinstance(value, date) else None


def has_ended(unit: Mapping[str, Any], on: date) -> bool:
    """Whether the unit's last day lies before the day."""
    to_on = unit.get("to_on")
    return to_on is not None and (to_on if isinstance(to_on, date) else date.fromisoformat(to_on)) < on


def succession_faults(shares: Sequence[Share], rows: Rows, field: str) -> Iterable[FieldFault]:
    """Two units of the set of which one came after the other: they are one. `rows` as `unit_reads` asks."""
    units = [share.unit for share in shares]
    successors: dict[str, set[str]] = {}
    for row in (*rows_of(rows, "near"), *rows_of(rows, "further")):
        successors.setdefault(row["unit_id"], set()).add(row["successor_id"])
    for unit in dict.fromkeys(units):
        for later in sorted(_after(unit, successors) & set(units) - {unit}):
            yield FieldFault(field=field, rule="once", template="{later} succeeded {unit}: they are one unit", params={"unit": unit, "later": later})


def _after(unit: str, successors: Mapping[str, Collection[str]]) -> set[str]:
    """All that came after the unit, however many steps later."""
    found: set[str] = set()
    waiting = [unit]
    while waiting:  # Each unit is waited for once, so that a circle in the data ends too.
        new = set(successors.get(waiting.pop(), ())) - found
        found |= new
        waiting.extend(sorted(new))
    return found


def unit_reads(units: Iterable[str]) -> Mapping[str, Read]:
    """The units, the successions that touch them, and those that touch these: up to four steps between two units of the set."""
    named = tuple(dict.fromkeys(units))
    touching = AnyOf(of=(Where(column="unit_id", op="in", value=named), Where(column="successor_id", op="in", value=named)))
    later = Select(table="unit_succession", columns=("successor_id",), where=(Where(column="unit_id", op="in", value=named),))
    earlier = Select(table="unit_succession", columns=("unit_id",), where=(Where(column="successor_id", op="in", value=named),))
    beyond = AnyOf(of=(Where(column="unit_id", op="in_select", value=later), Where(column="successor_id", op="in_select", value=earlier)))
    order = ("unit_id", "successor_id")
    return {
        "units": Select(table="unit", columns=("id", "from_on", "to_on"), where=(Where(column="id", op="in", value=named),), order=("id",)),
        "near": Select(table="unit_succession", columns=order, where=(touching,), order=order),
        "further": Select(table="unit_succession", columns=order, where=(beyond,), order=order),
    }


def _at(field: str, place: int, name: str, rule: str, template: str, unit: str) -> FieldFault:
    return FieldFault(field=f"{field}.{place}.{name}", rule=rule, template=template, params={"unit": unit})
