"""The co-handler's paper (协办意见): drafted, signed, sent to the lead; and the lead's going on without it. Pure.

Rule V8: a reply with co-handlers states each co-opinion or its absence. So the lead may go on without a missing one, and a paper
that comes later is filed but no longer waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, Where, rows_of

OPINION = Record(
    name="opinion",
    key=("assignment_id",),
    columns={
        "assignment_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "suggestion_id": "text",
        "unit_id": "text",
        "class": "text",
        "points": "json",
        "measures": "text",
        "document_number": "text",
        "returned_reason": "text",
        "drafted_by": "text",
        "signed_by": "text",
        "sent_on": "date",
        "due_on": "date",
        "late": "boolean",
    },
    indexes=(("case_id",), ("suggestion_id",), ("unit_id", "document_number")),
)

CO_AWAIT = Record(
    name="co_await",
    key=("assignment_id", "instance_id"),
    columns={
        "assignment_id": "text",
        "instance_id": "text",
        "case_id": "text",
        "suggestion_id": "text",
        "awaited": "json",
    },
    indexes=(("case_id",), ("suggestion_id",)),
)
"""The lead waits for the opinions of `awaited` (assignment ids of the co-handlers); what was in before is not waited for."""

CO_WAIVER = Record(
    name="co_waiver",
    key=("assignment_id", "instance_id"),
    columns={
        "assignment_id": "text",
        "instance_id": "text",
        "case_id": "text",
        "suggestion_id": "text",
        "missing": "json",
        "reason": "text",
        "waived_by": "text",
        "waived_on": "date",
    },
    indexes=(("case_id",), ("suggestion_id",)),
)
"""The lead went on without the opinions of `missing` (assignment ids of the co-handlers)."""


def declare(registry: Registry) -> None:
    """Declare records, the topics opinion.expect, opinion.send and opinion.waive, the check opinion.may_sign, and the folds."""
    registry.record(OPINION)
    registry.record(CO_AWAIT)
    registry.record(CO_WAIVER)
    registry.handler(
        "opinion.expect",
        reads=reads_for_expect,
        takes={"assignment_id": "text", "suggestion_id": "text", "round": "number"},
        writes={"awaited": [{"assignment_id": "text", "unit": "text"}]},
    )(expect)
    registry.handler(
        "opinion.send",
        reads=reads_for_send,
        takes=("assignment_id", "suggestion_id", "unit", "document_number"),
        may_take={"due_on": "date"},
        writes={"lead_waits": "boolean"},
    )(send)
    registry.handler("opinion.waive", reads=reads_for_waive, takes=("assignment_id", "suggestion_id"), writes=())(waive)
    registry.check("opinion.may_sign", reads=reads_same_number, takes=("unit",))(check_may_sign)
    registry.form_fold("f-co-opinion")(fold_draft)
    registry.form_fold("f-sign-co-opinion")(fold_returned)
    registry.form_fold("f-go-on-without")(fold_reason)
    registry.fold("CoOpinionsAwaited")(fold_awaited)
    registry.fold("OpinionSent")(fold_sent)
    registry.fold("CoOpinionsWaived")(fold_waived)


def opinions_in(suggestion_id: str) -> Select:
    """The co-opinions of a suggestion that were sent, for any handler that must know which are in."""
    return Select(
        table="opinion",
        columns=("assignment_id", "unit_id", "sent_on"),
        where=(Where(column="suggestion_id", value=suggestion_id), Where(column="sent_on", op="not_null")),
        order=("assignment_id",),
    )


def co_handlers(suggestion_id: str) -> Select:
    """The assignments of the co-handlers as they stand, for a co-handler may have been replaced since the lead began."""
    mode, active = Where(column="mode", value="co"), Where(column="status", value="active")
    suggestion = Where(column="suggestion_id", value=suggestion_id)
    return Select(table="assignment", columns=("id", "unit_id"), where=(suggestion, mode, active), order=("id",))


def missing_opinions(co: Iterable[Mapping[str, Any]], sent: Iterable[Mapping[str, Any]]) -> list[str]:
    """The assignment ids of those co-handlers whose opinion is not in."""
    there = {row["assignment_id"] for row in sent}
    return [row["id"] for row in co if row["id"] not in there]


# -- waiting


def reads_for_expect(job: Job) -> Mapping[str, Read]:
    """The co-handlers and the opinions that are in."""
    suggestion_id = job.variables["suggestion_id"]
    return {"co": co_handlers(suggestion_id), "sent": opinions_in(suggestion_id)}


def expect(job: Job, rows: Rows) -> Outcome:
    """State for which opinions the lead waits: `awaited`. One that was in before the lead began is there for its reply already.

    A second handling (再次办理) waits for none.
    """
    given = job.variables
    co = rows_of(rows, "co") if given["round"] == 1 else ()
    missing = set(missing_opinions(co, rows_of(rows, "sent")))
    awaited = [{"assignment_id": row["id"], "unit": row["unit_id"]} for row in co if row["id"] in missing]
    keys = {
        "assignment_id": given["assignment_id"],
        "suggestion_id": given["suggestion_id"],
        "awaited": [row["assignment_id"] for row in awaited],
    }
    facts = (Fact(kind="CoOpinionsAwaited", keys=keys),) if awaited else ()
    return Outcome(variables={"awaited": awaited}, facts=facts)


# -- sending


def reads_for_send(job: Job) -> Mapping[str, Read]:
    """For whom the lead waits, and whether it has gone on or has replied already."""
    suggestion = Where(column="suggestion_id", value=job.variables["suggestion_id"])
    return {
        "awaits": Select(table="co_await", columns=("awaited",), where=(suggestion,), order=("assignment_id", "instance_id")),
        "waivers": Select(table="co_waiver", columns=("missing",), where=(suggestion,), order=("assignment_id",)),
        "replies": Select(table="reply", columns=("id",), where=(suggestion, Where(column="mode", value="lead")), order=("id",), limit=1),
    }


def send(job: Job, rows: Rows) -> Outcome:
    """State that the opinion went out. `lead_waits` says whether the lead waits for it now.

    A lead that has not begun yet will find it; one that began before this co-handler came waits for the unit that it replaced.
    """
    given = job.variables
    due_on = given.get("due_on")
    awaited = any(given["assignment_id"] in row["awaited"] for row in rows_of(rows, "awaits"))
    waived = any(given["assignment_id"] in row["missing"] for row in rows_of(rows, "waivers"))
    fact = Fact(
        kind="OpinionSent",
        keys={
            "assignment_id": given["assignment_id"],
            "suggestion_id": given["suggestion_id"],
            "unit_id": given["unit"],
            "document_number": given["document_number"],
            "signed_by": job.actor.id,
            "sent_on": job.happened_on,
            "due_on": due_on,
            "late": due_on is not None and job.happened_on > due_on,
        },
    )
    return Outcome(variables={"lead_waits": awaited and not waived and not rows_of(rows, "replies")}, facts=(fact,))


def reads_same_number(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    """Opinions of the unit that bear the number already."""
    if data["decision"] != "sign":
        return {}
    return {
        "same_number": Select(
            table="opinion",
            columns=("assignment_id",),
            where=(
                Where(column="unit_id", value=item.inputs["unit"]),
                Where(column="document_number", value=data["document_number"]),
            ),
            order=("assignment_id",),
            limit=1,
        )
    }


def check_may_sign(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """The document number is the unit's only one."""
    for row in rows.get("same_number", ()):
        yield FieldFault(
            field="document_number",
            rule="number_used",
            template="is the number of the opinion {id} already",
            params={"id": row["assignment_id"]},
        )


# -- going on without


def reads_for_waive(job: Job) -> Mapping[str, Read]:
    """The co-handlers and the opinions that are in."""
    suggestion_id = job.variables["suggestion_id"]
    return {"co": co_handlers(suggestion_id), "sent": opinions_in(suggestion_id)}


def waive(job: Job, rows: Rows) -> Outcome:
    """State which opinions the lead no longer waits for."""
    given = job.variables
    missing = missing_opinions(rows_of(rows, "co"), rows_of(rows, "sent"))
    fact = Fact(
        kind="CoOpinionsWaived",
        keys={"assignment_id": given["assignment_id"], "suggestion_id": given["suggestion_id"], "missing": missing},
    )
    return Outcome(facts=(fact,))


# -- folds


def fold_draft(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The draft; a later one replaces it."""
    yield _opinion(
        header,
        suggestion_id=header.case_id,
        points=data["points"],
        measures=data.get("measures"),
        drafted_by=header.actor_id,
        returned_reason=None,
        **{"class": data["opinion_class"]},
    )


def fold_returned(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """Why the draft went back; a signed one is told by OpinionSent."""
    if data["decision"] == "send-back":
        yield _opinion(header, returned_reason=data.get("reason"))


def fold_awaited(fact: Fact, header: Header) -> Iterable[Change]:
    """Whose opinion is waited for."""
    yield Change(
        op="upsert",
        table="co_await",
        key={"assignment_id": header.key, "instance_id": header.instance_id},
        values={"case_id": header.case_id, "suggestion_id": fact.keys["suggestion_id"], "awaited": fact.keys["awaited"]},
    )


def fold_sent(fact: Fact, header: Header) -> Iterable[Change]:
    """The opinion went out."""
    names = ("suggestion_id", "unit_id", "document_number", "signed_by", "sent_on", "due_on", "late")
    yield _opinion(header, **{name: fact.keys[name] for name in names})


def _opinion(header: Header, **values: Any) -> Change:
    return Change(
        op="upsert",
        table="opinion",
        key={"assignment_id": header.key},
        values={"case_id": header.case_id, "instance_id": header.instance_id, **values},
    )


def fold_reason(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """Why the lead goes on."""
    yield _waiver(header, reason=data["reason"])


def fold_waived(fact: Fact, header: Header) -> Iterable[Change]:
    """Whose opinion is no longer waited for."""
    yield _waiver(
        header,
        suggestion_id=fact.keys["suggestion_id"],
        missing=fact.keys["missing"],
        waived_by=header.actor_id,
        waived_on=header.happened_on,
    )


def _waiver(header: Header, **values: Any) -> Change:
    return Change(
        op="upsert",
        table="co_waiver",
        key={"assignment_id": header.key, "instance_id": header.instance_id},
        values={"case_id": header.case_id, **values},
    )
