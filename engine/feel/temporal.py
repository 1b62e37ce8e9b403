"""Dates, times and durations: reading, writing, arithmetic, properties. Pure; never asks the clock.

Limits of this implementation: years 1 to 9999, microseconds. What lies outside is Undefined, never cut off silently.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import Saying
from .errors import Undefined
from .kinds import Value, YearsMonths
from .numbers import Number, canonical, divide, multiply

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(
    r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:([Zz])|([+-])(\d{2}):(\d{2})(?::(\d{2}))?|@([A-Za-z0-9_+\-/]+))?", re.ASCII
)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*", re.ASCII)
_YEARS_MONTHS = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
_DAYS_TIME = re.compile(
    r"(-?)P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?", re.ASCII
)
_WEEKS = re.compile(r"(-?)P(\d+)W", re.ASCII)
_MICROSECOND = timedelta(microseconds=1)
_DIGITS_MAX = 18
_MONTHS_MAX = 12 * 10**9


def zone_of(name: str) -> tzinfo:
    """The zone of this name. Raises Undefined for one that is unknown."""
    if not _ZONE.fullmatch(name):
        raise Undefined(template="there is no zone {name}", name=name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Undefined(template="there is no zone {name}", name=name) from None


def parse_date(text: str) -> date:
    """2026-01-05. Raises Undefined."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise Undefined(template='"{text}" is no date such as 2026-01-05', text=text[:40])
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as fault:
        raise Undefined(template='"{text}" is no date: {fault}', text=text, fault=Saying(str(fault))) from None


def parse_time(text: str) -> time:
    """09:30:00, with an optional fraction and an optional Z, +08:00 or @Asia/Shanghai. Raises Undefined."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise Undefined(template='"{text}" is no time such as 09:30:00', text=text[:40])
    try:
        return time(int(match[1]), int(match[2]), int(match[3]), _microseconds(match[4]), _zone(match))
    except ValueError as fault:
        raise Undefined(template='"{text}" is no time: {fault}', text=text, fault=Saying(str(fault))) from None


def parse_datetime(text: str) -> datetime:
    """2026-01-05T09:30:00 with an optional zone; a date alone is its midnight. Raises Undefined."""
    day, separator, rest = text.partition("T")
    if not separator:
        return datetime.combine(parse_date(day), time())
    return datetime.combine(parse_date(day), parse_time(rest))


def parse_duration(text: str) -> timedelta | YearsMonths:
    """P1Y2M, P1DT2H30M, P2W, -PT5M. Raises Undefined; a mixture of months and days is no FEEL duration."""
    if len(text) > 100:
        raise Undefined(template="the duration has too many characters")
    match = _YEARS_MONTHS.fullmatch(text)
    if match is not None and (match[2] or match[3]):
        if max(len(match[2] or ""), len(match[3] or "")) > _DIGITS_MAX:
            raise Undefined(template='the duration "{text}" is too long', text=text)
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return years_months(-months if match[1] else months)
    match = _WEEKS.fullmatch(text)
    if match is not None:
        return _span(match[1], 7 * _count(match[2]), 0, 0, 0, 0)
    match = _DAYS_TIME.fullmatch(text)
    if match is None or not any(match[index] for index in range(2, 6)):
        raise Undefined(template='"{text}" is no duration such as P30D, P3M or PT2H', text=text)
    days, hours, minutes, seconds = (_count(match[index]) for index in range(2, 6))
    return _span(match[1], days, hours, minutes, seconds, _microseconds(match[6]))


def parse_any(text: str) -> Value:
    """The date, time, date and time or duration that an @"…" literal means. Raises Undefined."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if "T" in text.partition("@")[0]:
        return parse_datetime(text)
    return parse_time(text) if text[2:3] == ":" else parse_date(text)


def years_months(months: int) -> YearsMonths:
    """A duration of so many months. Raises Undefined beyond a thousand million years."""
    if abs(months) > _MONTHS_MAX:
        raise Undefined(template="the duration is too long")
    return YearsMonths(months)


def _count(digits: str | None) -> int:
    if digits and len(digits) > _DIGITS_MAX:
        raise Undefined(template="the duration is too long")
    return int(digits or 0)


def _span(sign: str, days: int, hours: int, minutes: int, seconds: int, microseconds: int) -> timedelta:
    try:
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds)
        return -span if sign else span
    except OverflowError:
        raise Undefined(template="the duration is too long") from None


def _microseconds(fraction: str | None) -> int:
    digits = (fraction or "").rstrip("0")
    if len(digits) > 6:
        raise Undefined(template="fractions finer than a microsecond are not supported")
    return int(digits.ljust(6, "0"))


def _zone(match: re.Match[str]) -> tzinfo | None:
    if match[5]:
        return UTC
    if match[6]:
        hours, minutes, seconds = int(match[7]), int(match[8]), int(match[9] or 0)
        if hours > 14 or minutes > 59 or seconds > 59:
            raise Undefined(template="an offset is at most 14 hours")
        span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return timezone(-span if match[6] == "-" else span)
    return zone_of(match[10]) if match[10] else None


# Writing


def temporal_text(value: Value) -> str:
    """The ISO 8601 text of a date, time, date and time or duration; a named zone stands after @."""
    if type(value) is date:
        return value.isoformat()
    if type(value) is datetime or type(value) is time:
        zone = value.tzinfo
        text = value.replace(tzinfo=None).isoformat()
        if "." in text:
            text = text.rstrip("0")
        if zone is None:
            return text
        if isinstance(zone, ZoneInfo):
            return f"{text}@{zone.key}"
        return text + _offset_text(value.utcoffset() or timedelta())
    if type(value) is YearsMonths:
        return _months_text(value.months)
    if type(value) is timedelta:
        return _span_text(value)
    raise Undefined(template="this is neither a date, a time nor a duration")


def _offset_text(offset: timedelta) -> str:
    seconds = abs(offset) // timedelta(seconds=1)
    if not seconds:
        return "Z"
    text = f"{'-' if offset < timedelta() else '+'}{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return text + (f":{seconds % 60:02}" if seconds % 60 else "")


def _months_text(months: int) -> str:
    years, rest = divmod(abs(months), 12)
    text = (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
    return ("-" if months < 0 else "") + "P" + (text or "0M")


def _span_text(span: timedelta) -> str:
    length = abs(span)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    second = f"{seconds}.{length.microseconds:06}".rstrip("0") if length.microseconds else str(seconds)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{second}S" if second != "0" else "")
    text = (f"{length.days}D" if length.days else "") + (f"T{clock}" if clock else "")
    return ("-" if span < timedelta() else "") + "P" + (text or "T0S")


# Arithmetic


def add(left: Value, right: Value) -> Value:
    """left + right where one is a duration. Raises Undefined."""
    for one, other in ((left, right), (right, left)):
        if type(other) is timedelta or type(other) is YearsMonths:
            if type(one) is type(other):
                return _sum(one, other, 1)
            if type(one) in (date, datetime, time):
                return _moved(one, other, 1)
    raise Undefined(template="these kinds do not add")


def subtract(left: Value, right: Value) -> Value:
    """left - right of dates, times and durations. Raises Undefined."""
    if type(left) is type(right) and type(left) in (timedelta, YearsMonths):
        return _sum(left, right, -1)
    if type(right) in (timedelta, YearsMonths):
        return _moved(left, right, -1)
    if type(left) is time and type(right) is time:
        return clock_position(left) - clock_position(right, like=left)
    if type(left) in (date, datetime) and type(right) in (date, datetime):
        first, second = instant_pair(left, right)
        return first - second
    raise Undefined(template="these kinds do not subtract")


def _sum(left: Value, right: Value, sign: int) -> Value:
    if type(left) is YearsMonths and type(right) is YearsMonths:
        return years_months(left.months + sign * right.months)
    assert type(left) is timedelta
    assert type(right) is timedelta
    try:
        return left + sign * right
    except OverflowError:
        raise Undefined(template="the duration is too long") from None


def _moved(start: Value, span: Value, sign: int) -> Value:
    try:
        if type(start) is time:
            if type(span) is not timedelta:
                raise Undefined(template="months do not add to a time of day")
            day = datetime.combine(date(2000, 1, 1), start.replace(tzinfo=None)) + sign * (span % timedelta(days=1))
            return day.time().replace(tzinfo=start.tzinfo)
        if type(start) is date:
            if type(span) is YearsMonths:
                return _months_later(start, sign * span.months)
            assert type(span) is timedelta
            return (datetime.combine(start, time()) + sign * span).date()
        if type(start) is datetime:
            if type(span) is YearsMonths:
                return datetime.combine(_months_later(start.date(), sign * span.months), start.timetz())
            assert type(span) is timedelta
            if isinstance(start.tzinfo, ZoneInfo):
                # Across a change of summer time only instants add up.
                return (start.astimezone(UTC) + sign * span).astimezone(start.tzinfo)
            return start + sign * span
    except (OverflowError, ValueError):
        raise Undefined(template="the date lies outside the years 1 to 9999") from None
    raise Undefined(template="these kinds do not go together")


def _months_later(start: date, months: int) -> date:
    """The same day so many months later, or the last day of that month when it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Undefined(template="the date lies outside the years 1 to 9999")
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def last_of_month(day: date) -> date:
    """The last day of the month of this day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def scaled(span: Value, factor: Number) -> Value:
    """A duration times a number; months are cut to whole ones. Raises Undefined."""
    if type(span) is YearsMonths:
        return years_months(int(multiply(span.months, factor)))
    assert type(span) is timedelta
    return _from_microseconds(multiply(span // _MICROSECOND, factor))


def shared(span: Value, divisor: Value) -> Value:
    """A duration divided by a number, or by a duration of its own kind. Raises Undefined."""
    if type(divisor) is int or type(divisor) is Decimal:
        if type(span) is YearsMonths:
            return years_months(int(divide(span.months, divisor)))
        assert type(span) is timedelta
        return _from_microseconds(divide(span // _MICROSECOND, divisor))
    if type(span) is YearsMonths and type(divisor) is YearsMonths:
        return divide(span.months, divisor.months)
    if type(span) is timedelta and type(divisor) is timedelta:
        return divide(span // _MICROSECOND, divisor // _MICROSECOND)
    raise Undefined(template="these kinds do not divide")


def _from_microseconds(count: Number) -> timedelta:
    if not -(10**24) < count < 10**24:
        raise Undefined(template="the duration is too long")
    return _span("", 0, 0, 0, 0, int(count))


def whole_months(start: date, end: date) -> YearsMonths:
    """The whole months from start to end, negative when end is earlier."""
    if end < start:
        return YearsMonths(-whole_months(end, start).months)
    months = (end.year - start.year) * 12 + end.month - start.month
    return YearsMonths(months - (end.day < start.day))


# Comparing


def instant_pair(left: Value, right: Value) -> tuple[datetime, datetime]:
    """Both as comparable date and times; a bare date is midnight, in UTC beside one with a zone. Raises Undefined."""
    first = datetime.combine(left, time()) if type(left) is date else left
    second = datetime.combine(right, time()) if type(right) is date else right
    assert isinstance(first, datetime)
    assert isinstance(second, datetime)
    if (first.tzinfo is None) != (second.tzinfo is None):
        if type(left) is date:
            first = first.replace(tzinfo=UTC)
        elif type(right) is date:
            second = second.replace(tzinfo=UTC)
        else:
            raise Undefined(template="one of the two has a zone, the other has none")
    return _with_plain_offset(first), _with_plain_offset(second)


def _with_plain_offset(moment: datetime) -> datetime:
    """The same instant, comparable with any other, though in UTC it may lie outside the years 1 to 9999."""
    if moment.tzinfo is None:
        return moment
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()), fold=0)


def clock_position(moment: time, like: time | None = None) -> timedelta:
    """How far the time is from midnight, UTC if it has an offset. Raises Undefined unless its zone fits `like`."""
    position = timedelta(
        hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond
    )
    other = moment if like is None else like
    offset, other_offset = moment.utcoffset(), other.utcoffset()
    if (offset is None) != (other_offset is None) or (offset is None and str(moment.tzinfo) != str(other.tzinfo)):
        raise Undefined(template="the zones of the two times cannot be compared")
    return position if offset is None else position - offset


def zones_differ(left: time, right: time) -> bool:
    """Whether one has a zone and the other none, or both have zones of different names; offset and name may be the same."""
    if left.tzinfo is None or right.tzinfo is None:
        return left.tzinfo is not right.tzinfo
    return isinstance(left.tzinfo, ZoneInfo) and isinstance(right.tzinfo, ZoneInfo) and left.tzinfo.key != right.tzinfo.key


# Properties


def _offset(value: datetime | time) -> Value:
    return value.utcoffset()


def _zone_name(value: datetime | time) -> Value:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _part(unit: timedelta, whole: timedelta | None) -> Callable[[timedelta], Value]:
    def part(span: timedelta) -> int:
        length = abs(span) if whole is None else abs(span) % whole
        return (length // unit) * (-1 if span < timedelta() else 1)

    return part


def _seconds(span: timedelta) -> Value:
    length = abs(span) % timedelta(minutes=1)
    return canonical(Decimal((-1 if span < timedelta() else 1) * (length // _MICROSECOND)).scaleb(-6))


_DAY: dict[str, Callable[..., Value]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: value.isoweekday(),
}
_CLOCK: dict[str, Callable[..., Value]] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: canonical(Decimal(value.second * 10**6 + value.microsecond).scaleb(-6)),
    "time offset": _offset,
    "timezone": _zone_name,
}
PROPERTIES: dict[type, dict[str, Callable[..., Value]]] = {
    date: _DAY,
    time: _CLOCK,
    datetime: {**_DAY, **_CLOCK},
    timedelta: {
        "days": _part(timedelta(days=1), None),
        "hours": _part(timedelta(hours=1), timedelta(days=1)),
        "minutes": _part(timedelta(minutes=1), timedelta(hours=1)),
        "seconds": _seconds,
    },
    YearsMonths: {
        "years": lambda span: abs(span.months) // 12 * (-1 if span.months < 0 else 1),
        "months": lambda span: abs(span.months) % 12 * (-1 if span.months < 0 else 1),
    },
}
