"""Clauses (条款) and what carries them out: which elements of the diagrams name them, and where cases passed those elements."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.events import TokensMoved, WorkItemCompleted, WorkItemDueMoved, WorkItemOpened
from engine.registry import Select

if TYPE_CHECKING:
    from engine import HistoryRow
    from engine.kernel import Definitions, Element

Place = tuple[str, str]
"""`(process, element)`."""


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """An element of a diagram; `clauses` are those that it carries out, by its property `basis`."""

    file: str
    line: int | None
    process: str
    element_id: str
    name: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Passing:
    """What became of an element in a case. `position` is of the row of history that says so, None where nothing was ever written.

    `state`: passed, late (done after its due date), overdue (open after it), waiting, cancelled (its scope ended first), skipped (the
    process ended on another way).
    """

    case_id: str
    stream: str
    position: int | None
    process: str
    element_id: str
    state: str
    due_on: str | None = None
    on: str | None = None


def instances_by_case() -> Select:
    """Every instance, those of a case together, in the order of their start."""
    return Select(table="instance", columns=("id", "case_id", "deployment", "status", "started_at"), order=("case_id", "started_at", "id"), limit=1_000_000)


def clauses_of(basis: str | None) -> tuple[str, ...]:
    """The clauses of a property `basis`: `代表法2025#51; plan2023#27` names two."""
    return tuple(part.strip() for part in re.split("[;；]", basis or "") if part.strip())


def carriers(definitions: Definitions) -> list[Carrier]:
    """Every element but gateways, which only choose, in the order of files and lines."""
    found = [
        Carrier(
            file=process.file,
            line=element.line,
            process=process.id,
            element_id=element.id,
            name=element.name or "",
            clauses=clauses_of(element.basis or element.properties.get("basis")),
        )
        for process in definitions.processes.values()
        for element in process.elements.values()
        if not _only_chooses(element)
    ]
    return sorted(found, key=lambda carrier: (carrier.file, carrier.line or 0, carrier.element_id))


def needs_none(element: Element) -> bool:
    """Whether nobody expects a clause of it: a gateway, or an end that sends nothing."""
    return _only_chooses(element) or (element.type == "endEvent" and not (element.topic or element.message or element.signal))


def _only_chooses(element: Element) -> bool:
    return element.type.endswith("Gateway")


def processes_by_scope(moves: Iterable[Sequence[Any]], definitions: Definitions) -> dict[int, frozenset[str]]:
    """For each scope of an instance the processes that it can be of: those that have every element that moved in it; nearly always one."""
    having: dict[str, set[str]] = {}
    for process in definitions.processes.values():
        for element_id in process.elements:
            having.setdefault(element_id, set()).add(process.id)
    found: dict[int, frozenset[str]] = {}
    for what, element_id, scope in moves:
        if what in ("enter", "leave") and element_id in having:
            found[scope] = found.get(scope, frozenset(having[element_id])) & having[element_id]
    return found


def left_places(moves: Sequence[Sequence[Any]], definitions: Definitions) -> Iterator[Place]:
    """The places that tokens left in one instance, in order."""
    by_scope = processes_by_scope(moves, definitions)
    for what, element_id, scope in moves:
        if what == "leave":
            yield from ((process, element_id) for process in sorted(by_scope.get(scope, ())))


def passings(case_id: str, rows: Sequence[HistoryRow], definitions: Definitions, wanted: Iterable[Place], *, ended: bool, today: str) -> list[Passing]:
    """What became of the wanted elements in one instance, of whose stream these are all rows. Of processes that ran in it only."""
    moves = [move for row in rows for event in row.events if isinstance(event, TokensMoved) for move in event.moves]
    by_scope = processes_by_scope(moves, definitions)
    ran = {process for processes in by_scope.values() for process in processes}
    found: list[Passing] = []
    for process, element_id in wanted:
        if process in ran:
            scopes = {scope for scope, processes in by_scope.items() if process in processes}
            found += _of_element(case_id, rows, (process, element_id), scopes, ended=ended, today=today)
    return found


def _of_element(case_id: str, rows: Sequence[HistoryRow], place: Place, scopes: set[int], *, ended: bool, today: str) -> list[Passing]:
    process, element_id = place
    found: list[Passing] = []
    due: dict[str, str | None] = {}
    entered = settled = 0
    last: HistoryRow | None = None
    for row in rows:
        due.update(_due_dates(row, element_id, due))
        done = [due.pop(item) for item in _completed(row) if item in due]
        for what in _moves_of(row, element_id, scopes):
            if what == "enter":
                entered, last = entered + 1, row
                continue
            settled += 1
            due_on = done.pop(0) if done else None
            late = due_on is not None and str(row.happened_on) > due_on
            state = "cancelled" if what == "cancel" else "late" if late else "passed"
            found.append(_passing(case_id, row, place, state, due_on))
    if entered > settled and last is not None and not ended:
        due_on = next(iter(due.values()), None)
        found.append(_passing(case_id, last, place, "overdue" if due_on is not None and today > due_on else "waiting", due_on))
    if ended and not found:
        stream = rows[0].stream
        found.append(Passing(case_id=case_id, stream=stream, position=None, process=process, element_id=element_id, state="skipped"))
    return found


def _passing(case_id: str, row: HistoryRow, place: Place, state: str, due_on: str | None) -> Passing:
    return Passing(
        case_id=case_id,
        stream=row.stream,
        position=row.position,
        process=place[0],
        element_id=place[1],
        state=state,
        due_on=due_on,
        on=str(row.happened_on),
    )


def _moves_of(row: HistoryRow, element_id: str, scopes: set[int]) -> Iterator[str]:
    for event in row.events:
        if isinstance(event, TokensMoved):
            yield from (what for what, moved, scope in event.moves if moved == element_id and scope in scopes and what in ("enter", "leave", "cancel"))


def _due_dates(row: HistoryRow, element_id: str, known: Collection[str]) -> dict[str, str | None]:
    """Of the work items of an element, the due dates that this row sets or moves."""
    opened = {event.item_id: event.due_on for event in row.events if isinstance(event, WorkItemOpened) and event.element_id == element_id}
    moved = {event.item_id: event.due_on for event in row.events if isinstance(event, WorkItemDueMoved) and event.item_id in known}
    return opened | moved


def _completed(row: HistoryRow) -> list[str]:
    return [event.item_id for event in row.events if isinstance(event, WorkItemCompleted)]
