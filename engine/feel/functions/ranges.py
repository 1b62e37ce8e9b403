"""Ranges: `range` from a text (DMN 1.5), and relations of points and ranges in time or number (DMN 1.3, 10.3.4.9, table 78), after Allen."""

from collections.abc import Callable, Iterator

from .. import temporal
from ..context import Run
from ..errors import FeelSyntaxError, Undefined
from ..kinds import Range, Value
from ..lexer import Token, tokens
from ..operators import equal, negate, order
from .signature import function


def _less(first: Value, second: Value) -> bool:
    return order("<", first, second)


def _same(first: Value, second: Value) -> bool:
    return order("<=", first, second) and order(">=", first, second)


def _ends(value: Value) -> Range:
    """The value as a range; a point is the closed range of itself."""
    if value is None:
        raise Undefined("a range or point is null")
    if type(value) is not Range:
        return Range(value, value, True, True)
    if value.low is None or value.high is None:
        raise Undefined("a range is unbounded")
    return value


def _before(first: Range, second: Range) -> bool:
    touching = _same(first.high, second.low) and not (first.high_included and second.low_included)
    return _less(first.high, second.low) or touching


def _meets(first: Range, second: Range) -> bool:
    return first.high_included and second.low_included and _same(first.high, second.low)


def _overlaps(first: Range, second: Range) -> bool:
    return not _before(first, second) and not _before(second, first)


def _starts_earlier(first: Range, second: Range, or_same: bool) -> bool:
    if _same(first.low, second.low):
        return (or_same and first.low_included == second.low_included) or first.low_included > second.low_included
    return _less(first.low, second.low)


def _ends_later(first: Range, second: Range, or_same: bool) -> bool:
    if _same(first.high, second.high):
        return (or_same and first.high_included == second.high_included) or first.high_included > second.high_included
    return _less(second.high, first.high)


def _overlaps_before(first: Range, second: Range) -> bool:
    return (
        _starts_earlier(first, second, False) and _overlaps(first, second) and _ends_later(second, first, True)
    )


def _includes(first: Range, second: Range) -> bool:
    return _starts_earlier(first, second, True) and _ends_later(first, second, True)


def _finishes(first: Range, second: Range) -> bool:
    same_end = _same(first.high, second.high) and first.high_included == second.high_included
    return same_end and _starts_earlier(second, first, True)


def _starts(first: Range, second: Range) -> bool:
    same_start = _same(first.low, second.low) and first.low_included == second.low_included
    return same_start and _ends_later(second, first, True)


def _swapped(relation: Callable[[Range, Range], bool]) -> Callable[[Range, Range], bool]:
    return lambda first, second: relation(second, first)


_RELATIONS: dict[str, Callable[[Range, Range], bool]] = {
    "before": _before,
    "after": _swapped(_before),
    "meets": _meets,
    "met by": _swapped(_meets),
    "overlaps": _overlaps,
    "overlaps before": _overlaps_before,
    "overlaps after": _swapped(_overlaps_before),
    "finishes": _finishes,
    "finished by": _swapped(_finishes),
    "includes": _includes,
    "during": _swapped(_includes),
    "starts": _starts,
    "started by": _swapped(_starts),
}


def _register(name: str, relation: Callable[[Range, Range], bool]) -> None:
    @function(name, "first: any, second: any")
    def relate(run: Run, first: Value, second: Value) -> bool:
        return relation(_ends(first), _ends(second))


for _name, _relation in _RELATIONS.items():
    _register(_name, _relation)


@function("coincides", "first: any, second: any")
def _coincides(run: Run, first: Value, second: Value) -> bool:
    result = equal(run, first, second)
    if result is None or first is None:
        raise Undefined("the kinds differ")
    return result


_READERS: dict[str, Callable[[str], Value]] = {
    "date": temporal.parse_date,
    "time": temporal.parse_time,
    "date and time": temporal.parse_datetime,
    "duration": temporal.parse_duration,
}
_TEXT_MAX = 1_000


@function("range", "from: string")
def _range(run: Run, text: str) -> Range:
    if len(text) > _TEXT_MAX:
        raise Undefined("a range is written in at most {most} characters", most=_TEXT_MAX)
    try:
        signs = iter(tokens(text))
    except FeelSyntaxError as fault:
        raise Undefined(fault.reason) from None
    opening = next(signs).text
    low, high = _end(signs, ".."), _end(signs, None)
    closing = high.pop().text
    low.pop()
    if opening not in ("[", "(", "]") or closing not in ("]", ")", "[") or next(signs, None) is not None:
        raise Undefined("a range is written such as [1..10]")
    start, end = _literal(low), _literal(high)
    interval = Range(start, end, opening == "[", closing == "]")
    if (start is None and (opening == "[" or end is None)) or (end is None and closing == "]"):
        raise Undefined("an end that is left out is open, and one must stand")
    if start is not None and end is not None and not order("<=", start, end):
        raise Undefined("the ends are out of order")
    return interval


def _end(signs: Iterator[Token], last: str | None) -> list[Token]:
    """The tokens of one end, and the sign that closes it: `last`, else the last of all."""
    found: list[Token] = []
    for sign in signs:
        if sign.kind == "end":
            break
        found.append(sign)
        if sign.kind == "op" and sign.text == last:
            return found
    if last is not None or not found:
        raise Undefined("a range is written such as [1..10]")
    return found


def _literal(end: list[Token]) -> Value:
    """The value of an end: nothing, a literal, or a date and the like made of a text."""
    if not end:
        return None
    if len(end) == 1 and end[0].kind in ("number", "string"):
        return end[0].value
    if len(end) == 1 and end[0].kind == "at":
        return temporal.parse_any(str(end[0].value))
    if len(end) == 2 and end[0].text == "-" and end[1].kind == "number":
        return negate(end[1].value)
    name, call = " ".join(token.text for token in end[:-3]), end[-3:]
    if name not in _READERS or [token.text for token in call[::2]] != ["(", ")"] or call[1].kind != "string":
        raise Undefined("the ends of the range are no literals")
    return _READERS[name](str(call[1].value))


