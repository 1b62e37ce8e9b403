"""Arithmetic of FEEL numbers: decimal, 34 significant digits, half to even (IEEE 754-2008 decimal128).

A result is canonical: an int when it is whole and below 10**34, else a Decimal without trailing zeros. Pure.
"""

import decimal
from decimal import Decimal

from .errors import Undefined

DIGITS = 34
LIMIT = 10**DIGITS
MAX_SCALE = 6144
CONTEXT = decimal.Context(
    prec=DIGITS,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=MAX_SCALE,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow, decimal.Underflow],
)
Number = int | Decimal


def canonical(number: Decimal) -> Number:
    """The one form of this number. Raises ArithmeticError outside the range of decimal128."""
    short = CONTEXT.normalize(number)
    if short.adjusted() < DIGITS:
        whole = int(short)
        if whole == short:
            return whole
    return short


def add(left: Number, right: Number) -> Number:
    """left + right, rounded to 34 digits."""
    return canonical(CONTEXT.add(Decimal(left), Decimal(right)))


def subtract(left: Number, right: Number) -> Number:
    """left - right, rounded to 34 digits."""
    return canonical(CONTEXT.subtract(Decimal(left), Decimal(right)))


def multiply(left: Number, right: Number) -> Number:
    """left * right, rounded to 34 digits."""
    return canonical(CONTEXT.multiply(Decimal(left), Decimal(right)))


def divide(left: Number, right: Number) -> Number:
    """left / right, rounded to 34 digits. Raises Undefined for a zero divisor."""
    if right == 0:
        raise Undefined("division by zero")
    return canonical(CONTEXT.divide(Decimal(left), Decimal(right)))


def power(base: Number, exponent: Number) -> Number:
    """base ** exponent, rounded to 34 digits. Raises Undefined where there is none."""
    if type(base) is int and type(exponent) is int and 0 <= exponent <= 400 and base.bit_length() * exponent <= 400:
        # Small whole powers are exact this way; Decimal's are only almost always so.
        return canonical(Decimal(base**exponent))
    if base == 0 and exponent < 0:
        raise Undefined("division by zero")
    return canonical(CONTEXT.power(Decimal(base), Decimal(exponent)))


def modulo(dividend: Number, divisor: Number) -> Number:
    """dividend - divisor * floor(dividend / divisor). Raises Undefined for a zero divisor."""
    if divisor == 0:
        raise Undefined("modulo by zero")
    if type(dividend) is int and type(divisor) is int:
        return dividend % divisor
    rest = CONTEXT.remainder(Decimal(dividend), Decimal(divisor))
    if rest != 0 and (rest < 0) != (divisor < 0):
        rest = CONTEXT.add(rest, Decimal(divisor))
    return canonical(rest)


def rounded(number: Number, scale: Number, rounding: str) -> Number:
    """The number with at most `scale` digits after the point. Raises Undefined for a scale out of range."""
    if type(scale) is not int or not -6111 <= scale <= 6176:
        raise Undefined("the scale must be a whole number between -6111 and 6176")
    value = Decimal(number)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= scale:
        return canonical(value)
    digits = max(DIGITS, len(value.as_tuple().digits) + 1)
    wide = decimal.Context(prec=digits, rounding=rounding, Emin=-9999, Emax=9999)
    return canonical(wide.quantize(value, Decimal((0, (1,), -scale))))


def number_text(number: Number) -> str:
    """The number as FEEL writes it: digits and a point, never an exponent."""
    return str(number) if -LIMIT < number < LIMIT and type(number) is int else format(Decimal(number), "f")
