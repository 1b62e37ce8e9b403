"""Rules of the DMN specification beyond the kit: numbers, texts, patterns, functions, ranges, moments, unary tests."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.feel import Context, FeelSyntaxError, Range, compile_expression, compile_unary_tests

pytestmark = pytest.mark.unit


def value(text, variables=None, known=frozenset()):
    """The value of an expression."""
    return compile_expression(text, known).evaluate(Context(variables or {}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7e2", 700), ("2.50E-1", Decimal("0.25")), (".4e+1", 4), ("-3e1", -30), ("[1e1..2e1].end", 20), ("0e9999", 0), ("6e33 + 1", 6 * 10**33 + 1)],
)
def test_a_number_may_have_an_exponent(text, expected):
    """DMN 1.4, grammar rule 37."""
    assert value(text) == expected


@pytest.mark.parametrize("text", ["1e9999", "1e-9999", "1e99999999999999999999999", "1e", "2e+", "3e4f"])
def test_a_number_beyond_the_range_or_cut_short_is_refused(text):
    """The analyst is told; nothing becomes infinite or null."""
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("horizon", 4, 2.9)', "iz"),
        ('substring("horizon", 4.9, 2)', "iz"),
        ('substring("horizon", -3.2)', "zon"),
        ('substring("horizon", 0.5)', None),
        ('substring("horizon", 2, -1)', None),
    ],
)
def test_the_places_of_a_substring_are_cut_to_whole_ones(text, expected):
    """Start and length are taken without their fraction."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('matches("B", "[^b]", "i")', False),
        ('matches("b", "[^B]", "i")', False),
        ('matches("c", "[^B]", "i")', True),
        ('matches("K", "[^a-m]", "i")', False),
        ('matches("R", "[p-s]", "i")', True),
        ('matches("a b", "a [ ] b", "x")', True),
        ('matches("ab", "a b", "x")', True),
        ('matches("a]b", "a [\\] ] b", "x")', True),
        ('matches("x7", "x [^ \\d ]", "x")', False),
        ('replace("one two", "[ ] t", "-", "x")', "one-wo"),
        ('matches("ab", "b", null)', True),
        ('replace("ab", "b", "c", null)', "ac"),
        ('matches("ab", "b", 1)', None),
        ('matches("(?=a)", "(?=a)", "q")', True),
        ('replace(flags: "q", replacement: "b", pattern: "(?=a)", input: "(?=a)")', "b"),
    ],
)
def test_flags_of_a_pattern(text, expected):
    """`i` folds the signs of a class before it is negated; `x` leaves the blanks inside a class (XPath 5.6.1.1)."""
    assert value(text) is expected or value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('matches("d", "^[a-f-[ce]]$")', True),
        ('matches("e", "^[a-f-[ce]]$")', False),
        ('matches("E", "^[a-f-[ce]]$", "i")', False),
        ('matches("c", "^[a-f-[^ce]]$")', True),
        ('matches("b", "^[^a-[b]]$")', False),
        ('matches("c", "^[a-f-[b-d-[c]]]$")', True),
        ('matches("-", "^[a-]$")', True),
        ('matches("人大", "^\\p{IsCJKUnifiedIdeographs}+$")', True),
        ('matches("é", "\\p{IsBasicLatin}")', False),
        ('matches("é", "\\P{IsBasicLatin}")', True),
    ],
)
def test_classes_can_be_subtracted_and_named_by_block(text, expected):
    """XML Schema, appendix F: what a class in brackets at the end holds is taken out; \\p{Is…} is a block of Unicode."""
    assert value(text) is expected


@pytest.mark.parametrize("text", ['matches(x, "(a)\\1")', 'replace(x, "(?=a)", "b")', 'split(delimiter: "\\i", string: x)', 'extract(x, "\\p{IsKlingon}")'])
def test_a_written_pattern_that_is_not_taken_is_refused(text):
    """What a pattern of XPath could say but is not taken here is told before anything runs, not answered by null."""
    with pytest.raises(FeelSyntaxError, match="pattern"):
        compile_expression(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(n: number) n)(4)", 4),
        ('(function(n: number) n)("4")', None),
        ("(function(n: number) n)([4])", 4),
        ("(function(n: number) n)([[4]])", 4),
        ("(function(n: number) n)([4, 5])", None),
        ("(function(n: list<number>) n)(4)", [4]),
        ('(function(n: list<number>) n)("4")', None),
        ("(function(n: number) n = null)(null)", True),
        ('(function(n: Any) n)("4")', "4"),
        ('(function(m: date and time) m)(date("2026-03-01"))', datetime(2026, 3, 1, tzinfo=UTC)),
        ("(function(n: number, s: string) s)(s: \"a\", n: 1)", "a"),
        ("(function(n: number, s: string) s)(s: 1, n: 1)", None),
        ('(function(n: number) n = null)("4")', True),
        ('(function(c: context<a: number>) c = null)({b: 1})', True),
    ],
)
def test_the_types_of_parameters_are_kept(text, expected):
    """What does not conform, and cannot be turned, arrives as null (10.3.2.9.4)."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 in [> 9, <= 7]", True),
        ("8 in [> 9, <= 7]", False),
        ('"m" in [>= "k"]', True),
        ("[< 3, 4]", [Range(None, 3, False, False), 4]),
        ("count([>= 1, < 0])", 2),
    ],
)
def test_a_list_may_hold_tests(text, expected):
    """A comparison without a left side is the range of what it holds for (DMN 1.4, grammar rule 2 j)."""
    assert value(text) == expected


@pytest.mark.parametrize("text", ["7 > > 5", "7 = >= 5", "[= 3]", "[!= 3]", "[>]"])
def test_elsewhere_a_comparison_has_two_sides(text):
    """It is far more often a slip: refused."""
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(a, b) a) instance of function<Any, Any> -> Any", True),
        ("(function(a, b) a) instance of function<Any> -> Any", False),
        ("(function() 1) instance of function<> -> Any", True),
        ("(function(a: number) a) instance of function<number> -> Any", True),
        ("(function(a: number) a) instance of function<string> -> Any", False),
        ("(function(a) a) instance of function<string> -> Any", True),
        ("1 instance of function<Any> -> Any", False),
        ("(function(a) a) instance of function", True),
    ],
)
def test_a_function_is_an_instance_by_its_parameters(text, expected):
    """The number of parameters counts, and their types where they are declared."""
    assert value(text) is expected


def test_the_kind_of_a_functions_result_is_not_asked():
    """It is known only once the function has run: refused, not guessed."""
    with pytest.raises(FeelSyntaxError, match="Any"):
        compile_expression("(function(a) a) instance of function<Any> -> string")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('range("[4..9]")', Range(4, 9, True, True)),
        ('range("]4..9[")', Range(4, 9, False, False)),
        ('range(" ( -4 .. 9.5 ] ")', Range(-4, Decimal("9.5"), False, True)),
        ('range("[4..)")', Range(4, None, True, False)),
        ('range("(..4]")', Range(None, 4, False, True)),
        ('range("[\\"k\\"..\\"m\\")")', Range("k", "m", True, False)),
        ('range("[@\\"2026-01-01\\"..date(\\"2026-02-01\\")]")', Range(date(2026, 1, 1), date(2026, 2, 1), True, True)),
        ('range(from: "[1..2]")', Range(1, 2, True, True)),
        ('range("[4..]")', None),
        ('range("[..4]")', None),
        ('range("(..)")', None),
        ('range("[9..4]")', None),
        ('range("[4..\\"m\\"]")', None),
        ('range("[n..4]")', None),
        ('range("[1+1..4]")', None),
        ('range("[date(string(\\"2026-01-01\\"))..date(\\"2026-02-01\\")]")', None),
        ('range("4")', None),
        ('range("")', None),
        ("range(4)", None),
    ],
)
def test_a_range_can_be_read_from_a_text(text, expected):
    """DMN 1.5, table 75: both ends are literals of one kind, in order; an end left out is open."""
    assert value(text, {"n": 1}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date and time("0001-01-01T00:00:00+10:00") = date and time("2026-01-01T00:00:00Z")', False),
        ('date and time("0001-01-01T00:00:00+10:00") = date and time("0001-01-01T01:00:00+11:00")', True),
        ('date and time("9999-12-31T23:30:00-10:00") > date and time("9999-12-31T23:30:00Z")', True),
        ('date and time("9999-12-31T23:30:00-10:00") - date and time("9999-12-31T23:30:00Z") = duration("PT10H")', True),
        ('date and time("9999-12-31T23:30:00-10:00") in [date and time("9999-12-31T23:30:00Z")]', False),
        ('list contains([date and time("0001-01-01T00:00:00+10:00")], date and time("2026-01-01T00:00:00Z"))', False),
        ('time("08:15:00z") = time("08:15:00Z")', True),
        ('time("08:15:00") = time("08:15:00Z")', False),
        ('time("08:15:00@Asia/Shanghai") != time("08:15:00")', True),
        ('time("08:15:00@Asia/Shanghai") = time("08:15:00@Asia/Tokyo")', False),
        ('time("08:15:00@Asia/Shanghai") = time("08:15:00+08:00")', None),
        ('date and time("2026-01-01T08:15:00") = date and time("2026-01-01T08:15:00Z")', False),
        ('date and time("2026-01-01T08:15:00+08:00") = date and time("2026-01-01T08:15:00@Asia/Shanghai")', True),
        ('date and time("2026-01-01T08:15:00") < date and time("2026-01-01T08:15:00Z")', None),
        ('@"2026-01-01T08:15:00z".hour', 8),
    ],
)
def test_moments_at_the_ends_of_the_calendar_compare(text, expected):
    """An offset may carry an instant beyond the years 1 to 9999; it has its place all the same."""
    assert value(text) is expected or value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{net+gross: 3}.net+gross", 3), ("{first-last: 1, r: first-last + 1}.r", 2), ("{due day: 3}.due day", 3), ("{a: {x/y: 5}}.a.x/y", 5), ("{a: 7}.a - 2", 5)],
)
def test_the_name_of_an_entry_may_hold_signs_and_blanks(text, expected):
    """A name that the expression itself gives is known as one where it is read (10.3.1.5)."""
    assert value(text) == expected


def test_names_of_a_context_end_with_it():
    """A longer name of an entry does not push out a shorter one that was known before."""
    assert value("[{day of month: 1, r: day of month}.r, due day]", {"due day": 5}, frozenset(["due day"])) == [1, 5]
    with pytest.raises(FeelSyntaxError, match="two words"):
        compile_expression("[{day of month: 1}, day of month]", frozenset(["due day"]))


@pytest.mark.parametrize(
    ("cell", "given", "expected"),
    [
        ("?", "any", True),
        ("upper case(?)", "ABC", True),
        ("upper case(?)", "Abc", False),
        ("[? - 1..? + 1]", 5, True),
        ("[? + 1, ? + 2]", 5, False),
        ("sum(?)", [1, 2], None),
        ("not(upper case(?))", "Abc", True),
    ],
)
def test_a_test_on_the_input_may_give_what_the_input_must_be(cell, given, expected):
    """An expression with ? that is no condition is compared with the input like any other (10.3.2.8)."""
    assert compile_unary_tests(cell).matches(given, Context({})) is expected
