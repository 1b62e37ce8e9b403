"""A reply is drafted, checked and signed by the rules V6, V7 and V8."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.model import Actor, Fact, Job, Moment, WorkItem
from engine.registry import Header, Registry
from handlers import opinion, reply

pytestmark = pytest.mark.unit

HEADER = Header(
    stream="7",
    position=9,
    instance_id="7",
    case_id="1042",
    key="1042-a1",
    process="handling",
    actor_id="u1-leader",
    recorded_at=0,
    happened_on="2026-06-30",
    command="c",
)
CO = [{"id": "1042-a2", "unit_id": "u2"}, {"id": "1042-a3", "unit_id": "u3"}]


def job(happened_on: str = "2026-06-30", **variables: Any) -> Job:
    given = {"reply_id": "1042-a1-r1", "assignment_id": "1042-a1", "suggestion_id": "1042", "unit": "u1", "mode": "sole", "round": 1, **variables}
    return Job(
        topic="",
        element_id="",
        instance_id="7",
        case_id="1042",
        key="1042-a1",
        variables=given,
        moment=Moment(now=datetime(2026, 6, 30, tzinfo=UTC), seed=0),
        happened_on=date.fromisoformat(happened_on),
        actor=Actor(id="u1-leader"),
    )


def item(**inputs: Any) -> WorkItem:
    given = {"assignment_id": "1042-a1", "suggestion_id": "1042", "unit": "u1", "round": 1, "assigned_on": date(2026, 4, 1), **inputs}
    return WorkItem(id="7.3", instance_id="7", element_id="draft-reply", name="起草答复", inputs=given)


def data(**fields: Any) -> dict[str, Any]:
    return {"points": [{"point": "电梯", "answer": "已加装"}], "reply_class": "A", "reply_form": "written", "publish_proposal": "full", **fields}


def rules(given: dict[str, Any], *, co: Any = (), sent: Any = (), replies: Any = (), planned: Any = None, **inputs: Any) -> list[tuple[str, str]]:
    rows = {"co": co, "sent": sent, "replies": replies, "classes": None, "planned": planned}
    return [(fault.field, fault.rule) for fault in reply.check_valid(item(**inputs), given, rows)]


PROMISE = {"text": "加装电梯", "measure": "投入使用", "due_on": date(2026, 9, 30)}


def test_a_plain_reply_is_valid() -> None:
    """A reply of a class without a promised date, of a unit without co-handlers, has nothing wrong."""
    assert rules(data()) == []


def test_a_planned_class_needs_a_promise() -> None:
    """Class B needs at least one commitment (V7); which classes do is a setting."""
    assert rules(data(reply_class="B")) == [("commitments", "commitment_needed")]
    assert rules(data(reply_class="B", commitments=[PROMISE])) == []
    assert rules(data(reply_class="C"), planned=["B", "C"]) == [("commitments", "commitment_needed")]


def test_a_class_that_the_congress_does_not_know_is_refused() -> None:
    """The classes are a setting of the congress."""
    assert rules(data(reply_class="E")) == [("reply_class", "class")]


def test_a_promise_lies_after_the_assignment() -> None:
    """A date on or before the day of the assignment promises nothing."""
    promise = PROMISE | {"due_on": date(2026, 4, 1)}

    assert rules(data(commitments=[promise])) == [("commitments.0.due_on", "past")]


def test_one_reply_a_round() -> None:
    """A second reply of the same round is refused (V6)."""
    assert rules(data(), replies=[{"id": "1042-a1-r1", "document_number": "1号"}]) == [("", "answered")]


def test_every_co_opinion_or_its_absence_is_stated() -> None:
    """One true statement for each co-handler, and none for others (V8)."""
    sent = [{"assignment_id": "1042-a2"}]
    here = {"unit": "u2", "received": True, "statement": "采纳"}
    absent = {"unit": "u3", "received": False, "statement": "未收到"}

    assert rules(data(co_statements=[here, absent]), sent=sent, co=CO) == []
    assert rules(data(co_statements=[here]), sent=sent, co=CO) == [("co_statements", "co_statement_missing")]
    assert rules(data(co_statements=[here, absent | {"received": True}]), sent=sent, co=CO) == [("co_statements.1.received", "co_statement_untrue")]
    assert rules(data(co_statements=[here, absent]), sent=sent, co=CO[:1]) == [("co_statements.1.unit", "no_co_handler")]


def test_the_check_list_tells_the_signer() -> None:
    """No contact on record, a co-opinion not in, the limit past: each is a line; nothing is stopped."""
    late = reply.check(job("2026-07-02", reply_due_on=date(2026, 7, 1)), {"contacts": [], "co": CO, "sent": []})
    clean = reply.check(job(reply_due_on=date(2026, 7, 1)), {"contacts": [{"id": "x"}], "co": [], "sent": []})

    assert late.variables == {"check_list": ["no-contact", "co-opinion-missing", "past-due"]}
    assert clean.variables == {"check_list": []}
    assert clean.facts[0].keys == {"reply_id": "1042-a1-r1", "assignment_id": "1042-a1", "suggestion_id": "1042", "unit_id": "u1", "round": 1}


DRAFT = {
    "reply_class": "B",
    "reply_form": "written",
    "publish_proposal": "full",
    "points": [{"point": "电梯", "answer": "已列入计划"}],
    "co_statements": [],
    "commitments": [{"text": "加装电梯", "measure": "投入使用", "due_on": "2026-09-30"}],
    "above_report": None,
}


def may_sign(given: dict[str, Any], **rows: Any) -> list[str]:
    found = {"draft": [DRAFT], "replies": [], "same_number": [], "planned": None, **rows}
    return [fault.rule for fault in reply.check_may_sign(item(), given, found)]


def test_signing_needs_a_number_of_its_own_and_a_valid_draft() -> None:
    """The number is unique in the unit, the round has no reply yet, V7 holds; what is sent back is not asked."""
    signed = {"decision": "sign", "document_number": "建办〔2026〕1号"}

    assert may_sign(signed) == []
    assert may_sign(signed, same_number=[{"id": "9-a1-r1"}]) == ["number_used"]
    assert may_sign(signed, replies=[{"id": "1042-a1-r1", "document_number": "2号"}]) == ["answered"]
    assert may_sign(signed, draft=[DRAFT | {"commitments": []}]) == ["commitment_needed"]
    assert may_sign({"decision": "send-back", "reason": "不具体"}) == []


@pytest.mark.parametrize(
    ("day", "due_on", "late"), [("2026-07-01", date(2026, 7, 1), False), ("2026-07-02", date(2026, 7, 1), True), ("2030-01-01", None, False)]
)
def test_late_derives_from_the_due_date_and_the_day_it_was_sent(day: str, due_on: date | None, late: bool) -> None:
    """On the last day it is in time, a day later late; without a limit nothing is late."""
    outcome = reply.sign(job(day, reply_due_on=due_on, document_number="1号"), {"draft": [DRAFT]})

    assert outcome.facts[0].keys["late"] is late


def test_a_signed_reply_is_a_row_with_its_content_beside_its_keys() -> None:
    """Texts are content of the fact, ids and dates its keys; the row holds both."""
    (fact,) = reply.sign(job(reply_due_on=date(2026, 7, 1), document_number="1号"), {"draft": [DRAFT]}).facts

    (change,) = reply.fold_signed(fact, HEADER)

    assert set(fact.content) == {"points", "co_statements", "commitments", "above_report"}
    assert change.key == {"id": "1042-a1-r1"}
    assert change.values["commitments"] == DRAFT["commitments"]
    assert set(change.values) | {"id"} == set(reply.REPLY.columns)


def test_an_erased_content_leaves_the_row() -> None:
    """Where the content was erased by order, the keys still make the row."""
    (fact,) = reply.sign(job(reply_due_on=None, document_number="1号"), {"draft": [DRAFT]}).facts

    (change,) = reply.fold_signed(Fact(kind=fact.kind, keys=fact.keys), HEADER)

    assert change.values["points"] is None


def test_a_draft_keeps_dates_as_text() -> None:
    """What the form gives is stored as plain JSON."""
    (change,) = reply.fold_draft(data(commitments=[PROMISE]), HEADER, "7.3")

    assert change.key == {"instance_id": "7"}
    assert change.values["commitments"] == [PROMISE | {"due_on": "2026-09-30"}]


def test_every_fold_writes_declared_columns() -> None:
    """No fold of replies and opinions names a column that its record lacks."""
    registry = Registry()
    opinion.declare(registry)
    reply.declare(registry)
    review = {"secret": False, "business_secret": False, "privacy": False, "publish_proposal": "full"}
    changes = [
        *reply.fold_draft(data(), HEADER, "7.3"),
        *reply.fold_review(review, HEADER, "7.4"),
        *reply.fold_returned({"decision": "send-back", "reason": "不具体"}, HEADER, "7.5"),
        *reply.fold_drafted(reply.check(job(), {"contacts": [], "co": [], "sent": []}).facts[0], HEADER),
        *opinion.fold_draft({"points": [], "opinion_class": "B"}, HEADER, "7.6"),
        *opinion.fold_returned({"decision": "send-back", "reason": "缺少资金"}, HEADER, "7.7"),
        *opinion.fold_reason({"reason": "期限将到"}, HEADER, "7.8"),
    ]

    for change in changes:
        columns = set(registry.records[change.table].columns)
        assert set(change.key) | set(change.values) <= columns
