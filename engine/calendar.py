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
class Due:
    """The last civil day in time, and how it was counted. `skipped`: days that were passed over while counting working days."""

    limit: TimeLimit
    start_on: date
    due_on: date
    skipped: tuple[date, ...] = ()
    provisional: bool = False
    calendar: Mapping[int, int] = field(default_factory=dict)


def due(limit: TimeLimit, start_on: date, calendar: Calendar) -> Due:
    """Last civil day on which the act is in time, counted from the day after `start_on`.

    Source: `limit.law` and `limit.article`; the versions of the calendar years used are part of the result.
    """
    if limit.unit == "month":
        return Due(limit=limit, start_on=start_on, due_on=add_months(start_on, limit.amount))
    if limit.unit == "day":
        return Due(limit=limit, start_on=start_on, due_on=start_on + timedelta(days=limit.amount))
    return _working_days(limit, start_on, calendar)


def add_months(start_on: date, months: int) -> date:
    """The same day number that many months later, else the last day of that month."""
    year, month = divmod(start_on.year * 12 + start_on.month - 1 + months, 12)
    return date(year, month + 1, min(start_on.day, monthrange(year, month + 1)[1]))


def end_of(day: date, zone: str) -> datetime:
    """The instant at which a civil day is over: 00:00 of the next day in the zone."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))


def _working_days(limit: TimeLimit, start_on: date, calendar: Calendar) -> Due:
    left, day, skipped, provisional = limit.amount, start_on, [], False
    years: dict[int, int] = {}
    for _ in range(MAX_DAYS):
        if not left:
            break
        day += timedelta(days=1)
        provisional = provisional or not calendar.is_published(day)
        years[day.year] = calendar.versions.get(day.year, 0)
        if calendar.is_working_day(day):
            left -= 1
        else:
            skipped.append(day)
    return Due(limit=limit, start_on=start_on, due_on=day, skipped=tuple(skipped), provisional=provisional, calendar=years)
