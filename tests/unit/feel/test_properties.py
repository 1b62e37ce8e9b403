"""Whatever is written or computed: only FeelSyntaxError, only FeelError; what is stored comes back the same."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import (
    BUILTIN_NAMES,
    Context,
    FeelError,
    FeelSyntaxError,
    NotAValue,
    YearsMonths,
    compile_expression,
    compile_unary_tests,
    from_json,
    to_json,
)

pytestmark = [pytest.mark.unit, pytest.mark.property]

PIECES = st.sampled_from(
    ["(", ")", "[", "]", "{", "}", ",", ".", "..", ":", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "->", "?", "@", '"', "'", "//", "/*", "*/", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "function", "and", "or", "between", "instance", "of", "not", "null", "true", "false", "item", "partial", "x", "xs", "p.name", "1", "0", "-1", ".5", "2.50", '"a"', '"P1D"', '@"2026-01-05"', '@"P1M"', '@"PT36H"', '@"2026-01-05T09:00:00Z"', '@"09:00:00"', "list<number>", "99999999999999999999999999999999999", "办理", "，", "1e5", "\\"]
    + [f" {name}(" for name in sorted(BUILTIN_NAMES)]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map(" ".join))
NUMBERS = st.one_of(
    st.integers(-(10**34) + 1, 10**34 - 1),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12),
)
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5, minutes=-30))])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    st.text(max_size=20),
    st.dates(),
    st.times(timezones=ZONES),
    st.datetimes(timezones=ZONES),
    st.timedeltas(),
    st.integers(-(10**6), 10**6).map(YearsMonths),
)
KEYS = st.one_of(st.text(max_size=8), st.sampled_from(["$decimal", "$map", "$", "$x", "name"]))
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=3)), max_leaves=12
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_reading_never_fails_but_with_a_syntax_error(text):
    """Any text at all is an expression, or a FeelSyntaxError with an offset inside the text."""
    for compile_text in (compile_expression, compile_unary_tests):
        fault = fault_of(compile_text, text)

        assert fault is None or (fault.text == text and 0 <= fault.offset <= len(text))


def fault_of(compile_text: Callable[[str], object], text: str) -> FeelSyntaxError | None:
    """The syntax error of a text, if it has one."""
    try:
        compile_text(text)
    except FeelSyntaxError as error:
        return error
    return None


OPERANDS = st.sampled_from(["x", "y", "xs", "1", "2.5", '"a"', "null", "true", "[1, 2]", "{k: x}", "@\"2026-01-05\"", '@"P1M"', '@"PT1H"'])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger expressions, right in their syntax and careless about kinds."""
    operators = st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in"])
    calls = st.tuples(st.sampled_from(sorted(BUILTIN_NAMES)), st.lists(inner, max_size=4))
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        st.tuples(inner, inner).map(lambda parts: f"for item in {parts[0]} return {parts[1]}"),
        st.tuples(inner, inner).map(lambda parts: f"some y in {parts[0]} satisfies {parts[1]}"),
        st.tuples(inner, inner, inner).map(lambda parts: f"if {parts[0]} then {parts[1]} else {parts[2]}"),
        st.tuples(inner, inner).map(lambda parts: f"[({parts[0]})..({parts[1]})]"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]}) between ({parts[1]}) and ({parts[2]})"),
        inner.map(lambda part: f"({part}).day"),
        inner.map(lambda part: f"-({part})"),
        inner.map(lambda part: f"sort(xs, function(a, b) {part})"),
        calls.map(lambda call: f"{call[0]}({', '.join(call[1])})"),
    )


@settings(max_examples=500, deadline=None)
@given(st.recursive(OPERANDS, grown, max_leaves=8), VALUES, VALUES, st.lists(VALUES, max_size=4))
def test_evaluating_never_fails_but_with_a_feel_error(text, x, y, xs):
    """Any expression on any values has a value, or is null with a note, or ends in FeelError."""
    context = Context({"x": x, "y": y, "xs": xs}, now=datetime(2026, 1, 5, tzinfo=UTC), budget=20_000)
    try:
        compiled = compile_expression(text)
    except FeelSyntaxError:
        return
    try:
        found = compiled.evaluate(context)
    except FeelError:
        return
    try:
        assert from_json(to_json(found)) == found
    except NotAValue:
        pass


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_a_stored_value_comes_back_the_same(value):
    """The JSON form is real JSON and gives the very value again, kinds and zones included."""
    form = to_json(value)

    back = from_json(json.loads(json.dumps(form)))

    assert back == value
    assert to_json(back) == form
    assert shape(back) == shape(value)


def shape(value: object) -> object:
    """The kinds of all parts, where whole decimals count as whole numbers."""
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return int if value == value.to_integral_value() else Decimal
    return (getattr(value, "tzinfo", None) and str(value)) or type(value)
