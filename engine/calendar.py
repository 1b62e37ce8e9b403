"""Limits (期限) and the working-day calendar: the last day on which an act is in time, with its working shown. Pure.

Months are calendar months (30 Nov + 3 months = 28 or 29 Feb); the day of the start is not counted; days of a year whose calendar is
not published are counted Monday to Friday and make the result provisional. Figures come as data (`time_limits.dmn`), never from here.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MAX_DAYS = 3_660
"""No limit reaches further than ten years: a bound on the counting loop."""


@dataclass(frozen=True, kw_only=True)
class TimeLimit:
    """One row of the limit table. `unit`: day | working_day | month."""

    limit_id: str
    amount: int
    unit: str
    starts_at: str
    law: str
    article: str
    effective_from: date


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Published holidays and made-up working days. `versions`: year -> version of the calendar in force."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    versions: Mapping[int, int] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        if day in self.workdays:
            return True
        return day.weekday() < 5 and day not in self.holidays

    def is_published(self, day: date) -> bool:
        return day.year in self.versions


@dataclass(frozen=True, kw_only=True)
class Counting:
    """How days are counted where no text says (设置 countFirstDay, dueDateRoll).

    `first_day`: the day of the start is the first day. `roll`: a limit in days or months whose last day is no working day ends on the
    next working day.
    """

    first_day: bool = False
    roll: bool = False


STRICT = Counting()
"""The day of the start is not counted, and the last day is the last day."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """The last civil day in time, and how it was counted.

    `skipped`: days passed over while counting working days, or while rolling to the next one. `provisional`: the date lies in a year
    whose calendar is not published, or was counted through one. `calendar`: the versions of the years looked at, 0 for none.
    """

    limit: TimeLimit
    start_on: date
    due_on: date
    counting: Counting = STRICT
    skipped: tuple[date, ...] = ()
    provisional: bool = False
    calendar: Mapping[int, int] = field(default_factory=dict)


def due(limit: TimeLimit, start_on: date, calendar: Calendar, counting: Counting = STRICT) -> Due:
    """Last civil day on which the act is in time.

    Source: `limit.law` and `limit.article`; the versions of the calendar years used are part of the result.
    """
    before = start_on - timedelta(days=1) if counting.first_day else start_on
    if limit.unit == "working_day":
        seen, skipped = _working_days(limit.amount, before, calendar)
    else:
        last = _last_day(limit, start_on, counting)
        seen, skipped = _rolled(last, calendar) if counting.roll else ([last], [])
    return Due(
        limit=limit,
        start_on=start_on,
        due_on=seen[-1],
        counting=counting,
        skipped=tuple(skipped),
        provisional=not all(map(calendar.is_published, seen)),
        calendar={year: calendar.versions.get(year, 0) for year in sorted({day.year for day in seen})},
    )


def _last_day(limit: TimeLimit, start_on: date, counting: Counting) -> date:
    if limit.unit == "month":
        return add_months(start_on, limit.amount) - timedelta(days=counting.first_day)
    return start_on + timedelta(days=limit.amount - counting.first_day)


def add_months(start_on: date, months: int) -> date:
    """The same day number that many months later, else the last day of that month."""
    year, month = divmod(start_on.year * 12 + start_on.month - 1 + months, 12)
    return date(year, month + 1, min(start_on.day, monthrange(year, month + 1)[1]))


def end_of(day: date, zone: str) -> datetime:
    """The instant at which a civil day is over: 00:00 of the next day in the zone."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))


def _working_days(amount: int, before: date, calendar: Calendar) -> tuple[list[date], list[date]]:
    """Every day looked at, the last of them the due date, and those that were skipped."""
    day, seen, skipped = before, [before], []
    for _ in range(MAX_DAYS):
        if not amount:
            break
        day += timedelta(days=1)
        seen.append(day)
        if calendar.is_working_day(day):
            amount -= 1
        else:
            skipped.append(day)
    return seen[1:] or seen, skipped


def _rolled(day: date, calendar: Calendar) -> tuple[list[date], list[date]]:
    """The day and those after it up to the next working day; all but the last are skipped."""
    seen = [day]
    while not calendar.is_working_day(seen[-1]) and len(seen) < MAX_DAYS:
        seen.append(seen[-1] + timedelta(days=1))
    return seen, seen[:-1]
