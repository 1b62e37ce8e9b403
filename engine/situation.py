"""What stands when a command arrives, what may be asked, and the step that every decision on an instance makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from . import kernel
from .counting import Moved, Workings
from .deployment import Bundle
from .errors import NotFound, listed, require
from .events import Event, Json, NumberTaken
from .instants import instant
from .model import Actor, Job, Moment, Outcome, Pending, WorkItem
from .registry import FieldFault
from .state import InstanceState
from .telling import tell


@dataclass(frozen=True, kw_only=True)
class HostAnswer:
    """What a host function of FEEL answered, and the working of a due date where there is one."""

    value: Any
    working: Json = None


class Answers(Protocol):
    """All that a decision may ask. The runtime answers from the database and records; replay answers from what was recorded."""

    numbers: list[tuple[str, int]]
    """`(series, number)` that handlers took so far."""

    def handle(self, job: Job) -> Outcome | Pending:
        """The outcome of the job's handler, or Pending where the topic is an effect."""

    def function(self, name: str, arguments: Sequence[Any]) -> HostAnswer:
        """A host function of FEEL: due, due_at, day_after, setting."""

    def counted_again(self, instance_id: str) -> Sequence[Moved]:
        """The due dates of the instance's open items and timers that the calendar now in force counts otherwise."""

    def check(self, name: str, item: WorkItem, data: Mapping[str, Any]) -> Sequence[FieldFault]:
        """What the domain's check finds wrong with the data."""

    def receivers(self, signal: str) -> Sequence[tuple[str, str]]:
        """`(instance id, subscription id)` of all who wait for the signal now, oldest first."""

    def groups(self, person: str) -> frozenset[str]:
        """The groups of another person at this moment."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What stands when a command arrives. `state` is None for a start; `position` is the one that the new row will take."""

    state: InstanceState | None
    bundle: Bundle
    instance_id: str
    position: int
    actor: Actor
    moment: Moment
    happened_on: date

    @property
    def held(self) -> InstanceState:
        """The state of an instance that exists."""
        assert self.state is not None
        return self.state


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What happened, and what stands after it."""

    events: tuple[Event, ...]
    state: InstanceState


@dataclass
class KernelCall:
    """Gives the kernel what it asks, with the instance's names filled in; keeps the workings of due dates for the items."""

    situation: Situation
    state: InstanceState
    answers: Answers
    workings: Workings = field(default_factory=Workings)
    numbering: set[str] = field(default_factory=set)
    """Elements whose handler took a number of a series."""

    def handle(self, task: kernel.TaskCall) -> Outcome | Pending:
        job = Job(
            topic=task.topic,
            element_id=task.element_id,
            instance_id=self.state.id,
            case_id=self.state.case_id,
            key=self.state.key,
            variables=task.variables,
            headers=task.headers,
            moment=self.situation.moment,
            happened_on=self.situation.happened_on,
            actor=self.situation.actor,
        )
        taken = len(self.answers.numbers)
        outcome = self.answers.handle(job)
        if len(self.answers.numbers) > taken:
            self.numbering.add(task.element_id)
        return outcome

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        asked = self.workings.asked
        asked.append(None)
        answer = self.answers.function(name, arguments)
        asked[-1] = answer.working
        return answer.value


def step(
    situation: Situation,
    state: InstanceState,
    answers: Answers,
    stimulus: kernel.Stimulus,
    before: tuple[Event, ...],
    again: Mapping[str, Json] | None = None,
) -> Decision:
    """Move the tokens as far as they go after a stimulus; `before`: what the command itself says first; `again`: what it counted again."""
    call = KernelCall(situation, state, answers, Workings(again=again or {}))
    taken = len(answers.numbers)
    moved = kernel.step(situation.bundle.definitions, state.kernel, stimulus, situation.moment, call)
    stuck = sorted(call.numbering & {incident.element_id for incident in moved.incidents_opened})
    # An incident would commit the number with no fact that tells of it: a gap. The refusal gives it back.
    require(
        not stuck,
        "number_lost",
        "{element} took a number and could not end: {reason}",
        element=", ".join(stuck),
        reason=listed([incident.saying for incident in moved.incidents_opened if incident.element_id in stuck], joint="{first}; {rest}") if stuck else "",
        hint="an analyst must correct the diagram; nothing was changed",
    )
    events, after = tell(moved, state, situation.position, call.workings, answers.receivers, situation.bundle.definitions.starts_by_signal)
    numbers = (NumberTaken(series=series, value=value) for series, value in answers.numbers[taken:])
    return unmoved(situation, after, *before, *numbers, *events)


def unmoved(situation: Situation, state: InstanceState, *events: Event) -> Decision:
    """The decision with these events; the state remembers when, so that no later moment is before it."""
    return Decision(events=events, state=replace(state, last_at=instant(situation.moment.now)))


def require_exists(state: InstanceState | None, what: str) -> InstanceState:
    """The state, or NotFound for an instance that is not there."""
    if state is None:
        raise NotFound("not_found", "there is no {what}", what=what, hint="jianyi find WORDS")
    return state

