"""Runs the processes of one deployment in memory: instances, kept messages, signals, timers on a clock that only `advance` moves.

For trying a diagram and for tests of the language: no people, no history, no database, and stand-ins in place of handlers. Pure.
A message goes to the oldest open subscription with its name and key, else to a start event if no instance of that process runs for
the key, else it is kept. Whoever begins to wait gets what was kept before anything else arrives. One call of a method brings everything to
rest.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from . import kernel
from .calendar import end_of
from .errors import NotFound, Rejected, Saying, require
from .model import Json, Moment, Outcome, Pending

MAX_DELIVERIES = 1_000
MAX_TURNS = 10_000
ZONE = "UTC"

Handler = Callable[[kernel.TaskCall], Outcome | Pending]


def _fail(task: kernel.TaskCall) -> Outcome:
    raise Rejected("kit_fail", "the service failed")


def _throw(task: kernel.TaskCall) -> Outcome:
    require(task.headers.get("code"), "kit_throw", "its header code names no error")
    return Outcome(error=task.headers["code"])


STAND_INS: Mapping[str, Handler] = {
    "kit.echo": lambda task: Outcome(variables=dict(task.variables) if task.mapped else {}),
    "kit.throw": _throw,
    "kit.fail": _fail,
}
"""Topics that are always there: gives back its inputs; throws the BPMN error of its header `code`; fails for good."""


class TrialCall:
    """The kernel's way out: handlers by topic, of which an unknown one gives nothing; of the host functions only `day_after` knows."""

    def __init__(self, handlers: Mapping[str, Handler], zone: str) -> None:
        self._handlers = handlers
        self._zone = zone

    def handle(self, task: kernel.TaskCall) -> Outcome | Pending:
        """Run the topic's stand-in."""
        try:
            handler = self._handlers[task.topic]
        except KeyError:
            return Outcome()
        return handler(task)

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        """Limits and settings are unset; the day after a date begins at midnight."""
        if name == "day_after" and len(arguments) == 1 and isinstance(arguments[0], date):
            day = arguments[0].date() if isinstance(arguments[0], datetime) else arguments[0]
            return end_of(day, self._zone)
        return None


@dataclass(kw_only=True)
class TrialInstance:
    """One instance and what is open in it. `key`: of the message that started it, else empty."""

    number: int
    process_id: str
    key: str
    snapshot: dict[str, Json]
    status: str = "running"
    items: dict[int, kernel.OpenedItem] = field(default_factory=dict)
    timers: dict[int, kernel.OpenedTimer] = field(default_factory=dict)
    subscriptions: dict[int, kernel.OpenedSubscription] = field(default_factory=dict)
    incidents: dict[int, kernel.IncidentOpened] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """completed, incident or waiting."""
        if self.status != "running":
            return "completed" if self.status in ("completed", "terminated") else self.status
        return "incident" if self.incidents else "waiting"


@dataclass(frozen=True, kw_only=True)
class TrialMessage:
    """A message on its way, or kept. `sent`: how many were sent before it."""

    sent: int
    name: str
    key: str
    variables: Mapping[str, Any]


@dataclass(kw_only=True)
class TrialStart:
    """A timer start event and its next turn."""

    process_id: str
    element_id: str
    turn: kernel.StartTimer


class Trial:
    """Runs the processes of one deployment; `moves` and `notes` are everything that happened, over all instances, in order."""

    def __init__(self, definitions: kernel.Definitions, now: datetime, handlers: Mapping[str, Handler] = STAND_INS, *, zone: str = ZONE) -> None:
        self.definitions = definitions
        self.now = now
        self.zone = zone
        self.call = TrialCall(handlers, zone)
        self.instances: list[TrialInstance] = []
        self.kept: list[TrialMessage] = []
        self.moves: list[tuple[str, str]] = []
        self.notes: list[tuple[str, str, Saying]] = []
        self.steps = 0
        self._sent = 0
        self._under_way: deque[Callable[[], object]] = deque()
        self._starts = [
            TrialStart(process_id=process, element_id=element, turn=turn)
            for process, element in definitions.starts_by_timer()
            for turn in definitions.start_timers(process, element, now, zone)
            if turn is not None
        ]

    @property
    def left(self) -> list[str]:
        """The elements that completed, in order."""
        return [element for what, element in self.moves if what == "leave"]

    # ------------------------------------------------------------------ what a person or the outside does
    def start(self, process_id: str, variables: Mapping[str, Any]) -> TrialInstance:
        """Start one instance plainly."""
        instance = self._begin(kernel.Start(process_id, variables))
        self._rest()
        return instance

    def complete(self, element_id: str, variables: Mapping[str, Any], where: Mapping[str, Any]) -> None:
        """Complete the oldest open work item of an element that sees these values. Raises NotFound."""
        for instance in self.instances:
            for n, item in instance.items.items():
                if item.element_id == element_id and self._sees(instance, n, where):
                    self._step(instance, kernel.CompleteItem(n, variables))
                    self._rest()
                    return
        told = {"element": element_id, "open": self._open_items(), "where": dict(where)}
        if where:
            raise NotFound("not_open", "no open work item of {element} sees {where}", hint="open are: {open}", **told)
        raise NotFound("not_open", "no work item of {element} is open", hint="open are: {open}", **told)

    def complete_all(self) -> None:
        """Complete every open work item with nothing, oldest first, and what opens thereby, until none is open."""
        for _ in range(MAX_DELIVERIES):
            item = next((item for instance in self.instances for item in instance.items.values()), None)
            if item is None:
                return
            self.complete(item.element_id, {}, {})
        raise Rejected("endless", "more than {count} work items were completed and still one is open", count=MAX_DELIVERIES)

    def message(self, name: str, key: str, variables: Mapping[str, Any]) -> None:
        """A message from outside."""
        self._send(name, key, variables)
        self._rest()

    def signal(self, name: str, variables: Mapping[str, Any] | None = None) -> None:
        """A signal from outside."""
        self._broadcast(name, variables or {}, None, 0)
        self._rest()

    def advance(self, until: datetime) -> None:
        """Fire everything that falls due, each at its time and in order, then stand at `until`."""
        for _ in range(MAX_TURNS):
            due = self._next_due()
            if due is None or due[0] > until:
                self.now = until
                return
            self.now = max(self.now, due[0])
            due[1]()
            self._rest()
        raise Rejected("endless", "more than {count} timers were due; advance in smaller steps", count=MAX_TURNS)

    # ------------------------------------------------------------------ what follows
    def _rest(self) -> None:
        for _ in range(MAX_DELIVERIES):
            if not self._under_way:
                return
            self._under_way.popleft()()
        count = len(self._under_way)
        self._under_way.clear()
        require(not count, "endless", "after {max} messages and signals {count} are still under way", max=MAX_DELIVERIES, count=count)

    def _begin(self, start: kernel.Start, key: str = "") -> TrialInstance:
        step = self._make(None, start)
        instance = TrialInstance(number=len(self.instances) + 1, process_id=start.process_id, key=key, snapshot=step.snapshot)
        self.instances.append(instance)
        self._record(instance, step)
        return instance

    def _step(self, instance: TrialInstance, stimulus: kernel.Stimulus) -> None:
        self._record(instance, self._make(instance.snapshot, stimulus))

    def _make(self, snapshot: dict[str, Json] | None, stimulus: kernel.Stimulus) -> kernel.Step:
        return kernel.step(self.definitions, snapshot, stimulus, self._moment(), self.call)

    def _record(self, instance: TrialInstance, step: kernel.Step) -> None:
        self.steps += 1
        instance.snapshot, instance.status = step.snapshot, step.status
        self.moves += [(what, element) for what, element, _ in step.moves]
        self.notes += step.notes
        instance.items |= {opened.n: opened for opened in step.items_opened}
        instance.timers |= {opened.n: opened for opened in step.timers_set}
        instance.subscriptions |= {opened.n: opened for opened in step.subscriptions_opened}
        instance.incidents |= {opened.n: opened for opened in step.incidents_opened}
        for table, closed in (
            (instance.items, [n for n, _ in step.items_closed]),
            (instance.timers, [n for n, _ in step.timers_closed]),
            (instance.subscriptions, [n for n, _ in step.subscriptions_closed]),
            (instance.incidents, [n for n, _ in step.incidents_resolved]),
        ):
            for n in closed:
                table.pop(n, None)
        for thrown in step.thrown:
            if thrown.kind == "message":
                self._send(thrown.name, thrown.key, thrown.variables)
            else:
                self._broadcast(thrown.name, thrown.variables, instance, thrown.n)
        found = [self._take_kept(opened) for opened in step.subscriptions_opened if opened.n in instance.subscriptions]
        for message in sorted(filter(None, found), key=lambda one: one.sent, reverse=True):
            self._under_way.appendleft(lambda message=message: self._correlate(message))  # type: ignore[misc]

    def _send(self, name: str, key: str, variables: Mapping[str, Any]) -> None:
        message = TrialMessage(sent=self._sent, name=name, key=key, variables=variables)
        self._sent += 1
        self._under_way.append(lambda: self._correlate(message))

    def _correlate(self, message: TrialMessage) -> None:
        for instance in self.instances:
            for n, open_one in sorted(instance.subscriptions.items()):
                if (open_one.kind, open_one.name, open_one.key) == ("message", message.name, message.key):
                    self._step(instance, kernel.Deliver(n, message.variables))
                    return
        for process_id, element_id in self.definitions.starts_by_message(message.name):
            if not message.key or not self._runs(process_id, message.key):
                self._begin(kernel.Start(process_id, message.variables, element_id), message.key)
                return
        insort(self.kept, message, key=lambda one: one.sent)

    def _runs(self, process_id: str, key: str) -> bool:
        return any((one.process_id, one.key, one.status) == (process_id, key, "running") for one in self.instances)

    def _take_kept(self, opened: kernel.OpenedSubscription) -> TrialMessage | None:
        """The kept message that was sent first of those that the subscription waits for; it is on its way then."""
        wanted = (opened.kind, opened.name, opened.key)
        found = next((message for message in self.kept if ("message", message.name, message.key) == wanted), None)
        if found is not None:
            self.kept.remove(found)
        return found

    def _broadcast(self, name: str, variables: Mapping[str, Any], thrower: TrialInstance | None, thrown: int) -> None:
        """Fix the receivers now; a subscription that the thrower opens after the throw is none of them."""
        for instance in self.instances:
            for n, open_one in sorted(instance.subscriptions.items()):
                if open_one.kind == "signal" and open_one.name == name and (instance is not thrower or n < thrown):
                    self._under_way.append(lambda i=instance, n=n: self._deliver_signal(i, n, variables))  # type: ignore[misc]
        for process_id, element_id in self.definitions.starts_by_signal(name):
            start = kernel.Start(process_id, variables, element_id)
            self._under_way.append(lambda start=start: self._begin(start))  # type: ignore[misc]

    def _deliver_signal(self, instance: TrialInstance, n: int, variables: Mapping[str, Any]) -> None:
        if n in instance.subscriptions:
            self._step(instance, kernel.Deliver(n, variables))

    def _next_due(self) -> tuple[datetime, Callable[[], object]] | None:
        found: list[tuple[datetime, int, int, Callable[[], object]]] = []
        for start in self._starts:
            found.append((start.turn.due_at, 0, 0, lambda start=start: self._fire_start(start)))  # type: ignore[misc]
        for instance in self.instances:
            for n, timer in instance.timers.items():
                fire = kernel.FireTimer(n, timer.due_at)
                found.append((timer.due_at, instance.number, n, lambda i=instance, f=fire: self._step(i, f)))  # type: ignore[misc]
        first = min(found, key=lambda one: one[:3], default=None)
        return (first[0], first[3]) if first else None

    def _fire_start(self, start: TrialStart) -> None:
        following = kernel.next_start(start.turn, self.zone)
        if following is None:
            self._starts.remove(start)
        else:
            start.turn = following
        self._begin(kernel.Start(start.process_id, {}, start.element_id))

    def _sees(self, instance: TrialInstance, n: int, where: Mapping[str, Any]) -> bool:
        seen = kernel.variables(instance.snapshot, n)
        return all(seen.get(name) == value for name, value in where.items())

    def _open_items(self) -> str:
        return ", ".join(dict.fromkeys(item.element_id for instance in self.instances for item in instance.items.values())) or "none"

    def _moment(self) -> Moment:
        return Moment(now=self.now.astimezone(UTC), seed=1, zone=self.zone)
