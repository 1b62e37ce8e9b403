"""What can be asked of the engine: one frozen class a command, imperative names.

`command_id` makes a retry harmless: the same id with the same actor and data answers as the first time. Where it is None the
runtime gives one. `happened_on` is the civil date of the act (default: the day of the clock); a difference needs a `reason`.
Imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Command:
    """What every command carries. `actor` is the id of a person or of a named system (`system:…`)."""

    CONTENT: ClassVar[frozenset[str]] = frozenset({"data", "variables", "reason"})
    """Fields whose values go to the payload, never into the chained row."""

    actor: str
    command_id: str | None = None
    happened_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class InstanceCommand(Command):
    """A command that touches one process instance (流程实例)."""


@dataclass(frozen=True, kw_only=True)
class StartInstance(InstanceCommand):
    """Start a process by hand, at its none start event or at `element_id`. `data` is the start form."""

    process: str
    data: Mapping[str, Any] = field(default_factory=dict)
    element_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class CompleteWorkItem(InstanceCommand):
    """Complete a work item (办结待办) with the data of its form. `item_version`: refuse if it was changed since it was read."""

    item_id: str
    data: Mapping[str, Any] = field(default_factory=dict)
    item_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimWorkItem(InstanceCommand):
    """Take a work item of one's group to oneself (领取)."""

    item_id: str


@dataclass(frozen=True, kw_only=True)
class ReleaseWorkItem(InstanceCommand):
    """Give a claimed work item back to its group (放回)."""

    item_id: str


@dataclass(frozen=True, kw_only=True)
class ReassignWorkItem(InstanceCommand):
    """Give a work item to a named person of its groups (转办). Needs a reason."""

    item_id: str
    person: str


@dataclass(frozen=True, kw_only=True)
class PerformAct(InstanceCommand):
    """Do by hand what a diagram offers while an instance runs (withdraw, ask for an extension …), with the act's form."""

    subscription_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DeliverMessage(InstanceCommand):
    """A message or signal reaches an open subscription. Made by the engine from a delivery; `command_id` is the delivery's id."""

    subscription_id: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StartByMessage(InstanceCommand):
    """A message starts an instance of its process for its key. Made by the engine from a delivery."""

    process: str
    element_id: str
    key: str
    case_id: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StartByTimer(InstanceCommand):
    """A turn of a start timer is due: an instance of its process begins. Made by the engine; `command_id` is `<timer>/<turn>`.

    `due_at` is microseconds UTC, as the turn was set; `every` and `left` say what follows it.
    """

    timer: str
    turn: int
    process: str
    element_id: str
    due_at: int
    every: str | None
    left: int


@dataclass(frozen=True, kw_only=True)
class KeepMessage(InstanceCommand):
    """Nobody waits for a message yet: it is kept for 30 days in its sender's stream."""

    instance_id: str
    delivery_id: str


@dataclass(frozen=True, kw_only=True)
class ExpireMessage(InstanceCommand):
    """A kept message found no receiver in time: it becomes an incident of its sender."""

    instance_id: str
    delivery_id: str


@dataclass(frozen=True, kw_only=True)
class FailDelivery(InstanceCommand):
    """A delivery could not be decided: it becomes an incident of its receiver, or of its sender where there is none yet.

    `fault` is a saying as it is recorded; under old rules it was the text of `reason`.
    """

    CONTENT = InstanceCommand.CONTENT | {"fault"}
    instance_id: str
    delivery_id: str
    fault: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FireTimer(InstanceCommand):
    """A timer's due time has come. `due_at` is microseconds UTC, as the timer was set."""

    instance_id: str
    timer: int
    due_at: int


@dataclass(frozen=True, kw_only=True)
class RecountDue(InstanceCommand):
    """Count the open due dates again, for the calendar was amended. Made by the engine; `command_id` is the entry of the outbox."""

    instance_id: str


@dataclass(frozen=True, kw_only=True)
class CompleteJob(InstanceCommand):
    """An effect was done outside; `variables` are its results."""

    job_id: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FailJob(InstanceCommand):
    """An effect failed as often as it may: an incident. `fault` is what the world outside answered, a saying as it is recorded;
    under old rules it was the text of `reason`."""

    CONTENT = InstanceCommand.CONTENT | {"fault"}
    job_id: str
    fault: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RetryIncident(InstanceCommand):
    """Try the step of an incident (异常) again. Needs a reason."""

    incident_id: str


@dataclass(frozen=True, kw_only=True)
class RepairIncident(InstanceCommand):
    """Write variables, then try the step of an incident again. Needs a reason."""

    incident_id: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MoveInstance(InstanceCommand):
    """Move the token of one element to another. Needs a reason."""

    instance_id: str
    from_element: str
    to_element: str


@dataclass(frozen=True, kw_only=True)
class CancelInstance(InstanceCommand):
    """End an instance by an operator's order. Needs a reason."""

    instance_id: str


@dataclass(frozen=True, kw_only=True)
class AdminCommand(Command):
    """A command on one of the engine's own streams. `STREAM` names it, `GROUPS` who may give it."""

    STREAM: ClassVar[str] = ""
    GROUPS: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, kw_only=True)
class RegisterPersons(AdminCommand):
    """Register persons: `{id, name, kind?, groups?: [...], from_on?, to_on?}`. A person already known keeps its id and gets what is new."""

    STREAM = "people"
    GROUPS = ("operator",)
    CONTENT = frozenset({"data", "reason"})
    data: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class EndMemberships(AdminCommand):
    """End memberships: `{person, group, to_on}` each; the day `to_on` is the first on which the person is no longer in the group."""

    STREAM = "people"
    GROUPS = ("operator",)
    CONTENT = frozenset({"data", "reason"})
    data: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class NameSubstitute(AdminCommand):
    """`by` stands in for `person` from a day to a last day, in these groups (none named: all that are not personal).

    Named again for the same first day, the last day and the groups are replaced: so it ends early.
    """

    STREAM = "people"
    GROUPS = ("operator",)
    person: str
    by: str
    from_on: date
    to_on: date
    groups: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class RegisterUnits(AdminCommand):
    """Register units: `{id, name, kind, from_on?, to_on?, confirmed?, names?: [{name, kind, from_on, to_on, confirmed}], successors?: [{id, on_date}]}`."""

    STREAM = "people"
    GROUPS = ("operator",)
    CONTENT = frozenset({"data", "reason"})
    data: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class DeployDefinitions(AdminCommand):
    """Publish (部署) a whole set of diagrams, decision tables and forms, all or nothing. `files`: path -> bytes."""

    STREAM = "deployment"
    GROUPS = ("process-owner",)
    files: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class ChangeSetting(AdminCommand):
    """Set a setting from a date on. Needs a reason."""

    STREAM = "settings"
    GROUPS = ("operator",)
    name: str
    value: Any
    from_on: date


@dataclass(frozen=True, kw_only=True)
class PublishCalendar(AdminCommand):
    """Publish the working-day calendar of years: `{year: {"holidays": [...], "workdays": [...]}}`, ISO dates."""

    STREAM = "calendar"
    GROUPS = ("operator",)
    years: Mapping[str, Mapping[str, Sequence[str]]]
    source: str = ""
