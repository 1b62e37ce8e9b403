"""Plans, contacts, and who gets a letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.model import Actor, Job, Moment, WorkItem
from engine.registry import Header
from handlers import contact, plan, recipient

pytestmark = pytest.mark.unit

HEADER = Header(
    stream="7",
    position=4,
    instance_id="7",
    case_id="1042",
    key="1042-a1",
    process="handling",
    actor_id="u1-handler",
    recorded_at=0,
    happened_on="2026-04-10",
    command="c",
)
PLAN = {"points": ["电梯"], "bureau": "城建司", "leader_id": "u1-leader", "steps": [{"text": "调研", "due_on": date(2026, 5, 1)}], "contact_plan": "电话"}


@pytest.mark.parametrize(("due_on", "rules"), [(date(2026, 5, 1), []), (date(2026, 4, 30), ["after_due"]), (None, [])])
def test_no_step_lies_after_the_reply_is_due(due_on: Any, rules: list[str]) -> None:
    """A step on the last day is in time; without a limit any day will do."""
    item = WorkItem(id="7.2", instance_id="7", element_id="make-plan", name="制定办理方案", inputs={"due_on": due_on})

    assert [fault.rule for fault in plan.check_plan(item, PLAN, {})] == rules


def test_each_round_has_its_own_plan() -> None:
    """The plan of a second handling does not touch that of the first."""
    (first,) = plan.fold_plan(PLAN, HEADER, "7.2")
    (second,) = plan.fold_plan(PLAN, replace(HEADER, instance_id="12"), "12.2")

    assert first.key != second.key
    assert set(first.key) | set(first.values) == set(plan.PLAN.columns)


def test_a_reading_notes_the_use() -> None:
    """Who read for reference, when, and to what use."""
    (change,) = plan.fold_reading({}, HEADER, "7.2")

    assert change.values["read_by"] == "u1-handler"
    assert set(change.key) | set(change.values) == set(plan.REFERENCE_READING.columns)


def test_each_contact_is_a_row_of_its_own() -> None:
    """The same act done twice leaves two rows."""
    data = {"stage": "during", "form": "phone", "at": date(2026, 4, 9), "persons": ["d1"], "content": "听取意见"}

    (first,) = contact.fold_contact(data, HEADER, "7.5")
    (second,) = contact.fold_contact(data, replace(HEADER, position=5), "7.5")

    assert first.key != second.key
    assert set(first.key) | set(first.values) == set(contact.CONTACT.columns)


def found(named: Any = None, letter_to: str | None = None) -> list[str]:
    job = Job(
        topic="",
        element_id="",
        instance_id="9",
        case_id="1042",
        key="1042-a1-r1",
        variables={"suggestion_id": "1042", "named": named},
        moment=Moment(now=datetime(2026, 7, 1, tzinfo=UTC), seed=0),
        happened_on=date(2026, 7, 1),
        actor=Actor(id="system", kind="system"),
    )
    rows = [
        {"deputy_id": "d1", "role": "lead", "confirmed_on": None},
        {"deputy_id": "d2", "role": "cosigner", "confirmed_on": "2026-03-02"},
        {"deputy_id": "d3", "role": "cosigner", "confirmed_on": None},
    ]
    read = {"proposers": rows, "letter_to": letter_to} if recipient.reads_proposers(job) else {}
    return list(recipient.find(job, read).variables["recipients"])


def test_every_proposer_gets_a_letter() -> None:
    """The lead and whoever confirmed his signature; an invited deputy who did not is no proposer."""
    assert found() == ["d1", "d2"]


def test_a_congress_may_write_to_the_lead_alone() -> None:
    """The setting cfg.letterTo decides."""
    assert found(letter_to="lead-only") == ["d1"]


def test_a_caller_may_name_the_recipients() -> None:
    """Then nothing is read, and nobody gets two letters."""
    assert found(named=["d7", "d1", "d7"]) == ["d7", "d1"]
