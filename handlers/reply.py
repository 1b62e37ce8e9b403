"""The unit's formal answer (答复): drafted, checked, reviewed for publication, signed. Pure.

A draft belongs to its handling instance; a signed reply is a row of its own, so that nobody outside the unit ever reads a draft.
Rules: V6 one effective reply an assignment and round · V7 a planned class needs a commitment with text, measure and date · V8 each
co-opinion or its absence is stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, Setting, Where, by_id, rows_of

from .opinion import co_handlers, missing_opinions, opinions_in

REPLY_CLASSES = ("A", "B", "C", "D")
"""Default of the setting cfg.replyClasses: solved or adopted, being solved or planned, not now, for reference."""

PLANNED_CLASSES = ("B",)
"""Default of the setting cfg.plannedClasses: the classes that promise something with a date."""

_CONTENT: Mapping[str, Any] = {"points": "json", "co_statements": "json", "commitments": "json", "above_report": "text"}

REPLY_DRAFT = Record(
    name="reply_draft",
    key=("instance_id",),
    columns={
        "instance_id": "text",
        "case_id": "text",
        "id": "text",
        "assignment_id": "text",
        "suggestion_id": "text",
        "unit_id": "text",
        "round": "integer",
        "reply_class": "text",
        "reply_form": "text",
        **_CONTENT,
        "publish_proposal": "text",
        "secret": "boolean",
        "business_secret": "boolean",
        "privacy": "boolean",
        "publication_reason": "text",
        "publication_summary": "text",
        "reviewed_by": "text",
        "reviewed_on": "date",
        "returned_reason": "text",
        "drafted_by": "text",
        "drafted_on": "date",
    },
    indexes=(("case_id",), ("id",), ("unit_id",)),
)
"""`id` is that of the reply that it is to become. The form gives the content, the fact `ReplyDrafted` of the same command the keys."""

REPLY = Record(
    name="reply",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "assignment_id": "text",
        "suggestion_id": "text",
        "unit_id": "text",
        "mode": "text",
        "round": "integer",
        "reply_class": "text",
        "reply_form": "text",
        **_CONTENT,
        "document_number": "text",
        "signed_by": "text",
        "signed_on": "date",
        "sent_on": "date",
        "due_on": "date",
        "late": "boolean",
        "publish_proposal": "text",
    },
    indexes=(("case_id",), ("assignment_id", "round"), ("suggestion_id",), ("unit_id", "document_number"), ("reply_class",), ("sent_on",)),
)


def declare(registry: Registry) -> None:
    """Declare records, the topics reply.check, reply.sign and reply.overdue, the checks reply.valid, reply.may_publish and reply.may_sign, and the folds."""
    registry.record(REPLY_DRAFT)
    registry.record(REPLY)
    registry.handler(
        "reply.check",
        reads=reads_for_check,
        takes={"reply_id": "text", "assignment_id": "text", "suggestion_id": "text", "unit": "text", "round": "number"},
        may_take={"reply_due_on": "date"},
        writes={"check_list": [("no-contact", "co-opinion-missing", "past-due")]},
    )(check)
    registry.handler(
        "reply.sign",
        reads=reads_draft,
        takes={"reply_id": "text", "assignment_id": "text", "suggestion_id": "text", "unit": "text", "mode": "text", "round": "number", "document_number": "text"},
        may_take={"reply_due_on": "date"},
        writes=(),
    )(sign)
    registry.handler(
        "reply.overdue",
        takes={"assignment_id": "text", "suggestion_id": "text", "unit": "text", "round": "number", "reply_due_on": "date"},
        writes=(),
    )(note_overdue)
    registry.check(
        "reply.valid",
        reads=reads_for_valid,
        takes={"assignment_id": "text", "suggestion_id": "text", "round": "number", "assigned_on": "date"},
    )(check_valid)
    registry.check("reply.may_sign", reads=reads_for_may_sign, takes={"assignment_id": "text", "unit": "text", "round": "number"})(check_may_sign)
    registry.check("reply.may_publish", reads=reads_for_may_publish, takes={"suggestion_id": "text"})(check_may_publish)
    registry.settings["cfg.replyClasses"] = list(REPLY_CLASSES)
    registry.settings["cfg.plannedClasses"] = list(PLANNED_CLASSES)
    registry.form_fold("f-reply")(fold_draft)
    registry.form_fold("f-publication-review")(fold_review)
    registry.form_fold("f-sign-reply")(fold_returned)
    registry.fold("ReplyDrafted")(fold_drafted)
    registry.fold("ReplySigned")(fold_signed)


# -- the draft is valid


def reads_for_valid(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    """The co-handlers, their opinions that are in, a reply of the same round, and the classes of the congress."""
    return {
        "co": co_handlers(item.inputs["suggestion_id"]),
        "sent": opinions_in(item.inputs["suggestion_id"]),
        "replies": _same_round(item),
        "classes": Setting(name="cfg.replyClasses"),
        "planned": Setting(name="cfg.plannedClasses"),
    }


def check_valid(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Rules V6, V7 and V8, and the class is one of the congress's classes."""
    classes = rows.get("classes") or REPLY_CLASSES
    if data["reply_class"] not in classes:
        yield FieldFault(field="reply_class", rule="class", template="must be one of {classes}", params={"classes": ", ".join(classes)})
    yield from _answered_already(rows)
    yield from _commitments(data["reply_class"], data.get("commitments", ()), rows)
    yield from _not_before(data.get("commitments", ()), item.inputs.get("assigned_on"))
    if item.inputs["round"] == 1:  # A second handling answers the deputy's dissatisfaction and waits for no co-opinion.
        yield from _co_statements(rows_of(rows, "co"), data.get("co_statements", ()), rows_of(rows, "sent"))


def _same_round(item: WorkItem) -> Select:
    return Select(
        table="reply",
        columns=("id", "document_number"),
        where=(Where(column="assignment_id", value=item.inputs["assignment_id"]), Where(column="round", value=item.inputs["round"])),
        order=("id",),
        limit=1,
    )


def _answered_already(rows: Rows) -> Iterable[FieldFault]:
    for row in rows_of(rows, "replies"):
        yield FieldFault(field="", rule="answered", template="the reply {number} of this round was signed already", params={"number": row["document_number"]})


def _commitments(reply_class: str, commitments: Sequence[Mapping[str, Any]], rows: Rows) -> Iterable[FieldFault]:
    planned = rows.get("planned") or PLANNED_CLASSES
    if reply_class in planned and not commitments:
        yield FieldFault(
            field="commitments",
            rule="commitment_needed",
            template="a reply of class {reply_class} promises at least one thing with text, measure and date",
            params={"reply_class": reply_class},
        )


def _not_before(commitments: Sequence[Mapping[str, Any]], assigned_on: Any) -> Iterable[FieldFault]:
    for place, commitment in enumerate(commitments):
        if isinstance(assigned_on, date) and commitment["due_on"] <= assigned_on:
            yield FieldFault(
                field=f"commitments.{place}.due_on",
                rule="past",
                template="is not after {assigned_on}, the day of the assignment",
                params={"assigned_on": assigned_on.isoformat()},
            )


def _co_statements(co: Sequence[Mapping[str, Any]], statements: Sequence[Mapping[str, Any]], sent: Sequence[Mapping[str, Any]]) -> Iterable[FieldFault]:
    """V8: one statement for each co-handler, and it says truly whether the opinion was received."""
    absent = set(missing_opinions(co, sent))
    said = {statement["unit"]: (place, statement["received"]) for place, statement in enumerate(statements)}
    for row in co:
        unit = row["unit_id"]
        if unit not in said:
            yield FieldFault(field="co_statements", rule="co_statement_missing", template="says nothing of the opinion of {unit}", params={"unit": unit})
            continue
        place, received = said.pop(unit)
        is_in = row["id"] not in absent
        if received != is_in:
            template = "the opinion of {unit} was received" if is_in else "the opinion of {unit} was not received"
            yield FieldFault(field=f"co_statements.{place}.received", rule="co_statement_untrue", template=template, params={"unit": unit})
    for unit, (place, _) in said.items():
        yield FieldFault(field=f"co_statements.{place}.unit", rule="no_co_handler", template="{unit} is no co-handler", params={"unit": unit})


# -- the list of points before signing


def reads_for_check(job: Job) -> Mapping[str, Read]:
    """The contacts of this handling, the co-handlers and their opinions that are in."""
    return {
        "co": co_handlers(job.variables["suggestion_id"]),
        "contacts": Select(table="contact", columns=("id",), where=(Where(column="instance_id", value=job.instance_id),), order=("id",), limit=1),
        "sent": opinions_in(job.variables["suggestion_id"]),
    }


def check(job: Job, rows: Rows) -> Outcome:
    """`check_list`: what the signer should know (答复检查). Codes: no-contact, co-opinion-missing, past-due. It stops nothing."""
    given = job.variables
    due_on = given.get("reply_due_on")
    found = []
    if not rows_of(rows, "contacts"):
        found.append("no-contact")
    if given["round"] == 1 and missing_opinions(rows_of(rows, "co"), rows_of(rows, "sent")):
        found.append("co-opinion-missing")
    if due_on is not None and job.happened_on > due_on:
        found.append("past-due")
    keys = {name: given[name] for name in ("reply_id", "assignment_id", "suggestion_id", "round")} | {"unit_id": given["unit"]}
    return Outcome(variables={"check_list": found}, facts=(Fact(kind="ReplyDrafted", keys=keys),))


# -- publication


def reads_for_may_publish(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    """What the congress publishes, and what the deputy wants."""
    if data["publish_proposal"] == "none":
        return {}
    return {"scope": Setting(name="cfg.publicationScope"), "suggestion": by_id("suggestion", item.inputs["suggestion_id"])}


def check_may_publish(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Nothing is proposed for publication that the congress does not publish, or that the deputy holds unfit where his wish counts (河南2017#29)."""
    scope = rows.get("scope")
    if scope is None:
        return
    if not scope["reply"]:
        yield FieldFault(field="publish_proposal", rule="no_publication", template="this congress publishes no replies; choose none")
    elif scope["deputy_wish"] and any(row["consent_publish"] == "no" for row in rows_of(rows, "suggestion")):
        yield FieldFault(field="publish_proposal", rule="deputy_wish", template="the deputy does not want it published; choose none")


# -- signing


def reads_for_may_sign(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    """The draft, a reply of the same round, and replies of the unit that bear the number."""
    if data["decision"] != "sign":
        return {}
    number = Where(column="document_number", value=data["document_number"])
    same_number = (Where(column="unit_id", value=item.inputs["unit"]), number)
    return {
        "draft": Select(table="reply_draft", where=(Where(column="instance_id", value=item.instance_id),), limit=1),
        "replies": _same_round(item),
        "same_number": Select(table="reply", columns=("id",), where=same_number, order=("id",), limit=1),
        "planned": Setting(name="cfg.plannedClasses"),
    }


def check_may_sign(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """The number is the unit's only one, no reply of this round is signed, and V7 holds of the draft."""
    if data["decision"] != "sign":
        return
    for row in rows_of(rows, "same_number"):
        yield FieldFault(field="document_number", rule="number_used", template="is the number of the reply {id} already", params={"id": row["id"]})
    yield from _answered_already(rows)
    for draft in rows_of(rows, "draft"):
        yield from _commitments(draft["reply_class"], draft["commitments"] or (), rows)


def reads_draft(job: Job) -> Mapping[str, Read]:
    """The draft of this handling."""
    return {"draft": Select(table="reply_draft", where=(Where(column="instance_id", value=job.instance_id),), limit=1)}


def sign(job: Job, rows: Rows) -> Outcome:
    """State that the reply was signed and sent. It is late when it is sent after its due date, whatever a timer said."""
    given = job.variables
    draft = rows_of(rows, "draft")[0]
    due_on = given.get("reply_due_on")
    fact = Fact(
        kind="ReplySigned",
        keys={
            "reply_id": given["reply_id"],
            "assignment_id": given["assignment_id"],
            "suggestion_id": given["suggestion_id"],
            "unit_id": given["unit"],
            "mode": given["mode"],
            "round": given["round"],
            "reply_class": draft["reply_class"],
            "reply_form": draft["reply_form"],
            "document_number": given["document_number"],
            "signed_by": job.actor.id,
            "signed_on": job.happened_on,
            "sent_on": job.happened_on,
            "due_on": due_on,
            "late": due_on is not None and job.happened_on > due_on,
            "publish_proposal": draft["publish_proposal"],
        },
        content={name: draft[name] for name in _CONTENT},
    )
    return Outcome(facts=(fact,))


def note_overdue(job: Job, rows: Rows) -> Outcome:
    """State that the reply's last day went by (答复超期). The work item stays open; lateness itself derives from the dates."""
    given = job.variables
    keys = {
        "assignment_id": given["assignment_id"],
        "suggestion_id": given["suggestion_id"],
        "unit_id": given["unit"],
        "round": given["round"],
        "due_on": given["reply_due_on"],
    }
    return Outcome(facts=(Fact(kind="ReplyOverdue", keys=keys),))


# -- folds


def fold_draft(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The draft; a later one replaces it."""
    commitments = [{**commitment, "due_on": commitment["due_on"].isoformat()} for commitment in data.get("commitments", ())]
    yield _draft(
        header,
        reply_class=data["reply_class"],
        reply_form=data["reply_form"],
        points=data["points"],
        co_statements=data.get("co_statements", []),
        commitments=commitments,
        above_report=data.get("above_report"),
        publish_proposal=data["publish_proposal"],
        drafted_by=header.actor_id,
        drafted_on=header.happened_on,
        returned_reason=None,
    )


def fold_drafted(fact: Fact, header: Header) -> Iterable[Change]:
    """Whose draft it is."""
    keys = {name: value for name, value in fact.keys.items() if name != "reply_id"}
    yield _draft(header, id=fact.keys["reply_id"], **keys)


def fold_review(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """What the secrecy review found and proposes."""
    yield _draft(
        header,
        secret=data["secret"],
        business_secret=data["business_secret"],
        privacy=data["privacy"],
        publish_proposal=data["publish_proposal"],
        publication_reason=data.get("reason"),
        publication_summary=data.get("summary"),
        reviewed_by=header.actor_id,
        reviewed_on=header.happened_on,
    )


def fold_returned(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """Why the draft went back; a signed reply is told by ReplySigned."""
    if data["decision"] == "send-back":
        yield _draft(header, returned_reason=data["reason"])


def _draft(header: Header, **values: Any) -> Change:
    return Change(op="upsert", table="reply_draft", key={"instance_id": header.instance_id}, values={"case_id": header.case_id, **values})


def fold_signed(fact: Fact, header: Header) -> Iterable[Change]:
    """The reply as it went out. Contents erased by order leave empty columns."""
    keys = {name: value for name, value in fact.keys.items() if name != "reply_id"}
    content = {name: fact.content.get(name) for name in _CONTENT}
    yield Change(
        op="insert",
        table="reply",
        key={"id": fact.keys["reply_id"]},
        values={"case_id": header.case_id, "instance_id": header.instance_id, **keys, **content},
    )
