"""The assignment meeting (代表建议交办会): one decision that fixes the day on which the whole batch is assigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows
from engine.registry import Change, Header, Record, Registry

MEETING = Record(
    name="meeting",
    key=("batch_id",),
    columns={
        "batch_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "session": "text",
        "held_on": "date",
        "place": "text",
        "conveners": "json",
        "recorded_by": "text",
    },
    indexes=(("case_id",), ("session",)),
)


def declare(registry: Registry) -> None:
    """The record, the handler and the folds of the assignment meeting."""
    registry.record(MEETING)
    registry.handler("meeting.hold", takes={"session": "text", "held_on": "date"}, may_take={"batch_id": "text"}, writes=())(hold)
    registry.form_fold("f-meeting")(fold_words)
    registry.fold("AssignmentMeetingHeld")(fold_held)


def hold(job: Job, rows: Rows) -> Outcome:
    """The meeting was held: its day is the day of assignment of every item of the batch."""
    given = job.variables
    keys = {"batch_id": job.key, "session": given["session"], "held_on": given["held_on"]}
    return Outcome(facts=(Fact(kind="AssignmentMeetingHeld", keys=keys),))


def fold_held(fact: Fact, header: Header) -> Iterable[Change]:
    """Held on this day for this session."""
    yield _meeting(header, session=fact.keys["session"], held_on=fact.keys["held_on"], recorded_by=header.actor_id)


def fold_words(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-meeting: where, and who convened it."""
    yield _meeting(header, place=data.get("place"), conveners=list(data.get("conveners") or []))


def _meeting(header: Header, **values: Any) -> Change:
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table="meeting", key={"batch_id": header.key}, values=owned | values)
