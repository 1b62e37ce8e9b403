"""Walks every suggestion of the demonstration its whole way through the engine's door, in the order of time, on a set clock.

What is open is asked of the engine before each day, so a walk that was broken off goes on where it stopped: each command has an id of
its own, made of what it is about, and a command that was done before changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from engine import (
    Command,
    CompleteWorkItem,
    Conflict,
    DeployDefinitions,
    Engine,
    PerformAct,
    PublishCalendar,
    Receipt,
    RegisterPersons,
    RegisterUnits,
    Rejected,
    Select,
    SetClock,
    StartInstance,
    Where,
)

from ..roll import Session, unit_data, unit_people
from .cast import actor_for
from .data import DemoData
from .days import act_day, item_day
from .papers import Desk, fill, import_paper, topic_paper
from .routes import Route, Topic, ends_on, routes, topics, units_of

WATCHER = "auditor-1"
"""The walk looks at the tables as the auditor, who reads everything and changes nothing."""

MORNING = time(9, 0)
PAUSE = timedelta(seconds=30)
MANY = 1_000_000

Progress = Callable[[int, date, str], None]
"""Called after each command with how many were done, the day, and what it was."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do: when, its name for ever (the order within a day), what it is for a reader, and the command."""

    on: date
    name: str
    label: str
    command: Callable[[], Command]
    then: Callable[[Receipt], None] = lambda receipt: None


@dataclass
class Walk:
    """The state of one walk: only caches and what was refused; everything that matters is in the database."""

    engine: Engine
    data: DemoData
    on_progress: Progress | None = None
    routes: Mapping[str, Route] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    cases: dict[str, Route | Topic | Session] = field(default_factory=dict)
    done: int = 0
    finished: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    _assigned: dict[str, date] = field(default_factory=dict)
    _instances: dict[str, tuple[str, str]] = field(default_factory=dict)
    _due_days: dict[tuple[str, date], date | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.routes = {route.key: route for route in routes(self.data)}
        self.topics = {topic.key: topic for topic in topics(self.data)}
        self.zone = ZoneInfo(self.engine.zone)

    # -- the loop over days

    def run(self, until: date | None = None) -> None:
        """Do everything up to a day, each thing on its day, then let time go on to that day (the demonstration's last, if none is given)."""
        until = until or ends_on(self.data)
        self._resume()
        while True:
            steps = [step for step in self._steps() if step.name not in self.finished and step.name not in self.refused]
            day = min((*(step.on for step in steps), *self._next_timer()), default=None)
            if day is None or day > until:
                break
            self._go_to(day)
            today = self.engine.today
            for step in sorted((s for s in steps if s.on <= today), key=lambda s: (s.on, s.name)):
                self._do(step)
        self._go_to(until)

    def _resume(self) -> None:
        """A walk that goes on begins at the last moment that the database knows."""
        last = [self._latest("work_item", column) for column in ("opened_at", "closed_at")] + [self._latest("instance", "started_at")]
        moment = datetime.fromtimestamp(max(last) / 1_000_000, self.zone)
        if moment > self.engine.now:
            self._clock.set(moment)
        self._drain()

    def _latest(self, table: str, column: str) -> int:
        found = self.engine.select(
            WATCHER, Select(table=table, columns=(column,), where=(Where(column=column, op="not_null"),), order=(f"-{column}",), limit=1)
        )
        return int(found[0][column]) if found else 0

    def _next_timer(self) -> list[date]:
        """The first day in whose morning the next timer has fired, for it may open something to do: at most one."""
        ahead = Where(column="due_at", op=">", value=int(self.engine.now.timestamp() * 1_000_000))
        wanted = Select(table="timer", columns=("due_at",), where=(Where(column="status", value="open"), ahead), order=("due_at",), limit=1)
        instants = [datetime.fromtimestamp(row["due_at"] / 1_000_000, self.zone) for row in self.engine.select(WATCHER, wanted)]
        return [moment.date() + timedelta(days=moment.time() > MORNING) for moment in instants]

    def _go_to(self, day: date) -> None:
        morning = datetime.combine(day, MORNING, self.zone)
        if morning > self.engine.now:
            self.engine.advance(morning)

    @property
    def _clock(self) -> SetClock:
        assert isinstance(self.engine.clock, SetClock), "the demonstration needs a set clock"
        return self.engine.clock

    def _do(self, step: Step) -> None:
        self._clock.advance(PAUSE)
        try:
            receipt = self.engine.execute(step.command())
        except Conflict:
            # What an earlier step of this day has closed is asked for no more.
            self.finished.add(step.name)
            return
        except Rejected as error:
            self.refused[step.name] = str(error)
            return
        self.finished.add(step.name)
        step.then(receipt)
        self._drain()
        self.done += not receipt.repeated
        if self.on_progress is not None:
            self.on_progress(self.done, self.engine.today, step.label)

    def _drain(self) -> None:
        while self.engine.drain(limit=MANY, seconds=60.0).done:
            pass

    # -- what is to be done

    def _steps(self) -> Iterator[Step]:
        yield from self._starts()
        yield from self._items()
        yield from self._acts()

    def _starts(self) -> Iterator[Step]:
        for route in self.routes.values():
            yield Step(
                on=route.filed_on, name=f"start {route.key}", label=f"提出 {route.row.title}", command=partial(self._start, route), then=self._keeps(route)
            )
        for session in sorted({route.session for route in self.routes.values()}, key=lambda session: session.assigned_on):
            yield Step(
                on=session.assigned_on,
                name=f"meeting {session.id}",
                label=f"交办会 {session.name}",
                command=partial(_meeting, session),
                then=self._keeps(session),
            )
        for topic in self.topics.values():
            on = topic.session.assigned_on + timedelta(days=25)
            yield Step(on=on, name=f"topic {topic.key}", label=f"重点督办 {topic.row.title}", command=partial(self._topic, topic), then=self._keeps(topic))

    def _start(self, route: Route) -> Command:
        identifier = f"demo/start/{route.key}"
        if route.is_real:
            return StartInstance(actor="secretariat-1", command_id=identifier, process="suggestion", element_id="start-import", data=import_paper(route))
        return StartInstance(actor=route.plan.lead, command_id=identifier, process="suggestion", element_id="start-draft")

    def _topic(self, topic: Topic) -> Command:
        paper = topic_paper(topic, [self.case_of(key) for key in topic.plan.members])
        return StartInstance(actor="commission-1", command_id=f"demo/topic/{topic.key}", process="key_supervision", data=paper)

    def case_of(self, key: str) -> str:
        """The case of a route or topic. Raises KeyError before it has begun."""
        for case_id, what in self.cases.items():
            if not isinstance(what, Session) and what.key == key:
                return case_id
        raise KeyError(key)

    def _keeps(self, what: Route | Topic | Session) -> Callable[[Receipt], None]:
        def keep(receipt: Receipt) -> None:
            self.cases[receipt.case_id] = what

        return keep

    def _items(self) -> Iterator[Step]:
        rows = self.look("work_item", status="open")
        groups: dict[str, list[str]] = {}
        for row in self._select("work_item_group", Where(column="item_id", op="in", value=[row["id"] for row in rows])):
            groups.setdefault(row["item_id"], []).append(row["group_id"])
        for row, key in self._with_keys(rows):
            offered = groups.get(row["id"], [])
            desk = self._desk(row, key, offered, actor_for(row["element_id"], row["assignee"], offered))
            if desk is None:
                continue
            what = self.cases[row["case_id"]]
            on = what.assigned_on if isinstance(what, Session) else item_day(desk, self._day(row["opened_at"]), self._assigned_on(key))
            if on is not None:
                yield Step(on=on, name=f"{row['element_id']} {row['id']}", label=self._label(row["name"], row), command=partial(self._complete, row, desk))

    def _complete(self, row: Mapping[str, Any], desk: Desk) -> Command:
        data: dict[str, Any] = {}
        what = self.cases[row["case_id"]]
        if isinstance(what, Session):
            data = {"session": what.id, "held_on": what.assigned_on.isoformat(), "place": "北京（演示）", "conveners": ["全国人大常委会办公厅"]}
        elif row["form_id"]:
            data = fill(row["form_id"], replace(desk, today=self.engine.today))
        return CompleteWorkItem(actor=desk.person, command_id=f"demo/{row['id']}", item_id=row["id"], data=data)

    def _acts(self) -> Iterator[Step]:
        rows = self._select("subscription", Where(column="status", value="open"), Where(column="act", op="not_null"))
        for row, key in self._with_keys(rows):
            offered = list(row["groups"] or ())
            person = self._acting(row, offered)
            desk = self._desk(row, key, offered, person)
            if desk is None:
                continue
            on = act_day(row["act"], desk, self._day(row["opened_at"]), self._assigned_on(key))
            if on is not None:
                yield Step(
                    on=on, name=f"{row['act']} {row['id']}", label=self._label(row["act_name"] or row["act"], row), command=partial(self._perform, row, desk)
                )

    def _perform(self, row: Mapping[str, Any], desk: Desk) -> Command:
        data = fill(row["form_id"], replace(desk, today=self.engine.today)) if row["form_id"] else {}
        return PerformAct(actor=desk.person, command_id=f"demo/{row['id']}/{row['act']}", subscription_id=row["id"], data=data)

    def _label(self, name: str, row: Mapping[str, Any]) -> str:
        what = self.cases[row["case_id"]]
        return f"{name} {what.name if isinstance(what, Session) else what.row.title}"

    def _acting(self, row: Mapping[str, Any], offered: Sequence[str]) -> str | None:
        what = self.cases.get(row["case_id"])
        if row["act"] == "withdraw" and isinstance(what, Route):
            return what.plan.lead
        return actor_for(row["element_id"], row["assignee"], offered)

    def _desk(self, row: Mapping[str, Any], key: str, groups: Sequence[str], person: str | None) -> Desk | None:
        """What lies before the actor; None for a case or a group that is not of the demonstration."""
        what = self.cases.get(row["case_id"])
        if what is None or person is None:
            return None
        unit = next((group.partition(":")[2] for group in groups if group.startswith("unit-")), "")
        return Desk(
            person=person,
            element_id=row["element_id"],
            process=self._process_of(row["instance_id"]),
            key=key,
            case_id=row["case_id"],
            unit=unit or self._unit_of(key),
            today=self.engine.today,
            look=self.look,
            due=self._due,
            route=what if isinstance(what, Route) else None,
            topic=what if isinstance(what, Topic) else None,
        )

    # -- looking

    def look(self, table: str, **equal: Any) -> Sequence[Mapping[str, Any]]:
        """Rows with these values, as the auditor reads them."""
        return self._select(table, *(Where(column=column, value=value) for column, value in equal.items()))

    def _select(self, table: str, *where: Where) -> Sequence[Mapping[str, Any]]:
        return self.engine.select(WATCHER, Select(table=table, where=where, limit=MANY))

    def _with_keys(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
        wanted = sorted({row["instance_id"] for row in rows} - self._instances.keys())
        for found in self._select("instance", Where(column="id", op="in", value=wanted)) if wanted else ():
            self._instances[found["id"]] = (found["process"], found["key"])
        for row in rows:
            yield row, self._instances[row["instance_id"]][1]

    def _process_of(self, instance_id: str) -> str:
        return self._instances[instance_id][0]

    def _assigned_on(self, key: str) -> date | None:
        """The day of assignment of the assignment that a handling, reply or commitment is about."""
        identifier = _assignment_of(key)
        if identifier not in self._assigned:
            found = self.look("assignment", id=identifier)
            if not found or not found[0]["assigned_on"]:
                return None
            self._assigned[identifier] = date.fromisoformat(found[0]["assigned_on"])
        return self._assigned[identifier]

    def _due(self, limit_id: str, start_on: date) -> date | None:
        asked = (limit_id, start_on)
        if asked not in self._due_days:
            counted = self.engine.due(limit_id, start_on)
            self._due_days[asked] = date.fromisoformat(counted["due_on"]) if counted else None
        return self._due_days[asked]

    def _unit_of(self, key: str) -> str:
        found = self.look("assignment", id=_assignment_of(key))
        return str(found[0]["unit_id"]) if found else ""

    def _day(self, microseconds: int) -> date:
        return datetime.fromtimestamp(microseconds / 1_000_000, self.zone).date()


def prepare(engine: Engine, data: DemoData, *, admin: str) -> None:
    """Register units, people and calendars and deploy the diagrams. What stands already stays: the engine adds only what is new."""
    people = [*data.people, *(person for unit in units_of(data) for person in unit_people(unit, data.directory.units[unit].name))]
    engine.execute(RegisterUnits(actor=admin, data=unit_data(data.directory)))
    engine.execute(RegisterPersons(actor=admin, data=[person.as_data() for person in people]))
    engine.execute(PublishCalendar(actor=admin, years=data.calendars, source="国务院办公厅节假日安排通知（待核实）"))
    engine.execute(DeployDefinitions(actor=admin, files=data.files))


def _meeting(session: Session) -> Command:
    return StartInstance(actor="commission-1", command_id=f"demo/meeting/{session.id}", process="assignment_meeting")


def _assignment_of(key: str) -> str:
    """`1042-a1-r1-c2` -> `1042-a1`: the assignment in the key of a reply or a commitment."""
    parts = key.split("-")
    return "-".join(parts[:2])
