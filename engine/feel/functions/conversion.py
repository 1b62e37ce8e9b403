"""Functions that turn one kind into another (DMN 1.3, 10.3.4.1): string, number, date, time, duration."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import cast

from ...errors import said_of
from .. import temporal
from ..context import Run
from ..errors import FeelError, Undefined
from ..kinds import NUMBERS, TEMPORAL, Range, Value, YearsMonths, kind
from ..numbers import Number, canonical, number_text
from .signature import function

_MAX_DEPTH = 100
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)


@function("string", "from: any")
def _string(run: Run, value: Value) -> str | None:
    if value is None:
        return None
    parts: list[str] = []
    _write(run, value, parts, 0)
    run.charge_text(sum(map(len, parts)))
    return "".join(parts)


def _write(run: Run, value: Value, parts: list[str], depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise FeelError("a value nested too deeply to be written", run.text)
    if type(value) is str:
        run.charge_text(len(value))
        parts.append(value if depth == 0 else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
    elif type(value) is list or type(value) is dict:
        run.charge(len(value))
        _write_parts(run, value, parts, depth)
    elif type(value) is Range:
        parts.append("[" if value.low_included else "(")
        for end, sign in ((value.low, ".."), (value.high, "]" if value.high_included else ")")):
            _write(run, end, parts, depth + 1)
            parts.append(sign)
    else:
        parts.append(_scalar(value))


def _write_parts(run: Run, value: list[Value] | dict[str, Value], parts: list[str], depth: int) -> None:
    is_list = type(value) is list
    parts.append("[" if is_list else "{")
    for index, key in enumerate(value):
        parts.append(", " if index else "")
        if is_list:
            _write(run, key, parts, depth + 1)
        else:
            parts.append(f"{key}: ")
            _write(run, cast(dict[str, Value], value)[cast(str, key)], parts, depth + 1)
    parts.append("]" if is_list else "}")


def _scalar(value: Value) -> str:
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) in NUMBERS:
        return number_text(cast(Number, value))
    if type(value) in TEMPORAL:
        return temporal.temporal_text(value)
    raise Undefined("a {kind} has no text", kind=kind(value))


@function("number", "from: string")
def _number(run: Run, text: str) -> Number:
    return parse_number(text)


def parse_number(text: str) -> Number:
    """The number that the text shows, with a point. Raises Undefined."""
    if len(text) > 100 or not _NUMBER.fullmatch(text):
        raise Undefined('"{text}" is no number', text=text[:40])
    return canonical(Decimal(text))


@function("number", "from: string, grouping separator: any, decimal separator: any")
def _number_grouped(run: Run, text: str, grouping: Value, point: Value) -> Number:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (point and grouping == point):
        raise Undefined("the separators are space, comma or point, and differ")
    if grouping is not None:
        text = text.replace(cast(str, grouping), "")
    if point == "," and "." in text:
        raise Undefined('"{text}" is no number', text=text[:40])
    return parse_number(text.replace(",", ".") if point == "," else text)


@function("date", "from: any")
def _date(run: Run, value: Value) -> date:
    if type(value) is str:
        return temporal.parse_date(value)
    return _civil(value)


@function("date", "year: number, month: number, day: number")
def _date_of(run: Run, year: Value, month: Value, day: Value) -> date:
    try:
        return date(*_wholes(year, month, day))
    except (ValueError, OverflowError) as fault:
        raise Undefined("there is no such date: {fault}", fault=said_of(fault)) from None


@function("time", "from: any")
def _time(run: Run, value: Value) -> time:
    if type(value) is str:
        return temporal.parse_time(value)
    if type(value) is datetime:
        return value.timetz()
    if type(value) is date:
        return time(tzinfo=UTC)
    if type(value) is time:
        return value
    raise Undefined("a {kind} is no time", kind=kind(value))


@function("time", "hour: number, minute: number, second: number, offset?: any")
def _time_of(run: Run, hour: Value, minute: Value, second: Number, offset: Value = None) -> time:
    if offset is None:
        zone = None
    elif type(offset) is timedelta and abs(offset) <= timedelta(hours=14):
        zone = timezone(offset) if offset else UTC
    else:
        raise Undefined("the offset must be a duration of at most 14 hours")
    micro = canonical(Decimal(second) * 1_000_000) if 0 <= second < 60 else None
    if type(micro) is not int:
        raise Undefined("the second must be from 0 to below 60, in microseconds at the finest")
    hours, minutes = _wholes(hour, minute)
    try:
        return time(hours, minutes, micro // 10**6, micro % 10**6, zone)
    except (ValueError, OverflowError) as fault:
        raise Undefined("there is no such time: {fault}", fault=said_of(fault)) from None


def _wholes(*values: Value) -> list[int]:
    if any(type(value) is not int for value in values):
        raise Undefined("the parts must be whole numbers")
    return cast(list[int], list(values))


@function("date and time", "from: any")
def _date_and_time(run: Run, value: Value) -> datetime:
    if type(value) is str:
        return temporal.parse_datetime(value)
    if type(value) is datetime:
        return value
    if type(value) is date:
        return datetime.combine(value, time())
    raise Undefined("a {kind} is no date and time", kind=kind(value))


@function("date and time", "date: any, time: time")
def _date_and_time_of(run: Run, day: Value, clock: time) -> datetime:
    return datetime.combine(_civil(day), clock)


def _civil(value: Value) -> date:
    if type(value) is datetime:
        return value.date()
    if type(value) is date:
        return value
    raise Undefined("a {kind} is no date", kind=kind(value))


@function("duration", "from: any")
def _duration(run: Run, value: Value) -> timedelta | YearsMonths:
    if type(value) is timedelta or type(value) is YearsMonths:
        return value
    if type(value) is not str:
        raise Undefined("a {kind} is no duration", kind=kind(value))
    return temporal.parse_duration(value)


@function("years and months duration", "from: any, to: any")
def _years_and_months_duration(run: Run, start: Value, end: Value) -> YearsMonths:
    return temporal.whole_months(_civil(start), _civil(end))
