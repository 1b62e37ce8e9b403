"""Checks of ids, sequence flows, scopes and gateways."""

from __future__ import annotations

from ...errors import Saying
from ..expressions import Formulas
from ..outline import GATEWAYS, Outline, OutlineFlow, OutlineNode, OutlineScope
from ..read import is_bpmn, local_name, reference
from .report import Report

MAX_ID = 255


def check_structure(outline: Outline, formulas: Formulas, report: Report) -> None:
    """Ids, references between elements, flows, gateways, starts of scopes."""
    _check_root(outline, report)
    _check_ids(outline, report)
    for scope in outline.scopes:
        _check_scope(scope, report)
        for flow in scope.flows:
            _check_flow(flow, formulas, report)
        for node in scope.nodes.values():
            _check_node(node, report)


def _check_root(outline: Outline, report: Report) -> None:
    if not outline.processes:
        report.add(None, "no_process", "the file has no process", "draw a process, or leave the file out")


def _check_ids(outline: Outline, report: Report) -> None:
    seen: dict[str, str] = {}
    places: list[tuple[str, str, OutlineNode | OutlineFlow | OutlineScope]] = []
    places += [(process.process_id, "process", process) for process in outline.processes]
    for scope in outline.scopes:
        places += [(flow.id, "sequenceFlow", flow) for flow in scope.flows]
    places += [(node.id, node.kind, node) for node in outline.nodes]
    for element_id, kind, place in places:
        if not element_id:
            report.add(place, "no_id", "the {kind} on line {line} has no id", "give it an id", kind=Saying(kind), line=place.line)
        elif element_id in seen:
            report.add(place, "duplicate_id", "the id {element_id} of this {kind} is already that of a {other}", "give each its own id", element_id=repr(element_id), kind=Saying(kind), other=Saying(seen[element_id]))
        elif len(element_id) > MAX_ID:
            report.add(place, "id_length", "the id {id}… has {count} characters, at most {limit} are accepted", "shorten it", id=element_id[:20], count=len(element_id), limit=MAX_ID)
        else:
            seen[element_id] = kind


def _check_scope(scope: OutlineScope, report: Report) -> None:
    owner = scope.owner
    starts = [node for node in scope.nodes.values() if node.kind == "startEvent"]
    if owner is None:
        _check_process_start(scope, starts, report)
    elif owner.is_event_sub_process:
        _check_event_sub_process(owner, starts, report)
    elif owner.kind == "adHocSubProcess":
        for node in scope.nodes.values():
            if node.kind in ("startEvent", "endEvent"):
                report.add(node, "ad_hoc", "an ad-hoc sub-process ({owner}) has no start or end events", "remove it", owner=owner.id)
    else:
        for start in starts:
            if start.triggers:
                report.add(start, "start", "the embedded sub-process {owner} cannot begin with an event", "use a plain start event", owner=owner.id)
        if len(starts) > 1:
            report.add(owner, "start", "the sub-process has {count} start events", "leave exactly one", count=len(starts))
        _check_has_start(scope, starts, report)


def _check_process_start(scope: OutlineScope, starts: list[OutlineNode], report: Report) -> None:
    plain = [node for node in starts if not node.triggers]
    if len(plain) > 1:
        for start in plain[1:]:
            report.add(start, "start", "the process has several plain start events; which one begins would be a guess", "leave exactly one without a trigger")
    if not scope.nodes:
        report.add(scope, "empty_process", "the process {scope} is empty", "draw at least a start event", scope=scope.id)
    else:
        _check_has_start(scope, starts, report)


def _warn_of_unreachable(scope: OutlineScope, starts: list[OutlineNode], report: Report) -> None:
    """With a start event drawn, an element that nothing leads to never runs."""
    for node in scope.nodes.values():
        if starts and node.starts_by_itself:
            report.add(node, "unreachable", "nothing leads to it, so it never runs", "draw the flow that leads to it, or remove it", severity="warning")


def _check_has_start(scope: OutlineScope, starts: list[OutlineNode], report: Report) -> None:
    _warn_of_unreachable(scope, starts, report)
    if scope.nodes and not starts and not any(node.starts_by_itself or node.instantiates for node in scope.nodes.values()):
        report.add(scope, "start", "nothing in {scope} can begin: every element has an incoming flow", "draw a start event", scope=scope.id)


def _check_event_sub_process(owner: OutlineNode, starts: list[OutlineNode], report: Report) -> None:
    if owner.incoming or owner.outgoing:
        report.add(owner, "event_sub_process", "an event sub-process has no incoming or outgoing flows", "remove the flows")
    if len(starts) != 1:
        report.add(owner, "event_sub_process", "an event sub-process begins with exactly one start event, this one has {count}", "leave one", count=len(starts))
    if owner.undoes_its_scope:
        _check_undo(owner, report)
    for start in starts:
        if not start.triggers:
            report.add(owner, "event_sub_process", "its start event {start} has no trigger", "give it a message, signal, timer, error, …", start=start.id)


def _check_undo(owner: OutlineNode, report: Report) -> None:
    """An event sub-process that begins by compensation is the handler of the sub-process around it."""
    around = owner.scope.owner
    if around is None or around.is_event_sub_process:
        report.add(owner, "compensation", "it would undo a whole process, and nothing asks for that", "put it into a sub-process")
        return
    handlers = [node for node in owner.scope.nodes.values() if node.undoes_its_scope]
    if len(handlers) > 1:
        report.add(owner, "compensation", "{around} has {count} event sub-processes for compensation", "leave one", around=around.id, count=len(handlers))
    if any(node.id in around.scope.handlers() and reference(node.element.get("attachedToRef")) == around.id for node in around.scope.nodes.values()):
        report.add(owner, "compensation", "{around} is also undone by a compensation boundary event", "leave one of the two", around=around.id)


def _check_flow(flow: OutlineFlow, formulas: Formulas, report: Report) -> None:
    for end, role in ((flow.source, "source"), (flow.target, "target")):
        if not end:
            report.add(flow, "flow", "the sequence flow has no {attribute}", "connect both its ends", attribute=f"{role}Ref")
        elif end not in flow.scope.nodes:
            report.add(flow, "flow", "its {role} {end} is no element of the same process or sub-process", "connect it inside one scope", role=Saying(role), end=repr(end))
    source, target = flow.scope.nodes.get(flow.source), flow.scope.nodes.get(flow.target)
    if source is not None and source.kind == "endEvent":
        report.add(source, "flow", "the end event has an outgoing flow {flow}", "end there, or use another element", flow=flow.id)
    if target is not None and target.kind in ("startEvent", "boundaryEvent"):
        report.add(target, "flow", "a {kind} cannot have the incoming flow {flow}", "lead the flow elsewhere", kind=Saying(target.kind), flow=flow.id)
    condition = flow.condition
    if condition is None:
        return
    if source is not None and source.kind in ("parallelGateway", "eventBasedGateway"):
        report.add(flow, "condition", "a flow out of a {kind} cannot have a condition", "remove the condition or use an exclusive gateway", kind=Saying(source.kind))
    language = condition.get("language")
    if language and "feel" not in language.lower():
        report.add(flow, "language", "its condition is written in {language}", "write it in FEEL after a leading =", language=repr(language))
    else:
        report.expression(flow, formulas, condition.text or "", "its condition", must=True)


def _check_node(node: OutlineNode, report: Report) -> None:
    default = node.element.get("default")
    if default and default not in {flow.id for flow in node.outgoing}:
        report.add(node, "default", "its default flow {default} does not leave it", "choose one of its own outgoing flows", default=repr(default))
    elif default and any(flow.id == default and flow.condition is not None for flow in node.outgoing):
        report.add(node, "default", "its default flow {default} has a condition, which would never be looked at", "remove the condition", default=repr(default))
    if node.kind in GATEWAYS:
        _check_gateway(node, report)
    for child in node.element:
        if is_bpmn(child) and local_name(child) == "eventDefinitionRef" and not (child.text or "").strip():
            report.add(node, "reference", "its eventDefinitionRef is empty", "remove it")


def _check_gateway(node: OutlineNode, report: Report) -> None:
    if not node.incoming and not node.outgoing:
        report.add(node, "gateway", "the gateway has no flows", "connect it or remove it")
    if node.kind == "eventBasedGateway":
        _check_event_gateway(node, report)


def _check_event_gateway(node: OutlineNode, report: Report) -> None:
    instantiates = node.instantiates
    if not node.outgoing:
        report.add(node, "event_gateway", "the event-based gateway has no outgoing flow", "draw at least two events behind it")
    if instantiates and (node.incoming or node.scope.owner is not None):
        report.add(node, "event_gateway", "an instantiating gateway stands first in a process, without incoming flows", "remove its incoming flows")
    if node.element.get("eventGatewayType") == "Parallel" and not instantiates:
        report.add(node, "event_gateway", "a parallel event-based gateway must instantiate", "use a parallel gateway before the events")
    for flow in node.outgoing:
        target = node.scope.nodes.get(flow.target)
        if target is None:
            continue
        if target.kind not in ("intermediateCatchEvent", "receiveTask") or target.is_link_catch:
            report.add(node, "event_gateway", "it leads to {target}, which is no catch event or receive task", "put a catch event there", target=target.id)
        elif target.needs_all:
            report.add(node, "event_gateway", "{target} behind it waits for several triggers at once", "use one event for each", target=target.id)
        elif instantiates and "conditional" in target.trigger_kinds:
            report.add(node, "event_gateway", "{target} waits for a condition before any instance has data", "begin by a message, signal or timer", target=target.id)
        elif len(target.incoming) > 1:
            report.add(node, "event_gateway", "{target} behind it has other incoming flows", "leave only the flow from the gateway", target=target.id)
        elif target.kind == "receiveTask" and (_carries(target) or _loops(target)):
            report.add(node, "event_gateway", "the receive task {target} behind it has boundary events or a loop", "use a catch event", target=target.id)


def _carries(target: OutlineNode) -> bool:
    return any(node.kind == "boundaryEvent" and node.element.get("attachedToRef") == target.id for node in target.scope.nodes.values())


def _loops(target: OutlineNode) -> bool:
    return any(local_name(child).endswith("LoopCharacteristics") for child in target.element)
