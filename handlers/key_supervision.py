"""Key supervision (重点督办): one topic, a bundle of suggestions, one lead unit and one committee that supervises.

A topic is a case of its own; each bundled suggestion keeps its own assignments, clocks and replies, so the bundle is a table of links
without an upper limit. Sources: 代表法 2025 article 52, work plan 2023 item 26, work plan 2022 item 27.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, ColumnKind, FieldFault, Header, Read, Record, Registry, Select, Where, by_id, rows_of

from .reading import reader, unit_groups

ANSWERING_MODES = ("sole", "lead", "separate")
"""Modes of handling that owe a reply (独办、主办、分办)."""

BUNDLE_MAX = 100_000
"""A bound on reads of a bundle, far above any session's number of suggestions."""

KEY_TOPIC = Record(
    name="key_topic",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "title": "text",
        "grounds": "json",
        "proposed_items": "json",
        "lead_unit_id": "text",
        "participants": "json",
        "committee_id": "text",
        "contact_persons": "json",
        "leader": "text",
        "stated_count": "integer",
        "decided_by_body": "text",
        "decided_on": "date",
        "state": "text",
        "closed_on": "date",
        "outcome": "text",
        "close_reason": "text",
        "demo": "boolean",
    },
    indexes=(("case_id",), ("state",), ("committee_id",), ("lead_unit_id",)),
)

KEY_ITEM = Record(
    name="key_item",
    key=("topic_id", "suggestion_id"),
    columns={"topic_id": "text", "suggestion_id": "text", "case_id": "text", "instance_id": "text"},
    indexes=(("case_id",), ("suggestion_id",)),
)

TOPIC_DECISION = Record(
    name="topic_decision",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "topic_id": "text",
        "decision": "text",
        "body": "text",
        "decided_on": "date",
        "minutes": "text",
        "reason": "text",
        "recorded_by": "text",
    },
    indexes=(("case_id",), ("topic_id",)),
)

SUPERVISION_PLAN = Record(
    name="supervision_plan",
    key=("topic_id",),
    columns={
        "topic_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "aims": "text",
        "symposium_on": "date",
        "survey_on": "date",
        "report_on": "date",
        "persons": "json",
        "written_by": "text",
        "written_on": "date",
    },
    indexes=(("case_id",),),
)

SUPERVISION_EVENT = Record(
    name="supervision_event",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "topic_id": "text",
        "kind": "text",
        "held": "boolean",
        "held_on": "date",
        "place": "text",
        "deputies": "json",
        "units": "json",
        "minutes": "text",
        "opinions": "json",
        "reason": "text",
    },
    indexes=(("case_id",), ("topic_id", "kind")),
)

_PAPER: Mapping[str, ColumnKind] = {"topic_id": "text", "case_id": "text", "instance_id": "text", "text": "text", "written_by": "text", "written_on": "date"}

UNIT_PLAN = Record(name="unit_plan", key=("topic_id",), columns={**_PAPER, "document_number": "text"}, indexes=(("case_id",),))
UNIT_REPORT = Record(name="unit_report", key=("topic_id",), columns={**_PAPER, "document_number": "text"}, indexes=(("case_id",),))
SUPERVISION_REPORT = Record(name="supervision_report", key=("topic_id",), columns={**_PAPER, "good_case": "boolean"}, indexes=(("case_id",),))

REPORT_UP = Record(
    name="report_up",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "topic_id": "text",
        "kind": "text",
        "text": "text",
        "reported_by": "text",
        "reported_on": "date",
    },
    indexes=(("case_id",), ("topic_id",)),
)

_EVENT_KINDS = {"hold-symposium": "symposium", "do-survey": "survey"}
_STEPS = ("plan", "symposium", "survey", "report")


def declare(registry: Registry) -> None:
    """Declare the records, handlers, checks and folds of key supervision."""
    for record in (KEY_TOPIC, KEY_ITEM, TOPIC_DECISION, SUPERVISION_PLAN, SUPERVISION_EVENT, UNIT_PLAN, UNIT_REPORT, SUPERVISION_REPORT, REPORT_UP):
        registry.record(record)
    registry.handler(
        "key_supervision.bundle",
        reads=_proposal,
        takes={"topic_id": "text", "decided_on": "date", "lead_unit_id": "text", "body": "text"},
        writes={"bundled": ["text"]},
    )(bundle)
    registry.handler(
        "key_supervision.hand_over",
        reads=_items,
        takes=("topic_id", "committee_id", "lead_unit_id"),
        writes={"bundled": ["text"]},
    )(hand_over)
    registry.handler("key_supervision.drop", takes=("topic_id",), writes=())(drop)
    registry.handler("key_supervision.close", takes=("topic_id", "outcome"), writes=())(close)
    registry.check("key_supervision.event_valid", takes=())(event_faults)
    registry.check("key_supervision.may_close", reads=_steps_and_replies, takes=())(close_faults)
    registry.fold("KeyTopicDecided")(fold_decided)
    registry.fold("KeyTopicHandedOver")(fold_handed_over)
    registry.fold("KeyTopicDropped", "KeyTopicClosed")(fold_ended)
    for form, fold in _FORM_FOLDS.items():
        registry.form_fold(form)(fold)


# -- handlers


def _proposal(job: Job) -> Mapping[str, Read]:
    return {"topic": by_id("key_topic", job.variables["topic_id"])}


def bundle(job: Job, rows: Rows) -> Outcome:
    """State the decision and link every suggestion of the bundle (确定、打包); `bundled` lists them for the letters.

    The deciding body is kept by the name that it had on that day.
    """
    proposal = rows_of(rows, "topic")[0]
    items = list(proposal["proposed_items"])
    keys = {
        "topic_id": job.variables["topic_id"],
        "decided_on": job.variables["decided_on"],
        "lead_unit_id": job.variables["lead_unit_id"],
        "suggestion_ids": items,
    }
    fact = Fact(kind="KeyTopicDecided", keys=keys, content={"body": job.variables["body"]})
    return Outcome(variables={"bundled": items}, facts=(fact,))


def _items(job: Job) -> Mapping[str, Read]:
    return {"items": _bundled(job.variables["topic_id"])}


def hand_over(job: Job, rows: Rows) -> Outcome:
    """State which committee supervises (交督办); it may read every suggestion of the bundle from now on."""
    keys = {
        "topic_id": job.variables["topic_id"],
        "committee_id": job.variables["committee_id"],
        "lead_unit_id": job.variables["lead_unit_id"],
        "suggestion_ids": [row["suggestion_id"] for row in rows_of(rows, "items")],
    }
    # The list was needed to tell the proposers; it need not be carried on to the end.
    return Outcome(variables={"bundled": []}, facts=(Fact(kind="KeyTopicHandedOver", keys=keys),))


def drop(job: Job, rows: Rows) -> Outcome:
    """State that the topic was not taken (不列入)."""
    return _ended("KeyTopicDropped", job, state="dropped", closed_on=job.happened_on)


def close(job: Job, rows: Rows) -> Outcome:
    """State that the topic is closed, or tracked on over the years (办结、转跟踪)."""
    return _ended("KeyTopicClosed", job, state="closed", closed_on=job.happened_on, outcome=job.variables["outcome"])


def _ended(kind: str, job: Job, **values: Any) -> Outcome:
    return Outcome(facts=(Fact(kind=kind, keys={"topic_id": job.variables["topic_id"], **values}),))


def _bundled(topic_id: str) -> Select:
    return Select(table="key_item", columns=("suggestion_id",), where=(Where(column="topic_id", value=topic_id),), order=("suggestion_id",), limit=BUNDLE_MAX)


# -- checks


def event_faults(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """The kind of the event is that of the work item: a symposium is no survey."""
    wanted = _EVENT_KINDS.get(item.element_id, data["kind"])
    if data["kind"] != wanted:
        yield FieldFault(field="kind", rule="other_kind", template="must be {kind} for this work item", params={"kind": wanted})


def _steps_and_replies(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    # The topic's id is the id of its instance.
    topic = Where(column="topic_id", value=item.instance_id)
    bundled = Where(column="suggestion_id", op="in_select", value=_bundled(item.instance_id))
    held = Where(column="held", value=True)
    return {
        "plan": Select(table="supervision_plan", columns=("topic_id",), where=(topic,), limit=1),
        "symposium": Select(table="supervision_event", columns=("id",), where=(topic, Where(column="kind", value="symposium"), held), limit=1),
        "survey": Select(table="supervision_event", columns=("id",), where=(topic, Where(column="kind", value="survey"), held), limit=1),
        "report": Select(table="supervision_report", columns=("topic_id",), where=(topic,), limit=1),
        "assignments": Select(
            table="assignment",
            columns=("id", "suggestion_id"),
            where=(bundled, Where(column="status", value="active"), Where(column="mode", op="in", value=ANSWERING_MODES)),
            order=("id",),
            limit=BUNDLE_MAX,
        ),
        "replies": Select(
            table="reply",
            columns=("assignment_id",),
            where=(bundled, Where(column="sent_on", op="not_null")),
            order=("assignment_id",),
            limit=BUNDLE_MAX,
        ),
        "withdrawn": Select(
            table="suggestion",
            columns=("id",),
            where=(Where(column="id", op="in_select", value=_bundled(item.instance_id)), Where(column="withdrawn_on", op="not_null")),
            order=("id",),
            limit=BUNDLE_MAX,
        ),
        "items": _bundled(item.instance_id),
    }


def close_faults(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """A topic closes when every bundled suggestion is answered; a missing step of the supervision needs a reason."""
    unanswered = _unanswered(rows)
    if unanswered and data["outcome"] == "closed":
        yield FieldFault(
            field="outcome",
            rule="not_answered",
            template="{count} suggestion(s) of the bundle are not answered yet, the first: {first}",
            params={"count": str(len(unanswered)), "first": unanswered[0]},
        )
    missing = [step for step in _STEPS if not rows_of(rows, step)]
    if missing and not data.get("reason"):
        yield FieldFault(
            field="reason", rule="step_missing", template="is needed, since these steps are missing: {steps}", params={"steps": ", ".join(missing)}
        )


def _unanswered(rows: Rows) -> list[str]:
    """Suggestions of the bundle that stand without an assignment, or with one that owes a reply yet; withdrawn ones are out."""
    replied = {row["assignment_id"] for row in rows_of(rows, "replies")}
    assigned: dict[str, bool] = {}
    for row in rows_of(rows, "assignments"):
        assigned[row["suggestion_id"]] = assigned.get(row["suggestion_id"], True) and row["id"] in replied
    withdrawn = {row["id"] for row in rows_of(rows, "withdrawn")}
    return [row["suggestion_id"] for row in rows_of(rows, "items") if row["suggestion_id"] not in withdrawn and not assigned.get(row["suggestion_id"])]


# -- folds of facts


def fold_decided(fact: Fact, header: Header) -> Iterable[Change]:
    """The topic is open; each suggestion of the bundle has its link."""
    keys = fact.keys
    values = {"state": "open", "decided_on": keys["decided_on"], "decided_by_body": fact.content.get("body")}
    yield _topic(keys["topic_id"], **values)
    for suggestion_id in keys["suggestion_ids"]:
        yield Change(op="insert", table="key_item", key={"topic_id": keys["topic_id"], "suggestion_id": suggestion_id}, values=_place(header))
        yield reader(suggestion_id, "chairpersons", header)


def fold_handed_over(fact: Fact, header: Header) -> Iterable[Change]:
    """The committee reads the topic and its suggestions; the lead unit reads the topic."""
    keys = fact.keys
    committee = f"special-committee:{keys['committee_id']}"
    yield _topic(keys["topic_id"], committee_id=keys["committee_id"])
    for group in unit_groups(keys["lead_unit_id"]):
        yield reader(header.case_id, group, header)
    for case_id in (header.case_id, *keys["suggestion_ids"]):
        yield reader(case_id, committee, header)


def fold_ended(fact: Fact, header: Header) -> Iterable[Change]:
    """The topic's last state, its day and outcome."""
    values = {**fact.keys}
    yield _topic(values.pop("topic_id"), **values)


# -- folds of forms


def fold_proposal(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One topic as it is proposed (选题)."""
    values = {
        **_place(header),
        "title": data["title"],
        "grounds": list(data["grounds"]),
        "proposed_items": list(data["items"]),
        "lead_unit_id": data["lead_unit_id"],
        "participants": list(data.get("participants", ())),
        "committee_id": data["committee_id"],
        "stated_count": data.get("stated_count"),
        "state": "proposed",
        "demo": bool(data.get("demo", False)),
    }
    yield Change(op="insert", table="key_topic", key={"id": header.key}, values=values)
    yield reader(header.case_id, "chairpersons", header)
    yield reader(header.case_id, "secretary-general-office", header)


def fold_decision(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One decision of a body, by its name on that day."""
    values = {
        **_place(header),
        "topic_id": header.key,
        "decision": data["decision"],
        "body": data["body"],
        "decided_on": data["decided_on"],
        "minutes": data.get("minutes"),
        "reason": data.get("reason"),
        "recorded_by": header.actor_id,
    }
    yield Change(op="insert", table="topic_decision", key={"id": source}, values=values)


def fold_assignment(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The committee's contact persons and the leader who supervises."""
    yield _topic(header.key, contact_persons=list(data["contact_persons"]), leader=data.get("leader"))


def fold_plan(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The supervision plan (督办工作方案)."""
    days = {name: data[name] for name in ("symposium_on", "survey_on", "report_on")}
    yield _paper("supervision_plan", header, aims=data["aims"], persons=list(data["persons"]), **days)


def fold_event(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One symposium or survey, or why there was none."""
    values = {
        **_place(header),
        "topic_id": header.key,
        **{name: data.get(name) for name in ("kind", "held", "held_on", "place", "minutes", "reason")},
        **{name: list(data.get(name, ())) for name in ("deputies", "units", "opinions")},
    }
    yield Change(op="insert", table="supervision_event", key={"id": source}, values=values)


def fold_unit_plan(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The joint handling plan of the lead unit (办理方案)."""
    yield _paper("unit_plan", header, text=data["text"], document_number=data.get("document_number"))


def fold_unit_report(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The lead unit's report on the whole topic (办理情况报告)."""
    yield _paper("unit_report", header, text=data["text"], document_number=data.get("document_number"))


def fold_supervision_report(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The committee's report (督办报告)."""
    yield _paper("supervision_report", header, text=data["text"], good_case=bool(data.get("good_case", False)))


def fold_closing(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """Why a step is missing, where one is."""
    yield _topic(header.key, close_reason=data.get("reason"))


def fold_report_up(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One report to the chairpersons (重要情况和重大问题报告)."""
    values = {
        **_place(header),
        "topic_id": header.key,
        "kind": data["kind"],
        "text": data["text"],
        "reported_by": header.actor_id,
        "reported_on": header.happened_on,
    }
    # The act may be done again, so the position in the history is part of the id.
    yield Change(op="insert", table="report_up", key={"id": f"{source}/{header.position}"}, values=values)


_FORM_FOLDS = {
    "f-topic-proposal": fold_proposal,
    "f-topic-decision": fold_decision,
    "f-assign-supervisor": fold_assignment,
    "f-supervision-plan": fold_plan,
    "f-event": fold_event,
    "f-unit-plan": fold_unit_plan,
    "f-unit-report": fold_unit_report,
    "f-supervision-report": fold_supervision_report,
    "f-close-topic": fold_closing,
    "f-report-up": fold_report_up,
}


def _topic(topic_id: str, **values: Any) -> Change:
    return Change(op="update", table="key_topic", key={"id": topic_id}, values=values)


def _paper(table: str, header: Header, **values: Any) -> Change:
    """A paper of the topic; writing it again replaces it, the history keeps both."""
    written = {"written_by": header.actor_id, "written_on": header.happened_on}
    return Change(op="upsert", table=table, key={"topic_id": header.key}, values={**_place(header), **written, **values})


def _place(header: Header) -> dict[str, str]:
    return {"case_id": header.case_id, "instance_id": header.instance_id}
