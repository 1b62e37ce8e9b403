"""What an expression sees, what it says about itself, and what it notes when something becomes null."""

from collections import ChainMap
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from engine.feel import Context, FeelError, FeelSyntaxError, NoteKind, Range, YearsMonths, compile_expression, compile_unary_tests

pytestmark = pytest.mark.unit

NOON = datetime(2026, 1, 5, 16, 30, tzinfo=UTC)


def value(text, variables=None, **options):
    """The value of an expression."""
    return compile_expression(text).evaluate(Context(variables or {}, **options))


def test_an_expression_tells_which_variables_it_reads():
    """Names are the roots of paths; local names, entries of filtered items and functions are told apart."""
    compiled = compile_expression('a.b + sum(for i in xs return i * k) + count(units[done = true]) + due("reply", start)')

    assert compiled.names == {"a", "xs", "k", "units", "start"}
    assert compiled.filter_names == {"done"}
    assert compiled.function_names == {"due"}


def test_the_same_text_is_compiled_once():
    """Compiling is cached."""
    assert compile_expression("a + 1") is compile_expression("a + 1")


def test_an_unknown_variable_is_null_and_is_named():
    """The caller can tell an unknown variable from any other reason for null."""
    context = Context({"y": None})

    found = compile_expression("x + y").evaluate(context)

    assert found is None
    assert context.unknown_names == ("x",)
    assert [note.kind for note in context.notes] == [NoteKind.UNKNOWN_VARIABLE, NoteKind.UNDEFINED]
    assert context.notes[0].offset == 0


def test_any_read_only_mapping_will_do_for_variables():
    """Scopes can be laid over each other without copying."""
    assert value("a + b", ChainMap({"a": 1}, {"a": 10, "b": 2})) == 3


def test_now_and_today_come_from_the_moment_in_the_zone():
    """Half past four in the afternoon in UTC is already tomorrow in China."""
    assert value("now()", now=NOON) == NOON
    assert value("now().hour", now=NOON) == 0
    assert value("today()", now=NOON) == date(2026, 1, 6)
    assert value("today()", now=NOON, zone="UTC") == date(2026, 1, 5)


def test_without_a_moment_the_time_is_null_with_a_note():
    """A condition that may not read the clock is given none."""
    context = Context({})

    assert compile_expression("now()").evaluate(context) is None
    assert "may not ask for the time" in context.notes[0].reason


def test_the_host_adds_functions():
    """The host's functions take their values by position."""
    functions = {"due": lambda limit, start: f"{limit}:{start.isoformat()}"}

    assert value('due("reply", date("2026-01-05"))', functions=functions) == "reply:2026-01-05"


def test_an_unknown_function_is_null_with_a_note():
    """It is told at compile time by function_names, and at run time by the note."""
    context = Context({})

    assert compile_expression("grab(1)").evaluate(context) is None
    assert (context.notes[0].kind, context.notes[0].name) == (NoteKind.UNKNOWN_FUNCTION, "grab")


def test_a_built_in_function_is_called_rightly_or_refused():
    """The number of values is checked when the expression is compiled, not when it runs."""
    with pytest.raises(FeelSyntaxError, match=r"count is called as count\(list\)"):
        compile_expression("count(1, 2)")


@pytest.mark.parametrize("text", ["first name", "a not in b", "status is open"])
def test_words_beside_each_other_are_refused(text):
    """A slip must not read as a variable that does not exist."""
    with pytest.raises(FeelSyntaxError, match="backticks"):
        compile_expression(text)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("first name", "first name"),
        ("`first name`", None),
        ("date and time of issue", "date and time of issue"),
        ("part-time", "part-time"),
        ("办理/答复", "办理/答复"),
    ],
)
def test_a_name_may_hold_what_dmn_allows(text, known):
    """Names with spaces, signs and keywords are read when they are known, or stand in backticks."""
    name = known or "first name"

    compiled = compile_expression(f"{text} + 1", frozenset([known] if known else []))

    assert compiled.evaluate(Context({name: 2})) == 3


@pytest.mark.parametrize("sign", "，（）：；＝＜＞＋“”、。")
def test_a_full_width_sign_is_refused_with_its_half_width_twin(sign):
    """Who types Chinese easily types a full-width sign; it must not become part of a name."""
    with pytest.raises(FeelSyntaxError, match="full-width"):
        compile_expression(f"单位 {sign} 1")


@pytest.mark.parametrize("text", ["1 < x < 3", "a = b = c", "x in (1 + 2) * 3"])
def test_comparisons_do_not_chain(text):
    """`1 < x < 3` would compare true with 3."""
    with pytest.raises(FeelSyntaxError, match="chain"):
        compile_expression(text)


def test_a_syntax_error_says_where():
    """The offset counts characters from 0; the message shows the neighbourhood."""
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression("建议数 > > 3")

    assert (caught.value.offset, caught.value.text) == (6, "建议数 > > 3")
    assert "near: 建议数" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2 ** 2", 4),
        ("2 ** 3 ** 2", 64),
        ("-1 instance of number", True),
        ("1 - -1", 2),
        ("5 in [1..10[", True),
        ("xs[-1] in ]1..xs[3]]", True),
        ("x in > 2", True),
        ("4 in ((> 5), 3, [1..4])", True),
        ("if false then 1 else if null then 2 else 3", 3),
        ("{a-b: 1, c: a-b + 1}.c", 2),
        ("for d in @\"2026-02-27\"..@\"2026-03-01\" return d.day", [27, 28, 1]),
        ("for i in [1..3] return i", [1, 2, 3]),
        ("for i in 1..3 return partial", [[], [[]], [[], [[]]]]),
        ("{f: function(g, n) if n <= 1 then 1 else n * g(g, n - 1), r: f(f, 20)}.r", 2432902008176640000),
        ("(function(a, b) a - b)(b: 1, a: 3)", 2),
        ("[1, 2, 3][item >= x]", [3]),
        ("[{item: 1}, {item: 5}][item > 2]", [{"item": 5}]),
        ("[{a: 1}, {b: 2}].a", [1, None]),
        ("[][1]", None),
        ("[1, 2][true]", [1, 2]),
        ("null in unknown", None),
        ("date(\"2026-01-05\") = \"2026-01-05\"", None),
        ("(10 ** 40) instance of number", True),
        ("10 ** 40 instance of number", None),
        ("[1, 2] instance of list<number>", True),
        ("[1, \"a\"] instance of list<number>", False),
        ("{a: 1} instance of context<a: number>", True),
        ("2 between 1 and 3 and 5 > 4", True),
    ],
)
def test_meaning_beyond_the_kit(text, expected):
    """Precedence, brackets of ranges, scopes and types mean what DMN says."""
    found = value(text, {"x": 3, "xs": [1, 2, 3]})

    assert found == expected
    assert type(found) is type(expected)


def test_numbers_have_34_digits_and_one_form():
    """A whole result is an int; no trailing zeros; half goes to the even neighbour."""
    assert value("1 / 3") == Decimal("0.3333333333333333333333333333333333")
    assert value("1.50 + 1.50") == 3
    assert type(value("1.50 + 1.50")) is int
    assert str(value("1.10 + 0")) == "1.1"
    assert value("9999999999999999999999999999999999 + 1") == Decimal("1E+34")
    assert value("10 ** 6200") is None


def test_values_of_python_are_no_values_of_feel():
    """A float or an object from a careless host does not compute."""
    context = Context({"x": 1.5})

    assert compile_expression("x + 1").evaluate(context) is None
    assert "no value of FEEL" in context.notes[0].reason


def test_a_cell_is_null_when_it_cannot_say():
    """Null input does not match a comparison; a null on the other side does not match a null input."""
    assert compile_unary_tests("> 5").matches(None, Context({})) is None
    assert compile_unary_tests("limit").matches(None, Context({"limit": None})) is None
    assert compile_unary_tests("null").matches(None, Context({})) is True
    assert compile_unary_tests("not(> 5, 3)").matches(4, Context({})) is True
    assert compile_unary_tests("true").matches(None, Context({})) is False
    assert compile_unary_tests("count(xs) > 1").matches("any", Context({"xs": [1, 2]})) is True


def test_the_kinds_of_time_are_those_of_python():
    """Durations, dates and ranges come out as values that the kernel can use."""
    assert value('duration("P1DT2H")') == timedelta(days=1, hours=2)
    assert value('duration("P1Y2M")') == YearsMonths(14)
    assert value('date and time("2026-01-05T09:00:00+08:00")') == datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=8)))
    assert value("[1..2)") == Range(1, 2, True, False)


def test_a_host_exception_passes_through():
    """The kernel may stop an evaluation from inside a function."""

    class Stop(Exception):
        pass

    def stop():
        raise Stop

    with pytest.raises(Stop):
        value("halt()", functions={"halt": stop})


def test_a_zone_that_does_not_exist_is_an_error_of_the_host():
    """A wrong jurisdiction must not make every date null."""
    with pytest.raises(FeelError, match="zone"):
        value("today()", now=NOON, zone="Asia/Nowhere")
