"""What falls due, or comes back, after the diagram has stopped waiting for it is no error: there is nothing left to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import Conflict, DeployDefinitions, Select, StartInstance
from engine.commands import CompleteJob, FireTimer
from engine.instants import instant

from .clerks import HEAD, Desk, flow, service

GUARDED = (
    HEAD
    + '<bpmn:process id="guarded" name="guarded" isExecutable="true"><bpmn:startEvent id="s"/>'
    + '<bpmn:receiveTask id="wait" messageRef="m"/>'
    + "".join(
        f'<bpmn:boundaryEvent id="{late}" attachedToRef="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>'
        f'</bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="{late}-end"/>' + flow(f"{late}-on", late, f"{late}-end")
        for late in ("late", "later")
    )
    + '<bpmn:endEvent id="e"/>'
    + flow("f1", "s", "wait")
    + flow("f2", "wait", "e")
    + '</bpmn:process><bpmn:message id="m" name="never"><bpmn:extensionElements><zeebe:subscription correlationKey="=1"/></bpmn:extensionElements></bpmn:message></bpmn:definitions>'
).encode()

LETTER = (
    HEAD
    + '<bpmn:process id="letters" name="letters" isExecutable="true"><bpmn:startEvent id="s"/>'
    + service("letter", "petition.letter")
    + '<bpmn:boundaryEvent id="late" attachedToRef="letter"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>'
    + '</bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="e"/><bpmn:endEvent id="late-end"/>'
    + flow("f1", "s", "letter")
    + flow("f2", "letter", "e")
    + flow("f3", "late", "late-end")
    + "</bpmn:process></bpmn:definitions>"
).encode()


def deployed(diagram: bytes) -> Desk:
    """A desk on which the diagram runs."""
    desk = Desk()
    desk.engine.execute(DeployDefinitions(actor="root", files={"here.bpmn": diagram}))
    return desk


def test_of_two_timers_due_at_once_the_first_may_end_what_the_second_guards() -> None:
    """The second finds nothing to fire, and time goes on."""
    desk = deployed(GUARDED)
    desk.engine.execute(StartInstance(actor="kim", process="guarded"))

    desk.engine.advance(desk.clock.now + timedelta(hours=2))

    assert [row["status"] for row in desk.engine.select("kim", Select(table="instance"))] == ["completed"]
    assert desk.engine.replay().findings == []


def test_what_is_no_longer_waited_for_is_a_conflict() -> None:
    """A timer that was closed meanwhile, a job of an instance that ended: who asks again is told that it is not open."""
    desk = deployed(LETTER)
    started = desk.engine.execute(StartInstance(actor="kim", process="letters"))
    desk.clock.advance(timedelta(hours=2))
    rows = desk.engine.select("kim", Select(table="timer"))
    due_at = instant(desk.clock.now - timedelta(hours=1))
    fire = FireTimer(actor="system:engine", instance_id=started.instance_id, timer=int(rows[0]["id"].rpartition(".")[2]), due_at=due_at)
    job = desk.engine.select("kim", Select(table="job"))[0]["id"]
    desk.engine.execute(fire)

    with pytest.raises(Conflict):
        desk.engine.execute(fire)
    with pytest.raises(Conflict):
        desk.engine.execute(CompleteJob(actor="system:engine", job_id=job))
