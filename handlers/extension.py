"""More time for a wide and hard suggestion (延期): asked by the unit's leader, decided by the commission. Pure.

The new date never lies past the limit `reply-extended`, counted from assignment (交办). What is undecided when the reply falls due
counts as not granted. The deputy is told either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, Where, rows_of

EXTENSION = Record(
    name="extension",
    key=("assignment_id", "instance_id"),
    columns={
        "assignment_id": "text",
        "instance_id": "text",
        "case_id": "text",
        "reason": "text",
        "work_done": "text",
        "new_due_on": "date",
        "asked_by": "text",
        "asked_on": "date",
        "decision": "text",
        "granted_due_on": "date",
        "decision_reason": "text",
        "decided_by": "text",
        "decided_on": "date",
    },
    indexes=(("case_id",), ("instance_id",)),
)

GRANTED, REFUSED, UNDECIDED = "granted", "refused", "undecided"


def declare(registry: Registry) -> None:
    """Declare the record, the topic extension.decide, the checks extension.asked and extension.decided, and the folds."""
    registry.record(EXTENSION)
    registry.handler(
        "extension.decide",
        takes={"assignment_id": "text", "suggestion_id": "text", "unit": "text", "current_due_on": "date"},
        may_take={"decision": (GRANTED, REFUSED, UNDECIDED), "granted_due_on": "date"},
        writes={"granted": "boolean", "reply_due_on": "date"},
    )(decide)
    registry.check("extension.asked", reads=reads_for_asked, takes=())(check_asked)
    registry.check("extension.decided", reads=reads_for_decided, takes={"latest_due_on": "date", "current_due_on": "date"})(check_decided)
    registry.form_fold("f-extension")(fold_asked)
    registry.form_fold("f-extension-decision")(fold_reason)
    registry.fold("ExtensionGranted", "ExtensionRefused")(fold_decided)


# -- asking


def reads_for_asked(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    """The assignment that the act's instance handles, its earlier requests, and whether it is handled for the second time."""
    key = Select(table="instance", columns=("key",), where=(Where(column="id", value=item.instance_id),), limit=1)
    own = Where(column="assignment_id", op="in_select", value=key)
    return {
        "assignment": Select(table="assignment", columns=("id", "mode", "reply_due_on"), where=(Where(column="id", op="in_select", value=key),), limit=1),
        "asked": Select(table="extension", columns=("asked_on",), where=(own,), order=("asked_on",), limit=1),
        "redone": Select(table="rehandling", columns=("ordered_on",), where=(own, Where(column="ordered_on", op="not_null")), limit=1),
    }


def check_asked(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """One request an assignment, by a unit that must answer, in the first round, for a date after the one that stands."""
    for row in rows_of(rows, "asked"):
        yield _whole("asked_before", "more time was asked for already on {asked_on}", asked_on=row["asked_on"])
    for row in rows_of(rows, "redone"):
        yield _whole("second_round", "a second handling, ordered on {ordered_on}, is not extended", ordered_on=row["ordered_on"])
    for row in rows_of(rows, "assignment"):
        if row["mode"] in ("co", "reference"):
            yield _whole("no_reply", "this unit owes no reply (mode {mode})", mode=row["mode"])
        elif row["reply_due_on"] is None:
            yield _whole("no_limit", "no limit runs for this reply, so there is nothing to extend")
        elif data["new_due_on"].isoformat() <= row["reply_due_on"]:
            yield FieldFault(
                field="new_due_on", rule="not_later", template="is not after {due_on}, the date that stands", params={"due_on": row["reply_due_on"]}
            )


# -- deciding


def reads_for_decided(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    """Who asked."""
    return {
        "asked": Select(table="extension", columns=("asked_by",), where=(Where(column="instance_id", value=item.instance_id),), order=("asked_on",), limit=1)
    }


def check_decided(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Another person decides than asked; the date lies after the one that stands and not past `reply-extended`."""
    for row in rows_of(rows, "asked"):
        # The engine shows a check the item as claimed by the person who completes it.
        if row["asked_by"] == item.claimed_by:
            yield _whole("four_eyes", "{person} asked for it, so another person decides", person=row["asked_by"])
    if data["decision"] != GRANTED:
        return
    latest_on, stands_on = item.inputs.get("latest_due_on"), item.inputs.get("current_due_on")
    granted_on: date = data["granted_due_on"]
    if isinstance(latest_on, date) and granted_on > latest_on:
        yield FieldFault(
            field="granted_due_on",
            rule="past_limit",
            template="is past {latest_on}, the last day of an extended reply",
            params={"latest_on": latest_on.isoformat()},
        )
    if isinstance(stands_on, date) and granted_on <= stands_on:
        yield FieldFault(
            field="granted_due_on", rule="not_later", template="is not after {due_on}, the date that stands", params={"due_on": stands_on.isoformat()}
        )


def decide(job: Job, rows: Rows) -> Outcome:
    """State what was decided; `reply_due_on` is the date that now stands, after `current_due_on` stood. Undecided is not granted."""
    given = job.variables
    decision = given.get("decision") or UNDECIDED
    granted = decision == GRANTED
    due_on = given["granted_due_on"] if granted else given["current_due_on"]
    fact = Fact(
        kind="ExtensionGranted" if granted else "ExtensionRefused",
        keys={
            "assignment_id": given["assignment_id"],
            "suggestion_id": given["suggestion_id"],
            "unit_id": given["unit"],
            "decision": decision,
            "due_on": due_on,
        },
    )
    return Outcome(variables={"granted": granted, "reply_due_on": due_on}, facts=(fact,))


def _whole(rule: str, template: str, **params: str) -> FieldFault:
    return FieldFault(field="", rule=rule, template=template, params=params)


# -- folds


def fold_asked(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """What was asked, why and by whom."""
    yield _extension(
        header,
        reason=data["reason"],
        work_done=data["work_done"],
        new_due_on=data["new_due_on"],
        asked_by=header.actor_id,
        asked_on=header.happened_on,
    )


def fold_reason(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """Who decided and why."""
    yield _extension(header, decision_reason=data.get("reason"), decided_by=header.actor_id)


def fold_decided(fact: Fact, header: Header) -> Iterable[Change]:
    """What was decided."""
    decision = fact.keys["decision"]
    granted_due_on = fact.keys["due_on"] if decision == GRANTED else None
    yield _extension(header, decision=decision, granted_due_on=granted_due_on, decided_on=header.happened_on)


def _extension(header: Header, **values: Any) -> Change:
    return Change(
        op="upsert",
        table="extension",
        key={"assignment_id": header.key, "instance_id": header.instance_id},
        values={"case_id": header.case_id, **values},
    )
