"""Walks through a diagram: the kernel makes each step, twice and from what JSON makes of the snapshot, and the oracle must explain it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine import kernel
from engine.errors import Rejected
from engine.model import Json
from engine.trial import Trial, TrialInstance, TrialMessage

from .drawing import drawn, files
from .model import Model
from .oracle import Play
from .story import Move, Story, starts
from .tape import Tape
from .twin import Deed, Twin, can_be_done

MORNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
ACTIONS, MOST_ACTIONS, NIGHTS = 10, 120, 6
SEEN = {"item": "waits", "wait": "waits", "joining": "joining", "incident": "incident"}


class Watched(Trial):
    """A trial that holds the kernel to its promises and notes the moves of each step.

    `is_plain`: so far what happened did not hang on the order of what different instances sent at one instant.
    """

    def __init__(self, definitions: kernel.Definitions) -> None:
        super().__init__(definitions, MORNING)
        self.told: list[list[Move]] = []
        self.traces: list[list[tuple[str, str, int]]] = []
        self.is_plain = True
        self.sender = 0
        self.sent_at: list[datetime] = []

    def _make(self, snapshot: dict[str, Json] | None, stimulus: kernel.Stimulus) -> kernel.Step:
        before = json.dumps(snapshot)
        step = super()._make(snapshot, stimulus)
        again = super()._make(json.loads(json.dumps(snapshot, sort_keys=True)), stimulus)
        assert json.dumps(snapshot) == before, "the snapshot that came in was changed"
        assert step == again, "the same input gave another step"
        self.told.append([(what, element) for what, element, _ in step.moves])
        return step

    def _send(self, name: str, key: str, variables: Mapping[str, Any]) -> None:
        super()._send(name, key, variables)
        self.sent_at.append(self.now)

    def _record(self, instance: TrialInstance, step: kernel.Step) -> None:
        if instance.number > len(self.traces):
            self.traces.append([])
        self.traces[instance.number - 1] += step.moves
        kept, is_busy, is_other = list(self.kept), bool(self._under_way), self.sender != instance.number
        super()._record(instance, step)
        if step.thrown:
            self.sender = instance.number
            due = any(timer.due_at <= self.now for one in self.instances for timer in one.timers.values())
            self.is_plain = self.is_plain and not due and not (is_busy and is_other)
        self.is_plain = self.is_plain and not any(self.ties(message, kept) for message in kept if message not in self.kept)

    def ties(self, message: TrialMessage, kept: list[TrialMessage]) -> bool:
        """Whether a kept message that now finds somebody was sent at one instant with another one that may come before it."""
        at = self.sent_at[message.sent]
        rivals = [one for one in kept if one != message and (one not in self.kept or (one.name, one.key) == (message.name, message.key))]
        return any(self.sent_at[one.sent] == at for one in rivals) or (len(self._under_way) > 1 and at == self.now)

    def start_at(self, process_id: str, element_id: str | None, variables: Mapping[str, Any]) -> None:
        """Start one instance at its start event, or plainly."""
        self._begin(kernel.Start(process_id, variables, element_id))
        self._rest()

    def stands(self) -> tuple[tuple[str, dict[str, Json], int], ...]:
        """How every instance stands, and how many moves it has made."""
        return tuple((one.status, one.snapshot, len(self.traces[one.number - 1])) for one in self.instances)

    def news(self) -> list[list[Move]]:
        """The moves of each step since the last question."""
        found, self.told = self.told, []
        return found


class Walk:
    """One way through one diagram, chosen by a tape. `is_by_hand`: it begins at its start event, as a person begins it in a database."""

    def __init__(self, model: Model, tape: Tape, *, is_by_hand: bool = False) -> None:
        self.model = model
        self.is_by_hand = is_by_hand
        self.tape = tape
        self.trial = Watched(kernel.load(files(model)))
        self.story = Story(model)
        self.done: list[str] = []
        self.deeds: list[Deed] = []
        self.nights = 0

    def go(self) -> bool:
        """Begin, do this and that, then whatever is open, until nothing is. False: the diagram itself goes on without end.

        Raises Disagreement, with what was done and the diagram.
        """
        try:
            self.begin()
            for _ in range(ACTIONS):
                if not self.act():
                    break
            return any(not self.finish_one() for _ in range(MOST_ACTIONS))
        except Rejected as error:
            if error.code != "endless":
                raise
            return False
        except AssertionError as error:
            error.add_note("\n".join([*self.done, drawn(self.model)]))
            raise

    # ------------------------------------------------------------------ acting
    def begin(self) -> None:
        if self.trial.definitions.starts_plainly("p"):
            self.note("start p")
            at = next((node.id for node in self.model.nodes.values() if node.scope == "p" and node.kind == "startEvent"), None) if self.is_by_hand else None
            self.trial.start_at("p", at, self.model.variables)
            self.did("start", "p", self.model.variables)
            self.story.start("p", at, self.model.variables, self.trial.news())
            self.compare()
        elif starts(self.model, "message", "begin"):
            self.message("begin", "", self.model.variables)
        else:
            self.signal("begin", self.model.variables)

    def act(self) -> bool:
        """Do something that makes sense now, or something that does not."""
        items = self.items()
        messages = self.subscriptions("message")
        kinds = [("complete", 60 if items else 0), ("message", 50 if messages else 0), ("signal", 24 if self.subscriptions("signal") else 2), ("advance", 30 if self.timers() else 2)]
        kinds += [("wrong key", 4 if messages else 0), ("early", 6)]
        if not (items or messages or self.timers() or self.subscriptions("signal")):
            return False
        kind = self.tape.weighted([one for one in kinds if one[1]])
        values = {self.tape.pick(("a", "b", "c")): self.tape.number(4)} if self.tape.chance(50) else {}
        if kind == "complete":
            self.complete(*self.tape.pick(items), values)
        elif kind in ("message", "wrong key"):
            name, key = self.tape.pick(messages)
            self.message(name, key if kind == "message" else "B", values)
        elif kind == "signal":
            self.signal(self.tape.pick(("s1", "s2")), values)
        elif kind == "early":
            named = sorted({str(t.name) for node in self.model.nodes.values() for t in node.triggers if t.kind == "message" and node.kind != "startEvent"})
            if named:
                self.message(self.tape.pick(named), "A", values)
        else:
            self.advance(1 + self.tape.number(6))
        return True

    def finish_one(self) -> bool:
        """Do what is open, work items first, then messages and signals that tokens wait for, then time."""
        items, waiting = self.items(), self.waiting()
        if items:
            self.complete(*items[0], {})
        elif waiting and (len(self.done) % 2 or not self.timers()):
            kind, name, key = waiting[0]
            if kind == "message":
                self.message(name, key, {})
            else:
                self.signal(name, {})
        elif self.nights < NIGHTS and any(instance.timers and instance.outcome == "waiting" for instance in self.trial.instances):
            self.nights += 1
            self.advance(12)
        else:
            return self.last_resort()
        return True

    def last_resort(self) -> bool:
        """What only data can bring about."""
        cycles = any(trigger.turns < 0 for node in self.model.nodes.values() for trigger in node.triggers)
        assert cycles or self.nights < NIGHTS, "time alone does not end the walk"
        conditions = any(node.triggers and node.triggers[0].kind == "conditional" for node in self.model.nodes.values())
        if not conditions or "raise" in self.done:
            return False
        self.done.append("raise")
        messages = self.subscriptions("message")
        if messages:
            self.message(*messages[0], {"a": 9, "b": 9, "c": 9})
        return bool(messages)

    def complete(self, instance: TrialInstance, n: int, element: str, values: Mapping[str, Any]) -> None:
        seen = kernel.variables(instance.snapshot, n)
        self.note(f"complete {element} {dict(values)}")
        self.trial._step(instance, kernel.CompleteItem(n, values))
        self.trial._rest()
        self.did("complete", str(n), values, at=instance.number)
        self.story.complete(element, seen.get("loopCounter"), dict(values), self.trial.news())
        self.compare()

    def message(self, name: str, key: str, values: dict[str, Any]) -> None:
        if starts(self.model, "message", name):
            values = self.model.variables | values
        self.note(f"message {name}:{key} {dict(values)}")
        self.trial.message(name, key, values)
        self.did("message", name, values, key=key)
        self.story.message(name, key, dict(values), self.trial.news())
        self.compare()

    def signal(self, name: str, values: Mapping[str, Any]) -> None:
        self.note(f"signal {name} {dict(values)}")
        self.trial.signal(name, values)
        self.did("signal", name, values)
        self.story.signal(name, dict(values), self.trial.news())
        self.compare()

    def advance(self, hours: int) -> None:
        self.note(f"advance {hours}h")
        self.trial.advance(self.trial.now + timedelta(hours=hours))
        self.did("advance", str(hours), {})
        self.story.advance(hours, self.trial.news())
        self.compare()

    def did(self, kind: str, name: str, values: Mapping[str, Any], *, key: str = "", at: int = 0) -> None:
        self.deeds.append(Deed(kind=kind, name=name, key=key, at=at, values=dict(values), stands=self.trial.stands(), is_plain=self.trial.is_plain))

    def again(self) -> int | None:
        """Do it all again on the real engine, whose history must then prove itself; how many deeds were held beside the kernel's.

        None where no database can run the diagram. Raises Apart.
        """
        if not can_be_done(self.model):
            return None
        twin = Twin(self.model, MORNING, self.deeds)
        try:
            held = twin.follow(self.trial.traces)
            twin.audit()
        except Exception as error:
            error.add_note("\n".join([*self.done, drawn(self.model)]))
            raise
        return held

    def note(self, text: str) -> None:
        self.done.append(text)

    # ------------------------------------------------------------------ looking
    def items(self) -> list[tuple[TrialInstance, int, str]]:
        return [(instance, n, item.element_id) for instance in self.trial.instances for n, item in instance.items.items()]

    def subscriptions(self, kind: str) -> list[tuple[str, str]]:
        return [(one.name, one.key) for instance in self.trial.instances for one in instance.subscriptions.values() if one.kind == kind]

    def waiting(self) -> list[tuple[str, str, str]]:
        """What tokens themselves wait for, not what merely guards or listens."""
        caught = {node.id for node in self.model.nodes.values() if node.kind in ("receiveTask", "intermediateCatchEvent")}
        return [(one.kind, one.name, one.key) for instance in self.trial.instances for one in instance.subscriptions.values() if one.element_id in caught]

    def timers(self) -> bool:
        return any(instance.timers for instance in self.trial.instances)

    def compare(self) -> None:
        """At rest, some state of the oracle has all that can be seen of the kernel."""
        instances = self.trial.instances
        statuses = [(one.process_id, one.status) for one in instances]
        variables = [kernel.variables(one.snapshot) for one in instances]
        places = Counter((one.element_id, SEEN[one.state]) for i in instances if i.status == "running" for one in kernel.open_elements(i.snapshot) if one.state in SEEN)
        subscriptions = Counter((one.element_id, one.kind, one.name) for i in instances for one in i.subscriptions.values())
        timers = Counter((timer.element_id, timer.due_at) for i in instances for timer in i.timers.values())
        kept = sorted((one.name, one.key) for one in self.trial.kept)
        story = self.story
        story.keep(lambda play: [(one.process, one.status) for one in play.s.instances] == statuses, f"instances are {statuses}, not {[(one.process, one.status) for one in story.states[0].instances]}")
        story.keep(lambda play: play.places() == places, f"tokens wait at {dict(places)}, not {dict(Play(story.states[0]).places())}")
        story.keep(lambda play: _values(play) == variables, f"variables are {variables}, not {_values(Play(story.states[0]))}")
        story.keep(lambda play: _subscribed(play) == subscriptions, f"waited for are {dict(subscriptions)}, not {dict(_subscribed(Play(story.states[0])))}")
        story.keep(lambda play: _timed(play) == timers, f"timers are {dict(timers)}, not {dict(_timed(Play(story.states[0])))}")
        story.keep(lambda play: sorted(one[:2] for one in play.s.kept) == kept, f"kept are {kept}, not {story.states[0].kept}")


def _values(play: Play) -> list[dict[str, Any]]:
    return [play.s.scopes[one.root].values if one.status == "running" else one.values for one in play.s.instances]


def _subscribed(play: Play) -> Counter[tuple[str, str, Any]]:
    return Counter((event, trigger.kind, trigger.name) for _, _, event, _, trigger in play.waiting() if trigger.kind in ("message", "signal"))


def _timed(play: Play) -> Counter[tuple[str, datetime]]:
    return Counter((timer[3], MORNING + timedelta(hours=timer[0] - 9)) for timer in play.timers())
