"""The unit's plan of handling (办理方案) and its note on a suggestion that it only reads (参阅). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.model import Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Record, Registry

PLAN = Record(
    name="plan",
    key=("assignment_id", "instance_id"),
    columns={
        "assignment_id": "text",
        "instance_id": "text",
        "case_id": "text",
        "points": "json",
        "bureau": "text",
        "leader_id": "text",
        "steps": "json",
        "contact_plan": "text",
        "internal_key": "boolean",
        "hard_wide": "boolean",
        "made_by": "text",
        "made_on": "date",
    },
    indexes=(("case_id",),),
)
"""One row a round: the second handling (再次办理) of an assignment is an instance of its own and makes its own plan."""

REFERENCE_READING = Record(
    name="reference_reading",
    key=("assignment_id",),
    columns={
        "assignment_id": "text",
        "instance_id": "text",
        "case_id": "text",
        "note": "text",
        "read_by": "text",
        "read_on": "date",
    },
    indexes=(("case_id",),),
)


def declare(registry: Registry) -> None:
    """Declare the records, the folds of f-plan and f-read-reference, and the check plan.valid."""
    registry.record(PLAN)
    registry.record(REFERENCE_READING)
    registry.form_fold("f-plan")(fold_plan)
    registry.form_fold("f-read-reference")(fold_reading)
    registry.check("plan.valid", takes=(), may_take={"due_on": "date"})(check_plan)


def check_plan(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """No step of the plan lies after the last day of the reply (答复期限); without a limit any date will do."""
    due_on = item.inputs.get("due_on")
    for place, step in enumerate(data.get("steps", ())):
        if isinstance(due_on, date) and step["due_on"] > due_on:
            yield FieldFault(
                field=f"steps.{place}.due_on",
                rule="after_due",
                template="is after {due_on}, the last day of the reply",
                params={"due_on": due_on.isoformat()},
            )


def fold_plan(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The plan as the form gives it."""
    steps = [{"text": step["text"], "due_on": step["due_on"].isoformat()} for step in data["steps"]]
    yield Change(
        op="upsert",
        table="plan",
        key={"assignment_id": header.key, "instance_id": header.instance_id},
        values={
            "case_id": header.case_id,
            "points": data["points"],
            "bureau": data["bureau"],
            "leader_id": data["leader_id"],
            "steps": steps,
            "contact_plan": data["contact_plan"],
            "internal_key": data.get("internal_key", False),
            "hard_wide": data.get("hard_wide", False),
            "made_by": header.actor_id,
            "made_on": header.happened_on,
        },
    )


def fold_reading(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """Who read the suggestion for reference, and the use made of it."""
    yield Change(
        op="upsert",
        table="reference_reading",
        key={"assignment_id": header.key},
        values={
            "instance_id": header.instance_id,
            "case_id": header.case_id,
            "note": data.get("note"),
            "read_by": header.actor_id,
            "read_on": header.happened_on,
        },
    )
