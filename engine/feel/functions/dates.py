"""Functions on dates and times (DMN 1.3, 10.3.4.7 and 10.3.4.8), and the moment: now, today."""

from datetime import UTC, date, datetime, timezone

from ...errors import Saying, said_of
from .. import temporal
from ..context import Run
from ..errors import FeelError, Undefined
from ..kinds import Value, kind
from ..operators import equal
from .signature import function

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def civil_now(run: Run) -> datetime:
    """The moment of the context in the jurisdiction's zone, with its plain offset. Raises FeelError, Undefined."""
    now = run.context.now
    if now is None:
        raise Undefined("this expression may not ask for the time")
    if now.tzinfo is None:
        raise FeelError("the moment of the context has no zone", run.text)
    try:
        local = now.astimezone(temporal.zone_of(run.context.zone))
    except (Undefined, OverflowError) as fault:
        raise FeelError(Saying("the moment of the context: {fault}", fault=said_of(fault)), run.text) from None
    offset = local.utcoffset()
    return local.replace(tzinfo=timezone(offset) if offset else UTC)


@function("now")
def _now(run: Run) -> datetime:
    return civil_now(run)


@function("today")
def _today(run: Run) -> date:
    return civil_now(run).date()


def _day(value: Value) -> date:
    if type(value) is datetime:
        return value.date()
    if type(value) is date:
        return value
    raise Undefined("a {kind} is no date", kind=kind(value))


@function("day of year", "date: any")
def _day_of_year(run: Run, value: Value) -> int:
    return _day(value).timetuple().tm_yday


@function("day of week", "date: any")
def _day_of_week(run: Run, value: Value) -> str:
    return _DAYS[_day(value).weekday()]


@function("month of year", "date: any")
def _month_of_year(run: Run, value: Value) -> str:
    return _MONTHS[_day(value).month - 1]


@function("week of year", "date: any")
def _week_of_year(run: Run, value: Value) -> int:
    return _day(value).isocalendar().week


@function("last day of month", "date: any")
def _last_day_of_month(run: Run, value: Value) -> date:
    day = _day(value)
    return temporal.last_of_month(day)


@function("is", "value1: any, value2: any")
def _is(run: Run, first: Value, second: Value) -> bool:
    if type(first) is not type(second):
        return kind(first) == kind(second) == "number" and first == second
    if type(first) is datetime or kind(first) == "time":
        return temporal.temporal_text(first) == temporal.temporal_text(second)
    return equal(run, first, second) is True
