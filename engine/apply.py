"""`apply`: what an event does to the engine's tables, as data. Pure; a live run and a rebuild share it.

A row of a fold belongs to one stream and only its events write it, so the tables come out the same in any order of streams. What
stands in the working tables is told apart (`outbox`), for a rebuild empties them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import singledispatch

from . import events
from .errors import Saying
from .events import Event
from .feel import from_json
from .model import Fact
from .ordinals import ordinal
from .registry import Change, Header, Registry


def apply(event: Event, header: Header, registry: Registry) -> Iterator[Change]:
    """The changes to all fold tables, the engine's and the domain's."""
    yield from _apply(event, header)
    yield from _domain(event, header, registry)


def backdated(header: Header, recorded_on: date, groups: Collection[str]) -> Iterator[Change]:
    """The row of an act that a person says happened before the day on which it was recorded. What the engine does has its due day."""
    if header.happened_on != recorded_on.isoformat() and not header.actor_id.startswith("system:"):
        yield Change(
            op="insert",
            table="backdated",
            key={"stream": header.stream, "position": header.position},
            values={
                "case_id": header.case_id,
                "actor_id": header.actor_id,
                "groups": sorted(groups),
                "command": header.command,
                "happened_on": header.happened_on,
                "recorded_on": recorded_on.isoformat(),
            },
        )


def _domain(event: Event, header: Header, registry: Registry) -> Iterable[Change]:
    if isinstance(event, events.FactStated):
        fold = registry.folds.get(event.kind)
        if fold is not None:
            fact = Fact(kind=event.kind, version=event.fact_version, keys=_values(event.keys), content=_values(event.content))
            return fold(fact, header)
    elif isinstance(event, events.WorkItemCompleted) and event.form_id is not None:
        return _form(registry, event.form_id, event.data, header, event.item_id)
    elif isinstance(event, events.FormSubmitted):
        return _form(registry, event.form_id, event.data, header, event.source)
    return ()


def _form(registry: Registry, form_id: str, data: Mapping[str, object], header: Header, source: str) -> Iterable[Change]:
    fold = registry.form_folds.get(form_id)
    return fold(_values(data), header, source) if fold is not None else ()


def _values(data: Mapping[str, object]) -> dict[str, object]:
    return {key: from_json(value) for key, value in data.items()}


@singledispatch
def _apply(event: Event, header: Header) -> Iterable[Change]:
    """Events that no engine table keeps: moves, notes, facts, forms."""
    return ()


@_apply.register
def _(event: events.InstanceStarted, header: Header) -> Iterable[Change]:
    yield Change(
        op="insert",
        table="instance",
        key={"id": event.instance_id},
        values={
            "case_id": event.case_id,
            "process": event.process,
            "key": event.key,
            "deployment": event.deployment,
            "status": "running",
            "started_at": header.recorded_at,
            "delivery_id": event.delivery,
        },
    )


@_apply.register
def _(event: events.InstanceEnded, header: Header) -> Iterable[Change]:
    yield Change(
        op="update", table="instance", key={"id": header.instance_id}, values={"status": event.how, "ended_at": header.recorded_at}
    )


@_apply.register
def _(event: events.WorkItemOpened, header: Header) -> Iterable[Change]:
    yield Change(
        op="insert",
        table="work_item",
        key={"id": event.item_id},
        values={
            "instance_id": header.instance_id,
            "case_id": header.case_id,
            "process": header.process,
            "element_id": event.element_id,
            "name": event.name,
            "form_id": event.form_id,
            "status": "open",
            "assignee": event.assignee,
            "due_on": event.due_on,
            "due": event.due,
            "priority": event.priority,
            "version": 1,
            "opened_at": header.recorded_at,
            "basis": event.basis,
        },
    )
    if event.assignee is None:
        for group in event.groups:
            yield Change(
                op="insert", table="work_item_group", key={"item_id": event.item_id, "group_id": group}, values={"status": "open"}
            )


@_apply.register
def _(event: events.WorkItemClaimed, header: Header) -> Iterable[Change]:
    yield _item(event.item_id, claimed_by=event.person, version=event.version)


@_apply.register
def _(event: events.WorkItemReleased, header: Header) -> Iterable[Change]:
    yield _item(event.item_id, claimed_by=None, version=event.version)


@_apply.register
def _(event: events.WorkItemReassigned, header: Header) -> Iterable[Change]:
    yield _item(event.item_id, claimed_by=event.person, version=event.version)


@_apply.register
def _(event: events.WorkItemDueMoved, header: Header) -> Iterable[Change]:
    yield _item(event.item_id, due_on=event.due_on, due=event.due, version=event.version)


@_apply.register
def _(event: events.WorkItemCompleted, header: Header) -> Iterable[Change]:
    yield from _closed_item(event.item_id, "completed", header)


@_apply.register
def _(event: events.WorkItemCancelled, header: Header) -> Iterable[Change]:
    yield from _closed_item(event.item_id, "cancelled", header)


def _item(item_id: str, **values: object) -> Change:
    return Change(op="update", table="work_item", key={"id": item_id}, values=values)


def _closed_item(item_id: str, status: str, header: Header) -> Iterable[Change]:
    yield _item(item_id, status=status, closed_at=header.recorded_at, closed_by=header.actor_id)
    yield Change(op="delete", table="work_item_group", key={"item_id": item_id})


@_apply.register
def _(event: events.NumberTaken, header: Header) -> Iterable[Change]:
    yield Change(op="raise", table="series", key={"name": event.series}, values={"value": event.value})


@_apply.register
def _(event: events.JobOpened, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert",
        table="job",
        key={"id": event.job_id},
        values={
            "instance_id": header.instance_id,
            "case_id": header.case_id,
            "element_id": event.element_id,
            "topic": event.topic,
            "status": "open",
            "content": dict(event.variables),
        },
    )


@_apply.register
def _(event: events.JobClosed, header: Header) -> Iterable[Change]:
    yield Change(op="update", table="job", key={"id": event.job_id}, values={"status": event.how})


@_apply.register
def _(event: events.TimerSet, header: Header) -> Iterable[Change]:
    yield Change(
        op="insert",
        table="timer",
        key={"id": event.timer_id},
        values={
            "instance_id": header.instance_id,
            "case_id": header.case_id,
            "element_id": event.element_id,
            "due_at": event.due_at,
            "ordinal": ordinal(event.timer_id),
            "due": event.due,
            "status": "open",
        },
    )


@_apply.register
def _(event: events.TimerMoved, header: Header) -> Iterable[Change]:
    yield Change(op="update", table="timer", key={"id": event.timer_id}, values={"due_at": event.due_at, "due": event.due})


@_apply.register
def _(event: events.TimerClosed, header: Header) -> Iterable[Change]:
    yield Change(op="update", table="timer", key={"id": event.timer_id}, values={"status": event.how})


@_apply.register
def _(event: events.SubscriptionOpened, header: Header) -> Iterable[Change]:
    yield Change(
        op="insert",
        table="subscription",
        key={"id": event.subscription_id},
        values={
            "instance_id": header.instance_id,
            "case_id": header.case_id,
            "element_id": event.element_id,
            "kind": event.kind,
            "name": event.name,
            "key": event.key,
            "status": "open",
            "opened_at": header.recorded_at,
            "ordinal": ordinal(event.subscription_id),
            "act": event.act,
            "act_name": event.act_name,
            "form_id": event.form_id,
            "assignee": event.assignee,
            "groups": list(event.groups),
        },
    )


@_apply.register
def _(event: events.SubscriptionClosed, header: Header) -> Iterable[Change]:
    yield Change(op="update", table="subscription", key={"id": event.subscription_id}, values={"status": event.how})


@_apply.register
def _(event: events.MessageThrown, header: Header) -> Iterable[Change]:
    yield _delivery(event.delivery_id, "message", event, header, key=event.key, receiver_id=None, subscription_id=None)


@_apply.register
def _(event: events.SignalThrown, header: Header) -> Iterable[Change]:
    for delivery_id, instance_id, subscription_id in event.receivers:
        yield _delivery(delivery_id, "signal", event, header, key="", receiver_id=instance_id, subscription_id=subscription_id)


def _delivery(
    delivery_id: str, kind: str, event: events.MessageThrown | events.SignalThrown, header: Header, **values: object
) -> Change:
    return Change(
        op="insert",
        table="delivery",
        key={"id": delivery_id},
        values={
            "sender_id": header.instance_id,
            "case_id": header.case_id,
            "element_id": event.element_id,
            "happened_on": header.happened_on,
            "kind": kind,
            "name": event.name,
            "status": "sent",
            "content": dict(event.variables),
            "sent_at": header.recorded_at,
            "ordinal": ordinal(delivery_id),
            **values,
        },
    )


@_apply.register
def _(event: events.DeliveryTaken, header: Header) -> Iterable[Change]:
    yield Change(op="upsert", table="delivery_taken", key={"id": event.delivery_id}, values={"receiver_id": header.instance_id})


@_apply.register
def _(event: events.MessageKept, header: Header) -> Iterable[Change]:
    yield Change(
        op="update", table="delivery", key={"id": event.delivery_id}, values={"status": "kept", "kept_until": event.kept_until}
    )


@_apply.register
def _(event: events.MessageExpired, header: Header) -> Iterable[Change]:
    yield Change(op="update", table="delivery", key={"id": event.delivery_id}, values={"status": "expired"})


@_apply.register
def _(event: events.IncidentOpened, header: Header) -> Iterable[Change]:
    yield Change(
        op="insert",
        table="incident",
        key={"id": event.incident_id},
        values={
            "instance_id": header.instance_id,
            "case_id": header.case_id,
            "element_id": event.element_id,
            "code": event.code,
            "expression": event.expression,
            "reason": str(Saying.from_json(event.reason)),
            "said": event.reason,
            "status": "open",
            "opened_at": header.recorded_at,
            "delivery_id": event.delivery_id,
        },
    )


@_apply.register
def _(event: events.IncidentResolved, header: Header) -> Iterable[Change]:
    yield Change(op="update", table="incident", key={"id": event.incident_id}, values={"status": "resolved"})


@_apply.register
def _(event: events.PersonRegistered, header: Header) -> Iterable[Change]:
    yield Change(op="upsert", table="person", key={"id": event.person}, values={"name": event.name, "kind": event.kind})


@_apply.register
def _(event: events.MembershipGranted, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert",
        table="membership",
        key={"person_id": event.person, "group_id": event.group, "from_on": event.from_on},
        values={"to_on": event.to_on},
    )


@_apply.register
def _(event: events.MembershipEnded, header: Header) -> Iterable[Change]:
    yield Change(
        op="update",
        table="membership",
        key={"person_id": event.person, "group_id": event.group, "from_on": event.from_on},
        values={"to_on": event.to_on},
    )


@_apply.register
def _(event: events.SubstituteNamed, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert",
        table="substitute",
        key={"person_id": event.person, "by_id": event.by, "from_on": event.from_on},
        values={"to_on": event.to_on, "groups": list(event.groups)},
    )


@_apply.register
def _(event: events.UnitRegistered, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert",
        table="unit",
        key={"id": event.unit},
        values={
            "name": event.name,
            "kind": event.kind,
            "from_on": event.from_on,
            "to_on": event.to_on,
            "confirmed": event.confirmed,
        },
    )


@_apply.register
def _(event: events.UnitNamed, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert",
        table="unit_name",
        key={"unit_id": event.unit, "name": event.name, "kind": event.kind},
        values={"from_on": event.from_on, "to_on": event.to_on, "confirmed": event.confirmed},
    )


@_apply.register
def _(event: events.UnitSucceeded, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert",
        table="unit_succession",
        key={"unit_id": event.unit, "successor_id": event.successor},
        values={"on_date": event.on_date},
    )


@_apply.register
def _(event: events.DeploymentMade, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert",
        table="deployment",
        key={"id": event.deployment},
        values={
            "position": header.position,
            "made_at": header.recorded_at,
            "files": {path: digest for path, digest in event.files},  # noqa: C416
        },
    )
    for process, file, name in event.processes:
        yield Change(
            op="upsert",
            table="definition",
            key={"process": process, "deployment": event.deployment},
            values={"file": file, "name": name},
        )


@_apply.register
def _(event: events.StartTimerSet, header: Header) -> Iterable[Change]:
    yield Change(
        op="insert",
        table="start_timer",
        key={"id": f"{event.process}/{event.element_id}@{header.position}.{event.n}"},
        values={
            "process": event.process,
            "element_id": event.element_id,
            "n": event.n,
            "file": event.file,
            "due_at": event.due_at,
            "every": event.every,
            "left": event.left,
            "status": "open",
        },
    )


@_apply.register
def _(event: events.StartTimerClosed, header: Header) -> Iterable[Change]:
    yield Change(op="update", table="start_timer", key={"id": event.timer}, values={"status": event.how, "closed_at": header.recorded_at})


@_apply.register
def _(event: events.StartTimerFired, header: Header) -> Iterable[Change]:
    yield Change(
        op="insert",
        table="start_turn",
        key={"id": f"{event.timer}/{event.turn}"},
        values={
            "timer": event.timer,
            "turn": event.turn,
            "process": event.process,
            "element_id": event.element_id,
            "due_at": event.due_at,
            "next_at": event.next_at,
            "instance_id": header.instance_id,
        },
    )


@_apply.register
def _(event: events.SettingChanged, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert", table="setting", key={"name": event.name, "from_on": event.from_on}, values={"value": event.value}
    )


@_apply.register
def _(event: events.CalendarPublished, header: Header) -> Iterable[Change]:
    yield Change(
        op="upsert",
        table="calendar_year",
        key={"year": event.year, "version": event.version},
        values={"holidays": list(event.holidays), "workdays": list(event.workdays), "source": event.source},
    )
