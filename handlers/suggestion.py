"""The suggestion (代表建议、批评和意见) itself: draft, filing, rounds of reply and feedback, closing, archive, withdrawal.

The row of a suggestion belongs to its own instance, whose key is the suggestion's id. What it says (title, facts, proposal) comes from
the completed forms and is frozen by its hash at filing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import require
from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, Setting, Where, by_id, rows_of

from .proposer import PROPOSER_TYPES, drop_proposer, proposer_row, proposers_of
from .reading import reader

SUGGESTION = Record(
    name="suggestion",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "session": "text",
        "session_demo": "boolean",
        "channel": "text",
        "proposer_type": "text",
        "lead_id": "text",
        "delegation_id": "text",
        "discussed_on": "date",
        "title": "text",
        "facts": "text",
        "proposal": "text",
        "consent_publish": "text",
        "text_hash": "text",
        "stated_number": "text",
        "stated_units": "json",
        "filed_on": "date",
        "received_on": "date",
        "number": "integer",
        "display_number": "text",
        "registered_on": "date",
        "class": "text",
        "stage": "text",
        "assigned_on": "date",
        "closed_on": "date",
        "archived_on": "date",
        "withdrawn_on": "date",
        "withdraw_reason": "text",
        "demo": "boolean",
    },
    indexes=(("case_id",), ("stage", "session"), ("session", "number"), ("display_number",), ("lead_id",), ("title",)),
)

ANSWERING = frozenset({"sole", "lead", "separate"})
"""Modes (承办方式) whose unit owes the proposers a reply of its own."""

WITHDRAWABLE = frozenset({"draft", "cosigning", "filed", "screening", "returned-for-repair", "registered", "classified", "allocating"})
"""Stages before assignment, in which the lead proposer may withdraw everywhere; later only where `cfg.withdrawRule` says so."""


def declare(registry: Registry) -> None:
    """Records, handlers, checks and folds of the suggestion."""
    registry.record(SUGGESTION)
    registry.handler("suggestion.start", takes=(), may_take=("suggestion_id",), writes={"lead_id": "text"})(start)
    registry.handler(
        "suggestion.record_import",
        takes=("lead_id",),
        may_take={"cosigners": ["text"], "delegation_id": "text", "filed_on": "date", "received_on": "date"},
        writes={"proposers": ["text"], "filed_on": "date", "received_on": "date"},
    )(record_import)
    registry.handler(
        "suggestion.file",
        reads=_text_and_proposers,
        takes={"lead_id": "text", "proposer_type": PROPOSER_TYPES},
        may_take={"suggestion_id": "text", "filed_on": "date"},
        writes={"proposers": ["text"], "proposer_type": PROPOSER_TYPES, "filed_on": "date", "received_on": "date"},
    )(file)
    registry.handler(
        "suggestion.rounds",
        reads=_assignments_and_rehandlings,
        takes={"assignment_id": "text", "round": "number"},
        may_take={"suggestion_id": "text", "rounds_done": [{"assignment_id": "text", "round": "number"}]},
        writes={"rounds_done": [{"assignment_id": "text", "round": "number"}], "closable": "boolean"},
    )(rounds)
    registry.handler(
        "suggestion.close",
        reads=_commitments,
        takes=(),
        may_take={"suggestion_id": "text", "ended_commitments": ["text"]},
        writes={"open_commitments": "number"},
    )(close)
    registry.handler(
        "suggestion.count_commitments",
        reads=_commitments,
        takes=(),
        may_take={"suggestion_id": "text", "ended_commitments": ["text"]},
        writes={"open_commitments": "number"},
    )(count_commitments)
    registry.handler("suggestion.archive", takes=(), may_take=("suggestion_id",), writes=())(archive)
    registry.handler("suggestion.withdraw", reads=_standing, takes=(), may_take=("suggestion_id",), writes=())(withdraw)
    registry.check("suggestion.may_withdraw", reads=_own_row, takes=())(may_withdraw)
    registry.form_fold("f-draft")(fold_draft)
    registry.form_fold("f-import")(fold_import)
    registry.form_fold("f-withdraw")(fold_withdraw)
    registry.fold("SuggestionStarted")(fold_started)
    registry.fold("SuggestionImported")(fold_imported)
    registry.fold("SuggestionFiled")(fold_filed)
    registry.fold("SuggestionClosed", "CommitmentsSettled")(fold_closed)
    registry.fold("SuggestionArchived")(fold_archived)
    registry.fold("SuggestionWithdrawn")(fold_withdrawn)


# -- draft and filing


def start(job: Job, rows: Rows) -> Outcome:
    """The person who opens the draft leads it (领衔代表)."""
    return Outcome(
        variables={"lead_id": job.actor.id},
        facts=(Fact(kind="SuggestionStarted", keys={"suggestion_id": job.key, "lead_id": job.actor.id}),),
    )


def fold_started(fact: Fact, header: Header) -> Iterable[Change]:
    """A draft stands, readable by its lead alone."""
    yield _suggestion(header, lead_id=fact.keys["lead_id"], stage="draft")
    yield proposer_row(header, fact.keys["lead_id"], role="lead", place=1, confirmed_on=header.happened_on)
    yield reader(header.case_id, fact.keys["lead_id"], header)


def record_import(job: Job, rows: Rows) -> Outcome:
    """A paper suggestion is taken in as filed: its proposers are those that the paper names."""
    given = job.variables
    cosigners = [person for person in given.get("cosigners") or [] if person != given["lead_id"]]
    received_on = given.get("received_on") or job.happened_on
    filed_on = given.get("filed_on") or received_on
    keys = {
        "suggestion_id": job.key,
        "lead_id": given["lead_id"],
        "cosigners": cosigners,
        "delegation_id": given.get("delegation_id"),
        "filed_on": filed_on,
        "received_on": received_on,
    }
    return Outcome(
        variables={"proposers": [given["lead_id"], *cosigners], "filed_on": filed_on, "received_on": received_on},
        facts=(Fact(kind="SuggestionImported", keys=keys),),
    )


def fold_imported(fact: Fact, header: Header) -> Iterable[Change]:
    """The imported suggestion is filed, and its proposers read it."""
    keys = fact.keys
    yield _suggestion(header, stage="filed", filed_on=keys["filed_on"], received_on=keys["received_on"])
    for place, person in enumerate([keys["lead_id"], *keys["cosigners"]], start=1):
        role = "lead" if place == 1 else "cosigner"
        yield proposer_row(header, person, role=role, place=place, answer="confirm", confirmed_on=keys["filed_on"])
        yield reader(header.case_id, person, header)
    if keys["delegation_id"]:
        yield reader(header.case_id, f"delegation:{keys['delegation_id']}", header)


def file(job: Job, rows: Rows) -> Outcome:
    """The text is frozen by its hash (V1); only confirmed proposers stand; the first day of filing is kept."""
    found = rows_of(rows, "suggestion")
    require(found, "no_text", "suggestion {id} has no text to file", id=job.key, hint="complete write-draft first")
    proposers = rows_of(rows, "proposers")
    lead = job.variables["lead_id"]
    confirmed = [row["deputy_id"] for row in proposers if row["confirmed_on"] and row["deputy_id"] != lead]
    dropped = sorted(row["deputy_id"] for row in proposers if not row["confirmed_on"])
    proposer_type = job.variables["proposer_type"]
    if proposer_type == "joint" and not confirmed:
        proposer_type = "single"
    filed_on = job.variables.get("filed_on") or job.happened_on
    keys = {
        "suggestion_id": job.key,
        "proposer_type": proposer_type,
        "proposers": [lead, *confirmed],
        "dropped": dropped,
        "filed_on": filed_on,
        "filed_again_on": job.happened_on if job.variables.get("filed_on") else None,
        "text_hash": text_hash(found[0]),
    }
    return Outcome(
        variables={
            "proposers": keys["proposers"],
            "proposer_type": proposer_type,
            "filed_on": filed_on,
            "received_on": job.happened_on,
        },
        facts=(Fact(kind="SuggestionFiled", keys=keys),),
    )


def text_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 of title, facts and proposal as one JSON list."""
    text = json.dumps([row.get("title"), row.get("facts"), row.get("proposal")], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def fold_filed(fact: Fact, header: Header) -> Iterable[Change]:
    """The suggestion is filed; who did not confirm is dropped."""
    keys = fact.keys
    yield _suggestion(
        header,
        stage="filed",
        filed_on=keys["filed_on"],
        proposer_type=keys["proposer_type"],
        text_hash=keys["text_hash"],
    )
    for person in keys["dropped"]:
        yield from drop_proposer(header, person)


# -- reply, feedback, commitments, end


def rounds(job: Job, rows: Rows) -> Outcome:
    """Whether every unit that owes a reply has been answered by the deputy's feedback in its last round.

    A reply that was sent back to be handled again (再次办理) asks for the round after it.
    """
    again = {row["reply_id"] for row in rows_of(rows, "rehandlings") if str(row["decision"]).startswith("redo")}
    done = {(entry["assignment_id"], entry["round"]) for entry in job.variables.get("rounds_done") or []}
    done.add((job.variables["assignment_id"], int(job.variables["round"])))
    answering = [row["id"] for row in rows_of(rows, "assignments") if row["mode"] in ANSWERING]
    closable = bool(answering) and all(_is_done(assignment, done, again) for assignment in answering)
    return Outcome(
        variables={
            "rounds_done": [{"assignment_id": assignment, "round": number} for assignment, number in sorted(done)],
            "closable": closable,
        }
    )


def _is_done(assignment: str, done: set[tuple[str, int]], again: set[str]) -> bool:
    last = max((number for who, number in done if who == assignment), default=0)
    return last > 0 and f"{assignment}-r{last}" not in again


def close(job: Job, rows: Rows) -> Outcome:
    """The suggestion is closed (办结), or closed with commitments still open (办结、承诺跟踪)."""
    left = _open_commitments(job, rows)
    keys = {"suggestion_id": job.key, "closed_on": job.happened_on, "open_commitments": left}
    return Outcome(variables={"open_commitments": left}, facts=(Fact(kind="SuggestionClosed", keys=keys),))


def count_commitments(job: Job, rows: Rows) -> Outcome:
    """How many commitments are still open; with none left the suggestion is wholly closed."""
    left = _open_commitments(job, rows)
    facts = (Fact(kind="CommitmentsSettled", keys={"suggestion_id": job.key, "open_commitments": 0}),) if left == 0 else ()
    return Outcome(variables={"open_commitments": left}, facts=facts)


def _open_commitments(job: Job, rows: Rows) -> int:
    """Promises whose end the case has not heard yet. Counting what was heard, no message comes to a case that is archived already."""
    heard = set(job.variables.get("ended_commitments") or ())
    return sum(row["id"] not in heard for row in rows_of(rows, "commitments"))


def fold_closed(fact: Fact, header: Header) -> Iterable[Change]:
    """Closed; what is promised may still be open."""
    stage = "closed-commitments-open" if fact.keys["open_commitments"] else "closed"
    closed = {"closed_on": fact.keys["closed_on"]} if "closed_on" in fact.keys else {}
    yield _suggestion(header, stage=stage, **closed)


def archive(job: Job, rows: Rows) -> Outcome:
    """The case is archived (归档): nothing of it changes any more."""
    return Outcome(facts=(Fact(kind="SuggestionArchived", keys={"suggestion_id": job.key, "archived_on": job.happened_on}),))


def fold_archived(fact: Fact, header: Header) -> Iterable[Change]:
    """Archived on this day."""
    yield _suggestion(header, stage="archived", archived_on=fact.keys["archived_on"])


def withdraw(job: Job, rows: Rows) -> Outcome:
    """The suggestion is withdrawn (撤回); a number given before is kept, and what its units had to do ends with it."""
    keys = {
        "suggestion_id": job.key,
        "withdrawn_on": job.happened_on,
        "assignments": [row["id"] for row in rows_of(rows, "assignments")],
    }
    return Outcome(facts=(Fact(kind="SuggestionWithdrawn", keys=keys),))


def fold_withdrawn(fact: Fact, header: Header) -> Iterable[Change]:
    """Withdrawn on this day, with every assignment that still stood; an earlier fact names none."""
    withdrawn_on = fact.keys["withdrawn_on"]
    yield _suggestion(header, stage="withdrawn", withdrawn_on=withdrawn_on)
    for assignment in fact.keys.get("assignments", ()):
        yield Change(op="update", table="assignment", key={"id": assignment}, values={"status": "withdrawn", "ended_on": withdrawn_on})


# -- forms


def fold_draft(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-draft: the text and how it is proposed."""
    names = ("title", "facts", "proposal", "consent_publish", "session", "channel", "proposer_type", "delegation_id")
    yield _suggestion(header, **{name: data.get(name) for name in names})


def fold_import(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-import: the text and what the paper says of itself."""
    yield from fold_draft(data, header, item_id)
    yield _suggestion(
        header,
        lead_id=data["lead_id"],
        stated_number=data.get("stated_number"),
        stated_units=data.get("stated_units"),
        session_demo=data.get("session_demo", False),
        demo=data.get("demo", False),
    )


def fold_withdraw(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-withdraw: why it is withdrawn."""
    yield _suggestion(header, withdraw_reason=data.get("reason"))


# -- checks


def may_withdraw(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Only the lead proposer withdraws: before assignment (交办) everywhere, after it where the congress allows it at any time.

    After assignment one of several proposers does not withdraw alone where all must agree (联名).
    """
    any_time = rows.get("rule") == "any-time"
    for row in rows_of(rows, "suggestion"):
        if row["lead_id"] != item.claimed_by:
            yield FieldFault(field="", rule="lead", template="only the lead proposer {lead} may withdraw it", params={"lead": str(row["lead_id"])})
        if row["stage"] in WITHDRAWABLE:
            continue
        if any_time and row["proposer_type"] == "joint" and rows.get("joint") == "unanimous":
            yield FieldFault(field="", rule="unanimous", template="after assignment a joint suggestion is withdrawn only if every co-signer agrees")
        elif not any_time:
            yield FieldFault(
                field="",
                rule="before_assignment",
                template="it may be withdrawn only before assignment; it is {stage}",
                params={"stage": str(row["stage"])},
            )


# -- reads


def _text_and_proposers(job: Job) -> Mapping[str, Read]:
    return {"suggestion": by_id("suggestion", job.key), **proposers_of(job)}


def _assignments_and_rehandlings(job: Job) -> Mapping[str, Read]:
    mine = Where(column="suggestion_id", value=job.key)
    return {
        "assignments": Select(table="assignment", columns=("id", "mode"), where=(mine, Where(column="status", value="active")), order=("id",)),
        "rehandlings": Select(
            table="rehandling",
            columns=("reply_id", "decision"),
            where=(Where(column="case_id", value=job.case_id),),
            order=("reply_id",),
        ),
    }


def _commitments(job: Job) -> Mapping[str, Read]:
    mine = (Where(column="suggestion_id", value=job.key),)
    return {"commitments": Select(table="commitment", columns=("id",), where=mine, order=("id",))}


def _own_row(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    # The suggestion's instance is the first of its case, so that its id is the suggestion's.
    return {
        "suggestion": by_id("suggestion", item.instance_id),
        "rule": Setting(name="cfg.withdrawRule"),
        "joint": Setting(name="cfg.withdrawJoint"),
    }


def _standing(job: Job) -> Mapping[str, Read]:
    mine = (Where(column="suggestion_id", value=job.key), Where(column="status", value="active"))
    return {"assignments": Select(table="assignment", columns=("id",), where=mine, order=("id",))}


# -- changes


def _suggestion(header: Header, **values: Any) -> Change:
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table="suggestion", key={"id": header.key}, values=owned | values)
