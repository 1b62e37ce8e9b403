"""What happens when an event happens: catch events go on, boundary events and event sub-processes take over.

Errors and escalations look for the innermost handler: the boundary of the activity, then the event sub-processes of its scope, then outwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import Saying
from . import watches
from .activity import finish_later
from .faults import StepError
from .graph import EventSubProcess, Trigger

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine


@dataclass(frozen=True, slots=True)
class BoundaryHandler:
    """A boundary event of an open activity."""

    token: str
    event_id: str


@dataclass(frozen=True, slots=True)
class ScopeHandler:
    """An event sub-process of an open scope."""

    scope: str
    listener: EventSubProcess


def hit(m: Machine, watch: str, variables: Mapping[str, Any]) -> None:
    """What was waited for has happened."""
    record = m.state.watches[watch]
    scope, token = record["in"], record["t"]
    event = m.element(scope, record["e"])
    if record["k"] == "timer":
        watches.fired(m, watch, record)
    if event.waits_for_all:
        got = watches.happened(m, watch, record, variables)
        if got is None:
            return
        variables = got
    if token is None:
        listener = next(one for one in m.container(scope).event_sub_processes if one.start_id == event.origin)
        start_event_sub_process(m, scope, listener, variables)
    elif event.is_boundary:
        take_boundary(m, token, event, variables)
    else:
        caught(m, token, event, variables)


def caught(m: Machine, token: str, event: Node, variables: Mapping[str, Any]) -> None:
    """A token that waited at an event, or at an event-based gateway before it, goes on from the event."""
    record = m.state.tokens[token]
    watches.close_all(m, record, "completed")
    if record["e"] != event.origin:
        m.left(record["in"], record["e"])
        gateway = m.element(record["in"], record["e"])
        for flow in gateway.outflows:
            if flow.target == event.origin:
                m.out.add("moves", ("take", flow.id, int(record["in"])))
        m.enter(record["in"], event.origin)
    m.touched[record["in"]] = None
    finish_later(m, token, variables, e=event.origin, w=[])


def take_boundary(m: Machine, token: str, event: Node, variables: Mapping[str, Any]) -> None:
    """A boundary event happens: its path begins, and an interrupting one cancels its activity."""
    scope = m.state.tokens[token]["in"]
    if event.interrupts:
        m.cancel_tokens([token])
    else:
        m.count(scope, 1)
    begun = m.add_token(scope, event.origin, s="new")
    m.enter(scope, event.origin)
    finish_later(m, begun, variables)


def start_event_sub_process(m: Machine, scope: str, listener: EventSubProcess, variables: Mapping[str, Any]) -> None:
    """An event sub-process begins; an interrupting one first takes everything else out of its scope."""
    if listener.interrupts:
        m.clear(scope)
        watches.close_all(m, m.state.scopes[scope], "cancelled")
        m.state.change(m.state.scopes, scope, shut=True, w=[])
    m.count(scope, 1)
    m.enter(scope, listener.id)
    host = m.add_token(scope, listener.id, s="scope")
    inner = m.open_scope(m.graph(scope).containers[listener.id], host)
    m.state.change(m.state.tokens, host, c=inner)
    m.count(inner, 1)
    begun = m.add_token(inner, listener.start_id, s="new")
    m.enter(inner, listener.start_id)
    finish_later(m, begun, variables)


def throw_error(m: Machine, scope: str, token: str | None, code: str | None, origin: str, variables: Mapping[str, Any] = MappingProxyType({})) -> None:
    """A BPMN error: the innermost handler takes over, with what the error brings. Raises StepError when there is none."""
    handler = find(m, "error", code, scope, token)
    if handler is None:
        raise StepError("uncaught_error", Saying("the error {code} of {origin} is caught nowhere", code=repr(code), origin=origin))
    _run(m, handler, variables)


def throw_escalation(m: Machine, scope: str, code: str | None, origin: str) -> None:
    """A BPMN escalation: the innermost handler begins; without one nothing happens."""
    handler = find(m, "escalation", code, scope, None)
    if handler is None:
        m.out.add("notes", ("escalation_uncaught", origin, Saying("the escalation {code} is caught nowhere", code=repr(code))))
    else:
        _run(m, handler, {})


def find(m: Machine, kind: str, code: str | None, scope: str, token: str | None) -> BoundaryHandler | ScopeHandler | None:
    """The innermost handler of an error or escalation thrown by a token's activity, or (None) inside a scope.

    An event sub-process never handles what it throws itself: that goes outwards.
    """
    while True:
        thrower = None
        if token is not None:
            record = m.state.tokens[token]
            host = record.get("up", token)
            scope, thrower = record["in"], record["e"]
            guards = () if record.get("undo") else m.element(scope, record["e"]).boundary_ids
            events = [m.element(scope, event_id) for event_id in guards]
            event_id = _best(kind, code, [(event.origin, event.triggers) for event in events])
            if event_id is not None:
                return BoundaryHandler(host, event_id)
        if not m.state.scopes[scope].get("shut"):
            listeners = {one.start_id: one for one in m.container(scope).event_sub_processes if one.id != thrower}
            start_id = _best(kind, code, [(one.start_id, one.triggers) for one in listeners.values()])
            if start_id is not None:
                return ScopeHandler(scope, listeners[start_id])
        token = m.state.scopes[scope]["up"]
        if token is None:
            return None


def _best(kind: str, code: str | None, events: list[tuple[str, tuple[Trigger, ...]]]) -> str | None:
    """The event that names the code, else one that catches all."""
    for wanted in (code, None):
        for event_id, triggers in events:
            if any(trigger.kind == kind and trigger.code == wanted for trigger in triggers):
                return event_id
    return None


def _run(m: Machine, handler: BoundaryHandler | ScopeHandler, variables: Mapping[str, Any]) -> None:
    if isinstance(handler, BoundaryHandler):
        scope = m.state.tokens[handler.token]["in"]
        take_boundary(m, handler.token, m.element(scope, handler.event_id), variables)
    else:
        start_event_sub_process(m, handler.scope, handler.listener, variables)
