"""Why SpiffWorkflow is worked round, and what we stand on of it: each way round has a case that fails without it.

The first part runs SpiffWorkflow *as shipped* on small diagrams and says what it does. When a release mends one of them its test fails here,
and the way round may go. The second part leaves out one step of the rewriting at a time. The third lists the ground: names,
signatures, parser map. A new release that moves it fails here, not in an instance.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from engine.kernel import desugar
from engine.kernel.assemble import Assembler
from engine.kernel.elements import spiffworkflow as seam
from engine.kernel.elements.base import Activity, Node
from engine.kernel.expressions import Formulas
from engine.kernel.graph import ProcessGraph
from engine.kernel.outline import Outline
from engine.kernel.read import read
from tests.unit.kernel.drawing import drawn, event, line, path, script, task
from tests.unit.kernel.playing import COMPENSATE, ERROR, SIGNAL, TIMER, Play, call, error, flow, on_event, process, signal, steps, undone_by

LINK = '<bpmn:linkEventDefinition name="L"/>'
START, END = event("startEvent", "s"), event("endEvent", "e")


class Shipped:
    """A diagram run by SpiffWorkflow as its documentation shows; every task that waits for a person is simply done."""

    def __init__(self, data: bytes, *, turns: int = 50) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(data))
        workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        workflow.do_engine_steps()
        while (ready := workflow.get_tasks(state=TaskState.READY)) and turns:
            ready[0].run()
            workflow.do_engine_steps()
            turns -= 1
        self.did = [task.task_spec.bpmn_id for task in workflow.get_tasks(state=TaskState.COMPLETED) if task.task_spec.bpmn_id]
        self.is_over = workflow.is_completed()
        self.data: dict[str, Any] = dict(workflow.data)


def python(element_id: str, code: str) -> str:
    """A script task as SpiffWorkflow reads it."""
    return event("scriptTask", element_id, f"<bpmn:script>{code}</bpmn:script>")


def guarded(flow_id: str, source: str, target: str, condition: str) -> str:
    """A conditional flow as SpiffWorkflow reads it."""
    return flow(flow_id, source, target, condition).replace(">=", ">", 1)


# ---------------------------------------------------------------------- as shipped: silently wrong
def test_a_link_leads_nowhere() -> None:
    """Way round: `link_target` in the assembler. As shipped a link throw event ends its path and the instance is completed."""
    thrown = event("intermediateThrowEvent", "t", LINK) + path("s", "t")
    data = drawn(START, thrown, event("intermediateCatchEvent", "c", LINK), steps("c", task("task", "z"), end="e"))

    shipped = Shipped(data)

    assert (shipped.did, shipped.is_over) == (["s", "t"], True)
    assert Play(data).did("z") == ["z"]


def test_a_signal_end_event_is_heard_by_nobody() -> None:
    """Way round: our queue of throws. As shipped the event sub-process that waits for the signal never runs."""
    listener = on_event("q", event("startEvent", "qs", SIGNAL.format("g"), isInterrupting="false"), steps("qs", task("task", "hit"), end="qe"))
    body = event("parallelGateway", "f"), event("endEvent", "e", SIGNAL.format("g")), task("userTask", "u"), path("s", "f", "e"), path("f", "u")
    data = drawn(START, *body, listener, before=signal("g"))

    assert "hit" not in Shipped(drawn(START, event("endEvent", "e", SIGNAL.format("g")), path("s", "e"), listener, before=signal("g"))).did
    assert Play(data).did("hit") == ["hit"]


def test_an_error_handler_runs_without_an_error() -> None:
    """Way round: our listeners. As shipped an event sub-process that begins by an error runs in every instance."""
    listener = on_event("q", event("startEvent", "qs", ERROR.format("E")), steps("qs", task("task", "hit"), end="qe"))
    data = line(task("task", "a"), before=error("E"), beside=listener)

    assert "hit" in Shipped(data).did
    assert Play(data).did("hit") == []


def test_a_branch_that_wrote_nothing_undoes_a_write() -> None:
    """Way round: variables in scopes, not copied along the path. As shipped the last branch at a join brings the old value back."""
    body = event("parallelGateway", "f"), event("parallelGateway", "j"), task("task", "b"), path("s", "z", "f", "a", "j", "e"), path("f", "b", "j")

    assert Shipped(drawn(START, END, python("z", "x = 0"), python("a", "x = 1"), *body)).data["x"] == 0
    assert Play(drawn(START, END, script("z", "0", "x"), script("a", "1", "x"), *body)).variables["x"] == 1


def test_a_loop_stops_for_ever_after_500_turns() -> None:
    """Way round: tokens in place of a task tree. As shipped the instance is completed in the middle of the loop."""
    body = event("exclusiveGateway", "m"), event("exclusiveGateway", "g", default="out"), flow("out", "g", "e"), path("s", "z", "m", "a", "g")
    wrong = drawn(START, END, *body, python("z", "n = 0"), python("a", "n = n + 1"), guarded("back", "g", "m", "n &lt; 600"))
    right = drawn(START, END, *body, script("z", "0", "n"), script("a", "n + 1", "n"), flow("back", "g", "m", "n &lt; 600"))

    shipped = Shipped(wrong)

    assert (shipped.is_over, "e" in shipped.did, shipped.data.get("n")) == (True, False, None)
    assert Play(right).variables["n"] == 600


def test_a_trigger_that_is_defined_elsewhere_is_not_waited_for() -> None:
    """Way round: `Outline` puts shared event definitions where they are used. As shipped the event passes straight through."""
    shared = '<bpmn:signalEventDefinition id="shared" signalRef="g"/>'
    data = line(event("intermediateCatchEvent", "c", "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>"), before=shared + signal("g"))

    assert Shipped(data).did == ["s", "c", "e"]
    assert Play(data).outcomes == ["waiting"]


def test_the_other_start_event_begins_too() -> None:
    """Way round: an instance begins at one start event. As shipped both begin, and the task runs twice or waits for both."""
    data = drawn(START, event("startEvent", "s2", SIGNAL.format("g")), task("task", "a"), path("s", "a"), path("s2", "a"), before=signal("g"))
    both = drawn(START, event("startEvent", "s2"), task("task", "a"), path("s", "a"), path("s2", "a"))

    assert "s2" in Shipped(both).did
    assert Play(data).did("s", "s2", "a") == ["s", "a"]


@pytest.mark.parametrize("reserved", ["End", "p.EndJoin"])
def test_an_element_of_a_reserved_id_vanishes(reserved: str) -> None:
    """Way round: `rename_reserved`. As shipped a task named `End` is taken for the end of everything."""
    data = line(task("task", reserved))

    shipped = Shipped(data)

    assert (shipped.did, shipped.is_over) == (["s"], True)
    assert Play(data).did(reserved, "e") == [reserved, "e"]


def test_one_as_a_boolean_is_read_as_false() -> None:
    """Way round: booleans are read by `truth`. As shipped `triggeredByEvent="1"` is not seen, and what it draws never listens."""
    start = event("startEvent", "qs", SIGNAL.format("g"), isInterrupting="1")
    listener = on_event("q", start, event("endEvent", "qe"), path("qs", "qe")).replace('triggeredByEvent="true"', 'triggeredByEvent="1"')
    data = line(task("userTask", "u"), task("task", "z"), before=signal("g"), beside=listener)

    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(data))

    assert parser.get_spec("p").task_specs.keys().isdisjoint({"q"})
    assert Play(data).signal("g").did("q", "z") == ["q"]


def test_every_timer_of_an_event_is_read_as_the_first() -> None:
    """Way round: `_texts` in the assembler. As shipped the times, and the conditions, of one event are all the first one's."""
    data = line(event("intermediateCatchEvent", "c", TIMER.format("P9D") + TIMER.format("P1D")), task("task", "z"))
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(data))

    read_as = [definition.expression for definition in parser.get_spec("p").task_specs["c"].event_definition.event_definitions]

    assert read_as == ["P9D", "P9D"]
    assert Play(data).advance("P1D").did("z") == ["z"]


def test_a_diagram_runs_python() -> None:
    """Way round: FEEL. As shipped a script or condition is Python and reaches its objects."""
    shipped = Shipped(line(python("a", "x = str(().__class__.__mro__)")))

    assert shipped.data["x"] == "(<class 'tuple'>, <class 'object'>)"


# ---------------------------------------------------------------------- as shipped: refused or broken
def refusal(data: bytes) -> str:
    """What SpiffWorkflow says when it does not read a diagram."""
    with pytest.raises((ValidationException, WorkflowTaskException, TypeError)) as caught:
        Shipped(data)
    return str(caught.value)


BROKEN: dict[str, tuple[bytes, str, Sequence[str]]] = {
    "no start event": (drawn(task("task", "a"), task("task", "b"), path("a", "b")), "No start event found", ["a", "b"]),
    "a sub-process without one": (
        line('<bpmn:subProcess id="x"><bpmn:task id="i"/></bpmn:subProcess>'), "Exactly one start event is required", ["i", "x"],
    ),
    "an uncontrolled split": (
        drawn(START, task("task", "a"), task("task", "b"), task("task", "c"), path("s", "a", "b"), path("a", "c")), "Multiple outgoing flows", ["a", "b", "c"],
    ),
    "two flows between the same two": (
        drawn(START, END, task("task", "a"), task("task", "b"), path("s", "a"), flow("f1", "a", "b"), flow("f2", "a", "b"), path("b", "e")),
        "Multiple outgoing flows", ["a", "b", "b"],
    ),
    "compensation": (
        line(task("task", "a"), event("intermediateThrowEvent", "t", COMPENSATE), beside=undone_by("a", "h") + task("task", "h", isForCompensation="true")),
        "Unsupported Catch Event", ["a", "h", "t"],
    ),
    "a long line": (line(*(task("task", f"t{i}") for i in range(1200))), "maximum recursion depth exceeded", [f"t{i}" for i in range(1200)]),
    "a task named Start": (line(task("task", "Start")), "StartTask can not have any inputs", ["Start"]),
    "isExecutable 1": (line(task("task", "a")).replace(b'isExecutable="true"', b'isExecutable="1"'), "not executable", ["a"]),
    "zeebe script": (line(script("a", "1 + 1", "x")), "No Script Provided", ["a"]),
    "zeebe called element": (
        drawn(START, steps("s", call("c", "q"), end="e"), more=process("q", event("startEvent", "qs"), steps("qs", end="qe"))), 'No "calledElement"', ["qs", "c"],
    ),
    "business rule task": (
        line(task("businessRuleTask", "a", '<zeebe:taskDefinition type="echo"/>')), "There is no support implemented for this task type", ["a"],
    ),
    "a correlation property": (line(task("task", "a"), before='<bpmn:correlationProperty id="cp" name="x"/>'), "missing correlation property retrieval", ["a"]),
    "a data store": (line(task("task", "a"), before='<bpmn:dataStore id="ds" name="n"/>'), "no implementation", ["a"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_right_diagrams_are_refused_as_shipped(name: str) -> None:
    """What is legal BPMN and not read by SpiffWorkflow's own parser runs here."""
    data, said, watched = BROKEN[name]

    assert said in refusal(data)
    assert Play(data).did(*dict.fromkeys(watched)) == watched


def test_plain_times_are_evaluated_as_python_as_shipped() -> None:
    """Way round: our timers. `P1D` is a name to Python."""
    data = line(event("intermediateCatchEvent", "c", TIMER.format("P1D")))

    assert "Error evaluating expression 'P1D'" in refusal(data)
    assert Play(data).advance("P1D").outcomes == ["completed"]


def test_branches_do_not_see_each_other_as_shipped() -> None:
    """Way round: variables in scopes. One branch's write is unknown to the other."""
    body = event("parallelGateway", "f"), event("parallelGateway", "j"), path("s", "f", "a", "j", "e"), path("f", "b", "j")

    assert "name 'x' is not defined" in refusal(drawn(START, END, python("a", "x = 1"), python("b", "y = x"), *body))
    assert Play(drawn(START, END, script("a", "1", "x"), script("b", "x", "y"), *body)).variables == {"x": 1, "y": 1}


def test_an_ad_hoc_sub_process_without_a_condition_breaks_as_shipped() -> None:
    """Way round: our ad-hoc sub-process. Its completion condition is optional in BPMN."""
    data = line(event("adHocSubProcess", "x", task("task", "i")))

    assert refusal(data)
    assert Play(data).did("i", "x") == ["i", "x"]


# ---------------------------------------------------------------------- each step of the rewriting
def graph_of(data: bytes, without: str | None = None) -> ProcessGraph:
    """The first process of a file, read with all steps of the rewriting but one."""
    outline = Outline("drawn", read("drawn", data))
    renamed = desugar.desugar(outline, [step for step in desugar.STEPS if step.__name__ != without])
    return Assembler(outline, seam.parse(outline.root, "drawn"), renamed, Formulas()).graph(outline.runs[0])


def added(text: str) -> bytes:
    """A right diagram with something more at the end of the file."""
    return line(task("task", "a")).replace(b"</bpmn:definitions>", text.encode() + b"</bpmn:definitions>")


PICTURE = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="dd"><bpmndi:BPMNPlane '
    'id="pl"><bpmndi:BPMNShape id="sh" bpmnElement="a"><dc:Bounds x="left" y="0" width="1" height="1"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
)
KEPT = '<bpmn:extensionElements><x:old xmlns:x="urn:x"><bpmn:process id="p"/></x:old></bpmn:extensionElements>'
NEEDED: list[tuple[str, bytes, str]] = [
    ("remove_pictures", added(PICTURE), "could not convert string to float"),
    ("remove_drawn_pools", added('<bpmn:process id="q"><bpmn:task id="x"/><bpmn:sequenceFlow id="f" sourceRef="x" targetRef="gone"/></bpmn:process>'), "gone"),
    ("write_out_extensions", BROKEN["zeebe script"][0], "No Script Provided"),
    ("rename_reserved", line(task("task", "Start")), "Duplicate task spec name: Start"),
    ("rename_reserved", line(task("task", "End")), "Duplicate task spec name: End"),
    ("rename_reserved", line(task("task", "p.EndJoin")), "Duplicate task spec name: p.EndJoin"),
    ("empty_extensions", line(event("task", "a", KEPT)), "Duplicate process ID: p"),
    ("remove_unread", BROKEN["a data store"][0], "no implementation"),
    ("remove_unread", BROKEN["a correlation property"][0], "missing correlation property retrieval"),
]


@pytest.mark.parametrize(("step", "data", "said"), NEEDED, ids=[f"{step}-{said}" for step, _, said in NEEDED])
def test_each_step_of_the_rewriting_is_needed(step: str, data: bytes, said: str) -> None:
    """Without the step the parser breaks on a right diagram; with it the diagram is read."""
    with pytest.raises((ValidationException, KeyError, ValueError)) as broken:
        graph_of(data, without=step)

    assert said in str(broken.value)
    assert graph_of(data).containers[None].entries == ("s",)


def test_without_writing_out_a_called_process_is_lost() -> None:
    """`zeebe:calledElement` is not known to the parser."""
    data = BROKEN["zeebe called element"][0]

    assert [getattr(graph_of(data, without=step).elements["c"], "spec", None) for step in ("write_out_extensions", None)] == [None, "q"]


def test_every_step_of_the_rewriting_has_its_case() -> None:
    """No step is there by habit."""
    assert {step for step, _, _ in NEEDED} == {step.__name__ for step in desugar.STEPS}
    texts = " ".join(str(data) for step, data, _ in NEEDED if step == "remove_unread")
    assert all(f"<bpmn:{name}" in texts for name in desugar._UNREAD)
    assert {said.rpartition(" ")[2] for step, _, said in NEEDED if step == "rename_reserved"} >= desugar._RESERVED


# ---------------------------------------------------------------------- the ground
GROUND: dict[str, str] = {
    "BpmnParser.OVERRIDE_PARSER_CLASSES": "dict",
    "BpmnParser.PROCESS_PARSER_CLASS": "type",
    "BpmnParser.AD_HOC_PARSER_CLASS": "type",
    "BpmnParser.add_bpmn_xml": "(self, bpmn, filename=None)",
    "BpmnParser.create_parser": "(self, node, filename=None, lane=None)",
    "BpmnParser.get_process_parser": "(self, process_id)",
    "ProcessParser.add_tasks": "(self)",
    "ProcessParser.create_spec": "(self)",
    "ProcessParser.get_spec": "(self)",
    "ProcessParser.get_outgoing_sequence_flows": "(self, source_ref)",
    "TaskParser.parse_node": "(self)",
    "TaskParser.create_task": "(self)",
    "TaskParser.connect_outgoing": "(self, outgoing_task, sequence_flow_node, is_default)",
    "TaskParser.parse_condition": "(self, sequence_flow)",
    "EventDefinitionParser.get_event_definition": "(self, xpaths)",
    "EventDefinitionParser.parse_message_event": "(self, message_event)",
    "ScriptTaskParser.get_script": "(self)",
}
"""What each name that we rely on looked like in the release we are written for."""

PARSED = (
    "adHocSubProcess boundaryEvent callActivity endEvent eventBasedGateway exclusiveGateway inclusiveGateway intermediateCatchEvent intermediateThrowEvent "
    "manualTask parallelGateway receiveTask scriptTask sendTask serviceTask startEvent subProcess task transaction userTask"
)
"""Elements that SpiffWorkflow's own parser map knows."""


def shape(owner: type, name: str) -> str:
    """The signature of a function, or what else a name is."""
    found = inspect.getattr_static(owner, name)
    return str(inspect.signature(found)) if callable(found) and not isinstance(found, type) else type(found).__name__


def test_the_release_is_the_one_that_this_was_written_for() -> None:
    """A new minor release is read with care before the pin moves."""
    assert version("spiffworkflow").startswith("3.2.")


def test_every_name_that_is_relied_on_looks_as_it_did() -> None:
    """Names, signatures and kinds of what the seam overrides or calls."""
    assert {f"{owner.__name__}.{name}": shape(owner, name) for owner, name, _ in seam.RELIED_ON} == GROUND


def test_the_seam_overrides_what_it_lists() -> None:
    """The list says truly which names are replaced."""
    ours = [cls for cls in vars(seam).values() if isinstance(cls, type) and cls.__module__ == seam.__name__]
    for owner, name, is_overridden in seam.RELIED_ON:
        assert any(issubclass(cls, owner) and name in vars(cls) for cls in ours) == is_overridden, name


def test_the_parser_map_is_known() -> None:
    """An element that a release learns to parse, or forgets, is looked at before it is trusted."""
    prefix = full_tag("")

    assert sorted(tag.removeprefix(prefix) for tag in BpmnParser.PARSER_CLASSES) == sorted(PARSED.split())
    assert all(issubclass(cls, Node) and issubclass(cls, BpmnSpecMixin) for _, cls in seam.Parser.OVERRIDE_PARSER_CLASSES.values())


def test_our_protocol_is_not_theirs() -> None:
    """No class of SpiffWorkflow has a name of our element protocol, so none of its own methods is ever called for ours."""
    protocol = {name for cls in (Node, Activity) for name in vars(cls) if not name.startswith("_")}
    theirs = {
        name: base.__name__
        for _, cls in seam.Parser.OVERRIDE_PARSER_CLASSES.values()
        for base in cls.__mro__
        if base.__module__.startswith("SpiffWorkflow")
        for name in protocol & vars(base).keys()
    }

    assert theirs == {}


def test_what_they_set_on_an_element_is_not_ours() -> None:
    """Nor does building an element set one of those names on it."""
    outline = Outline("drawn", read("drawn", BROKEN["compensation"][0]))
    desugar.desugar(outline)
    protocol = {name for cls in (Node, Activity) for name in vars(cls) if not name.startswith("_")}

    nodes = [node for spec in seam.parse(outline.root, "drawn").values() for node in spec.nodes.values()]

    assert [name for node in nodes for name in protocol & vars(node).keys()] == []


def test_the_kinds_of_event_definitions_are_known() -> None:
    """Where the triggers of an event are looked for; the one of compensation, which SpiffWorkflow has no reader for, is ours."""
    kinds = ("message", "signal", "timer", "conditional", "error", "escalation", "cancel", "terminate")

    assert tuple(f".//bpmn:{kind}EventDefinition" for kind in kinds) == seam.EVENT_PATHS
