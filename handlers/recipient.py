"""Who gets a letter (收件人): every proposer by himself, a delegation by its head, or the lead alone where the congress says so. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Job, Outcome, Rows
from engine.registry import Read, Registry, Select, Setting, Where, rows_of

EVERY_PROPOSER, LEAD_ONLY = "every-proposer", "lead-only"
LEAD = "lead"
"""The value of cfg.jointReply under which only the lead is answered."""


def declare(registry: Registry) -> None:
    """Declare the topic recipient.find and the setting cfg.letterTo."""
    registry.settings["cfg.letterTo"] = EVERY_PROPOSER
    registry.handler(
        "recipient.find",
        reads=reads_proposers,
        takes=("suggestion_id",),
        may_take={"named": ["text"], "kind": "text"},
        writes={"recipients": ["text"]},
    )(find)


def reads_proposers(job: Job) -> Mapping[str, Read]:
    """The proposers of the suggestion and the congress's rule; nothing when the caller named the recipients itself (`named`)."""
    if job.variables.get("named") is not None:
        return {}
    suggestion = Where(column="suggestion_id", value=job.variables["suggestion_id"])
    columns = ("deputy_id", "role", "confirmed_on")
    return {
        "proposers": Select(table="proposer", columns=columns, where=(suggestion,), order=("place", "deputy_id")),
        "letter_to": Setting(name="cfg.letterTo"),
        "joint_reply": Setting(name="cfg.jointReply"),
    }


def find(job: Job, rows: Rows) -> Outcome:
    """`recipients`: person ids, the lead first, each once. An invited co-signer who did not confirm is no proposer."""
    named = job.variables.get("named")
    if named is not None:
        return Outcome(variables={"recipients": list(dict.fromkeys(named))})
    # Where the law wants the lead answered, who passes it on (青岛2021#28), this concerns the reply alone. A lead who by his own consent passes
    # it on (山东2017#20) has said so nowhere, so each proposer is answered.
    lead_only = rows.get("joint_reply") == LEAD if job.variables.get("kind") == "reply" else rows.get("letter_to") == LEAD_ONLY
    found = [row["deputy_id"] for row in rows_of(rows, "proposers") if row["role"] == "lead" or (not lead_only and row["confirmed_on"] is not None)]
    return Outcome(variables={"recipients": list(dict.fromkeys(found))})
