"""A message that was kept is older than what is on its way: who begins to wait for it has it before anything else arrives."""

from __future__ import annotations

from engine import DeployDefinitions, Select, StartInstance

from .clerks import HEAD, Desk, extension, flow, forms, item

SUBSCRIBED = extension('<zeebe:subscription correlationKey="=&quot;one&quot;"/>')

DIAGRAM = (
    HEAD
    + f'<bpmn:message id="m" name="letter">{SUBSCRIBED}</bpmn:message><bpmn:signal id="s" name="call"/>'
    + '<bpmn:process id="waiting" name="waiting" isExecutable="true"><bpmn:startEvent id="b"/><bpmn:parallelGateway id="fork"/>'
    + "".join(
        f'<bpmn:intermediateCatchEvent id="called-{number}"><bpmn:signalEventDefinition signalRef="s"/></bpmn:intermediateCatchEvent>' for number in (1, 2)
    )
    + '<bpmn:receiveTask id="wait" messageRef="m"/>'
    + item("read", "read", "clerk", "f-decide")
    + item("answer", "answer", "clerk", "f-decide")
    + '<bpmn:endEvent id="e1"/><bpmn:endEvent id="e2"/>'
    + flow("f1", "b", "fork")
    + flow("f2", "fork", "called-1")
    + flow("f3", "fork", "called-2")
    + flow("f4", "called-1", "wait")
    + flow("f5", "wait", "read")
    + flow("f6", "read", "e1")
    + flow("f7", "called-2", "answer")
    + flow("f8", "answer", "e2")
    + "</bpmn:process>"
    + '<bpmn:process id="writer" name="writer" isExecutable="true"><bpmn:startEvent id="wb"/>'
    + '<bpmn:intermediateThrowEvent id="write"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateThrowEvent><bpmn:endEvent id="we"/>'
    + flow("w1", "wb", "write")
    + flow("w2", "write", "we")
    + "</bpmn:process>"
    + '<bpmn:process id="caller" name="caller" isExecutable="true"><bpmn:startEvent id="cb"/>'
    + '<bpmn:intermediateThrowEvent id="call"><bpmn:signalEventDefinition signalRef="s"/></bpmn:intermediateThrowEvent><bpmn:endEvent id="ce"/>'
    + flow("c1", "cb", "call")
    + flow("c2", "call", "ce")
    + "</bpmn:process></bpmn:definitions>"
).encode()


def test_a_kept_message_comes_before_the_signals_that_are_still_on_their_way() -> None:
    """The first hearer of the call begins to wait for a letter that is there already: it reads before the second hearer answers."""
    desk = Desk()
    desk.engine.execute(DeployDefinitions(actor="root", files={"here.bpmn": DIAGRAM, **forms()}))
    desk.engine.execute(StartInstance(actor="kim", process="writer"))
    desk.engine.drain()
    waiting = desk.engine.execute(StartInstance(actor="kim", process="waiting"))

    desk.engine.execute(StartInstance(actor="kim", process="caller"))
    desk.engine.drain()

    rows = desk.engine.select("kim", Select(table="work_item"))
    opened = sorted((int(row["id"].rpartition(".")[2]), row["element_id"]) for row in rows if row["instance_id"] == waiting.instance_id)
    assert [element for _, element in opened] == ["read", "answer"]
    assert desk.engine.replay().findings == []
