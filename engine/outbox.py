"""What a row of history adds to or takes from the outbox: deliveries to make, effects to run, due dates to count again. Pure.

The outbox is a working table: a rebuild empties it, and `refold` fills it from what the folds say is outstanding.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import events
from .events import Event
from .ordinals import ordinal
from .registry import Change, Header


def pending(event: Event, header: Header) -> Iterator[Change]:
    """What the event adds to or takes from the outbox: deliveries to make and effects to run."""
    if isinstance(event, events.MessageThrown):
        yield _out(event.delivery_id, "delivery", header)
    elif isinstance(event, events.SignalThrown):
        for delivery_id, _, _ in event.receivers:
            yield _out(delivery_id, "delivery", header)
    elif isinstance(event, events.JobOpened):
        yield _out(event.job_id, "job", header)
    elif isinstance(event, events.DeliveryTaken | events.MessageKept | events.MessageExpired) or (isinstance(event, events.IncidentOpened) and event.delivery_id is not None):
        yield Change(op="delete", table="outbox", key={"id": event.delivery_id})
    elif isinstance(event, events.IncidentResolved) and event.delivery_id is not None:
        yield _out(event.delivery_id, "delivery", header)
    elif isinstance(event, events.RecountAsked):
        for instance_id in event.instances:
            yield _out(recount_id(instance_id, header.stream, header.position), "recount", header)
    elif isinstance(event, events.DueRecounted):
        yield Change(op="delete", table="outbox", key={"id": event.entry})
    elif isinstance(event, events.JobClosed):
        yield Change(op="delete", table="outbox", key={"id": event.job_id})


def recount_id(instance_id: str, stream: str, position: int) -> str:
    """The entry of the outbox, and the id of the command, by which an instance counts its due dates again."""
    return f"{instance_id}/{stream}/{position}"


def _out(identifier: str, kind: str, header: Header) -> Change:
    return entry(identifier, kind, header.recorded_at)


def entry(identifier: str, kind: str, due_at: int) -> Change:
    """An entry of the outbox, which is worked off in due order."""
    values = {"kind": kind, "due_at": due_at, "ordinal": ordinal(identifier), "attempts": 0}
    return Change(op="upsert", table="outbox", key={"id": identifier}, values=values)
