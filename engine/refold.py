"""Folds whose version rose are made anew from history, in one transaction, before anything else is done with the database."""

from __future__ import annotations

from collections.abc import Collection

from .registry import Change, Select, Where
from .runtime import Runtime, header_of
from .storage.port import Transaction
from .streams import rows_of_stream, streams

EVERYTHING = 1_000_000


def refold(runtime: Runtime, tables: Collection[str]) -> int:
    """Empty these tables and fold all events into them again. How many rows of history were read."""
    read = 0
    with runtime.store.transaction(write=True) as transaction:
        transaction.empty(tables)
        for stream in streams(transaction):
            for stored in rows_of_stream(transaction, stream):
                read += 1
                row = stored.read()
                changes = runtime.changes(row.events, header_of(row, stored.state()))
                transaction.apply([change for change in changes if change.table in tables])
        if "outbox" in tables:
            transaction.apply(list(outstanding(transaction)))
        runtime.finish(transaction)
    return read


def outstanding(transaction: Transaction) -> list[Change]:
    """What the outbox must hold: messages and signals sent and not yet taken, unless an open incident holds them, and open jobs."""
    taken = Select(table="delivery_taken", columns=("id",))
    held = Select(
        table="incident",
        columns=("delivery_id",),
        where=(Where(column="status", value="open"), Where(column="delivery_id", op="not_null")),
    )
    sent = (
        Where(column="status", value="sent"),
        Where(column="id", op="not_in_select", value=taken),
        Where(column="id", op="not_in_select", value=held),
    )
    deliveries = transaction.select(Select(table="delivery", columns=("id",), where=sent, limit=EVERYTHING))
    jobs = transaction.select(Select(table="job", columns=("id",), where=(Where(column="status", value="open"),), limit=EVERYTHING))
    return [_entry(row["id"], "delivery") for row in deliveries] + [_entry(row["id"], "job") for row in jobs]


def _entry(identifier: str, kind: str) -> Change:
    return Change(op="upsert", table="outbox", key={"id": identifier}, values={"kind": kind, "due_at": 0, "attempts": 0})
