"""The values of FEEL and what their kinds are called.

| FEEL | Python |
|---|---|
| null, boolean, string | None, bool, str |
| number | int when whole and below 10**34, else Decimal of at most 34 digits without trailing zeros |
| date, time, date and time | date, time, datetime (aware, or local without zone) |
| days and time duration | timedelta |
| years and months duration | YearsMonths |
| list, context | list, dict with str keys |
| range, function | Range, Function: never stored |

No value has attributes that an expression could reach.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .context import Run
    from .nodes import Type

Value: TypeAlias = object


@dataclass(frozen=True, order=True, slots=True)
class YearsMonths:
    """A years and months duration, as a number of months; may be negative."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. An end that is None is unbounded."""

    low: Value
    high: Value
    low_included: bool
    high_included: bool


class Function:
    """A function as a value: a function literal or a built-in function."""

    __slots__ = ("invoke", "name", "parameters", "types")

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...] | None,
        invoke: "Callable[[Run, list[Value]], Value]",
        types: "tuple[Type | None, ...] | None" = None,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.invoke = invoke
        self.types = types

    def __repr__(self) -> str:
        return f"<function {self.name}>" if self.name else "<function>"


KIND_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    date: "date",
    time: "time",
    datetime: "date and time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}

NUMBERS = frozenset((int, Decimal))
TEMPORAL = frozenset((date, time, datetime, timedelta, YearsMonths))


def kind(value: Value) -> str:
    """What FEEL calls the kind of this value; a Python type that is none of FEEL's is named as such."""
    return KIND_NAMES.get(type(value)) or f"{type(value).__name__} (no value of FEEL)"
