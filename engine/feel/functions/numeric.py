"""Functions on numbers and booleans (DMN 1.3, 10.3.4.2 and 10.3.4.5)."""

import decimal
from decimal import Decimal

from ..context import Run
from ..errors import Undefined
from ..kinds import Value
from ..numbers import CONTEXT, Number, canonical, modulo, rounded
from ..operators import negate, order
from .signature import function

for _name, _rounding in {
    "round up": decimal.ROUND_UP,
    "round down": decimal.ROUND_DOWN,
    "round half up": decimal.ROUND_HALF_UP,
    "round half down": decimal.ROUND_HALF_DOWN,
}.items():

    @function(_name, "n: number, scale: number")
    def _round(run: Run, number: Number, scale: Number, rounding: str = _rounding) -> Number:
        return rounded(number, scale, rounding)


@function("decimal", "n: number, scale: number")
def _decimal(run: Run, number: Number, scale: Number) -> Number:
    return rounded(number, scale, decimal.ROUND_HALF_EVEN)


@function("floor", "n: number, scale?: number")
def _floor(run: Run, number: Number, scale: Number | None = None) -> Number:
    return rounded(number, scale or 0, decimal.ROUND_FLOOR)


@function("ceiling", "n: number, scale?: number")
def _ceiling(run: Run, number: Number, scale: Number | None = None) -> Number:
    return rounded(number, scale or 0, decimal.ROUND_CEILING)


@function("abs", "n: any")
def _abs(run: Run, value: Value) -> Value:
    # A duration has an absolute value too (DMN 1.3).
    opposite = negate(value)
    return value if order(">=", value, opposite) else opposite


@function("modulo", "dividend: number, divisor: number")
def _modulo(run: Run, dividend: Number, divisor: Number) -> Number:
    return modulo(dividend, divisor)


@function("sqrt", "number: number")
def _sqrt(run: Run, number: Number) -> Number:
    if number < 0:
        raise Undefined("a negative number has no square root")
    return canonical(CONTEXT.sqrt(Decimal(number)))


@function("log", "number: number")
def _log(run: Run, number: Number) -> Number:
    if number <= 0:
        raise Undefined("only a positive number has a logarithm")
    return canonical(CONTEXT.ln(Decimal(number)))


@function("exp", "number: number")
def _exp(run: Run, number: Number) -> Number:
    return canonical(CONTEXT.exp(Decimal(number)))


@function("odd", "number: number")
def _odd(run: Run, number: Number) -> bool:
    return modulo(_whole(number), 2) == 1


@function("even", "number: number")
def _even(run: Run, number: Number) -> bool:
    return modulo(_whole(number), 2) == 0


def _whole(number: Number) -> Number:
    if type(number) is not int and rounded(number, 0, decimal.ROUND_DOWN) != number:
        raise Undefined("the number is not whole")
    return number


@function("not", "negand: any")
def _not(run: Run, value: Value) -> bool | None:
    if value is None:
        return None
    if type(value) is not bool:
        raise Undefined("only a boolean can be negated")
    return not value
