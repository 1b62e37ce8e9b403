"""An activity whose work fails stays active: what its boundary events wait for can still happen, and closes the incident with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import kernel
from engine.errors import Rejected
from engine.model import Outcome, Pending

from .drawing import NOON, Instance, drawn, event, message, path, script, service, task
from .playing import CONDITION, MESSAGE, TIMER, boundary, each, flow, mapping, sub

DAY = timedelta(days=1)
INPUT = mapping(inputs={"to": "address"})


def refuse(call: kernel.TaskCall) -> Outcome:
    raise Rejected("not_registered", "suggestion {id} is not registered", id="123")


def unknown_limit(limit: str, start_on: object) -> object:
    raise Rejected("function", "no such limit")


def wait(call: kernel.TaskCall) -> Pending:
    return Pending()


class Mood:
    """A handler that fails until it is told otherwise."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.fails = True
        self.outcome = outcome or Outcome(variables={"done": True})
        self.seen: list[dict[str, object]] = []

    def __call__(self, call: kernel.TaskCall) -> Outcome:
        self.seen.append(dict(call.variables))
        if self.fails:
            raise Rejected("handler_failed", "it cannot")
        return self.outcome


def guarded(host: str, trigger: str, *, interrupting: bool = True, before: str = "", after: str = "") -> bytes:
    """An activity with one boundary event `late`, whose path asks a person `chase`; after the activity comes `next`."""
    element = host.partition('id="')[2].partition('"')[0]
    items = task("userTask", "chase"), task("userTask", "next")
    ends = event("startEvent", "s"), event("endEvent", "e1"), event("endEvent", "e2")
    flows = path("s", element, "next", "e1") + path("late", "chase", "e2")
    return drawn(*ends, host, *items, boundary("late", element, trigger, interrupting=interrupting), flows, after, before=before)


ACT = service("act", "world.ask")
DUE = TIMER.format("P1D")


def fire(instance: Instance, timer: kernel.OpenedTimer) -> kernel.Step:
    instance.now = timer.due_at
    return instance.do(kernel.FireTimer(timer.n, timer.due_at))


def test_the_timer_of_a_failing_task_counts_from_entry_and_ends_it() -> None:
    """A handler fails; a day after the token came the boundary timer fires, ends the task, and the incident is closed with it."""
    instance = Instance(guarded(ACT, DUE), world_ask=refuse)
    incident = instance.last.incidents_opened[0]
    timer = instance.last.timers_set[0]
    assert timer.due_at == NOON + DAY
    assert instance.open == [("act", "incident")]

    step = fire(instance, timer)

    assert step.incidents_resolved == ((incident.n, "cancelled"),)
    assert instance.open == [("chase", "item")]
    assert instance.complete("chase").status == "completed"


def test_a_timer_that_does_not_interrupt_leaves_the_incident_open() -> None:
    """The reminder goes out beside the failing task, which an operator can still mend."""
    mood = Mood()
    instance = Instance(guarded(ACT, DUE, interrupting=False), world_ask=mood)
    incident = instance.last.incidents_opened[0]

    step = fire(instance, instance.last.timers_set[0])
    assert step.incidents_resolved == ()
    assert instance.open == [("act", "incident"), ("chase", "item")]

    mood.fails = False
    assert instance.do(kernel.Retry(incident.n)).incidents_resolved == ((incident.n, "retried"),)
    assert instance.open == [("chase", "item"), ("next", "item")]


def test_a_message_ends_a_failing_task() -> None:
    """What is withdrawn while the machine's work fails needs no repair any more."""
    instance = Instance(guarded(ACT, MESSAGE.format("m"), before=message("m", "=case_no")), {"case_no": "A-1"}, world_ask=refuse)

    step = instance.do(kernel.Deliver(instance.last.subscriptions_opened[0].n))

    assert [how for _, how in step.incidents_resolved] == ["cancelled"]
    assert instance.open == [("chase", "item")]


def test_a_condition_that_holds_already_ends_the_failing_task_at_once() -> None:
    """The condition is looked at as soon as the task stands there, in the same command."""
    instance = Instance(guarded(ACT, CONDITION.format("given_up")), {"given_up": True}, world_ask=refuse)

    assert instance.open == [("chase", "item")]
    assert instance.last.incidents_resolved == ((instance.last.incidents_opened[0].n, "cancelled"),)


def test_a_condition_that_comes_true_later_ends_the_failing_task() -> None:
    """A repair that makes the condition true takes the guarded path."""
    instance = Instance(guarded(ACT, CONDITION.format("given_up = true")), world_ask=refuse)
    assert instance.open == [("act", "incident")]

    instance.do(kernel.Repair({"given_up": True}))

    assert instance.open == [("chase", "item")]


def test_a_retry_that_succeeds_disarms() -> None:
    """The token goes on, and the timer of the way round is closed."""
    mood = Mood()
    instance = Instance(guarded(ACT, DUE), world_ask=mood)
    incident, timer = instance.last.incidents_opened[0], instance.last.timers_set[0]

    mood.fails = False
    step = instance.do(kernel.Retry(incident.n))

    assert step.timers_closed == ((timer.n, "completed"),)
    assert instance.open == [("next", "item")]


def test_a_retry_that_fails_again_keeps_the_timer_of_entry() -> None:
    """Trying again late does not give the analyst's limit more time."""
    instance = Instance(guarded(ACT, DUE), world_ask=refuse)
    timer = instance.last.timers_set[0]

    instance.now = NOON + DAY / 2
    step = instance.do(kernel.Retry(instance.last.incidents_opened[0].n))

    assert (step.timers_set, step.timers_closed) == ((), ())
    assert len(step.incidents_opened) == 1
    fire(instance, timer)
    assert instance.open == [("chase", "item")]


def test_a_task_is_entered_once_however_often_its_work_is_tried() -> None:
    """History says when the token came, not how often the handler was asked."""
    mood = Mood()
    instance = Instance(guarded(ACT, DUE), world_ask=mood)
    entered = [move for move in instance.last.moves if move[:2] == ("enter", "act")]

    mood.fails = False
    again = instance.do(kernel.Retry(instance.last.incidents_opened[0].n))

    assert len(entered) == 1
    assert not [move for move in again.moves if move[:2] == ("enter", "act")]
    assert again.moves[0][:2] == ("leave", "act")


def test_an_effect_that_failed_is_entered_once_and_its_inputs_are_mapped_from_outside() -> None:
    """A retry maps the inputs from what stands outside now, not from what the first mapping gave."""
    counting = task("serviceTask", "act", '<zeebe:taskDefinition type="world.ask"/>' + mapping(inputs={"x": "x + 1"}))
    instance = Instance(guarded(counting, DUE), {"x": 1}, world_ask=wait)
    job = instance.last.jobs_opened[0]
    failed = instance.do(kernel.FailJob(job.n, "no route"))

    step = instance.do(kernel.Retry(failed.incidents_opened[0].n))

    assert (job.variables, step.jobs_opened[0].variables) == ({"x": 2}, {"x": 2})
    assert not [move for move in step.moves if move[0] == "enter"]
    assert step.timers_set == ()


def test_an_item_of_a_failed_effect_is_the_item_again() -> None:
    """An input that hides the item of a multi-instance is mapped from the item, as at first."""
    loop = each("[{n: 1}]", "one")
    counting = task("serviceTask", "act", '<zeebe:taskDefinition type="world.ask"/>' + mapping(inputs={"one": "{n: one.n + 1}"}), loop)
    instance = Instance(guarded(counting, DUE), world_ask=wait)
    job = instance.last.jobs_opened[0]
    failed = instance.do(kernel.FailJob(job.n, "no route"))

    step = instance.do(kernel.Retry(failed.incidents_opened[0].n))

    assert step.jobs_opened[0].variables["one"] == job.variables["one"] == {"n": 2}


@pytest.mark.parametrize("ends", [lambda job: kernel.FailJob(job.n, "no route"), lambda job: kernel.CompleteJob(job.n, Outcome(error="unknown"))])
def test_an_effect_keeps_its_boundary_events_while_it_is_outstanding_and_after_it_failed(ends: Callable[[kernel.OpenedJob], kernel.Stimulus]) -> None:
    """From entry to the end of the work, whatever came of it: the timer fires."""
    for fails in (False, True):
        instance = Instance(guarded(ACT, DUE), world_ask=wait)
        timer, job = instance.last.timers_set[0], instance.last.jobs_opened[0]
        if fails:
            instance.do(ends(job))

        fire(instance, timer)

        assert instance.open == [("chase", "item")]
        assert instance.snapshot is not None
        assert instance.snapshot["incidents"] == {}


def test_nothing_is_told_of_what_a_task_that_succeeds_at_once_might_have_waited_for() -> None:
    """No timer and no subscription is written for a handler that answers straight away."""
    instance = Instance(guarded(ACT, DUE), world_ask=lambda call: Outcome())
    step = instance.last
    assert (step.timers_set, step.timers_closed) == ((), ())

    instance = Instance(guarded(ACT, MESSAGE.format("m"), before=message("m", "=case_no")), {"case_no": "A-1"}, world_ask=lambda call: Outcome())
    assert (instance.last.subscriptions_opened, instance.last.subscriptions_closed) == ((), ())
    assert instance.open == [("next", "item")]


def test_a_failing_input_mapping_arms_nothing() -> None:
    """The activity is not active before its inputs are there: no boundary event of it can happen yet (13.3.2)."""
    instance = Instance(guarded(task("serviceTask", "act", '<zeebe:taskDefinition type="world.ask"/>' + mapping(inputs={"to": "a + 1"})), DUE), world_ask=refuse)
    first = instance.last
    assert first.incidents_opened[0].code == "expression"
    assert first.timers_set == ()
    assert not [move for move in first.moves if move[:2] == ("enter", "act")]

    instance.now = NOON + DAY
    instance.do(kernel.Repair({"a": 1}))
    step = instance.do(kernel.Retry(first.incidents_opened[0].n))

    assert step.timers_set[0].due_at == NOON + 2 * DAY


def test_a_failing_boundary_event_arms_none_and_calls_nobody() -> None:
    """A timer that gives no time is an incident before the work begins, for the work would be unguarded."""
    mood = Mood()
    instance = Instance(guarded(ACT, TIMER.format("=soon")), {"soon": "tomorrow"}, world_ask=mood)

    assert instance.last.incidents_opened[0].code == "timer"
    assert mood.seen == []


def test_a_repair_reaches_the_inputs_of_a_failing_task() -> None:
    """What an operator writes is mapped anew before the work is tried again."""
    mood = Mood()
    instance = Instance(guarded(task("serviceTask", "act", f'<zeebe:taskDefinition type="world.ask"/>{INPUT}'), DUE), {"address": "wrong"}, world_ask=mood)
    incident = instance.last.incidents_opened[0]

    mood.fails = False
    instance.do(kernel.Repair({"address": "right"}))
    instance.do(kernel.Retry(incident.n))

    assert mood.seen == [{"to": "wrong"}, {"to": "right"}]
    assert instance.open == [("next", "item")]


@pytest.mark.parametrize(
    "host",
    [
        task("userTask", "act", '<zeebe:assignmentDefinition candidateGroups="=nobody"/>'),
        script("act", "x + 1", "y"),
        task("serviceTask", "act", '<zeebe:taskDefinition type="fine"/>' + mapping(outputs={"total": "x + 1"})),
        service("act", "fine", '<zeebe:taskHeaders><zeebe:header key="to" value="=due(x, today())"/></zeebe:taskHeaders>'),
        service("act", "fine"),
        sub("act", event("startEvent", "qs"), task("userTask", "inner"), path("qs", "inner"), f'<bpmn:subProcess id="q" triggeredByEvent="true">{event("startEvent", "when", TIMER.format("=x"))}</bpmn:subProcess>'),
    ],
    ids=["user task nobody may do", "script", "output mapping", "header", "no condition", "sub-process"],
)
def test_whatever_fails_once_the_activity_is_active_its_timer_fires(host: str) -> None:
    """Assignment, expression, mapping of the results, headers, the way on, what guards the inside: the token stands in the activity."""
    way_on = flow("way", "act", "chase", "due(x, today()) = null") if host == service("act", "fine") else ""
    instance = Instance(guarded(host, DUE, after=way_on), {"x": "word"}, fine=lambda call: Outcome(), due=unknown_limit)
    assert len(instance.last.incidents_opened) == 1

    fire(instance, instance.last.timers_set[0])

    assert instance.open == [("chase", "item")]


def test_a_failing_turn_of_a_repeated_task_is_ended_by_the_timer_of_all() -> None:
    """The timer guards the whole repetition; what failed and what waits in it are ended together."""
    loop = each("[1, 2]", "one")
    instance = Instance(guarded(task("serviceTask", "act", '<zeebe:taskDefinition type="world.ask"/>', loop), DUE), world_ask=refuse)
    assert instance.open == [("act", "incident"), ("act", "incident")]

    fire(instance, instance.last.timers_set[0])

    assert instance.open == [("chase", "item")]


def test_moving_or_cancelling_ends_a_failing_task_with_all_it_waits_for() -> None:
    """An operator who moves the token, or cancels the instance, leaves no timer and no incident behind."""
    for stimulus, left in ((kernel.Move("act", "next"), [("next", "item")]), (kernel.Cancel("over"), [])):
        instance = Instance(guarded(ACT, DUE), world_ask=refuse)
        timer, incident = instance.last.timers_set[0], instance.last.incidents_opened[0]

        step = instance.do(stimulus)

        assert step.timers_closed == ((timer.n, "cancelled"),)
        assert step.incidents_resolved == ((incident.n, "cancelled"),)
        assert instance.open == left


def test_a_sub_process_whose_inner_work_fails_is_ended_by_its_own_timer() -> None:
    """The timer of a sub-process reaches the task that fails inside it."""
    inside = event("startEvent", "qs"), service("inner", "world.ask"), path("qs", "inner")
    instance = Instance(guarded(sub("act", *inside), DUE), world_ask=refuse)

    fire(instance, instance.last.timers_set[0])

    assert instance.open == [("chase", "item")]


def test_a_join_does_not_wait_for_a_task_that_its_timer_ended() -> None:
    """The other branch and the way round meet; the instance ends."""
    gateways = '<bpmn:parallelGateway id="f"/><bpmn:parallelGateway id="j"/><bpmn:exclusiveGateway id="x"/>'
    parts = event("startEvent", "s"), ACT, task("userTask", "u"), event("endEvent", "e"), boundary("late", "act", DUE), gateways
    instance = Instance(drawn(*parts, path("s", "f", "act", "x", "j", "e"), path("f", "u", "j"), path("late", "x")), world_ask=refuse)
    timer = instance.last.timers_set[0]
    instance.complete("u")

    assert fire(instance, timer).status == "completed"
