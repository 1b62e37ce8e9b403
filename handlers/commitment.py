"""Commitments (承诺事项): what a reply promises to solve, until it is kept, cannot be kept, or its suggestion ends.

`commitment` says what was promised and belongs to the handling that signed the reply; `commitment_state` says how it stands and belongs to
the commitment's own instance, which outlives the suggestion. Late, changed and carried over are derived from dates and counts, never states.
Sources: work plan 2023 item 27 (答复承诺解决事项台账), work plan 2022 item 24.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, ColumnKind, FieldFault, Header, Read, Record, Registry, Select, Where, by_id, rows_of

OPEN_STATES = ("open", "met_claimed")
"""States in which a line of the ledger can still be late."""

COMMITMENT = Record(
    name="commitment",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "suggestion_id": "text",
        "assignment_id": "text",
        "reply_id": "text",
        "unit_id": "text",
        "text": "text",
        "measure": "text",
        "due_on_first": "date",
    },
    indexes=(("case_id",), ("suggestion_id",), ("reply_id",), ("unit_id",)),
)

COMMITMENT_STATE = Record(
    name="commitment_state",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "suggestion_id": "text",
        "reply_id": "text",
        "unit_id": "text",
        "lead_id": "text",
        "due_on_first": "date",
        "due_on": "date",
        "state": "text",
        "claimed_on": "date",
        "met_on": "date",
        "ended_on": "date",
        "changes": "integer",
    },
    indexes=(("case_id",), ("instance_id",), ("suggestion_id",), ("unit_id", "state"), ("state", "due_on")),
)

_OF_COMMITMENT: Mapping[str, ColumnKind] = {"id": "text", "case_id": "text", "instance_id": "text", "commitment_id": "text"}
_INDEXES = (("case_id",), ("commitment_id",))

PROGRESS = Record(
    name="progress",
    key=("id",),
    columns={**_OF_COMMITMENT, "text": "text", "documents": "json", "reported_by": "text", "reported_on": "date"},
    indexes=_INDEXES,
)

CLAIM = Record(
    name="commitment_claim",
    key=("id",),
    columns={**_OF_COMMITMENT, "done_on": "date", "text": "text", "evidence": "json", "claimed_by": "text", "claimed_on": "date"},
    indexes=_INDEXES,
)

VERIFICATION = Record(
    name="commitment_verification",
    key=("id",),
    columns={**_OF_COMMITMENT, "verified": "text", "reason": "text", "verified_by": "text", "verified_on": "date"},
    indexes=_INDEXES,
)

CHANGE = Record(
    name="commitment_change",
    key=("id",),
    columns={
        **_OF_COMMITMENT,
        "cannot": "boolean",
        "new_due_on": "date",
        "reason_kind": "text",
        "reason": "text",
        "signed_by": "text",
        "signed_on": "date",
    },
    indexes=_INDEXES,
)

RATING = Record(
    name="commitment_rating",
    key=("commitment_id",),
    columns={
        "commitment_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "rating": "text",
        "text": "text",
        "given_by": "text",
        "given_on": "date",
    },
    indexes=(("case_id",),),
)


_STATE_FACTS = (
    "CommitmentClaimed",
    "CommitmentClaimReturned",
    "CommitmentKept",
    "CommitmentChanged",
    "CommitmentNotMet",
    "CommitmentEnded",
    "CommitmentWithdrawn",
)


def declare(registry: Registry) -> None:
    """Declare the records, handlers, checks and folds of commitments."""
    for record in (COMMITMENT, COMMITMENT_STATE, PROGRESS, CLAIM, VERIFICATION, CHANGE, RATING):
        registry.record(record)
    registry.handler(
        "commitment.open",
        reads=_reply,
        takes=("reply_id", "assignment_id", "suggestion_id", "unit"),
        writes={"commitments": [{"commitment_id": "text", "due_on": "date"}]},
    )(open_commitments)
    registry.handler(
        "commitment.enter",
        takes={"commitment_id": "text", "suggestion_id": "text", "reply_id": "text", "unit": "text", "lead_id": "text", "due_on": "date"},
        writes={"due_on": "date", "changes": "number"},
    )(enter)
    registry.handler("commitment.claim", takes=("commitment_id",), writes=())(claim)
    registry.handler("commitment.return_claim", takes=("commitment_id",), writes=())(return_claim)
    registry.handler("commitment.keep", takes={"commitment_id": "text", "done_on": "date"}, writes={"state": ("kept",), "kept_on": "date"})(keep)
    registry.handler(
        "commitment.change",
        takes={"commitment_id": "text", "cannot": "boolean", "changes": "number"},
        may_take={"new_due_on": "date"},
        writes={"due_on": "date", "changes": "number"},
    )(change)
    registry.handler("commitment.give_up", takes=("commitment_id",), writes={"state": ("not_met",)})(give_up)
    registry.handler("commitment.end", takes=("commitment_id",), writes=())(end)
    registry.handler("commitment.withdraw", takes=("commitment_id",), writes=())(withdraw)
    registry.check("commitment.change_valid", reads=_state_of_item, takes=())(change_faults)
    registry.fold("CommitmentMade")(fold_made)
    registry.fold("CommitmentEntered")(fold_entered)
    registry.fold(*_STATE_FACTS)(fold_state)
    registry.form_fold("f-progress")(fold_progress)
    registry.form_fold("f-met")(fold_claim)
    registry.form_fold("f-verify-met")(fold_verification)
    registry.form_fold("f-commitment-change")(fold_change)
    registry.form_fold("f-commitment-rating")(fold_rating)


# -- handlers


def _reply(job: Job) -> Mapping[str, Read]:
    return {"reply": by_id("reply", job.variables["reply_id"]), "draft": by_id("reply_draft", job.instance_id, column="instance_id")}


def open_commitments(job: Job, rows: Rows) -> Outcome:
    """State one `CommitmentMade` for each promise of the reply; `commitments` = `[{commitment_id, due_on}]` for the messages.

    A reply that is signed in this very command stands as its draft yet, so the draft is read where there is no reply.
    """
    found = rows_of(rows, "reply") or rows_of(rows, "draft")
    reply_id = job.variables["reply_id"]
    promises = (found[0].get("commitments") or ()) if found else ()
    facts, made = [], []
    for number, promise in enumerate(promises, start=1):
        commitment_id, due_on = f"{reply_id}-c{number}", _day(promise["due_on"])
        keys = {
            "commitment_id": commitment_id,
            "reply_id": reply_id,
            "assignment_id": job.variables["assignment_id"],
            "suggestion_id": job.variables["suggestion_id"],
            "unit_id": job.variables["unit"],
            "due_on": due_on,
        }
        facts.append(Fact(kind="CommitmentMade", keys=keys, content={"text": promise["text"], "measure": promise.get("measure", "")}))
        made.append({"commitment_id": commitment_id, "due_on": due_on})
    return Outcome(variables={"commitments": made}, facts=tuple(facts))


def enter(job: Job, rows: Rows) -> Outcome:
    """Enter the line into the ledger (承诺入账). The first date is kept for ever."""
    due_on = _day(job.variables["due_on"])
    keys = {
        "commitment_id": job.variables["commitment_id"],
        "suggestion_id": job.variables["suggestion_id"],
        "reply_id": job.variables["reply_id"],
        "unit_id": job.variables["unit"],
        "lead_id": job.variables["lead_id"],
        "due_on": due_on,
    }
    return Outcome(variables={"due_on": due_on, "changes": 0}, facts=(Fact(kind="CommitmentEntered", keys=keys),))


def claim(job: Job, rows: Rows) -> Outcome:
    """Note that the unit says the promise is kept (申报落实)."""
    return _stated("CommitmentClaimed", job, state="met_claimed", claimed_on=job.happened_on)


def return_claim(job: Job, rows: Rows) -> Outcome:
    """Note that the claim was sent back: the line is open as before."""
    return _stated("CommitmentClaimReturned", job, state="open", claimed_on=None)


def keep(job: Job, rows: Rows) -> Outcome:
    """State that the promise was kept on the day the unit named and the commission accepted (落实)."""
    stated = _stated("CommitmentKept", job, state="kept", met_on=_day(job.variables["done_on"]))
    return Outcome(variables={"state": "kept", "kept_on": job.happened_on}, facts=stated.facts)


def change(job: Job, rows: Rows) -> Outcome:
    """Give the line its new date, or say that the promise cannot be kept; the first date stays as it was."""
    if job.variables["cannot"]:
        return Outcome()
    changes, due_on = int(job.variables["changes"]) + 1, _day(job.variables["new_due_on"])
    stated = _stated("CommitmentChanged", job, state="open", claimed_on=None, due_on=due_on, changes=changes)
    return Outcome(variables={"due_on": due_on, "changes": changes}, facts=stated.facts)


def end(job: Job, rows: Rows) -> Outcome:
    """State that the line has ended: the deputy has rated how the promise was kept, or the time to rate is over (了结)."""
    return _stated("CommitmentEnded", job, ended_on=job.happened_on)


def give_up(job: Job, rows: Rows) -> Outcome:
    """State that the promise cannot be kept and the reason was told (不能落实)."""
    stated = _stated("CommitmentNotMet", job, state="not_met", ended_on=job.happened_on)
    return Outcome(variables={"state": "not_met"}, facts=stated.facts)


def withdraw(job: Job, rows: Rows) -> Outcome:
    """State that the line ended because its suggestion was withdrawn (撤回): nobody waits for it any more."""
    return _stated("CommitmentWithdrawn", job, state="withdrawn", ended_on=job.happened_on)


def _stated(kind: str, job: Job, **values: Any) -> Outcome:
    return Outcome(facts=(Fact(kind=kind, keys={"commitment_id": job.variables["commitment_id"], **values}),))


# -- checks


def _state_of_item(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    return {"state": Select(table="commitment_state", where=(Where(column="instance_id", value=item.instance_id),), limit=1)}


def change_faults(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """A change of date names another date than the one that stands."""
    stands = [_day(row["due_on"]) for row in rows_of(rows, "state")]
    if not data["cannot"] and _day(data["new_due_on"]) in stands:
        yield FieldFault(
            field="new_due_on", rule="same_date", template="is the date that is promised already ({due_on})", params={"due_on": stands[0].isoformat()}
        )


# -- folds


def fold_made(fact: Fact, header: Header) -> Iterable[Change]:
    """One row of what was promised."""
    keys = {**fact.keys}
    identifier, due_on = keys.pop("commitment_id"), keys.pop("due_on")
    values = {**_place(header), **keys, "due_on_first": due_on, "text": fact.content.get("text"), "measure": fact.content.get("measure")}
    yield Change(op="insert", table="commitment", key={"id": identifier}, values=values)


def fold_entered(fact: Fact, header: Header) -> Iterable[Change]:
    """One row of how it stands: open, due on the promised day."""
    keys = {**fact.keys}
    identifier = keys.pop("commitment_id")
    values = {**_place(header), **keys, "due_on_first": keys["due_on"], "state": "open", "changes": 0}
    yield Change(op="insert", table="commitment_state", key={"id": identifier}, values=values)


def fold_state(fact: Fact, header: Header) -> Iterable[Change]:
    """The line's state and dates as the fact gives them."""
    values = {**fact.keys}
    yield Change(op="update", table="commitment_state", key={"id": values.pop("commitment_id")}, values=values)


def fold_progress(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One report of progress (进展)."""
    values = {"text": data["text"], "documents": list(data.get("documents", ())), "reported_by": header.actor_id, "reported_on": header.happened_on}
    yield _row("progress", source, header, values)


def fold_claim(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One claim that the promise is kept, with its evidence (佐证)."""
    values = {
        "done_on": data["done_on"],
        "text": data["text"],
        "evidence": list(data["evidence"]),
        "claimed_by": header.actor_id,
        "claimed_on": header.happened_on,
    }
    yield _row("commitment_claim", source, header, values)


def fold_verification(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One finding on a claim (核实)."""
    values = {"verified": data["verified"], "reason": data.get("reason"), "verified_by": header.actor_id, "verified_on": header.happened_on}
    yield _row("commitment_verification", source, header, values)


def fold_change(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One change of the promise with its reason (变更)."""
    values = {
        "cannot": data["cannot"],
        "new_due_on": data.get("new_due_on"),
        "reason_kind": data["reason_kind"],
        "reason": data["reason"],
        "signed_by": header.actor_id,
        "signed_on": header.happened_on,
    }
    yield _row("commitment_change", source, header, values)


def fold_rating(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """The deputy's rating of how the promise was kept (承诺落实评价)."""
    values = {**_place(header), "rating": data["rating"], "text": data.get("text"), "given_by": header.actor_id, "given_on": header.happened_on}
    yield Change(op="upsert", table="commitment_rating", key={"commitment_id": header.key}, values=values)


def _row(table: str, source: str, header: Header, values: Mapping[str, Any]) -> Change:
    """A new row beside the line. An act may be done again, so the position in the history is part of its id."""
    identifier = f"{source}/{header.position}"
    return Change(op="insert", table=table, key={"id": identifier}, values={**_place(header), "commitment_id": header.key, **values})


def _place(header: Header) -> dict[str, str]:
    return {"case_id": header.case_id, "instance_id": header.instance_id}


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
