"""The deputy's judgement of a reply (反馈), the second handling (再次办理) and the dispute that may follow. Pure.

Handling and result are rated apart, each S (满意), B (基本满意) or N (不满意). Rule V9: only the lead deputy rates, once a round.
Source: 全国人大议事规则2021#32 (a dissatisfied deputy is answered again by the organ or its superior).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Setting, by_id, rows_of

from .reading import reader, unit_groups

FEEDBACK = Record(
    name="feedback",
    key=("reply_id",),
    columns={
        "reply_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "suggestion_id": "text",
        "assignment_id": "text",
        "unit_id": "text",
        "round": "integer",
        "handling": "text",
        "result": "text",
        "text": "text",
        "wants_redo": "boolean",
        "publish_rating": "boolean",
        "given_by": "text",
        "given_on": "date",
        "status": "text",
    },
    indexes=(("case_id",), ("suggestion_id",), ("unit_id",), ("assignment_id",)),
)

REHANDLING = Record(
    name="rehandling",
    key=("reply_id",),
    columns={
        "reply_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "suggestion_id": "text",
        "assignment_id": "text",
        "decision": "text",
        "to_unit_id": "text",
        "reason": "text",
        "decided_by": "text",
        "decided_on": "date",
        "ordered_on": "date",
    },
    indexes=(("case_id",), ("suggestion_id",), ("assignment_id",)),
)

DISPUTE = Record(
    name="dispute",
    key=("reply_id",),
    columns={
        "reply_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "participants": "json",
        "opinion": "text",
        "unit_tasks": "json",
        "no_further": "boolean",
        "held_by": "text",
        "held_on": "date",
    },
    indexes=(("case_id",),),
)


RATINGS = ("S", "B", "N")
"""Satisfied, basically satisfied, dissatisfied (满意、基本满意、不满意)."""

DECISIONS = ("redo-same", "redo-superior", "explain")


def declare(registry: Registry) -> None:
    """Declare records, the topics feedback.record and feedback.order_redo, the checks feedback.valid and feedback.redo_valid, and the folds."""
    registry.record(FEEDBACK)
    registry.record(REHANDLING)
    registry.record(DISPUTE)
    registry.handler(
        "feedback.record",
        takes={"reply_id": "text", "suggestion_id": "text", "assignment_id": "text", "unit": "text", "round": "number", "handling": RATINGS, "result": RATINGS},
        writes={"rated_on": "date"},
    )(record)
    registry.handler(
        "feedback.order_redo",
        takes={"reply_id": "text", "suggestion_id": "text", "assignment_id": "text", "unit": "text", "round": "number", "decision": DECISIONS},
        may_take={"to_unit": "text"},
        writes={"redo_unit": "text", "redo_round": "number", "ordered_on": "date"},
    )(order_redo)
    registry.check("feedback.valid", reads=reads_for_valid, takes=("reply_id", "lead_id"))(check_valid)
    registry.check("feedback.redo_valid", takes=("unit",))(check_redo)
    registry.form_fold("f-feedback")(fold_text)
    registry.form_fold("f-redo-decision")(fold_decision)
    registry.form_fold("f-dispute-opinion")(fold_dispute)
    registry.fold("FeedbackGiven")(fold_given)
    registry.fold("RehandlingOrdered")(fold_ordered)


# -- rating


def reads_for_valid(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    """The rating of this reply, if there is one, and the ratings that the congress knows."""
    return {"given": by_id("feedback", item.inputs["reply_id"], column="reply_id"), "scale": Setting(name="cfg.feedbackScale")}


def check_valid(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """V9: the lead deputy himself, once a round, on the congress's scale."""
    scale = rows.get("scale") or RATINGS
    for name in ("handling", "result"):
        if name in data and data[name] not in scale:
            yield FieldFault(field=name, rule="scale", template="must be one of {ratings}", params={"ratings": ", ".join(scale)})
    lead_id = item.inputs["lead_id"]
    if item.assignee != lead_id or item.claimed_by not in (None, lead_id):
        yield FieldFault(field="", rule="not_the_lead", template="only {person}, who leads the suggestion, rates the reply", params={"person": lead_id})
    for row in rows_of(rows, "given"):
        yield FieldFault(field="", rule="rated", template="this reply was rated already on {given_on}", params={"given_on": str(row["given_on"])})


def record(job: Job, rows: Rows) -> Outcome:
    """State the two ratings. `rated_on`: where the law counts from dissatisfaction, from this day."""
    given = job.variables
    keys = {
        "reply_id": given["reply_id"],
        "suggestion_id": given["suggestion_id"],
        "assignment_id": given["assignment_id"],
        "unit_id": given["unit"],
        "round": given["round"],
        "handling": given["handling"],
        "result": given["result"],
        "given_by": job.actor.id,
        "given_on": job.happened_on,
    }
    return Outcome(variables={"rated_on": job.happened_on}, facts=(Fact(kind="FeedbackGiven", keys=keys),))


# -- second handling


def check_redo(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """The superior organ is another unit than the one that answered."""
    if data["decision"] == "redo-superior" and data["to_unit"] == item.inputs["unit"]:
        yield FieldFault(field="to_unit", rule="same_unit", template="{unit} answered itself; choose redo-same", params={"unit": data["to_unit"]})


def order_redo(job: Job, rows: Rows) -> Outcome:
    """State the order to handle again. `redo_unit`, `redo_round`, `ordered_on` are what the message carries."""
    given = job.variables
    unit = given["to_unit"] if given["decision"] == "redo-superior" else given["unit"]
    redo_round = int(given["round"]) + 1
    keys = {
        "reply_id": given["reply_id"],
        "suggestion_id": given["suggestion_id"],
        "assignment_id": given["assignment_id"],
        "to_unit_id": unit,
        "round": redo_round,
        "ordered_on": job.happened_on,
    }
    variables = {"redo_unit": unit, "redo_round": redo_round, "ordered_on": job.happened_on}
    return Outcome(variables=variables, facts=(Fact(kind="RehandlingOrdered", keys=keys),))


# -- folds


def fold_text(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The deputy's words, sealed until he sends them."""
    yield _row("feedback", header, text=data.get("text"), wants_redo=data.get("wants_redo", False), publish_rating=data.get("publish_rating", False))


def fold_given(fact: Fact, header: Header) -> Iterable[Change]:
    """The two ratings."""
    yield _row("feedback", header, status="given", **{name: value for name, value in fact.keys.items() if name != "reply_id"})


def fold_decision(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """What the commission decided on a dissatisfied deputy's opinion, and why."""
    yield _row(
        "rehandling",
        header,
        suggestion_id=header.case_id,
        assignment_id=header.key.rpartition("-r")[0],
        decision=data["decision"],
        to_unit_id=data.get("to_unit"),
        reason=data["reason"],
        decided_by=header.actor_id,
        decided_on=header.happened_on,
    )


def fold_ordered(fact: Fact, header: Header) -> Iterable[Change]:
    """The order went out, and the unit that handles again reads the case."""
    unit_id = fact.keys["to_unit_id"]
    yield _row("rehandling", header, to_unit_id=unit_id, ordered_on=fact.keys["ordered_on"])
    for group in unit_groups(unit_id):
        yield reader(header.case_id, group, header)


def fold_dispute(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The opinion on handling (处理意见) that came out of the meeting of both sides."""
    tasks = [{"text": task["text"], "due_on": task["due_on"].isoformat()} for task in data.get("unit_tasks", ())]
    yield _row(
        "dispute",
        header,
        participants=data["participants"],
        opinion=data["opinion"],
        unit_tasks=tasks,
        no_further=data["no_further"],
        held_by=header.actor_id,
        held_on=header.happened_on,
    )


def _row(table: str, header: Header, **values: Any) -> Change:
    place = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table=table, key={"reply_id": header.key}, values={**place, **values})
