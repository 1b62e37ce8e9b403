"""What the machine runs: flows, mappings, triggers, loops and containers as frozen data. Knows neither XML nor SpiffWorkflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .expressions import Formula

if TYPE_CHECKING:
    from .elements.base import Node


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow: where it leads and under which condition."""

    id: str
    target: str
    condition: Formula | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line of an ioMapping: the value of the formula goes to a variable, or to an entry of it (`path` of several names)."""

    path: tuple[str, ...]
    formula: Formula


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """What an event waits for or throws. `kind` is the BPMN word: message, signal, timer, conditional, error, escalation, …

    `name` and `key`: of a message or signal. `code`: of an error or escalation, None catches all. `time_kind` and `formula`:
    of a timer; `formula` alone: the condition. `target`: the activity to compensate; `waits`: the throw goes on when that is done.
    """

    kind: str
    name: Formula | None = None
    key: Formula | None = None
    code: str | None = None
    time_kind: str | None = None
    formula: Formula | None = None
    target: str | None = None
    waits: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class MultiInstance:
    """An activity done once for each item of a collection, or `cardinality` times (多实例)."""

    is_sequential: bool
    collection: Formula | None
    cardinality: Formula | None
    item: str | None
    output: str | None
    output_formula: Formula | None
    output_local: str | None
    until: Formula | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StandardLoop:
    """An activity repeated while a condition holds, at most `maximum` times."""

    condition: Formula | None
    maximum: int | None
    tests_before: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EventSubProcess:
    """An event sub-process of a container: its id, its start event, and what that waits for."""

    id: str
    start_id: str
    triggers: tuple[Trigger, ...]
    interrupts: bool


@dataclass(kw_only=True, slots=True)
class Container:
    """A process (`id` None) or a sub-process: what begins in it, what guards it, which joins need to look around.

    `undo`: the event sub-process that compensates it once it is over.
    `reach`: inclusive gateway → incoming flow → ids of the elements from which that flow can be reached without passing the gateway.
    """

    process_id: str
    id: str | None
    kind: str
    entries: tuple[str, ...]
    event_sub_processes: tuple[EventSubProcess, ...] = ()
    undo: EventSubProcess | None = None
    reach: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    until: Formula | None = None
    cancels_rest: bool = True
    is_ordered: bool = False


@dataclass(kw_only=True, slots=True)
class ProcessGraph:
    """One process ready to run: every element of it by its original id, every container by its id (None: the process)."""

    id: str
    elements: dict[str, Node]
    containers: dict[str | None, Container]
