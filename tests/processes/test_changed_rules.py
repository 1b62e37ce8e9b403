"""What changes later leaves what was decided before as it was: people, limits, calendars, forms and handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from engine import DeployDefinitions, EndMemberships, Outcome, PublishCalendar, RegisterPersons, RegisterUnits, StartInstance

PROCESSES = Path(__file__).parents[2] / "processes"
PEOPLE = {
    "clerk": ["commission", "secretariat"],
    "chief": ["commission"],
    "lead": ["deputy"],
    "desk": ["unit-desk:u1"],
    "handler": ["unit-handler:u1"],
}
PAPER = {"title": "关于老旧小区加装电梯的建议", "proposer_type": "single", "session": "14-2", "channel": "recess", "lead_id": "lead"}
DIAGRAMS = (
    "suggestion.bpmn", "screening.bpmn", "assignment.bpmn", "handling.bpmn", "feedback.bpmn", "commitment.bpmn",
    "rule_screen.dmn", "rule_satisfied.dmn", "time_limits.dmn",
)  # fmt: skip


def _assigned(world: Any) -> Any:
    world.engine.execute(RegisterUnits(actor="admin", data=[{"id": "u1", "name": "u1", "kind": "部委"}]))
    world.engine.execute(StartInstance(actor="clerk", process="suggestion", element_id="start-import", data=PAPER))
    world.do("political-quality-check", "clerk", checks=[], outcome="pass")
    world.do("classify", "clerk", main_class="住房")
    world.do("propose-allocation", "clerk", rows=[{"unit": "u1", "mode": "sole"}])
    world.do("decide-allocation", "chief", approved=True)
    world.do("sign-in", "desk", action="sign", leader_id="x", handler_id="handler", contact_person="某某", phone="010-1234")
    return world


def test_what_was_decided_before_a_change_is_decided_so_again(congress: Callable[..., Any]) -> None:
    """A person moved, a limit, a calendar, a form and a handler replaced: every row still replays, and clocks keep their limit."""
    world = _assigned(congress(files=DIAGRAMS, people=PEOPLE))
    engine = world.engine
    due_before = world.row("assignment")["reply_due_on"]

    engine.execute(EndMemberships(actor="admin", data=[{"person": "clerk", "group": "commission"}]))
    engine.execute(RegisterPersons(actor="admin", data=[{"id": "desk", "name": "desk", "groups": ["unit-desk:u2"]}]))
    engine.execute(PublishCalendar(actor="admin", years={"2026": {"holidays": ["2026-10-01"], "workdays": []}}))
    files = {name: (PROCESSES / name).read_bytes() for name in DIAGRAMS}
    forms = {f"forms/{path.name}": path.read_bytes() for path in (PROCESSES / "forms").glob("*.json")}
    limits = files["time_limits.dmn"]
    shorter = limits.replace(b"<text>3</text>", b"<text>2</text>")
    assert shorter != limits
    plan = forms["forms/f-plan.json"].replace(b'"bureau"', b'"office"')
    changed = {**files, **forms, "time_limits.dmn": shorter, "forms/f-plan.json": plan}
    engine.execute(DeployDefinitions(actor="admin", files=changed))
    handler = engine.registry.handlers["receipt.sign"]
    engine.registry.handlers["receipt.sign"] = replace(handler, handle=lambda job, rows: Outcome(), version=handler.version + 1)

    assert engine.replay().findings == []
    assert engine.rebuild().findings == []
    assert world.row("assignment")["reply_due_on"] == due_before == "2026-07-01"
    assert engine.due("reply", date(2026, 4, 1))["due_on"] == "2026-06-01"
