"""Commitments: what handlers state and what the ledger then says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from engine.model import Actor, Job, Moment, WorkItem
from engine.registry import Change, Header, Registry
from handlers import commitment

DUE = date(2026, 9, 30)
HEADER = Header(
    stream="7", position=4, instance_id="7", case_id="1", key="1-a1-r1-c1", process="commitment", actor_id="u1-leader",
    recorded_at=0, happened_on="2026-09-01", command="CompleteWorkItem",
)  # fmt: skip
LINE = {"commitment_id": "1-a1-r1-c1", "suggestion_id": "1", "reply_id": "1-a1-r1", "assignment_id": "1-a1", "unit": "u1", "lead_id": "d1"}


def _job(topic: str, **variables: Any) -> Job:
    return Job(
        topic=topic, element_id="e", instance_id="7", case_id="1", key="1-a1-r1-c1", variables={**LINE, **variables},
        moment=Moment(now=datetime(2026, 9, 1, tzinfo=UTC), seed=1), happened_on=date(2026, 9, 1), actor=Actor(id="u1-leader"),
    )  # fmt: skip


def _folded(outcome: Any) -> list[Change]:
    registry = Registry()
    commitment.declare(registry)
    return [change for fact in outcome.facts for change in registry.folds[fact.kind](fact, HEADER)]


def test_each_promise_of_a_reply_is_a_commitment() -> None:
    """Two promises give two commitments with ids of the reply, and the list the messages are thrown for."""
    promises = [{"text": "加装电梯", "measure": "验收", "due_on": "2026-09-30"}, {"text": "完成规划", "due_on": "2027-01-31"}]

    outcome = commitment.open_commitments(_job("commitment.open"), {"reply": [{"commitments": promises}], "draft": []})

    assert outcome.variables["commitments"] == [
        {"commitment_id": "1-a1-r1-c1", "due_on": DUE},
        {"commitment_id": "1-a1-r1-c2", "due_on": date(2027, 1, 31)},
    ]
    assert [(c.table, c.values["text"], c.values["due_on_first"]) for c in _folded(outcome)] == [
        ("commitment", "加装电梯", DUE),
        ("commitment", "完成规划", date(2027, 1, 31)),
    ]


def test_a_reply_signed_in_this_command_stands_as_its_draft() -> None:
    """Where there is no reply yet, the promises of the draft are taken."""
    draft = {"commitments": [{"text": "加装电梯", "due_on": "2026-09-30"}]}

    outcome = commitment.open_commitments(_job("commitment.open"), {"reply": [], "draft": [draft]})

    assert len(outcome.facts) == 1


def test_a_reply_without_promises_opens_nothing() -> None:
    """No promise, no commitment, no message."""
    outcome = commitment.open_commitments(_job("commitment.open"), {"reply": [{"commitments": None}], "draft": []})

    assert (outcome.facts, outcome.variables["commitments"]) == ((), [])


def test_text_is_content_and_dates_are_keys() -> None:
    """The words of a promise go to the payload, only ids and dates into the chained row."""
    outcome = commitment.open_commitments(_job("commitment.open"), {"reply": [{"commitments": [{"text": "加装", "due_on": "2026-09-30"}]}], "draft": []})

    assert set(outcome.facts[0].content) == {"text", "measure"}
    assert "加装" not in str(outcome.facts[0].keys)


def test_an_entered_line_is_open_and_keeps_its_first_date() -> None:
    """The ledger row starts open, with no changes and both dates alike."""
    row = _folded(commitment.enter(_job("commitment.enter", due_on=DUE), {}))[0].values

    assert (row["state"], row["due_on"], row["due_on_first"], row["changes"]) == ("open", DUE, DUE, 0)


def test_a_change_moves_the_date_and_not_the_first() -> None:
    """A changed date overwrites `due_on` only, and is counted."""
    job = _job("commitment.change", cannot=False, new_due_on=date(2026, 12, 31), changes=1)

    outcome = commitment.change(job, {})

    change = _folded(outcome)[0]
    assert (change.op, change.values["due_on"], change.values["changes"]) == ("update", date(2026, 12, 31), 2)
    assert "due_on_first" not in change.values
    assert outcome.variables == {"due_on": date(2026, 12, 31), "changes": 2}


def test_what_cannot_be_kept_changes_no_date() -> None:
    """A unit that cannot keep its promise gives no new date."""
    outcome = commitment.change(_job("commitment.change", cannot=True, changes=0), {})

    assert (outcome.facts, outcome.variables) == ((), {})


def test_a_kept_promise_has_the_day_on_which_it_was_done() -> None:
    """Kept on the day named by the unit; the line ends when the deputy has rated it."""
    outcome = commitment.keep(_job("commitment.keep", done_on=date(2026, 8, 20)), {})

    row = _folded(outcome)[0].values
    ended = _folded(commitment.end(_job("commitment.end"), {}))[0].values
    assert (row["state"], row["met_on"], outcome.variables["state"]) == ("kept", date(2026, 8, 20), "kept")
    assert ended == {"ended_on": date(2026, 9, 1)}


def test_a_claim_sent_back_leaves_the_line_open() -> None:
    """After a claim was sent back nothing is claimed any more."""
    row = _folded(commitment.return_claim(_job("commitment.return_claim"), {}))[0].values

    assert (row["state"], row["claimed_on"]) == ("open", None)


def test_the_same_date_is_no_change() -> None:
    """A change of date must name another date."""
    item = WorkItem(id="7.3", instance_id="7", element_id="change-commitment", name="变更承诺")
    rows = {"state": [{"due_on": "2026-09-30"}]}

    assert [f.field for f in commitment.change_faults(item, {"cannot": False, "new_due_on": DUE}, rows)] == ["new_due_on"]
    assert list(commitment.change_faults(item, {"cannot": False, "new_due_on": date(2026, 12, 1)}, rows)) == []
    assert list(commitment.change_faults(item, {"cannot": True}, rows)) == []


def test_progress_may_be_reported_again() -> None:
    """Two reports through the same act are two rows."""
    first = next(iter(commitment.fold_progress({"text": "已开工"}, HEADER, "7.2")))
    second = next(iter(commitment.fold_progress({"text": "过半"}, Header(**{**HEADER.__dict__, "position": 5}), "7.2")))

    assert first.key != second.key
    assert (first.values["commitment_id"], first.values["reported_by"]) == ("1-a1-r1-c1", "u1-leader")
