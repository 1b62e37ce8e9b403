"""The JSON form of FEEL values, in which variables stand in snapshots and history. Exact both ways.

Texts, booleans, null, whole numbers up to 2**53, lists and contexts stand as they are. Else a context with one tag:
`{"$decimal": "0.1"}`, `{"$int": "…"}` beyond 2**53, `{"$date": …}`, `{"$time": …}`, `{"$datetime": …}`,
`{"$duration": "P1M" or "P1D"}`; `{"$map": {…}}` escapes a context whose only key starts with `$`. Ranges, functions
and Python objects are refused: NotAValue.
"""

import decimal
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ..errors import Saying, said_of
from .errors import NotAValue, Undefined
from .kinds import Function, Range, Value, YearsMonths, kind
from .numbers import DIGITS, LIMIT, canonical
from .temporal import parse_date, parse_duration, parse_time, temporal_text, zone_of

__all__ = ["Function", "Range", "Value", "YearsMonths", "from_json", "kind", "to_json"]

_SAFE = 2**53
_PLAIN = frozenset((str, bool, type(None)))
MAX_DEPTH = 200
MAX_NODES = 1_000_000
Json = object


def to_json(value: Value) -> Json:
    """The JSON form of the value; lists and contexts are copied. Raises NotAValue."""
    return _encode(value, 0, [MAX_NODES])


def from_json(data: Json) -> Value:
    """The value of a JSON form; a JSON number with a fraction becomes the decimal that it shows. Raises NotAValue."""
    return _decode(data, 0)


def _encode(value: Value, depth: int, left: list[int]) -> Json:
    kind_of = type(value)
    if kind_of is str or value is None or kind_of is bool:
        return value
    if kind_of is int:
        return value if -_SAFE <= value <= _SAFE else _encode_int(value)  # type: ignore[operator]
    if kind_of is list or kind_of is dict:
        left[0] -= len(value)  # type: ignore[arg-type]
        if depth >= MAX_DEPTH or left[0] < 0:
            raise NotAValue(Saying("a value is nested deeper than {levels} or has more than {parts} parts", levels=MAX_DEPTH, parts=MAX_NODES))
        if kind_of is list:
            return [item if type(item) in _PLAIN else _encode(item, depth + 1, left) for item in value]  # type: ignore[attr-defined]
        return _encode_dict(value, depth, left)  # type: ignore[arg-type]
    encode = _ENCODERS.get(kind_of)
    if encode is None:
        raise NotAValue(Saying("a {kind} cannot be stored", kind=kind(value)))
    return encode(value)


def _encode_dict(value: dict[str, Value], depth: int, left: list[int]) -> Json:
    for key in value:
        if type(key) is not str:
            raise NotAValue(Saying("the keys of a context are texts, not {kind}", kind=type(key).__name__))
    form = {key: item if type(item) in _PLAIN else _encode(item, depth + 1, left) for key, item in value.items()}
    return {"$map": form} if _needs_escape(form) else form


def _needs_escape(entries: dict[str, Json]) -> bool:
    """Whether a context could be taken for a tagged value."""
    return len(entries) == 1 and next(iter(entries)).startswith("$")


def _encode_int(value: Value) -> Json:
    assert type(value) is int
    if not -LIMIT < value < LIMIT:
        raise NotAValue(Saying("a number has at most {most} digits", most=DIGITS))
    return {"$int": str(value)}


def _encode_decimal(value: Value) -> Json:
    assert type(value) is Decimal
    number = _canonical(value)
    if number != value:
        raise NotAValue(Saying("a number has at most {most} digits", most=DIGITS))
    if type(number) is int:
        return number if -_SAFE <= number <= _SAFE else {"$int": str(number)}
    return {"$decimal": str(number)}


def _canonical(value: Decimal) -> int | Decimal:
    if not value.is_finite():
        raise NotAValue("a number is finite")
    try:
        return canonical(value)
    except decimal.DecimalException:
        raise NotAValue("the number lies outside the range of decimal128") from None


def _encode_datetime(value: Value) -> Json:
    assert type(value) is datetime
    if isinstance(value.tzinfo, ZoneInfo):
        # The offset stays in the text, else the repeated hour of a change of summer time would be lost.
        return {"$datetime": f"{value.isoformat()}@{value.tzinfo.key}"}
    return {"$datetime": value.isoformat()}


_ENCODERS: dict[type, Callable[[Value], Json]] = {
    Decimal: _encode_decimal,
    date: lambda value: {"$date": temporal_text(value)},
    time: lambda value: {"$time": temporal_text(value)},
    datetime: _encode_datetime,
    timedelta: lambda value: {"$duration": temporal_text(value)},
    YearsMonths: lambda value: {"$duration": temporal_text(value)},
}


def _decode(data: Json, depth: int) -> Value:
    kind_of = type(data)
    if kind_of is str or data is None or kind_of is bool:
        return data
    if kind_of is int:
        if not -LIMIT < data < LIMIT:
            raise NotAValue(Saying("a number has at most {most} digits", most=DIGITS))
        return data
    if depth >= MAX_DEPTH:
        raise NotAValue(Saying("a value is nested deeper than {levels}", levels=MAX_DEPTH))
    if kind_of is list:
        return [item if type(item) in _PLAIN else _decode(item, depth + 1) for item in data]  # type: ignore[attr-defined]
    if kind_of is dict:
        return _decode_dict(data, depth)  # type: ignore[arg-type]
    if kind_of is float:
        return _canonical(Decimal(repr(data)))
    if kind_of is Decimal:
        return _canonical(data)  # type: ignore[arg-type]
    raise NotAValue(Saying("{kind} is no JSON", kind=kind_of.__name__))


def _decode_dict(data: dict[str, Json], depth: int) -> Value:
    if len(data) == 1:
        tag, content = next(iter(data.items()))
        if type(tag) is str and tag.startswith("$"):
            return _decode_tag(tag, content, depth)
    for key in data:
        if type(key) is not str:
            raise NotAValue(Saying("the keys of a context are texts, not {kind}", kind=type(key).__name__))
    return {key: item if type(item) in _PLAIN else _decode(item, depth + 1) for key, item in data.items()}


def _decode_tag(tag: str, content: Json, depth: int) -> Value:
    if tag == "$map" and type(content) is dict and _needs_escape(content):
        return {key: _decode(item, depth + 1) for key, item in content.items()}
    decode = _DECODERS.get(tag)
    if decode is None or type(content) is not str:
        raise NotAValue(Saying("{tag} is no tag of a value with this content", tag=tag[:40]))
    try:
        return decode(content)
    except (Undefined, ValueError, decimal.DecimalException) as fault:
        raise NotAValue(Saying("{tag} {content}: {fault}", tag=tag, content=content[:60], fault=said_of(fault))) from None


def _decode_int(text: str) -> Value:
    if len(text) > DIGITS + 1 or not text.lstrip("-").isascii() or not text.lstrip("-").isdigit():
        raise NotAValue(Saying("a number has at most {most} digits", most=DIGITS))
    return _decode(int(text), 0)


def _decode_decimal(text: str) -> Value:
    if len(text) > DIGITS + 10 or "_" in text or not text.isascii():
        raise NotAValue(Saying("a number has at most {most} digits", most=DIGITS))
    number = Decimal(text)
    short = _canonical(number)
    if short != number:
        raise NotAValue(Saying("a number has at most {most} digits", most=DIGITS))
    return short


def _decode_datetime(text: str) -> Value:
    instant, separator, zone = text.partition("@")
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is not None and not moment.utcoffset():
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(zone_of(zone)) if separator else moment


_DECODERS: dict[str, Callable[[str], Value]] = {
    "$int": _decode_int,
    "$decimal": _decode_decimal,
    "$date": parse_date,
    "$time": parse_time,
    "$datetime": _decode_datetime,
    "$duration": parse_duration,
}
