"""Talks with the deputy (沟通联系) before, during and after handling: what was said, when, by whom. Pure.

A contact is entered with the work item contact-deputy or, at any time while handling runs, by the act `contact`; both use f-contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.registry import Change, Header, Record, Registry

CONTACT = Record(
    name="contact",
    key=("id",),
    columns={
        "id": "text",
        "case_id": "text",
        "instance_id": "text",
        "assignment_id": "text",
        "stage": "text",
        "form": "text",
        "at": "date",
        "persons": "json",
        "content": "text",
        "deputy_wish": "text",
        "proof": "text",
        "entered_by": "text",
        "entered_on": "date",
    },
    indexes=(("case_id",), ("instance_id",), ("assignment_id",)),
)


def declare(registry: Registry) -> None:
    """Declare the record and the fold of f-contact."""
    registry.record(CONTACT)
    registry.form_fold("f-contact")(fold_contact)


def fold_contact(data: Mapping[str, Any], header: Header, source: str) -> Iterable[Change]:
    """One contact. The position makes the id unique, for an act may be done again through the same subscription."""
    yield Change(
        op="insert",
        table="contact",
        key={"id": f"{source}-{header.position}"},
        values={
            "case_id": header.case_id,
            "instance_id": header.instance_id,
            "assignment_id": header.key,
            "stage": data["stage"],
            "form": data["form"],
            "at": data["at"],
            "persons": data["persons"],
            "content": data["content"],
            "deputy_wish": data.get("deputy_wish"),
            "proof": data.get("proof"),
            "entered_by": header.actor_id,
            "entered_on": header.happened_on,
        },
    )
