"""A small in-memory host for the kernel: instances, kept messages, broadcast signals, timers on a clock that only `advance` moves.

It plays diagrams by themselves, without people, history or a database. One call of a method brings everything to rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine import kernel
from engine.model import Json, Moment, Outcome, Pending

MAX_DELIVERIES = 1_000
ZONE = "UTC"

Handler = Callable[[kernel.TaskCall], Outcome | Pending]


class HostCall:
    """The kernel's way out: handlers by topic; no host functions."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    def handle(self, task: kernel.TaskCall) -> Outcome | Pending:
        """Run the topic's handler."""
        return self._handlers[task.topic](task)

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        """Nothing is offered."""
        return None


@dataclass(kw_only=True)
class HostInstance:
    """One instance and what is open in it."""

    number: int
    process_id: str
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
class Message:
    """A message on its way, or kept."""

    name: str
    key: str
    variables: Mapping[str, Any]


@dataclass(kw_only=True)
class HostStart:
    """A timer start event and its next turn."""

    process_id: str
    element_id: str
    turn: kernel.StartTimer


class Host:
    """Runs the processes of one deployment."""

    def __init__(self, definitions: kernel.Definitions, now: datetime, handlers: Mapping[str, Handler]) -> None:
        self.definitions = definitions
        self.now = now
        self.call = HostCall(handlers)
        self.instances: list[HostInstance] = []
        self.kept: list[Message] = []
        self.left: list[str] = []
        self.steps = 0
        self._under_way: deque[Callable[[], None]] = deque()
        self._starts = [
            HostStart(process_id=process, element_id=element, turn=definitions.start_timer(process, element, now, ZONE))
            for process, element in definitions.starts_by_timer()
        ]

    # ------------------------------------------------------------------ what a person or the outside does
    def start(self, process_id: str, variables: Mapping[str, Any]) -> HostInstance:
        """Start one instance plainly."""
        instance = self._begin(kernel.Start(process_id, variables))
        self._rest()
        return instance

    def complete(self, element_id: str, variables: Mapping[str, Any], where: Mapping[str, Any]) -> None:
        """Complete the oldest open work item of an element that sees these values."""
        for instance in self.instances:
            for n, item in instance.items.items():
                if item.element_id == element_id and self._sees(instance, n, where):
                    self._step(instance, kernel.CompleteItem(n, variables))
                    self._rest()
                    return
        raise LookupError(f"no open work item {element_id} sees {dict(where)}")

    def message(self, name: str, key: str, variables: Mapping[str, Any]) -> None:
        """A message from outside."""
        self._send(Message(name=name, key=key, variables=variables))
        self._rest()

    def signal(self, name: str) -> None:
        """A signal from outside."""
        self._broadcast(name, {}, None, 0)
        self._rest()

    def advance(self, until: datetime) -> None:
        """Fire everything that falls due, each at its time and in order, then stand at `until`."""
        while True:
            due = self._next_due()
            if due is None or due[0] > until:
                break
            self.now = max(self.now, due[0])
            due[1]()
            self._rest()
        self.now = until

    # ------------------------------------------------------------------ what follows
    def _rest(self) -> None:
        for _ in range(MAX_DELIVERIES):
            if not self._under_way:
                return
            self._under_way.popleft()()

    def _begin(self, start: kernel.Start) -> HostInstance:
        step = kernel.step(self.definitions, None, start, self._moment(), self.call)
        instance = HostInstance(number=len(self.instances) + 1, process_id=start.process_id, snapshot=step.snapshot)
        self.instances.append(instance)
        self._record(instance, step)
        return instance

    def _step(self, instance: HostInstance, stimulus: kernel.Stimulus) -> None:
        self._record(instance, kernel.step(self.definitions, instance.snapshot, stimulus, self._moment(), self.call))

    def _record(self, instance: HostInstance, step: kernel.Step) -> None:
        self.steps += 1
        instance.snapshot, instance.status = step.snapshot, step.status
        self.left += [element for what, element, _ in step.moves if what == "leave"]
        instance.items |= {opened.n: opened for opened in step.items_opened}
        instance.timers |= {opened.n: opened for opened in step.timers_set}
        instance.subscriptions |= {opened.n: opened for opened in step.subscriptions_opened}
        instance.incidents |= {opened.n: opened for opened in step.incidents_opened}
        for table, closed in (
            (instance.items, [n for n, _ in step.items_closed]),
            (instance.timers, [n for n, _ in step.timers_closed]),
            (instance.subscriptions, [n for n, _ in step.subscriptions_closed]),
            (instance.incidents, list(step.incidents_resolved)),
        ):
            for n in closed:
                table.pop(n, None)  # type: ignore[attr-defined]
        for thrown in step.thrown:
            if thrown.kind == "message":
                self._send(Message(name=thrown.name, key=thrown.key, variables=thrown.variables))
            else:
                self._broadcast(thrown.name, thrown.variables, instance, thrown.n)
        for opened in step.subscriptions_opened:
            self._offer_kept(instance, opened)

    def _send(self, message: Message) -> None:
        self._under_way.append(lambda: self._correlate(message))

    def _correlate(self, message: Message) -> None:
        for instance in self.instances:
            for n, open_one in sorted(instance.subscriptions.items()):
                if (open_one.kind, open_one.name, open_one.key) == ("message", message.name, message.key):
                    self._step(instance, kernel.Deliver(n, message.variables))
                    return
        starts = self.definitions.starts_by_message(message.name)
        for process_id, element_id in starts:
            self._begin(kernel.Start(process_id, message.variables, element_id))
        if not starts:
            self.kept.append(message)

    def _offer_kept(self, instance: HostInstance, opened: kernel.OpenedSubscription) -> None:
        for message in self.kept:
            if opened.kind == "message" and (opened.name, opened.key) == (message.name, message.key) and opened.n in instance.subscriptions:
                self.kept.remove(message)
                self._send(message)
                return

    def _broadcast(self, name: str, variables: Mapping[str, Any], thrower: HostInstance | None, thrown: int) -> None:
        """Fix the receivers now; a subscription that the thrower opens after the throw is none of them."""
        for instance in self.instances:
            for n, open_one in sorted(instance.subscriptions.items()):
                if open_one.kind == "signal" and open_one.name == name and (instance is not thrower or n < thrown):
                    self._under_way.append(lambda i=instance, n=n: self._deliver_signal(i, n, variables))  # type: ignore[misc]
        for process_id, element_id in self.definitions.starts_by_signal(name):
            start = kernel.Start(process_id, variables, element_id)
            self._under_way.append(lambda start=start: self._begin(start))  # type: ignore[misc]

    def _deliver_signal(self, instance: HostInstance, n: int, variables: Mapping[str, Any]) -> None:
        if n in instance.subscriptions:
            self._step(instance, kernel.Deliver(n, variables))

    def _next_due(self) -> tuple[datetime, Callable[[], None]] | None:
        found: list[tuple[datetime, int, int, Callable[[], None]]] = []
        for start in self._starts:
            found.append((start.turn.due_at, 0, 0, lambda start=start: self._fire_start(start)))  # type: ignore[misc]
        for instance in self.instances:
            for n, timer in instance.timers.items():
                fire = kernel.FireTimer(n, timer.due_at)
                found.append((timer.due_at, instance.number, n, lambda i=instance, f=fire: self._step(i, f)))  # type: ignore[misc]
        first = min(found, key=lambda one: one[:3], default=None)
        return (first[0], first[3]) if first else None

    def _fire_start(self, start: HostStart) -> None:
        following = self.definitions.next_start(start.turn, ZONE)
        if following is None:
            self._starts.remove(start)
        else:
            start.turn = following
        self._begin(kernel.Start(start.process_id, {}, start.element_id))

    def _sees(self, instance: HostInstance, n: int, where: Mapping[str, Any]) -> bool:
        seen = kernel.variables(instance.snapshot, n)
        return all(seen.get(name) == value for name, value in where.items())

    def _moment(self) -> Moment:
        return Moment(now=self.now.astimezone(UTC), seed=1, zone=ZONE)
