"""Messages that nobody waited for (kept) go back to the outbox when somebody does. The outbox is a working table: no history speaks of this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from .events import Event, MessageKept, SubscriptionClosed, SubscriptionOpened
from .outbox import entry
from .registry import Change, Select, Where
from .storage.port import Transaction

EVERYTHING = 1_000_000
_HELD = (Where(column="status", value="open"), Where(column="delivery_id", op="not_null"))
UNDONE = (
    Where(column="id", op="not_in_select", value=Select(table="delivery_taken", columns=("id",))),
    Where(column="id", op="not_in_select", value=Select(table="incident", columns=("delivery_id",), where=_HELD)),
)
"""Deliveries that nobody has taken and no open incident holds."""
_KEPT = (Where(column="status", value="kept"), *UNDONE)


def woken(events: Sequence[Event], transaction: Transaction) -> Iterator[Change]:
    """What one row brings together: kept messages for the subscriptions that it opens, and a message that it keeps though somebody waits.

    The latter began to wait after the worker had looked and before it could keep the message.
    """
    closed = {event.subscription_id for event in events if isinstance(event, SubscriptionClosed)}
    opened = [event for event in events if isinstance(event, SubscriptionOpened) and event.kind == "message"]
    wanted = Counter((event.name, event.key) for event in opened if event.subscription_id not in closed)
    for (name, key), count in wanted.items():
        yield from _oldest(transaction, name, key, count)
    for event in events:
        if isinstance(event, MessageKept):
            (row,) = transaction.select(Select(table="delivery", where=(Where(column="id", value=event.delivery_id),)))
            if _waiting(transaction, row["name"], row["key"], 1):
                yield entry(row["id"], "delivery", row["sent_at"])


def all_woken(transaction: Transaction) -> Iterator[Change]:
    """All kept messages for which somebody waits."""
    kept = transaction.select(Select(table="delivery", columns=("name", "key"), where=_KEPT, order=("name", "key"), limit=EVERYTHING))
    for name, key in dict.fromkeys((row["name"], row["key"]) for row in kept):
        waiting = _waiting(transaction, name, key, EVERYTHING)
        if waiting:
            yield from _oldest(transaction, name, key, len(waiting))


def _oldest(transaction: Transaction, name: str, key: str, count: int) -> Iterator[Change]:
    """Kept messages that are not on their way again, those sent first before the others."""
    same = (Where(column="status", value="kept"), Where(column="name", value=name), Where(column="key", value=key))
    if not transaction.select(Select(table="delivery", columns=("id",), where=same, limit=1)):
        # Nearly always so; what follows may look through whole tables.
        return
    away = Where(column="id", op="not_in_select", value=Select(table="outbox", columns=("id",)))
    found = Select(table="delivery", columns=("id", "sent_at"), where=(*same, *UNDONE, away), order=("sent_at", "ordinal"), limit=count)
    for row in transaction.select(found):
        yield entry(row["id"], "delivery", row["sent_at"])


def _waiting(transaction: Transaction, name: str, key: str, limit: int) -> Sequence[Any]:
    same = (Where(column="name", value=name), Where(column="key", value=key))
    where = (*same, Where(column="kind", value="message"), Where(column="status", value="open"))
    return transaction.select(Select(table="subscription", columns=("id",), where=where, limit=limit))
