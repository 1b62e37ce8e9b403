"""The ways of a topic under key supervision through its diagram: taken, not taken, watched over, closed or carried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

FILES = ("key_supervision.bpmn", "feedback.bpmn", "rule_satisfied.dmn", "time_limits.dmn")
PEOPLE = {
    "commission": ["commission"],
    "recorder": ["secretary-general-office"],
    "chairpersons": ["chairpersons"],
    "committee": ["special-committee:u121"],
    "other-committee": ["special-committee:u124"],
    "principal": ["unit-principal:u021"],
}
PROPOSAL = {
    "title": "深化文旅融合",
    "grounds": ["vital-interests"],
    "items": ["901", "902"],
    "lead_unit_id": "u021",
    "committee_id": "u121",
}
AGREED = {"decision": "agreed", "decided_on": "2026-04-01"}
PLAN = {"aims": "摸清情况", "symposium_on": "2026-05-10", "survey_on": "2026-06-10", "report_on": "2026-09-10", "persons": ["某委员"]}


@pytest.fixture(name="world")
def _world(congress: Callable[..., Any]) -> Any:
    world = congress(files=FILES, people=PEOPLE)
    world.start("key_supervision", "commission", **PROPOSAL)
    return world


def _decide(world: Any) -> None:
    world.do("proposing-body", "recorder", body="秘书长办公会议", **AGREED)
    world.do("deciding-body", "chairpersons", body="委员长会议", **AGREED)
    world.do("assign-supervisor", "commission", contact_persons=["某处长"])


def _event(kind: str, *, again: bool = False) -> dict[str, Any]:
    return {"kind": kind, "held": True, "held_on": "2026-04-01", "place": "北京", "minutes": "纪要1号", "again": again}


def _supervise(world: Any) -> None:
    world.do("write-plan", "committee", **PLAN)
    world.do("hold-symposium", "committee", **_event("symposium"))
    world.do("do-survey", "committee", **_event("survey"))
    world.do("handling-plan-units", "principal", text="联合办理")


def test_a_decided_topic_keeps_the_name_of_its_body(world: Any) -> None:
    """The topic is open, its bundle linked, and the deciding body stands by its name of that day."""
    _decide(world)

    topic = world.row("key_topic")
    assert (topic["state"], topic["decided_by_body"], topic["decided_on"]) == ("open", "委员长会议", "2026-04-01")
    assert [row["suggestion_id"] for row in world.rows("key_item")] == ["901", "902"]
    assert [row["body"] for row in world.rows("topic_decision")] == ["秘书长办公会议", "委员长会议"]
    assert world.open_items() == ["handling-plan-units", "write-plan"]


@pytest.mark.parametrize("who", ["recorder", "chairpersons"])
def test_a_topic_that_is_not_taken_ends(world: Any, who: str) -> None:
    """Either body may leave the topic out, with a reason; nothing is bundled then."""
    if who == "chairpersons":
        world.do("proposing-body", "recorder", body="秘书长办公会议", **AGREED)
    element = "proposing-body" if who == "recorder" else "deciding-body"

    world.do(element, who, decision="declined", body="某会议", decided_on="2026-04-01", reason="不够集中")

    assert (world.row("key_topic")["state"], world.rows("key_item"), world.open_items()) == ("dropped", [], [])


def test_the_committee_and_the_unit_work_side_by_side(world: Any) -> None:
    """The unit reports once the committee has planned, met and surveyed and the unit has its plan."""
    _decide(world)

    _supervise(world)

    assert world.open_items() == ["unit-report"]
    assert world.item("unit-report")["due_on"] == "2026-09-10"


def test_a_symposium_may_be_held_again(world: Any) -> None:
    """Another symposium is asked for as long as one is announced."""
    _decide(world)
    world.do("write-plan", "committee", **PLAN)

    world.do("hold-symposium", "committee", **_event("symposium", again=True))
    assert "hold-symposium" in world.open_items()
    world.do("hold-symposium", "committee", **_event("symposium"))

    assert "do-survey" in world.open_items()
    assert len(world.rows("supervision_event", kind="symposium")) == 2


def test_the_committee_reports_up_at_any_time(world: Any) -> None:
    """Reports to the chairpersons move nothing and may be repeated."""
    _decide(world)

    world.act("report-up", "committee", kind="problem", text="资金不足")
    world.act("report-up", "committee", kind="important", text="有进展")

    assert [row["kind"] for row in world.rows("report_up")] == ["problem", "important"]
    assert world.open_items() == ["handling-plan-units", "write-plan"]


def test_a_topic_with_unanswered_suggestions_is_not_closed(world: Any) -> None:
    """A topic closes only when all its suggestions are answered; it may be carried on."""
    _decide(world)
    _supervise(world)
    world.do("unit-report", "principal", text="办理情况")
    world.do("committee-report", "committee", text="督办结果")

    with pytest.raises(Exception, match="not answered yet"):
        world.do("close-topic", "chairpersons", outcome="closed")
    world.do("close-topic", "chairpersons", outcome="carried-over")

    topic = world.row("key_topic")
    assert (topic["state"], topic["outcome"]) == ("closed", "carried-over")


def test_only_its_own_committee_supervises(world: Any) -> None:
    """Another committee may not write the plan."""
    _decide(world)

    with pytest.raises(Exception, match="special-committee:u121"):
        world.do("write-plan", "other-committee", **PLAN)


def test_history_of_a_topic_can_be_proved(world: Any) -> None:
    """Chains hold, every row is decided so again, and the tables follow from the events."""
    _decide(world)
    _supervise(world)

    assert not world.engine.verify().findings
    assert not world.engine.replay().findings
    assert not world.engine.rebuild().findings


def test_a_bundle_has_no_upper_limit(congress: Callable[..., Any]) -> None:
    """225 suggestions are linked in one commit, and the topic goes on to its committee."""
    world = congress(files=FILES, people=PEOPLE)
    world.start("key_supervision", "commission", **{**PROPOSAL, "items": [str(n) for n in range(1001, 1226)]})
    world.do("proposing-body", "recorder", body="秘书长办公会议", **AGREED)

    receipt = world.do("deciding-body", "chairpersons", body="委员长会议", **AGREED)

    assert len(world.rows("key_item")) == 225
    assert receipt.instance_id == world.row("key_topic")["id"]
    assert world.open_items() == ["assign-supervisor"]
