"""What completed in each scope and could be undone (补偿日志).

A line is `[activity, inner lines, own variables]`; a completed sub-process carries the lines of what completed inside it. A repeated
activity has a line for each turn that completed, with that turn's variables. A sub-process with an event sub-process for compensation
hands up one line that names that handler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .state import Record

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine

Line = list[Any]


def remember(m: Machine, scope: str, node: Node, token: Record, own: Record | None) -> None:
    """Note in the scope's log that an activity completed, when something could undo it."""
    inner = token.get("inner", [])
    lines: list[Line] = [[node.origin, inner, own or {}]] if inner or node.handler_id is not None else []
    if node.handler_id is not None and token["s"] in ("multi", "loop"):
        lines = token.get("each", [])
    if lines:
        m.state.change(m.state.scopes, scope, log=[*m.state.scopes[scope].get("log", []), *lines])


def remember_turn(m: Machine, body: str, node: Node, own: Record | None) -> None:
    """Note that one turn of a repeated activity completed."""
    if node.handler_id is not None:
        m.state.change(m.state.tokens, body, each=[*m.state.tokens[body].get("each", []), [node.origin, [], own or {}]])


def hand_up(m: Machine, scope: str, record: Record) -> None:
    """A scope ends: its host token takes its log along. What a called process did is its own matter."""
    if record.get("root") or record.get("undoing"):
        return
    log = record.get("log", [])
    host = m.state.tokens[record["up"]]
    undo = m.container(scope).undo
    if undo is not None:
        log = [[undo.id, log, m.state.vars.get(record["up"], {})]]
    if not log:
        return
    holder = host["up"] if "up" in host else record["up"]
    kept = m.state.tokens[holder].get("inner", [])
    m.state.change(m.state.tokens, holder, inner=[*kept, *log])
