"""One command = one transaction: the only place that commits.

Begin, load, take the moment once, decide, append one history row with its payloads, apply, commit. A clash of positions decides again
from the new state; contention is tried again with jitter for up to ten seconds; then nothing has changed and the caller is told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from .administer import administer, reads, require_group
from .answers import LiveAnswers, rows_to_json
from .apply import apply, backdated
from .canonical import parse, sha256
from .clock import Clock
from .commands import (
    AdminCommand,
    ChangeSetting,
    Command,
    CompleteWorkItem,
    DeployDefinitions,
    InstanceCommand,
    PerformAct,
    StartByMessage,
    StartByTimer,
    StartInstance,
)
from .decide import decide
from .deployment import LIMITS_FILE, Bundle, bind, definition_files
from .errors import Busy, Conflict, DefinitionError, IdentityNeeded, NotAllowed, NotFound, Rejected, require
from .events import Event, Json, WorkItemOpened
from .history import Row, read_row, split_command, write_row
from .instants import from_microseconds, instant
from .kept import woken
from .limits import LimitTable
from .model import Actor, Moment
from .outbox import pending
from .people import actor_of, standing_in
from .registry import Change, Header, Registry
from .shelf import Shelf
from .shipped import jurisdiction_problems, require_setting, table_problems
from .situation import Situation, require_exists
from .start_turns import next_turn, next_turns
from .state import InstanceState, state_from_json, state_to_json
from .storage.port import CommandKnown, Contended, Head, Payload, PositionTaken, Store, StoredRow, Transaction

POSITION_TRIES = 5
CONTENDED_SECONDS = 10.0
NO_ROW = "0" * 64
"""The hash that stands before the first row of a stream."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the caller gets for a change: where it stands and the hash of its row. `repeated`: it was done before, nothing changed now."""

    stream: str
    position: int
    hash: str
    case_id: str = ""
    instance_id: str = ""
    events: tuple[Event, ...] = ()
    repeated: bool = False

    @property
    def opened(self) -> tuple[str, ...]:
        """Ids of the work items that the command opened."""
        return tuple(event.item_id for event in self.events if isinstance(event, WorkItemOpened))


@dataclass(frozen=True, kw_only=True)
class Made:
    """A decided command before it is written."""

    row: Row
    reads: Json
    snapshot: Json
    header: Header
    files: Mapping[bytes, bytes]


class Runtime:
    """Executes commands on one store."""

    def __init__(self, store: Store, registry: Registry, clock: Clock) -> None:
        self.store = store
        self.registry = registry
        self.clock = clock
        self.zone = store.settings.get("zone", "Asia/Shanghai")
        self.civil_zone = ZoneInfo(self.zone)
        self.jurisdiction = store.settings.get("jurisdiction", "")
        self.shelf = Shelf()
        self.before_step: Callable[[str], None] = lambda step: None
        """Called before each step of a command with its name; tests stop the process there."""

    # -- the way of one command

    def execute(self, command: Command) -> Receipt:
        """Do it, durably. Raises Rejected and its kinds, Busy, StoreError; then nothing has changed."""
        command = self._identified(command)
        try:
            return self._patiently(lambda: self._once(command, write=True))
        except CommandKnown:
            with self.store.transaction(write=False) as transaction:
                return self._as_the_first_time(transaction, transaction.command(command.command_id or ""), command)

    def preview(self, command: Command) -> Receipt:
        """Decide it and write nothing: what `--dry-run` prints."""
        command = self._identified(command)
        return self._patiently(lambda: self._once(command, write=False))

    def store_file(self, data: bytes) -> bytes:
        """Store a file once, under its digest, which comes back. A file that no command names in the end does no harm."""
        digest = sha256(data)

        def attempt() -> bytes:
            with self.store.transaction(write=True) as transaction:
                transaction.put_file(digest, data)
                transaction.commit()
            return digest

        return self._patiently(attempt)

    def finish(self, transaction: Transaction) -> None:
        """Commit work on tables that follow from history."""
        transaction.commit()

    def note_outbox(self, change: Change) -> None:
        """Change the outbox, a working table that no history speaks of."""
        assert change.table == "outbox"

        def attempt() -> None:
            with self.store.transaction(write=True) as transaction:
                transaction.apply([change])
                transaction.commit()

        self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], T]) -> T:
        started = time.monotonic()
        positions = 0
        for tried in range(10_000):
            try:
                return attempt()
            except PositionTaken:
                positions += 1
                if positions >= POSITION_TRIES:
                    break
            except Contended:
                if time.monotonic() - started > CONTENDED_SECONDS:
                    break
                time.sleep(min(0.25, 0.002 * 2 ** min(tried, 7)) * (0.5 + os.urandom(1)[0] / 256))
        raise Busy("busy", "the database is busy with other commands", hint="nothing was changed; try again")

    def _once(self, command: Command, *, write: bool) -> Receipt:
        self.before_step("begin")
        with self.store.transaction(write=True) as transaction:
            self.before_step("decide")
            try:
                made = self._make(transaction, command)
            except Rejected:
                # Done before, what was open then is closed now; done by another, that is what the caller must read.
                known = transaction.command(command.command_id or "")
                if known is None:
                    raise
                return self._as_the_first_time(transaction, known, command)
            if made is None:
                known = transaction.command(command.command_id or "")
                if known is not None:
                    return self._as_the_first_time(transaction, known, command)
                return Receipt(stream=getattr(command, "STREAM", ""), position=0, hash="", repeated=True)
            if not write:
                return _receipt(made, "")
            digest = self._write(transaction, made)
            self.before_step("commit")
            transaction.commit()
        self.before_step("committed")
        return _receipt(made, digest)

    def _identified(self, command: Command) -> Command:
        if isinstance(command, DeployDefinitions):
            command = replace(command, files=definition_files(command.files))
        if command.command_id:
            return command
        if isinstance(command, CompleteWorkItem):
            return replace(command, command_id=f"{command.item_id}/complete")
        if isinstance(command, PerformAct):
            return replace(command, command_id=f"{command.subscription_id}/act/{os.urandom(8).hex()}")
        return replace(command, command_id=os.urandom(16).hex())

    def _as_the_first_time(self, transaction: Transaction, known: StoredRow | None, command: Command) -> Receipt:
        assert known is not None
        row, case_id = self.read(transaction, known)
        asked, given = split_command(command), split_command(row.command)
        if asked != given or command.actor != row.actor.id:
            raise Conflict(
                "done_already",
                "{who} did this already on {when}, otherwise than you ask now",
                who=row.actor.id,
                when=f"{row.moment.now.astimezone(self.civil_zone):%Y-%m-%d %H:%M}",
                hint="jianyi show tells what was done",
            )
        instance = "" if isinstance(command, AdminCommand) else row.stream
        return Receipt(
            stream=row.stream,
            position=row.position,
            hash=known.hash.hex(),
            case_id=case_id,
            instance_id=instance,
            events=row.events,
            repeated=True,
        )

    def read(self, transaction: Transaction, stored: StoredRow) -> tuple[Row, str]:
        """A stored row with its content, and the case it belongs to."""
        payloads = {p.name: p for p in transaction.payloads(stored.stream, [stored.position])}
        content = payloads.get("content")
        row = read_row(stored.bytes, content.bytes if content else None)
        snapshot = payloads.get("snapshot")
        case_id = parse(snapshot.bytes)["case_id"] if snapshot and snapshot.bytes else ""
        return row, case_id

    def _make(self, transaction: Transaction, command: Command) -> Made | None:
        moment = self.clock.read(self.zone)
        if isinstance(command, AdminCommand):
            return self._make_admin(transaction, command, moment)
        assert isinstance(command, InstanceCommand)
        return self._make_instance(transaction, command, moment)

    def _write(self, transaction: Transaction, made: Made) -> str:
        salts = {name: os.urandom(16) for name in ("content", "reads", "snapshot")}
        written = write_row(made.row, reads=made.reads, snapshot=made.snapshot, salts=salts)
        row = StoredRow(
            stream=made.row.stream,
            position=made.row.position,
            command_id=made.row.command_id,
            recorded_at=made.header.recorded_at,
            bytes=written.data,
            hash=written.hash,
        )
        payloads = [
            Payload(stream=row.stream, position=row.position, name=name, salt=salt, bytes=data, digest=digest)
            for name, salt, data, digest in written.payloads
        ]
        self.before_step("append")
        for digest, data in made.files.items():
            transaction.put_file(digest, data)
        transaction.append(row, payloads)
        self.before_step("apply")
        transaction.apply(self.changes(made.row, made.header, transaction))
        return written.hash.hex()

    def changes(self, row: Row, header: Header, transaction: Transaction | None = None) -> Iterator[Change]:
        """All that the row's events write: folds, and with a transaction the outbox."""
        yield from backdated(header, row.moment.today, row.actor.groups)
        for event in row.events:
            yield from apply(event, header, self.registry)
            if transaction is not None:
                yield from pending(event, header)
        if transaction is not None:
            yield from woken(row.events, transaction)

    # -- instances

    def _make_instance(self, transaction: Transaction, command: InstanceCommand, moment: Moment) -> Made:
        actor = self.actor(transaction, command.actor, moment.today)
        situation, previous = self._situation(transaction, command, actor, moment)
        try:
            return self._decided(transaction, command, situation, previous)
        except NotAllowed:
            for substitute in standing_in(transaction, actor, moment.today, self.registry.personal_groups):
                with suppress(NotAllowed):
                    return self._decided(transaction, command, replace(situation, actor=substitute), previous)
            raise

    def _decided(self, transaction: Transaction, command: InstanceCommand, situation: Situation, previous: str) -> Made:
        answers = LiveAnswers(
            transaction=transaction,
            registry=self.registry,
            moment=situation.moment,
            limits=lambda limit_id: self.shelf.limits(transaction).rows(self.jurisdiction, limit_id),
            calendar=lambda: self.shelf.calendar(transaction),
            shipped=lambda name, on: self.shelf.settings(transaction).in_force(self.jurisdiction, name, on),
        )
        decision = decide(situation, command, answers)
        row = Row(
            stream=situation.instance_id,
            position=situation.position,
            previous=previous,
            command_id=command.command_id or "",
            command=command,
            actor=situation.actor,
            moment=situation.moment,
            happened_on=situation.happened_on,
            events=decision.events,
            deployment=situation.bundle.digest,
            handlers=answers.handlers,
            payloads={},
        )
        snapshot = state_to_json(decision.state)
        return Made(row=row, reads=answers.record, snapshot=snapshot, header=header_of(row, decision.state), files={})

    def _situation(
        self, transaction: Transaction, command: InstanceCommand, actor: Actor, moment: Moment
    ) -> tuple[Situation, str]:
        happened_on = _happened_on(command, moment)
        if isinstance(command, StartByTimer):
            _require_next(transaction, command)
        if isinstance(command, StartInstance | StartByMessage | StartByTimer):
            bundle = self.shelf.newest_bundle(transaction)
            instance_id = str(transaction.next_instance())
            situation = Situation(
                state=None,
                bundle=bundle,
                instance_id=instance_id,
                position=1,
                actor=actor,
                moment=moment,
                happened_on=happened_on,
            )
            return situation, NO_ROW
        instance_id = instance_of(command)
        loaded = transaction.load(instance_id)
        state = require_exists(_state(loaded), f"process instance {instance_id}")
        assert loaded is not None
        head = loaded[0]
        situation = Situation(
            state=state,
            bundle=self.shelf.bundle(transaction, state.deployment),
            instance_id=instance_id,
            position=head.position + 1,
            actor=actor,
            moment=_not_before(moment, state.last_at),
            happened_on=happened_on,
        )
        return situation, head.hash.hex()

    def actor(self, transaction: Transaction, person: str, today: date) -> Actor:
        """The actor with the groups held now. Raises IdentityNeeded for nobody and for a person who is not known."""
        require(person, "nobody", "nobody said who acts", error=IdentityNeeded, hint="use --as PERSON or set JIANYI_ACTOR")
        if person.startswith("system:"):
            return Actor(id=person, kind="system", identity="engine")
        actor = actor_of(transaction, person, today)
        if actor is None:
            raise IdentityNeeded("unknown_person", "{person} is not a known person", person=person, hint="jianyi person list")
        return actor

    # -- the engine's own streams

    def _make_admin(self, transaction: Transaction, command: AdminCommand, moment: Moment) -> Made | None:
        actor = self.actor(transaction, command.actor, moment.today)
        require_group(command, actor)
        bundle = None
        files: dict[bytes, bytes] = {}
        if isinstance(command, DeployDefinitions):
            bundle, files = self._bind(command)
        if isinstance(command, ChangeSetting):
            require_setting(command.name, command.value, self.registry)
        rows = {name: [dict(row) for row in transaction.select(read)] for name, read in reads(command).items()}
        if isinstance(command, DeployDefinitions):
            rows["turns"] = [dict(vars(turn)) for turn in next_turns(transaction.select)]
        events = administer(command, rows, moment, bundle)
        if not events:
            return None
        head = transaction.head(command.STREAM)
        row = Row(
            stream=command.STREAM,
            position=head.position + 1 if head else 1,
            previous=head.hash.hex() if head else NO_ROW,
            command_id=command.command_id or "",
            command=command,
            actor=actor,
            moment=moment,
            happened_on=_happened_on(command, moment),
            events=events,
            deployment=bundle.digest if bundle else None,
            handlers={},
            payloads={},
        )
        recorded = [["rows", command.STREAM, rows_to_json(rows)]] if rows else []
        return Made(row=row, reads=recorded, snapshot=None, header=header_of(row, None), files=files)

    def _bind(self, command: DeployDefinitions) -> tuple[Bundle, dict[bytes, bytes]]:
        wanted = command.files
        bundle = bind(wanted, topics=self.registry.topics, checks=self.registry.checks.keys())
        if LIMITS_FILE in wanted:
            LimitTable.read(wanted[LIMITS_FILE])
        faults = [*table_problems(wanted, self.registry), *jurisdiction_problems(wanted, self.jurisdiction)]
        if faults:
            raise DefinitionError(faults)
        return bundle, {sha256(data): data for data in wanted.values()}


def instance_of(command: InstanceCommand) -> str:
    """The instance that a command touches."""
    named = getattr(command, "instance_id", None)
    if named is not None:
        return str(named)
    for field in ("item_id", "subscription_id", "incident_id", "job_id"):
        identifier = getattr(command, field, None)
        if identifier is not None:
            instance, dot, _ = str(identifier).rpartition(".")
            if not dot or not instance:
                raise NotFound("not_found", "there is no {id}", id=identifier, hint="an id is written <instance>.<number>")
            return instance
    raise TypeError(f"{type(command).__name__} names no instance")


def _require_next(transaction: Transaction, command: StartByTimer) -> None:
    """Raise Conflict unless this is the next turn of a start timer that stands: a deployment may have closed it since a worker saw it."""
    turn = next_turn(transaction.select, command.timer)
    stands = turn is not None and all(getattr(command, name) == value for name, value in vars(turn).items())
    require(
        stands,
        "not_open",
        "turn {turn} of the start timer {timer} is not the next one",
        error=Conflict,
        turn=command.turn,
        timer=command.timer,
        hint="jianyi process list shows which is",
    )


def header_of(row: Row, state: InstanceState | None) -> Header:
    """What all events of a row share."""
    return Header(
        stream=row.stream,
        position=row.position,
        instance_id=state.id if state else "",
        case_id=state.case_id if state else "",
        key=state.key if state else "",
        process=state.process if state else "",
        actor_id=row.actor.id,
        recorded_at=instant(row.moment.now),
        happened_on=row.happened_on.isoformat(),
        command=type(row.command).__name__,
    )


def _state(loaded: tuple[Head, bytes | None] | None) -> InstanceState | None:
    if loaded is None or loaded[1] is None:
        return None
    return state_from_json(parse(loaded[1]))


def _happened_on(command: Command, moment: Moment) -> date:
    happened_on = command.happened_on or moment.today
    require(happened_on <= moment.today, "future", "{day} is still to come", day=happened_on, hint="an act cannot have happened later than today")
    late = happened_on != moment.today and not command.actor.startswith("system:")
    require(
        not late or command.reason,
        "reason_needed",
        "an act of {day} that is recorded on {today} needs a reason",
        day=happened_on,
        today=moment.today,
        hint="add --reason",
    )
    return happened_on


def _not_before(moment: Moment, last_at: int) -> Moment:
    """A moment is never before the instance's last."""
    if instant(moment.now) >= last_at:
        return moment
    return replace(moment, now=from_microseconds(last_at))


def _receipt(made: Made, digest: str) -> Receipt:
    return Receipt(
        stream=made.row.stream,
        position=made.row.position,
        hash=digest,
        case_id=made.header.case_id,
        instance_id=made.header.instance_id,
        events=made.row.events,
    )
