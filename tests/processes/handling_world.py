"""Walks the diagrams of handling and feedback: the kernel, the handlers and the folds over rows in memory, without commands and history.

Messages go where they are waited for, else to the start event of a process; effects are run; an incident fails the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine import calendar, kernel
from engine.errors import FieldProblem, InvalidForm
from engine.feel import from_json, to_json
from engine.forms import Form, read_form
from engine.model import Actor, Fact, Job, Moment, Outcome, Pending, WorkItem
from engine.registry import Change, Count, FieldFault, Header, Registry, Select, Setting
from engine.storage.memory import MemoryStore
from handlers import assignment, commitment, congress, contact, extension, feedback, letter, opinion, plan, proposer, reading, recipient, reply, suggestion

PROCESSES = Path(__file__).parents[2] / "processes"
ZONE = "Asia/Shanghai"
LAW = "代表法"
LIMITS = {
    "reply": calendar.TimeLimit(limit_id="reply", amount=3, unit="month", starts_at="assigned", law=LAW, article="51", effective_from=date(2015, 8, 29)),
    "reply-extended": calendar.TimeLimit(
        limit_id="reply-extended", amount=6, unit="month", starts_at="assigned", law=LAW, article="51", effective_from=date(2015, 8, 29)
    ),
}
"""The national limits: all others are unset."""

_NOUNS = (congress, assignment, commitment, contact, extension, feedback, opinion, plan, proposer, reading, recipient, reply, suggestion)


@dataclass(kw_only=True)
class Instance:
    """One process instance with what is open in it."""

    id: str
    process: str
    key: str
    case_id: str
    snapshot: dict[str, Any] | None = None
    status: str = "running"
    position: int = 0
    items: dict[str, WorkItem] = field(default_factory=dict)
    subscriptions: dict[int, kernel.OpenedSubscription] = field(default_factory=dict)
    timers: dict[int, kernel.OpenedTimer] = field(default_factory=dict)
    jobs: dict[int, kernel.OpenedJob] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)


class World:
    """Instances, rows, a clock that stands, and messages under way."""

    def __init__(self, letter_box: Path) -> None:
        self.registry = Registry()
        for noun in _NOUNS:
            noun.declare(self.registry)
        letter.declare(self.registry, letter_box=letter_box)
        self.store = MemoryStore(self.registry.records.values(), simulated=True)
        names = ("handling.bpmn", "feedback.bpmn", "rule_satisfied.dmn")
        self.definitions = kernel.load({name: (PROCESSES / name).read_bytes() for name in names}, topics=self.registry.topics)
        self.instances: list[Instance] = []
        self.under_way: list[tuple[Instance, kernel.Thrown]] = []
        self.unheard: list[kernel.Thrown] = []
        self.today = date(2026, 4, 1)
        self.settings: dict[str, Any] = {}

    def due(self, limit_id: str, start_on: date) -> date | None:
        """The last day of a national limit; None where it is unset."""
        return calendar.due(LIMITS[limit_id], start_on, calendar.Calendar()).due_on if limit_id in LIMITS else None

    # -- what a test says

    def start(self, message: str, key: str, **variables: Any) -> Instance:
        """A message from outside starts an instance."""
        ((process, element_id),) = self.definitions.starts_by_message(message)
        return self._start(process, element_id, key, variables["suggestion_id"], variables)

    def complete(self, element_id: str, person: str, /, **data: Any) -> Instance:
        """A person completes the oldest open item of this element. Raises InvalidForm."""
        instance, item = next((i, w) for i in self.instances for w in i.items.values() if w.element_id == element_id)
        variables = self._accepted(replace(item, claimed_by=person), item.form_id, item.check, data)
        stimulus = kernel.CompleteItem(n=int(item.id.rpartition(".")[2]), variables=variables)
        self._step(instance, stimulus, person, item.form_id, data, item.id)
        self.drain()
        return instance

    def act(self, act: str, person: str, /, **data: Any) -> Instance:
        """A person starts an act by hand. Raises InvalidForm."""
        instance, opened = next((i, s) for i in self.instances for s in i.subscriptions.values() if s.act and s.act.act == act)
        assert opened.act is not None
        source = f"{instance.id}.{opened.n}"
        item = WorkItem(id=source, instance_id=instance.id, element_id=opened.element_id, name=act, form_id=opened.act.form_id, groups=opened.act.groups)
        variables = self._accepted(item, opened.act.form_id, opened.act.check, data)
        self._step(instance, kernel.Deliver(subscription=opened.n, variables=variables), person, opened.act.form_id, data, source)
        self.drain()
        return instance

    def day(self, today: str) -> None:
        """The clock stands at noon of this day; what is due fires, in due order."""
        self.today = date.fromisoformat(today)
        while True:
            due = [(t.due_at, i.id, t.n, i) for i in self.instances for t in i.timers.values() if t.due_at <= self.now]
            if not due:
                return
            due_at, _, n, instance = min(due, key=lambda entry: entry[:3])
            self._step(instance, kernel.FireTimer(timer=n, due_at=due_at), "system")
            self.drain()

    def open(self) -> list[tuple[str, str, str]]:
        """`(case, element, for whom)` of all open items, sorted."""
        return sorted((i.key, w.element_id, w.assignee or ", ".join(w.groups)) for i in self.instances for w in i.items.values())

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a record."""
        with self.store.transaction(write=False) as transaction:
            return [dict(row) for row in transaction.select(Select(table=table))]

    def write(self, *changes: Change) -> None:
        """Rows of records that other processes write."""
        with self.store.transaction(write=True) as transaction:
            transaction.apply(changes)
            transaction.commit()

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(12), ZoneInfo(ZONE)).astimezone(UTC)

    # -- what follows

    def drain(self) -> None:
        """Run effects and take messages until nothing is under way."""
        while self.under_way or any(instance.jobs for instance in self.instances):
            for instance in list(self.instances):
                for job in list(instance.jobs.values()):
                    result = self.registry.effects[job.topic].run(job.variables, f"{instance.id}.{job.n}")
                    self._step(instance, kernel.CompleteJob(n=job.n, outcome=Outcome(variables=result)), "system")
            if self.under_way:
                self._take(*self.under_way.pop(0))

    def _take(self, sender: Instance, thrown: kernel.Thrown) -> None:
        for instance in self.instances:
            for n, open_ in list(instance.subscriptions.items()):
                if (open_.name, open_.key) == (thrown.name, thrown.key):
                    self._step(instance, kernel.Deliver(subscription=n, variables=thrown.variables), "system")
                    return
        starts = self.definitions.starts_by_message(thrown.name)
        if starts:
            self._start(*starts[0], thrown.key, sender.case_id, dict(thrown.variables))
        else:
            self.unheard.append(thrown)

    def _start(self, process: str, element_id: str, key: str, case_id: str, variables: Mapping[str, Any]) -> Instance:
        instance = Instance(id=f"i{len(self.instances) + 1}", process=process, key=key, case_id=case_id)
        self.instances.append(instance)
        self.write(
            Change(op="insert", table="instance", key={"id": instance.id}, values={"case_id": case_id, "process": process, "key": key, "status": "running"})
        )
        key_name = self.definitions.processes[process].properties["key"]
        stimulus = kernel.Start(process_id=process, element_id=element_id, variables={**variables, key_name: key})
        self._step(instance, stimulus, "system")
        self.drain()
        return instance

    def _accepted(self, item: WorkItem, form_id: str | None, check: str | None, data: Mapping[str, Any]) -> dict[str, Any]:
        form = self.form(form_id)
        form.accept(data)
        if check:
            declared, values = self.registry.checks[check], form.values(data)
            faults = list(declared.check(item, values, self._read(declared.reads(item, values))))
            if faults:
                raise InvalidForm([_problem(fault) for fault in faults], form=form.id)
        return form.variables(form.values(data))

    def form(self, form_id: str | None) -> Form:
        """A form of the deployment."""
        found = read_form(f"forms/{form_id}.json", (PROCESSES / "forms" / f"{form_id}.json").read_bytes())
        assert isinstance(found, Form), found
        return found

    def _step(
        self, instance: Instance, stimulus: Any, person: str, form_id: str | None = None, data: Mapping[str, Any] | None = None, source: str = ""
    ) -> None:
        instance.position += 1
        actor = Actor(id=person)
        moment = Moment(now=self.now, seed=0, zone=ZONE)
        step = kernel.step(self.definitions, instance.snapshot, stimulus, moment, _Call(self, instance, actor, moment))
        assert not step.incidents_opened, step.incidents_opened
        header = Header(
            stream=instance.id,
            position=instance.position,
            instance_id=instance.id,
            case_id=instance.case_id,
            key=instance.key,
            process=instance.process,
            actor_id=person,
            recorded_at=0,
            happened_on=self.today.isoformat(),
            command="test",
        )
        self._fold(instance, step, header, form_id, data, source)
        instance.snapshot, instance.status = step.snapshot, step.status
        _note(instance, step)
        self.under_way += [(instance, thrown) for thrown in step.thrown]

    def _fold(self, instance: Instance, step: kernel.Step, header: Header, form_id: str | None, data: Mapping[str, Any] | None, source: str) -> None:
        changes: list[Change] = []
        if form_id and data is not None and form_id in self.registry.form_folds:
            changes += self.registry.form_folds[form_id](self.form(form_id).values(data), header, source)
        for _, _, fact in step.facts:
            told = Fact(kind=fact.kind, keys=_as_stored(fact.keys), content=_as_stored(fact.content))
            instance.facts.append(told)
            if fact.kind in self.registry.folds:
                changes += self.registry.folds[fact.kind](told, header)
        self.write(*changes)

    def _read(self, reads: Mapping[str, Any]) -> dict[str, Any]:
        rows: dict[str, Any] = {}
        with self.store.transaction(write=False) as transaction:
            for name, read in reads.items():
                if isinstance(read, Select):
                    rows[name] = [dict(row) for row in transaction.select(read)]
                elif isinstance(read, Count):
                    rows[name] = [dict(row) for row in transaction.count(read)]
                elif isinstance(read, Setting):
                    rows[name] = self.registry.settings.get(read.name)
        return rows


@dataclass(frozen=True)
class _Call:
    """The handlers over the world's rows."""

    world: World
    instance: Instance
    actor: Actor
    moment: Moment

    def handle(self, task: kernel.TaskCall) -> Outcome | Pending:
        if task.topic in self.world.registry.effects:
            return Pending()
        job = Job(
            topic=task.topic,
            element_id=task.element_id,
            instance_id=self.instance.id,
            case_id=self.instance.case_id,
            key=self.instance.key,
            variables=task.variables,
            headers=task.headers,
            moment=self.moment,
            happened_on=self.world.today,
            actor=self.actor,
        )
        handler = self.world.registry.handlers[task.topic]
        return handler.handle(job, self.world._read(handler.reads(job)))

    def function(self, name: str, arguments: Any) -> Any:
        if name == "setting":
            return self.world.settings.get(arguments[0], self.world.registry.settings.get(arguments[0]))
        assert name == "due", name
        limit_id, started = arguments
        start_on = started[LIMITS[limit_id].starts_at] if limit_id in LIMITS and isinstance(started, Mapping) else started
        return self.world.due(limit_id, start_on)


def _note(instance: Instance, step: kernel.Step) -> None:
    """What is open now. What opened may have closed in the same step."""
    instance.items |= {f"{instance.id}.{item.n}": _item(instance, item) for item in step.items_opened}
    for changed in step.items_changed:
        item_id = f"{instance.id}.{changed.n}"
        instance.items[item_id] = replace(instance.items[item_id], due_on=changed.due_on)
    instance.subscriptions |= {opened.n: opened for opened in step.subscriptions_opened}
    instance.timers |= {opened.n: opened for opened in step.timers_set}
    instance.jobs |= {opened.n: opened for opened in step.jobs_opened}
    for n, _ in step.items_closed:
        instance.items.pop(f"{instance.id}.{n}")
    for n, _ in step.subscriptions_closed:
        instance.subscriptions.pop(n)
    for n, _ in step.timers_closed:
        instance.timers.pop(n)
    for n, _ in step.jobs_closed:
        instance.jobs.pop(n)
    if step.status != "running":
        assert [*instance.items, *instance.subscriptions, *instance.timers, *instance.jobs] == []


def _item(instance: Instance, opened: kernel.OpenedItem) -> WorkItem:
    return WorkItem(
        id=f"{instance.id}.{opened.n}",
        instance_id=instance.id,
        element_id=opened.element_id,
        name=opened.name,
        form_id=opened.form_id,
        check=opened.check,
        groups=opened.groups,
        assignee=opened.assignee,
        due_on=opened.due_on,
        inputs=dict(opened.inputs),
        basis=opened.basis,
    )


def _problem(fault: FieldFault) -> FieldProblem:
    return FieldProblem(field=fault.field, rule=fault.rule, template=fault.template, params=tuple(sorted(fault.params.items())))


def _as_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: from_json(to_json(value)) for name, value in values.items()}
