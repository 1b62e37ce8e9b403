"""The decision on a return (退回审核): drafted by one person, decided by another; accepted it changes the set, refused nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, by_id, rows_of

from .assignment import after_return, assignments_of
from .valid_set import Share, opened_on, set_faults, succession_faults, unit_faults, unit_reads

RETURN_DECISION = Record(
    name="return_decision",
    key=("id",),
    columns={
        "id": "text",
        "suggestion_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "decision": "text",
        "new_rows": "json",
        "reason": "text",
        "drafted_by": "text",
        "drafted_on": "date",
        "decided_by": "text",
        "decided_on": "date",
        "new_unit_id": "text",
    },
    indexes=(("case_id",), ("suggestion_id",)),
)
"""`id` is the id of the assignment whose return is decided."""

SUCCESSIONS_MAX = 10_000
"""A bound on reads of all successions, far above what a congress has units."""


def declare(registry: Registry) -> None:
    """The record, the refusal, the checks and the folds of return decisions."""
    registry.record(RETURN_DECISION)
    registry.handler("return_decision.refuse", takes=("assignment_id",), writes=())(refuse)
    registry.check("return_decision.valid", reads=_set_and_units, takes=("assignment_id",), may_take=("suggestion_id", "unit", "on"))(valid)
    registry.check("return_decision.may_decide", reads=_drafted, takes=("assignment_id",))(may_decide)
    registry.form_fold("f-return-decision")(fold_draft)
    registry.fold("ReturnRefused")(fold_refused)


def refuse(job: Job, rows: Rows) -> Outcome:
    """The return is not accepted (不同意退回): the assignment and its clock stay as they are."""
    keys = {
        "assignment_id": job.variables["assignment_id"],
        "decided_by": job.actor.id,
        "decided_on": job.happened_on,
    }
    return Outcome(facts=(Fact(kind="ReturnRefused", keys=keys),))


def fold_refused(fact: Fact, header: Header) -> Iterable[Change]:
    """The refusal was decided by this person on this day."""
    yield Change(
        op="update",
        table="return_decision",
        key={"id": fact.keys["assignment_id"]},
        values={"decided_by": fact.keys["decided_by"], "decided_on": fact.keys["decided_on"]},
    )


def fold_draft(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-return-decision: the draft takes the place of an earlier one on the same assignment."""
    rows = [{"unit": row["unit"], "mode": row["mode"], "part": row.get("part")} for row in data.get("new_rows") or ()]
    yield Change(
        op="upsert",
        table="return_decision",
        key={"id": data["assignment_id"]},
        values={
            "suggestion_id": header.key,
            "case_id": header.case_id,
            "instance_id": header.instance_id,
            "decision": data["decision"],
            "new_rows": rows,
            "reason": data["reason"],
            "drafted_by": header.actor_id,
            "drafted_on": header.happened_on,
            "decided_by": None,
            "decided_on": None,
            "new_unit_id": None,
        },
    )


def valid(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """It is about this item's assignment, and the set after it is valid (V4)."""
    if data["assignment_id"] != item.inputs["assignment_id"]:
        yield FieldFault(
            field="assignment_id",
            rule="this_return",
            template="this work item is about the return of {assignment}",
            params={"assignment": str(item.inputs["assignment_id"])},
        )
        return
    if data["decision"] == "refuse":
        return
    active = [row for row in rows_of(rows, "assignments") if row["status"] == "active"]
    staying, new = after_return(active, data["assignment_id"], data.get("new_rows") or ())
    whole = [*map(Share.of, staying), *new]
    yield from set_faults(whole, "new_rows")
    yield from unit_faults(new, rows, "new_rows", opened_on(item))
    yield from succession_faults(whole, rows, "new_rows")


def may_decide(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Four eyes: neither who drafted the decision nor who asked for the return decides it; what is approved is a valid set still (V4)."""
    for name, column in (("drafted", "drafted_by"), ("asked", "asked_by")):
        for row in rows_of(rows, name):
            if row[column] == item.claimed_by:
                yield FieldFault(
                    field="",
                    rule="four_eyes",
                    template="{person} drafted it or asked for it; another person must decide",
                    params={"person": str(row[column])},
                )
    if data["approved"]:
        yield from _outdated(item, rows)


def _outdated(item: WorkItem, rows: Rows) -> Iterable[FieldFault]:
    """The set may have changed since the draft: of two returns at once the other may have been decided first."""
    for draft in rows_of(rows, "drafted"):
        if draft["decision"] == "refuse":
            continue
        active = [row for row in rows_of(rows, "assignments") if row["status"] == "active"]
        staying, new = after_return(active, item.inputs["assignment_id"], draft["new_rows"] or ())
        whole = [*map(Share.of, staying), *new]
        successions = {"near": rows_of(rows, "successions"), "further": ()}
        for fault in (*set_faults(whole, "approved"), *succession_faults(whole, successions, "approved")):
            yield FieldFault(field="approved", rule=fault.rule, template=fault.template, params=fault.params)


def _set_and_units(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    # The units that stay are read by the set; their successions matter only where a new unit touches them.
    return {
        "assignments": assignments_of(item.instance_id),
        **unit_reads(row["unit"] for row in data.get("new_rows") or ()),
    }


def _drafted(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    assignment_id = item.inputs["assignment_id"]
    return {
        "drafted": by_id("return_decision", assignment_id),
        "asked": by_id("return_request", assignment_id, column="assignment_id"),
        "assignments": assignments_of(item.instance_id),
        "successions": Select(table="unit_succession", columns=("unit_id", "successor_id"), order=("unit_id", "successor_id"), limit=SUCCESSIONS_MAX),
    }
