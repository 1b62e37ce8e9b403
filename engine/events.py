"""What happened, as frozen data: past tense, one class an event, each with all that its fold needs.

Fields named in `CONTENT` go to the payload beside the row and enter the chain by their digest; all others stand in the chained row, so
they are ids, codes, numbers, dates (ISO text) and instants (microseconds UTC) only. A released version of an event is never edited.
Imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

Json = Any


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events."""

    VERSION: ClassVar[int] = 1
    CONTENT: ClassVar[frozenset[str]] = frozenset()


@dataclass(frozen=True, kw_only=True)
class InstanceStarted(Event):
    """A process instance began. `delivery` is the message that started it, None by hand."""

    instance_id: str
    case_id: str
    process: str
    key: str
    deployment: str
    element_id: str | None
    delivery: str | None


@dataclass(frozen=True, kw_only=True)
class StartTimerFired(Event):
    """A turn of a start timer began this instance. `next_at` is when the turn after it is due, None after the last."""

    timer: str
    turn: int
    process: str
    element_id: str
    due_at: int
    next_at: int | None


@dataclass(frozen=True, kw_only=True)
class FormSubmitted(Event):
    """A form came in with a start (`source` = instance id) or an act (`source` = subscription id)."""

    CONTENT = frozenset({"data"})
    source: str
    element_id: str
    act: str | None
    form_id: str
    data: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class TokensMoved(Event):
    """Tokens moved: `[what, element or flow id, scope]` in order."""

    moves: Sequence[Sequence[Json]]


@dataclass(frozen=True, kw_only=True)
class WorkItemOpened(Event):
    """A work item opened. `due` is the working of its due date where a limit gave it."""

    CONTENT = frozenset({"name", "inputs"})
    item_id: str
    element_id: str
    name: str
    form_id: str | None
    check: str | None
    groups: Sequence[str]
    assignee: str | None
    due_on: str | None
    due: Json
    priority: int
    basis: str | None
    inputs: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class WorkItemClaimed(Event):
    """A person took the item."""

    item_id: str
    person: str
    version: int


@dataclass(frozen=True, kw_only=True)
class WorkItemReleased(Event):
    """The item went back to its group."""

    item_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class WorkItemReassigned(Event):
    """The item was given to a person."""

    item_id: str
    person: str
    version: int


@dataclass(frozen=True, kw_only=True)
class WorkItemDueMoved(Event):
    """The item's due date changed: a variable that it counts from was written, or the calendar it was counted by was amended."""

    item_id: str
    due_on: str | None
    due: Json
    version: int


@dataclass(frozen=True, kw_only=True)
class WorkItemCompleted(Event):
    """The item was completed with its form's data."""

    CONTENT = frozenset({"data"})
    item_id: str
    element_id: str
    form_id: str | None
    data: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class WorkItemCancelled(Event):
    """The item closed without being completed, because its scope ended."""

    item_id: str


@dataclass(frozen=True, kw_only=True)
class FactStated(Event):
    """A handler's domain statement."""

    CONTENT = frozenset({"content"})
    kind: str
    fact_version: int
    element_id: str
    keys: Mapping[str, Json]
    content: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class NumberTaken(Event):
    """A number of a series without gaps was given."""

    series: str
    value: int


@dataclass(frozen=True, kw_only=True)
class JobOpened(Event):
    """An effect waits to be done outside."""

    CONTENT = frozenset({"variables"})
    job_id: str
    element_id: str
    topic: str
    headers: Mapping[str, str]
    variables: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class JobClosed(Event):
    """The effect was done, given up, or is no longer wanted."""

    job_id: str
    how: str


@dataclass(frozen=True, kw_only=True)
class TimerSet(Event):
    """A timer waits for its due time. `due` is the working where a limit gave it."""

    timer_id: str
    element_id: str
    due_at: int
    due: Json = None


@dataclass(frozen=True, kw_only=True)
class TimerMoved(Event):
    """The timer's due time changed, for the calendar it was counted by was amended."""

    timer_id: str
    due_at: int
    due: Json


@dataclass(frozen=True, kw_only=True)
class RecountAsked(Event):
    """A calendar was published by which open due dates of these instances are others: each counts them again by a command of its own."""

    instances: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class DueRecounted(Event):
    """The instance counted its open due dates again, as a publication of the calendar asked (`entry`)."""

    entry: str


@dataclass(frozen=True, kw_only=True)
class TimerClosed(Event):
    """The timer fired or is no longer wanted."""

    timer_id: str
    how: str


@dataclass(frozen=True, kw_only=True)
class SubscriptionOpened(Event):
    """The instance waits for a message or signal; with `act`, a person may do it by hand."""

    CONTENT = frozenset({"act_name"})
    subscription_id: str
    element_id: str
    kind: str
    name: str
    key: str
    act: str | None = None
    act_name: str | None = None
    form_id: str | None = None
    check: str | None = None
    groups: Sequence[str] = ()
    assignee: str | None = None


@dataclass(frozen=True, kw_only=True)
class SubscriptionClosed(Event):
    """The instance no longer waits."""

    subscription_id: str
    how: str


@dataclass(frozen=True, kw_only=True)
class MessageThrown(Event):
    """A message left: one delivery, to whom is found when it is delivered."""

    CONTENT = frozenset({"variables"})
    delivery_id: str
    element_id: str
    name: str
    key: str
    variables: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class SignalThrown(Event):
    """A signal left: its receivers are fixed at the throw, `[delivery id, instance id, subscription id]` each."""

    CONTENT = frozenset({"variables"})
    element_id: str
    name: str
    receivers: Sequence[Sequence[str]]
    variables: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class DeliveryTaken(Event):
    """A delivery reached this instance."""

    delivery_id: str


@dataclass(frozen=True, kw_only=True)
class MessageKept(Event):
    """Nobody waits yet; the message is kept until then."""

    delivery_id: str
    kept_until: int


@dataclass(frozen=True, kw_only=True)
class MessageExpired(Event):
    """Nobody came for the kept message."""

    delivery_id: str


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(Event):
    """A step could not be made; an operator must act. `delivery_id` names a delivery that failed with it.

    `reason` is a saying as it is recorded, in no language; a text of old rules, or empty where it was erased, says itself.
    """

    CONTENT = frozenset({"expression", "reason"})
    incident_id: str
    element_id: str | None
    code: str
    expression: str | None
    reason: Json
    delivery_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class IncidentResolved(Event):
    """The step was made after all; `delivery_id` is to be delivered again."""

    incident_id: str
    how: str
    delivery_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionNoted(Event):
    """Something an auditor wants to see: a default taken because a condition was null, the rules a table matched. `text` is a saying."""

    CONTENT = frozenset({"text"})
    kind: str
    element_id: str
    text: Json


@dataclass(frozen=True, kw_only=True)
class InstanceEnded(Event):
    """The instance ended: completed or cancelled."""

    how: str


@dataclass(frozen=True, kw_only=True)
class PersonRegistered(Event):
    """A natural person or named system is known."""

    CONTENT = frozenset({"name"})
    person: str
    name: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class MembershipGranted(Event):
    """A person belongs to a group from a day on."""

    person: str
    group: str
    from_on: str
    to_on: str | None


@dataclass(frozen=True, kw_only=True)
class MembershipEnded(Event):
    """From this day on the person is no longer in the group."""

    person: str
    group: str
    from_on: str
    to_on: str


@dataclass(frozen=True, kw_only=True)
class SubstituteNamed(Event):
    """`by` may do what `person`'s groups may (all that are not personal where `groups` is empty), from a day to a last day."""

    person: str
    by: str
    from_on: str
    to_on: str
    groups: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class UnitRegistered(Event):
    """A handling unit is known by an id that is never reused. Unit names are public, so they stand in the row."""

    unit: str
    name: str
    kind: str
    from_on: str | None
    to_on: str | None
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class UnitNamed(Event):
    """A unit has another name (alias, short name, former name) between two days."""

    unit: str
    name: str
    kind: str
    from_on: str | None
    to_on: str | None
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class UnitSucceeded(Event):
    """A unit's duties passed to a successor on a day."""

    unit: str
    successor: str
    on_date: str


@dataclass(frozen=True, kw_only=True)
class DeploymentMade(Event):
    """A set of files is in force for new instances: `[path, sha256]` and `[process, file, name]` each."""

    deployment: str
    files: Sequence[Sequence[str]]
    processes: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class StartTimerSet(Event):
    """The deployment set the `n`th timer of a start event; its id is `<process>/<element>@<position>.<n>`. `file` is the diagram's sha256.

    `due_at` is None where all its turns lie before; `every` is the length of a cycle, `left` how many turns follow the first, -1 without end.
    """

    process: str
    element_id: str
    n: int
    file: str
    due_at: int | None
    every: str | None
    left: int


@dataclass(frozen=True, kw_only=True)
class StartTimerClosed(Event):
    """A start timer ends: `how` is replaced by another version, late (so too, but turns that were due by then still come), or ended for good."""

    timer: str
    how: str


@dataclass(frozen=True, kw_only=True)
class SettingChanged(Event):
    """A setting has another value from a day on."""

    name: str
    value: Json
    from_on: str


@dataclass(frozen=True, kw_only=True)
class CalendarPublished(Event):
    """The working-day calendar of a year: its holidays and made-up working days, ISO dates. A later one for the year replaces it."""

    year: int
    version: int
    holidays: Sequence[str]
    workdays: Sequence[str]
    source: str = field(default="")


EVENTS: dict[str, type[Event]] = {cls.__name__: cls for cls in Event.__subclasses__()}
_MAPPINGS = frozenset({"content", "data", "inputs", "variables"})
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    name: (
        tuple(f.name for f in fields(cls) if f.name not in cls.CONTENT),
        tuple(f.name for f in fields(cls) if f.name in cls.CONTENT),
    )
    for name, cls in EVENTS.items()
}


def split_event(event: Event) -> tuple[dict[str, Json], dict[str, Json]]:
    """The event as its part in the chained row (`kind`, `v` and keys) and its content for the payload."""
    name = type(event).__name__
    keys, content = _FIELDS[name]
    row: dict[str, Json] = {key: getattr(event, key) for key in keys}
    row["event"] = name
    row["v"] = event.VERSION
    return row, {key: getattr(event, key) for key in content}


def join_event(row: Mapping[str, Json], content: Mapping[str, Json]) -> Event:
    """The event again, from the row's part and the payload's part. Of an erased payload the texts are empty."""
    values = {key: value for key, value in row.items() if key not in ("event", "v")}
    erased = {key: {} if key in _MAPPINGS else "" for key in _FIELDS[row["event"]][1] if key not in content}
    return EVENTS[row["event"]](**values, **content, **erased)
