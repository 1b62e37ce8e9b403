"""What completed in each scope and could be undone (补偿日志).

A line is `[activity, inner lines, own variables]`; a completed sub-process carries the lines of what completed inside it, and the
variables that it had of its own, which their handlers see. A repeated activity has a line for each turn that completed, with that
turn's variables. A sub-process with an event sub-process for compensation
hands up one line that names that handler.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .state import Record, by_id

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine

Line = list[Any]
Log = list[Any]

_PAGE = 256
"""Lines of a log are kept in pages of so many: a log that is always copied whole would cost more with every turn of a long loop."""


def lines_of(log: Log) -> list[Line]:
    """The lines of a log, the first completed first."""
    return [line for page in _pages(log) for line in page]


def with_lines(log: Log, lines: Iterable[Line]) -> Log:
    """The log with more lines at its end."""
    pages = list(_pages(log))
    for line in lines:
        if pages and len(pages[-1]) < _PAGE:
            pages[-1] = [*pages[-1], line]
        else:
            pages.append([line])
    return pages


def without_first(log: Log) -> tuple[Line, Log]:
    """The first line of a log, and the log of the others."""
    first, *others = _pages(log)
    line, *rest = first
    return line, [rest, *others] if rest else others


def _pages(log: Log) -> list[list[Line]]:
    """The pages of a log; of one that was written without pages all lines are on one."""
    return [log] if log and isinstance(log[0][0], str) else log


def remember(m: Machine, scope: str, node: Node, token: Record, own: Record | None) -> None:
    """Note in the scope's log that an activity completed, when something could undo it."""
    inner = token.get("inner", [])
    lines: list[Line] = [[node.origin, inner, own or {}]] if inner or node.handler_id is not None else []
    if token["s"] in ("multi", "loop"):
        lines = lines_of(token.get("each", []))
    if lines:
        m.state.change(m.state.scopes, scope, log=with_lines(m.state.scopes[scope].get("log", []), lines))


def remember_turn(m: Machine, body: str, node: Node, turn: Record, own: Record | None) -> None:
    """Note that one turn of a repeated activity completed."""
    inner = turn.get("inner", [])
    if inner or node.handler_id is not None:
        m.state.change(m.state.tokens, body, each=with_lines(m.state.tokens[body].get("each", []), [[node.origin, inner, own or {}]]))


def hand_up(m: Machine, scope: str, record: Record) -> None:
    """A scope ends: its host token takes its log along. What a called process did is its own matter."""
    if record.get("root") or record.get("undoing"):
        return
    log = lines_of(record.get("log", []))
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
        found += lines_of(token.get("each", []))
        inner = token.get("c")
        if inner is not None and not m.state.scopes[inner].get("root"):
            lines = [*lines_of(m.state.scopes[inner].get("log", [])), *still_open(m, inner)]
            # Its own handler is for when it has completed; what completed inside still sees its variables.
            found += [[activity_id, below, {**own, **seen}] for activity_id, below, seen in lines]
    return found
