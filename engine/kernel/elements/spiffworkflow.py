"""The seam to SpiffWorkflow 3.2: its parser reads a desugared file, and through its public override map builds our classes.

Every name of it that we override or use is listed in `RELIED_ON` and checked when this module is imported, so that a release which
renames one fails here, loudly, and not in the middle of an instance. A class that is not ours is refused by name.
"""

# SpiffWorkflow has no types, so its classes are Any to the checker.
# mypy: allow-subclassing-any

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from lxml import etree
from SpiffWorkflow.bpmn.parser import event_parsers, task_parsers
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition

from ..read import truth
from . import events, gateways, scopes, tasks
from .base import Node

EVENT_PATHS: Final = (
    event_parsers.MESSAGE_EVENT_XPATH,
    event_parsers.SIGNAL_EVENT_XPATH,
    event_parsers.TIMER_EVENT_XPATH,
    event_parsers.CONDITIONAL_EVENT_XPATH,
    event_parsers.ERROR_EVENT_XPATH,
    event_parsers.ESCALATION_EVENT_XPATH,
    event_parsers.CANCEL_EVENT_XPATH,
    event_parsers.TERMINATION_EVENT_XPATH,
)

# (owner, name, is it overridden here). Names that begin with an underscore are not public.
RELIED_ON: Final[tuple[tuple[type, str, bool], ...]] = (
    (BpmnParser, "OVERRIDE_PARSER_CLASSES", True),
    (BpmnParser, "PROCESS_PARSER_CLASS", True),
    (BpmnParser, "AD_HOC_PARSER_CLASS", True),
    (BpmnParser, "add_bpmn_xml", False),
    (BpmnParser, "create_parser", False),
    (BpmnParser, "get_process_parser", False),
    (ProcessParser, "add_tasks", True),
    (ProcessParser, "create_spec", True),
    (ProcessParser, "get_spec", False),
    (ProcessParser, "get_outgoing_sequence_flows", False),
    (TaskParser, "parse_node", True),
    (TaskParser, "create_task", True),
    (TaskParser, "connect_outgoing", True),
    (TaskParser, "parse_condition", False),
    (event_parsers.EventDefinitionParser, "get_event_definition", False),
    (event_parsers.EventDefinitionParser, "parse_message_event", False),
    (task_parsers.ScriptTaskParser, "get_script", False),
)


class ParsedProcess(BpmnProcessSpec):
    """A process or sub-process as the parser leaves it: our elements by their name, and the flows between them."""

    def __init__(self, **names: Any) -> None:
        super().__init__(**names)
        self.nodes: dict[str, Node] = {}
        self.connections: dict[str, list[tuple[str, str, str | None]]] = {}


class _NodeParser(TaskParser):
    """Reads one element and nothing beyond it: the process parser connects what it has read, so no path is ever recursed."""

    def parse_node(self) -> Node:
        self.task = self.create_task()
        if not getattr(self.task, "is_ours", False):
            raise TypeError(f"{type(self.task).__name__} of {self.bpmn_id} is no element class of this kernel")
        return self.task

    def create_task(self) -> Node:
        node: Node = self.spec_class(self.spec, self.bpmn_id)
        return node

    def connect_outgoing(self, outgoing_task: Node, sequence_flow_node: etree._Element, is_default: bool) -> None:
        # SpiffWorkflow's own graph has no flow ids, and its event-based gateway takes the events of its targets away: ours is kept beside.
        flow = sequence_flow_node.get("id"), outgoing_task.name, None if is_default else self.parse_condition(sequence_flow_node)
        self.spec.connections.setdefault(self.bpmn_id, []).append(flow)

    def handles_multiple_outgoing(self) -> bool:
        return True


class _EventParser(_NodeParser, event_parsers.EventDefinitionParser):
    """Events: SpiffWorkflow reads what triggers them."""

    def create_task(self) -> Node:
        definition = self.get_event_definition(list(EVENT_PATHS))
        only = {"cancel_activity": truth(self.node.get("cancelActivity"), True)} if self.node.tag == full_tag("boundaryEvent") else {}
        node: Node = self.spec_class(self.spec, self.bpmn_id, event_definition=definition, **only)
        return node


class _MessageTaskParser(_NodeParser, event_parsers.EventDefinitionParser):
    """Send and receive tasks name their message in an attribute."""

    def create_task(self) -> Node:
        named = self.node.get("messageRef") is not None
        definition = self.parse_message_event(self.node) if named else NoneEventDefinition()
        node: Node = self.spec_class(self.spec, self.bpmn_id, event_definition=definition)
        return node


class _EventGatewayParser(_NodeParser, event_parsers.EventDefinitionParser):
    """Event-based gateways; what they wait for stands in the events behind them."""

    def create_task(self) -> Node:
        node: Node = self.spec_class(self.spec, self.bpmn_id, event_definition=MultipleEventDefinition())
        return node


class _ScriptParser(_NodeParser, task_parsers.ScriptTaskParser):
    """Script tasks; the script is FEEL."""

    def create_task(self) -> Node:
        node: Node = self.spec_class(self.spec, self.bpmn_id, script=self.get_script())
        return node


class _CallParser(_NodeParser):
    """Call activities; whether the called process exists is checked for the whole deployment."""

    def create_task(self) -> Node:
        called = self.node.get("calledElement")
        node: Node = self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=called)
        return node


class _ScopeParser(_NodeParser):
    """Sub-processes: each gets a process parser of its own."""

    def create_task(self) -> Node:
        parser = self.process_parser.parser
        parser.create_parser(self.node, filename=self.filename, lane=self.lane)
        parser.get_process_parser(self.bpmn_id).parent = self.process_parser
        kind = scopes.EventSubProcess if truth(self.node.get("triggeredByEvent"), False) else self.spec_class
        node: Node = kind(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id)
        return node


class _ProcessParser(ProcessParser):
    """Reads the elements of one process or sub-process in document order, then connects them."""

    def create_spec(self) -> ParsedProcess:
        return ParsedProcess(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def add_tasks(self) -> None:
        readers = {}
        for element in self.node:
            found = Parser.OVERRIDE_PARSER_CLASSES.get(element.tag)
            if found is None:
                continue
            parser_class, spec_class = found
            reader = parser_class(self, spec_class, element, self.nsmap, lane=self.lane)
            readers[reader.bpmn_id] = reader
            self.spec.nodes[reader.bpmn_id] = reader.parse_node()
        for name, reader in readers.items():
            default = reader.node.get("default")
            for flow in self.get_outgoing_sequence_flows(name):
                reader.connect_outgoing(self.spec.nodes[flow.get("targetRef")], flow, flow.get("id") == default)


class Parser(BpmnParser):
    """SpiffWorkflow's parser with our classes in place of its own."""

    PROCESS_PARSER_CLASS = _ProcessParser
    AD_HOC_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES: Final = {
        full_tag(tag): pair
        for tag, pair in {
            "startEvent": (_EventParser, events.StartEvent),
            "endEvent": (_EventParser, events.EndEvent),
            "intermediateCatchEvent": (_EventParser, events.IntermediateCatchEvent),
            "intermediateThrowEvent": (_EventParser, events.IntermediateThrowEvent),
            "boundaryEvent": (_EventParser, events.BoundaryEvent),
            "task": (_NodeParser, tasks.AbstractTask),
            "manualTask": (_NodeParser, tasks.ManualTask),
            "userTask": (_NodeParser, tasks.UserTask),
            "serviceTask": (_NodeParser, tasks.ServiceTask),
            "businessRuleTask": (_NodeParser, tasks.BusinessRuleTask),
            "scriptTask": (_ScriptParser, tasks.ScriptTask),
            "sendTask": (_MessageTaskParser, tasks.SendTask),
            "receiveTask": (_MessageTaskParser, tasks.ReceiveTask),
            "exclusiveGateway": (_NodeParser, gateways.ExclusiveGateway),
            "inclusiveGateway": (_NodeParser, gateways.InclusiveGateway),
            "parallelGateway": (_NodeParser, gateways.ParallelGateway),
            "eventBasedGateway": (_EventGatewayParser, gateways.EventBasedGateway),
            "subProcess": (_ScopeParser, scopes.SubProcess),
            "transaction": (_ScopeParser, scopes.Transaction),
            "adHocSubProcess": (_ScopeParser, scopes.AdHocSubProcess),
            "callActivity": (_CallParser, scopes.CallActivity),
        }.items()
    }


def parse(root: etree._Element, file: str) -> dict[str, ParsedProcess]:
    """Every process and sub-process of a desugared file, by its id."""
    parser = Parser()
    parser.add_bpmn_xml(root, filename=file)
    parsed: dict[str, ParsedProcess] = {}
    while len(parsed) < len(parser.process_parsers):
        for name in [one for one in parser.process_parsers if one not in parsed]:
            parsed[name] = parser.process_parsers[name].get_spec()
    return parsed


def definitions_of(node: Node) -> list[EventDefinition]:
    """What SpiffWorkflow read as the triggers of an event or message task."""
    definition = getattr(node, "event_definition", None)
    if definition is None or isinstance(definition, NoneEventDefinition):
        return []
    return list(definition.event_definitions) if isinstance(definition, MultipleEventDefinition) else [definition]


def _check_what_we_rely_on() -> None:
    missing = [f"{owner.__name__}.{name}" for owner, name, _ in RELIED_ON if not hasattr(owner, name)]
    foreign = [cls.__name__ for _, cls in Parser.OVERRIDE_PARSER_CLASSES.values() if not issubclass(cls, Node)]
    if missing or foreign:
        raise ImportError(f"SpiffWorkflow {version('spiffworkflow')} is not the 3.2 this kernel is written for: {missing + foreign}")


_check_what_we_rely_on()
