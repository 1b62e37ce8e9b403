"""Workings of due dates: which one belongs to which work item or timer, and what becomes of it when a calendar is amended. Pure.

A working is the JSON of a `Due`: limit row, law and article, start, days skipped, calendar versions. What was counted keeps its limit
and its start for ever; only the days are counted again, by the calendar that is now in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .calendar import Calendar, Counting, Due, TimeLimit, due
from .events import Json
from .instants import from_microseconds, instant
from .registry import Select, Where

CALENDAR = Select(table="calendar_year", order=("year", "version"), limit=10_000)
"""All versions of all years."""


COUNTED = {
    "items": Select(
        table="work_item",
        columns=("id", "instance_id", "case_id", "element_id", "due", "due_on"),
        where=(Where(column="status", value="open"), Where(column="due_on", op="not_null")),
        order=("id",),
        limit=1_000_000,
    ),
    "timers": Select(
        table="timer",
        columns=("id", "instance_id", "case_id", "element_id", "due", "due_at"),
        where=(Where(column="status", value="open"),),
        order=("id",),
        limit=1_000_000,
    ),
}
"""What is open and may have been counted by the calendar."""


def calendar_of(rows: Iterable[Mapping[str, Any]]) -> Calendar:
    """The calendar in force: of each year the newest of the rows of `CALENDAR`."""
    newest = {row["year"]: row for row in rows}
    return Calendar(
        holidays=frozenset(date.fromisoformat(day) for row in newest.values() for day in row["holidays"]),
        workdays=frozenset(date.fromisoformat(day) for row in newest.values() for day in row["workdays"]),
        versions={year: row["version"] for year, row in newest.items()},
    )


@dataclass
class Workings:
    """The workings of one step. `asked`: of each host call in order, None for one that counted nothing; `again`: by item or timer."""

    asked: list[Json] = field(default_factory=list)
    again: Mapping[str, Json] = field(default_factory=dict)

    def of(self, identifier: str, counted_by: Sequence[int], due_on: str | None) -> Json:
        """The working of a due date: of the calls it was made of, else of the one limit that gave this very day in the step.

        None where no limit gave it, or where two did and it cannot be told which.
        """
        if identifier in self.again:
            return self.again[identifier]
        own = [self.asked[call] for call in counted_by if self.asked[call] is not None]
        exact = [working for working in own if working["due_on"] == due_on]
        if own:
            return (exact or own)[-1]
        same = [working for working in self.asked if working is not None and working["due_on"] == due_on]
        return same[-1] if same and len({working["limit_id"] for working in same}) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A due date that is now another. `kind`: work_item | timer; `due`: the new date (ISO) or instant; `working`: the new one."""

    kind: str
    id: str
    due: str | int
    working: Mapping[str, Any]


def counted_again(working: Mapping[str, Any], calendar: Calendar) -> Mapping[str, Any]:
    """The working by this calendar: the same limit from the same start."""
    limit = TimeLimit(**{name: working[name] for name in _LIMIT}, effective_from=date.fromisoformat(working["effective_from"]))
    counting = Counting(first_day=working.get("first_day", False), roll=working.get("roll", False))
    return working_to_json(due(limit, date.fromisoformat(working["start_on"]), calendar, counting))


def moves(items: Iterable[Mapping[str, Any]], timers: Iterable[Mapping[str, Any]], calendar: Calendar, zone: str) -> list[Moved]:
    """Which of these rows of open items and timers fall due on another day by this calendar, or are counted by other versions of it.

    What was set some days before or after its due date moves by as many days as that date.
    """
    found = []
    for row, working in counted_otherwise(items, calendar):
        found.append(Moved(kind="work_item", id=row["id"], due=_later_day(row["due_on"], _by(row, working)), working=working))
    for row, working in counted_otherwise(timers, calendar):
        found.append(Moved(kind="timer", id=row["id"], due=_later_instant(row["due_at"], _by(row, working), zone), working=working))
    return found


def counted_otherwise(rows: Iterable[Mapping[str, Any]], calendar: Calendar) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The rows whose working (`due`) is another by this calendar, each with that working."""
    for row in rows:
        if row["due"] is not None and (working := counted_again(row["due"], calendar)) != row["due"]:
            yield row, working


def _by(row: Mapping[str, Any], working: Mapping[str, Any]) -> timedelta:
    return date.fromisoformat(working["due_on"]) - date.fromisoformat(row["due"]["due_on"])


def recorded(reads: Iterable[Json]) -> Iterator[Json]:
    """The workings among what a row of history recorded as read."""
    for kind, _, answer in reads:
        if kind == "function" and answer[1] is not None:
            yield answer[1]
        elif kind == "counted_again":
            yield from (working for _, _, _, working in answer)


def _later_day(day: str | date, by: timedelta) -> str:
    return ((day if isinstance(day, date) else date.fromisoformat(day)) + by).isoformat()


def _later_instant(at: int, by: timedelta, zone: str) -> int:
    local = from_microseconds(at).astimezone(ZoneInfo(zone))
    return instant((local.replace(tzinfo=None) + by).replace(tzinfo=ZoneInfo(zone)))


_LIMIT = ("limit_id", "amount", "unit", "starts_at", "law", "article")


def working_to_json(counted: Due) -> dict[str, Json]:
    """The working of a due date: limit row, law and article, start, each skipped day, calendar versions."""
    limit = counted.limit
    return {
        "limit_id": limit.limit_id,
        "amount": limit.amount,
        "unit": limit.unit,
        "starts_at": limit.starts_at,
        "law": limit.law,
        "article": limit.article,
        "effective_from": limit.effective_from.isoformat(),
        "start_on": counted.start_on.isoformat(),
        "due_on": counted.due_on.isoformat(),
        "first_day": counted.counting.first_day,
        "roll": counted.counting.roll,
        "skipped": [day.isoformat() for day in counted.skipped],
        "provisional": counted.provisional,
        "calendar": {str(year): version for year, version in counted.calendar.items()},
    }
