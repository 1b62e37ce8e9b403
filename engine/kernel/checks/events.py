"""Checks of events: which trigger may stand where, what each trigger names, boundary events, links, compensation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lxml import etree

from ...errors import Saying, listed
from ..expressions import HOST_FUNCTIONS, Formula, Formulas
from ..outline import ACTIVITIES, DEFINITION, EVENTS, Outline, OutlineNode, OutlineScope
from ..read import BPMN, is_bpmn, local_name, reference, truth
from ..timers import KINDS, TimerError, check_text
from .report import Report

_START_OF_PROCESS = frozenset({"message", "signal", "timer"})
_START_OF_EVENT_SUB_PROCESS = frozenset({"message", "signal", "timer", "conditional", "error", "escalation", "compensate"})
_ALLOWED = {
    "intermediateCatchEvent": frozenset({"message", "signal", "timer", "conditional", "link"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link", "compensate"}),
    "endEvent": frozenset({"message", "signal", "error", "escalation", "cancel", "compensate", "terminate"}),
    "boundaryEvent": frozenset({"message", "signal", "timer", "conditional", "error", "escalation", "cancel", "compensate"}),
}
THROWS = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})
_ALONE = frozenset({"compensate", "link"})
_ENDS = frozenset({"error", "terminate", "cancel"})
"""What takes the token of its throw event away: an event may do one of them, after whatever else it throws."""


def check_events(outline: Outline, formulas: Formulas, report: Report) -> None:
    """Every event of the file."""
    for scope in outline.scopes:
        _check_links(scope, report)
        _check_compensation(scope, report)
        for node in scope.nodes.values():
            if node.kind in EVENTS:
                _check_event(outline, node, formulas, report)
            elif node.kind in ("sendTask", "receiveTask"):
                _check_message_task(outline, node, formulas, report)


def _check_event(outline: Outline, node: OutlineNode, formulas: Formulas, report: Report) -> None:
    kinds = node.trigger_kinds
    allowed = _allowed(node)
    for kind in kinds:
        if kind not in allowed:
            report.add(node, "trigger", "a {kind} here cannot be of type {trigger}", "use one of: {allowed}", kind=Saying(node.kind), trigger=Saying(kind), allowed=_listed(allowed))
    if not kinds and node.kind in ("intermediateCatchEvent", "boundaryEvent"):
        report.add(node, "trigger", "the event has no trigger", "give it a message, signal, timer, …")
    alone = _alone(node, kinds)
    if len(kinds) > 1 and alone:
        report.add(node, "trigger", "{triggers} cannot be combined with other triggers", "leave one trigger", triggers=_listed(alone))
    if node.needs_all:
        _check_needs_all(node, report)
    for child in node.element:
        if is_bpmn(child) and local_name(child) == "eventDefinitionRef":
            report.add(node, "reference", "its eventDefinitionRef {text} names nothing", "draw the trigger in the event", text=repr(child.text))
    for trigger, kind in zip(node.triggers, kinds, strict=True):
        _check_trigger(outline, node, trigger, kind, formulas, report)
    if node.kind == "startEvent" and "error" in kinds and not truth(node.element.get("isInterrupting"), True):
        report.add(node, "trigger", "an event sub-process that begins by an error always interrupts its scope", "make its start event interrupting")
    if node.kind == "boundaryEvent":
        _check_boundary(node, kinds, report)
    if node.kind == "endEvent" and "cancel" in kinds:
        _check_cancel_end(node, report)


def _alone(node: OutlineNode, kinds: Sequence[str]) -> set[str]:
    """The triggers of an event that allow no other beside them (of a catch event each happens by itself, of a throw event all are thrown)."""
    alone = set(kinds) & _ALONE
    if node.kind in THROWS and sum(kind in _ENDS for kind in kinds) > 1:
        alone |= set(kinds) & _ENDS
    if node.needs_all:
        alone |= set(kinds) & {"cancel"}
    return alone


def _listed(kinds: Iterable[str]) -> str | Saying:
    return listed([Saying(kind) for kind in sorted(kinds)])


def _check_needs_all(node: OutlineNode, report: Report) -> None:
    """An event that waits for every one of its triggers."""
    if node.kind == "startEvent" and node.scope.owner is None:
        report.add(node, "trigger", "a process cannot begin with several triggers at once", "use a parallel event-based gateway that instantiates")
    elif not truth(node.element.get("cancelActivity" if node.kind == "boundaryEvent" else "isInterrupting"), True):
        report.add(node, "trigger", "an event that needs several triggers and interrupts nothing would have to begin anew", "make it interrupting")
    if {"error", "escalation"} & set(node.trigger_kinds):
        report.add(node, "trigger", "an error or escalation cannot be waited for together with other triggers", "use an event for each")
    if any(local_name(time) == "timeCycle" for trigger in node.triggers for time in trigger):
        report.add(node, "timer", "a cycle cannot be one of several triggers at once", "use a duration or a date")


def _allowed(node: OutlineNode) -> frozenset[str]:
    if node.kind == "startEvent":
        owner = node.scope.owner
        return _START_OF_EVENT_SUB_PROCESS if owner is not None and owner.is_event_sub_process else _START_OF_PROCESS
    return _ALLOWED[node.kind]


def _check_trigger(outline: Outline, node: OutlineNode, trigger: etree._Element, kind: str, formulas: Formulas, report: Report) -> None:
    if kind == "message":
        _check_message(outline, node, trigger, formulas, report)
    elif kind == "signal":
        signal = _named(outline, node, trigger, "signal", report)
        if signal is not None:
            _check_name(outline, node, signal, formulas, report)
    elif kind in ("error", "escalation"):
        _check_code(outline, node, trigger, kind, report)
    elif kind == "timer":
        _check_timer(node, trigger, formulas, report)
    elif kind == "conditional":
        condition = trigger.find(BPMN + "condition")
        formula = report.expression(node, formulas, condition.text if condition is not None else None, "its condition", must=True)
        if formula is not None and formula.reads_clock:
            report.add(node, "condition", "a conditional event may not read the clock; nothing would wake it", "use a timer event")


def _named(outline: Outline, node: OutlineNode, trigger: etree._Element, kind: str, report: Report) -> etree._Element | None:
    name = reference(trigger.get(kind + "Ref"))
    if not name:
        report.add(node, "reference", "the {kind} event names no {kind}", "choose the {kind}", kind=Saying(kind))
        return None
    found = outline.named.get(name)
    if found is None or local_name(found) != kind:
        report.add(node, "reference", "its {kind} {name} does not exist in the file", "choose the {kind}", kind=Saying(kind), name=repr(name))
        return None
    return found


def _check_name(outline: Outline, node: OutlineNode, named: etree._Element, formulas: Formulas, report: Report) -> None:
    kind, name = local_name(named), named.get("name")
    if named in outline.called_by_id:
        template = "its {kind} has no name and is called by its id, {name}"
        report.add(node, "reference", template, "name the {kind}", severity="warning", kind=Saying(kind), name=repr(name))
    if not (name or "").strip():
        report.add(node, "reference", "its {kind} has no name", "name the {kind}", kind=Saying(kind))
        return
    formula = report.expression(node, formulas, name, Saying("the name of its {kind}", kind=Saying(kind)))
    begins = (node.kind == "startEvent" and node.scope.owner is None) or node.instantiates or _begins_instance(node)
    if formula is not None and formula.compiled is not None and begins:
        report.add(node, "reference", "what begins an instance cannot wait for a {kind} whose name is an expression", "use a plain name", kind=Saying(kind))


def _check_message(outline: Outline, node: OutlineNode, holder: etree._Element, formulas: Formulas, report: Report) -> None:
    if node.kind in THROWS and node.extensions.topic:
        return
    message = _named(outline, node, holder, "message", report)
    if message is None:
        return
    _check_name(outline, node, message, formulas, report)
    subscription = message.find(f"{BPMN}extensionElements/{{*}}subscription")
    key = subscription.get("correlationKey") if subscription is not None else None
    starts = node.kind == "startEvent" and node.scope.owner is None
    if not (key or "").strip():
        if not (starts or node.kind in THROWS or node.instantiates or _begins_instance(node)):
            report.add(
                node, "correlation", "its message {message} has no correlation key", "set the subscription correlation key of the message", message=repr(message.get("name"))
            )
    else:
        report.expression(node, formulas, key, "the correlation key of its message", must=True)


def _begins_instance(node: OutlineNode) -> bool:
    gateways = (node.scope.nodes.get(flow.source) for flow in node.incoming)
    return any(gateway is not None and gateway.instantiates for gateway in gateways)


def _check_message_task(outline: Outline, node: OutlineNode, formulas: Formulas, report: Report) -> None:
    if node.kind == "sendTask" and not node.element.get("messageRef") and not node.extensions.topic:
        report.add(node, "reference", "the send task names no message and no topic", "choose a message, or the topic message.send")
        return
    if node.instantiates:
        if node.incoming or node.scope.owner is not None:
            report.add(node, "start", "a receive task that begins an instance stands first in a process, without incoming flows", "remove its incoming flows")
        if any(local_name(child).endswith("LoopCharacteristics") for child in node.element):
            report.add(node, "start", "a receive task that begins an instance cannot loop", "remove the loop marker")
    _check_message(outline, node, node.element, formulas, report)


def _check_code(outline: Outline, node: OutlineNode, trigger: etree._Element, kind: str, report: Report) -> None:
    catches = node.kind in ("boundaryEvent", "startEvent")
    if not trigger.get(kind + "Ref"):
        if not catches and not _is_guarded(node.scope, kind):
            template = "the {kind} event names no {kind}, and nothing around it catches every {kind}"
            report.add(node, "reference", template, "choose an {kind}", kind=Saying(kind))
        return
    found = _named(outline, node, trigger, kind, report)
    if found is not None and not (found.get(kind + "Code") or "").strip():
        report.add(node, "reference", "its {kind} {id} has no code", "give it an {code}", kind=Saying(kind), code=f"{kind}Code", id=repr(found.get("id")))


def _is_guarded(scope: OutlineScope, kind: str) -> bool:
    """Whether an event around this place catches every error (or escalation): only such a one can catch what has no code."""
    inside: OutlineScope | None = scope
    begun = False
    while inside is not None:
        # The scope around a begun event sub-process is already taken over, so its own event sub-processes may be gone.
        listeners = [] if begun else [node.inner for node in inside.nodes.values() if node.is_event_sub_process and node.inner is not None]
        if any(_catches_all(start, kind) for inner in listeners for start in inner.nodes.values() if start.kind == "startEvent"):
            return True
        owner = inside.owner
        if owner is None:
            return False
        boundaries = (node for node in owner.scope.nodes.values() if node.kind == "boundaryEvent" and reference(node.element.get("attachedToRef")) == owner.id)
        if any(_catches_all(node, kind) for node in boundaries):
            return True
        inside, begun = owner.scope, owner.is_event_sub_process
    return False


def _catches_all(node: OutlineNode, kind: str) -> bool:
    return any(one == kind and not trigger.get(kind + "Ref") for one, trigger in zip(node.trigger_kinds, node.triggers, strict=True))


def _check_timer(node: OutlineNode, trigger: etree._Element, formulas: Formulas, report: Report) -> None:
    times = [child for child in trigger if local_name(child) in KINDS]
    if len(times) != 1:
        if times:
            report.add(node, "timer", "the timer event has {count} times", "give it one date, duration or cycle", count=len(times))
        else:
            report.add(node, "timer", "the timer event has no times", "give it one date, duration or cycle")
        return
    kind, text = local_name(times[0]), (times[0].text or "").strip()
    if kind == "timeCycle" and node.kind == "intermediateCatchEvent":
        report.add(node, "timer", "an intermediate catch event cannot wait for a cycle", "use a duration or a date")
    if not text:
        report.add(node, "timer", "the timer has no time", "write an ISO 8601 text or = FEEL")
    elif text.startswith("="):
        formula = report.expression(node, formulas, text, "its time")
        if formula is not None and node.kind == "startEvent" and node.scope.owner is None:
            _check_counts_alone(node, formula, report)
    else:
        try:
            check_text(kind, text)
        except TimerError as error:
            report.add(node, "timer", "{error}", "write an ISO 8601 text or = FEEL", error=error.saying)


def _check_counts_alone(node: OutlineNode, formula: Formula, report: Report) -> None:
    """The time of a process's start event is counted once, by its deployment."""
    assert formula.compiled is not None
    asked = formula.compiled.names | formula.compiled.filter_names | (formula.compiled.function_names & HOST_FUNCTIONS)
    if asked:
        report.add(
            node,
            "timer",
            "its time asks for {names}, but it is counted when it is deployed",
            "write an ISO 8601 text, or = FEEL that needs no variable, no limit and no setting: no instance has begun yet",
            names=", ".join(sorted(asked)),
        )


def _check_boundary(node: OutlineNode, kinds: Sequence[str], report: Report) -> None:
    name = node.element.get("attachedToRef") or ""
    host = node.scope.nodes.get(reference(name))
    if host is None or host.kind not in ACTIVITIES:
        report.add(node, "boundary", "it is attached to {name}, which is no activity of this scope", "attach it to a task or sub-process", name=repr(name))
        return
    if host.is_event_sub_process:
        report.add(node, "boundary", "it is attached to the event sub-process {host}", "attach it to an activity", host=host.id)
    if "cancel" in kinds and host.kind != "transaction":
        report.add(node, "boundary", "a cancel event can only be attached to a transaction, {host} is a {kind}", "use a transaction", host=host.id, kind=Saying(host.kind))
    if not truth(node.element.get("cancelActivity"), True) and {"error", "cancel"} & set(kinds):
        report.add(node, "boundary", "an error or cancel boundary event always interrupts", "make it interrupting")
    if "compensate" in kinds:
        if node.id not in node.scope.handlers():
            report.add(node, "compensation", "no handler is associated with the compensation event", "associate it with an activity marked for compensation")
    elif not node.outgoing:
        report.add(node, "boundary", "it has no outgoing flow; its path ends at once", "draw what happens then", severity="warning")


def _check_cancel_end(node: OutlineNode, report: Report) -> None:
    scope: OutlineScope | None = node.scope
    while scope is not None and scope.owner is not None and scope.owner.kind != "transaction":
        scope = scope.owner.scope
    if scope is None or scope.owner is None:
        report.add(node, "cancel", "a cancel end event stands only inside a transaction", "draw the sub-process as a transaction")
        return
    transaction = scope.owner
    for other in transaction.scope.nodes.values():
        if other.kind == "boundaryEvent" and other.element.get("attachedToRef") == transaction.id and "cancel" in other.trigger_kinds:
            return
    report.add(node, "cancel", "the transaction {transaction} has no cancel boundary event", "attach one, so that the way on is drawn", transaction=transaction.id)


def _check_links(scope: OutlineScope, report: Report) -> None:
    catches = [node for node in scope.nodes.values() if node.is_link_catch]
    names = Counter(link_name(node) for node in catches)
    for node in catches:
        if names[link_name(node)] > 1:
            report.add(node, "link", "several link catch events are named {link}", "leave one", link=repr(link_name(node)))
        if node.incoming:
            report.add(node, "link", "a link catch event has no incoming flows", "remove them")
    for node in scope.nodes.values():
        if node.kind == "intermediateThrowEvent" and "link" in node.trigger_kinds:
            if not link_name(node) or link_name(node) not in names:
                report.add(node, "link", "no link catch event in this scope is named {link}", "draw one", link=repr(link_name(node)))
            if node.outgoing:
                report.add(node, "link", "a link throw event has no outgoing flows", "remove them")


def link_name(node: OutlineNode) -> str:
    """The name of the link that a link event throws or catches."""
    trigger = node.element.find(BPMN + "link" + DEFINITION)
    return (trigger.get("name") or "").strip() if trigger is not None else ""


def _check_compensation(scope: OutlineScope, report: Report) -> None:
    handlers = set(scope.handlers().values())
    for node in scope.nodes.values():
        if node.is_compensation_handler:
            if node.incoming or node.outgoing:
                report.add(node, "compensation", "an activity marked for compensation cannot stand in the normal flow", "remove its flows or the mark")
            elif node.id not in handlers:
                report.add(node, "compensation", "no compensation event is associated with it, so it never runs", "associate it with one, or remove it", severity="warning")
        elif node.id in handlers:
            report.add(node, "compensation", "it is associated with a compensation event but not marked for compensation", "mark it")
        trigger = node.element.find(BPMN + "compensate" + DEFINITION)
        name = reference(trigger.get("activityRef")) if trigger is not None and node.kind != "boundaryEvent" else ""
        if name and not _sees_activity(scope, name):
            report.add(node, "compensation", "its activity {name} is none of this scope", "name an activity of the same scope", name=repr(name))


def _sees_activity(scope: OutlineScope, name: str) -> bool:
    """Whether compensation of an activity can be thrown from a scope: it lies there, or around the event sub-process that the scope is."""
    seen: OutlineScope | None = scope
    while seen is not None:
        if name in seen.nodes and seen.nodes[name].kind in ACTIVITIES:
            return True
        seen = seen.owner.scope if seen.owner is not None and seen.owner.is_event_sub_process else None
    return False
