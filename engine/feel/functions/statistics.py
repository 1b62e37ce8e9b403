"""Functions that sum up a list: min, max, sum, mean, median, mode, product, stddev (DMN 1.3, 10.3.4.4).

Each takes one list, or its items as separate values.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import cast

from .. import numbers
from ..context import Run
from ..errors import Undefined
from ..kinds import NUMBERS, Value, kind
from ..numbers import CONTEXT, Number
from ..operators import add, order
from .signature import function

List = list[Value]
Summary = Callable[[Run, List], Value]


def _summary(name: str) -> Callable[[Summary], Summary]:
    """Register a summary both for one list and for separate values."""

    def register(body: Summary) -> Summary:
        def one_list(run: Run, items: List) -> Value:
            run.charge_items(len(items))
            return body(run, items)

        function(name, "list: list")(one_list)
        function(name, "n...: any")(lambda run, *items: one_list(run, list(items)))
        return body

    return register


@_summary("min")
def _min(run: Run, items: List) -> Value:
    return _extreme(items, "<")


@_summary("max")
def _max(run: Run, items: List) -> Value:
    return _extreme(items, ">")


def _extreme(items: List, op: str) -> Value:
    if not items:
        raise Undefined("the list is empty")
    found = items[0]
    order("<=", found, found)
    for item in items[1:]:
        if order(op, item, found):
            found = item
    return found


@_summary("sum")
def _sum(run: Run, items: List) -> Value:
    if not items:
        raise Undefined("the list is empty")
    if kind(items[0]) not in ("number", "days and time duration", "years and months duration"):
        raise Undefined("the list holds a {kind}", kind=kind(items[0]))
    total = items[0] if type(items[0]) is not Decimal else numbers.canonical(items[0])
    for item in items[1:]:
        if kind(item) != kind(total):
            raise Undefined("the list holds a {kind}", kind=kind(item))
        total = add(run, total, item)
    return total


@_summary("mean")
def _mean(run: Run, items: List) -> Value:
    return numbers.divide(_total(items), len(items))


@_summary("product")
def _product(run: Run, items: List) -> Value:
    product: Number = 1
    for item in _numbers(items):
        product = numbers.multiply(product, item)
    return product


@_summary("median")
def _median(run: Run, items: List) -> Value:
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return numbers.divide(numbers.add(ordered[middle - 1], ordered[middle]), 2)


@_summary("stddev")
def _stddev(run: Run, items: List) -> Value:
    values = _numbers(items)
    if len(values) < 2:
        raise Undefined("the deviation of less than two numbers")
    mean = numbers.divide(_total(items), len(values))
    squares: Number = 0
    for value in values:
        deviation = numbers.subtract(value, mean)
        squares = numbers.add(squares, numbers.multiply(deviation, deviation))
    return numbers.canonical(CONTEXT.sqrt(Decimal(numbers.divide(squares, len(values) - 1))))


@_summary("mode")
def _mode(run: Run, items: List) -> Value:
    if not items:
        return []
    counts: dict[Number, int] = {}
    for value in _numbers(items):
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values())
    return cast(List, sorted(value for value, count in counts.items() if count == most))


def _total(items: List) -> Number:
    total: Number = 0
    for item in _numbers(items):
        total = numbers.add(total, item)
    return total


def _numbers(items: List) -> list[Number]:
    if not items:
        raise Undefined("the list is empty")
    for item in items:
        if type(item) not in NUMBERS:
            raise Undefined("the list holds a {kind}", kind=kind(item))
    return cast(list[Number], items)


