"""Timers: plain ISO texts and FEEL values, calendar months, cycles that count from when they were due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engine import kernel
from engine.errors import Rejected
from engine.feel import YearsMonths
from engine.kernel.timers import Schedule, TimerError, check_text, first_not_before, following, parse_span, schedule

from .drawing import NOON, Instance, event, line, path, task


def timer(kind: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


@pytest.mark.parametrize(
    ("kind", "value", "due"),
    [
        ("timeDuration", "PT2H", "2026-01-31T14:00:00+00:00"),
        ("timeDuration", "P1M", "2026-02-28T12:00:00+00:00"),
        ("timeDuration", timedelta(days=1, hours=1), "2026-02-01T13:00:00+00:00"),
        ("timeDuration", YearsMonths(13), "2027-02-28T12:00:00+00:00"),
        ("timeDate", "2026-03-01", "2026-02-28T16:00:00+00:00"),
        ("timeDate", date(2026, 3, 1), "2026-02-28T16:00:00+00:00"),
        ("timeDate", "2026-03-01T09:00:00+08:00", "2026-03-01T01:00:00+00:00"),
        ("timeCycle", "R3/P1D", "2026-02-01T12:00:00+00:00"),
        ("timeCycle", "R/2026-05-01T00:00:00Z/P1D", "2026-05-01T00:00:00+00:00"),
    ],
)
def test_a_time_is_reckoned_in_the_zone_of_the_jurisdiction(kind: str, value: object, due: str) -> None:
    """Seen from 31 January in Shanghai: months are calendar months, a date is its midnight there."""
    turn = schedule(kind, value, datetime(2026, 1, 31, 12, tzinfo=UTC), "Asia/Shanghai")

    assert turn.due_at.isoformat() == due


@pytest.mark.parametrize("text", ["five minutes", "P", "PT", "P1X", "-P1D", "R3", "R0/P1D", "R-1/P1D", "R/PT0S", "P1000000Y", "P99999999999D"])
def test_a_text_that_gives_no_time_is_an_error(text: str) -> None:
    """Neither a cycle nor a duration comes of it, and no overflow escapes."""
    with pytest.raises(TimerError):
        check_text("timeCycle" if text.startswith("R") else "timeDuration", text)


def test_spans_are_exact_to_the_microsecond() -> None:
    """Fractions of a second are kept as written, to six digits."""
    assert parse_span("PT0.5S").exact == timedelta(milliseconds=500)


@pytest.mark.parametrize("every", ["PT7H", "P1D", "P1M", "P1DT1H"])
@pytest.mark.parametrize("left", [-1, 0, 5, 9, 400])
def test_turns_that_lie_before_are_passed_over_one_by_one(every: str, left: int) -> None:
    """However it is counted, the first turn that is not before a moment is the one that is reached turn by turn, and as many are left."""
    first = Schedule(datetime(2026, 1, 31, 12, tzinfo=UTC), every, left)
    for now in (first.due_at - timedelta(1), first.due_at, first.due_at + timedelta(hours=70), first.due_at + timedelta(days=61)):
        stepwise: Schedule | None = first
        while stepwise is not None and stepwise.due_at < now:
            stepwise = following(stepwise.due_at, every, stepwise.left, "Asia/Shanghai")

        assert first_not_before(first, now, "Asia/Shanghai") == stepwise


def cycling() -> Instance:
    boundary = event("boundaryEvent", "b", timer("timeCycle", "R3/P1D"), attachedToRef="u", cancelActivity="false")
    return Instance(line(task("userTask", "u"), beside=f"{boundary}{task('task', 'remind')}{path('b', 'remind')}"))


def test_a_cycle_counts_from_when_it_was_due() -> None:
    """Fired late, the next turn is still one period after the time the last one was due; after the last there is none."""
    instance = cycling()
    dues = []

    for _ in range(3):
        set_one = instance.last.timers_set[0]
        dues.append(set_one.due_at - NOON)
        instance.now = set_one.due_at + timedelta(hours=5)
        step = instance.do(kernel.FireTimer(set_one.n, set_one.due_at))
        assert step.timers_closed == ((set_one.n, "completed"),)

    assert dues == [timedelta(days=1), timedelta(days=2), timedelta(days=3)]
    assert not instance.last.timers_set
    assert instance.open == [("u", "item")]


def test_a_timer_cannot_fire_before_it_is_due() -> None:
    """A moment before the due time is refused; nothing changes."""
    instance = cycling()
    set_one = instance.last.timers_set[0]

    with pytest.raises(Rejected) as refusal:
        instance.do(kernel.FireTimer(set_one.n, set_one.due_at))
    assert refusal.value.code == "not_due"


def test_a_guarding_timer_without_a_limit_is_not_set() -> None:
    """A boundary timer whose limit is unset (null) counts nothing; the notes say so, and the work goes on."""
    boundary = event("boundaryEvent", "b", timer("timeDate", "=due(&quot;reply&quot;, today())"), attachedToRef="u")
    data = line(task("userTask", "u"), beside=f"{boundary}{task('task', 'late')}{path('b', 'late')}")

    instance = Instance(data, due=lambda limit, day: None)

    assert instance.open == [("u", "item")]
    assert not instance.last.timers_set
    assert instance.last.notes[0][:2] == ("timer_unset", "b")


def test_a_waiting_timer_without_a_time_is_an_incident() -> None:
    """A catch event that has nothing to wait for would wait for ever."""
    instance = Instance(line(event("intermediateCatchEvent", "c", timer("timeDuration", "=null"))))

    assert [(one.element_id, one.code) for one in instance.last.incidents_opened] == [("c", "timer")]
