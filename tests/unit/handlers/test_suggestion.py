"""The suggestion's handlers and folds, over plain rows: filing, rounds of feedback, closing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.errors import Rejected
from engine.model import Actor, Job, Moment, Outcome, WorkItem
from engine.registry import Change, Header, Registry
from handlers import proposer, suggestion

TODAY = date(2026, 4, 1)
HEADER = Header(
    stream="7", position=3, instance_id="7", case_id="7", key="7", process="suggestion", actor_id="second",
    recorded_at=0, happened_on="2026-04-01", command="CompleteWorkItem",
)  # fmt: skip
TEXT = {"title": "标题", "facts": "情况", "proposal": "建议"}


def _job(**variables: Any) -> Job:
    return Job(
        topic="t", element_id="e", instance_id="7", case_id="7", key="7", variables=variables,
        moment=Moment(now=datetime(2026, 4, 1, tzinfo=UTC), seed=1), happened_on=TODAY, actor=Actor(id="lead"),
    )  # fmt: skip


def _folded(outcome: Outcome) -> list[Change]:
    registry = Registry()
    proposer.declare(registry)
    suggestion.declare(registry)
    return [change for fact in outcome.facts for change in registry.folds[fact.kind](fact, HEADER)]


def _written(changes: list[Change], table: str) -> dict[str, Any]:
    """All values written to a table's one row, the later over the earlier."""
    return {name: value for change in changes if change.table == table for name, value in change.values.items()}


def test_who_opens_the_draft_leads_it() -> None:
    """The lead is the acting person; the draft is his alone."""
    outcome = suggestion.start(_job(), {})

    changes = _folded(outcome)
    assert outcome.variables == {"lead_id": "lead"}
    assert _written(changes, "suggestion")["stage"] == "draft"
    assert [change.key["reader"] for change in changes if change.table == "case_reader"] == ["lead"]


def test_naming_anew_voids_earlier_answers() -> None:
    """Who is invited again is asked again; who is no longer named neither proposes nor reads."""
    rows = {"proposers": [{"deputy_id": "lead"}, {"deputy_id": "second"}, {"deputy_id": "third"}]}

    outcome = proposer.name(_job(proposer_type="joint", lead_id="lead", cosigners=["second"]), rows)

    changes = _folded(outcome)
    invited = next(change for change in changes if change.op == "upsert" and change.table == "proposer")
    dropped = {(change.table, change.key.get("deputy_id") or change.key.get("reader")) for change in changes if change.op == "delete"}
    assert outcome.variables == {"invited": ["second"]}
    assert (invited.key["deputy_id"], invited.values["answer"], invited.values["confirmed_on"]) == ("second", None, None)
    assert dropped == {("proposer", "third"), ("case_reader", "third")}


def test_a_repaired_draft_keeps_its_stage_while_it_is_signed_again() -> None:
    """A suggestion that was filed before does not become a private draft again."""
    outcome = proposer.name(_job(proposer_type="joint", lead_id="lead", cosigners=["second"], filed_on=TODAY), {"proposers": []})

    assert _written(_folded(outcome), "suggestion") == {}


def test_a_joint_suggestion_without_confirmed_co_signers_is_single() -> None:
    """Nobody confirmed: the lead proposes alone."""
    rows = {"suggestion": [TEXT], "proposers": [{"deputy_id": "lead", "confirmed_on": "2026-04-01"}, {"deputy_id": "second", "confirmed_on": None}]}

    outcome = suggestion.file(_job(proposer_type="joint", lead_id="lead"), rows)

    assert outcome.variables["proposer_type"] == "single"
    assert outcome.variables["proposers"] == ["lead"]
    assert outcome.facts[0].keys["dropped"] == ["second"]


def test_the_frozen_text_is_title_facts_and_proposal() -> None:
    """Any change of one of the three gives another hash; nothing else does."""
    same = suggestion.text_hash({**TEXT, "stage": "filed"})

    assert same == suggestion.text_hash(TEXT)
    assert len({suggestion.text_hash({**TEXT, name: "别的"}) for name in TEXT} | {same}) == 4


def test_nothing_is_filed_without_a_text() -> None:
    """A suggestion without a row stops with a reason."""
    with pytest.raises(Rejected, match="no text"):
        suggestion.file(_job(proposer_type="single", lead_id="lead"), {"suggestion": [], "proposers": []})


def test_an_answer_is_that_of_the_person_who_gives_it() -> None:
    """f-cosign writes the row of the acting deputy; declining confirms nothing."""
    (confirmed,) = proposer.fold_cosign({"answer": "confirm"}, HEADER, "7.4")
    (declined,) = proposer.fold_cosign({"answer": "decline"}, HEADER, "7.4")

    assert (confirmed.key["deputy_id"], confirmed.values["confirmed_on"]) == ("second", "2026-04-01")
    assert (declined.values["answer"], declined.values["confirmed_on"]) == ("decline", None)


SOLE = [{"id": "7-a1", "mode": "sole"}]
SEPARATE = [{"id": "7-a1", "mode": "separate"}, {"id": "7-a2", "mode": "separate"}]
LEAD = [{"id": "7-a1", "mode": "lead"}, {"id": "7-a2", "mode": "co"}, {"id": "7-a3", "mode": "reference"}]
REDO = [{"reply_id": "7-a1-r1", "decision": "redo-same"}]


@pytest.mark.parametrize(
    ("assignments", "rehandlings", "done", "assignment_id", "round_", "closable"),
    [
        (SOLE, [], [], "7-a1", 1, True),
        (LEAD, [], [], "7-a1", 1, True),
        (SEPARATE, [], [], "7-a1", 1, False),
        (SEPARATE, [], [{"assignment_id": "7-a2", "round": 1}], "7-a1", 1, True),
        (SOLE, REDO, [], "7-a1", 1, False),
        (SOLE, REDO, [{"assignment_id": "7-a1", "round": 1}], "7-a1", 2, True),
        (SOLE, [{"reply_id": "7-a1-r1", "decision": "explain"}], [], "7-a1", 1, True),
        ([{"id": "7-a4", "mode": "sole"}], [], [], "7-a1", 1, False),
    ],
    ids=["sole", "lead", "one-of-two", "both", "redo-ordered", "second-round", "explained", "re-assigned-since"],
)
def test_a_suggestion_closes_when_every_answer_is_judged(
    assignments: list[Any], rehandlings: list[Any], done: list[Any], assignment_id: str, round_: int, closable: bool
) -> None:
    """Every answering unit's last round has its feedback; co-handlers and readers owe none."""
    rows = {"assignments": assignments, "rehandlings": rehandlings}

    outcome = suggestion.rounds(_job(assignment_id=assignment_id, round=round_, rounds_done=done), rows)

    assert outcome.variables["closable"] is closable


@pytest.mark.parametrize(
    ("heard", "left", "stage"),
    [(None, 2, "closed-commitments-open"), (["c1"], 1, "closed-commitments-open"), (["c1", "c2"], 0, "closed")],
    ids=["none-heard-yet", "one-heard", "all-heard"],
)
def test_closing_counts_what_is_still_promised(heard: list[str] | None, left: int, stage: str) -> None:
    """A promise is open until the case has heard of its end."""
    rows = {"commitments": [{"id": "c1"}, {"id": "c2"}]}

    outcome = suggestion.close(_job(ended_commitments=heard), rows)

    assert outcome.variables == {"open_commitments": left}
    assert _written(_folded(outcome), "suggestion")["stage"] == stage


def test_the_last_commitment_settles_the_case() -> None:
    """Counting again with nothing left, the suggestion is closed, and its day of closing stays."""
    rows = {"commitments": [{"id": "c1"}]}

    written = _written(_folded(suggestion.count_commitments(_job(ended_commitments=["c1"]), rows)), "suggestion")

    assert written["stage"] == "closed"
    assert "closed_on" not in written


def test_a_paper_is_filed_by_those_it_names() -> None:
    """Its day of filing is the stated one, else the day it was received."""
    outcome = suggestion.record_import(_job(lead_id="lead", cosigners=["second", "lead"], received_on=date(2024, 3, 8)), {})

    assert outcome.variables["proposers"] == ["lead", "second"]
    assert outcome.variables["filed_on"] == date(2024, 3, 8)
    assert _written(_folded(outcome), "suggestion")["stage"] == "filed"


@pytest.mark.parametrize(
    ("stage", "person", "rule", "proposer_type", "joint", "rules"),
    [
        ("screening", "lead", "before-assignment", "single", "unanimous", []),
        ("screening", "second", "before-assignment", "single", "unanimous", ["lead"]),
        ("assigned", "lead", "before-assignment", "single", "unanimous", ["before_assignment"]),
        ("closed", "second", "before-assignment", "single", "unanimous", ["lead", "before_assignment"]),
        ("assigned", "lead", "before-assignment", "joint", "unanimous", ["before_assignment"]),
        ("assigned", "lead", "any-time", "single", "unanimous", []),
        ("assigned", "second", "any-time", "single", "unanimous", ["lead"]),
        ("assigned", "lead", "any-time", "joint", "unanimous", ["unanimous"]),
        ("assigned", "lead", "any-time", "joint", "lead", []),
        ("registered", "lead", "any-time", "joint", "unanimous", []),
    ],
)
def test_only_the_lead_withdraws_and_after_assignment_as_the_congress_rules(stage: str, person: str, rule: str, proposer_type: str, joint: str, rules: list[str]) -> None:
    """Both faults are told at once."""
    item = WorkItem(id="7.2", instance_id="7", element_id="withdraw-asked", name="撤回", claimed_by=person)

    own = [{"lead_id": "lead", "stage": stage, "proposer_type": proposer_type}]
    faults = suggestion.may_withdraw(item, {}, {"suggestion": own, "rule": rule, "joint": joint})

    assert [fault.rule for fault in faults] == rules
