"""Who acts: persons, their groups on a day, and the settings in force, read from the store's tables. Loads neither kernel nor FEEL."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from .model import Actor, Json
from .registry import Registry, Select, Where
from .storage.port import Transaction

if TYPE_CHECKING:
    from .settings import Shipped

ShippedRow = Callable[[str, date], "Shipped | None"]
"""setting name, day -> the row in force for the database's jurisdiction, from the newest deployment."""


def actor_of(transaction: Transaction, person: str, on: date) -> Actor | None:
    """The person with the groups held on that day, or None if unknown."""
    rows = transaction.select(Select(table="person", columns=("id", "kind"), where=(Where(column="id", value=person),), limit=1))
    if not rows:
        return None
    return Actor(id=person, kind=rows[0]["kind"], groups=groups_of(transaction, person, on))


def groups_of(transaction: Transaction, person: str, on: date) -> frozenset[str]:
    """The groups that the person is in on that day."""
    rows = transaction.select(
        Select(
            table="membership",
            columns=("group_id", "from_on", "to_on"),
            where=(Where(column="person_id", value=person), Where(column="from_on", op="<=", value=on)),
            limit=10_000,
        )
    )
    today = on.isoformat()
    return frozenset(row["group_id"] for row in rows if row["to_on"] is None or row["to_on"] > today)


def standing_in(transaction: Transaction, actor: Actor, on: date, personal: Collection[str]) -> tuple[Actor, ...]:
    """The actor on behalf of each person for whom he stands in on that day, with what that person's own groups lend; oldest naming first.

    A personal group (a mandate) is not lent, nor is what that person holds as a substitute.
    """
    if actor.kind != "person":
        return ()
    where = (Where(column="by_id", value=actor.id), Where(column="from_on", op="<=", value=on), Where(column="to_on", op=">=", value=on))
    rows = transaction.select(Select(table="substitute", where=where, order=("from_on", "person_id"), limit=1_000))
    lent = ((row["person_id"], groups_of(transaction, row["person_id"], on) - set(personal), row["groups"]) for row in rows)
    return tuple(
        replace(actor, groups=held.intersection(named) if named else held, on_behalf_of=person) for person, held, named in lent
    )


def setting_value(transaction: Transaction, registry: Registry, shipped: ShippedRow, name: str, on: date) -> Json:
    """The value of a setting in force on that day, in JSON form: the one a person set, else the shipped row, else the default."""
    rows = transaction.select(
        Select(
            table="setting",
            columns=("value",),
            where=(Where(column="name", value=name), Where(column="from_on", op="<=", value=on)),
            order=("-from_on",),
            limit=1,
        )
    )
    if rows:
        return rows[0]["value"]
    row = shipped(name, on)
    return row.value if row is not None else registry.settings.get(name)
