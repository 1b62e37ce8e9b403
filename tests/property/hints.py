"""What a person who knows the case would type where the schema alone does not say it: hints by form, drawn from what stands in the tables.

Most papers with their hints are accepted; that some are not is meant. A hint of None leaves the field out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engine.feel import from_json

from .congress import COMMITTEES, DEPUTIES, UNITS, Congress
from .papers import SESSION, Schema

Hints = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What lies before the person: the element, its inputs, its instance's row, and the congress."""

    congress: Congress
    chance: random.Random
    person: str
    element_id: str
    inputs: Mapping[str, Any]
    instance: Mapping[str, Any]

    @property
    def key(self) -> str:
        return str(self.instance["key"])

    @property
    def unit(self) -> str:
        return self.person.partition("-")[2]

    def day(self, low: int, high: int) -> str:
        """A day between so many days from today."""
        return (self.congress.today + timedelta(days=self.chance.randint(low, high))).isoformat()

    def number(self) -> str:
        return f"文〔{self.congress.today.year}〕{self.chance.randint(1, 10**9)}号"


def draw(congress: Congress, chance: random.Random) -> Callable[[Schema], str | None]:
    """Texts that are no plain texts: dates, units and persons that exist."""

    def text(schema: Schema) -> str | None:
        if schema.get("format") == "date":
            low, high = {"past": (-20, 0), "future": (1, 90)}.get(schema.get("x-date", ""), (-20, 60))
            return (congress.today + timedelta(days=chance.randint(low, high))).isoformat()
        widget = schema.get("x-ui", {}).get("widget")
        if widget == "unit":
            return chance.choice(UNITS)
        return chance.choice(DEPUTIES) if widget == "person" else None

    return text


def hints(form_id: str, desk: Desk) -> Hints:
    """The hints for a form; none for a form that its schema describes whole."""
    give = _HINTS.get(form_id)
    return give(desk) if give else {}


def shares(chance: random.Random, units: list[str]) -> list[dict[str, Any]]:
    """A set of assignments, valid three times out of four."""
    units = chance.sample(units, len(units))
    kind = chance.choice(("sole", "lead", "lead", "separate", "wild"))
    if kind == "sole":
        rows = [{"unit": units[0], "mode": "sole"}]
    elif kind == "lead":
        rows = [{"unit": units[0], "mode": "lead"}, *({"unit": unit, "mode": "co"} for unit in units[1 : chance.randint(2, 4)])]
    elif kind == "separate":
        rows = [{"unit": unit, "mode": "separate", "part": f"第{place}项"} for place, unit in enumerate(units[: chance.randint(2, 3)])]
    else:
        modes = ("sole", "lead", "co", "separate", "reference")
        rows = [{"unit": chance.choice(units), "mode": chance.choice(modes), "part": "一"} for _ in range(chance.randint(1, 4))]
    return [*rows, {"unit": units[-1], "mode": "reference"}] if chance.random() < 0.3 else rows


def _draft(desk: Desk) -> Hints:
    others = [deputy for deputy in (*DEPUTIES, "head") if deputy != desk.person]
    kind = desk.chance.choice(("single", "joint", "delegation"))
    return {
        "proposer_type": kind,
        "cosigners": desk.chance.sample(others, desk.chance.randint(1, 3)) if kind == "joint" else None,
        "delegation_id": "dl1" if kind == "delegation" else None,
    }


def _import(desk: Desk) -> Hints:
    stated = str(desk.chance.randint(5000, 9999)) if desk.chance.random() < 0.3 else None
    return {
        **_draft(desk),
        "lead_id": desk.chance.choice(DEPUTIES),
        "channel": desk.chance.choice(("session", "recess")),
        "stated_number": stated,
        "filed_on": desk.day(-20, 0),
        "received_on": None,
    }


def _screen(desk: Desk) -> Hints:
    return {"outcome": desk.chance.choice(("pass", "pass", "pass", "pass", "repair", "letter", "reference", "refuse"))}


def _allocation(desk: Desk) -> Hints:
    return {"rows": shares(desk.chance, list(UNITS[:5]) if desk.chance.random() < 0.9 else list(UNITS))}


def _approve(desk: Desk) -> Hints:
    return {"approved": desk.chance.random() < 0.8}


def _meeting(desk: Desk) -> Hints:
    return {"session": SESSION, "held_on": desk.congress.today.isoformat()}


def _sign_in(desk: Desk) -> Hints:
    return {"action": "sign" if desk.chance.random() < 0.7 else "ask-return"}


def _return(desk: Desk) -> Hints:
    unit = str(desk.inputs["unit"])
    return {"proposed_unit": desk.chance.choice([other for other in UNITS if other != unit]), "signed_by": f"leader-{unit}"}


def _return_decision(desk: Desk) -> Hints:
    decision = desk.chance.choice(("accept-new-unit", "accept-new-unit", "accept-new-mode", "refuse"))
    if decision == "refuse":
        return {"decision": decision, "new_rows": None}
    active = desk.congress.rows("assignment", suggestion_id=desk.inputs["suggestion_id"], status="active")
    mode = next((row["mode"] for row in active if row["id"] == desk.inputs["assignment_id"]), "sole")
    free = [unit for unit in UNITS[:5] if unit not in {row["unit_id"] for row in active}]
    if desk.chance.random() < 0.2:
        return {"decision": decision, "new_rows": shares(desk.chance, free) if len(free) > 3 else []}
    row = {"unit": desk.chance.choice(free or list(UNITS)), "mode": mode}
    return {"decision": decision, "new_rows": [row | ({"part": "接办部分"} if mode == "separate" else {})]}


def _plan(desk: Desk) -> Hints:
    due_on = from_json(desk.inputs.get("due_on"))
    last = min(due_on, desk.congress.today) if isinstance(due_on, date) else desk.congress.today
    return {"steps": [{"text": "研究办理", "due_on": last.isoformat()}], "leader_id": f"leader-{desk.unit}"}


def _contact(desk: Desk) -> Hints:
    return {"at": desk.congress.today.isoformat(), "more": desk.chance.random() < 0.3}


def _reply(desk: Desk) -> Hints:
    chance, congress = desk.chance, desk.congress
    suggestion = desk.inputs["suggestion_id"]
    sent = {row["assignment_id"] for row in congress.rows("opinion", suggestion_id=suggestion) if row["sent_on"]}
    co = congress.rows("assignment", suggestion_id=suggestion, status="active", mode="co")
    said = [{"unit": row["unit_id"], "received": row["id"] in sent, "statement": "采纳协办意见"} for row in co]
    reply_class = chance.choice("ABBBCD")
    promises = [{"text": f"第{n}项承诺", "measure": "加装", "due_on": desk.day(1, 90)} for n in range(chance.randint(1, 2))]
    return {
        "reply_class": reply_class,
        "commitments": promises if reply_class == "B" or chance.random() < 0.1 else None,
        "co_statements": said if desk.inputs["round"] == 1 else None,
    }


def _sign(desk: Desk) -> Hints:
    return {"decision": "sign" if desk.chance.random() < 0.85 else "send-back", "document_number": desk.number()}


def _extension(desk: Desk) -> Hints:
    return {"new_due_on": desk.day(30, 150)}


def _extension_decision(desk: Desk) -> Hints:
    stands = from_json(desk.inputs["current_due_on"])
    return {"granted_due_on": (stands + timedelta(days=desk.chance.randint(1, 60))).isoformat()}


def _feedback(desk: Desk) -> Hints:
    return {"result": desk.chance.choice("SBNN"), "handling": desk.chance.choice("SSBN")}


def _redo(desk: Desk) -> Hints:
    decision = desk.chance.choice(("redo-same", "redo-same", "redo-superior", "explain"))
    others = [unit for unit in UNITS if unit != desk.inputs["unit"]]
    return {"decision": decision, "to_unit": desk.chance.choice(others) if decision == "redo-superior" else None}


def _change(desk: Desk) -> Hints:
    cannot = desk.chance.random() < 0.3
    return {"cannot": cannot, "new_due_on": None if cannot else desk.day(10, 120)}


def _met(desk: Desk) -> Hints:
    return {"done_on": desk.day(-5, 0)}


def _topic(desk: Desk) -> Hints:
    cases = [row["id"] for row in desk.congress.rows("suggestion")] or ["1"]
    return {
        "items": desk.chance.sample(cases, min(len(cases), desk.chance.randint(1, 3))),
        "lead_unit_id": desk.chance.choice(UNITS[:5]),
        "committee_id": desk.chance.choice(COMMITTEES),
    }


def _topic_decision(desk: Desk) -> Hints:
    return {"decision": "agreed" if desk.chance.random() < 0.9 else "declined", "decided_on": desk.congress.today.isoformat()}


def _event(desk: Desk) -> Hints:
    kind = {"hold-symposium": "symposium", "do-survey": "survey"}[desk.element_id]
    return {"kind": kind, "again": desk.chance.random() < 0.2}


def _close_topic(desk: Desk) -> Hints:
    return {"reason": "有的步骤没有进行"} if desk.chance.random() < 0.7 else {}


_HINTS: dict[str, Callable[[Desk], Hints]] = {
    "f-draft": _draft,
    "f-import": _import,
    "f-file": lambda desk: {"similar_seen": True},
    "f-delegation-sign": lambda desk: {"head_id": "head"},
    "f-screen": _screen,
    "f-allocation": _allocation,
    "f-decide-allocation": _approve,
    "f-meeting": _meeting,
    "f-sign-in": _sign_in,
    "f-return": _return,
    "f-return-decision": _return_decision,
    "f-decide-return": _approve,
    "f-plan": _plan,
    "f-contact": _contact,
    "f-reply": _reply,
    "f-sign-reply": _sign,
    "f-sign-co-opinion": _sign,
    "f-extension": _extension,
    "f-extension-decision": _extension_decision,
    "f-feedback": _feedback,
    "f-redo-decision": _redo,
    "f-commitment-change": _change,
    "f-met": _met,
    "f-topic-proposal": _topic,
    "f-topic-decision": _topic_decision,
    "f-event": _event,
    "f-close-topic": _close_topic,
}
