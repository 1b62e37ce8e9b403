"""When timers are due: ISO 8601 texts and FEEL values made into instants. Pure; the moment comes from the caller.

Days, weeks, months and years count in the jurisdiction's zone; hours, minutes and seconds are exact.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..errors import Saying
from ..feel import YearsMonths

KINDS = ("timeDate", "timeDuration", "timeCycle")
MAX_PASSED_TURNS = 50_000
"""So many turns of a cycle of days or months may lie before its deployment."""
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?)?", re.ASCII)
_REPEAT = re.compile(r"R(\d*)", re.ASCII)


class TimerError(ValueError):
    """The text or value gives no time. `saying` is the reason in any language."""

    def __init__(self, template: str, **params: object) -> None:
        self.saying = Saying(template, **params)
        super().__init__(str(self.saying))


@dataclass(frozen=True, slots=True)
class Span:
    """A duration: calendar months and days, and exact microseconds."""

    months: int
    days: int
    exact: timedelta

    @property
    def is_zero(self) -> bool:
        return not (self.months or self.days or self.exact)

    def after(self, start: datetime, zone: str) -> datetime:
        """The instant one span after `start`. Raises TimerError beyond year 9999."""
        try:
            local = start.astimezone(ZoneInfo(zone))
            if self.months:
                local = _plus_months(local, self.months)
            if self.days:
                local = local + timedelta(days=self.days)
            return local.astimezone(UTC) + self.exact
        except (OverflowError, ValueError):
            raise TimerError("the time lies beyond the year 9999") from None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The next due time of a timer. `left` counts the turns after this one; -1 is without end."""

    due_at: datetime
    every: str | None = None
    left: int = 0


def schedule(kind: str, value: object, now: datetime, zone: str) -> Schedule:
    """The first due time of a timer of this kind (an element name of `bpmn:timerEventDefinition`). Raises TimerError."""
    if kind == "timeCycle":
        return _cycle(value, now, zone)
    if kind == "timeDate":
        return Schedule(_instant(value, zone))
    return Schedule(_span(value).after(now, zone))


def following(due_at: datetime, every: str, left: int, zone: str) -> Schedule | None:
    """The next turn of a cycle, counted from when the last one was due; None when there is none."""
    if left == 0:
        return None
    try:
        return Schedule(parse_span(every).after(due_at, zone), every, left - 1 if left > 0 else left)
    except TimerError:
        return None


def first_not_before(turn: Schedule, now: datetime, zone: str) -> Schedule | None:
    """Of a cycle the first turn that does not lie before `now`; None where all do. A time that happens once stays as it is. Raises TimerError."""
    if turn.every is None or turn.due_at >= now:
        return turn
    span = parse_span(turn.every)
    if not (span.months or span.days):
        passed = -((turn.due_at - now) // span.exact)
        if 0 <= turn.left < passed:
            return None
        return Schedule(turn.due_at + passed * span.exact, turn.every, turn.left - passed if turn.left >= 0 else turn.left)
    due_at, left = turn.due_at, turn.left
    for _ in range(MAX_PASSED_TURNS):
        if left == 0:
            return None
        due_at, left = span.after(due_at, zone), left - 1 if left > 0 else left
        if due_at >= now:
            return Schedule(due_at, turn.every, left)
    raise TimerError("the cycle began more than {count} turns ago", count=MAX_PASSED_TURNS)


def check_text(kind: str, text: str) -> None:
    """Raise TimerError when a plain timer text gives no time, whatever the moment."""
    schedule(kind, text, datetime(2000, 1, 1, tzinfo=UTC), "UTC")


def parse_span(text: str) -> Span:
    """An ISO 8601 duration. Raises TimerError."""
    found = _DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()) or text.strip().endswith("T"):
        raise TimerError("{text} is no ISO 8601 duration such as P30D or PT2H", text=repr(text))
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:7])
    micros = int((found.group(8) or "0").ljust(6, "0")[:6])
    try:
        exact = timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
        timedelta(days=weeks * 7 + days)
    except OverflowError:
        raise TimerError("{text} is too long", text=repr(text)) from None
    return Span(years * 12 + months, weeks * 7 + days, exact)


def _cycle(value: object, now: datetime, zone: str) -> Schedule:
    if not isinstance(value, str):
        span = _span(value)
        return Schedule(_turn(span, now, zone), _iso(span), -1)
    parts = value.strip().split("/")
    repeat = _REPEAT.fullmatch(parts[0])
    if not repeat or not 2 <= len(parts) <= 3:
        raise TimerError("{value} is no ISO 8601 repeating interval such as R3/P1D", value=repr(value))
    left = int(repeat.group(1)) - 1 if repeat.group(1) else -1
    if repeat.group(1) and left < 0:
        raise TimerError("{value} never happens", value=repr(value))
    span = parse_span(parts[-1])
    first = _turn(span, now, zone)
    return Schedule(_instant(parts[1], zone) if len(parts) == 3 else first, parts[-1].strip(), left)


def _turn(span: Span, now: datetime, zone: str) -> datetime:
    if span.is_zero:
        raise TimerError("a cycle of no length would never end")
    return span.after(now, zone)


def _span(value: object) -> Span:
    if isinstance(value, str):
        return parse_span(value)
    if isinstance(value, timedelta):
        if value < timedelta(0):
            raise TimerError("a timer cannot wait for a negative duration")
        return Span(0, value.days, value - timedelta(days=value.days))
    if isinstance(value, YearsMonths):
        if value.months < 0:
            raise TimerError("a timer cannot wait for a negative duration")
        return Span(value.months, 0, timedelta(0))
    raise TimerError("{value} is no duration", value=_shown(value))


def _instant(value: object, zone: str) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip()) if "T" in value else date.fromisoformat(value.strip())
        except ValueError:
            raise TimerError("{value} is no ISO 8601 date or instant", value=repr(value)) from None
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))
        try:
            return aware.astimezone(UTC)
        except OverflowError:
            raise TimerError("the time lies beyond what a calendar holds") from None
    if isinstance(value, date):
        return datetime.combine(value, time(), ZoneInfo(zone)).astimezone(UTC)
    raise TimerError("{value} is no date or instant", value=_shown(value))


def _plus_months(start: datetime, months: int) -> datetime:
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    if year > 9999:
        raise OverflowError
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))


def _iso(span: Span) -> str:
    if span.months:
        return f"P{span.months}M"
    seconds = span.exact.seconds
    clock = f"T{seconds}.{span.exact.microseconds:06d}S" if seconds or span.exact.microseconds else ""
    return f"P{span.days}D{clock}"


def _shown(value: object) -> str | Saying:
    return Saying("nothing (null)") if value is None else f"{value!r}"[:80]
