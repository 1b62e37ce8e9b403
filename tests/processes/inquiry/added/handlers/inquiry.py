"""Inquiries (询问): what the commission asks a unit, and that the unit answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows
from engine.registry import Change, Header, Record, Registry

from .reading import reader, unit_groups

INQUIRY = Record(
    name="inquiry",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "unit_id": "text",
        "questions": "json",
        "put_by": "text",
        "put_on": "date",
        "answer_by": "date",
        "answered_by": "text",
        "answered_on": "date",
    },
    indexes=(("case_id",), ("unit_id", "answered_on")),
)


def declare(registry: Registry) -> None:
    """The record, the handlers, and the folds of inquiries."""
    registry.record(INQUIRY)
    registry.handler("inquiry.put", takes={"inquiry_id": "text", "unit": "text", "answer_by": "date"}, writes=())(put)
    registry.handler("inquiry.answer", takes=("inquiry_id",), writes=())(answer)
    registry.form_fold("f-inquiry")(fold_questions)
    registry.fold("InquiryPut")(fold_put)
    registry.fold("InquiryAnswered")(fold_answered)


def put(job: Job, rows: Rows) -> Outcome:
    """State who is asked by whom, and until when."""
    keys = {
        "inquiry_id": job.variables["inquiry_id"],
        "unit_id": job.variables["unit"],
        "answer_by": job.variables["answer_by"],
        "put_by": job.actor.id,
        "put_on": job.happened_on,
    }
    return Outcome(facts=(Fact(kind="InquiryPut", keys=keys),))


def answer(job: Job, rows: Rows) -> Outcome:
    """State that the unit answered."""
    keys = {"inquiry_id": job.variables["inquiry_id"], "answered_by": job.actor.id, "answered_on": job.happened_on}
    return Outcome(facts=(Fact(kind="InquiryAnswered", keys=keys),))


def fold_questions(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """f-inquiry: the questions themselves."""
    yield _inquiry(header, questions=data["questions"])


def fold_put(fact: Fact, header: Header) -> Iterable[Change]:
    """The inquiry stands, and the unit reads it."""
    yield _inquiry(header, **{name: fact.keys[name] for name in ("unit_id", "answer_by", "put_by", "put_on")})
    for group in unit_groups(fact.keys["unit_id"]):
        yield reader(header.case_id, group, header)


def fold_answered(fact: Fact, header: Header) -> Iterable[Change]:
    """Answered by this person on this day."""
    yield _inquiry(header, answered_by=fact.keys["answered_by"], answered_on=fact.keys["answered_on"])


def _inquiry(header: Header, **values: Any) -> Change:
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table="inquiry", key={"id": header.key}, values=owned | values)
