"""Who may read which case (可见范围): the one visibility function, and the rows by which a case is opened to a reader.

A reader is a person or a group. The bodies that run the whole work read every filed case; an auditor reads every case; everybody else
reads the cases that a fold opened to them by `reader`. Source: the state table of the process (who sees which state).
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.model import Actor
from engine.registry import AnyOf, Change, Condition, Header, Record, Registry, Select, Where

ALL_STATES = frozenset({"auditor"})
"""Groups that read every case in every state."""

ALL_FILED = frozenset({"commission", "secretariat"})
"""Groups that read every case but what a deputy has not filed yet."""

UNFILED_STAGES = ("draft", "cosigning")

ENGINE_TABLES = frozenset({"instance", "work_item", "timer", "job", "subscription", "delivery", "incident"})
"""Tables of the engine that have a case but hold no content: an operator reads them all."""

OWN_UNIT_TABLES = frozenset({"reply_draft"})
"""Tables that only the unit which wrote the row may read before it is signed, beside the auditor."""

UNIT_ROLES = ("unit", "unit-desk", "unit-handler", "unit-leader", "unit-principal", "unit-secrecy")

CASE_READER = Record(
    name="case_reader",
    key=("case_id", "reader", "instance_id"),
    columns={"case_id": "text", "reader": "text", "instance_id": "text"},
    indexes=(("reader", "case_id"),),
)


GROUPS = (
    "deputy", "delegation", "delegation:", "secretariat", "commission", "chairpersons", "presidium", "standing-committee", "secretary-general-office",
    "special-committee:", "working-committee:", "assign-coordinator", "assign-coordinator:", "electing-unit:", "secrecy-officer",
    "unit:", "unit-desk:", "unit-handler:", "unit-leader:", "unit-principal:", "unit-secrecy:",
    "analyst", "auditor", "operator", "process-owner", "sealer", "platform-admin",
)  # fmt: skip
"""Every group of the congress that a diagram may name; a unit, delegation or committee follows a colon by its id."""


def declare(registry: Registry) -> None:
    """The record of readers, the groups and the visibility function."""
    registry.record(CASE_READER)
    registry.groups.update(GROUPS)
    registry.personal_groups.add("deputy")

    def visible(actor: Actor, table: str) -> tuple[Condition, ...]:
        """Conditions on the rows of this table that the actor may read."""
        return () if _is_open(registry, table) else _of_cases(actor, table)

    registry.visibility = visible


def reader(case_id: str, reader: str, header: Header) -> Change:
    """Open the case to a person or a group. The row belongs to the header's instance."""
    return Change(op="upsert", table="case_reader", key={"case_id": case_id, "reader": reader, "instance_id": header.instance_id})


def no_reader(case_id: str, reader: str, header: Header) -> Change:
    """Take back what the header's instance opened to this reader."""
    return Change(op="delete", table="case_reader", key={"case_id": case_id, "reader": reader, "instance_id": header.instance_id})


def unit_groups(unit_id: str) -> tuple[str, ...]:
    """The groups of a handling unit (承办单位) that read its cases."""
    return tuple(f"{role}:{unit_id}" for role in UNIT_ROLES)


def _is_open(registry: Registry, table: str) -> bool:
    """Whether anyone may read the table: units, definitions and whatever else belongs to no case."""
    record = registry.records.get(table)
    return record.case_column is None if record is not None else table not in ENGINE_TABLES


def _of_cases(actor: Actor, table: str) -> tuple[Condition, ...]:
    if actor.is_in(tuple(ALL_STATES)):
        return ()
    if table in OWN_UNIT_TABLES:
        return (Where(column="unit_id", op="in", value=_units_of(actor)),)
    if actor.is_in(("operator",)) and table in ENGINE_TABLES:
        return ()
    own = Where(column="case_id", op="in_select", value=_cases_of((actor.id, *sorted(actor.groups))))
    if actor.is_in(tuple(ALL_FILED)):
        return (AnyOf(of=(own, Where(column="case_id", op="not_in_select", value=_unfiled_cases()))),)
    return (own,)


def _units_of(actor: Actor) -> tuple[str, ...]:
    named = (group.partition(":") for group in actor.groups)
    return tuple(sorted({unit for role, _, unit in named if role in UNIT_ROLES and unit}))


def _cases_of(readers: Iterable[str]) -> Select:
    return Select(table="case_reader", columns=("case_id",), where=(Where(column="reader", op="in", value=tuple(readers)),))


def _unfiled_cases() -> Select:
    return Select(table="suggestion", columns=("case_id",), where=(Where(column="stage", op="in", value=UNFILED_STAGES),))
