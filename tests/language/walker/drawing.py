"""Writes a model as BPMN in the dialect of the product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from .model import Expression, Flow, Loop, Model, Node, Trigger, feel

HEAD = '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">'
DECISION = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t"><decision id="grade" name="grade">
<variable name="grade"/><literalExpression><text>if a > 1 then 2 else 1</text></literalExpression></decision></definitions>"""
FORM = {"type": "object", "properties": {name: {"type": "integer"} for name in ("a", "b", "c")}}
"""The form `f-walk` of every work item."""
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})


def files(model: Model) -> dict[str, bytes]:
    """The deployment of a model: one diagram and one decision."""
    return {"walk.bpmn": drawn(model).encode(), "grade.dmn": DECISION}


def drawn(model: Model) -> str:
    """The diagram as text."""
    processes = [scope.id for scope in model.scopes.values() if scope.owner is None]
    pools = "".join(f'<bpmn:participant id="pool-{name}" processRef="{name}"/>' for name in processes)
    collaboration = f'<bpmn:collaboration id="pools">{pools}</bpmn:collaboration>' if model.has_pools else ""
    bodies = "".join(f'<bpmn:process id="{name}" isExecutable="true">{_lanes(model, name)}{_inside(model, name)}</bpmn:process>' for name in processes)
    return HEAD + "".join(_roots(model)) + collaboration + bodies + "</bpmn:definitions>"


def _roots(model: Model) -> Iterator[str]:
    """Messages, signals, errors and escalations, each once."""
    seen: set[tuple[str, str]] = set()
    for node in model.nodes.values():
        codes = [Trigger(kind="error", name=node.code)] if node.code else []
        for trigger in (*node.triggers, *codes):
            place = (trigger.kind, trigger.name or "")
            if place in seen or not trigger.name:
                continue
            seen.add(place)
            if trigger.kind == "message":
                key = f'<bpmn:extensionElements><zeebe:subscription correlationKey={quoteattr("=" + feel(trigger.key))}/></bpmn:extensionElements>' if trigger.key else ""
                yield f'<bpmn:message id="{trigger.name}" name="{trigger.name}">{key}</bpmn:message>'
            elif trigger.kind == "signal":
                yield f'<bpmn:signal id="{trigger.name}" name="{trigger.name}"/>'
            elif trigger.kind in ("error", "escalation"):
                yield f'<bpmn:{trigger.kind} id="{trigger.kind}-{trigger.name}" name="{trigger.name}" {trigger.kind}Code="{trigger.name}"/>'


def _lanes(model: Model, process: str) -> str:
    if not model.has_lanes:
        return ""
    inside = "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in model.scopes[process].nodes)
    return f'<bpmn:laneSet id="lanes-{process}"><bpmn:lane id="lane-{process}" name="clerks">{inside}</bpmn:lane></bpmn:laneSet>'


def _inside(model: Model, scope: str) -> str:
    own = model.scopes[scope].nodes
    nodes = "".join(_node(model, model.nodes[node]) for node in own)
    flows = "".join(_flow(flow) for flow in model.flows.values() if flow.source in own)
    undone = [(node.id, node.undo) for node in map(model.nodes.__getitem__, own) if node.kind == "boundaryEvent" and node.undo]
    return nodes + flows + "".join(f'<bpmn:association id="as-{event}" sourceRef="{event}" targetRef="{handler}"/>' for event, handler in undone)


def _flow(flow: Flow) -> str:
    condition = f"<bpmn:conditionExpression>={escape(feel(flow.condition))}</bpmn:conditionExpression>" if flow.condition else ""
    return f'<bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" targetRef="{flow.target}">{condition}</bpmn:sequenceFlow>'


def _node(model: Model, node: Node) -> str:
    kind = "subProcess" if node.kind == "eventSubProcess" else node.kind
    inner = _inside(model, node.inner) if node.inner is not None and node.kind != "callActivity" else ""
    until = f"<bpmn:completionCondition>={escape(feel(node.until))}</bpmn:completionCondition>" if node.until else ""
    triggers = "".join(_trigger(trigger) for trigger in node.triggers) if node.kind in EVENTS else ""
    link = f'<bpmn:linkEventDefinition id="ld-{node.id}" name="{node.link or node.id}"/>' if node.link or _is_link_catch(model, node) else ""
    is_start = node.kind == "startEvent" and not node.triggers and model.scopes[node.scope].owner is None
    extensions = "".join(_extensions(node)) + (takes(model.variables) if is_start else "")
    extended = f"<bpmn:extensionElements>{extensions}</bpmn:extensionElements>" if extensions else ""
    attributes = "".join(f" {name}={quoteattr(text)}" for name, text in _attributes(node))
    return f'<bpmn:{kind} id="{node.id}"{attributes}>{extended}{triggers}{link}{inner}{until}{_loop(node.loop)}</bpmn:{kind}>'


def takes(names: Iterable[str]) -> str:
    """What a process may be given at its plain start event."""
    return f'<zeebe:properties><zeebe:property name="variables" value="{", ".join(names)}"/></zeebe:properties>'


def _is_link_catch(model: Model, node: Node) -> bool:
    return node.kind == "intermediateCatchEvent" and not node.triggers


def _attributes(node: Node) -> Iterator[tuple[str, str]]:
    if node.default:
        yield "default", node.default
    if node.host:
        yield "attachedToRef", node.host
    if not node.interrupts:
        yield ("cancelActivity" if node.kind == "boundaryEvent" else "isInterrupting"), "false"
    if node.needs_all:
        yield "parallelMultiple", "true"
    if node.is_undo:
        yield "isForCompensation", "true"
    if node.kind == "eventSubProcess":
        yield "triggeredByEvent", "true"
    if node.kind in ("sendTask", "receiveTask"):
        yield "messageRef", str(node.triggers[0].name)
    if node.kind == "adHocSubProcess":
        yield "ordering", "Sequential" if node.is_ordered else "Parallel"
        yield "cancelRemainingInstances", str(node.cancels_rest).lower()


def _trigger(trigger: Trigger) -> str:
    kind, name = trigger.kind, trigger.name
    if kind in ("message", "signal"):
        return f'<bpmn:{kind}EventDefinition {kind}Ref="{name}"/>'
    if kind in ("error", "escalation"):
        return f'<bpmn:{kind}EventDefinition {kind}Ref="{kind}-{name}"/>' if name else f"<bpmn:{kind}EventDefinition/>"
    if kind == "timer":
        return f"<bpmn:timerEventDefinition>{_time(trigger)}</bpmn:timerEventDefinition>"
    if kind == "conditional":
        assert trigger.condition is not None
        return f"<bpmn:conditionalEventDefinition><bpmn:condition>={escape(feel(trigger.condition))}</bpmn:condition></bpmn:conditionalEventDefinition>"
    if kind == "compensate":
        return f'<bpmn:compensateEventDefinition activityRef="{name}"/>' if name else "<bpmn:compensateEventDefinition/>"
    return f"<bpmn:{kind}EventDefinition/>"


def _time(trigger: Trigger) -> str:
    hours = trigger.hours
    if trigger.form == "date":
        return f"<bpmn:timeDate>2026-01-05T{9 + hours:02}:00:00Z</bpmn:timeDate>"
    if trigger.form == "cycle":
        return f"<bpmn:timeCycle>R{trigger.turns if trigger.turns > 0 else ''}/PT{hours}H</bpmn:timeCycle>"
    return f"<bpmn:timeDuration>{f'PT{hours}H' if trigger.form == 'text' else f'=duration(&quot;PT{hours}H&quot;)'}</bpmn:timeDuration>"


def _extensions(node: Node) -> Iterator[str]:
    if node.kind == "userTask":
        yield '<zeebe:userTask/><zeebe:formDefinition formId="f-walk"/><zeebe:assignmentDefinition candidateGroups="clerks"/>'
    if node.kind == "scriptTask":
        assert node.result is not None
        yield f"<zeebe:script expression={quoteattr('=' + feel(node.result[1]))} resultVariable=\"{node.result[0]}\"/>"
    if node.kind == "businessRuleTask":
        assert node.result is not None
        yield f'<zeebe:calledDecision decisionId="grade" resultVariable="{node.result[0]}"/>'
    if node.topic:
        yield f'<zeebe:taskDefinition type="{node.topic}"/>'
    if node.code:
        yield f'<zeebe:taskHeaders><zeebe:header key="code" value="{node.code}"/></zeebe:taskHeaders>'
    if node.kind == "callActivity":
        passes = str(node.passes_all).lower()
        yield f'<zeebe:calledElement processId="{node.inner}" propagateAllParentVariables="{passes}" propagateAllChildVariables="{passes}"/>'
    lines = [_mapping("input", target, source) for target, source in node.inputs] + [_mapping("output", target, source) for target, source in node.outputs]
    if lines:
        yield f"<zeebe:ioMapping>{''.join(lines)}</zeebe:ioMapping>"


def _mapping(way: str, target: str, source: Expression) -> str:
    return f"<zeebe:{way} source={quoteattr('=' + feel(source))} target=\"{target}\"/>"


def _loop(loop: Loop | None) -> str:
    if loop is None:
        return ""
    if loop.kind == "standard":
        maximum = f' loopMaximum="{loop.total}"' if loop.total is not None else ""
        condition = f"<bpmn:loopCondition>={escape(feel(loop.until))}</bpmn:loopCondition>" if loop.until else ""
        return f'<bpmn:standardLoopCharacteristics testBefore="{str(loop.before).lower()}"{maximum}>{condition}</bpmn:standardLoopCharacteristics>'
    collection = f' inputCollection="={list(loop.items)}" inputElement="item"' if loop.items is not None else ""
    output = f' outputCollection="{loop.outputs}" outputElement={quoteattr("=" + feel(loop.output))}' if loop.output and loop.outputs else ""
    zeebe = f"<bpmn:extensionElements><zeebe:loopCharacteristics{collection}{output}/></bpmn:extensionElements>" if collection or output else ""
    cardinality = f"<bpmn:loopCardinality>{loop.total}</bpmn:loopCardinality>" if loop.items is None else ""
    until = f"<bpmn:completionCondition>={escape(feel(loop.until))}</bpmn:completionCondition>" if loop.until else ""
    sequential = str(loop.kind == "sequential").lower()
    return f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}">{zeebe}{cardinality}{until}</bpmn:multiInstanceLoopCharacteristics>'
