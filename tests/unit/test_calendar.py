"""Limits are counted as the book's A.4 says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Calendar, TimeLimit, add_months, due


def limit(amount: int, unit: str) -> TimeLimit:
    return TimeLimit(
        limit_id="reply", amount=amount, unit=unit, starts_at="assigned", law="代表法", article="第五十一条", effective_from=date(2015, 8, 29)
    )


CALENDAR_2023 = Calendar(
    holidays=frozenset(date(2023, 9, day) for day in (29, 30)) | frozenset(date(2023, 10, day) for day in range(1, 7)),
    workdays=frozenset({date(2023, 10, 7), date(2023, 10, 8)}),
    versions={2023: 1},
)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2023, 11, 30), date(2024, 2, 29)),
        (date(2022, 11, 30), date(2023, 2, 28)),
        (date(2023, 4, 11), date(2023, 7, 11)),
        (date(2023, 12, 31), date(2024, 3, 31)),
    ],
)
def test_three_months_end_on_the_same_day_number_or_the_months_last(start: date, end: date) -> None:
    """30 November + 3 months is the last day of February."""
    assert due(limit(3, "month"), start, Calendar()).due_on == end


def test_working_days_skip_holidays_and_count_made_up_days() -> None:
    """Seven working days from 27 September 2023 end on 12 October: 28 Sept; 7, 8, 9, 10, 11, 12 Oct."""
    counted = due(limit(7, "working_day"), date(2023, 9, 27), CALENDAR_2023)

    assert counted.due_on == date(2023, 10, 12)
    assert len(counted.skipped) == 8
    assert not counted.provisional


def test_calendar_days_are_not_working_days() -> None:
    """Five days from 27 September end on 2 October, holiday or not."""
    assert due(limit(5, "day"), date(2023, 9, 27), CALENDAR_2023).due_on == date(2023, 10, 2)


def test_a_year_without_a_calendar_is_provisional() -> None:
    """Days of an unpublished year are counted Monday to Friday, and the result says so."""
    counted = due(limit(3, "working_day"), date(2023, 12, 29), CALENDAR_2023)

    assert counted.due_on == date(2024, 1, 3)
    assert counted.provisional


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 48), st.integers(0, 48))
def test_more_months_are_never_earlier(start: date, fewer: int, more: int) -> None:
    """A longer limit never ends before a shorter one."""
    assert (fewer <= more) <= (add_months(start, fewer) <= add_months(start, more))
