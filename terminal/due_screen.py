"""Why a date is due: each limit that runs or ran in a case, with rule, law, start, every day skipped, and the calendar it was counted by.

`gather` reads with the reader's eyes and gives plain data (what `--json` prints); `paint` puts it on 80 columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from . import words
from .language import say
from .layout import bold, hanging

if TYPE_CHECKING:
    from engine import Engine

Row = Mapping[str, Any]

INDENT = 2


def gather(engine: Engine, me: str, case: Row) -> dict[str, Any]:
    """The due dates of the case, the earliest first, each as it was last counted, with the work items that hold it."""
    from handlers import desk

    items = [dict(row) for row in engine.select(me, desk.part("work_item", case["id"], "id")) if row["due"] is not None]
    units = _units(engine, me, case["id"])
    counted: dict[tuple[str, str], Row] = {}
    whose: dict[tuple[str, str], dict[str, None]] = {}
    for each in engine.workings(me, case["id"]):
        key = each.working["limit_id"], each.working["start_on"]
        counted[key] = each.working
        whose.setdefault(key, {}).update(dict.fromkeys(units.get(each.instance_id, ())))
    clocks = [
        {
            **working,
            "units": list(whose[key]),
            "items": [_item(row) for row in items if (row["due"]["limit_id"], row["due"]["start_on"]) == key],
        }
        for key, working in counted.items()
    ]
    return {"case": dict(case), "today": engine.today, "due_dates": sorted(clocks, key=lambda clock: (clock["due_on"], clock["limit_id"]))}


def _units(engine: Engine, me: str, case_id: str) -> Mapping[str, Sequence[str]]:
    """The unit that each instance of the case works for, by name: an instance of an assignment is keyed by it."""
    from handlers import desk

    def read(select: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in engine.select(me, select)]

    names = words.Names(read=lambda table, ids: read(desk.by_ids(table, ids)))
    assigned = {row["id"]: row["unit_id"] for row in read(desk.part("assignment", case_id))}
    names.learn("unit", assigned.values())
    return {row["id"]: (names.unit(assigned[row["key"]]),) for row in read(desk.instances_of(case_id)) if row["key"] in assigned}


def _item(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "name", "status", "due_on", "closed_at")}


def paint(gathered: Mapping[str, Any]) -> None:
    """The case's name, then a paragraph for each due date."""
    case = gathered["case"]
    print(bold(" ".join(filter(None, (case.get("display_number") or case["id"], case.get("title"))))))
    if not gathered["due_dates"]:
        print(say("no limit runs or ran here: nothing is due by law"))
    for clock in gathered["due_dates"]:
        print()
        for line in _lines(clock, gathered["today"]):
            print(hanging(line, INDENT))


def _lines(clock: Row, today: date) -> Iterator[str]:
    running = any(item["status"] == "open" for item in clock["items"])
    yield bold(say("{what}: due {day}", what=words.limit(clock["limit_id"]), day=words.due(clock["due_on"], today if running else None)))
    if clock["units"]:
        yield "  " + say("for {units}", units=", ".join(clock["units"]))
    law = f"{clock['law']} {clock['article']}".strip()
    yield "  " + say("by {law} (limit {limit}, in force from {day})", law=law, limit=clock["limit_id"], day=clock["effective_from"])
    start = words.start(clock["starts_at"])
    first = say("that day is the first") if clock.get("first_day") else say("that day is not counted")
    yield "  " + say("{span} from {start} on {day}; {first}", span=words.span(clock["amount"], clock["unit"]), start=start, day=clock["start_on"], first=first)
    if clock["skipped"]:
        yield "  " + say("{count} days skipped: {days}", count=len(clock["skipped"]), days=", ".join(clock["skipped"]))
    published = {year: version for year, version in clock["calendar"].items() if version}
    if published:
        yield "  " + say("by the calendar of {years}", years=", ".join(say("{year}, version {version}", year=year, version=published[year]) for year in published))
    if clock["provisional"]:
        missing = ", ".join(year for year, version in clock["calendar"].items() if not version)
        yield "  " + say("provisional: the calendar of {years} is not published, Monday to Friday were taken for working days", years=missing)
    yield from _held(clock["items"])


def _held(items: Sequence[Row]) -> Iterator[str]:
    for item in items:
        if item["status"] == "open":
            yield "  " + say("item {id} {name}: open", id=item["id"], name=item["name"])
        else:
            yield "  " + say("item {id} {name}: {state} on {day}", id=item["id"], name=item["name"], state=words.state(item["status"]), day=words.day(item["closed_at"]))
