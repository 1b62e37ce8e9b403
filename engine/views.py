"""What the engine's queries answer with: plain frozen data for those who show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from .model import Actor, Json, WorkItem

if TYPE_CHECKING:
    from .events import Event
    from .forms import Form


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """A work item as its reader sees it. `item` is None once it is closed; `row` is its row in the table `work_item`."""

    row: Mapping[str, Any]
    item: WorkItem | None
    form: Form | None


@dataclass(frozen=True, kw_only=True)
class ActView:
    """Something that can be started by hand on a running instance. `for_me`: the asking actor may."""

    subscription_id: str
    act: str
    name: str
    process: str
    form_id: str | None
    whom: str
    for_me: bool


@dataclass(frozen=True, kw_only=True)
class StartView:
    """A start event at which a person may start a process: its id, its form, and who may."""

    element_id: str | None
    form: Form | None
    groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """One row of a case's history, for reading aloud. `place` is the store's running number: what came first among equal instants."""

    stream: str
    position: int
    place: int
    recorded_at: datetime
    happened_on: date
    actor: Actor
    command: str
    reason: str | None
    hash: str
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class Backdated:
    """An act stated to have happened earlier. `groups`: what the person was in then; `reason`: None where it was erased."""

    stream: str
    position: int
    case_id: str
    actor_id: str
    groups: Sequence[str]
    command: str
    happened_on: date
    recorded_on: date
    reason: str | None

    @property
    def days_gained(self) -> int:
        """How many days later it would have counted from."""
        return (self.recorded_on - self.happened_on).days


@dataclass(frozen=True, kw_only=True)
class Working:
    """How one due date was counted: `working` is the JSON of a `Due`, recorded in that row of the instance's history."""

    instance_id: str
    position: int
    recorded_at: datetime
    working: Json
