"""Who proposes a suggestion (提出人): the lead (领衔), the co-signers (联名) with their answers, the head who signs for a delegation.

The rows belong to the suggestion's instance, whose key is the suggestion's id. A co-signer stands only once he has confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, Where, rows_of

from .reading import no_reader, reader

PROPOSER = Record(
    name="proposer",
    key=("suggestion_id", "deputy_id"),
    columns={
        "suggestion_id": "text",
        "deputy_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "role": "text",
        "place": "integer",
        "answer": "text",
        "confirmed_on": "date",
    },
    indexes=(("deputy_id",), ("case_id",)),
)


PROPOSER_TYPES = ("single", "joint", "delegation")
"""Who proposes: one deputy, several (联名), a delegation (代表团)."""


def declare(registry: Registry) -> None:
    """Record, handler, check and folds of the proposers."""
    registry.record(PROPOSER)
    registry.handler(
        "proposer.name",
        reads=proposers_of,
        takes={"suggestion_id": "text", "proposer_type": PROPOSER_TYPES, "lead_id": "text"},
        may_take={"cosigners": ["text"], "delegation_id": "text", "filed_on": "date"},
        writes={"invited": ["text"]},
    )(name)
    registry.check("proposer.are_deputies", reads=_named_deputies, takes=())(are_deputies)
    registry.form_fold("f-cosign")(fold_cosign)
    registry.form_fold("f-delegation-sign")(fold_delegation_sign)
    registry.fold("ProposersNamed")(fold_named)


def name(job: Job, rows: Rows) -> Outcome:
    """Who proposes is named anew after each draft: a changed text voids every confirmation (联名) given before."""
    given = job.variables
    invited = list(given.get("cosigners") or []) if given["proposer_type"] == "joint" else []
    kept = {given["lead_id"], *invited}
    left = sorted(row["deputy_id"] for row in rows_of(rows, "proposers") if row["deputy_id"] not in kept)
    keys = {
        "suggestion_id": job.key,
        "proposer_type": given["proposer_type"],
        "lead_id": given["lead_id"],
        "cosigners": invited,
        "left": left,
        "delegation_id": given.get("delegation_id") if given["proposer_type"] == "delegation" else None,
        "filed_before": given.get("filed_on") is not None,
    }
    return Outcome(variables={"invited": invited}, facts=(Fact(kind="ProposersNamed", keys=keys),))


def fold_named(fact: Fact, header: Header) -> Iterable[Change]:
    """The invited may read and are asked; those who are no longer named lose both."""
    keys = fact.keys
    if not keys["filed_before"]:
        yield Change(
            op="update",
            table="suggestion",
            key={"id": header.key},
            values={"stage": "cosigning" if keys["cosigners"] else "draft"},
        )
    for person in keys["left"]:
        yield from drop_proposer(header, person)
    for place, person in enumerate(keys["cosigners"], start=2):
        yield proposer_row(header, person, role="cosigner", place=place, answer=None, confirmed_on=None)
        yield reader(header.case_id, person, header)
    if keys["delegation_id"]:
        yield reader(header.case_id, f"delegation:{keys['delegation_id']}", header)


def fold_cosign(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-cosign: the invited deputy's answer (联名确认)."""
    confirmed_on = header.happened_on if data["answer"] == "confirm" else None
    yield proposer_row(header, header.actor_id, answer=data["answer"], confirmed_on=confirmed_on)


def fold_delegation_sign(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-delegation-sign: the head of the delegation (团长) signs for it."""
    yield proposer_row(header, data["head_id"], role="delegation-head", answer="confirm", confirmed_on=header.happened_on)
    yield reader(header.case_id, data["head_id"], header)
    yield Change(op="update", table="suggestion", key={"id": header.key}, values={"discussed_on": data["meeting_date"]})


def are_deputies(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Co-signers of a joint suggestion are other deputies; of a paper, its lead is a deputy too."""
    known = {row["person_id"] for row in rows_of(rows, "deputies")}
    lead = data.get("lead_id", item.assignee)
    if "lead_id" in data and data["proposer_type"] != "delegation" and lead not in known:
        yield FieldFault(field="lead_id", rule="deputy", template="{person} is not a deputy", params={"person": lead})
    for place, person in enumerate(_cosigners(data)):
        if person == lead:
            yield FieldFault(field=f"cosigners.{place}", rule="other", template="the lead proposer is no co-signer of the same suggestion")
        elif person not in known:
            yield FieldFault(field=f"cosigners.{place}", rule="deputy", template="{person} is not a deputy", params={"person": person})


def _cosigners(data: Mapping[str, Any]) -> list[str]:
    return list(data.get("cosigners") or []) if data.get("proposer_type") == "joint" else []


def proposers_of(job: Job) -> Mapping[str, Read]:
    """The proposers of the job's suggestion, in their order."""
    return {"proposers": Select(table="proposer", where=(Where(column="suggestion_id", value=job.key),), order=("place", "deputy_id"))}


def _named_deputies(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    named = (*_cosigners(data), *([data["lead_id"]] if "lead_id" in data else []))
    return {
        "deputies": Select(
            table="membership",
            columns=("person_id",),
            where=(Where(column="group_id", value="deputy"), Where(column="person_id", op="in", value=named)),
            order=("person_id",),
        )
    }


def proposer_row(header: Header, deputy_id: str, **values: Any) -> Change:
    """What is now known of one proposer of the header's suggestion."""
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table="proposer", key={"suggestion_id": header.key, "deputy_id": deputy_id}, values=owned | values)


def drop_proposer(header: Header, deputy_id: str) -> Iterable[Change]:
    """A person no longer proposes, and no longer reads the case."""
    yield Change(op="delete", table="proposer", key={"suggestion_id": header.key, "deputy_id": deputy_id})
    yield no_reader(header.case_id, deputy_id, header)
