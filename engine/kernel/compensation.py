"""Compensation (补偿): what completed in a scope is undone in reverse order when compensation is thrown.

What completed is in `undo_log`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import activity, undo_log, watches
from .graph import ProcessGraph, Trigger
from .handlers import start_event_sub_process, take_boundary
from .state import Record
from .undo_log import Line

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine

_NONE: Record = {}


def throw(m: Machine, token: str, scope: str, trigger: Trigger) -> None:
    """A compensation event is thrown: its token waits until everything is undone, or goes on at once."""
    if trigger.waits:
        begin(m, token, scope, trigger.target)
        return
    m.count(scope, 1)
    begin(m, m.add_token(scope, m.state.tokens[token]["e"], s="new", detached=True), scope, trigger.target)
    activity.finish(m, token)


def begin(m: Machine, token: str, scope: str, activity_id: str | None) -> None:
    """Compensate what completed in a scope (of one activity, or all), for a token that waits until it is done.

    From an event sub-process, what completed in the scope around it is seen too.
    """
    seen = [scope]
    while m.container(seen[-1]).kind == "eventSubProcess":
        seen.append(m.state.tokens[m.state.scopes[seen[-1]]["up"]]["in"])
    todo: list[Line] = []
    for place in seen:
        log = undo_log.lines_of(m.state.scopes[place].get("log", []))
        chosen = [line for line in log if activity_id is None or line[0] == activity_id]
        kept = [line for line in log if activity_id is not None and line[0] != activity_id]
        if chosen:
            m.state.change(m.state.scopes, place, log=undo_log.with_lines([], kept))
            todo += _steps(m.graph(place), chosen)
    m.state.change(m.state.tokens, token, s="compensating", todo=undo_log.with_lines([], todo), where=scope)
    m.ready.append(["compensate", token])


def _steps(graph: ProcessGraph, log: list[Line]) -> list[Line]:
    """Handlers to run, last completed first: `[handler, own variables]`, for one that is an event sub-process also the lines it sees.

    A handler inside a completed sub-process sees that sub-process's variables as they were when it completed.
    """
    steps: list[Line] = []
    pending = [(line, _NONE) for line in log]
    while pending:
        (activity_id, inner, own), around = pending.pop()
        seen = {**around, **own}
        element = graph.elements[activity_id]
        if element.handler_id is not None:
            steps.append([element.handler_id, seen])
        elif element.undoes_scope:
            steps.append([activity_id, seen, inner])
        else:
            pending.extend((line, seen) for line in inner)
    return steps


def proceed(m: Machine, token: str) -> None:
    """Run the next handler, or go on when all are done."""
    record = m.state.tokens[token]
    if record["todo"]:
        (handler_id, own, *inner), rest = undo_log.without_first(record["todo"])
        m.state.change(m.state.tokens, token, todo=rest)
        handler = m.element(record["in"], handler_id)
        if handler.undoes_scope:
            _reopen(m, token, handler, own, inner[0])
        else:
            activity.open_activity(m, record["in"], handler, own=own, co=token)
    elif record.get("cancels"):
        _leave_transaction(m, token)
    elif record.get("detached"):
        m.drop_token(token)
        m.count(record["in"], -1)
    else:
        activity.finish(m, token)


def _reopen(m: Machine, token: str, handler: Node, own: Record, log: list[Line]) -> None:
    """Run the event sub-process that undoes a completed sub-process, among the variables and the log that were kept of it."""
    scope = m.state.tokens[token]["in"]
    container = m.graph(scope).containers[handler.scope_id]
    assert container.id is not None
    assert container.undo is not None
    host = m.add_token(scope, container.id, s="scope", co=token, undo=True)
    if own:
        m.state.put(m.state.vars, host, own)
    inner = m.state.new_id()
    m.state.put(m.state.scopes, inner, {"p": container.process_id, "e": container.id, "up": host, "live": 0, "log": undo_log.with_lines([], log), "shut": True, "undoing": True})
    m.state.change(m.state.tokens, host, c=inner)
    start_event_sub_process(m, inner, container.undo, {})


def cancel_transaction(m: Machine, scope: str) -> None:
    """A cancel end event: everything in the transaction stops, what completed is undone, the cancel boundary event goes on."""
    while m.container(scope).kind != "transaction":
        scope = m.state.tokens[m.state.scopes[scope]["up"]]["in"]
    container = m.container(scope)
    log = undo_log.with_lines(m.state.scopes[scope].get("log", []), undo_log.still_open(m, scope))
    m.clear(scope)
    watches.close_all(m, m.state.scopes[scope], "cancelled")
    m.state.change(m.state.scopes, scope, w=[], shut=True, log=log)
    m.count(scope, 1)
    assert container.id is not None
    waiting = m.add_token(scope, container.id, s="new", cancels=True)
    begin(m, waiting, scope, None)


def _leave_transaction(m: Machine, token: str) -> None:
    host: str = m.state.scopes[m.state.tokens[token]["in"]]["up"]
    outer: str = m.state.tokens[host].get("up", host)
    scope = m.state.tokens[host]["in"]
    for boundary_id in m.element_of(host).boundary_ids:
        event = m.element(scope, boundary_id)
        if any(trigger.kind == "cancel" for trigger in event.triggers):
            take_boundary(m, outer, event, {})
            return
