"""The rule of a valid set, release, re-assignment and receipts, over plain rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.errors import Rejected
from engine.model import Actor, Job, Moment, Outcome, WorkItem
from engine.registry import Change, Header, Registry
from handlers import allocation, assignment, meeting, receipt, return_decision
from handlers.valid_set import Share, set_faults, succession_faults, unit_faults

TODAY = date(2026, 4, 1)
HEADER = Header(
    stream="7", position=3, instance_id="7", case_id="7", key="7", process="suggestion", actor_id="clerk",
    recorded_at=0, happened_on="2026-04-01", command="CompleteWorkItem",
)  # fmt: skip
UNITS = [{"id": unit, "from_on": None, "to_on": None} for unit in ("u1", "u2", "u3")]
NO_SUCCESSION: dict[str, Any] = {"near": [], "further": []}


def _job(**variables: Any) -> Job:
    return Job(
        topic="t", element_id="e", instance_id="7", case_id="7", key="7", variables={"suggestion_id": "7", **variables},
        moment=Moment(now=datetime(2026, 4, 1, tzinfo=UTC), seed=1), happened_on=TODAY, actor=Actor(id="chief"),
    )  # fmt: skip


def _item(**inputs: Any) -> WorkItem:
    return WorkItem(id="7.9", instance_id="7", element_id="e", name="n", claimed_by="chief", inputs=inputs)


def _folded(outcome: Outcome) -> list[Change]:
    registry = Registry()
    for noun in (allocation, assignment, return_decision, receipt, meeting):
        noun.declare(registry)
    return [change for fact in outcome.facts if fact.kind in registry.folds for change in registry.folds[fact.kind](fact, HEADER)]


def _set(text: str) -> list[Share]:
    """`lead:u1 co:u2 separate:u3/part` as shares."""
    words = (word.partition(":") for word in text.split())
    parted = ((mode, *unit.partition("/")) for mode, _, unit in words)
    return [Share(mode=mode, unit=unit, part=part or None) for mode, unit, _, part in parted]


# -- V4


@pytest.mark.parametrize(
    "shares",
    [
        "sole:u1",
        "sole:u1 reference:u2 reference:u3",
        "lead:u1 co:u2",
        "lead:u1 co:u2 co:u3 reference:u4",
        "separate:u1/a separate:u2/b",
        "separate:u1/a separate:u2/b separate:u3/c",
    ],
)
def test_a_valid_set_has_no_fault(shares: str) -> None:
    """One sole; or one lead with co-handlers; or several separate units with parts; and any readers."""
    assert list(set_faults(_set(shares), "rows")) == []


@pytest.mark.parametrize(
    "shares",
    [
        "",
        "reference:u1",
        "co:u1",
        "sole:u1 sole:u2",
        "sole:u1 co:u2",
        "lead:u1",
        "lead:u1 lead:u2 co:u3",
        "lead:u1 sole:u2",
        "lead:u1 co:u2 separate:u3/a",
        "separate:u1/a",
        "separate:u1/a separate:u2",
        "separate:u1/a separate:u2/b co:u3",
        "lead:u1 co:u1",
        "sole:u1 reference:u1",
    ],
)
def test_an_invalid_set_has_a_fault(shares: str) -> None:
    """Whatever else is refused."""
    assert list(set_faults(_set(shares), "rows"))


def test_a_missing_part_is_told_at_its_row() -> None:
    """The field that is missing is named."""
    (fault,) = set_faults(_set("separate:u1/a separate:u2"), "rows")

    assert (fault.field, fault.params) == ("rows.1.part", {"unit": "u2"})


@pytest.mark.parametrize(
    ("shares", "successions", "faults"),
    [
        ("lead:u1 co:u2", [("u1", "u2")], 1),
        ("lead:u2 co:u1", [("u1", "u2")], 1),
        ("lead:u1 co:u4", [("u1", "u2"), ("u2", "u3"), ("u3", "u4")], 1),
        ("lead:u2 co:u3", [("u1", "u2"), ("u1", "u3")], 0),
        ("lead:u1 co:u2", [("u1", "u9"), ("u8", "u2")], 0),
        ("lead:u1 co:u2", [("u1", "u2"), ("u2", "u1")], 2),
    ],
    ids=["successor", "predecessor", "far", "two-parts-of-one", "others", "circle"],
)
def test_a_unit_and_its_successor_are_one(shares: str, successions: list[tuple[str, str]], faults: int) -> None:
    """Two units of which one came after the other cannot both stand; two that came from the same one can."""
    rows = {"near": [{"unit_id": a, "successor_id": b} for a, b in successions], "further": []}

    assert len(list(succession_faults(_set(shares), rows, "rows"))) == faults


def test_units_must_be_known_and_there() -> None:
    """A unit is there up to and including its last day."""
    rows = {"units": [{"id": "u1", "to_on": "2026-03-31"}, {"id": "u2", "to_on": "2026-04-01"}]}

    faults = list(unit_faults(_set("lead:u1 co:u2 co:u3"), rows, "rows", TODAY))

    assert [(fault.field, fault.rule) for fault in faults] == [("rows.0.unit", "ended"), ("rows.2.unit", "unit")]


def test_the_check_of_a_proposal_looks_at_everything() -> None:
    """Modes and units are told at once, the units as on the day the item opened."""
    rows = {"units": [{"id": "u1", "to_on": "2018-03-17"}], **NO_SUCCESSION}
    data = {"rows": [{"unit": "u1", "mode": "lead"}]}

    faults = list(allocation.valid_set(_item(on=TODAY), data, rows))

    assert sorted(fault.rule for fault in faults) == ["ended", "valid_set"]


# -- release


ALLOCATION = [{"unit": "u1", "mode": "separate"}, {"unit": "u2", "mode": "separate"}]
STORED = {"allocation": [{"rows": [{"unit": "u1", "mode": "separate", "part": "甲"}, {"unit": "u2", "mode": "separate", "part": "乙"}]}]}


def test_the_decided_set_goes_on_without_its_texts() -> None:
    """Variables carry units and modes; parts stay in the record."""
    outcome = allocation.fix(_job(), STORED)

    assert outcome.variables == {"allocation": ALLOCATION}


@pytest.mark.parametrize(("meeting_on", "assigned_on"), [(None, TODAY), (date(2026, 3, 25), date(2026, 3, 25))], ids=["recess", "meeting"])
def test_the_day_of_assignment_is_the_meetings_else_the_acts(meeting_on: date | None, assigned_on: date) -> None:
    """Every unit has the same day, its own id, and its part."""
    rows = {**STORED, "assignments": [], "units": UNITS, **NO_SUCCESSION}

    outcome = assignment.release(_job(allocation=ALLOCATION, meeting_on=meeting_on, batch_id=None), rows)

    made = [change for change in _folded(outcome) if change.table == "assignment"]
    assert outcome.variables["assigned_on"] == assigned_on
    assert [(change.key["id"], change.values["part"], change.values["assigned_on"]) for change in made] == [
        ("7-a1", "甲", assigned_on),
        ("7-a2", "乙", assigned_on),
    ]
    assert "甲" not in str(outcome.facts[0].keys)


def test_a_unit_that_ended_before_the_meeting_stops_the_item() -> None:
    """The item cannot be released; it says which unit and what to do."""
    units = [{"id": "u1", "to_on": "2026-03-01"}, {"id": "u2", "to_on": None}]

    with pytest.raises(Rejected, match="u1 ended") as refused:
        assignment.release(_job(allocation=ALLOCATION, batch_id=None), {**STORED, "assignments": [], "units": units, **NO_SUCCESSION})

    assert refused.value.hint


def test_the_lead_is_told_its_co_handlers() -> None:
    """Each message carries the lead's assignment; only the lead's carries its helpers."""
    shares = [{"unit": "u1", "mode": "lead"}, {"unit": "u2", "mode": "co"}]
    rows = {"allocation": [{"rows": shares}], "assignments": [], "units": UNITS, **NO_SUCCESSION}

    carried = assignment.release(_job(allocation=shares, batch_id=None), rows).variables["assignments"]

    assert [(row["lead"], row["co_assignments"]) for row in carried] == [("7-a1", [{"assignment_id": "7-a2", "unit": "u2"}]), ("7-a1", [])]


def test_only_answering_units_have_a_reply_limit() -> None:
    """Co-handlers and readers have none; where no limit is set nothing is counted."""
    units = [{"assignment_id": "7-a1", "mode": "lead"}, {"assignment_id": "7-a2", "mode": "co"}]

    outcome = assignment.start_clock(_job(assignments=units, assigned_on=TODAY, reply_due_on=date(2026, 7, 1)), {})
    unset = assignment.start_clock(_job(assignments=units, assigned_on=TODAY, reply_due_on=None), {})

    (change,) = _folded(outcome)
    assert (change.key["id"], change.values["reply_due_on"]) == ("7-a1", date(2026, 7, 1))
    assert change.values["reply_due"] == {"limit": "reply", "start": "2026-04-01", "due_on": "2026-07-01"}
    assert unset.facts == ()


# -- return and re-assignment


def _active(*rows: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"id": key, "unit_id": unit, "mode": mode, "part": None, "status": "active"} for key, unit, mode in rows]


PAIR = _active(("7-a1", "u1", "lead"), ("7-a2", "u2", "co"))
OPEN = {"closed_on": None}


def _reassigned(new_rows: list[Mapping[str, Any]], returned: str = "7-a2", before: list[dict[str, Any]] | None = None) -> Outcome:
    rows = {"assignments": before or PAIR, "decision": [{"decision": "accept-new-unit", "new_rows": new_rows}]}
    return assignment.reassign(_job(assignment_id=returned), rows)


def test_ending_and_beginning_are_one() -> None:
    """Both facts come from one handler call; the old assignment ends on the day the new one begins (V5)."""
    changes = _folded(_reassigned([{"unit": "u3", "mode": "co"}]))

    rows = {change.key["id"]: change.values for change in changes if change.table == "assignment"}
    assert (rows["7-a2"]["status"], rows["7-a2"]["ended_on"]) == ("returned", TODAY)
    assert (rows["7-a3"]["status"], rows["7-a3"]["assigned_on"], rows["7-a3"]["predecessor_id"]) == ("active", TODAY, "7-a2")
    assert "7-a1" not in rows


def test_the_old_units_people_lose_the_case() -> None:
    """All groups of the returned unit are taken out, all of the new one put in."""
    changes = [change for change in _folded(_reassigned([{"unit": "u3", "mode": "co"}])) if change.table == "case_reader"]

    out = {change.key["reader"] for change in changes if change.op == "delete"}
    put = {change.key["reader"] for change in changes if change.op == "upsert"}
    assert {"unit-desk:u2", "unit-leader:u2"} <= out
    assert {"unit-desk:u3", "unit-leader:u3"} <= put


def test_the_same_unit_in_another_mode_keeps_the_case() -> None:
    """Taken out first and put in again, in this order: its people read the case."""
    changes = [change for change in _folded(_reassigned([{"unit": "u2", "mode": "reference"}, {"unit": "u3", "mode": "co"}])) if change.table == "case_reader"]

    last = {change.key["reader"]: change.op for change in changes}
    assert last["unit-desk:u2"] == "upsert"


def test_ids_are_never_used_again() -> None:
    """A new assignment's number follows the highest that the suggestion ever had."""
    before = [*PAIR, {"id": "7-a11", "unit_id": "u9", "mode": "co", "part": None, "status": "returned"}]

    outcome = _reassigned([{"unit": "u3", "mode": "co"}], before=before)

    assert [row["assignment_id"] for row in outcome.variables["assignments"]] == ["7-a12"]


@pytest.mark.parametrize(
    ("before", "returned", "modes"),
    [
        (PAIR, "7-a2", {"7-a1": "sole"}),
        (_active(("7-a1", "u1", "separate"), ("7-a2", "u2", "separate")), "7-a1", {"7-a2": "sole"}),
        (_active(("7-a1", "u1", "lead"), ("7-a2", "u2", "co"), ("7-a3", "u3", "co")), "7-a3", {}),
    ],
    ids=["lead", "separate", "others-left"],
)
def test_a_unit_left_alone_is_sole(before: list[dict[str, Any]], returned: str, modes: dict[str, str]) -> None:
    """Dropped without another: whoever remains alone answers alone."""
    changes = _folded(_reassigned([], returned=returned, before=before))

    changed = {change.key["id"]: change.values["mode"] for change in changes if change.table == "assignment" and "mode" in change.values}
    assert changed == modes


def test_the_last_answering_unit_is_not_dropped() -> None:
    """Without another unit in its place the return of the sole unit is no valid set."""
    with pytest.raises(Rejected, match="no unit answers"):
        _reassigned([], returned="7-a1", before=_active(("7-a1", "u1", "sole")))


def test_what_is_returned_already_is_not_returned_again() -> None:
    """The assignment must be active."""
    before = [{**PAIR[1], "status": "returned"}, PAIR[0]]

    with pytest.raises(Rejected, match="not open"):
        _reassigned([{"unit": "u3", "mode": "co"}], before=before)


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"assignment_id": "7-a1", "decision": "refuse", "reason": "r"}, ["assignment_id"]),
        ({"assignment_id": "7-a2", "decision": "refuse", "reason": "r"}, []),
        ({"assignment_id": "7-a2", "decision": "accept-new-unit", "new_rows": [{"unit": "u3", "mode": "co"}], "reason": "r"}, []),
        ({"assignment_id": "7-a2", "decision": "accept-new-unit", "new_rows": [{"unit": "u1", "mode": "co"}], "reason": "r"}, ["new_rows"]),
        ({"assignment_id": "7-a2", "decision": "accept-new-unit", "new_rows": [{"unit": "u8", "mode": "co"}], "reason": "r"}, ["new_rows.0.unit"]),
        ({"assignment_id": "7-a2", "decision": "accept-new-mode", "new_rows": [], "reason": "r"}, []),
    ],
    ids=["another-assignment", "refused", "another-unit", "the-lead-itself", "unknown", "dropped"],
)
def test_a_draft_decision_leaves_a_valid_set(data: dict[str, Any], fields: list[str]) -> None:
    """It is about the item's own assignment, and the set after it fulfils V4."""
    rows = {"assignments": PAIR, "units": UNITS, **NO_SUCCESSION}

    faults = return_decision.valid(_item(assignment_id="7-a2", on=TODAY), data, rows)

    assert [fault.field for fault in faults] == fields


@pytest.mark.parametrize(
    ("drafted_by", "asked_by", "faults"), [("clerk", "desk", 0), ("chief", "desk", 1), ("clerk", "chief", 1)], ids=["other", "drafter", "asker"]
)
def test_who_drafted_or_asked_does_not_decide(drafted_by: str, asked_by: str, faults: int) -> None:
    """Four eyes compare persons, through all their roles."""
    drafted = {"drafted_by": drafted_by, "decision": "refuse", "new_rows": []}
    rows = {"drafted": [drafted], "asked": [{"asked_by": asked_by}], "assignments": PAIR, "successions": []}

    assert len(list(return_decision.may_decide(_item(assignment_id="7-a2"), {"approved": True}, rows))) == faults


@pytest.mark.parametrize(
    ("unit", "successions", "approved", "fields"),
    [
        ("u3", [], True, []),
        ("u1", [], True, ["approved"]),
        ("u1", [], False, []),
        ("u3", [{"unit_id": "u3", "successor_id": "u1"}], True, ["approved"]),
    ],
    ids=["valid-still", "taken-meanwhile", "sent-back", "its-successor-came"],
)
def test_a_decision_that_the_set_has_overtaken_is_sent_back(unit: str, successions: list[Any], approved: bool, fields: list[str]) -> None:
    """Of two returns at once the one decided later is looked at again: the set as it stands now must stay valid (V4)."""
    drafted = {"drafted_by": "clerk", "decision": "accept-new-unit", "new_rows": [{"unit": unit, "mode": "co"}]}
    rows = {"drafted": [drafted], "asked": [], "assignments": PAIR, "successions": successions}

    faults = return_decision.may_decide(_item(assignment_id="7-a2"), {"approved": approved}, rows)

    assert [fault.field for fault in faults] == fields


def test_a_draft_is_kept_under_its_assignment() -> None:
    """A second draft replaces the first, with whoever decided it."""
    data = {"assignment_id": "7-a2", "decision": "refuse", "reason": "属于本单位职责"}

    (change,) = return_decision.fold_draft(data, HEADER, "7.9")

    assert (change.key["id"], change.values["new_rows"], change.values["decided_by"]) == ("7-a2", [], None)


def test_asking_again_is_counted() -> None:
    """The second request has the number 2; the third is refused where it is typed."""
    outcome = receipt.ask_return(_job(assignment_id="7-a2", unit="u2", returns_asked=1), {})
    faults = list(receipt.may_return(_item(assignment_id="7-a2"), {"action": "ask-return"}, {"requests": [{"times": 2}], "suggestion": [OPEN]}))

    assert outcome.variables == {"returns_asked": 2}
    assert [fault.field for fault in faults] == ["action"]
    assert list(receipt.may_return(_item(assignment_id="7-a2"), {"action": "sign"}, {"requests": [{"times": 2}]})) == []


@pytest.mark.parametrize(("action", "faults"), [("ask-return", ["closed"]), ("sign", [])])
def test_nothing_is_returned_after_the_end(action: str, faults: list[str]) -> None:
    """When the suggestion is closed nobody decides on a return any more; who had not signed for it may still do so."""
    rows = {"requests": [], "suggestion": [{"closed_on": "2026-09-04"}]}

    assert [fault.rule for fault in receipt.may_return(_item(assignment_id="7-a2"), {"action": action}, rows)] == faults


def test_asking_for_return_names_nobody_as_contact() -> None:
    """Only a signed receipt writes people of the unit."""
    assert list(receipt.fold_sign_in({"action": "ask-return"}, HEADER, "7.9")) == []


def test_a_meeting_is_one_row() -> None:
    """Its day and session come from the fact, its words from the form."""
    outcome = meeting.hold(_job(session="14-2", held_on=TODAY), {})

    (held,) = _folded(outcome)
    (words,) = meeting.fold_words({"session": "14-2", "held_on": TODAY, "place": "人民大会堂"}, HEADER, "7.2")
    assert held.key == words.key == {"batch_id": "7"}
    assert (held.values["held_on"], words.values["place"]) == (TODAY, "人民大会堂")
