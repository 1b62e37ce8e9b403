"""A kernel step told as events, and the instance's state after it. Pure; the only reader of `kernel.Step`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from . import kernel
from .counting import Workings
from .errors import NotFound
from .events import (
    DecisionNoted,
    Event,
    FactStated,
    IncidentOpened,
    IncidentResolved,
    InstanceEnded,
    JobClosed,
    JobOpened,
    Json,
    MessageThrown,
    SignalThrown,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerClosed,
    TimerMoved,
    TimerSet,
    TokensMoved,
    WorkItemCancelled,
    WorkItemDueMoved,
    WorkItemOpened,
)
from .feel import to_json
from .instants import instant
from .model import Fact, WorkItem
from .state import Act, InstanceState

Receivers = Callable[[str], Sequence[tuple[str, str]]]
Starts = Callable[[str], Sequence[tuple[str, str]]]


def number_of(identifier: str) -> int:
    """The kernel's number in `<instance>.<n>`. Raises NotFound."""
    text = identifier.rpartition(".")[2]
    if not text.isdecimal():
        raise NotFound("not_found", "there is no {id}", id=identifier, hint="an id is written <instance>.<number>")
    return int(text)


def tell(
    step: kernel.Step,
    state: InstanceState,
    position: int,
    workings: Workings,
    receivers: Receivers,
    starts: Starts,
) -> tuple[tuple[Event, ...], InstanceState]:
    """The step's events in the order of cause, and the state with what opened and closed.

    `receivers`: who waited for a signal before the step; `starts`: the start events that a signal has.
    """
    events: list[Event] = []
    if step.moves:
        events.append(TokensMoved(moves=[list(move) for move in step.moves]))
    events += (_fact(element, fact) for element, _, fact in step.facts)
    events += (DecisionNoted(kind=kind, element_id=element, text=said.to_json()) for kind, element, said in step.notes)
    items = dict(state.items)
    acts = dict(state.acts)
    # Openings first: what opened and closed in this one step must not stay open.
    events += _openings(step, state.id, items, acts, workings)
    events += _closings(step, state.id, items, acts)
    events += _thrown(step, state.id, position, receivers, starts)
    incidents, told = _incidents(step, state)
    events += told
    # A terminate end event is a drawn, normal end: the instance is completed.
    status = "completed" if step.status == "terminated" else step.status
    if status != "running":
        events.append(InstanceEnded(how=status))
    after = replace(state, kernel=step.snapshot, items=items, acts=acts, incidents=incidents, status=status)
    return tuple(events), after


def _fact(element_id: str, fact: Fact) -> FactStated:
    return FactStated(
        kind=fact.kind,
        fact_version=fact.version,
        element_id=element_id,
        keys=_json(fact.keys),
        content=_json(fact.content),
    )


def _closings(step: kernel.Step, instance: str, items: dict[str, WorkItem], acts: dict[str, Act]) -> list[Event]:
    events: list[Event] = []
    for n, how in step.items_closed:
        identifier = f"{instance}.{n}"
        items.pop(identifier, None)
        if how == "cancelled":
            events.append(WorkItemCancelled(item_id=identifier))
    events += (JobClosed(job_id=f"{instance}.{n}", how=how) for n, how in step.jobs_closed)
    events += (TimerClosed(timer_id=f"{instance}.{n}", how=how) for n, how in step.timers_closed)
    for n, how in step.subscriptions_closed:
        acts.pop(f"{instance}.{n}", None)
        events.append(SubscriptionClosed(subscription_id=f"{instance}.{n}", how=how))
    return events


def _openings(
    step: kernel.Step, instance: str, items: dict[str, WorkItem], acts: dict[str, Act], workings: Workings
) -> list[Event]:
    events: list[Event] = []
    for opened in step.items_opened:
        item = _item(opened, instance)
        items[item.id] = item
        events.append(_item_opened(item, workings, opened.counted_by))
    for changed in step.items_changed:
        item = items[f"{instance}.{changed.n}"]
        item = replace(item, due_on=changed.due_on, version=item.version + 1)
        items[item.id] = item
        on = changed.due_on.isoformat() if changed.due_on else None
        working = workings.of(item.id, changed.counted_by, on)
        events.append(WorkItemDueMoved(item_id=item.id, due_on=on, due=working, version=item.version))
    events += (
        JobOpened(
            job_id=f"{instance}.{job.n}",
            element_id=job.element_id,
            topic=job.topic,
            headers=dict(job.headers),
            variables=_json(job.variables),
        )
        for job in step.jobs_opened
    )
    for timer in step.timers_set:
        timer_id = f"{instance}.{timer.n}"
        working = workings.of(timer_id, timer.counted_by, None)
        events.append(TimerSet(timer_id=timer_id, element_id=timer.element_id, due_at=instant(timer.due_at), due=working))
    for n, due_at in step.timers_moved:
        timer_id = f"{instance}.{n}"
        events.append(TimerMoved(timer_id=timer_id, due_at=instant(due_at), due=workings.again[timer_id]))
    for subscription in step.subscriptions_opened:
        events.append(_subscription(subscription, instance, acts))
    return events


def _item(opened: kernel.OpenedItem, instance: str) -> WorkItem:
    due_on = opened.due_on
    return WorkItem(
        id=f"{instance}.{opened.n}",
        instance_id=instance,
        element_id=opened.element_id,
        name=opened.name,
        form_id=opened.form_id,
        check=opened.check,
        groups=tuple(opened.groups),
        assignee=opened.assignee,
        due_on=due_on if isinstance(due_on, date) else None,
        priority=opened.priority,
        inputs=_json(opened.inputs),
        basis=opened.basis,
    )


def _item_opened(item: WorkItem, workings: Workings, counted_by: Sequence[int]) -> WorkItemOpened:
    due_on = item.due_on.isoformat() if item.due_on else None
    return WorkItemOpened(
        item_id=item.id,
        element_id=item.element_id,
        name=item.name,
        form_id=item.form_id,
        check=item.check,
        groups=list(item.groups),
        assignee=item.assignee,
        due_on=due_on,
        due=workings.of(item.id, counted_by, due_on),
        priority=item.priority,
        basis=item.basis,
        inputs=item.inputs,
    )


def _subscription(opened: kernel.OpenedSubscription, instance: str, acts: dict[str, Act]) -> SubscriptionOpened:
    identifier = f"{instance}.{opened.n}"
    event = SubscriptionOpened(
        subscription_id=identifier, element_id=opened.element_id, kind=opened.kind, name=opened.name, key=opened.key
    )
    act = opened.act
    if act is None:
        return event
    acts[identifier] = Act(
        subscription_id=identifier,
        element_id=opened.element_id,
        act=act.act,
        name=act.name,
        form_id=act.form_id,
        check=act.check,
        groups=tuple(act.groups),
        assignee=act.assignee,
    )
    return replace(
        event,
        act=act.act,
        act_name=act.name,
        form_id=act.form_id,
        check=act.check,
        groups=list(act.groups),
        assignee=act.assignee,
    )


def _thrown(step: kernel.Step, instance: str, position: int, receivers: Receivers, starts: Starts) -> list[Event]:
    events: list[Event] = []
    for n, thrown in enumerate(step.thrown, start=1):
        delivery = f"{instance}/{position}/{n}"
        if thrown.kind == "message":
            events.append(
                MessageThrown(
                    delivery_id=delivery,
                    element_id=thrown.element_id,
                    name=thrown.name,
                    key=thrown.key,
                    variables=_json(thrown.variables),
                )
            )
            continue
        waiting = [*_waiting(step, instance, thrown, receivers), *(("", f"{process}/{start}") for process, start in starts(thrown.name))]
        events.append(
            SignalThrown(
                element_id=thrown.element_id,
                name=thrown.name,
                receivers=[[f"{delivery}.{k}", who, which] for k, (who, which) in enumerate(waiting, start=1)],
                variables=_json(thrown.variables),
            )
        )
    return events


def _waiting(step: kernel.Step, instance: str, thrown: kernel.Thrown, receivers: Receivers) -> list[tuple[str, str]]:
    """Who receives a signal: all who waited before the step, and of the thrower's own subscriptions those opened before the throw.

    What closed in the same step waits no more.
    """
    opened = [
        (instance, f"{instance}.{subscription.n}")
        for subscription in step.subscriptions_opened
        if subscription.kind == "signal" and subscription.name == thrown.name and subscription.n < thrown.n
    ]
    closed = {f"{instance}.{n}" for n, _ in step.subscriptions_closed}
    return [pair for pair in [*receivers(thrown.name), *opened] if pair[1] not in closed]


def _incidents(step: kernel.Step, state: InstanceState) -> tuple[dict[str, Json], list[Event]]:
    resolved = {f"{state.id}.{n}": IncidentResolved(incident_id=f"{state.id}.{n}", how=how) for n, how in step.incidents_resolved}
    opened = {f"{state.id}.{one.n}": one for one in step.incidents_opened}
    incidents = {identifier: held for identifier, held in {**state.incidents, **dict.fromkeys(opened)}.items() if identifier not in resolved}
    # What opened in this step may be over in it too: the way round of a boundary event was taken at once.
    before = [event for identifier, event in resolved.items() if identifier not in opened]
    after = [event for identifier, event in resolved.items() if identifier in opened]
    return incidents, [*before, *(_incident(identifier, one) for identifier, one in opened.items()), *after]


def _incident(identifier: str, opened: kernel.IncidentOpened) -> IncidentOpened:
    return IncidentOpened(
        incident_id=identifier, element_id=opened.element_id, code=opened.code, expression=opened.expression, reason=opened.saying.to_json()
    )


def _json(values: Mapping[str, object]) -> dict[str, Json]:
    return {key: to_json(value) for key, value in values.items()}
