"""The engine's nouns as frozen data. Imports nothing of ours and knows nothing of suggestions.

`Json` is what may stand in history and snapshots: None, bool, int, str, lists and dicts of these, with decimals, dates, instants
and durations tagged as `feel.to_json` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

Json = Any
"""A value of JSON with tagged singles; see `feel.to_json`."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When and with which randomness one command happens. Read once a command, recorded in its row."""

    now: datetime
    seed: int
    zone: str = "Asia/Shanghai"

    @property
    def today(self) -> date:
        """The civil date in the jurisdiction's zone."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A natural person or a named system (行为人). `groups` are those held at the moment of the command."""

    id: str
    kind: str = "person"
    identity: str = "claimed"
    groups: frozenset[str] = frozenset()
    on_behalf_of: str | None = None

    def is_in(self, groups: Sequence[str]) -> bool:
        return not self.groups.isdisjoint(groups)


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """A human task (待办) of an instance. `id` is `<instance>.<n>`; it is for `assignee`, else for anyone in `groups`."""

    id: str
    instance_id: str
    element_id: str
    name: str
    form_id: str | None = None
    check: str | None = None
    groups: tuple[str, ...] = ()
    assignee: str | None = None
    claimed_by: str | None = None
    due_on: date | None = None
    priority: int = 50
    version: int = 1
    inputs: Mapping[str, Json] = field(default_factory=dict)
    basis: str | None = None

    def is_for(self, actor: Actor) -> bool:
        """Whether the actor may claim and complete it."""
        return actor.id == self.assignee if self.assignee else actor.is_in(self.groups)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A machine task (作业) as its handler sees it. `variables` are the mapped inputs; without a mapping, all visible variables."""

    topic: str
    element_id: str
    instance_id: str
    case_id: str
    key: str
    variables: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    moment: Moment
    happened_on: date
    actor: Actor


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A domain statement (事实). `keys` stay in the chained row (ids, codes, dates, numbers); `content` (texts, names) goes to the payload."""

    kind: str
    version: int = 1
    keys: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a handler answers: variables for its task, facts for the records, or the code of a BPMN error."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pending:
    """The topic is an effect: the job waits for a command `CompleteJob` after the commit."""


class Call(Protocol):
    """The pure core's only way out: answers are recorded, and given again in the same order at replay."""

    def handle(self, job: Job) -> Outcome | Pending:
        """Run the handler of the job's topic, or say that it is an effect."""

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        """A host function of FEEL, such as `due("reply", assigned_on)`."""


Rows = Mapping[str, Any]
"""What a handler's declared reads gave, by the name of the read."""

Handle = Callable[[Job, Rows], Outcome]
