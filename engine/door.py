"""`Engine`: one database, one registry, one clock, behind one door. Parses nothing, prints nothing, decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clock import Clock, SetClock, SystemClock
from .errors import IdentityNeeded, NotFound, require
from .instants import from_microseconds
from .model import Actor, Json
from .people import actor_of, standing_in
from .registry import Count, Registry, Select, Where
from .start_turns import StartTurn, next_turns
from .storage import create_store, open_store
from .storage.port import Store, Transaction
from .views import ActView, Backdated, HistoryRow, ItemView, StartView, Working

if TYPE_CHECKING:
    from .commands import Command
    from .deployment import Bundle
    from .forms import Form
    from .replay import Audit, Report
    from .replay import Progress as AuditProgress
    from .runtime import Receipt, Runtime
    from .settings import SettingView
    from .state import InstanceState
    from .worker import Drained, Progress, Worker

FIRST = "system:init"


class Engine:
    """Everything a program needs of the engine.

    What decides (the kernel, FEEL, the commands) is loaded when it is first asked for: a list needs none of it.
    """

    def __init__(self, store: Store, registry: Registry, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        require(
            store.simulated or not isinstance(clock, SetClock),
            "not_simulated",
            "a set clock works only in a database that was created as simulated",
            hint="create one with jianyi init --simulated",
        )
        self.store = store
        self.registry = registry
        self.clock = clock
        self.zone = store.settings.get("zone", "Asia/Shanghai")

    @cached_property
    def runtime(self) -> Runtime:
        """What executes commands."""
        from .runtime import Runtime

        return Runtime(self.store, self.registry, self.clock)

    @cached_property
    def worker(self) -> Worker:
        """What follows commands: deliveries, effects, timers."""
        from .worker import Worker

        return Worker(self.runtime)

    @classmethod
    def create(
        cls,
        url_or_path: str | Path,
        registry: Registry,
        *,
        admin: str,
        clock: Clock | None = None,
        jurisdiction: str = "national",
        zone: str = "Asia/Shanghai",
        simulated: bool = False,
    ) -> Engine:
        """A new database with `admin` as its first operator and process-owner. Raises StoreError."""
        settings = {"jurisdiction": jurisdiction, "zone": zone}
        store = create_store(url_or_path, registry.records.values(), simulated=simulated, settings=settings)
        return cls.found(store, registry, admin=admin, clock=clock)

    @classmethod
    def found(cls, store: Store, registry: Registry, *, admin: str, clock: Clock | None = None) -> Engine:
        """An engine on a new, empty store, with `admin` as its first operator and process-owner."""
        engine = cls(store, registry, clock)
        engine.name_first(admin)
        return engine

    def name_first(self, admin: str) -> Receipt:
        """Record the first operator and process-owner; once, whoever asks again after a kill gets the first receipt."""
        from .commands import RegisterPersons

        first = {"id": admin, "name": admin, "groups": ["operator", "process-owner"]}
        return self.execute(RegisterPersons(actor=FIRST, command_id="init", data=[first]))

    @classmethod
    def open(cls, url_or_path: str | Path, registry: Registry, *, clock: Clock | None = None) -> Engine:
        """An existing database. Raises StoreError."""
        engine = cls(open_store(url_or_path, registry.records.values()), registry, clock)
        stale = engine.store.stale_folds()
        if stale:
            from .refold import refold

            refold(engine.runtime, stale)
        return engine

    def close(self) -> None:
        self.store.close()

    # -- commands

    def execute(self, command: Command) -> Receipt:
        """Do it, durably. Raises Rejected and its kinds, Busy, StoreError; then nothing has changed."""
        return self.runtime.execute(command)

    def preview(self, command: Command) -> Receipt:
        """What the command would do; nothing is written."""
        return self.runtime.preview(command)

    def drain(self, *, limit: int = 1_000, seconds: float = 2.0, on_progress: Progress | None = None) -> Drained:
        """Deliver messages and run effects that wait."""
        return self.worker.drain(limit=limit, seconds=seconds, on_progress=on_progress)

    def tick(self, *, limit: int = 1_000, seconds: float = 2.0, on_progress: Progress | None = None) -> Drained:
        """Fire timers that are due and drain."""
        return self.worker.tick(limit=limit, seconds=seconds, on_progress=on_progress)

    def advance(self, to: datetime) -> Drained:
        """Step the set clock to each due time on the way to `to`."""
        assert isinstance(self.clock, SetClock)
        return self.worker.advance(self.clock, to)

    def attach(self, name: str, data: bytes) -> str:
        """Store an attachment once by its digest, before the command that names it; what the form's field holds comes back.

        A file that no command names in the end does no harm: it is found again by its digest.
        """
        return f"sha256:{self.runtime.store_file(data).hex()} {name}"

    # -- queries: all reading goes through here, with an actor and one visibility function

    @property
    def today(self) -> date:
        return self.clock.read(self.zone).today

    @property
    def now(self) -> datetime:
        return self.clock.read(self.zone).now

    def actor(self, person: str) -> Actor:
        """The person with today's groups. Raises IdentityNeeded."""
        with self.store.transaction(write=False) as transaction:
            return self._actor(transaction, person)

    def _actor(self, transaction: Transaction, person: str) -> Actor:
        require(person, "nobody", "nobody said who acts", error=IdentityNeeded, hint="use --as PERSON or set JIANYI_ACTOR")
        actor = actor_of(transaction, person, self.today)
        if actor is None:
            raise IdentityNeeded("unknown_person", "{person} is not a known person", person=person, hint="jianyi person list")
        lent = [substitute.groups for substitute in standing_in(transaction, actor, self.today, self.registry.personal_groups)]
        return replace(actor, groups=actor.groups.union(*lent))

    def standing_in(self, person: str) -> Sequence[Actor]:
        """The person alone, then on behalf of each person for whom he stands in today. Raises IdentityNeeded."""
        with self.store.transaction(write=False) as transaction:
            self._actor(transaction, person)
            alone = actor_of(transaction, person, self.today)
            assert alone is not None
            return (alone, *standing_in(transaction, alone, self.today, self.registry.personal_groups))

    def select(self, person: str, select: Select) -> Sequence[Mapping[str, Any]]:
        """Rows that the person may read."""
        with self.store.transaction(write=False) as transaction:
            return transaction.select(self._restricted(self._actor(transaction, person), select))

    def count(self, person: str, count: Count) -> Sequence[Mapping[str, Any]]:
        """Counts over rows that the person may read."""
        with self.store.transaction(write=False) as transaction:
            conditions = self.registry.visibility(self._actor(transaction, person), count.table)
            return transaction.count(replace(count, where=(*count.where, *conditions)))

    def _restricted(self, actor: Actor, select: Select) -> Select:
        return replace(select, where=(*select.where, *self.registry.visibility(actor, select.table)))

    def item(self, person: str, item_id: str) -> ItemView:
        """A work item with its form. Raises NotFound where the person may not read it."""
        with self.store.transaction(write=False) as transaction:
            actor = self._actor(transaction, person)
            wanted = Select(table="work_item", where=(Where(column="id", value=item_id),), limit=1)
            rows = transaction.select(self._restricted(actor, wanted)) or self._own_item(transaction, actor, wanted)
            if not rows:
                raise NotFound("not_found", "there is no {what}", what=f"work item {item_id}", hint="jianyi inbox")
            loaded = transaction.load(rows[0]["instance_id"])
            assert loaded is not None
            assert loaded[1] is not None
            state = _state(loaded[1])
            form_id = rows[0]["form_id"]
            form = self.runtime.shelf.form(transaction, state.deployment, form_id) if form_id else None
            return ItemView(row=rows[0], item=state.item(item_id), form=form)

    def _own_item(self, transaction: Transaction, actor: Actor, wanted: Select) -> Sequence[Mapping[str, Any]]:
        """Who may do a work item may read it, whatever the case."""
        rows = transaction.select(wanted)
        if not rows:
            return ()
        groups = Select(table="work_item_group", columns=("group_id",), where=(Where(column="item_id", value=rows[0]["id"]),))
        offered = [row["group_id"] for row in transaction.select(groups)]
        mine = actor.id in (rows[0]["assignee"], rows[0]["claimed_by"]) or actor.is_in(offered)
        return rows if mine else ()

    def acts(self, person: str, case_id: str) -> Sequence[ActView]:
        """What can be started by hand on the case's running instances."""
        with self.store.transaction(write=False) as transaction:
            actor = self._actor(transaction, person)
            where = (
                Where(column="case_id", value=case_id),
                Where(column="status", value="open"),
                Where(column="act", op="not_null"),
            )
            wanted = self._restricted(actor, Select(table="subscription", where=where, order=("instance_id", "id")))
            rows = transaction.select(wanted)
            instances = {row["instance_id"] for row in rows}
            processes = transaction.select(
                Select(table="instance", columns=("id", "process"), where=(Where(column="id", op="in", value=sorted(instances)),))
            )
            names = {row["id"]: row["process"] for row in processes}
            return [_act_view(row, names.get(row["instance_id"], ""), actor) for row in rows]

    def form(self, form_id: str) -> Form:
        """A form of the newest deployment. Raises NotFound."""
        with self.store.transaction(write=False) as transaction:
            rows = transaction.select(Select(table="deployment", columns=("id",), order=("-position",), limit=1))
            if not rows:
                raise NotFound("no_deployment", "no process is deployed yet", hint="jianyi process deploy")
            return self.runtime.shelf.form(transaction, rows[0]["id"], form_id)

    def start(self, process: str, element_id: str | None = None) -> StartView:
        """Where the process is started by hand. Raises NotFound, and Rejected where an element must be named."""
        with self.store.transaction(write=False) as transaction:
            bundle = self.runtime.shelf.newest_bundle(transaction)
        element = bundle.start_by_hand(bundle.process(process), element_id)
        if element is None:
            return StartView(element_id=None, form=None, groups=())
        form_id = element.properties.get("form")
        groups = tuple(filter(None, (part.strip() for part in element.properties.get("groups", "").split(","))))
        return StartView(element_id=element.id, form=bundle.form(form_id) if form_id else None, groups=groups)

    def start_turns(self, person: str) -> Sequence[StartTurn]:
        """The next turn of every timer start event, those due first."""
        with self.store.transaction(write=False) as transaction:
            actor = self._actor(transaction, person)
            return next_turns(lambda select: transaction.select(self._restricted(actor, select)))

    def bundle(self, deployment: str | None = None) -> Bundle:
        """A deployment by its digest, or the newest: its diagrams and forms. Raises NotFound."""
        with self.store.transaction(write=False) as transaction:
            shelf = self.runtime.shelf
            return shelf.bundle(transaction, deployment) if deployment else shelf.newest_bundle(transaction)

    def last_moment(self) -> datetime | None:
        """When the last change was recorded: where simulated time stands."""
        with self.store.transaction(write=False) as transaction:
            last = transaction.last()
        return from_microseconds(last.recorded_at) if last is not None else None

    def due(self, limit_id: str, start_on: date) -> Json:
        """The working of a due date by the limit in force, or None where the limit is unset."""
        from .answers import LiveAnswers
        from .counting import working_to_json

        with self.store.transaction(write=False) as transaction:
            answers = LiveAnswers(
                transaction=transaction,
                registry=self.registry,
                moment=self.clock.read(self.zone),
                limits=lambda name: self.runtime.shelf.limits(transaction).rows(self.runtime.jurisdiction, name),
                calendar=lambda: self.runtime.shelf.calendar(transaction),
                shipped=lambda name, on: self.runtime.shelf.settings(transaction).in_force(self.runtime.jurisdiction, name, on),
            )
            counted = answers.due(limit_id, start_on)
            return working_to_json(counted) if counted else None

    def due_moves(self, years: Mapping[str, Mapping[str, Sequence[str]]]) -> Sequence[Json]:
        """What publishing these years (as `PublishCalendar.years`) would move: each open due date that would be another day.

        Raises Rejected for years that cannot be published. Tells no content: cases, elements and days.
        """
        from . import administer
        from .commands import PublishCalendar
        from .counting import calendar_of, moves
        from .events import CalendarPublished

        command = PublishCalendar(actor="", years=years)
        with self.store.transaction(write=False) as transaction:
            rows = {name: transaction.select(select) for name, select in administer.reads(command).items()}
            published = administer.administer(command, rows, self.clock.read(self.zone), None)
        amended = calendar_of([*rows["years"], *(vars(event) for event in published if isinstance(event, CalendarPublished))])
        open_rows = {row["id"]: row for row in (*rows["items"], *rows["timers"])}
        return [
            {
                "what": moved.kind,
                "id": moved.id,
                "case_id": open_rows[moved.id]["case_id"],
                "element_id": open_rows[moved.id]["element_id"],
                "limit_id": moved.working["limit_id"],
                "due_on": open_rows[moved.id]["due"]["due_on"],
                "new_due_on": moved.working["due_on"],
                "provisional": moved.working["provisional"],
            }
            for moved in moves(rows["items"], rows["timers"], amended, self.zone)
            if moved.working["due_on"] != open_rows[moved.id]["due"]["due_on"]
        ]

    def workings(self, person: str, case_id: str) -> Sequence[Working]:
        """How each due date of the case was counted, in the order of recording: what every decision used, as it was recorded.

        A payload that was erased tells none. Raises NotFound where the person may not read the case.
        """
        from .counting import recorded
        from .streams import rows_of_stream

        with self.store.transaction(write=False) as transaction:
            return [
                Working(instance_id=stream, position=stored.row.position, recorded_at=from_microseconds(stored.row.recorded_at), working=working)
                for stream in self._streams(transaction, person, case_id)
                for stored in rows_of_stream(transaction, stream)
                for working in recorded(stored.value("reads") or ())
            ]

    def _streams(self, transaction: Transaction, person: str, case_id: str) -> Sequence[str]:
        wanted = Select(table="instance", columns=("id",), where=(Where(column="case_id", value=case_id),), order=("started_at",))
        instances = transaction.select(self._restricted(self._actor(transaction, person), wanted))
        if not instances:
            raise NotFound("not_found", "there is no {what}", what=f"case {case_id}", hint="jianyi find WORDS")
        return [instance["id"] for instance in instances]

    def backdated(self, person: str, *, limit: int = 1_000) -> Sequence[Backdated]:
        """Acts that people say happened before the day on which they were recorded, the newest record first, as far as the person may read."""
        with self.store.transaction(write=False) as transaction:
            wanted = Select(table="backdated", order=("-recorded_on", "stream", "-position"), limit=limit)
            rows = transaction.select(self._restricted(self._actor(transaction, person), wanted))
            days = ("happened_on", "recorded_on")
            return [
                Backdated(**{**row, **{day: date.fromisoformat(row[day]) for day in days}}, reason=self._reason(transaction, row["stream"], row["position"]))
                for row in rows
            ]

    def _reason(self, transaction: Transaction, stream: str, position: int) -> str | None:
        from .history import read_row

        stored = transaction.history(stream, after=position - 1, limit=1)[0]
        payloads = {payload.name: payload for payload in transaction.payloads(stream, [position])}
        content = payloads.get("content")
        return read_row(stored.bytes, content.bytes if content else None).command.reason

    def settings(self, person: str) -> Sequence[SettingView]:
        """What holds today and what is to come, by name and date, each with what or who says so."""
        from .events import SettingChanged
        from .settings import SettingView, settings_told

        with self.store.transaction(write=False) as transaction:
            rows = transaction.select(self._restricted(self._actor(transaction, person), Select(table="setting", order=("name", "from_on"))))
            history = self._rows(transaction, "settings")
            said = {(event.name, event.from_on): row for row in history for event in row.events if isinstance(event, SettingChanged)}
            table = self.runtime.shelf.settings(transaction)
        changes = []
        for row in rows:
            by = said.get((row["name"], row["from_on"]))
            who, why = (by.actor.id, by.reason) if by else (None, None)
            from_on = date.fromisoformat(row["from_on"])
            changes.append(SettingView(name=row["name"], value=row["value"], source="set", state="", from_on=from_on, set_by=who, reason=why))
        return settings_told(self.registry.settings, table, self.runtime.jurisdiction, changes, self.clock.read(self.zone).today)

    def history(self, person: str, case_id: str) -> Sequence[HistoryRow]:
        """All rows of the case's instances in the order of recording. Raises NotFound where the person may not read the case."""
        with self.store.transaction(write=False) as transaction:
            rows = [row for stream in self._streams(transaction, person, case_id) for row in self._rows(transaction, stream)]
        return sorted(rows, key=lambda row: (row.recorded_at, row.place))

    def _rows(self, transaction: Transaction, stream: str) -> Iterable[HistoryRow]:
        from .history import read_row

        for stored in transaction.history(stream, limit=100_000):
            payloads = {p.name: p for p in transaction.payloads(stream, [stored.position])}
            content = payloads.get("content")
            row = read_row(stored.bytes, content.bytes if content else None)
            yield HistoryRow(
                stream=stream,
                position=row.position,
                place=stored.place,
                recorded_at=from_microseconds(stored.recorded_at),
                happened_on=row.happened_on,
                actor=row.actor,
                command=type(row.command).__name__,
                reason=row.command.reason,
                hash=stored.hash.hex(),
                events=row.events,
            )

    # -- audit

    def verify(self, on_progress: AuditProgress | None = None) -> Report:
        """Do the chains and payloads hold?"""
        return self._audit(on_progress).verify()

    def replay(
        self, case_id: str | None = None, *, handlers: bool = False, on_progress: AuditProgress | None = None
    ) -> Report:
        """Was each row decided so? Of one case, or of all streams."""
        streams = None
        if case_id is not None:
            with self.store.transaction(write=False) as transaction:
                wanted = Select(table="instance", columns=("id",), where=(Where(column="case_id", value=case_id),), order=("id",))
                streams = [row["id"] for row in transaction.select(wanted)]
            require(streams, "not_found", "there is no {what}", error=NotFound, what=f"case {case_id}", hint="jianyi find WORDS")
        return self._audit(on_progress).replay(streams, handlers=handlers)

    def rebuild(self, *, seed: int = 0, on_progress: AuditProgress | None = None) -> Report:
        """Do the tables follow from the events?"""
        return self._audit(on_progress).rebuild(seed)

    def _audit(self, on_progress: AuditProgress | None) -> Audit:
        from .replay import Audit

        return Audit(self.runtime, on_progress)


def _state(snapshot: bytes) -> InstanceState:
    from .canonical import parse
    from .state import state_from_json

    return state_from_json(parse(snapshot))


def _act_view(row: Mapping[str, Any], process: str, actor: Actor) -> ActView:
    groups = row["groups"] or []
    return ActView(
        subscription_id=row["id"],
        act=row["act"],
        name=row["act_name"] or row["act"],
        process=process,
        form_id=row["form_id"],
        whom=row["assignee"] or ", ".join(groups),
        for_me=actor.id == row["assignee"] if row["assignee"] else actor.is_in(groups),
    )

