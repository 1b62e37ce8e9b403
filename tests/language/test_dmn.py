"""DMN conformance: each case of the kit is one test, named by its file, decision and inputs."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.feel import DecisionError, from_json, load_decisions, to_json

pytestmark = pytest.mark.language

KIT = Path(__file__).parent / "kit" / "dmn"
CASES = json.loads((KIT / "expected.json").read_text(encoding="utf-8"), parse_float=Decimal)


def title(case: dict[str, object]) -> str:
    """A readable id of a case."""
    note = f" ({case['note']})" if "note" in case else ""
    return f"{case['file'][:2]} {case['decision']} {json.dumps(case['inputs'], default=str)}{note}"


@pytest.mark.parametrize("case", CASES, ids=title)
def test_a_decision_has_the_outcome_of_the_kit(case):
    """The decision gives the output of the case, or an error that names what the case asks for."""
    decisions = load_decisions((KIT / case["file"]).read_bytes(), case["file"])
    variables = from_json(case["inputs"])

    if case.get("error"):
        with pytest.raises(DecisionError) as caught:
            decisions.evaluate(case["decision"], variables)

        assert all(text in str(caught.value) for text in case["must_mention"])
        return
    value = to_json(decisions.evaluate(case["decision"], variables).value)

    if "output_any_order" in case:
        assert sorted(value) == sorted(case["output_any_order"])
    else:
        assert value == case["output"]
