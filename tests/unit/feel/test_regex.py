"""Patterns: XPath's meaning where Python's agrees, without backtracking, and refusal of what is not taken."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel.errors import Undefined
from engine.feel.regex import compile_pattern

pytestmark = pytest.mark.unit

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "(a)", "(?:b)", "(ab|a)", r"\d", "^", "$", "a|b"])
REPEATED = st.tuples(ATOMS.filter(lambda atom: atom not in "^$" and "|" not in atom), st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?", "+?", "??"]))
PATTERNS = st.lists(st.one_of(ATOMS, REPEATED.map("".join)), min_size=1, max_size=5).map("".join)


@settings(max_examples=500, deadline=None)
@given(PATTERNS, st.text("ab1", max_size=9))
def test_the_first_match_is_pythons(pattern, text):
    """On the common language the machine finds the very match that a backtracking engine finds."""
    found = compile_pattern(pattern, "").search(text, 0, lambda steps: None)

    expected = re.search(pattern.replace("$", r"\Z"), text)

    assert (found and found[:2]) == (expected and expected.span())


@pytest.mark.parametrize("pattern", ["(", ")", "[", "[]", "a**", "*a", "{", "a{3,2}", "a{2000}", "((a{99}){99}){99}", r"(a)\1", "(?=a)", "(?i)a", r"\q", "[b-a]", "[a-z-[aeiou]", "[a-z-[aeiou]b]", "[-[a]]", "a" * 1001, "(" * 60 + ")" * 60])
def test_what_is_not_taken_is_refused(pattern):
    """A pattern that is wrong, too large or beyond the subset gives null with a reason."""
    with pytest.raises(Undefined):
        compile_pattern(pattern, "")


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|a)*$", "(a*)*b", "(.*)(.*)(.*)(.*)x", "a{0,50}a{50}b"])
def test_time_grows_with_the_text_only(pattern):
    """Patterns that blow up elsewhere cost a number of steps in proportion to the text."""
    costs = []
    for size in (200, 400):
        steps = []
        compile_pattern(pattern, "").search("a" * size + "!", 0, steps.append)
        costs.append(sum(steps))

    assert costs[1] < 2.5 * costs[0]


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "expected"),
    [
        ("AB", "i", "xab", True),
        ("a.b", "", "a\nb", False),
        ("a.b", "s", "a\nb", True),
        ("^b$", "m", "a\nb\nc", True),
        ("a b", "x", "ab", True),
        ("a.b", "q", "axb", False),
        ("A.", "iq", "xa.", True),
        (r"\p{Lu}", "", "aBc", True),
        (r"^\w+$", "", "办理单位", True),
        (r"[\d\-]+", "", "x-", True),
        ("第[0-9]{1,3}号", "", "第12号", True),
    ],
)
def test_flags_and_classes(pattern, flags, text, expected):
    """Flags and classes mean what XPath says."""
    assert (compile_pattern(pattern, flags).search(text, 0, lambda steps: None) is not None) is expected
