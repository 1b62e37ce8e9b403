"""More time is asked for once, decided by another person, and never lasts past the limit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.model import Actor, Job, Moment, WorkItem
from engine.registry import Header
from handlers import extension

pytestmark = pytest.mark.unit

ASSIGNMENT = {"id": "1042-a1", "mode": "sole", "reply_due_on": "2026-07-01"}
HEADER = Header(
    stream="7",
    position=4,
    instance_id="7",
    case_id="1042",
    key="1042-a1",
    process="handling",
    actor_id="c1",
    recorded_at=0,
    happened_on="2026-06-20",
    command="c",
)


def asked(new_due_on: date = date(2026, 9, 1), **rows: Any) -> list[str]:
    item = WorkItem(id="7.2", instance_id="7", element_id="ask-extension", name="申请延期")
    found = {"assignment": [ASSIGNMENT], "asked": [], "redone": [], **rows}
    return [fault.rule for fault in extension.check_asked(item, {"new_due_on": new_due_on}, found)]


def decided(data: dict[str, Any], by: str = "c1", **inputs: Any) -> list[str]:
    given = {"current_due_on": date(2026, 7, 1), "latest_due_on": date(2026, 10, 1), **inputs}
    item = WorkItem(id="7.9", instance_id="7", element_id="decide-extension", name="审批延期", claimed_by=by, inputs=given)
    return [fault.rule for fault in extension.check_decided(item, data, {"asked": [{"asked_by": "u1-leader"}]})]


def granted(day: date) -> dict[str, Any]:
    return {"decision": "granted", "granted_due_on": day}


def decide(**variables: Any) -> Any:
    given = {"assignment_id": "1042-a1", "suggestion_id": "1042", "unit": "u1", "current_due_on": date(2026, 7, 1), **variables}
    job = Job(
        topic="",
        element_id="",
        instance_id="7",
        case_id="1042",
        key="1042-a1",
        variables=given,
        moment=Moment(now=datetime(2026, 6, 20, tzinfo=UTC), seed=0),
        happened_on=date(2026, 6, 20),
        actor=Actor(id="c1"),
    )
    return extension.decide(job, {})


def test_a_first_request_for_a_later_date_is_taken() -> None:
    """A unit that owes a reply may ask once for a date after the one that stands."""
    assert asked() == []
    assert asked(date(2026, 7, 1)) == ["not_later"]
    assert asked(asked=[{"asked_on": "2026-05-01"}]) == ["asked_before"]


@pytest.mark.parametrize(("mode", "due_on", "rule"), [("co", None, "no_reply"), ("reference", None, "no_reply"), ("sole", None, "no_limit")])
def test_nothing_is_extended_where_nothing_runs(mode: str, due_on: str | None, rule: str) -> None:
    """Co-handlers, readers and units without a limit have nothing to extend."""
    assert asked(assignment=[ASSIGNMENT | {"mode": mode, "reply_due_on": due_on}]) == [rule]


def test_a_second_handling_is_not_extended() -> None:
    """The extended limit counts from the assignment; a second handling has a clock of its own."""
    assert asked(redone=[{"ordered_on": "2026-08-01"}]) == ["second_round"]


def test_the_new_date_lies_between_the_old_one_and_the_limit() -> None:
    """The form refuses a date past the limit and one that gives no more time."""
    assert decided(granted(date(2026, 10, 1))) == []
    assert decided(granted(date(2026, 10, 2))) == ["past_limit"]
    assert decided(granted(date(2026, 7, 1))) == ["not_later"]
    assert decided(granted(date(2027, 1, 1)), latest_due_on=None) == []


def test_who_asked_does_not_decide() -> None:
    """Another natural person decides (四眼原则)."""
    assert decided({"decision": "refused", "reason": "可以按期答复"}, by="u1-leader") == ["four_eyes"]


def test_what_stands_after_the_decision() -> None:
    """Granted, the new date stands; refused or undecided, the old one."""
    new = decide(decision="granted", granted_due_on=date(2026, 9, 30))
    old = decide(decision="refused", granted_due_on=None)
    none = decide()

    assert new.variables == {"granted": True, "reply_due_on": date(2026, 9, 30)}
    assert old.variables == {"granted": False, "reply_due_on": date(2026, 7, 1)}
    assert (none.facts[0].kind, none.facts[0].keys["decision"]) == ("ExtensionRefused", "undecided")


def test_the_decision_stands_in_the_record() -> None:
    """Only a granted date is entered as granted."""
    for outcome, due_on in ((decide(decision="granted", granted_due_on=date(2026, 9, 30)), date(2026, 9, 30)), (decide(decision="refused"), None)):
        (change,) = extension.fold_decided(outcome.facts[0], HEADER)

        assert change.values["granted_due_on"] == due_on
        assert set(change.key) | set(change.values) <= set(extension.EXTENSION.columns)
