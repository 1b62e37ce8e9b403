"""What is due after a commit: deliveries become commands of their own, effects run, timers fire.

Every step is a command with an id of its own, so two workers may do the same without harm. A drain is bounded in commands and time and
says what is left. This is one of the two edges where any exception is caught: it becomes an incident.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .clock import SetClock
from .commands import (
    Command,
    CompleteJob,
    DeliverMessage,
    ExpireMessage,
    FailDelivery,
    FailJob,
    FireTimer,
    KeepMessage,
    RecountDue,
    StartByMessage,
    StartByTimer,
)
from .errors import Busy, Conflict, NotFound, Rejected, StoreError, said_of_any
from .events import SubscriptionOpened
from .feel import from_json
from .instants import from_microseconds, instant
from .registry import Change, Count, EffectFailed, Select, Where
from .runtime import Runtime
from .start_turns import StartTurn, next_turns
from .storage.port import Transaction

ENGINE = "system:engine"
"""The named system as which deliveries, timers and effects act."""

BATCH = 200
BACKOFF_SECONDS = (5, 60, 600)

Progress = Callable[[int, int], None]
"""Called with how many commands are done and how many wait."""


@dataclass(frozen=True, kw_only=True)
class Drained:
    """How many commands were done, how many still wait, how many became incidents."""

    done: int = 0
    left: int = 0
    failed: int = 0

    def __add__(self, other: Drained) -> Drained:
        return Drained(done=self.done + other.done, left=other.left, failed=self.failed + other.failed)


class Worker:
    """Works the outbox and the timers of one runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.began_to_wait = False
        """Whether somebody began to wait for a message by what was done last."""

    # -- the outbox

    def drain(self, *, limit: int = 1_000, seconds: float = 2.0, on_progress: Progress | None = None) -> Drained:
        """Deliver and run what waits, oldest first, until nothing is due or a bound is reached.

        A message that was kept and is now waited for is older than what is on its way: it comes next.
        """
        started = time.monotonic()
        done = failed = 0
        while done < limit and time.monotonic() - started < seconds:
            waiting = self._waiting(min(BATCH, limit - done))
            if not waiting:
                break
            for entry in waiting:
                failed += not self._work(entry)
                done += 1
                if self.began_to_wait or time.monotonic() - started >= seconds:
                    break
            if on_progress is not None:
                on_progress(done, self.left())
        return Drained(done=done, left=self.left(), failed=failed)

    def left(self) -> int:
        """How many deliveries and effects wait."""
        with self.runtime.store.transaction(write=False) as transaction:
            return int(transaction.count(Count(table="outbox"))[0]["n"])

    def _waiting(self, limit: int) -> list[Mapping[str, Any]]:
        with self.runtime.store.transaction(write=False) as transaction:
            due = Where(column="due_at", op="<=", value=self._now())
            return list(transaction.select(Select(table="outbox", where=(due,), order=("due_at", "ordinal"), limit=limit)))

    def _now(self) -> int:
        return instant(self.runtime.clock.read(self.runtime.zone).now)

    def _work(self, entry: Mapping[str, Any]) -> bool:
        """Do one entry; False where it became an incident or waits to be tried again."""
        self.began_to_wait = False
        if entry["kind"] == "job":
            return self._run_effect(entry)
        if entry["kind"] == "recount":
            return self._recount(entry["id"])
        command: Command | None = None
        try:
            command = self._delivery(entry["id"])
            if command is not None:
                events = self.runtime.execute(command).events
                self.began_to_wait = any(isinstance(event, SubscriptionOpened) and event.kind == "message" for event in events)
            return True
        except (Busy, StoreError):
            raise
        except Exception as error:
            self._fail_delivery(entry["id"], command, error)
            return False

    # -- deliveries

    def _delivery(self, delivery_id: str) -> Command | None:
        """The command that a delivery becomes; None where it was made already."""
        with self.runtime.store.transaction(write=False) as transaction:
            rows = transaction.select(Select(table="delivery", where=(Where(column="id", value=delivery_id),), limit=1))
            taken = transaction.select(Select(table="delivery_taken", where=(Where(column="id", value=delivery_id),), limit=1))
            if not rows or taken:
                command = None
            elif rows[0]["kind"] == "signal":
                command = self._signal(transaction, rows[0])
            else:
                command = self._message(transaction, rows[0])
        if command is None:
            self._forget(delivery_id)
        return command

    def _signal(self, transaction: Transaction, row: Mapping[str, Any]) -> Command | None:
        if not row["receiver_id"]:
            process, _, element_id = row["subscription_id"].partition("/")
            return _start(row, process, element_id)
        where = (Where(column="id", value=row["subscription_id"]), Where(column="status", value="open"))
        waits = transaction.select(Select(table="subscription", columns=("id",), where=where, limit=1))
        if not waits:
            return None
        return _deliver(row, row["subscription_id"])

    def _message(self, transaction: Transaction, row: Mapping[str, Any]) -> Command:
        """To the oldest open subscription with its name and key, else to a start event if no instance runs for the key, else kept."""
        waits = transaction.select(
            Select(
                table="subscription",
                columns=("id",),
                where=(
                    Where(column="status", value="open"),
                    Where(column="kind", value="message"),
                    Where(column="name", value=row["name"]),
                    Where(column="key", value=row["key"]),
                ),
                order=("opened_at", "ordinal"),
                limit=1,
            )
        )
        if waits:
            return _deliver(row, waits[0]["id"])
        for process, element_id in self.runtime.shelf.newest_bundle(transaction).definitions.starts_by_message(row["name"]):
            if not row["key"] or not self._runs(transaction, process, row["key"]):
                return _start(row, process, element_id)
        return KeepMessage(
            actor=ENGINE, command_id=f"{row['id']}/keep/{os.urandom(6).hex()}", instance_id=row["sender_id"], delivery_id=row["id"]
        )

    def _runs(self, transaction: Transaction, process: str, key: str) -> bool:
        where = (Where(column="process", value=process), Where(column="key", value=key), Where(column="status", value="running"))
        return bool(transaction.select(Select(table="instance", columns=("id",), where=where, limit=1)))

    def _fail_delivery(self, delivery_id: str, command: Command | None, error: Exception) -> None:
        """An incident of the receiver, or of the sender where there is no receiver yet. The delivery keeps its date."""
        if isinstance(command, DeliverMessage):
            instance = command.subscription_id.rpartition(".")[0]
        else:
            instance = delivery_id.partition("/")[0]
        self.runtime.execute(
            FailDelivery(
                actor=ENGINE,
                command_id=f"{delivery_id}/failed/{os.urandom(6).hex()}",
                instance_id=instance,
                delivery_id=delivery_id,
                fault=said_of_any(error).to_json(),
            )
        )

    def _forget(self, delivery_id: str) -> None:
        """Take an entry that is done from the outbox, which is a working table."""
        self.runtime.note_outbox(Change(op="delete", table="outbox", key={"id": delivery_id}))

    # -- due dates

    def _recount(self, entry_id: str) -> bool:
        """Let an instance count its due dates again. One that ended meanwhile has none."""
        try:
            self.runtime.execute(RecountDue(actor=ENGINE, command_id=entry_id, instance_id=entry_id.partition("/")[0]))
        except (Conflict, NotFound):
            self._forget(entry_id)
        return True

    # -- effects

    def _run_effect(self, entry: Mapping[str, Any]) -> bool:
        job = self._job(entry["id"])
        if job is None:
            self._forget(entry["id"])
            return True
        effect = self.runtime.registry.effects.get(job["topic"])
        try:
            if effect is None:
                raise EffectFailed("no effect is declared for the topic {topic}", topic=job["topic"])
            self.runtime.before_step("effect")
            result = effect.run(_variables(job), entry["id"])
            self.runtime.before_step("effect done")
        except Exception as error:
            return self._effect_failed(entry, effect.retries if effect else 0, error)
        command = CompleteJob(actor=ENGINE, command_id=f"{entry['id']}/done", job_id=entry["id"], variables=result)
        return self._close_job(entry["id"], command)

    def _job(self, job_id: str) -> Mapping[str, Any] | None:
        with self.runtime.store.transaction(write=False) as transaction:
            where = (Where(column="id", value=job_id), Where(column="status", value="open"))
            rows = transaction.select(Select(table="job", where=where, limit=1))
        return rows[0] if rows else None

    def _effect_failed(self, entry: Mapping[str, Any], retries: int, error: Exception) -> bool:
        attempts = entry["attempts"] + 1
        if attempts > retries:
            job_id, fault = entry["id"], said_of_any(error).to_json()
            command = FailJob(actor=ENGINE, command_id=f"{job_id}/failed/{os.urandom(6).hex()}", job_id=job_id, fault=fault)
            self._close_job(job_id, command)
            return False
        wait = BACKOFF_SECONDS[min(attempts, len(BACKOFF_SECONDS)) - 1]
        values = {"attempts": attempts, "due_at": self._now() + wait * 1_000_000}
        self.runtime.note_outbox(Change(op="update", table="outbox", key={"id": entry["id"]}, values=values))
        return False

    def _close_job(self, job_id: str, command: Command) -> bool:
        try:
            self.runtime.execute(command)
        except (Conflict, NotFound):
            # The instance ended meanwhile: the effect's answer is no longer wanted.
            self._forget(job_id)
        return True

    # -- timers

    def tick(self, *, limit: int = 1_000, seconds: float = 2.0, on_progress: Progress | None = None) -> Drained:
        """Fire what is due, in due order, drain after each, and give up messages kept too long.

        A start timer whose process cannot begin holds up nothing else: it is told at the end. Raises Rejected then.
        """
        started = time.monotonic()
        total = Drained(left=self.left())
        stuck: dict[str, Rejected] = {}
        while total.done < limit and time.monotonic() - started < seconds:
            fired = self._fire_next(stuck)
            if not fired and not total.left:
                break
            left = max(0.1, seconds - (time.monotonic() - started))
            drained = self.drain(limit=limit - total.done, seconds=left, on_progress=on_progress)
            if not fired and not drained.done:
                break
            total = total + Drained(done=drained.done + fired, left=drained.left, failed=drained.failed)
        self._expire_messages()
        if stuck:
            raise next(iter(stuck.values()))
        return total

    def _fire_next(self, stuck: dict[str, Rejected]) -> int:
        """Fire what is due at the earliest time that has come, what begins instances first. How many fired."""
        now = self._now()
        with self.runtime.store.transaction(write=False) as transaction:
            where = (Where(column="status", value="open"), Where(column="due_at", op="<=", value=now))
            timers = list(transaction.select(Select(table="timer", where=where, order=("due_at", "ordinal"), limit=BATCH)))
            turns = [turn for turn in next_turns(transaction.select, until=now) if turn.timer not in stuck]
        first = min([turn.due_at or 0 for turn in turns[:1]] + [row["due_at"] for row in timers[:1]], default=None)
        turns = [turn for turn in turns if turn.due_at == first]
        timers = [row for row in timers if row["due_at"] == first]
        for turn in turns:
            self._begin(turn, stuck)
        for row in timers:
            self._fire(row)
        return len(turns) + len(timers)

    def _begin(self, turn: StartTurn, stuck: dict[str, Rejected]) -> None:
        assert turn.due_at is not None
        command = StartByTimer(
            actor=ENGINE,
            command_id=f"{turn.timer}/{turn.turn}",
            happened_on=self._day(turn.due_at),
            timer=turn.timer,
            turn=turn.turn,
            process=turn.process,
            element_id=turn.element_id,
            due_at=turn.due_at,
            every=turn.every,
            left=turn.left,
        )
        try:
            self.runtime.execute(command)
        except (Conflict, NotFound):
            # Another worker was first, or a deployment closed the start timer meanwhile.
            return
        except Rejected as error:
            stuck[turn.timer] = error

    def _fire(self, row: Mapping[str, Any]) -> None:
        command = FireTimer(
            actor=ENGINE,
            command_id=f"{row['id']}/fire/{row['due_at']}",
            happened_on=self._day(row["due_at"]),
            instance_id=row["instance_id"],
            timer=int(row["id"].rpartition(".")[2]),
            due_at=row["due_at"],
        )
        try:
            self.runtime.execute(command)
        except (Conflict, NotFound):
            # Another worker was first, or the instance closed the timer meanwhile.
            return

    def _day(self, due_at: int) -> date:
        """The civil day of an instant: when what was due then happened."""
        return from_microseconds(due_at).astimezone(self.runtime.civil_zone).date()

    def next_due(self) -> int | None:
        """The instant of the next open timer or start timer, or None."""
        with self.runtime.store.transaction(write=False) as transaction:
            where = (Where(column="status", value="open"),)
            rows = transaction.select(Select(table="timer", columns=("due_at",), where=where, order=("due_at",), limit=1))
            turns = next_turns(transaction.select)[:1]
        return min([int(row["due_at"]) for row in rows] + [turn.due_at for turn in turns if turn.due_at is not None], default=None)

    def advance(self, clock: SetClock, to: Any, *, seconds: float = 60.0) -> Drained:
        """Step a set clock to each due time on the way, firing and draining at each, then to the end."""
        total = self.drain(limit=1_000_000, seconds=seconds)
        goal = instant(to)
        for _ in range(1_000_000):
            due = self.next_due()
            if due is None or due > goal:
                break
            clock.set(max(clock.now, from_microseconds(due)))
            total = total + self.tick(limit=1_000_000, seconds=seconds)
        clock.set(to)
        return total + self.tick(limit=1_000_000, seconds=seconds)

    def _expire_messages(self) -> None:
        with self.runtime.store.transaction(write=False) as transaction:
            taken = Select(table="delivery_taken", columns=("id",))
            where = (
                Where(column="status", value="kept"),
                Where(column="kept_until", op="<=", value=self._now()),
                Where(column="id", op="not_in_select", value=taken),
            )
            rows = list(transaction.select(Select(table="delivery", columns=("id", "sender_id"), where=where, order=("id",), limit=BATCH)))
        for row in rows:
            self.runtime.execute(
                ExpireMessage(
                    actor=ENGINE, command_id=f"{row['id']}/expired", instance_id=row["sender_id"], delivery_id=row["id"]
                )
            )


def _deliver(row: Mapping[str, Any], subscription_id: str) -> DeliverMessage:
    return DeliverMessage(
        actor=ENGINE,
        command_id=row["id"],
        happened_on=date.fromisoformat(row["happened_on"]),
        subscription_id=subscription_id,
        variables=_variables(row),
    )


def _start(row: Mapping[str, Any], process: str, element_id: str) -> StartByMessage:
    return StartByMessage(
        actor=ENGINE,
        command_id=row["id"],
        happened_on=date.fromisoformat(row["happened_on"]),
        process=process,
        element_id=element_id,
        key=row["key"],
        case_id=row["case_id"],
        variables=_variables(row),
    )


def _variables(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: from_json(value) for key, value in row["content"].items()}
