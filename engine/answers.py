"""What a decision asks of the world, answered live and recorded, or answered again from the record.

Each answer is one entry of the row's `reads` payload, in the order asked: `[kind, question, answer]`. Replay gives the same answers in
the same order and refuses a question that was not asked then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from .calendar import Calendar, Counting, Due, TimeLimit, due, end_of
from .counting import Moved, moves, working_to_json
from .errors import JianyiError, Rejected, Saying, require, said_of_any
from .events import Json
from .feel import from_json, to_json
from .model import Fact, Job, Moment, Outcome, Pending, WorkItem
from .people import ShippedRow, groups_of, setting_value
from .registry import Change, Count, FieldFault, Read, Registry, Select, Series, Setting, Where
from .situation import HostAnswer
from .storage.port import Transaction

LimitRows = Callable[[str], Sequence[TimeLimit]]
"""limit id -> its rows for the database's jurisdiction, from the newest deployment."""


class Diverged(JianyiError):
    """Replay asked something else than was asked then: newer code decides otherwise."""


@dataclass
class LiveAnswers:
    """Answers from the command's own transaction, and keeps the record of them."""

    transaction: Transaction
    registry: Registry
    moment: Moment
    limits: LimitRows
    calendar: Callable[[], Calendar]
    shipped: ShippedRow
    record: list[Json] = field(default_factory=list)
    handlers: dict[str, int] = field(default_factory=dict)
    numbers: list[tuple[str, int]] = field(default_factory=list)

    def handle(self, job: Job) -> Outcome | Pending:
        question = [job.topic, job.element_id]
        if job.topic in self.registry.effects:
            self.record.append(["handle", question, "effect"])
            return Pending()
        handler = self.registry.handlers.get(job.topic)
        if handler is None:
            raise Rejected("no_handler", "no handler is declared for the topic {topic}", topic=job.topic)
        self.handlers[job.topic] = handler.version
        before = len(self.numbers)
        try:
            seen = handler.seen(job)
            rows = self._read(handler.reads(seen))
            outcome = handler.handle(seen, rows)
            strange = handler.undeclared(outcome)
            require(not strange, "undeclared", "it gave {names}, which it does not declare", names=", ".join(strange), hint="declare it as writes of the handler")
        except Exception as error:
            # A handler's bug must not take the command's other tokens with it: the kernel makes an incident of it.
            self._give_back(before)
            why = said_of_any(error)
            self.record.append(["handle", question, {"failed": why.to_json()}])
            raise _handler_failed(job.topic, why) from error
        numbers = [list(number) for number in self.numbers[before:]]
        self.record.append(
            ["handle", question, {"rows": rows_to_json(rows), "numbers": numbers, "outcome": outcome_to_json(outcome)}]
        )
        return outcome

    def _give_back(self, before: int) -> None:
        """Numbers taken by a handler that failed go back to their series, which is held to the commit."""
        for series, value in reversed(self.numbers[before:]):
            key = {"name": series}
            if value == 1:
                self.transaction.apply([Change(op="delete", table="series", key=key)])
            else:
                self.transaction.apply([Change(op="update", table="series", key=key, values={"value": value - 1})])
        del self.numbers[before:]

    def function(self, name: str, arguments: Sequence[Any]) -> HostAnswer:
        answer = self._function(name, list(arguments))
        question = [name, [to_json(argument) for argument in arguments]]
        self.record.append(["function", question, [to_json(answer.value), answer.working]])
        return answer

    def check(self, name: str, item: WorkItem, data: Mapping[str, Any]) -> Sequence[FieldFault]:
        check = self.registry.checks.get(name)
        if check is None:
            raise Rejected("no_check", "no check {check} is declared", check=name, hint="an analyst must correct the diagram")
        self.handlers[f"check:{name}"] = check.version
        seen = check.seen(item)
        rows = self._read(check.reads(seen, data))
        faults = tuple(check.check(seen, data, rows))
        self.record.append(["check", [name, item.element_id], {"rows": rows_to_json(rows), "faults": [asdict(f) for f in faults]}])
        return faults

    def receivers(self, signal: str) -> Sequence[tuple[str, str]]:
        rows = self.transaction.select(
            Select(
                table="subscription",
                columns=("instance_id", "id"),
                where=(
                    Where(column="status", value="open"),
                    Where(column="kind", value="signal"),
                    Where(column="name", value=signal),
                ),
                order=("opened_at", "ordinal"),
                limit=1_000_000,
            )
        )
        found = [(str(row["instance_id"]), str(row["id"])) for row in rows]
        self.record.append(["receivers", signal, [list(pair) for pair in found]])
        return found

    def groups(self, person: str) -> frozenset[str]:
        groups = groups_of(self.transaction, person, self.moment.today)
        self.record.append(["groups", person, sorted(groups)])
        return groups

    def _read(self, reads: Mapping[str, Read]) -> dict[str, Any]:
        """All reads of one handler; numbers of series last, in name order, since they lock to the commit."""
        rows: dict[str, Any] = {}
        series = []
        for name in sorted(reads):
            read = reads[name]
            if isinstance(read, Select):
                rows[name] = [dict(row) for row in self.transaction.select(read)]
            elif isinstance(read, Count):
                rows[name] = [dict(row) for row in self.transaction.count(read)]
            elif isinstance(read, Setting):
                rows[name] = self._setting(read.name)
            elif isinstance(read, Series):
                series.append((read.name, name))
        for series_name, name in sorted(series):
            rows[name] = self.transaction.next_in_series(series_name)
            self.numbers.append((series_name, rows[name]))
        return rows

    def _setting(self, name: str) -> Any:
        return setting_value(self.transaction, self.registry, self.shipped, name, self.moment.today)

    def _function(self, name: str, arguments: list[Any]) -> HostAnswer:
        if name == "setting" and len(arguments) == 1:
            return HostAnswer(value=from_json(self._setting(str(arguments[0]))))
        if name == "day_after" and len(arguments) == 1:
            day = _day(arguments[0])
            return HostAnswer(value=end_of(day, self.moment.zone) if day else None)
        if name in ("due", "due_at") and len(arguments) == 2:
            return self._due(name, str(arguments[0]), arguments[1])
        raise Rejected("function", "{name} is not called so", name=name, hint="due(limit, date), due_at(limit, date), day_after(date), setting(name)")

    def _due(self, name: str, limit_id: str, started: Any) -> HostAnswer:
        counted = self.due(limit_id, {start: _day(on) for start, on in started.items()} if isinstance(started, Mapping) else _day(started))
        if counted is None:
            return HostAnswer(value=None)
        working = working_to_json(counted)
        if name == "due":
            return HostAnswer(value=counted.due_on, working=working)
        return HostAnswer(value=end_of(counted.due_on, self.moment.zone), working=working)

    def due(self, limit_id: str, started: date | Mapping[str, date | None] | None) -> Due | None:
        """The due date by the row of the limit in force when its clock starts; None where the limit is unset, or its clock has not started.

        `started`: that day, or the day of each event at which a clock may start, of which the row says which one starts it.
        """
        begun = ((row, _start_of(row, started)) for row in self.limits(limit_id))
        rows = [(row, start_on) for row, start_on in begun if start_on is not None and row.effective_from <= start_on]
        if not rows:
            return None
        limit, start_on = max(rows, key=lambda pair: pair[0].effective_from)
        return due(limit, start_on, self.calendar(), self._counting())

    def _counting(self) -> Counting:
        first_day, roll = self._setting("cfg.countFirstDay"), self._setting("cfg.dueDateRoll")
        return Counting(first_day=first_day is True, roll=roll == "next-working-day")

    def counted_again(self, instance_id: str) -> Sequence[Moved]:
        where = (Where(column="instance_id", value=instance_id), Where(column="status", value="open"))
        items = self.transaction.select(Select(table="work_item", columns=("id", "due_on", "due"), where=where, order=("id",), limit=10_000))
        timers = self.transaction.select(Select(table="timer", columns=("id", "due_at", "due"), where=where, order=("id",), limit=10_000))
        found = moves(items, timers, self.calendar(), self.moment.zone)
        self.record.append(["counted_again", instance_id, [[moved.kind, moved.id, moved.due, moved.working] for moved in found]])
        return found


@dataclass
class RecordedAnswers:
    """Gives the recorded answers again, in order. With a registry, handlers and checks run anew over the recorded rows."""

    record: Sequence[Json]
    registry: Registry | None = None
    asked: int = 0
    numbers: list[tuple[str, int]] = field(default_factory=list)

    def handle(self, job: Job) -> Outcome | Pending:
        answer = self._next("handle", [job.topic, job.element_id])
        if answer == "effect":
            return Pending()
        if "failed" in answer:
            raise _handler_failed(job.topic, Saying.from_json(answer["failed"]))
        self.numbers += [(name, value) for name, value in answer["numbers"]]
        if self.registry is not None and job.topic in self.registry.handlers:
            handler = self.registry.handlers[job.topic]
            try:
                return handler.handle(handler.seen(job), answer["rows"])
            except Exception as error:
                # Newer code that cannot decide what was decided then decides otherwise: it is found, not a crash of the audit.
                raise _fails_today(job.topic, error) from error
        return outcome_from_json(answer["outcome"])

    def function(self, name: str, arguments: Sequence[Any]) -> HostAnswer:
        value, working = self._next("function", [name, [to_json(argument) for argument in arguments]])
        return HostAnswer(value=from_json(value), working=working)

    def check(self, name: str, item: WorkItem, data: Mapping[str, Any]) -> Sequence[FieldFault]:
        answer = self._next("check", [name, item.element_id])
        if self.registry is not None and name in self.registry.checks:
            check = self.registry.checks[name]
            try:
                return tuple(check.check(check.seen(item), data, answer["rows"]))
            except Exception as error:
                raise _fails_today(name, error) from error
        return tuple(FieldFault(**fault) for fault in answer["faults"])

    def receivers(self, signal: str) -> Sequence[tuple[str, str]]:
        return [(who, which) for who, which in self._next("receivers", signal)]

    def counted_again(self, instance_id: str) -> Sequence[Moved]:
        return [Moved(kind=kind, id=which, due=due, working=working) for kind, which, due, working in self._next("counted_again", instance_id)]

    def groups(self, person: str) -> frozenset[str]:
        return frozenset(self._next("groups", person))

    def _next(self, kind: str, question: Json) -> Any:
        if self.asked >= len(self.record):
            raise Diverged("diverged", "asks {kind} {question}, which was not asked then", kind=kind, question=question)
        then_kind, then_question, answer = self.record[self.asked]
        self.asked += 1
        if (then_kind, then_question) != (kind, question):
            raise Diverged(
                "diverged",
                "asks {kind} {question} where {then_kind} {then} was asked",
                kind=kind,
                question=question,
                then_kind=then_kind,
                then=then_question,
            )
        return answer


def _fails_today(name: str, error: Exception) -> Diverged:
    return Diverged("diverged", "{name} fails on what was read then: {text}", name=name, text=said_of_any(error))


def _handler_failed(topic: str, text: Saying) -> Rejected:
    return Rejected("handler_failed", "the handler {topic} failed: {text}", topic=topic, text=text)


def outcome_to_json(outcome: Outcome) -> Json:
    """A handler's outcome as it is recorded."""
    return {
        "variables": {key: to_json(value) for key, value in outcome.variables.items()},
        "facts": [
            {
                "kind": fact.kind,
                "version": fact.version,
                "keys": {key: to_json(value) for key, value in fact.keys.items()},
                "content": {key: to_json(value) for key, value in fact.content.items()},
            }
            for fact in outcome.facts
        ],
        "error": outcome.error,
    }


def outcome_from_json(value: Json) -> Outcome:
    """The outcome as it was recorded."""
    return Outcome(
        variables={key: from_json(inner) for key, inner in value["variables"].items()},
        facts=tuple(
            Fact(
                kind=fact["kind"],
                version=fact["version"],
                keys={key: from_json(inner) for key, inner in fact["keys"].items()},
                content={key: from_json(inner) for key, inner in fact["content"].items()},
            )
            for fact in value["facts"]
        ),
        error=value["error"],
    )


def rows_to_json(rows: Mapping[str, Any]) -> Json:
    """Rows as stores give them are JSON already."""
    return dict(rows)


def _start_of(limit: TimeLimit, started: date | Mapping[str, date | None] | None) -> date | None:
    if not isinstance(started, Mapping):
        return started
    if limit.starts_at not in started:
        raise Rejected(
            "limit_start",
            "the limit {limit} starts at {starts_at}, and the diagram gives only {given}",
            limit=limit.limit_id,
            starts_at=limit.starts_at,
            given=", ".join(started),
            hint="an analyst must add it to the second argument of due()",
        )
    return started[limit.starts_at]


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return date.fromisoformat(value)
    return value if isinstance(value, date) else None
