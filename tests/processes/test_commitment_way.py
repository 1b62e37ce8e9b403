"""The ways of a commitment through its diagram: early, late, changed, sent back, given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

FILES = ("commitment.bpmn", "feedback.bpmn", "rule_satisfied.dmn", "time_limits.dmn")

# A stand-in for the handling of a unit: a person makes the promise by hand, and the message goes out as from a signed reply.
PROMISE = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  id="definitions-promise" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="promise" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:endEvent id="made">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="message.send" />
        <zeebe:taskHeaders>
          <zeebe:header key="message" value="msg-commitment-made" />
          <zeebe:header key="key" value="1-a1-r1-c1" />
        </zeebe:taskHeaders>
        <zeebe:ioMapping>
          <zeebe:input source="=&quot;1&quot;" target="suggestion_id" />
          <zeebe:input source="=&quot;1-a1&quot;" target="assignment_id" />
          <zeebe:input source="=&quot;1-a1-r1&quot;" target="reply_id" />
          <zeebe:input source="=&quot;u1&quot;" target="unit" />
          <zeebe:input source="=&quot;deputy&quot;" target="lead_id" />
          <zeebe:input source="=date(&quot;2026-09-30&quot;)" target="due_on" />
        </zeebe:ioMapping>
      </bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming>
      <bpmn:messageEventDefinition id="made-message" />
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="made" />
  </bpmn:process>
</bpmn:definitions>
"""
PEOPLE = {
    "deputy": ["deputy"],
    "desk": ["unit-desk:u1"],
    "handler": ["unit-handler:u1"],
    "leader": ["unit-leader:u1"],
    "commission": ["commission"],
}
MET = {"done_on": "2026-03-31", "text": "已加装并验收", "evidence": ["验收单1号"]}
CANNOT = {"cannot": True, "reason_kind": "policy", "reason": "规划调整"}
LINE = "1-a1-r1-c1"


@pytest.fixture(name="world")
def _world(congress: Callable[..., Any]) -> Any:
    world = congress(files=FILES, more={"promise.bpmn": PROMISE}, people=PEOPLE)
    world.start("promise", "handler")
    world.do("confirm-line", "desk", matches=True)
    return world


def _state(world: Any) -> tuple[Any, ...]:
    row = world.row("commitment_state", id=LINE)
    return row["state"], row["due_on"], row["due_on_first"], row["changes"]


def _ended(world: Any) -> list[tuple[str, Any]]:
    return [(row["key"], row["content"]["state"]) for row in world.rows("delivery", name="msg-commitment-ended")]


def test_a_promise_becomes_a_line_of_the_ledger(world: Any) -> None:
    """A promise made in a reply stands open in the ledger, and nobody is asked before its day."""
    assert _state(world) == ("open", "2026-09-30", "2026-09-30", 0)
    assert world.open_items() == []
    assert sorted(row["act"] for row in world.rows("subscription", status="open") if row["act"]) == ["change", "claim", "progress"]


def test_an_overdue_commitment_asks_the_unit(world: Any) -> None:
    """On its last day nobody is asked; the day after, the unit's leader is asked to report on it."""
    world.advance("2026-09-30T23:59+08:00")
    assert world.open_items() == []

    world.advance("2026-10-01T00:00+08:00")

    assert world.open_items() == ["claim-met"]
    assert world.item("claim-met")["due_on"] == "2026-09-30"


def test_a_promise_kept_early_is_verified_answered_and_rated(world: Any) -> None:
    """Claimed early, accepted, answered again, rated: the line has ended and the suggestion is told."""
    world.act("claim", "leader", **MET)
    assert _state(world)[0] == "met_claimed"

    world.do("verify-met", "commission", verified="accepted")
    assert _state(world)[0] == "kept"
    assert world.open_items() == ["rate-commitment"]

    world.do("rate-commitment", "deputy", rating="S")

    row = world.row("commitment_state", id=LINE)
    assert (row["met_on"], row["ended_on"]) == ("2026-03-31", "2026-04-01")
    assert world.row("commitment_rating", commitment_id=LINE)["rating"] == "S"
    assert _ended(world) == [("1", "kept")]


def test_a_promise_that_nobody_rates_can_be_settled(world: Any) -> None:
    """The commission settles a kept promise that its deputy does not rate."""
    world.act("claim", "leader", **MET)
    world.do("verify-met", "commission", verified="accepted")

    world.act("no-rating", "commission")

    assert (world.open_items(), _ended(world)) == ([], [("1", "kept")])
    assert world.rows("commitment_rating") == []


def test_a_claim_sent_back_is_late_at_once_when_its_day_is_past(world: Any) -> None:
    """A late claim that is sent back asks the unit again at once."""
    world.advance("2026-10-02T09:00+08:00")
    world.do("claim-met", "leader", **MET)

    world.do("verify-met", "commission", verified="back", reason="证据不足")
    world.engine.tick()

    assert _state(world)[0] == "open"
    assert world.open_items() == ["claim-met"]


def test_a_changed_date_moves_the_timer_and_keeps_the_first(world: Any) -> None:
    """A promise put off is asked for on its new day; its first day stands for ever."""
    world.act("change", "leader", cannot=False, new_due_on="2026-12-31", reason_kind="funds", reason="资金明年到位")
    assert _state(world) == ("open", "2026-12-31", "2026-09-30", 1)

    world.advance("2026-10-01T00:00+08:00")
    assert world.open_items() == []

    world.advance("2027-01-01T00:00+08:00")
    assert world.open_items() == ["claim-met"]


def test_the_same_date_is_refused(world: Any) -> None:
    """A change that names the promised date changes nothing."""
    with pytest.raises(Exception, match="promised already"):
        world.act("change", "leader", cannot=False, new_due_on="2026-09-30", reason_kind="funds", reason="无")


def test_a_promise_that_cannot_be_kept_ends_with_its_reason(world: Any) -> None:
    """A late line may be given up with a reason; the suggestion is told."""
    world.advance("2026-10-01T00:00+08:00")

    world.act("change", "leader", **CANNOT)

    assert _state(world)[0] == "not_met"
    assert world.row("commitment_change", commitment_id=LINE)["reason"] == "规划调整"
    assert (world.open_items(), _ended(world)) == ([], [("1", "not_met")])


def test_progress_is_noted_at_any_time(world: Any) -> None:
    """Progress is reported again and again, before and after the day, and moves nothing."""
    world.act("progress", "handler", text="已开工")
    world.advance("2026-10-01T00:00+08:00")
    world.act("progress", "handler", text="过半")

    assert [row["text"] for row in world.rows("progress")] == ["已开工", "过半"]
    assert world.open_items() == ["claim-met"]


def test_history_of_a_commitment_can_be_proved(world: Any) -> None:
    """Chains hold, every row is decided so again, and the tables follow from the events."""
    world.advance("2026-10-01T00:00+08:00")
    world.do("claim-met", "leader", **MET)
    world.do("verify-met", "commission", verified="accepted")

    assert not world.engine.verify().findings
    assert not world.engine.replay().findings
    assert not world.engine.rebuild().findings


def test_the_unit_alone_claims(world: Any) -> None:
    """Nobody but the unit's leader says that a promise is kept."""
    with pytest.raises(Exception, match="unit-leader:u1"):
        world.act("claim", "commission", **MET)

    assert _state(world)[1] == date(2026, 9, 30).isoformat()
