"""What completed in each scope and could be undone (补偿日志).

A line is `[activity, inner lines, own variables]`; a completed sub-process carries the lines of what completed inside it.
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
    if node.handler_id is None and not inner:
        return
    times = token.get("total", 1) if node.handler_id is not None and token["s"] == "multi" else 1
    line: Line = [node.origin, inner, own or {}]
    log = m.state.scopes[scope].get("log", [])
    m.state.change(m.state.scopes, scope, log=[*log, *[line] * times])


def hand_up(m: Machine, scope: str, record: Record) -> None:
    """A scope ends: its host token takes its log along."""
    log = record.get("log")
    host = m.state.tokens[record["up"]]
    if not log:
        return
    holder = host["up"] if "up" in host else record["up"]
    kept = m.state.tokens[holder].get("inner", [])
    m.state.change(m.state.tokens, holder, inner=[*kept, *log])
