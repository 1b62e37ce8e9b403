"""The elements of one BPMN file as a flat index: who is in which scope, which flows go where, what each reference names.

Built once per load from the lxml tree, before anything is rewritten; checks and reading look here for ids, lines and scopes.
It judges nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from .extensions import Extensions, extensions_of
from .read import BPMN, is_bpmn, local_name, reference, truth

TASKS = frozenset(["task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask"])
EMBEDDED = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | EMBEDDED | {"callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
DEFINITION = "EventDefinition"


@dataclass(kw_only=True, slots=True, eq=False)
class OutlineFlow:
    """A sequence flow as written; `source` and `target` may name nothing."""

    id: str
    source: str
    target: str
    element: etree._Element
    scope: OutlineScope

    @property
    def line(self) -> int | None:
        line: int | None = self.element.sourceline
        return line

    @property
    def condition(self) -> etree._Element | None:
        return self.element.find(BPMN + "conditionExpression")


@dataclass(kw_only=True, slots=True, eq=False)
class OutlineNode:
    """A flow node as written."""

    id: str
    kind: str
    element: etree._Element
    line: int | None
    scope: OutlineScope
    extensions: Extensions
    incoming: list[OutlineFlow] = field(default_factory=list)
    outgoing: list[OutlineFlow] = field(default_factory=list)
    inner: OutlineScope | None = None
    lane: str | None = None
    triggers: Sequence[etree._Element] = ()
    """The event definitions written inside the event."""
    trigger_kinds: Sequence[str] = ()
    """What kinds they are: `message`, `timer`, …"""

    @property
    def is_event_sub_process(self) -> bool:
        return self.kind == "subProcess" and truth(self.element.get("triggeredByEvent"), False)

    @property
    def needs_all(self) -> bool:
        """Whether an event with several triggers waits until each of them has happened."""
        return len(self.triggers) > 1 and truth(self.element.get("parallelMultiple"), False)

    @property
    def undoes_its_scope(self) -> bool:
        """Whether it is an event sub-process that compensates the sub-process it lies in."""
        if self.inner is None or not self.is_event_sub_process:
            return False
        return any("compensate" in node.trigger_kinds for node in self.inner.nodes.values() if node.kind == "startEvent")

    @property
    def is_compensation_handler(self) -> bool:
        return truth(self.element.get("isForCompensation"), False)

    @property
    def is_link_catch(self) -> bool:
        return self.kind == "intermediateCatchEvent" and "link" in self.trigger_kinds

    @property
    def instantiates(self) -> bool:
        """Whether a message that it waits for begins an instance: a gateway or receive task so marked."""
        return self.kind in ("eventBasedGateway", "receiveTask") and truth(self.element.get("instantiate"), False)

    @property
    def starts_by_itself(self) -> bool:
        """Whether it begins with its scope when it has no incoming flow."""
        if self.incoming or self.kind in ("startEvent", "boundaryEvent") or self.instantiates:
            return False
        return not (self.is_event_sub_process or self.is_compensation_handler or self.is_link_catch)


@dataclass(kw_only=True, slots=True, eq=False)
class OutlineScope:
    """A process or a sub-process with what lies directly in it."""

    element: etree._Element
    process_id: str
    owner: OutlineNode | None
    nodes: dict[str, OutlineNode] = field(default_factory=dict)
    flows: list[OutlineFlow] = field(default_factory=list)
    associations: list[etree._Element] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.owner.id if self.owner else self.process_id

    @property
    def line(self) -> int | None:
        line: int | None = self.element.sourceline
        return line

    @property
    def plain_starts(self) -> tuple[str, ...]:
        """Where it begins without an event: the plain start event, else every element that nothing leads to."""
        starts = [node for node in self.nodes.values() if node.kind == "startEvent"]
        if starts:
            return tuple(node.id for node in starts if not node.triggers)
        return tuple(node.id for node in self.nodes.values() if node.starts_by_itself)

    def handlers(self) -> dict[str, str]:
        """Compensation boundary event → its handler, by association."""
        ends = ((reference(a.get("sourceRef")), reference(a.get("targetRef"))) for a in self.associations)
        return {source: target for source, target in ends if target in self.nodes and self._is_undone_at(source)}

    def _is_undone_at(self, node_id: str) -> bool:
        node = self.nodes.get(node_id)
        return node is not None and node.kind == "boundaryEvent" and "compensate" in node.trigger_kinds


class Outline:
    """One file: its processes, every scope and node in document order, and what references name."""

    def __init__(self, file: str, root: etree._Element) -> None:
        self.file = file
        self.root = root
        self.processes: list[OutlineScope] = []
        self.scopes: list[OutlineScope] = []
        self.nodes: list[OutlineNode] = []
        self.named: dict[str, etree._Element] = {}
        self.called_by_id: set[etree._Element] = set()
        for element in root:
            if is_bpmn(element):
                if element.tag == BPMN + "process":
                    self.processes.append(OutlineScope(element=element, process_id=element.get("id") or "", owner=None))
                elif element.get("id"):
                    self.named[element.get("id", "")] = element
                    self._call_by_id(element)
        self._inline_shared_triggers()
        lanes = _lanes(root)
        pending = list(reversed(self.processes))
        while pending:
            pending.extend(reversed(self._fill(pending.pop(), lanes)))

    @cached_property
    def runs(self) -> list[OutlineScope]:
        """The processes that are marked to be executed."""
        return [process for process in self.processes if truth(process.element.get("isExecutable"), False)]

    @cached_property
    def only_drawn(self) -> frozenset[str]:
        """Ids of the processes that are documentation: not executable, in a file that has another one which is."""
        running = {process.process_id for process in self.runs}
        return frozenset(process.process_id for process in self.processes if running and process.process_id not in running)

    @cached_property
    def scopes_by_process(self) -> dict[str, list[OutlineScope]]:
        """The scopes of each process, outer ones first."""
        found: dict[str, list[OutlineScope]] = {}
        for scope in self.scopes:
            found.setdefault(scope.process_id, []).append(scope)
        return found

    def referenced(self, element: etree._Element, attribute: str) -> etree._Element | None:
        """The root element (message, signal, error, escalation, …) that an attribute of this element names."""
        return self.named.get(reference(element.get(attribute)))

    def flows(self) -> Iterator[OutlineFlow]:
        """All sequence flows of the file."""
        for scope in self.scopes:
            yield from scope.flows

    def _call_by_id(self, element: etree._Element) -> None:
        """A message or signal without a name is still the one that all its references name: it is called by its id."""
        own = element.get("id", "").strip()
        if local_name(element) in ("message", "signal") and not (element.get("name") or "").strip() and own and not own.startswith("="):
            element.set("name", own)
            self.called_by_id.add(element)

    def _inline_shared_triggers(self) -> None:
        """Put a copy of each event definition that is only referred to where it is referred to."""
        for use in list(self.root.iter(BPMN + "eventDefinitionRef")):
            shared, parent = self.named.get(reference(use.text)), use.getparent()
            if shared is not None and parent is not None and local_name(shared).endswith(DEFINITION):
                parent.replace(use, copy.deepcopy(shared))

    def _fill(self, scope: OutlineScope, lanes: dict[str, str]) -> list[OutlineScope]:
        self.scopes.append(scope)
        inner: list[OutlineScope] = []
        for element in scope.element:
            kind = local_name(element)
            if not is_bpmn(element):
                continue
            if kind in FLOW_NODES:
                node = self._node(scope, element, kind, lanes)
                if kind in EMBEDDED:
                    node.inner = OutlineScope(element=element, process_id=scope.process_id, owner=node)
                    inner.append(node.inner)
            elif kind == "sequenceFlow":
                scope.flows.append(self._flow(scope, element))
            elif kind == "association":
                scope.associations.append(element)
        for flow in scope.flows:
            if flow.source in scope.nodes:
                scope.nodes[flow.source].outgoing.append(flow)
            if flow.target in scope.nodes:
                scope.nodes[flow.target].incoming.append(flow)
        return inner

    def _node(self, scope: OutlineScope, element: etree._Element, kind: str, lanes: dict[str, str]) -> OutlineNode:
        triggers = tuple(child for child in element if is_bpmn(child) and local_name(child).endswith(DEFINITION))
        node = OutlineNode(
            id=element.get("id") or "",
            kind=kind,
            element=element,
            line=element.sourceline,
            scope=scope,
            extensions=extensions_of(element),
            lane=lanes.get(element.get("id") or ""),
            triggers=triggers,
            trigger_kinds=tuple(local_name(trigger)[: -len(DEFINITION)] for trigger in triggers),
        )
        self.nodes.append(node)
        scope.nodes.setdefault(node.id, node)
        return node

    def _flow(self, scope: OutlineScope, element: etree._Element) -> OutlineFlow:
        # The id of a flow is optional in the schema, but history needs one: its place in the file, which never changes.
        flow_id = element.get("id") or f"{scope.id}.flow{len(scope.flows) + 1}"
        element.set("id", flow_id)
        source, target = reference(element.get("sourceRef")), reference(element.get("targetRef"))
        return OutlineFlow(id=flow_id, source=source, target=target, element=element, scope=scope)


def _lanes(root: etree._Element) -> dict[str, str]:
    """Flow node id → name of the innermost lane that lists it."""
    found: dict[str, str] = {}
    for lane in root.iter(BPMN + "lane"):
        for member in lane.iterfind(BPMN + "flowNodeRef"):
            found[reference(member.text)] = lane.get("name") or lane.get("id") or ""
    return found
