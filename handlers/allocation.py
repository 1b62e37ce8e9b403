"""Allocation (分办): the proposed set of units, and the decision on it by another person than the proposer.

The set stands in a record, for a unit's part is a text; what goes on as a variable is who does what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import require
from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, by_id, rows_of

from .valid_set import MODES, Share, opened_on, set_faults, succession_faults, unit_faults, unit_reads

ALLOCATION = Record(
    name="allocation",
    key=("suggestion_id",),
    columns={
        "suggestion_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "rows": "json",
        "reason": "text",
        "proposed_by": "text",
        "proposed_on": "date",
        "approved": "boolean",
        "decided_by": "text",
        "decided_on": "date",
        "decision_reason": "text",
    },
    indexes=(("case_id",),),
)


def declare(registry: Registry) -> None:
    """The record, the handler that fixes the decided set, the checks and the folds of allocation."""
    registry.record(ALLOCATION)
    registry.handler("allocation.fix", reads=_proposed, takes=("suggestion_id",), writes={"allocation": [{"unit": "text", "mode": MODES}]})(fix)
    registry.check("assignment.valid_set", reads=_named_units, takes=(), may_take={"on": "date"})(valid_set)
    registry.check("allocation.may_decide", reads=_proposed_for_item, takes=())(may_decide)
    registry.form_fold("f-allocation")(fold_proposal)
    registry.form_fold("f-decide-allocation")(fold_decision)


def fix(job: Job, rows: Rows) -> Outcome:
    """The decided set becomes what routes the suggestion: units and modes, without the texts of their parts."""
    found = rows_of(rows, "allocation")
    require(found, "no_allocation", "nothing is proposed for suggestion {id}", id=job.variables["suggestion_id"])
    allocation = [{"unit": row["unit"], "mode": row["mode"]} for row in found[0]["rows"]]
    keys = {"suggestion_id": job.variables["suggestion_id"], "allocation": allocation, "decided_on": job.happened_on}
    return Outcome(variables={"allocation": allocation}, facts=(Fact(kind="AllocationDecided", keys=keys),))


def valid_set(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """V4 on the proposed set, with the units as they are on the day the work item opened."""
    shares = [Share.of(row) for row in data["rows"]]
    yield from set_faults(shares, "rows")
    yield from unit_faults(shares, rows, "rows", opened_on(item))
    yield from succession_faults(shares, rows, "rows")


def may_decide(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Four eyes: who proposed the set does not decide on it."""
    for row in rows_of(rows, "allocation"):
        if row["proposed_by"] == item.claimed_by:
            yield FieldFault(
                field="",
                rule="four_eyes",
                template="{person} proposed it; another person must decide",
                params={"person": str(row["proposed_by"])},
            )


def fold_proposal(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-allocation: a new proposal takes the place of the one before."""
    yield _allocation(
        header,
        rows=[{"unit": row["unit"], "mode": row["mode"], "part": row.get("part")} for row in data["rows"]],
        reason=data.get("reason"),
        proposed_by=header.actor_id,
        proposed_on=header.happened_on,
        approved=None,
        decided_by=None,
        decided_on=None,
        decision_reason=None,
    )
    yield Change(op="update", table="suggestion", key={"id": header.key}, values={"stage": "allocating"})


def fold_decision(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-decide-allocation: approved, or sent back with the reason."""
    yield _allocation(
        header,
        approved=data["approved"],
        decided_by=header.actor_id,
        decided_on=header.happened_on,
        decision_reason=data.get("reason"),
    )


def _allocation(header: Header, **values: Any) -> Change:
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table="allocation", key={"suggestion_id": header.key}, values=owned | values)


def _proposed(job: Job) -> Mapping[str, Read]:
    return {"allocation": by_id("allocation", job.variables["suggestion_id"], column="suggestion_id")}


def _proposed_for_item(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    # Allocation is called by the suggestion's instance, so that the instance's id is the suggestion's.
    return {"allocation": by_id("allocation", item.instance_id, column="suggestion_id")}


def _named_units(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    return unit_reads(row["unit"] for row in data["rows"])
