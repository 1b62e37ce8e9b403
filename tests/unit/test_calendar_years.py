"""The calendars that come with the product say of every day what an independent source says."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from engine.calendar import Calendar

CALENDARS = Path(__file__).parents[2] / "processes" / "calendars"
COUNT = """
from datetime import date, datetime, UTC
from engine.calendar import Calendar, TimeLimit, due, end_of
for amount, unit in ((7, "working_day"), (5, "day"), (3, "month")):
    limit = TimeLimit(limit_id="x", amount=amount, unit=unit, starts_at="assigned", law="", article="", effective_from=date(2000, 1, 1))
    day = due(limit, date(2023, 11, 30), Calendar()).due_on
    print(day, end_of(day, "Asia/Shanghai").astimezone(UTC))
"""


@pytest.mark.parametrize("year", range(2019, 2027))
def test_every_day_of_a_year_is_a_working_day_in_both_or_in_neither(year: int) -> None:
    """No day of 2019 to 2026 differs."""
    document = json.loads((CALENDARS / f"{year}.json").read_text(encoding="utf-8"))
    holidays, workdays = (frozenset(map(date.fromisoformat, document[kind])) for kind in ("holidays", "workdays"))
    ours = Calendar(holidays=holidays, workdays=workdays, versions={year: 1})
    days = [date(year, 1, 1) + timedelta(days=count) for count in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]

    differing = [day for day in days if ours.is_working_day(day) != chinese_calendar.is_workday(day)]

    assert differing == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Urumqi"])
def test_the_zone_of_the_machine_moves_no_due_date(zone: str) -> None:
    """The last day, and the instant at which it is over in the congress's zone, are the same wherever the program runs."""
    told = subprocess.run([sys.executable, "-c", COUNT], env={**os.environ, "TZ": zone}, cwd=CALENDARS.parents[1], capture_output=True, text=True, check=True)

    assert told.stdout.splitlines() == [
        "2023-12-11 2023-12-11 16:00:00+00:00",
        "2023-12-05 2023-12-05 16:00:00+00:00",
        "2024-02-29 2024-02-29 16:00:00+00:00",
    ]
