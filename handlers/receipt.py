"""Receipt (签收) by the unit, and its request to return what is not its business (申请退回).

The receipt is an instance of its own, keyed by the assignment. No unit passes an item on itself (V11): it asks the commission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model import Fact, Job, Outcome, Rows, WorkItem
from engine.registry import Change, FieldFault, Header, Read, Record, Registry, Select, Where, by_id, rows_of

RECEIPT = Record(
    name="receipt",
    key=("assignment_id",),
    columns={
        "assignment_id": "text",
        "suggestion_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "unit_id": "text",
        "signed_in_on": "date",
        "signed_in_by": "text",
        "leader_id": "text",
        "handler_id": "text",
        "contact_person": "text",
        "phone": "text",
    },
    indexes=(("case_id",), ("unit_id", "signed_in_on"), ("suggestion_id",)),
)

RETURN_REQUEST = Record(
    name="return_request",
    key=("assignment_id",),
    columns={
        "assignment_id": "text",
        "suggestion_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "unit_id": "text",
        "reason": "text",
        "duty_basis": "text",
        "proposed_unit_id": "text",
        "signed_by": "text",
        "asked_on": "date",
        "asked_by": "text",
        "times": "integer",
    },
    indexes=(("case_id",), ("unit_id",), ("suggestion_id",)),
)

RETURNS_MAX = 2
"""A unit may ask for return again after a refusal, not a third time."""


def declare(registry: Registry) -> None:
    """Records, handlers, checks and folds of receipts and return requests."""
    registry.record(RECEIPT)
    registry.record(RETURN_REQUEST)
    registry.handler("receipt.sign", takes=("assignment_id", "suggestion_id", "unit"), writes=())(sign)
    registry.handler(
        "receipt.ask_return",
        takes=("assignment_id", "suggestion_id", "unit"),
        may_take={"returns_asked": "number"},
        writes={"returns_asked": "number"},
    )(ask_return)
    registry.check("receipt.may_return", reads=_requests, takes=("assignment_id", "suggestion_id"))(may_return)
    registry.check("receipt.valid_return", reads=_signer_and_unit, takes=("unit", "suggestion_id"), may_take=("assignment_id",))(valid_return)
    registry.form_fold("f-sign-in")(fold_sign_in)
    registry.form_fold("f-return")(fold_return)
    registry.fold("SignedFor")(fold_signed)
    registry.fold("ReturnAsked")(fold_asked)


def sign(job: Job, rows: Rows) -> Outcome:
    """The unit signed for the assignment."""
    keys = _about(job) | {"signed_in_on": job.happened_on}
    return Outcome(facts=(Fact(kind="SignedFor", keys=keys),))


def ask_return(job: Job, rows: Rows) -> Outcome:
    """The unit asks for return; it stays responsible until the commission has decided (V5)."""
    times = int(job.variables.get("returns_asked") or 0) + 1
    keys = _about(job) | {"asked_on": job.happened_on, "times": times}
    return Outcome(variables={"returns_asked": times}, facts=(Fact(kind="ReturnAsked", keys=keys),))


def _about(job: Job) -> dict[str, Any]:
    given = job.variables
    return {"assignment_id": given["assignment_id"], "suggestion_id": given["suggestion_id"], "unit_id": given["unit"]}


def fold_signed(fact: Fact, header: Header) -> Iterable[Change]:
    """Signed for on this day."""
    keys = fact.keys
    values = {name: keys[name] for name in ("suggestion_id", "unit_id", "signed_in_on")}
    yield _row("receipt", header, **values, signed_in_by=header.actor_id)


def fold_asked(fact: Fact, header: Header) -> Iterable[Change]:
    """Return asked on this day, for the how-manieth time."""
    keys = fact.keys
    yield _row("return_request", header, **{name: keys[name] for name in ("suggestion_id", "unit_id", "asked_on", "times")})


def fold_sign_in(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-sign-in: who leads, who handles, whom the deputy may call."""
    if data["action"] == "sign":
        yield _row("receipt", header, **{name: data.get(name) for name in ("leader_id", "handler_id", "contact_person", "phone")})


def fold_return(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-return: why it is not this unit's business and whose it is."""
    yield _row(
        "return_request",
        header,
        reason=data["reason"],
        duty_basis=data["duty_basis"],
        proposed_unit_id=data["proposed_unit"],
        signed_by=data["signed_by"],
        asked_by=header.actor_id,
    )


def may_return(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """A third request for return is not possible, nor one after the suggestion was closed."""
    if data["action"] != "ask-return":
        return
    yield from _closed(rows, "action")
    asked = max((row["times"] or 0 for row in rows_of(rows, "requests")), default=0)
    if asked >= RETURNS_MAX:
        yield FieldFault(
            field="action",
            rule="asked_before",
            template="return was asked {times} times and refused; sign for it",
            params={"times": str(asked)},
        )


def valid_return(item: WorkItem, data: Mapping[str, Any], rows: Rows) -> Iterable[FieldFault]:
    """The request is signed by a leader of the unit, names another unit that exists, and the suggestion is not closed."""
    yield from _closed(rows, "")
    unit = str(item.inputs["unit"])
    if data["proposed_unit"] == unit:
        yield FieldFault(field="proposed_unit", rule="other", template="name another unit than {unit}", params={"unit": unit})
    elif not rows_of(rows, "proposed"):
        yield FieldFault(field="proposed_unit", rule="unit", template="{unit} is not a known unit", params={"unit": data["proposed_unit"]})
    if not rows_of(rows, "signers"):
        yield FieldFault(
            field="signed_by",
            rule="leader",
            template="{person} is not a leader of {unit}",
            params={"person": data["signed_by"], "unit": unit},
        )


def _closed(rows: Rows, field: str) -> Iterable[FieldFault]:
    """Nobody decides on a return any more when the suggestion is closed (办结): all who had to answer have answered."""
    for row in rows_of(rows, "suggestion"):
        if row["closed_on"] is not None:
            yield FieldFault(
                field=field, rule="closed", template="the suggestion was closed on {closed_on}; nothing is returned any more", params={"closed_on": str(row["closed_on"])}
            )


def _requests(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    return {
        "requests": by_id("return_request", item.inputs["assignment_id"], column="assignment_id"),
        "suggestion": by_id("suggestion", item.inputs["suggestion_id"]),
    }


def _signer_and_unit(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    unit = item.inputs["unit"]
    leaders = (f"unit-leader:{unit}", f"unit-principal:{unit}")
    return {
        "suggestion": by_id("suggestion", item.inputs["suggestion_id"]),
        "proposed": by_id("unit", data["proposed_unit"]),
        "signers": Select(
            table="membership",
            columns=("person_id", "group_id"),
            where=(Where(column="person_id", value=data["signed_by"]), Where(column="group_id", op="in", value=leaders)),
            order=("group_id",),
        ),
    }


def _row(table: str, header: Header, **values: Any) -> Change:
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table=table, key={"assignment_id": header.key}, values=owned | values)
