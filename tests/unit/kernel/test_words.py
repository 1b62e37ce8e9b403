"""What is no BPMN, or says something that is not done here, is told when a diagram is loaded."""

from __future__ import annotations

import pytest

from engine import kernel
from engine.errors import DefinitionError

from .drawing import drawn, event, line, script, task
from .playing import SIGNAL, Play, call, on_event, process, signal, steps, sub


def problems(data: bytes) -> list[tuple[str, str | None, str]]:
    """Rule, element and severity of all that is said of a diagram."""
    try:
        found = kernel.load({"d.bpmn": data}).warnings
    except DefinitionError as refusal:
        found = tuple(refusal.problems)
    return [(one.rule, one.element_id, one.severity) for one in found]


@pytest.mark.parametrize(
    ("element", "rule"),
    [
        (task("userTask", "x", isForCompensaton="true"), "unknown_attribute"),
        (task("task", "x", loopMaximum="3"), "unknown_attribute"),
        (event("intermediateThrowEvent", "x", parallelMultiple="true"), "unknown_attribute"),
        (event("task", "x", "<bpmn:teleport/>"), "unknown_element"),
        (sub("x", event("startEvent", "i", isInterrupting="no")), "attribute"),
        (sub("x", event("startEvent", "i"), kind="transaction", triggeredByEvent="true"), "attribute"),
        (sub("x", task("task", "i"), kind="adHocSubProcess", ordering="sequential"), "attribute"),
        (task("task", "x", startQuantity="2"), "attribute"),
        (task("userTask", "x", '<zeebe:assignmentDefinition candidateUsers="a"/>'), "attribute"),
        (task("userTask", "x", "<zeebe:taskListeners/>"), "extension"),
        (task("userTask", "x", "<zeebe:notYetInvented/>"), "extension"),
        (call("x", "p", propagateAllChildVariables="yes"), "attribute"),
        (event("task", "x", '<bpmn:sequenceFlow id="f9" sourceRef="s" targetRef="x"/>'), "misplaced"),
        (event("task", "x", task("task", "inner")), "misplaced"),
        (event("task", "x", '<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>'), "misplaced"),
        (event("task", "x", '<bpmn:process id="other"><bpmn:task id="lost"/></bpmn:process>'), "misplaced"),
        (event("task", "x", '<bpmn:standardLoopCharacteristics loopMaximum="2"/><bpmn:standardLoopCharacteristics loopMaximum="3"/>'), "twice"),
    ],
)
def test_what_would_silently_change_nothing_is_refused(element: str, rule: str) -> None:
    """A misspelt or unknown word, a boolean that is none, an attribute that cannot be honoured: each is refused at its element."""
    with pytest.raises(DefinitionError) as refusal:
        kernel.load({"d.bpmn": line(element)})

    assert rule in {problem.rule for problem in refusal.value.problems}
    assert all(problem.element_id and problem.line and problem.fix for problem in refusal.value.problems)


@pytest.mark.parametrize(
    "element",
    [
        event("userTask", "x", '<bpmn:potentialOwner id="o"><bpmn:resourceRef>r</bpmn:resourceRef></bpmn:potentialOwner>', '<zeebe:assignmentDefinition assignee="a"/>'),
        event("task", "x", '<bpmn:property id="y" name="y"/>'),
        task("serviceTask", "x", '<zeebe:taskDefinition type="t" retries="5"/>'),
        task("userTask", "x", '<zeebe:assignmentDefinition assignee="a"/><zeebe:taskSchedule followUpDate="2026-01-01"/>'),
        task("userTask", "x", '<zeebe:assignmentDefinition assignee="a" candidateGroop="b"/>'),
    ],
)
def test_what_is_said_otherwise_here_is_a_warning(element: str) -> None:
    """What would say something to a token, but not in this language, is told once, at its element."""
    assert [(element_id, severity) for _, element_id, severity in problems(line(element))] in ([("x", "warning")], [("o", "warning")], [("y", "warning")])


def test_words_of_other_makers_are_left_alone() -> None:
    """Other namespaces may say what they like, even below extension elements in the namespace of BPMN."""
    inside = '<other:thing xmlns:other="urn:o" mode="x"><bpmn:whatever strange="1"/></other:thing>'

    assert problems(line(task("task", "x", inside, **{"xmlns:o": "urn:o", "o:mark": "1"}))) == []


def test_a_pool_that_is_only_drawn_stops_nothing() -> None:
    """What is wrong with a process that is not executable, beside one that is, is a warning; alone it is an error."""
    wrong = '<bpmn:process id="q" isExecutable="false"><bpmn:serviceTask id="y"/><bpmn:sequenceFlow id="f" sourceRef="y" targetRef="gone"/></bpmn:process>'

    beside = problems(drawn(event("startEvent", "s"), more=wrong))
    alone = problems(drawn(event("startEvent", "s"), more=wrong).replace(b'isExecutable="true"', b'isExecutable="false"'))

    assert {(rule, severity) for rule, _, severity in beside} == {("not_executable", "warning"), ("topic", "warning"), ("flow", "warning")}
    assert {(rule, severity) for rule, _, severity in alone} == {("not_executable", "error"), ("topic", "error"), ("flow", "error")}


def test_a_task_says_one_way_of_doing_it() -> None:
    """Two ways at once would hide one of them."""
    both = '<zeebe:script expression="=1" resultVariable="x"/><zeebe:taskDefinition type="t"/>'
    decided = '<zeebe:calledDecision decisionId="d" resultVariable="x"/><zeebe:taskDefinition type="t"/>'

    assert ("script", "x", "error") in problems(line(task("scriptTask", "x", both)))
    assert ("decision", "x", "error") in problems(line(task("businessRuleTask", "x", decided)))


def test_an_error_always_interrupts() -> None:
    """10.3.5: an event sub-process that begins by an error cannot leave its scope running."""
    start = event("startEvent", "qs", "<bpmn:errorEventDefinition/>", isInterrupting="false")

    assert ("trigger", "qs", "error") in problems(line(task("task", "x"), beside=on_event("q", start, steps("qs", end="qe"))))


@pytest.mark.parametrize("where", ["a process", "two in one scope"])
def test_a_compensation_event_sub_process_belongs_to_one_sub_process(where: str) -> None:
    """10.7: it undoes the sub-process it lies in, which has one such handler."""
    handler = on_event("{0}", event("startEvent", "{0}s", "<bpmn:compensateEventDefinition/>"), steps("{0}s", end="{0}e"))
    inner = event("startEvent", "is") + steps("is", end="ie")
    data = {"a process": line(task("task", "a"), beside=handler.format("q")), "two in one scope": line(sub("x", inner, handler.format("q"), handler.format("r")))}

    assert ("compensation", "q", "error") in problems(data[where])


def test_the_values_that_booleans_have_are_those_of_xml() -> None:
    """`1` and `0` are booleans."""
    listener = on_event("q", event("startEvent", "qs", SIGNAL.format("g"), isInterrupting="0"), steps("qs", task("task", "hit"), end="qe"))
    data = line(task("userTask", "u"), before=signal("g"), beside=listener.replace('triggeredByEvent="true"', 'triggeredByEvent="1"'))

    play = Play(data).signal("g")

    assert (play.did("hit"), play.items) == (["hit"], ["u"])


def test_calls_between_many_processes_are_read_once() -> None:
    """A file may have many processes that call each other; each keeps its own elements."""
    more = "".join(process(f"q{i}", event("startEvent", f"s{i}"), steps(f"s{i}", script(f"a{i}", "n + 1", "n"), *([call(f"c{i}", f"q{i + 1}")] if i < 9 else []), end=f"e{i}")) for i in range(10))

    assert Play(drawn(event("startEvent", "s"), steps("s", call("c", "q0"), end="e"), more=more), {"n": 0}).variables["n"] == 10


QUALIFIED = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:our="urn:ours" targetNamespace="urn:ours">'
    b'<message id="Asked" name="asked"><extensionElements><zeebe:subscription correlationKey="=1"/></extensionElements></message>'
    b'<signal id="Told" name="told"/><error id="Bad" errorCode="bad"/><escalation id="High" escalationCode="high"/>'
    b'<process id="p" isExecutable="true">'
    b'<startEvent id="s"/><sequenceFlow id="f1" sourceRef="our:s" targetRef=" x "/>'
    b'<exclusiveGateway id="x" default="our:f3"/><sequenceFlow id="f2" sourceRef="x" targetRef="no"><conditionExpression>=false</conditionExpression></sequenceFlow>'
    b'<task id="no"/><sequenceFlow id="f3" sourceRef="x" targetRef="in"/>'
    b'<subProcess id="in"><intermediateThrowEvent id="up"><escalationEventDefinition escalationRef="our:High"/></intermediateThrowEvent>'
    b'<sequenceFlow id="i1" sourceRef="up" targetRef="bad"/><endEvent id="bad"><errorEventDefinition errorRef="our:Bad"/></endEvent></subProcess>'
    b'<boundaryEvent id="heard" attachedToRef="our:in" cancelActivity="false"><escalationEventDefinition escalationRef="our:High"/></boundaryEvent>'
    b'<boundaryEvent id="caught" attachedToRef="our:in"><errorEventDefinition errorRef="our:Bad"/></boundaryEvent>'
    b'<sequenceFlow id="f4" sourceRef="caught" targetRef="c"/><callActivity id="c" calledElement="our:q"/>'
    b'<sequenceFlow id="f5" sourceRef="c" targetRef="t"/><sendTask id="t" messageRef="our:Asked"/>'
    b'<sequenceFlow id="f6" sourceRef="t" targetRef="g"/><intermediateThrowEvent id="g"><signalEventDefinition signalRef="our:Told"/></intermediateThrowEvent>'
    b'<sequenceFlow id="f7" sourceRef="g" targetRef="r"/><receiveTask id="r" messageRef=" our:Asked"/>'
    b'<sequenceFlow id="f8" sourceRef="r" targetRef="e"/><endEvent id=" e "/></process>'
    b'<process id="q" isExecutable="true"><task id="called"/></process></definitions>'
)


def test_references_may_have_prefixes_and_blanks() -> None:
    """References are QNames in the schema, and blanks around them count for nothing; no flow or event is lost for that."""
    play = Play(QUALIFIED)

    assert play.did("no", "heard", "caught", "called", "c", "t", "g", "r", "e") == ["heard", "caught", "called", "c", "t", "g", "r", "e"]


def test_bpmn_inside_extension_elements_is_no_part_of_the_diagram() -> None:
    """Whatever another maker keeps there, even a whole process, is neither run nor in the way."""
    kept = '<bpmn:extensionElements><x:old xmlns:x="urn:x"><bpmn:process id="p"><bpmn:task id="was"/></bpmn:process></x:old></bpmn:extensionElements>'

    assert Play(line(event("task", "x", kept))).did("x", "was") == ["x"]


def test_a_dotted_line_between_activities_says_nothing() -> None:
    """Only the association of a compensation event names a handler; any other is a drawing."""
    data = line(task("task", "a"), task("task", "b")).replace(b"</bpmn:process>", b'<bpmn:association id="as" sourceRef="a" targetRef="b"/></bpmn:process>')

    assert problems(data) == []
    assert Play(data).did("a", "b") == ["a", "b"]


def test_a_handler_of_nothing_is_a_warning() -> None:
    """An activity marked for compensation that no event is associated with never runs."""
    data = line(task("task", "a")).replace(b"</bpmn:process>", b'<bpmn:task id="u" isForCompensation="true"/></bpmn:process>')

    assert problems(data) == [("compensation", "u", "warning")]


def test_a_call_needs_a_plain_start() -> None:
    """A process that begins by events only cannot be called; that is known before any instance runs."""
    data = line(call("x", "q")).replace(
        b"</bpmn:definitions>",
        b'<bpmn:signal id="Go" name="go"/><bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="qs"><bpmn:signalEventDefinition signalRef="Go"/></bpmn:startEvent></bpmn:process></bpmn:definitions>',
    )

    assert problems(data) == [("call", "x", "error")]
