"""Key supervision: the bundle, who is told, and when a topic may close."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from engine.model import Actor, Job, Moment, WorkItem
from engine.registry import Header, Registry
from handlers import key_supervision

HEADER = Header(
    stream="9", position=3, instance_id="9", case_id="9", key="9", process="key_supervision", actor_id="chairpersons-1",
    recorded_at=0, happened_on="2024-05-10", command="CompleteWorkItem",
)  # fmt: skip
CLOSE = WorkItem(id="9.8", instance_id="9", element_id="close-topic", name="办结重点督办")


def _job(topic: str, **variables: Any) -> Job:
    return Job(
        topic=topic, element_id="e", instance_id="9", case_id="9", key="9", variables={"topic_id": "9", **variables},
        moment=Moment(now=datetime(2024, 5, 10, tzinfo=UTC), seed=1), happened_on=date(2024, 5, 10), actor=Actor(id="chairpersons-1"),
    )  # fmt: skip


def _rows(**rows: Any) -> dict[str, Any]:
    empty = {name: [] for name in ("plan", "symposium", "survey", "report", "assignments", "replies", "withdrawn", "items")}
    done = {name: [{"id": "x"}] for name in ("plan", "symposium", "survey", "report")}
    return {**empty, **done, **rows}


def test_a_bundle_has_a_link_for_each_suggestion() -> None:
    """225 suggestions give 225 links in one decision, and the body keeps its name of that day."""
    items = [str(n) for n in range(225)]
    registry = Registry()
    key_supervision.declare(registry)

    outcome = key_supervision.bundle(
        _job("key_supervision.bundle", decided_on=date(2024, 5, 10), lead_unit_id="u021", body="委员长会议"), {"topic": [{"proposed_items": items}]}
    )

    changes = list(registry.folds["KeyTopicDecided"](outcome.facts[0], HEADER))
    assert [c.key["suggestion_id"] for c in changes if c.table == "key_item"] == items
    assert outcome.variables["bundled"] == items
    assert changes[0].values == {"state": "open", "decided_on": date(2024, 5, 10), "decided_by_body": "委员长会议"}


def test_the_committee_may_read_what_it_supervises() -> None:
    """From the hand-over on the committee reads the topic and each suggestion of its bundle."""
    outcome = key_supervision.hand_over(_job("key_supervision.hand_over", committee_id="u121", lead_unit_id="u021"), {"items": [{"suggestion_id": "1"}]})

    changes = list(key_supervision.fold_handed_over(outcome.facts[0], HEADER))
    read = {(c.key["case_id"], c.key["reader"]) for c in changes if c.table == "case_reader"}
    assert {("9", "special-committee:u121"), ("1", "special-committee:u121")} <= read


def test_a_topic_does_not_close_before_all_are_answered() -> None:
    """One suggestion of the bundle without its reply keeps the topic open."""
    rows = _rows(
        items=[{"suggestion_id": "1"}, {"suggestion_id": "2"}],
        assignments=[{"id": "1-a1", "suggestion_id": "1"}, {"id": "2-a1", "suggestion_id": "2"}],
        replies=[{"assignment_id": "1-a1"}],
    )

    faults = list(key_supervision.close_faults(CLOSE, {"outcome": "closed"}, rows))

    assert [(f.rule, f.params["count"], f.params["first"]) for f in faults] == [("not_answered", "1", "2")]


def test_separate_parts_must_all_be_answered() -> None:
    """A suggestion that two units answer separately is answered when both have."""
    parts = [{"id": "1-a1", "suggestion_id": "1"}, {"id": "1-a2", "suggestion_id": "1"}]

    one = _rows(items=[{"suggestion_id": "1"}], assignments=parts, replies=[{"assignment_id": "1-a2"}])
    both = _rows(items=[{"suggestion_id": "1"}], assignments=parts, replies=[{"assignment_id": "1-a2"}, {"assignment_id": "1-a1"}])

    assert len(list(key_supervision.close_faults(CLOSE, {"outcome": "closed"}, one))) == 1
    assert list(key_supervision.close_faults(CLOSE, {"outcome": "closed"}, both)) == []


def test_a_withdrawn_suggestion_does_not_hold_the_topic() -> None:
    """A suggestion withdrawn from the bundle owes no reply."""
    rows = _rows(items=[{"suggestion_id": "1"}], withdrawn=[{"id": "1"}])

    assert list(key_supervision.close_faults(CLOSE, {"outcome": "closed"}, rows)) == []


def test_a_missing_step_needs_a_reason() -> None:
    """A topic without a survey closes only with the reason."""
    rows = _rows(survey=[])

    faults = list(key_supervision.close_faults(CLOSE, {"outcome": "closed"}, rows))

    assert [(f.field, f.params["steps"]) for f in faults] == [("reason", "survey")]
    assert list(key_supervision.close_faults(CLOSE, {"outcome": "closed", "reason": "疫情"}, rows)) == []


def test_a_symposium_is_no_survey() -> None:
    """The kind of the event is that of the work item."""
    item = WorkItem(id="9.5", instance_id="9", element_id="do-survey", name="督办调研")

    assert [f.field for f in key_supervision.event_faults(item, {"kind": "symposium"}, {})] == ["kind"]
    assert list(key_supervision.event_faults(item, {"kind": "survey"}, {})) == []
