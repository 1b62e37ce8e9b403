"""`decide`: what one command on one instance means. Pure: everything from outside comes through `Answers` and is recorded.

Checks first (is it open, may the actor, do form and check hold), then the kernel moves the tokens, then the step is told as events.
What a person typed wrongly is `Rejected`; what a diagram cannot do is an incident.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import singledispatch
from typing import Any

from . import kernel, repair
from .commands import (
    ClaimWorkItem,
    CompleteJob,
    CompleteWorkItem,
    DeliverMessage,
    FailJob,
    FireTimer,
    InstanceCommand,
    PerformAct,
    ReassignWorkItem,
    RecountDue,
    ReleaseWorkItem,
    StartByMessage,
    StartByTimer,
    StartInstance,
)
from .errors import Conflict, FieldProblem, InvalidForm, NotAllowed, Saying, require
from .events import (
    DeliveryTaken,
    DueRecounted,
    Event,
    FormSubmitted,
    InstanceStarted,
    JobClosed,
    Json,
    StartTimerFired,
    WorkItemClaimed,
    WorkItemCompleted,
    WorkItemReassigned,
    WorkItemReleased,
)
from .feel import from_json, to_json
from .instants import from_microseconds, instant
from .model import Actor, Outcome, WorkItem
from .registry import FieldFault
from .situation import Answers, Decision, Situation, step, unmoved
from .start_timers import after
from .state import Act, InstanceState
from .telling import number_of


def decide(situation: Situation, command: InstanceCommand, answers: Answers) -> Decision:
    """The decision on a command. Raises Rejected and its kinds; then nothing changes."""
    return _decide(command, situation, answers)


@singledispatch
def _decide(command: InstanceCommand, situation: Situation, answers: Answers) -> Decision:
    raise TypeError(f"no rule for {type(command).__name__}")


# -- starting


@_decide.register
def _start(command: StartInstance, situation: Situation, answers: Answers) -> Decision:
    process = situation.bundle.process(command.process)
    start = situation.bundle.start_by_hand(process, command.element_id)
    properties = start.properties if start else {}
    groups = tuple(filter(None, (part.strip() for part in properties.get("groups", "").split(","))))
    require(
        not groups or situation.actor.is_in(groups) or situation.actor.identity == "engine",
        "not_yours",
        "{process} is started by {groups}",
        error=NotAllowed,
        process=process.id,
        groups=", ".join(groups),
        hint="ask one of these groups",
    )
    element_id = start.id if start else None
    variables, submitted = _start_form(command, situation, answers, element_id, properties)
    return _begin(situation, answers, process.id, element_id, situation.instance_id, None, None, variables, submitted)


def _start_form(
    command: StartInstance, situation: Situation, answers: Answers, element_id: str | None, properties: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[Event, ...]]:
    form_id = properties.get("form")
    if form_id is None:
        declared = {name.strip() for name in properties.get("variables", "").split(",")}
        strange = sorted(set(command.data) - declared)
        require(
            not strange,
            "no_form",
            "{element} has no form and takes no {names}",
            element=element_id or command.process,
            names=", ".join(strange),
            hint="an analyst names them in its property variables, or gives it a form",
        )
        return dict(command.data), ()
    form = situation.bundle.form(form_id)
    form.accept(command.data, situation.moment.today)
    values = form.values(command.data)
    if "check" in properties:
        start = WorkItem(id=situation.instance_id, instance_id=situation.instance_id, element_id=element_id or "", name="")
        _require_faultless(answers.check(properties["check"], start, values), form.id)
    submitted = FormSubmitted(
        source=situation.instance_id, element_id=element_id or "", act=None, form_id=form_id, data=_json(values)
    )
    return form.variables(values), (submitted,)


@_decide.register
def _start_by_message(command: StartByMessage, situation: Situation, answers: Answers) -> Decision:
    process = situation.bundle.process(command.process)
    new_case = process.properties.get("case") == "new" or command.case_id is None
    case_id = situation.instance_id if new_case else command.case_id
    key = command.key or situation.instance_id
    taken = DeliveryTaken(delivery_id=command.command_id or "")
    return _begin(
        situation, answers, process.id, command.element_id, case_id or "", key, command.command_id, dict(command.variables), (taken,)
    )


@_decide.register
def _start_by_timer(command: StartByTimer, situation: Situation, answers: Answers) -> Decision:
    require(
        command.due_at <= instant(situation.moment.now),
        "not_due",
        "the start timer {timer} is not due yet",
        error=Conflict,
        timer=command.timer,
        hint="jianyi process list shows when it is",
    )
    fired = StartTimerFired(
        timer=command.timer,
        turn=command.turn,
        process=command.process,
        element_id=command.element_id,
        due_at=command.due_at,
        next_at=after(command.due_at, command.every, command.left, situation.moment.zone),
    )
    return _begin(situation, answers, command.process, command.element_id, situation.instance_id, None, None, {}, (fired,))


def _begin(
    situation: Situation,
    answers: Answers,
    process_id: str,
    element_id: str | None,
    case_id: str,
    key: str | None,
    delivery: str | None,
    variables: dict[str, Any],
    more: tuple[Event, ...],
) -> Decision:
    process = situation.bundle.process(process_id)
    key = key or situation.instance_id
    if "key" in process.properties:
        variables[process.properties["key"]] = key
    state = InstanceState(
        id=situation.instance_id, case_id=case_id, process=process_id, key=key, deployment=situation.bundle.digest
    )
    started = InstanceStarted(
        instance_id=state.id,
        case_id=case_id,
        process=process_id,
        key=key,
        deployment=state.deployment,
        element_id=element_id,
        delivery=delivery,
    )
    stimulus = kernel.Start(process_id=process_id, variables=variables, element_id=element_id)
    return step(situation, state, answers, stimulus, (started, *more))


# -- work items


@_decide.register
def _complete(command: CompleteWorkItem, situation: Situation, answers: Answers) -> Decision:
    item = _open_item(situation, command.item_id, command.item_version)
    _require_may(situation.actor, item)
    variables, values = _accept(situation, answers, item, command.data)
    completed = WorkItemCompleted(item_id=item.id, element_id=item.element_id, form_id=item.form_id, data=_json(values))
    stimulus = kernel.CompleteItem(n=number_of(item.id), variables=variables)
    return step(situation, situation.held, answers, stimulus, (completed,))


@_decide.register
def _claim(command: ClaimWorkItem, situation: Situation, answers: Answers) -> Decision:
    item = _open_item(situation, command.item_id, None)
    _require_may(situation.actor, item)
    version = item.version + 1
    claimed = replace(item, claimed_by=situation.actor.id, version=version)
    event = WorkItemClaimed(item_id=item.id, person=situation.actor.id, version=version)
    return unmoved(situation, situation.held.with_item(claimed), event)


@_decide.register
def _release(command: ReleaseWorkItem, situation: Situation, answers: Answers) -> Decision:
    item = _open_item(situation, command.item_id, None)
    require(
        item.claimed_by == situation.actor.id,
        "not_claimed",
        "work item {item} is not claimed by you",
        error=NotAllowed,
        item=item.id,
        hint="only the person who claimed it may release it",
    )
    version = item.version + 1
    event = WorkItemReleased(item_id=item.id, version=version)
    return unmoved(situation, situation.held.with_item(replace(item, claimed_by=None, version=version)), event)


@_decide.register
def _reassign(command: ReassignWorkItem, situation: Situation, answers: Answers) -> Decision:
    item = _open_item(situation, command.item_id, None)
    require(command.reason, "reason_needed", "giving a work item to another person needs a reason", hint="add --reason")
    operator = situation.actor.is_in(("operator",))
    require(
        operator or (item.claimed_by in (None, situation.actor.id) and item.is_for(situation.actor)),
        "not_yours",
        "work item {item} is not yours to give away",
        error=NotAllowed,
        item=item.id,
    )
    require(
        item.assignee is not None or not answers.groups(command.person).isdisjoint(item.groups),
        "not_in_group",
        "{person} is in none of the groups {groups}",
        error=NotAllowed,
        person=command.person,
        groups=", ".join(item.groups),
        hint="choose a person of these groups (jianyi person list)",
    )
    version = item.version + 1
    given = replace(item, claimed_by=command.person, version=version)
    if item.assignee is not None:
        given = replace(given, assignee=command.person)
    event = WorkItemReassigned(item_id=item.id, person=command.person, version=version)
    return unmoved(situation, situation.held.with_item(given), event)


def _open_item(situation: Situation, item_id: str, version: int | None) -> WorkItem:
    item = situation.held.item(item_id)
    if item is None:
        raise Conflict("not_open", "work item {item} is not open", item=item_id, hint="jianyi show tells who did what")
    require(
        version is None or version == item.version,
        "item_changed",
        "work item {item} was changed since you read it (version {now}, you had {had})",
        error=Conflict,
        item=item_id,
        now=item.version,
        had=version,
        hint="read it again",
    )
    return item


def _require_may(actor: Actor, item: WorkItem) -> None:
    require(
        item.is_for(actor),
        "not_yours",
        "work item {item} is for {whom}",
        error=NotAllowed,
        item=item.id,
        whom=item.assignee or ", ".join(item.groups) or "nobody",
        hint="jianyi whoami shows your groups",
    )
    require(
        item.claimed_by in (None, actor.id),
        "claimed",
        "work item {item} is claimed by {person}",
        error=Conflict,
        item=item.id,
        person=item.claimed_by,
        hint="ask that person to release it",
    )


def _accept(
    situation: Situation, answers: Answers, item: WorkItem, data: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The variables and all values of a form that fits its schema and its check."""
    if item.form_id is None:
        require(not data, "no_form", "{element} has no form, so it takes no data", element=item.element_id)
        return {}, {}
    form = situation.bundle.form(item.form_id)
    data = form.filled(data, item.inputs)
    form.accept(data, situation.moment.today)
    values = form.values(data)
    if item.check:
        # A check compares natural persons (four eyes), so it is told who completes the item, claimed or not.
        inputs = {name: from_json(value) for name, value in item.inputs.items()}
        asked = replace(item, claimed_by=situation.actor.id, inputs=inputs)
        _require_faultless(answers.check(item.check, asked, values), form.id)
    return form.variables(values), values


def _require_faultless(faults: Sequence[FieldFault], form_id: str) -> None:
    if faults:
        raise InvalidForm(map(_fault, faults), form=form_id)


def _fault(fault: FieldFault) -> FieldProblem:
    return FieldProblem(
        field=fault.field, rule=fault.rule, template=fault.template, params=tuple(sorted((k, str(v)) for k, v in fault.params.items()))
    )


# -- acts, messages, timers, jobs


@_decide.register
def _act(command: PerformAct, situation: Situation, answers: Answers) -> Decision:
    act = situation.held.acts.get(command.subscription_id)
    if act is None:
        raise Conflict("not_open", "{act} is not possible now", act=command.subscription_id, hint="jianyi act CASE lists what is")
    item = _as_item(act, situation.instance_id)
    _require_may(situation.actor, item)
    variables, values = _accept(situation, answers, item, command.data)
    events: tuple[Event, ...] = ()
    if act.form_id is not None:
        events = (
            FormSubmitted(
                source=act.subscription_id, element_id=act.element_id, act=act.act, form_id=act.form_id, data=_json(values)
            ),
        )
    stimulus = kernel.Deliver(subscription=number_of(act.subscription_id), variables=variables)
    return step(situation, situation.held, answers, stimulus, events)


def _as_item(act: Act, instance_id: str) -> WorkItem:
    return WorkItem(
        id=act.subscription_id,
        instance_id=instance_id,
        element_id=act.element_id,
        name=act.name,
        form_id=act.form_id,
        check=act.check,
        groups=act.groups,
        assignee=act.assignee,
    )


@_decide.register
def _deliver(command: DeliverMessage, situation: Situation, answers: Answers) -> Decision:
    taken = DeliveryTaken(delivery_id=command.command_id or "")
    stimulus = kernel.Deliver(subscription=number_of(command.subscription_id), variables=dict(command.variables))
    return step(situation, situation.held, answers, stimulus, (taken,))


@_decide.register
def _fire(command: FireTimer, situation: Situation, answers: Answers) -> Decision:
    stimulus = kernel.FireTimer(timer=command.timer, due_at=from_microseconds(command.due_at))
    return step(situation, situation.held, answers, stimulus, ())


@_decide.register
def _recount(command: RecountDue, situation: Situation, answers: Answers) -> Decision:
    found = answers.counted_again(situation.instance_id)
    items = {number_of(moved.id): date.fromisoformat(str(moved.due)) for moved in found if moved.kind == "work_item"}
    timers = {number_of(moved.id): from_microseconds(int(moved.due)) for moved in found if moved.kind == "timer"}
    again = {moved.id: moved.working for moved in found}
    done = DueRecounted(entry=command.command_id or "")
    return step(situation, situation.held, answers, kernel.MoveDue(items=items, timers=timers), (done,), again)


@_decide.register
def _complete_job(command: CompleteJob, situation: Situation, answers: Answers) -> Decision:
    stimulus = kernel.CompleteJob(n=number_of(command.job_id), outcome=Outcome(variables=dict(command.variables)))
    return step(situation, situation.held, answers, stimulus, ())


@_decide.register
def _fail_job(command: FailJob, situation: Situation, answers: Answers) -> Decision:
    stimulus = kernel.FailJob(n=number_of(command.job_id), reason=Saying.from_json(command.fault or command.reason))
    return step(situation, situation.held, answers, stimulus, (JobClosed(job_id=command.job_id, how="failed"),))


def _json(values: Mapping[str, Any]) -> dict[str, Json]:
    return {key: to_json(value) for key, value in values.items()}


for kind, rule in repair.RULES.items():
    _decide.register(kind, rule)
