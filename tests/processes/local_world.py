"""One suggestion carried through the shipped diagrams in one jurisdiction, with the shipped tables of limits and settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import CompleteWorkItem, PerformAct, RegisterUnits

FILES = (
    "suggestion.bpmn", "screening.bpmn", "assignment.bpmn", "handling.bpmn", "feedback.bpmn", "commitment.bpmn",
    "rule_screen.dmn", "rule_satisfied.dmn", "time_limits.dmn", "settings.dmn",
)  # fmt: skip
EIGHT = ("national", "beijing", "shanghai", "chongqing", "shandong", "qingdao", "zhejiang", "henan")
ROLES = ("desk", "handler", "leader", "principal", "secrecy")
PEOPLE: Mapping[str, Sequence[str]] = {
    "clerk": ["commission", "secretariat"],
    "chief": ["commission"],
    **{deputy: ["deputy"] for deputy in ("lead", "second", "third")},
    **{f"{role}-{unit}": [f"unit-{role}:{unit}"] for role in ROLES for unit in ("u1", "u2")},
}
PAPER = {"title": "关于老旧小区加装电梯的建议", "proposer_type": "single", "session": "14-2", "channel": "session", "lead_id": "lead"}
LEAD_AND_CO = [{"unit": "u1", "mode": "lead"}, {"unit": "u2", "mode": "co"}]
SIGNED = {"action": "sign", "leader_id": "x", "handler_id": "handler", "contact_person": "某某", "phone": "010-1234"}
PLAN = {"points": ["电梯"], "bureau": "城建司", "leader_id": "leader-u1", "steps": [{"text": "调研", "due_on": "2026-05-01"}], "contact_plan": "电话"}
CONTACT = {"stage": "before", "form": "phone", "at": "2026-04-01", "persons": ["lead"], "content": "听取意见", "more": False}
REVIEW = {"secret": False, "business_secret": False, "privacy": False, "publish_proposal": "full"}
MEETING_ON = "2026-03-25"
"""The assignment meeting was held a week before it was recorded: the day of assignment is not the day of receipt."""


class Local:
    """A congress of a jurisdiction with one suggestion. It begins on Wednesday, 1 April 2026."""

    def __init__(self, congress: Callable[..., Any], jurisdiction: str, *, files: Sequence[str] = FILES, more: Mapping[str, bytes] | None = None) -> None:
        self.world = congress(files=files, people=PEOPLE, jurisdiction=jurisdiction, more=more)
        self.world.engine.execute(RegisterUnits(actor="admin", data=[{"id": unit, "name": unit, "kind": "部委"} for unit in ("u1", "u2")]))
        self.case = ""

    def assign(self, rows: Sequence[Mapping[str, Any]] = LEAD_AND_CO, **paper: Any) -> None:
        """Entered from paper, registered, allocated, and assigned by the meeting of the week before."""
        world = self.world
        self.case = str(world.start("suggestion", "clerk", "start-import", **{**PAPER, **paper}).case_id)
        world.do("political-quality-check", "clerk", checks=[], outcome="pass")
        world.do("classify", "clerk", main_class="住房")
        world.do("propose-allocation", "clerk", rows=list(rows))
        world.do("decide-allocation", "chief", approved=True)
        world.start("assignment_meeting", "chief")
        world.do("hold-assignment-meeting", "chief", session="14-2", held_on=MEETING_ON, place="会堂")

    def item(self, element: str, assignment: str) -> Mapping[str, Any]:
        """The open work item of an element for one assignment, `a1`."""
        rows = self.world.rows("work_item", element_id=element, status="open")
        mine = {row["id"] for row in self.world.rows("instance") if row["key"].startswith(f"{self.case}-{assignment}")}
        (found,) = [row for row in rows if row["instance_id"] in mine]
        return found

    def do(self, element: str, assignment: str, person: str, **data: Any) -> None:
        """A person completes that item."""
        self.world.engine.execute(CompleteWorkItem(actor=person, item_id=self.item(element, assignment)["id"], data=data))
        self.world.engine.drain()

    def act(self, act: str, person: str, **data: Any) -> None:
        """A person does what is offered by hand on an instance of this case."""
        (offered,) = self.world.rows("subscription", act=act, status="open")
        self.world.engine.execute(PerformAct(actor=person, subscription_id=offered["id"], data=data))
        self.world.engine.drain()

    def sign_in(self, assignment: str = "a1", unit: str = "u1") -> None:
        """The unit signs for what it was given."""
        self.do("sign-in", assignment, f"desk-{unit}", **SIGNED)

    def draft(self, reply_class: str, *, signer: str, number: str = "建办〔2026〕1号", **more: Any) -> None:
        """Plan, contact, draft, review and signature of the first unit."""
        self.do("make-plan", "a1", "handler-u1", **PLAN)
        self.do("contact-deputy", "a1", "handler-u1", **CONTACT)
        reply = {"points": [{"point": "电梯", "answer": "已加装"}], "reply_class": reply_class, "reply_form": "written", "publish_proposal": "full"}
        self.do("draft-reply", "a1", "handler-u1", **reply, **more)
        self.do("review-publication", "a1", "secrecy-u1", **REVIEW)
        self.do("sign-reply", "a1", signer, decision="sign", document_number=number)

    def dissatisfied(self, **more: Any) -> None:
        """The lead deputy is not satisfied with the result."""
        rating = {"handling": "S", "result": "N", "text": "未解决", "wants_redo": True, "publish_rating": False}
        self.world.do("give-feedback", "lead", **{**rating, **more})

    def assignment(self, identifier: str = "a1") -> Mapping[str, Any]:
        """The record of an assignment."""
        return dict(self.world.row("assignment", id=f"{self.case}-{identifier}"))
