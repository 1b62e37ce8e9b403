"""Timer start events (启动定时): what a deployment does to them, and when the next turn is due. Pure.

A start timer belongs to the deployment that set it, and stays until a deployment changes its diagram or takes it away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from . import kernel
from .canonical import sha256
from .deployment import Bundle
from .errors import DefinitionError, Problem
from .events import Event, StartTimerClosed, StartTimerSet
from .instants import from_microseconds, instant
from .model import Moment
from .registry import Select, Where

EVERYTHING = 1_000_000
Row = Mapping[str, Any]


READS: Mapping[str, Select] = {
    "timers": Select(table="start_timer", where=(Where(column="status", op="in", value=["late", "open"]),), order=("id",), limit=EVERYTHING),
    "ended": Select(
        table="start_turn",
        columns=("process", "element_id", "due_at"),
        where=(Where(column="next_at", op="is_null"),),
        order=("id",),
        limit=EVERYTHING,
    ),
}
"""What `rearranged` needs beside `turns`, the next turn of each timer: the timers that stand, and the last turns of those that came to an end."""


def rearranged(bundle: Bundle, files: Mapping[str, bytes], rows: Mapping[str, Sequence[Row]], moment: Moment) -> Iterator[Event]:
    """What a deployment does to the start timers. One whose diagram is the same file goes on as it is; any other counts anew.

    What comes does not hang on when a worker ran: turns of a replaced timer that were due by now still come. A date that began an instance
    under an earlier version does not begin another. Raises DefinitionError with every time that gives none.
    """
    drawn = bundle.definitions.starts_by_timer()
    digests = {path: sha256(data).hex() for path, data in files.items()}
    file_of = {start: digests[bundle.definitions.processes[start[0]].file] for start in drawn}
    # Deployments of earlier releases read nothing of this: they had no start timers.
    timers, missed = rows.get("timers", ()), _missed(rows, moment)
    standing = {_start_of(row) for row in timers if row["status"] == "open"}
    kept = {_start_of(row) for row in timers if row["status"] == "open" and file_of.get(_start_of(row)) == row["file"]}
    set_anew = list(_set_anew(bundle, [(start, file_of[start]) for start in sorted(drawn) if start not in kept], moment))
    for row in timers:
        if _start_of(row) not in file_of:
            yield StartTimerClosed(timer=row["id"], how="ended")
        elif row["status"] == "open" and _start_of(row) not in kept:
            yield StartTimerClosed(timer=row["id"], how="late" if row["id"] in missed else "replaced")
    came = {(*_start_of(row), row["due_at"]) for row in (*rows.get("ended", ()), *missed.values())}
    for one, is_dated in set_anew:
        yield _without_what_came(one, is_dated, came, (one.process, one.element_id) in standing, moment)


def _start_of(row: Row) -> tuple[str, str]:
    return row["process"], row["element_id"]


def _missed(rows: Mapping[str, Sequence[Row]], moment: Moment) -> dict[str, Row]:
    """By timer, the next turns that are due already and that no worker made yet."""
    now = instant(moment.now)
    return {row["timer"]: row for row in rows.get("turns", ()) if row["due_at"] is not None and row["due_at"] <= now}


def _set_anew(bundle: Bundle, starts: Iterable[tuple[tuple[str, str], str]], moment: Moment) -> Iterator[tuple[StartTimerSet, bool]]:
    """The timers of these start events, each with whether it is a date. Raises DefinitionError with the problems of all."""
    problems: list[Problem] = []
    for (process, element), file in starts:
        try:
            turns = bundle.definitions.start_timers(process, element, moment.now, moment.zone)
        except DefinitionError as error:
            problems += error.problems
            continue
        for n, turn in enumerate(turns, start=1):
            due_at, every, left = (instant(turn.due_at), turn.every, turn.left) if turn else (None, None, 0)
            made = StartTimerSet(process=process, element_id=element, n=n, file=file, due_at=due_at, every=every, left=left)
            yield made, bool(turn and turn.is_dated)
    if problems:
        raise DefinitionError(problems)


def _without_what_came(one: StartTimerSet, is_dated: bool, came: Set[tuple[str, str, int]], stood: bool, moment: Moment) -> StartTimerSet:
    """The timer without the turn that an earlier version made or still makes: a date, or the turn of a cycle that is due this very moment."""
    if one.due_at is None:
        return one
    if is_dated and (one.process, one.element_id, one.due_at) in came:
        return replace(one, due_at=None)
    if one.every is not None and stood and one.due_at <= instant(moment.now):
        due_at = after(one.due_at, one.every, one.left, moment.zone)
        return replace(one, due_at=due_at, left=one.left - 1 if one.left > 0 else one.left)
    return one


def after(due_at: int, every: str | None, left: int, zone: str) -> int | None:
    """When the turn after the one that was due then is due; None when there is none."""
    following = kernel.next_start(kernel.StartTimer(due_at=from_microseconds(due_at), every=every, left=left), zone)
    return instant(following.due_at) if following is not None else None
