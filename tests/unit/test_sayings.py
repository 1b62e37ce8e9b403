"""A saying is recorded as template and parameters, and what older rows hold as text is still read."""

from __future__ import annotations

import pytest

from engine.apply import apply
from engine.errors import Conflict, Saying, listed, said_of, said_of_any
from engine.events import IncidentOpened
from engine.registry import Header, Registry

HEADER = Header(
    stream="7", position=2, instance_id="7", case_id="7", key="7", process="p", actor_id="kim", recorded_at=1, happened_on="2026-01-05", command="x"
)


def row_of(reason: object) -> dict[str, object]:
    event = IncidentOpened(incident_id="7.4", element_id="gw", code="no_flow", expression="", reason=reason)
    (change,) = apply(event, HEADER, Registry())
    return dict(change.values)


def test_a_saying_comes_back_with_its_inner_sayings_and_texts() -> None:
    """What is a saying among the parameters stays one, what is a text stays a text."""
    saying = Saying("{element}: {reason}", element="gw", reason=Saying("no rule"))

    assert saying.to_json() == {"template": "{element}: {reason}", "params": {"element": "gw", "reason": {"template": "no rule"}}}
    assert Saying.from_json(saying.to_json()) == saying


@pytest.mark.parametrize("reason", ["gw: no condition is true", {"template": "{element}: no condition is true", "params": {"element": "gw"}}])
def test_the_row_of_an_incident_has_its_english_and_what_was_recorded(reason: object) -> None:
    """A text of older rules and a recorded saying both give the English that data is searched by."""
    row = row_of(reason)

    assert (row["reason"], row["said"]) == ("gw: no condition is true", reason)


def test_an_erased_reason_is_empty() -> None:
    """Of an erased payload nothing is said."""
    assert row_of("")["reason"] == ""


def test_what_an_error_says_keeps_its_template() -> None:
    """Our own errors are said in any language; a bug names its class, in none."""
    assert said_of(Conflict("not_open", "{what} is not open", what="7.4")) == Saying("{what} is not open", what="7.4")
    assert str(said_of_any(ZeroDivisionError("by {zero}"))) == "ZeroDivisionError: by {zero}"
    assert str(said_of(listed([Saying("no rule"), Saying("no rule")], joint="{first}; {rest}"))) == "no rule; no rule"
