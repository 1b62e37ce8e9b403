"""FEEL conformance: each case of the kit is one test; what must be true stands in its id and in the case itself."""

import json
import re
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from engine.feel import Context, FeelError, FeelSyntaxError, Value, compile_expression, compile_unary_tests, from_json

pytestmark = pytest.mark.language

KIT = Path(__file__).parent / "kit" / "feel" / "cases.json"
CASES = json.loads(KIT.read_text(encoding="utf-8"), parse_float=Decimal)
# The generator texts of the kit are of one form only: "text" * n, joined by +.
GENERATED_MAX = 6_000_000


def cases_of(group: str, *, but: bool = False) -> list[object]:
    """The cases of a group (or of all others), each with a readable id."""
    chosen = [case for case in CASES if (case["group"] == group) is not but]
    return [pytest.param(case, id=f"{case['group']}: {_title(case)}") for case in chosen]


def _title(case: dict[str, object]) -> str:
    text = str(case.get("expression", case.get("unary_test", case.get("generate"))))
    note = f" ({case['note']})" if "note" in case else ""
    outcome = case.get("expect", "error" if case.get("error") else json.dumps(case.get("result"), default=str))
    return f"{text} => {outcome}{note}".encode("ascii", "backslashreplace").decode()


def same(found: Value, expected: Value) -> bool:
    """Equal with kinds: true is not 1, and 1.0 is 1."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    if isinstance(expected, list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict) and isinstance(found, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in found)
    return found == expected


def outcome(evaluate: Callable[[], Value]) -> Value:
    """The value, or the error as a value."""
    try:
        return evaluate()
    except (FeelError, FeelSyntaxError) as error:
        return error


def matches_case(found: Value, case: dict[str, Value]) -> bool:
    """Whether the outcome is one of those that the case accepts."""
    if isinstance(found, ValueError):
        return bool(case.get("error") or case.get("or_error"))
    if case.get("or_false") and found is False:
        return True
    return not case.get("error") and same(found, case.get("result"))


@pytest.mark.parametrize("case", [case for case in cases_of("attack", but=True) if "unary_test" not in case.values[0]])
def test_an_expression_has_the_value_of_the_kit(case):
    """The expression of the case has the value that the case gives, or is refused where the case says so."""
    context = Context(from_json(case["context"]))

    found = outcome(lambda: compile_expression(case["expression"]).evaluate(context))

    assert matches_case(found, case), repr(found)


@pytest.mark.parametrize("case", cases_of("unary test"))
def test_a_unary_test_decides_as_in_the_kit(case):
    """The cell holds for the input exactly as the case says."""
    context = Context(from_json(case["context"]))
    source = case.get("input_expression")
    value = compile_expression(source).evaluate(context) if source else from_json(case["input"])

    found = outcome(lambda: compile_unary_tests(case["unary_test"]).matches(value, context))

    assert matches_case(found, case), repr(found)


@pytest.mark.parametrize("case", cases_of("attack"))
def test_an_attack_ends_with_an_error_null_or_a_plain_value(case):
    """Nothing of the host language is visible, and nothing hangs, overflows or crashes."""
    text = case["expression"] if "expression" in case else generated(case["generate"])
    context = Context(from_json(case["context"]))
    started = time.process_time()

    found = outcome(lambda: compile_expression(text).evaluate(context))

    if case["expect"].startswith("error or null"):
        assert found is None or isinstance(found, ValueError), repr(found)
    assert " at 0x" not in str(found)
    assert time.process_time() - started < 5, "the budget is meant to stop this long before"


def generated(source: str) -> str:
    """The text that a generator of the kit describes, read without running it."""
    terms = re.findall(r'"((?:[^"\\]|\\.)*)"(?: \* (\d+))?', source)
    text = "".join(json.loads(f'"{quoted}"') * int(times or 1) for quoted, times in terms)
    assert len(text) < GENERATED_MAX
    return text
