"""What goes in and out of the kernel: stimuli, and the step that one makes. Frozen data; imports nothing of the kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from ..errors import Saying
from ..model import Fact, Json, Outcome, Pending


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskCall:
    """What the kernel knows of a task when it calls a handler; the caller adds instance, case, actor and dates."""

    topic: str
    element_id: str
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    mapped: bool


class Call(Protocol):
    """The kernel's only way out."""

    def handle(self, task: TaskCall) -> Outcome | Pending:
        """Run the handler of the topic, or say that it is an effect."""

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        """A host function of FEEL."""


@dataclass(frozen=True, slots=True)
class Start:
    """Begin an instance, plainly or at a message, signal or timer start event (`element_id`)."""

    process_id: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    element_id: str | None = None


@dataclass(frozen=True, slots=True)
class CompleteItem:
    """A work item is done."""

    n: int
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompleteJob:
    """An effect came back."""

    n: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class FailJob:
    """An effect failed for good: an incident at its task."""

    n: int
    reason: str | Saying


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message or signal reaches an open subscription."""

    subscription: int
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FireTimer:
    """A timer is due; `due_at` is when it was due, and the next turn of a cycle counts from it."""

    timer: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class MoveDue:
    """Due dates of work items and due times of timers are now others, for the calendar they were counted by was amended."""

    items: Mapping[int, date]
    timers: Mapping[int, datetime]


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again the step that an incident stopped."""

    incident: int


@dataclass(frozen=True, slots=True)
class Repair:
    """Write variables to where they are visible for the stopped steps, else to the process."""

    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """Take every token off one element and put one on another of the same scope."""

    from_element: str
    to_element: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the instance now, whatever is open."""

    reason: str


Stimulus = Start | CompleteItem | CompleteJob | FailJob | Deliver | FireTimer | MoveDue | Retry | Repair | Move | Cancel


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something a person may start by hand: an event whose `zeebe:properties` have `act`, its code; `name` is the event's."""

    act: str
    name: str
    form_id: str | None
    check: str | None
    groups: tuple[str, ...]
    assignee: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedItem:
    """A work item (待办) that opened. `counted_by`: the step's host calls, numbered from 0, that its due date was made of."""

    n: int
    element_id: str
    name: str
    groups: tuple[str, ...]
    assignee: str | None
    form_id: str | None
    check: str | None
    due_on: date | None
    priority: int
    inputs: Mapping[str, Any]
    basis: str | None
    counted_by: range = range(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedItem:
    """A work item whose due date is now another. `counted_by` as in `OpenedItem`."""

    n: int
    due_on: date | None
    counted_by: range = range(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedJob:
    """A job (作业) that waits for an effect."""

    n: int
    element_id: str
    topic: str
    headers: Mapping[str, str]
    variables: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedTimer:
    """A timer (定时) that was set. `counted_by` as in `OpenedItem`."""

    n: int
    element_id: str
    due_at: datetime
    counted_by: range = range(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedSubscription:
    """A message or signal that is now waited for. `key` is empty for signals and for messages without a key."""

    n: int
    element_id: str
    kind: str
    name: str
    key: str
    act: Act | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Thrown:
    """A message or signal that goes out. `n` comes from the counter of all ids: a signal is not for subscriptions of the same
    instance that opened later (with a greater `n`), since signals are not kept."""

    n: int
    element_id: str
    kind: str
    name: str
    key: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentOpened:
    """A step that could not be made; the token stays where it is."""

    n: int
    element_id: str
    code: str
    expression: str
    saying: Saying

    @property
    def reason(self) -> str:
        """Why, in English."""
        return str(self.saying)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Everything one stimulus did, in order. `closed` tuples are `(n, "completed" | "cancelled")`, incidents are resolved as
    `(n, "retried" | "cancelled")`, moves are `(what, id, scope)`."""

    snapshot: dict[str, Json]
    status: str
    moves: tuple[tuple[str, str, int], ...] = ()
    items_opened: tuple[OpenedItem, ...] = ()
    items_closed: tuple[tuple[int, str], ...] = ()
    items_changed: tuple[ChangedItem, ...] = ()
    jobs_opened: tuple[OpenedJob, ...] = ()
    jobs_closed: tuple[tuple[int, str], ...] = ()
    timers_set: tuple[OpenedTimer, ...] = ()
    timers_moved: tuple[tuple[int, datetime], ...] = ()
    timers_closed: tuple[tuple[int, str], ...] = ()
    subscriptions_opened: tuple[OpenedSubscription, ...] = ()
    subscriptions_closed: tuple[tuple[int, str], ...] = ()
    thrown: tuple[Thrown, ...] = ()
    incidents_opened: tuple[IncidentOpened, ...] = ()
    incidents_resolved: tuple[tuple[int, str], ...] = ()
    facts: tuple[tuple[str, str, Fact], ...] = ()
    notes: tuple[tuple[str, str, Saying], ...] = ()
