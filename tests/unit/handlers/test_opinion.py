"""The co-handler's paper, and the lead's going on without it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.model import Actor, Job, Moment, WorkItem
from engine.registry import Header
from handlers import opinion

pytestmark = pytest.mark.unit


HEADER = Header(
    stream="8",
    position=4,
    instance_id="8",
    case_id="1042",
    key="1042-a2",
    process="handling",
    actor_id="u2-leader",
    recorded_at=0,
    happened_on="2026-05-02",
    command="c",
)


def job(**variables: Any) -> Job:
    given = {"assignment_id": "1042-a2", "suggestion_id": "1042", "unit": "u2", "document_number": "财办〔2026〕7号", **variables}
    return Job(
        topic="",
        element_id="",
        instance_id="8",
        case_id="1042",
        key="1042-a2",
        variables=given,
        moment=Moment(now=datetime(2026, 5, 2, tzinfo=UTC), seed=0),
        happened_on=date(2026, 5, 2),
        actor=Actor(id="u2-leader"),
    )


AWAITS = [{"awaited": ["1042-a2"]}]


@pytest.mark.parametrize(
    ("awaits", "waivers", "replies", "waits"),
    [
        (AWAITS, [], [], True),
        ([], [], [], False),
        ([{"awaited": ["1042-a9"]}], [], [], False),
        (AWAITS, [{"missing": ["1042-a2"]}], [], False),
        (AWAITS, [{"missing": ["1042-a9"]}], [], True),
        (AWAITS, [], [{"id": "1042-a1-r1"}], False),
    ],
)
def test_the_lead_waits_until_it_goes_on_or_replies(awaits: Any, waivers: Any, replies: Any, waits: bool) -> None:
    """A paper is sent to a lead that waits for it; before the lead begins and when it no longer waits, it is filed only."""
    outcome = opinion.send(job(), {"awaits": awaits, "waivers": waivers, "replies": replies})

    assert outcome.variables == {"lead_waits": waits}
    assert outcome.facts[0].kind == "OpinionSent"


@pytest.mark.parametrize(("round_", "sent", "awaited"), [(1, [], ["1042-a2", "1042-a3"]), (1, ["1042-a3"], ["1042-a2"]), (2, [], [])])
def test_the_lead_waits_for_what_is_not_in(round_: int, sent: list[str], awaited: list[str]) -> None:
    """What came before the lead began is not waited for, and a second handling waits for nobody."""
    co = [{"id": "1042-a2", "unit_id": "u2"}, {"id": "1042-a3", "unit_id": "u3"}]

    outcome = opinion.expect(job(round=round_), {"co": co, "sent": [{"assignment_id": one} for one in sent]})

    assert [row["assignment_id"] for row in outcome.variables["awaited"]] == awaited
    assert [change.values["awaited"] for fact in outcome.facts for change in opinion.fold_awaited(fact, HEADER)] == ([awaited] if awaited else [])


@pytest.mark.parametrize(("due_on", "late"), [(None, False), (date(2026, 5, 2), False), (date(2026, 5, 1), True)])
def test_a_late_opinion_is_known_by_its_dates(due_on: date | None, late: bool) -> None:
    """Late is after the co-opinion's own limit; where none is set nothing is late."""
    (fact,) = opinion.send(job(due_on=due_on), {"awaits": AWAITS, "waivers": [], "replies": []}).facts

    (change,) = opinion.fold_sent(fact, HEADER)
    assert change.values["late"] is late


def test_what_is_missing_is_named() -> None:
    """The lead goes on without those opinions that are not in."""
    co = [{"id": "1042-a2", "unit_id": "u2"}, {"id": "1042-a3", "unit_id": "u3"}]

    outcome = opinion.waive(job(), {"co": co, "sent": [{"assignment_id": "1042-a3"}]})

    assert outcome.facts[0].keys["missing"] == ["1042-a2"]


def test_a_number_used_by_the_unit_is_refused() -> None:
    """The document number of an opinion is the unit's only one."""
    item = WorkItem(id="8.2", instance_id="8", element_id="sign-co-opinion", name="签发协办意见", inputs={"unit": "u2"})
    signed = {"decision": "sign", "document_number": "财办〔2026〕7号"}

    assert [f.rule for f in opinion.check_may_sign(item, signed, {"same_number": [{"assignment_id": "9-a1"}]})] == ["number_used"]
    assert list(opinion.check_may_sign(item, signed, {"same_number": []})) == []
    assert opinion.reads_same_number(item, {"decision": "send-back"}) == {}
