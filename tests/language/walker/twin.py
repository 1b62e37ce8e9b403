"""Does the deeds of a walk again on the real engine with its store in memory, and holds both beside each other.

What comes from outside is sent by instances of small processes of its own, since a database takes messages from instances alone. What
different instances sent at one instant arrives in the order of their numbers, and the timers of one instant fire before what they throw
arrives, where the trial takes everything as it came. So the two are held together only until that may matter (`Deed.is_plain`, fewer than one
deed in twenty); the history of the whole must then still prove itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine import CompleteWorkItem, DeployDefinitions, Engine, Job, Outcome, RegisterPersons, Registry, Rejected, SetClock, StartInstance
from engine.canonical import parse
from engine.history import read_row
from engine.model import Json
from engine.state import InstanceState, state_from_json
from engine.storage import MemoryStore
from engine.trial import ZONE

from .drawing import FORM, HEAD, files, takes
from .model import Model

ADMIN, CLERK, OUTSIDE = "root", "clerk", "outside"


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What a walk did, and how its instances then stood: status, snapshot and number of moves of each. `is_plain`: see above.

    `kind`: start · complete (`name`: the work item's number, `at`: of which instance) · message · signal · advance (`name`: hours).
    """

    kind: str
    name: str
    key: str = ""
    at: int = 0
    values: Mapping[str, Any]
    stands: tuple[tuple[str, dict[str, Json], int], ...]
    is_plain: bool

    @property
    def sent(self) -> tuple[str, tuple[str, ...]]:
        """What a sender of it sends: a message, keyless or not, or a signal, and the variables that go with it."""
        kind = "keyless" if self.kind == "message" and not self.key else self.kind
        return kind, tuple(sorted(self.values))


class Apart(AssertionError):
    """The engine did not do what the kernel alone did."""


def can_be_done(model: Model) -> bool:
    """Whether a database can run it: no clock keeps timer start events, and what begins without a start event takes no variables."""
    tops = [node for node in model.nodes.values() if model.scopes[node.scope].owner is None and node.kind == "startEvent"]
    timed = any(trigger.kind == "timer" for node in tops for trigger in node.triggers)
    return not timed and any(node.scope == "p" for node in tops)


class Twin:
    """An engine on which the model is deployed."""

    def __init__(self, model: Model, now: datetime, deeds: list[Deed]) -> None:
        self.deeds = deeds
        self.clock = SetClock(now)
        filled = registry_of(model)
        store = MemoryStore(filled.records.values(), simulated=True, settings={"jurisdiction": "national", "zone": ZONE})
        self.engine = Engine.found(store, filled, admin=ADMIN, clock=self.clock)
        self.engine.execute(RegisterPersons(actor=ADMIN, data=[{"id": CLERK, "name": CLERK, "groups": ["clerks"]}]))
        sent = {deed.sent for deed in deeds if deed.kind in ("message", "signal")}
        senders = {"outside.bpmn": outside(sent).encode()} if sent else {}
        deployed = {**files(model), **senders, "forms/f-walk.json": json.dumps(FORM).encode()}
        self.engine.execute(DeployDefinitions(actor=ADMIN, files=deployed))

    def follow(self, traces: list[list[tuple[str, str, int]]]) -> int:
        """Do the deeds; how many could be held beside the kernel's. Raises Apart."""
        for number, deed in enumerate(self.deeds):
            self.do(deed)
            if not deed.is_plain:
                return number
            self.compare(deed, traces)
        return len(self.deeds)

    def do(self, deed: Deed) -> None:
        """Do one thing and let everything come to rest."""
        if deed.kind == "start":
            self.engine.execute(StartInstance(actor=ADMIN, process=deed.name, data=deed.values))
        elif deed.kind == "complete":
            item = f"{self.instances()[deed.at - 1].id}.{deed.name}"
            self.engine.execute(CompleteWorkItem(actor=CLERK, item_id=item, data=deed.values))
        elif deed.kind == "advance":
            self.engine.advance(self.clock.now + timedelta(hours=int(deed.name)))
        else:
            told = {"what": deed.name, **({"whom": deed.key} if deed.key else {}), **deed.values}
            self.engine.execute(StartInstance(actor=ADMIN, process=sender(*deed.sent), data=told))
        drained = self.engine.drain(limit=100_000, seconds=60)
        assert (drained.left, drained.failed) == (0, 0), drained

    def compare(self, deed: Deed, traces: list[list[tuple[str, str, int]]]) -> None:
        """Both stand alike, and came there by the same way."""
        here = [(one.status, one.kernel) for one in self.instances()]
        there = [("completed" if status == "terminated" else status, snapshot) for status, snapshot, _ in deed.stands]
        if here != there:
            raise Apart(f"after {deed.kind} {deed.name} the instances of the engine are {here}, not {there}")
        ways = [list(self.moves(one.id)) for one in self.instances()]
        expected = [[list(move) for move in trace[:length]] for trace, (_, _, length) in zip(traces, deed.stands, strict=False)]
        if ways != expected:
            raise Apart(f"after {deed.kind} {deed.name} the ways of the engine are {ways}, not {expected}")

    def audit(self) -> None:
        """History proves itself: it is what was written, it is decided so again, and the tables follow."""
        for what, report in (("verify", self.engine.verify()), ("replay", self.engine.replay(handlers=True)), ("rebuild", self.engine.rebuild())):
            if report.findings or not report.rows:
                raise Apart(f"{what} of {report.rows} rows: {[str(one) for one in report.findings]}")

    # ------------------------------------------------------------------ looking
    def instances(self) -> list[InstanceState]:
        """The instances of the model's own processes, oldest first."""
        with self.engine.store.transaction(write=False) as transaction:
            numbers = sorted(int(stream) for stream in transaction.streams(limit=100_000) if stream.isdecimal())
            loaded = [transaction.load(str(number)) for number in numbers]
        states = [state_from_json(parse(one[1])) for one in loaded if one is not None and one[1] is not None]
        return [state for state in states if not state.process.startswith(OUTSIDE)]

    def moves(self, instance: str) -> Iterator[list[Json]]:
        """How the tokens of an instance moved, as history tells it."""
        with self.engine.store.transaction(write=False) as transaction:
            for stored in transaction.history(instance, limit=100_000):
                for event in read_row(stored.bytes, None).events:
                    yield from getattr(event, "moves", ())


# ---------------------------------------------------------------------- what the trial has by itself
def registry_of(model: Model) -> Registry:
    """The stand-ins of the trial as handlers."""
    filled = Registry()

    @filled.handler("kit.echo")
    def echo(job: Job, rows: Mapping[str, Any]) -> Outcome:
        return Outcome(variables=dict(job.variables) if model.nodes[job.element_id].inputs else {})

    @filled.handler("kit.throw")
    def throw(job: Job, rows: Mapping[str, Any]) -> Outcome:
        return Outcome(error=job.headers["code"])

    @filled.handler("kit.fail")
    def fail(job: Job, rows: Mapping[str, Any]) -> Outcome:
        raise Rejected("kit_fail", "the service failed")

    return filled


def sender(kind: str, names: tuple[str, ...]) -> str:
    """The process that sends something with these variables."""
    return "-".join((OUTSIDE, kind, *names))


def outside(sent: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """A diagram of processes each of which sends one message or signal that it is told, with the variables in its name."""
    message = '<bpmn:message id="said" name="=what"><bpmn:extensionElements><zeebe:subscription correlationKey="=whom"/></bpmn:extensionElements></bpmn:message><bpmn:message id="spread" name="=what"/>'
    bodies = "".join(_sender(kind, names) for kind, names in sorted(sent))
    return HEAD.replace('id="d"', 'id="outside"') + message + '<bpmn:signal id="called" name="=what"/>' + bodies + "</bpmn:definitions>"


def _sender(kind: str, names: tuple[str, ...]) -> str:
    process = sender(kind, names)
    lines = "".join(f'<zeebe:input source="={name}" target="{name}"/>' for name in names)
    mapped = f"<bpmn:extensionElements><zeebe:ioMapping>{lines}</zeebe:ioMapping></bpmn:extensionElements>" if names else ""
    given = takes(("what", *(("whom",) if kind == "message" else ()), *names))
    reference = {"message": "said", "keyless": "spread", "signal": "called"}[kind]
    event = "signal" if kind == "signal" else "message"
    return (
        f'<bpmn:process id="{process}" isExecutable="true"><bpmn:startEvent id="{process}-s"><bpmn:extensionElements>{given}</bpmn:extensionElements></bpmn:startEvent>'
        f'<bpmn:endEvent id="{process}-e">{mapped}<bpmn:{event}EventDefinition {event}Ref="{reference}"/></bpmn:endEvent>'
        f'<bpmn:sequenceFlow id="{process}-f" sourceRef="{process}-s" targetRef="{process}-e"/></bpmn:process>'
    )
