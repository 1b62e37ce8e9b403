"""What completed in each scope and could be undone (补偿日志).

A line is `[activity, inner lines, own variables]`; a completed sub-process carries the lines of what completed inside it, and the
variables that it had of its own, which their handlers see. A repeated activity has a line for each turn that completed, with that
turn's variables. A sub-process with an event sub-process for compensation
hands up one line that names that handler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .state import Record, by_id

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine

Line = list[Any]


def remember(m: Machine, scope: str, node: Node, token: Record, own: Record | None) -> None:
    """Note in the scope's log that an activity completed, when something could undo it."""
    inner = token.get("inner", [])
    lines: list[Line] = [[node.origin, inner, own or {}]] if inner or node.handler_id is not None else []
    if token["s"] in ("multi", "loop"):
        lines = token.get("each", [])
    if lines:
        m.state.change(m.state.scopes, scope, log=[*m.state.scopes[scope].get("log", []), *lines])


def remember_turn(m: Machine, body: str, node: Node, turn: Record, own: Record | None) -> None:
    """Note that one turn of a repeated activity completed."""
    inner = turn.get("inner", [])
    if inner or node.handler_id is not None:
        m.state.change(m.state.tokens, body, each=[*m.state.tokens[body].get("each", []), [node.origin, inner, own or {}]])


def hand_up(m: Machine, scope: str, record: Record) -> None:
    """A scope ends: its host token takes its log along. What a called process did is its own matter."""
    if record.get("root") or record.get("undoing"):
        return
    log = record.get("log", [])
    host = record["up"]
    undo = m.container(scope).undo
    if undo is not None:
        log = [[undo.id, log, m.state.vars.get(host, {})]]
    if log:
        m.state.change(m.state.tokens, host, inner=[*m.state.tokens[host].get("inner", []), *log])


def still_open(m: Machine, scope: str) -> list[Line]:
    """What completed inside the sub-processes of a scope that are not over: a transaction that is cancelled undoes that too."""
    found: list[Line] = []
    for key in by_id(key for key, record in m.state.tokens.items() if record["in"] == scope):
        token = m.state.tokens[key]
        own = {**m.state.vars.get(token.get("up", ""), {}), **m.state.vars.get(key, {})}
        found += token.get("each", [])
        inner = token.get("c")
        if inner is not None and not m.state.scopes[inner].get("root"):
            lines = [*m.state.scopes[inner].get("log", []), *still_open(m, inner)]
            # Its own handler is for when it has completed; what completed inside still sees its variables.
            found += [[activity_id, below, {**own, **seen}] for activity_id, below, seen in lines]
    return found
