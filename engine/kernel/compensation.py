"""Compensation (补偿): what completed in a scope is undone in reverse order when compensation is thrown.

What completed is in `undo_log`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import activity, watches
from .graph import ProcessGraph
from .handlers import take_boundary
from .undo_log import Line

if TYPE_CHECKING:
    from .machine import Machine


def begin(m: Machine, token: str, scope: str, activity_id: str | None) -> None:
    """Compensate what completed in a scope (of one activity, or all), for a token that waits until it is done."""
    while m.container(scope).kind == "eventSubProcess":
        scope = m.state.tokens[m.state.scopes[scope]["up"]]["in"]
    log = m.state.scopes[scope].get("log", [])
    chosen = [line for line in log if activity_id is None or line[0] == activity_id]
    m.state.change(m.state.scopes, scope, log=[line for line in log if line not in chosen])
    todo = _steps(m.graph(scope), chosen)
    m.state.change(m.state.tokens, token, s="compensating", todo=todo, where=scope)
    m.ready.append(["compensate", token])


def _steps(graph: ProcessGraph, log: list[Line]) -> list[Line]:
    """Handlers to run, last completed first: `[handler, own variables]`."""
    steps: list[Line] = []
    pending = list(log)
    while pending:
        activity_id, inner, own = pending.pop()
        handler = graph.elements[activity_id].handler_id
        if handler is not None:
            steps.append([handler, own])
        else:
            pending.extend(inner)
    return steps


def proceed(m: Machine, token: str) -> None:
    """Run the next handler, or go on when all are done."""
    record = m.state.tokens[token]
    if record["todo"]:
        (handler_id, own), *rest = record["todo"]
        m.state.change(m.state.tokens, token, todo=rest)
        handler = m.element(record["where"], handler_id)
        activity.open_activity(m, record["in"], handler, own=own, co=token)
    elif record.get("cancels"):
        _leave_transaction(m, token)
    else:
        activity.finish(m, token)


def cancel_transaction(m: Machine, scope: str) -> None:
    """A cancel end event: everything in the transaction stops, what completed is undone, the cancel boundary event goes on."""
    while m.container(scope).kind != "transaction":
        scope = m.state.tokens[m.state.scopes[scope]["up"]]["in"]
    container = m.container(scope)
    m.clear(scope)
    watches.close_all(m, m.state.scopes[scope], "cancelled")
    m.state.change(m.state.scopes, scope, w=[], shut=True)
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
