"""What waits longest is served first on every store, however its number is written: the ninth before the tenth, at one instant too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import DeployDefinitions, Select, StartInstance, Where
from engine.commands import KeepMessage
from engine.events import DeliveryTaken, InstanceStarted, TimerClosed
from engine.history import read_row
from engine.refold import refold

from ..spine.clerks import HEAD, Desk, extension, flow

MANY = 12


def process(name: str, start: str, does: str, *, end: str = "", key: str = "") -> str:
    """A process in a line: a start event, one element with the id `name-does`, an end event."""
    keyed = extension(f'<zeebe:properties><zeebe:property name="key" value="{key}"/></zeebe:properties>') if key else ""
    return (
        f'<bpmn:process id="{name}" name="{name}" isExecutable="true">{keyed}<bpmn:startEvent id="{name}-s">{start}</bpmn:startEvent>{does}'
        f'<bpmn:endEvent id="{name}-e">{end}</bpmn:endEvent>{flow(f"{name}-1", f"{name}-s", f"{name}-does")}{flow(f"{name}-2", f"{name}-does", f"{name}-e")}</bpmn:process>'
    )


def each(name: str, element: str, reference: str) -> str:
    """A task of `name` that is done for each of twelve at once."""
    items = f"=[{', '.join(map(str, range(1, MANY + 1)))}]"
    loop = f'<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="{items}" inputElement="item"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    return f'<bpmn:{element} id="{name}-does" messageRef="{reference}">{loop}</bpmn:{element}>'


def hour(name: str) -> str:
    """A wait of an hour."""
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
    return f'<bpmn:intermediateCatchEvent id="{name}-does">{timer}</bpmn:intermediateCatchEvent>'


def message(name: str, key: str) -> str:
    return f'<bpmn:message id="{name}" name="{name}">{extension(f"""<zeebe:subscription correlationKey="{key}"/>""")}</bpmn:message>'


BESIDE = (
    '<bpmn:receiveTask id="beside" messageRef="word"/><bpmn:endEvent id="beside-e"/>'
    + flow("b1", "tell-and-hear-does", "beside")
    + flow("b2", "beside", "beside-e")
    + "</bpmn:process>"
)
DIAGRAM = (
    HEAD
    + message("word", "=&quot;all&quot;")
    + message("call", "=string(item)")
    + '<bpmn:signal id="bell" name="bell"/>'
    + process("listen", "", each("listen", "receiveTask", "word"))
    + process("hear", "", '<bpmn:receiveTask id="hear-does" messageRef="word"/>')
    + process("tell", "", each("tell", "sendTask", "word"))
    + process("tell-and-hear", "", hour("tell-and-hear"), end='<bpmn:messageEventDefinition messageRef="word"/>').replace("</bpmn:process>", BESIDE)
    + process("invite", "", each("invite", "sendTask", "call"))
    + process("come", '<bpmn:messageEventDefinition messageRef="call"/>', '<bpmn:task id="come-does"/>', key="guest")
    + process("stand", "", '<bpmn:intermediateCatchEvent id="stand-does"><bpmn:signalEventDefinition signalRef="bell"/></bpmn:intermediateCatchEvent>')
    + process("ring", "", '<bpmn:intermediateThrowEvent id="ring-does"><bpmn:signalEventDefinition signalRef="bell"/></bpmn:intermediateThrowEvent>')
    + process("sleep", "", hour("sleep"))
    + process("sleep-and-tell", "", hour("sleep-and-tell"), end='<bpmn:messageEventDefinition messageRef="word"/>')
    + "</bpmn:definitions>"
).encode()


@pytest.fixture
def hall(desk: Desk) -> Desk:
    """The desk with the diagram of this file."""
    desk.engine.execute(DeployDefinitions(actor="root", files={"order.bpmn": DIAGRAM}))
    return desk


def start(hall: Desk, name: str) -> str:
    """Start an instance; what follows of it still waits."""
    return hall.engine.execute(StartInstance(actor="kim", process=name)).instance_id


def events(hall: Desk, kind: type) -> list[tuple[str, Any]]:
    """All events of a kind with their instance, in the order in which they were written."""
    with hall.engine.store.transaction(write=False) as transaction:
        rows = [read_row(stored.bytes, None) for stored in transaction.places(limit=10_000)]
    return [(row.stream, event) for row in rows for event in row.events if isinstance(event, kind)]


def rows(hall: Desk, table: str, **where: str) -> list[dict[str, Any]]:
    conditions = tuple(Where(column=name, value=value) for name, value in where.items())
    return [dict(row) for row in hall.engine.select("root", Select(table=table, where=conditions, limit=1_000))]


def test_a_message_goes_to_the_oldest_subscription(hall: Desk) -> None:
    """Of twelve instances that wait since one instant the first gets the first message, and so on."""
    waiting = [start(hall, "hear") for _ in range(MANY)]
    start(hall, "tell")

    hall.engine.drain(seconds=30)

    assert [stream for stream, _ in events(hall, DeliveryTaken)] == waiting


def test_messages_arrive_in_the_order_in_which_they_were_sent(hall: Desk) -> None:
    """Twelve sent by one step begin twelve instances, the first first."""
    start(hall, "invite")

    hall.engine.drain(seconds=30)

    assert [event.key for _, event in events(hall, InstanceStarted) if event.process == "come"] == [str(n) for n in range(1, MANY + 1)]


def test_a_signal_is_heard_by_who_waits_longest_first(hall: Desk) -> None:
    """Twelve instances that wait since one instant hear it in the order in which they began."""
    waiting = [start(hall, "stand") for _ in range(MANY)]
    start(hall, "ring")

    hall.engine.drain(seconds=30)

    assert [stream for stream, _ in events(hall, DeliveryTaken)] == waiting


def test_timers_due_at_once_fire_in_the_order_in_which_they_were_set(hall: Desk) -> None:
    """Of twelve instances with a timer due at one instant the oldest is first."""
    waiting = [start(hall, "sleep") for _ in range(MANY)]

    hall.engine.advance(hall.clock.now + timedelta(hours=1))

    assert [stream for stream, _ in events(hall, TimerClosed)] == waiting


def test_kept_messages_go_to_all_who_then_wait_the_longest_kept_first(hall: Desk) -> None:
    """Twelve kept messages reach the twelve who begin to wait in one step, each one."""
    sender = start(hall, "tell")
    hall.engine.drain(seconds=30)
    start(hall, "listen")

    hall.engine.drain(seconds=30)

    assert [event.delivery_id for _, event in events(hall, DeliveryTaken)] == [f"{sender}/1/{n}" for n in range(1, MANY + 1)]


def test_of_kept_messages_the_one_sent_first_is_given(hall: Desk) -> None:
    """What an older instance sent later waits longer."""
    older = start(hall, "sleep-and-tell")
    younger = start(hall, "tell")
    hall.engine.advance(hall.clock.now + timedelta(hours=1))
    start(hall, "listen")

    hall.engine.drain(seconds=30)

    assert {event.delivery_id.partition("/")[0] for _, event in events(hall, DeliveryTaken)} == {younger}
    assert [row["status"] for row in rows(hall, "delivery", sender_id=older)] == ["kept"]


def test_a_kept_message_comes_before_what_is_sent_by_the_step_that_begins_to_wait(hall: Desk) -> None:
    """It was sent before, and who waits for it now has waited since before the step sent its own."""
    waiting = start(hall, "tell-and-hear")
    sender = start(hall, "tell")
    hall.engine.drain(seconds=30)

    hall.engine.advance(hall.clock.now + timedelta(hours=1))

    assert [(stream, event.delivery_id) for stream, event in events(hall, DeliveryTaken)] == [(waiting, f"{sender}/1/1")]
    assert [row["status"] for row in rows(hall, "delivery", sender_id=waiting)] == ["kept"]


def test_a_kept_message_goes_to_one_only_before_it_is_taken(hall: Desk) -> None:
    """Two that begin to wait one after the other, before anything is delivered, get two messages."""
    start(hall, "tell")
    hall.engine.drain(seconds=30)
    waiting = [start(hall, "hear"), start(hall, "hear")]

    hall.engine.drain(seconds=30)

    assert [stream for stream, _ in events(hall, DeliveryTaken)] == waiting


def test_a_message_is_not_kept_from_who_began_to_wait_meanwhile(hall: Desk) -> None:
    """Where somebody begins to wait between the look for a receiver and the keeping, the message still arrives."""
    sender = start(hall, "tell")
    start(hall, "listen")
    late = f"{sender}/1/1"
    hall.engine.execute(KeepMessage(actor="system:engine", command_id="keep", instance_id=sender, delivery_id=late))

    hall.engine.drain(seconds=30)

    assert len(rows(hall, "delivery_taken")) == MANY


def test_an_outbox_made_anew_holds_what_is_on_its_way_in_its_order(hall: Desk) -> None:
    """Messages sent and not yet taken, oldest first, and kept ones for which somebody waits."""
    younger = start(hall, "tell")
    hall.engine.drain(seconds=30)
    hall.clock.advance(timedelta(hours=1))
    started = [start(hall, "hear"), start(hall, "invite")]
    before = outbox(hall)

    refold(hall.engine.runtime, ["outbox"])

    assert outbox(hall) == before
    assert before == [f"{younger}/1/1", *(f"{started[1]}/1/{n}" for n in range(1, MANY + 1))]


def outbox(hall: Desk) -> list[str]:
    with hall.engine.store.transaction(write=False) as transaction:
        return [row["id"] for row in transaction.select(Select(table="outbox", order=("due_at", "ordinal")))]
