"""Nothing hangs: steps, depth, sizes, patterns and numbers all have a bound, and it is met early."""

import time

import pytest

from engine.feel import Context, FeelError, FeelSyntaxError, NotAValue, compile_expression, to_json

pytestmark = pytest.mark.unit


def outcome(text, variables=None, **options):
    """The value, or the error."""
    try:
        return compile_expression(text).evaluate(Context(variables or {}, **options))
    except (FeelError, FeelSyntaxError) as error:
        return error


@pytest.mark.parametrize(
    "text",
    [
        "for a in xs, b in xs, c in xs return 1",
        "every a in xs satisfies every b in xs satisfies every c in xs satisfies true",
        "xs[count(xs[count(xs[item > 0]) > 1]) > 1]",
        "for i in 1..50 return [partial[-1], partial[-1]]",
        "string(for i in 1..50 return [partial[-1], partial[-1]])",
        "flatten(for i in 1..50 return [partial[-1], partial[-1]])",
        "(for i in 1..50 return [partial[-1], partial[-1]]) = (for i in 1..50 return [partial[-1], partial[-1]])",
        "string(for i in 1..5000 return [partial[-1]])",
        "distinct values(for i in 1..2000 return {a: i})",
        "{f: function(g, n) g(g, n + 1), r: f(f, 1)}.r",
        "sort(for i in 1..20000 return i, function(a, b) a > b)",
        "count(for i in 1..20000 return substring(text, 2))",
        'count(for i in 1..20000 return matches(text, "(a|b|c)*d"))',
        'replace(text, "a", "bbbbbbbbbbbbbbbb")',
        'string join(for i in 1..200 return text, ",")',
        "concatenate(many, many)",
        "text + text",
        "{a0: [1, 1], " + ", ".join(f"a{n + 1}: [a{n}, a{n}]" for n in range(20)) + "}",
    ],
)
def test_endless_work_ends_by_its_budget(text):
    """Repeated work, growing values and shared parts that unfold end in FeelError within a second."""
    variables = {"xs": list(range(300)), "text": "a" * 900_000, "many": list(range(60_000))}
    started = time.process_time()

    found = outcome(text, variables)

    assert isinstance(found, FeelError)
    assert time.process_time() - started < 5, "the budget is meant to stop this long before"


def test_the_budget_is_the_callers():
    """A caller can allow less."""
    assert outcome("count(for i in 1..100 return i)", budget=1_000) == 100
    assert isinstance(outcome("count(for i in 1..100 return i)", budget=100), FeelError)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000 + "1",
        "[" * 5_000 + "]" * 5_000,
        "-" * 9_000 + "1",
        "{a: " * 2_000,
        "a in (" * 1_000,
        "[1..[" * 1_000,
        "]" * 5_000,
        "if a then " * 900,
        "for i in " * 900,
        "function(" * 900,
        "/*" * 5_000,
        "a[" * 3_000,
        "f(" * 3_000,
        "x instance of " + "list<" * 1_500,
        "x" + "[1]" * 3_000,
        "f" + "(1)" * 3_000,
        "1" * 10_001,
    ],
)
def test_depth_and_length_are_bounded_when_reading(text):
    """What is too deep or too long is a syntax error, not a crash."""
    assert isinstance(outcome(text), FeelSyntaxError)


def test_reading_never_tries_twice():
    """Brackets that could be two things are decided without going back, else time would double at each level."""
    assert outcome("a in (" * 40 + "1" + "..2]" * 40) is None


def test_long_flat_expressions_are_fine():
    """Depth counts nesting, not the number of terms."""
    assert outcome(" + ".join(["1"] * 2_000)) == 2_000
    assert outcome(" or ".join(["x = 2"] * 500 + ["x = 1"]), {"x": 1}) is True
    assert outcome("if x = 2 then 2 else " * 300 + "1", {"x": 1}) == 1
    assert outcome("[" + ", ".join(["1"] * 3_000) + "]") == [1] * 3_000


def test_a_host_near_the_end_of_its_stack_gets_an_error():
    """Even then evaluating ends in FeelError."""
    compiled = compile_expression("(" * 40 + "1 + x" + ") + (1)" * 40)

    def deeper(levels):
        return deeper(levels - 1) if levels else compiled.evaluate(Context({"x": 1}))

    results = set()
    for levels in range(600, 990, 13):
        try:
            results.add(deeper(levels))
        except FeelError as error:
            results.add(error.reason)
        except RecursionError:
            break

    assert results <= {42, "the expression is nested too deeply"}


def test_a_value_that_is_too_deep_is_not_stored():
    """The codec does not run out of stack."""
    value = []
    for _ in range(100_000):
        value = [value]

    with pytest.raises(NotAValue, match="nested"):
        to_json(value)
    while value:
        value = value.pop()
