"""Screening (把关审核): what the screener found, who confirmed it, what the deputy chose, what came of it; and similar suggestions.

Which result follows from which finding is the decision table's business (`rule_screen.dmn`), not this module's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, Setting, Where, by_id, rows_of

SCREENING = Record(
    name="screening",
    key=("suggestion_id",),
    columns={
        "suggestion_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "checks": "json",
        "excluded_codes": "json",
        "outcome": "text",
        "reason": "text",
        "screened_by": "text",
        "screened_on": "date",
        "second_by": "text",
        "second_on": "date",
        "second_agrees": "boolean",
        "second_reason": "text",
        "explained_by": "text",
        "explained_on": "date",
        "deputy_choice": "text",
        "leader_id": "text",
        "leader_accepts": "boolean",
        "remark": "text",
        "result": "text",
        "concluded_on": "date",
    },
    indexes=(("case_id",), ("screened_by",), ("result",)),
)

SIMILAR = Record(
    name="similar",
    key=("suggestion_id", "other_id"),
    columns={"suggestion_id": "text", "other_id": "text", "case_id": "text", "instance_id": "text", "why": "text"},
    indexes=(("case_id",), ("other_id",)),
)

SIMILAR_MAX = 50

STAGE_OF_RESULT = {
    "repair": "returned-for-repair",
    "letter": "as-letter",
    "reference": "for-reference",
    "refused": "refused",
}


RESULTS = ("registered", "repair", "letter", "reference", "refused")
"""What can come of a screening."""


def declare(registry: Registry) -> None:
    """Records, handlers, the check of the second person, and folds of screening."""
    registry.record(SCREENING)
    registry.record(SIMILAR)
    registry.handler("screening.receive", takes=("suggestion_id",), may_take={"received_on": "date"}, writes={"received_on": "date"})(receive)
    registry.handler("screening.find_similar", reads=_alike, takes=("suggestion_id", "lead_id"), writes=())(find_similar)
    registry.handler("screening.conclude", takes={"suggestion_id": "text", "screen_result": RESULTS}, writes=())(conclude)
    registry.check("screening.excluded", reads=_excluded, takes=())(only_excluded)
    registry.check("screening.second_person", reads=_screened, takes=())(second_person)
    registry.form_fold("f-screen")(fold_screen)
    registry.form_fold("f-second-check")(fold_second_check)
    registry.form_fold("f-explain")(fold_explain)
    registry.fold("SuggestionReceived")(fold_received)
    registry.fold("SimilarFound")(fold_similar)
    registry.fold("ScreeningConcluded")(fold_concluded)


def receive(job: Job, rows: Rows) -> Outcome:
    """The congress received it (收件); an imported paper says on which day, else it is the day of the act."""
    received_on = job.variables.get("received_on") or job.happened_on
    keys = {"suggestion_id": job.variables["suggestion_id"], "received_on": received_on}
    return Outcome(variables={"received_on": received_on}, facts=(Fact(kind="SuggestionReceived", keys=keys),))


def fold_received(fact: Fact, header: Header) -> Iterable[Change]:
    """It is being screened."""
    yield _suggestion(fact, stage="screening", received_on=fact.keys["received_on"])


def find_similar(job: Job, rows: Rows) -> Outcome:
    """Suggestions with the same title, and earlier ones of the same lead proposer (查重). It says why; people judge."""
    own = job.variables["suggestion_id"]
    reasons = {row["id"]: "same-lead" for row in rows_of(rows, "same_lead") if row["id"] != own}
    reasons |= {row["id"]: "same-title" for row in rows_of(rows, "same_title") if row["id"] != own}
    if not reasons:
        return Outcome()
    found = [{"other_id": other, "why": why} for other, why in sorted(reasons.items())]
    return Outcome(facts=(Fact(kind="SimilarFound", keys={"suggestion_id": own, "found": found}),))


def fold_similar(fact: Fact, header: Header) -> Iterable[Change]:
    """One row a similar suggestion."""
    for entry in fact.keys["found"]:
        yield Change(
            op="upsert",
            table="similar",
            key={"suggestion_id": fact.keys["suggestion_id"], "other_id": entry["other_id"]},
            values={"case_id": header.case_id, "instance_id": header.instance_id, "why": entry["why"]},
        )


def conclude(job: Job, rows: Rows) -> Outcome:
    """What came of the screening stands in the record; a registered suggestion goes on to its number."""
    keys = {
        "suggestion_id": job.variables["suggestion_id"],
        "result": job.variables["screen_result"],
        "concluded_on": job.happened_on,
    }
    return Outcome(facts=(Fact(kind="ScreeningConcluded", keys=keys),))


def fold_concluded(fact: Fact, header: Header) -> Iterable[Change]:
    """The suggestion's stage follows from the result; registration sets its own."""
    result = fact.keys["result"]
    yield _screening(header, result=result, concluded_on=fact.keys["concluded_on"])
    if result in STAGE_OF_RESULT:
        yield _suggestion(fact, stage=STAGE_OF_RESULT[result])


# -- forms


def fold_screen(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-screen: a new finding stands alone, without the confirmation of an earlier one."""
    yield _screening(
        header,
        checks=list(data["checks"]),
        excluded_codes=list(data.get("excluded_codes") or []),
        outcome=data["outcome"],
        reason=data.get("reason"),
        screened_by=header.actor_id,
        screened_on=header.happened_on,
        second_by=None,
        second_on=None,
        second_agrees=None,
        second_reason=None,
        deputy_choice=None,
        leader_id=None,
        leader_accepts=None,
        remark=None,
        result=None,
        concluded_on=None,
    )


def fold_second_check(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-second-check: another person confirms or sends back (复核)."""
    yield _screening(
        header,
        second_by=header.actor_id,
        second_on=header.happened_on,
        second_agrees=data["second_agrees"],
        second_reason=data.get("reason"),
    )


def fold_explain(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-explain: what was explained to the deputy and what he chose."""
    yield _screening(
        header,
        explained_by=header.actor_id,
        explained_on=header.happened_on,
        deputy_choice=data["deputy_choice"],
        leader_id=data.get("leader_id"),
        leader_accepts=data.get("leader_accepts"),
        remark=data.get("remark"),
    )


# -- check and reads


def _excluded(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    return {"excluded": Setting(name="cfg.excludedMatters")} if data.get("excluded_codes") else {}


def only_excluded(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Only what the congress's own text keeps out (不宜作为建议提出的情形) is found against a suggestion."""
    excluded = rows.get("excluded") or ()
    for place, code in enumerate(data.get("excluded_codes") or ()):
        if code not in excluded:
            params = {"excluded": ", ".join(excluded)}
            yield FieldFault(field=f"excluded_codes.{place}", rule="not_excluded", template="is no excluded matter here; these are {excluded}", params=params)


def second_person(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """Four eyes: who screened it does not confirm it himself."""
    for row in rows_of(rows, "screening"):
        if row["screened_by"] == item.claimed_by:
            yield FieldFault(
                field="",
                rule="four_eyes",
                template="{person} screened it; another person must confirm",
                params={"person": str(row["screened_by"])},
            )


def _screened(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    return {"screening": by_id("screening", item.instance_id, column="suggestion_id")}


def _alike(job: Job) -> Mapping[str, Read]:
    own = job.variables["suggestion_id"]
    columns = ("id", "stage")
    titles = Select(table="suggestion", columns=("title",), where=(Where(column="id", value=own),))
    filed = Where(column="filed_on", op="not_null")
    return {
        "same_title": Select(
            table="suggestion",
            columns=columns,
            where=(Where(column="title", op="in_select", value=titles), filed),
            order=("id",),
            limit=SIMILAR_MAX,
        ),
        "same_lead": Select(
            table="suggestion",
            columns=columns,
            where=(Where(column="lead_id", value=job.variables["lead_id"]), filed),
            order=("-filed_on", "id"),
            limit=SIMILAR_MAX,
        ),
    }


# -- changes


def _screening(header: Header, **values: Any) -> Change:
    # Screening is called by the suggestion's instance, so that the header's key is the suggestion's id.
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table="screening", key={"suggestion_id": header.key}, values=owned | values)


def _suggestion(fact: Fact, **values: Any) -> Change:
    return Change(op="update", table="suggestion", key={"id": fact.keys["suggestion_id"]}, values=values)
