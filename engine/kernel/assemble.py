"""Turns what the parser built, and what the outline says, into process graphs that the machine runs.

Here each element gets its flows, mappings, triggers, loop and formulas. Texts were compiled by the checks; none can fail here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from .checks.events import link_name
from .elements.base import Node
from .elements.spiffworkflow import ParsedProcess, definitions_of
from .expressions import Formula, Formulas
from .extensions import MappingText, loop_text
from .graph import Assignment, Container, EventSubProcess, Flow, MultiInstance, ProcessGraph, StandardLoop, Trigger
from .joins import Reach
from .outline import Outline, OutlineNode, OutlineScope
from .read import BPMN, local_name, reference, truth
from .timers import KINDS

_SIMPLE = re.compile(r"=\s*([^\W\d]\w*)(?:\.[^\W\d]\w*)*\s*")
_TEXTS = frozenset({*KINDS, "condition"})
_TIMERS = frozenset({"TimeDateEventDefinition", "DurationTimerEventDefinition", "CycleTimerEventDefinition"})


class Assembler:
    """Assembles the processes of one file."""

    def __init__(self, outline: Outline, parsed: Mapping[str, ParsedProcess], renamed: Mapping[str, str], formulas: Formulas) -> None:
        self.outline = outline
        self.parsed = parsed
        self.renamed = renamed
        self.formulas = formulas

    def graph(self, process: OutlineScope) -> ProcessGraph:
        """The graph of one process with all its sub-processes."""
        scopes = self.outline.scopes_by_process[process.process_id]
        elements: dict[str, Node] = {}
        for scope in scopes:
            elements.update(self._elements(scope))
        containers = {scope.owner.id if scope.owner else None: self._container(scope, elements) for scope in scopes}
        return ProcessGraph(id=process.process_id, elements=elements, containers=containers)

    def _elements(self, scope: OutlineScope) -> dict[str, Node]:
        spec = self.parsed[self._name(scope.id)] if scope.owner else self.parsed[scope.process_id]
        own = {self._origin(name): node for name, node in spec.nodes.items()}
        links = {link_name(drawn): drawn.id for drawn in reversed(scope.nodes.values()) if drawn.is_link_catch}
        for origin, node in own.items():
            flows = spec.connections.get(node.name, ())
            node.outflows = tuple(Flow(i, self._origin(target), self.formulas.optional(c)) for i, target, c in flows)
            self._furnish(node, scope.nodes[origin])
            if node.kind == "intermediateThrowEvent" and "link" in scope.nodes[origin].trigger_kinds:
                node.link_target = links[link_name(scope.nodes[origin])]
        for drawn in scope.nodes.values():
            if drawn.kind == "boundaryEvent" and "compensate" not in drawn.trigger_kinds:
                host = own[self._origin(reference(drawn.element.get("attachedToRef")))]
                host.boundary_ids = (*host.boundary_ids, drawn.id)
        for boundary_id, handler_id in scope.handlers().items():
            host_id = self._origin(reference(scope.nodes[self._origin(boundary_id)].element.get("attachedToRef")))
            own[host_id].handler_id = self._origin(handler_id)
        return own

    def _furnish(self, node: Node, drawn: OutlineNode) -> None:
        own, optional = drawn.extensions, self.formulas.optional
        node.origin, node.kind, node.settings = drawn.id, drawn.kind, own
        node.scope_id = drawn.scope.owner.id if drawn.scope.owner else None
        node.waits_for_all = drawn.element.get("eventGatewayType") == "Parallel" or drawn.needs_all
        node.title = drawn.element.get("name") or drawn.id
        node.inflow_ids = tuple(flow.id for flow in drawn.incoming)
        node.default_flow = drawn.element.get("default")
        node.is_conditional = any(flow.condition is not None for flow in node.outflows)
        node.interrupts = truth(drawn.element.get("cancelActivity" if drawn.kind == "boundaryEvent" else "isInterrupting"), True)
        node.input_mappings, node.output_mappings = self._assignments(own.inputs), self._assignments(own.outputs)
        node.groups = optional(own.groups or own.properties.get("groups"))
        node.assignee = optional(own.assignee or own.properties.get("assignee"))
        node.due_date, node.priority = optional(own.due_date), optional(own.priority)
        node.headers = tuple((name, self.formulas.formula(text)) for name, text in own.headers.items())
        node.formula = optional(own.script)
        node.undoes, node.undoes_scope = drawn.is_compensation_handler, drawn.undoes_its_scope
        node.loop = self._loop(drawn)
        node.triggers = self._triggers(node, drawn)

    def _assignments(self, lines: tuple[MappingText, ...]) -> tuple[Assignment, ...]:
        return tuple(Assignment(tuple(line.target.split(".")), self.formulas.formula(line.source)) for line in lines)

    # ------------------------------------------------------------------ triggers
    def _triggers(self, node: Node, drawn: OutlineNode) -> tuple[Trigger, ...]:
        # Of several timers, or conditions, of one event SpiffWorkflow reads each as the first: the drawn ones are taken, in their order.
        texts = {kind: iter(_texts(drawn, kind)) for kind in ("timerEventDefinition", "conditionalEventDefinition")}
        found = [self._trigger(definition, drawn, texts) for definition in definitions_of(node) if drawn.kind != "eventBasedGateway"]
        for trigger in drawn.triggers:
            if local_name(trigger) == "compensateEventDefinition":
                target = self._origin(reference(trigger.get("activityRef")))
                found.append(Trigger(kind="compensate", target=target or None, waits=truth(trigger.get("waitForCompletion"), True)))
        return tuple(found)

    def _trigger(self, definition: object, drawn: OutlineNode, texts: Mapping[str, Iterator[tuple[str, str]]]) -> Trigger:
        kind = type(definition).__name__
        if kind == "MessageEventDefinition":
            return self._message(definition, drawn)
        if kind == "SignalEventDefinition":
            return Trigger(kind="signal", name=self.formulas.formula(definition.name))  # type: ignore[attr-defined]
        if kind in ("ErrorEventDefinition", "EscalationEventDefinition"):
            return Trigger(kind=kind.removesuffix("EventDefinition").lower(), code=definition.code)  # type: ignore[attr-defined]
        if kind in _TIMERS:
            time_kind, text = next(texts["timerEventDefinition"])
            return Trigger(kind="timer", time_kind=time_kind, formula=self.formulas.formula(text))
        if kind == "ConditionalEventDefinition":
            return Trigger(kind="conditional", formula=self.formulas.formula(next(texts["conditionalEventDefinition"])[1]))
        if kind in ("CancelEventDefinition", "TerminateEventDefinition"):
            return Trigger(kind=kind.removesuffix("EventDefinition").lower())
        raise TypeError(f"{kind} of {drawn.id} is no trigger of this kernel")

    def _message(self, definition: object, drawn: OutlineNode) -> Trigger:
        holders = [drawn.element, *drawn.triggers]
        named = [self.outline.referenced(holder, "messageRef") for holder in holders if holder.get("messageRef")]
        name = definition.name  # type: ignore[attr-defined]
        message = next((one for one in named if one is not None and one.get("name") == name), None)
        subscription = message.find(f"{BPMN}extensionElements/{{*}}subscription") if message is not None else None
        key = subscription.get("correlationKey") if subscription is not None else None
        return Trigger(kind="message", name=self.formulas.formula(name or ""), key=self.formulas.optional(key))

    # ------------------------------------------------------------------ loops
    def _loop(self, drawn: OutlineNode) -> MultiInstance | StandardLoop | None:
        for child in drawn.element:
            if local_name(child) == "multiInstanceLoopCharacteristics":
                return self._multi_instance(child)
            if local_name(child) == "standardLoopCharacteristics":
                maximum = child.get("loopMaximum")
                return StandardLoop(
                    condition=self.formulas.optional(child.findtext(BPMN + "loopCondition")),
                    maximum=int(maximum) if maximum else None,
                    tests_before=truth(child.get("testBefore"), False),
                )
        return None

    def _multi_instance(self, child: etree._Element) -> MultiInstance:
        loop, optional = loop_text(child), self.formulas.optional
        output = optional(loop.output_element) if loop else None
        simple = _SIMPLE.fullmatch(output.text) if output is not None else None
        return MultiInstance(
            is_sequential=truth(child.get("isSequential"), False),
            collection=optional(loop.input_collection) if loop else None,
            cardinality=optional(child.findtext(BPMN + "loopCardinality")),
            item=loop.input_element if loop else None,
            output=loop.output_collection if loop else None,
            output_formula=output,
            output_local=simple.group(1) if simple else None,
            until=optional(child.findtext(BPMN + "completionCondition")),
        )

    # ------------------------------------------------------------------ containers
    def _container(self, scope: OutlineScope, elements: dict[str, Node]) -> Container:
        owner = scope.owner
        kind = "process" if owner is None else "eventSubProcess" if owner.is_event_sub_process else owner.kind
        own = {node.id: elements[node.id] for node in scope.nodes.values()}
        joins = [n.id for n in scope.nodes.values() if n.kind == "inclusiveGateway" and len(n.incoming) > 1]
        listeners = [node for node in scope.nodes.values() if node.is_event_sub_process]
        condition: Formula | None = None
        if kind == "adHocSubProcess":
            condition = self.formulas.optional(scope.element.findtext(BPMN + "completionCondition"))
        return Container(
            process_id=scope.process_id,
            id=owner.id if owner else None,
            kind=kind,
            entries=() if kind == "eventSubProcess" else scope.plain_starts,
            event_sub_processes=tuple(_listener(node, elements) for node in listeners if not node.undoes_its_scope),
            undo=next((_listener(node, elements) for node in listeners if node.undoes_its_scope), None),
            reach=Reach(own, joins),
            until=condition,
            cancels_rest=truth(scope.element.get("cancelRemainingInstances"), True),
            is_ordered=scope.element.get("ordering") == "Sequential",
        )

    def _origin(self, name: str) -> str:
        return self.renamed.get(name, name)

    def _name(self, origin: str) -> str:
        return next((new for new, old in self.renamed.items() if old == origin), origin)


def _listener(node: OutlineNode, elements: dict[str, Node]) -> EventSubProcess:
    assert node.inner is not None
    start = next(elements[inner.id] for inner in node.inner.nodes.values() if inner.kind == "startEvent")
    return EventSubProcess(id=node.id, start_id=start.origin, triggers=start.triggers, interrupts=start.interrupts and not node.undoes_its_scope)


def _texts(drawn: OutlineNode, kind: str) -> list[tuple[str, str]]:
    """`(element, text)` of the time or condition of each trigger of a kind, in the order drawn."""
    held = (child for trigger in drawn.triggers if local_name(trigger) == kind for child in trigger if local_name(child) in _TEXTS)
    return [(local_name(child), (child.text or "").strip()) for child in held]
