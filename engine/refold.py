"""Folds whose version rose are made anew from history, in one transaction, before anything else is done with the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .counting import CALENDAR, COUNTED, calendar_of, counted_otherwise
from .kept import EVERYTHING, UNDONE, all_woken
from .outbox import entry, recount_id
from .registry import Change, Select, Where
from .runtime import Runtime, header_of
from .storage.port import Transaction
from .streams import rows_of_stream, streams


def refold(runtime: Runtime, tables: Collection[str]) -> int:
    """Empty these tables and fold all events into them again. How many rows of history were read."""
    read = 0
    with runtime.store.transaction(write=True) as transaction:
        transaction.empty(tables)
        for stream in streams(transaction):
            for stored in rows_of_stream(transaction, stream):
                read += 1
                row = stored.read()
                changes = runtime.changes(row, header_of(row, stored.state()))
                transaction.apply([change for change in changes if change.table in tables])
        if "outbox" in tables:
            transaction.apply(list(outstanding(transaction)))
        runtime.finish(transaction)
    return read


def outstanding(transaction: Transaction) -> list[Change]:
    """What the outbox must hold: messages and signals sent and not yet taken, unless an open incident holds them, kept ones that find
    somebody, and open jobs.
    """
    sent = (Where(column="status", value="sent"), *UNDONE)
    deliveries = transaction.select(Select(table="delivery", columns=("id", "sent_at"), where=sent, limit=EVERYTHING))
    jobs = transaction.select(Select(table="job", columns=("id",), where=(Where(column="status", value="open"),), limit=EVERYTHING))
    return [
        *(entry(row["id"], "delivery", row["sent_at"]) for row in deliveries),
        *(entry(row["id"], "job", 0) for row in jobs),
        *(entry(recount_id(instance_id, "calendar", position), "recount", 0) for instance_id, position in _to_recount(transaction)),
        *all_woken(transaction),
    ]


def _to_recount(transaction: Transaction) -> Iterator[tuple[str, int]]:
    """Instances with an open due date that the calendar in force counts otherwise, with the position of its newest publication."""
    head = transaction.head("calendar")
    if head is not None:
        calendar = calendar_of(transaction.select(CALENDAR))
        rows = (row for select in COUNTED.values() for row in transaction.select(select))
        for instance_id in sorted({row["instance_id"] for row, _ in counted_otherwise(rows, calendar)}):
            yield instance_id, head.position
