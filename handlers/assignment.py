"""Assignment (交办) and re-assignment (改办): the set of units that handle a suggestion, released on one day, changed in one commit.

The suggestion's instance owns its whole set, so that the rule of a valid set (V4) and the rule that an answering unit always stands
(V5) are kept in one place: a returned assignment ends in the same facts by which the new one begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.errors import require
from engine.model import Fact, Job, Outcome, Rows
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, Where, by_id, rows_of

from .reading import no_reader, reader, unit_groups
from .suggestion import ANSWERING
from .valid_set import MODES, Share, set_faults, succession_faults, unit_faults, unit_reads

ASSIGNMENT = Record(
    name="assignment",
    key=("id",),
    columns={
        "id": "text",
        "suggestion_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "unit_id": "text",
        "mode": "text",
        "part": "text",
        "round": "integer",
        "assigned_on": "date",
        "batch_id": "text",
        "reply_due_on": "date",
        "reply_due": "json",
        "status": "text",
        "ended_on": "date",
        "predecessor_id": "text",
    },
    indexes=(("case_id",), ("suggestion_id", "status"), ("unit_id", "status"), ("batch_id",), ("status", "reply_due_on")),
)


CARRIED = {
    "assignment_id": "text",
    "unit": "text",
    "mode": MODES,
    "lead": "text",
    "co_assignments": [{"assignment_id": "text", "unit": "text"}],
}
"""What goes on about one new assignment, for its message."""


def declare(registry: Registry) -> None:
    """The record, the handlers of release, clock and re-assignment, and the folds of assignments."""
    registry.record(ASSIGNMENT)
    registry.handler(
        "assignment.release",
        reads=_allocated,
        takes={"suggestion_id": "text", "allocation": [{"unit": "text", "mode": MODES}]},
        may_take={"meeting_on": "date", "batch_id": "text"},
        writes={"assigned_on": "date", "assignments": [CARRIED]},
    )(release)
    registry.handler(
        "assignment.start_clock",
        takes={"assignments": [CARRIED], "assigned_on": "date"},
        may_take={"reply_due_on": "date"},
        writes=(),
    )(start_clock)
    registry.handler(
        "assignment.reassign",
        reads=_decided,
        takes=("suggestion_id", "assignment_id"),
        writes={"assigned_on": "date", "assignments": [CARRIED]},
    )(reassign)
    registry.fold("SuggestionAssigned")(fold_assigned)
    registry.fold("ReplyClockStarted")(fold_clock)
    registry.fold("AssignmentReturned")(fold_returned)
    registry.fold("UnitReassigned")(fold_reassigned)


# -- release


def release(job: Job, rows: Rows) -> Outcome:
    """Assign the suggestion to all its units on one day: that of the assignment meeting (交办会), else that of the act."""
    given = job.variables
    assigned_on = given.get("meeting_on") or job.happened_on
    found = rows_of(rows, "allocation")
    parts = {row["unit"]: row.get("part") for row in found[0]["rows"]} if found else {}
    shares = [Share(unit=row["unit"], mode=row["mode"], part=parts.get(row["unit"])) for row in given["allocation"]]
    faults = (*set_faults(shares, "rows"), *unit_faults(shares, rows, "rows", assigned_on), *succession_faults(shares, rows, "rows"))
    _require_valid(faults, given["suggestion_id"])
    made = _made(given["suggestion_id"], shares, rows)
    keys = {
        "suggestion_id": given["suggestion_id"],
        "assigned_on": assigned_on,
        "batch_id": given.get("batch_id"),
        "assignments": made,
    }
    return Outcome(
        variables={"assigned_on": assigned_on, "assignments": _carried(made, made)},
        facts=(Fact(kind="SuggestionAssigned", keys=keys, content={"parts": _parts(made, shares)}),),
    )


def _require_valid(faults: Sequence[FieldFault], suggestion_id: str) -> None:
    require(
        not faults,
        "invalid_set",
        "the units of suggestion {id} are no valid set: {faults}",
        id=suggestion_id,
        faults="; ".join(fault.template.format(**fault.params) for fault in faults),
        hint="move the instance back to propose-allocation and propose another set",
    )


def _made(suggestion_id: str, shares: Sequence[Share], rows: Rows) -> list[dict[str, Any]]:
    """New assignments with the next numbers of the suggestion: ids are never used again."""
    first = 1 + max((_number(row["id"]) for row in rows_of(rows, "assignments")), default=0)
    return [{"assignment_id": f"{suggestion_id}-a{first + place}", "unit": share.unit, "mode": share.mode} for place, share in enumerate(shares)]


def _number(assignment_id: str) -> int:
    return int(assignment_id.rpartition("-a")[2])


def _carried(made: Sequence[Mapping[str, Any]], whole: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What each new assignment's message carries: the lead's assignment, and for the lead its co-handlers."""
    lead = next((row["assignment_id"] for row in whole if row["mode"] == "lead"), None)
    helpers = [{"assignment_id": row["assignment_id"], "unit": row["unit"]} for row in whole if row["mode"] == "co"]
    return [{**row, "lead": lead, "co_assignments": helpers if row["mode"] == "lead" else []} for row in made]


def _parts(made: Sequence[Mapping[str, Any]], shares: Sequence[Share]) -> dict[str, str | None]:
    return {row["assignment_id"]: share.part for row, share in zip(made, shares, strict=True) if share.part}


def fold_assigned(fact: Fact, header: Header) -> Iterable[Change]:
    """The set stands, the units read the case, the suggestion is assigned."""
    keys = fact.keys
    yield from _opened(fact, header, predecessor_id=None)
    yield Change(
        op="update",
        table="suggestion",
        key={"id": keys["suggestion_id"]},
        values={"stage": "assigned", "assigned_on": keys["assigned_on"]},
    )


def _opened(fact: Fact, header: Header, *, predecessor_id: str | None) -> Iterable[Change]:
    keys = fact.keys
    for row in keys["assignments"]:
        yield _assignment(
            header,
            row["assignment_id"],
            suggestion_id=keys["suggestion_id"],
            unit_id=row["unit"],
            mode=row["mode"],
            part=(fact.content.get("parts") or {}).get(row["assignment_id"]),
            round=1,
            assigned_on=keys["assigned_on"],
            batch_id=keys.get("batch_id"),
            status="active",
            predecessor_id=predecessor_id,
        )
        for group in unit_groups(row["unit"]):
            yield reader(header.case_id, group, header)


# -- the clock


def start_clock(job: Job, rows: Rows) -> Outcome:
    """The reply limit (答复期限) of each answering unit begins; its due date was worked out by the diagram, null where no limit is set."""
    given = job.variables
    due_on = given.get("reply_due_on")
    running = [row["assignment_id"] for row in given["assignments"] if row["mode"] in ANSWERING]
    if due_on is None or not running:
        return Outcome()
    keys = {"assignments": running, "assigned_on": given["assigned_on"], "reply_due_on": due_on}
    return Outcome(facts=(Fact(kind="ReplyClockStarted", keys=keys),))


def fold_clock(fact: Fact, header: Header) -> Iterable[Change]:
    """The due date and from what it was counted."""
    keys = fact.keys
    working = {"limit": "reply", "start": str(keys["assigned_on"]), "due_on": str(keys["reply_due_on"])}
    for assignment_id in keys["assignments"]:
        yield _assignment(header, assignment_id, reply_due_on=keys["reply_due_on"], reply_due=working)


# -- re-assignment


def after_return(active: Sequence[Mapping[str, Any]], returned_id: str, new_rows: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Share]]:
    """What stays of the set, and the new shares. A lead or a separate unit that would be left alone becomes sole."""
    new = [Share.of(row) for row in new_rows]
    staying = [dict(row) for row in active if row["id"] != returned_id]
    alone = [row for row in staying if row["mode"] in ANSWERING]
    answering = [share for share in new if share.mode != "reference"]
    if len(alone) == 1 and not answering and not any(row["mode"] == "co" for row in staying):
        alone[0]["mode"] = "sole"
    return staying, new


def reassign(job: Job, rows: Rows) -> Outcome:
    """The returned assignment ends and the new ones begin in the same facts (V5); the others go on untouched."""
    given = job.variables
    active = [row for row in rows_of(rows, "assignments") if row["status"] == "active"]
    old = next((row for row in active if row["id"] == given["assignment_id"]), None)
    decision = rows_of(rows, "decision")
    require(old is not None and decision, "not_open", "assignment {id} is not open for return", id=given["assignment_id"])
    assert old is not None
    staying, new = after_return(active, old["id"], decision[0]["new_rows"] or ())
    _require_valid(list(set_faults([*map(Share.of, staying), *new], "new_rows")), given["suggestion_id"])
    made = _made(given["suggestion_id"], new, rows)
    whole = [{"assignment_id": row["id"], "unit": row["unit_id"], "mode": row["mode"]} for row in staying] + made
    return Outcome(
        variables={"assigned_on": job.happened_on, "assignments": _carried(made, whole)},
        facts=(_returned(job, old, decision[0], staying), _reassigned(job, old, active, staying, made, new)),
    )


def _returned(job: Job, old: Mapping[str, Any], decision: Mapping[str, Any], staying: Sequence[Mapping[str, Any]]) -> Fact:
    keys = {
        "assignment_id": old["id"],
        "unit_id": old["unit_id"],
        "unit_stays": any(row["unit_id"] == old["unit_id"] for row in staying),
        "decision": decision["decision"],
        "decided_by": job.actor.id,
        "decided_on": job.happened_on,
    }
    return Fact(kind="AssignmentReturned", keys=keys)


def _reassigned(
    job: Job,
    old: Mapping[str, Any],
    active: Sequence[Mapping[str, Any]],
    staying: Sequence[Mapping[str, Any]],
    made: Sequence[Mapping[str, Any]],
    new: Sequence[Share],
) -> Fact:
    before = {row["id"]: row["mode"] for row in active}
    keys = {
        "suggestion_id": job.variables["suggestion_id"],
        "predecessor_id": old["id"],
        "assigned_on": job.happened_on,
        "assignments": list(made),
        "mode_changed": [{"assignment_id": row["id"], "mode": row["mode"]} for row in staying if row["mode"] != before[row["id"]]],
    }
    return Fact(kind="UnitReassigned", keys=keys, content={"parts": _parts(made, new)})


def fold_returned(fact: Fact, header: Header) -> Iterable[Change]:
    """The assignment ended as returned; its unit no longer reads the case, and the decision stands."""
    keys = fact.keys
    yield _assignment(header, keys["assignment_id"], status="returned", ended_on=keys["decided_on"])
    if not keys["unit_stays"]:
        for group in unit_groups(keys["unit_id"]):
            yield no_reader(header.case_id, group, header)
    yield Change(
        op="update",
        table="return_decision",
        key={"id": keys["assignment_id"]},
        values={"decided_by": keys["decided_by"], "decided_on": keys["decided_on"]},
    )


def fold_reassigned(fact: Fact, header: Header) -> Iterable[Change]:
    """The new units stand with clocks of their own; a unit left alone is sole."""
    keys = fact.keys
    yield from _opened(fact, header, predecessor_id=keys["predecessor_id"])
    for row in keys["mode_changed"]:
        yield _assignment(header, row["assignment_id"], mode=row["mode"])
    if keys["assignments"]:
        unit = keys["assignments"][0]["unit"]
        yield Change(op="update", table="return_decision", key={"id": keys["predecessor_id"]}, values={"new_unit_id": unit})


# -- reads and changes


def assignments_of(suggestion_id: str) -> Select:
    """All assignments that the suggestion ever had."""
    return Select(
        table="assignment",
        columns=("id", "unit_id", "mode", "part", "status"),
        where=(Where(column="suggestion_id", value=suggestion_id),),
        order=("id",),
    )


def _allocated(job: Job) -> Mapping[str, Read]:
    given = job.variables
    return {
        "allocation": by_id("allocation", given["suggestion_id"], column="suggestion_id"),
        "assignments": assignments_of(given["suggestion_id"]),
        **unit_reads(row["unit"] for row in given["allocation"]),
    }


def _decided(job: Job) -> Mapping[str, Read]:
    given = job.variables
    return {
        "assignments": assignments_of(given["suggestion_id"]),
        "decision": by_id("return_decision", given["assignment_id"]),
    }


def _assignment(header: Header, assignment_id: str, **values: Any) -> Change:
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table="assignment", key={"id": assignment_id}, values=owned | values)
