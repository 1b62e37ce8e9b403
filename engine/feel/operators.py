"""What the operators of FEEL do with values: equality, order, arithmetic, paths, types (DMN 1.3, 10.3.2). Pure.

Where an operation has no result it raises Undefined with the reason, or is None where DMN asks for three-valued logic.
"""

import operator
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from ..errors import Saying, said_of
from . import numbers, temporal
from .context import Run
from .errors import FeelError, Undefined
from .kinds import NUMBERS, Function, Range, Value, YearsMonths, kind
from .nodes import Type
from .numbers import LIMIT

MAX_DEPTH = 100
_PLAIN = frozenset((str, int, bool, Decimal, date, timedelta, YearsMonths))
_ORDERED = frozenset((str, int, Decimal, date, timedelta, YearsMonths))
_ORDERS: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def equal(run: Run, left: Value, right: Value, depth: int = 0) -> bool | None:
    """left = right, or None when the kinds differ."""
    if left is None or right is None:
        return left is right
    first, second = type(left), type(right)
    if first is second:
        if first in _PLAIN:
            return left == right
        return _equal_parts(run, left, right, depth)
    if first in NUMBERS and second in NUMBERS:
        return left == right
    return None


def _equal_parts(run: Run, left: Value, right: Value, depth: int) -> bool | None:
    if depth > MAX_DEPTH:
        raise FeelError("values nested too deeply to be compared", run.text)
    if type(left) is datetime and type(right) is datetime:
        if (left.tzinfo is None) != (right.tzinfo is None):
            return False
        first, second = temporal.instant_pair(left, right)
        return first == second
    if type(left) is time and type(right) is time:
        if temporal.zones_differ(left, right):
            return False
        try:
            return temporal.clock_position(left) == temporal.clock_position(right, like=left)
        except Undefined:
            return None
    if type(left) is list and type(right) is list:
        if len(left) != len(right):
            return False
        run.charge(len(left))
        return _all(equal(run, one, other, depth + 1) for one, other in zip(left, right, strict=True))
    if type(left) is dict and type(right) is dict:
        if left.keys() != right.keys():
            return False
        run.charge(len(left))
        return _all(equal(run, left[key], right[key], depth + 1) for key in left)
    if type(left) is Range and type(right) is Range:
        if (left.low_included, left.high_included) != (right.low_included, right.high_included):
            return False
        return _all(equal(run, a, b, depth + 1) for a, b in ((left.low, right.low), (left.high, right.high)))
    return True if left is right else None


def _all(results: object) -> bool | None:
    unknown = False
    for result in results:  # type: ignore[attr-defined]
        if result is False:
            return False
        unknown = unknown or result is None
    return None if unknown else True


def order(op: str, left: Value, right: Value) -> bool:
    """left op right for < <= > >=. Raises Undefined when the kinds have no common order."""
    first, second = type(left), type(right)
    if (first is second and first in _ORDERED) or (first in NUMBERS and second in NUMBERS):
        return _ORDERS[op](left, right)
    if first is datetime and second is datetime:
        return _ORDERS[op](*temporal.instant_pair(left, right))
    if type(left) is time and type(right) is time:
        return _ORDERS[op](temporal.clock_position(left), temporal.clock_position(right, like=left))
    raise Undefined("{left} {op} {right}: these have no order", left=kind(left), op=op, right=kind(right))


def contains(interval: Range, value: Value) -> bool:
    """Whether the value lies in the interval. Raises Undefined when the kinds differ."""
    low, high = interval.low, interval.high
    above = low is None or order(">=" if interval.low_included else ">", value, low)
    below = high is None or order("<=" if interval.high_included else "<", value, high)
    return above and below


def add(run: Run, left: Value, right: Value) -> Value:
    """left + right. Raises Undefined."""
    first, second = type(left), type(right)
    if first is int and second is int:
        total = left + right  # type: ignore[operator]
        return total if -LIMIT < total < LIMIT else numbers.canonical(Decimal(total))
    if first in NUMBERS and second in NUMBERS:
        return numbers.add(left, right)  # type: ignore[arg-type]
    if type(left) is str and type(right) is str:
        run.charge_text(len(left) + len(right))
        return left + right
    if left is None or right is None:
        raise Undefined("null + something: {side}", side=_side(left))
    try:
        return temporal.add(left, right)
    except Undefined as reason:
        raise Undefined("{left} + {right}: {reason}", left=kind(left), right=kind(right), reason=said_of(reason)) from None


def subtract(run: Run, left: Value, right: Value) -> Value:
    """left - right. Raises Undefined."""
    first, second = type(left), type(right)
    if first is int and second is int:
        total = left - right  # type: ignore[operator]
        return total if -LIMIT < total < LIMIT else numbers.canonical(Decimal(total))
    if first in NUMBERS and second in NUMBERS:
        return numbers.subtract(left, right)  # type: ignore[arg-type]
    if left is None or right is None:
        raise Undefined("null - something: {side}", side=_side(left))
    try:
        return temporal.subtract(left, right)
    except Undefined as reason:
        raise Undefined("{left} - {right}: {reason}", left=kind(left), right=kind(right), reason=said_of(reason)) from None


def multiply(run: Run, left: Value, right: Value) -> Value:
    """left * right. Raises Undefined."""
    first, second = type(left), type(right)
    if first in NUMBERS and second in NUMBERS:
        if first is int and second is int:
            total = left * right  # type: ignore[operator]
            return total if -LIMIT < total < LIMIT else numbers.canonical(Decimal(total))
        return numbers.multiply(left, right)  # type: ignore[arg-type]
    if first in NUMBERS and second in (timedelta, YearsMonths):
        return temporal.scaled(right, left)  # type: ignore[arg-type]
    if second in NUMBERS and first in (timedelta, YearsMonths):
        return temporal.scaled(left, right)  # type: ignore[arg-type]
    raise Undefined("{left} * {right}: these do not multiply", left=kind(left), right=kind(right))


def divide(run: Run, left: Value, right: Value) -> Value:
    """left / right. Raises Undefined."""
    first, second = type(left), type(right)
    if first in NUMBERS and second in NUMBERS:
        return numbers.divide(left, right)  # type: ignore[arg-type]
    if first in (timedelta, YearsMonths):
        return temporal.shared(left, right)
    raise Undefined("{left} / {right}: these do not divide", left=kind(left), right=kind(right))


def power(run: Run, left: Value, right: Value) -> Value:
    """left ** right. Raises Undefined."""
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return numbers.power(left, right)  # type: ignore[arg-type]
    raise Undefined("{left} ** {right}: both must be numbers", left=kind(left), right=kind(right))


def negate(value: Value) -> Value:
    """-value. Raises Undefined."""
    if type(value) is int or type(value) is Decimal or type(value) is timedelta:
        try:
            return -value if type(value) is not Decimal else value.copy_negate()
        except OverflowError:
            raise Undefined("the duration is too long") from None
    if type(value) is YearsMonths:
        return YearsMonths(-value.months)
    raise Undefined("-{kind}: this has no negative", kind=kind(value))


ARITHMETIC: dict[str, Callable[[Run, Value, Value], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def _side(left: Value) -> Saying:
    return Saying("the left side is null") if left is None else Saying("the right side is null")


_RANGE_PARTS: dict[str, Callable[[Range], Value]] = {
    "start": lambda interval: interval.low,
    "end": lambda interval: interval.high,
    "start included": lambda interval: interval.low_included,
    "end included": lambda interval: interval.high_included,
}


def member(value: Value, name: str) -> Value:
    """value.name for what is no list or context. Raises Undefined."""
    if type(value) is Range and name in _RANGE_PARTS:
        return _RANGE_PARTS[name](value)
    properties = temporal.PROPERTIES.get(type(value))
    if properties is None or name not in properties:
        raise Undefined("{kind} has no {name}", kind=kind(value), name=name)
    return properties[name](value)


def is_instance(run: Run, value: Value, wanted: Type, depth: int = 0) -> bool:
    """value instance of type."""
    if wanted.name == "Any":
        return value is not None
    if wanted.name == "Null" or wanted.name == "null":
        return value is None
    if value is None or kind(value) != wanted.name:
        return False
    parts = wanted.parts
    if parts is None:
        return True
    if type(value) is list:
        run.charge(len(value))
        return all(is_instance(run, item, parts[0], depth + 1) for item in value)
    if type(value) is Range:
        ends = [end for end in (value.low, value.high) if end is not None]
        return all(is_instance(run, end, parts[0], depth + 1) for end in ends)
    if type(value) is dict:
        return all(
            name in value and (value[name] is None or is_instance(run, value[name], part, depth + 1))
            for name, part in zip(wanted.entries, parts, strict=True)
        )
    return type(value) is Function and _takes(value, parts)


def _takes(function: Function, given: tuple[Type, ...]) -> bool:
    """Whether the function takes values of these types, as far as its parameters are declared."""
    if function.parameters is None or function.types is None:
        return True
    fits = (own is None or _conforms(one, own) for one, own in zip(given, function.types, strict=False))
    return len(given) == len(function.parameters) and all(fits)


def _conforms(given: Type, wanted: Type) -> bool:
    """Whether each value of the one type is a value of the other (DMN 1.3, 10.3.2.9.3)."""
    if wanted.name == "Any":
        return True
    if given.name != wanted.name or wanted.parts is None or given.parts is None:
        return given.name == wanted.name and wanted.parts is None
    if wanted.name == "context":
        own = dict(zip(given.entries, given.parts, strict=True))
        return all(name in own and _conforms(own[name], part) for name, part in zip(wanted.entries, wanted.parts, strict=True))
    pairs = zip(given.parts, wanted.parts, strict=False)
    return len(given.parts) == len(wanted.parts) and all(_conforms(one, other) for one, other in pairs)
