"""The deputy's two ratings, the second handling and the dispute."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.model import Actor, Job, Moment, WorkItem
from engine.registry import Header
from handlers import feedback

pytestmark = pytest.mark.unit

HEADER = Header(
    stream="9",
    position=2,
    instance_id="9",
    case_id="1042",
    key="1042-a1-r1",
    process="reply",
    actor_id="c1",
    recorded_at=0,
    happened_on="2026-07-20",
    command="c",
)


def job(**variables: Any) -> Job:
    given = {"reply_id": "1042-a1-r1", "suggestion_id": "1042", "assignment_id": "1042-a1", "unit": "u1", "round": 1, **variables}
    return Job(
        topic="",
        element_id="",
        instance_id="9",
        case_id="1042",
        key="1042-a1-r1",
        variables=given,
        moment=Moment(now=datetime(2026, 7, 20, tzinfo=UTC), seed=0),
        happened_on=date(2026, 7, 20),
        actor=Actor(id="d1"),
    )


def faults(item: WorkItem, given: Any = ()) -> list[str]:
    return [fault.rule for fault in feedback.check_valid(item, {}, {"given": given})]


def item(**changes: Any) -> WorkItem:
    values = {"id": "9.3", "instance_id": "9", "element_id": "give-feedback", "name": "评价反馈", "assignee": "d1", "claimed_by": "d1"}
    return WorkItem(**{**values, **changes}, inputs={"reply_id": "1042-a1-r1", "lead_id": "d1", "unit": "u1"})


def test_the_lead_rates_once_a_round() -> None:
    """Nobody rates for the lead deputy, and he rates a reply once (V9)."""
    assert faults(item()) == []
    assert faults(item(assignee="u1-leader", claimed_by="u1-leader")) == ["not_the_lead"]
    assert faults(item(claimed_by="u1-leader")) == ["not_the_lead"]
    assert faults(item(), [{"reply_id": "1042-a1-r1", "given_on": "2026-07-19"}]) == ["rated"]


def test_handling_and_result_are_rated_apart() -> None:
    """Both ratings stand in one row, with who gave them and when."""
    (fact,) = feedback.record(job(handling="S", result="N"), {}).facts

    (change,) = feedback.fold_given(fact, HEADER)

    assert (change.values["handling"], change.values["result"], change.values["status"]) == ("S", "N", "given")
    assert change.key == {"reply_id": "1042-a1-r1"}
    assert set(change.key) | set(change.values) <= set(feedback.FEEDBACK.columns)


@pytest.mark.parametrize(("decision", "to_unit", "unit"), [("redo-same", None, "u1"), ("redo-superior", "u9", "u9")])
def test_a_redo_goes_to_the_unit_or_to_its_superior(decision: str, to_unit: str | None, unit: str) -> None:
    """Round 2 begins on the day of the order, at the unit that the commission chose; that unit reads the case."""
    outcome = feedback.order_redo(job(decision=decision, to_unit=to_unit), {})

    assert outcome.variables == {"redo_unit": unit, "redo_round": 2, "ordered_on": date(2026, 7, 20)}
    ordered, *readers = feedback.fold_ordered(outcome.facts[0], HEADER)
    assert ordered.values["to_unit_id"] == unit
    assert f"unit-handler:{unit}" in [change.key["reader"] for change in readers]


def test_the_superior_is_another_organ() -> None:
    """The unit that answered is not its own superior."""
    same = {"decision": "redo-superior", "to_unit": "u1", "reason": "x"}
    other = {"decision": "redo-superior", "to_unit": "u9", "reason": "x"}

    assert [f.rule for f in feedback.check_redo(item(), same, {})] == ["same_unit"]
    assert list(feedback.check_redo(item(), other, {})) == []


def test_a_decision_belongs_to_the_reply_and_its_assignment() -> None:
    """The row of a decision names both, so that a second handling is found by the assignment."""
    (change,) = feedback.fold_decision({"decision": "redo-same", "reason": "敷衍"}, HEADER, "9.4")

    assert change.values["assignment_id"] == "1042-a1"
    assert set(change.key) | set(change.values) <= set(feedback.REHANDLING.columns)


def test_a_dispute_keeps_its_tasks_with_dates() -> None:
    """The opinion on handling is stored with what the unit should do by when."""
    data = {"participants": ["d1"], "opinion": "列入计划", "no_further": False, "unit_tasks": [{"text": "论证", "due_on": date(2026, 12, 1)}]}

    (change,) = feedback.fold_dispute(data, HEADER, "9.5")

    assert change.values["unit_tasks"] == [{"text": "论证", "due_on": "2026-12-01"}]
    assert set(change.key) | set(change.values) <= set(feedback.DISPUTE.columns)
