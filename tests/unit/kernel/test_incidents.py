"""Incidents: a step that cannot be made leaves its token, says why, and lets the rest live on; an operator mends it."""

from __future__ import annotations

import pytest

from engine import kernel
from engine.errors import Rejected
from engine.model import Outcome, Pending

from .drawing import Instance, drawn, event, line, message, path, script, service, task


def forked(left: str, right: str) -> bytes:
    """Two elements side by side after a parallel gateway."""
    ids = [one.partition('id="')[2].partition('"')[0] for one in (left, right)]
    gateway = '<bpmn:parallelGateway id="g"/>'
    ends = event("startEvent", "s"), event("endEvent", "e1"), event("endEvent", "e2")
    return drawn(*ends, gateway, left, right, path("s", "g"), path("g", ids[0], "e1"), path("g", ids[1], "e2"))


def test_an_incident_leaves_the_other_branch_alone() -> None:
    """One branch stops with a reason that names element and expression; the other opens its work item."""
    instance = Instance(forked(script("sums", "x + 1", "y"), task("userTask", "u")))

    incident = instance.last.incidents_opened[0]
    assert (incident.element_id, incident.expression) == ("sums", "=x + 1")
    assert "sums" in incident.reason
    assert ("u", "item") in instance.open
    assert ("sums", "incident") in instance.open


def test_repair_and_retry_go_on_from_where_it_stopped() -> None:
    """After the missing variable is written and the step tried again, the instance ends with the right value."""
    instance = Instance(line(script("sums", "x + 1", "y")))
    incident = instance.last.incidents_opened[0]

    instance.do(kernel.Repair({"x": 41}))
    step = instance.do(kernel.Retry(incident.n))

    assert step.incidents_resolved == ((incident.n, "retried"),)
    assert step.status == "completed"
    assert instance.variables["y"] == 42


def test_a_retry_that_fails_again_is_a_new_incident() -> None:
    """Nothing is lost by trying too early."""
    instance = Instance(line(script("sums", "x + 1", "y")))
    first = instance.last.incidents_opened[0]

    step = instance.do(kernel.Retry(first.n))

    assert step.incidents_resolved == ((first.n, "retried"),)
    assert len(step.incidents_opened) == 1
    assert step.incidents_opened[0].n > first.n


def test_what_was_typed_is_kept_when_its_mapping_fails() -> None:
    """A work item is completed although its output mapping fails; a retry uses the values that were typed."""
    mapping = '<zeebe:ioMapping><zeebe:output source="=score + bonus" target="total"/></zeebe:ioMapping>'
    instance = Instance(line(task("userTask", "u", mapping)))

    step = instance.complete("u", score=5)
    assert step.items_closed[0][1] == "completed"
    assert step.incidents_opened[0].element_id == "u"

    instance.do(kernel.Repair({"bonus": 2}))
    instance.do(kernel.Retry(step.incidents_opened[0].n))
    assert instance.variables["total"] == 7


def test_a_failed_job_is_an_incident_and_a_retry_asks_again() -> None:
    """An effect that failed for good stands as an incident; trying again opens the job again."""
    instance = Instance(line(service("post", "mail.send")), mail_send=lambda call: Pending())
    job = instance.last.jobs_opened[0]

    failed = instance.do(kernel.FailJob(job.n, "no route"))
    assert failed.jobs_closed == ((job.n, "cancelled"),)
    assert "no route" in failed.incidents_opened[0].reason

    again = instance.do(kernel.Retry(failed.incidents_opened[0].n))
    assert again.jobs_opened[0].element_id == "post"
    done = instance.do(kernel.CompleteJob(again.jobs_opened[0].n, Outcome(variables={"sent": True})))
    assert done.status == "completed"


def test_a_refusing_handler_is_an_incident_with_its_text() -> None:
    """What a handler refuses is told as it said it."""

    def refuse(call: kernel.TaskCall) -> Outcome:
        raise Rejected("not_registered", "suggestion {id} is not registered", id="123")

    instance = Instance(line(service("act", "suggestion.file")), suggestion_file=refuse)

    incident = instance.last.incidents_opened[0]
    assert incident.code == "not_registered"
    assert "suggestion 123 is not registered" in incident.reason


WITHDRAW = '<bpmn:messageEventDefinition messageRef="m"/>'


def guarded(start: str = "") -> bytes:
    """A work item in a process that may be withdrawn by a message; `start` is the trigger of its start event."""
    listener = f'<bpmn:subProcess id="q" triggeredByEvent="true">{event("startEvent", "qs", WITHDRAW)}</bpmn:subProcess>'
    return drawn(event("startEvent", "s", start), task("userTask", "u"), path("s", "u"), listener, before=message("m") + message("begin", None))


def test_a_process_whose_listener_has_no_key_stands_as_an_incident() -> None:
    """The instance begins, says which event lacks what, and goes on when that is repaired."""
    instance = Instance(guarded())
    incident = instance.last.incidents_opened[0]
    assert "qs" in incident.reason

    instance.do(kernel.Repair({"case_no": "A-1"}))
    step = instance.do(kernel.Retry(incident.n))

    assert step.subscriptions_opened[0].key == "A-1"
    assert instance.open == [("u", "item")]


def test_listeners_read_what_the_starting_message_brought() -> None:
    """An event sub-process of the process is found by a key that came with the message that began it."""
    instance = Instance(guarded('<bpmn:messageEventDefinition messageRef="begin"/>'), {"case_no": "A-7"}, at="s")

    assert instance.last.subscriptions_opened[0].key == "A-7"
    assert instance.open == [("u", "item")]


def test_an_endless_loop_stops_and_everything_ready_is_kept() -> None:
    """Beyond the bound of steps one incident holds what was ready; an operator can cancel the instance."""
    gateway = '<bpmn:exclusiveGateway id="m"/>'
    data = drawn(event("startEvent", "s"), gateway, task("task", "a"), path("s", "m", "a"), '<bpmn:sequenceFlow id="back" sourceRef="a" targetRef="m"/>')
    instance = Instance(data)

    assert [incident.code for incident in instance.last.incidents_opened] == ["steps"]
    assert instance.last.status == "running"
    assert instance.do(kernel.Cancel("endless")).status == "cancelled"


def test_a_token_can_be_moved_within_its_scope_only() -> None:
    """`move` takes the token off one element and puts it on another of the same scope; elsewhere it is refused."""
    inner = task("userTask", "w")
    sub = f'<bpmn:subProcess id="q">{event("startEvent", "qs")}{inner}{path("qs", "w")}</bpmn:subProcess>'
    instance = Instance(line(task("userTask", "u"), task("userTask", "v"), sub))

    step = instance.do(kernel.Move("u", "v"))

    assert step.items_closed[0][1] == "cancelled"
    assert instance.open == [("v", "item")]
    with pytest.raises(Rejected, match="scope"):
        instance.do(kernel.Move("v", "w"))


def test_tokens_that_wait_at_a_join_can_be_moved() -> None:
    """A join that waits for ever, because a path was left out, is freed by moving what waits there."""
    gateways = '<bpmn:exclusiveGateway id="x" default="x-b"/><bpmn:parallelGateway id="j"/>'
    ends = event("startEvent", "s"), task("task", "a"), task("task", "b"), event("endEvent", "e")
    instance = Instance(
        drawn(
            *ends,
            gateways,
            path("s", "x", "b", "j", "e"),
            path("a", "j"),
            '<bpmn:sequenceFlow id="x-a" sourceRef="x" targetRef="a"><bpmn:conditionExpression>=false</bpmn:conditionExpression></bpmn:sequenceFlow>',
        )
    )
    assert instance.open == [("j", "joining")]

    assert instance.do(kernel.Move("j", "e")).status == "completed"


def test_a_target_that_is_not_open_is_rejected() -> None:
    """Items, jobs, timers, subscriptions and incidents that are not open are refused by number; nothing changes."""
    instance = Instance(line(task("userTask", "u")))

    for stimulus in (
        kernel.CompleteItem(999),
        kernel.CompleteJob(999, Outcome()),
        kernel.FailJob(999, "x"),
        kernel.Deliver(999),
        kernel.FireTimer(999, instance.now),
        kernel.Retry(999),
    ):
        with pytest.raises(Rejected) as refusal:
            instance.do(stimulus)
        assert refusal.value.code == "not_open"


def test_an_ended_instance_takes_nothing_more() -> None:
    """After the end every stimulus is refused."""
    instance = Instance(line(task("task", "a")))

    with pytest.raises(Rejected, match="completed"):
        instance.do(kernel.Repair({"x": 1}))
