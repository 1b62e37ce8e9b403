"""Timer start events (启动定时): what a deployment does to them, and when the next turn is due. Pure.

A start timer belongs to the deployment that set it, and stays until a deployment changes its diagram or takes it away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    "timers": Select(table="start_timer", where=(Where(column="status", value="open"),), order=("id",), limit=EVERYTHING),
    "ended": Select(
        table="start_turn",
        columns=("process", "element_id", "due_at"),
        where=(Where(column="next_at", op="is_null"),),
        order=("id",),
        limit=EVERYTHING,
    ),
}
"""What `rearranged` needs: the start timers that stand, and the last turns of those that came to their end."""


def rearranged(bundle: Bundle, files: Mapping[str, bytes], rows: Mapping[str, Sequence[Row]], moment: Moment) -> Iterator[Event]:
    """What a deployment does to the start timers. One whose diagram is the same file goes on as it is; any other counts anew.

    A date that began an instance under an earlier version does not begin another. Raises DefinitionError with every time that gives none.
    """
    standing = {(row["process"], row["element_id"], row["n"]): row for row in rows.get("timers", ())}
    # Deployments of earlier releases read neither: they had no start timers.
    ended = {(row["process"], row["element_id"], row["due_at"]) for row in rows.get("ended", ())}
    digests = {path: sha256(data).hex() for path, data in files.items()}
    set_anew: list[StartTimerSet] = []
    problems: list[Problem] = []
    for process, element in sorted(bundle.definitions.starts_by_timer()):
        file = digests[bundle.definitions.processes[process].file]
        kept = [key for key, row in standing.items() if (*key[:2], row["file"]) == (process, element, file)]
        if kept:
            for key in kept:
                del standing[key]
            continue
        try:
            turns = bundle.definitions.start_timers(process, element, moment.now, moment.zone)
        except DefinitionError as error:
            problems += error.problems
            continue
        set_anew += (_set(process, element, n, file, turn, ended) for n, turn in enumerate(turns, start=1))
    if problems:
        raise DefinitionError(problems)
    again = {(one.process, one.element_id, one.n) for one in set_anew}
    for key, row in standing.items():
        yield StartTimerClosed(timer=row["id"], how="replaced" if key in again else "ended")
    yield from set_anew


def _set(
    process: str, element: str, n: int, file: str, turn: kernel.StartTimer | None, ended: set[tuple[str, str, int]]
) -> StartTimerSet:
    if turn is not None and turn.is_dated and (process, element, instant(turn.due_at)) in ended:
        turn = None
    return StartTimerSet(
        process=process,
        element_id=element,
        n=n,
        file=file,
        due_at=instant(turn.due_at) if turn else None,
        every=turn.every if turn else None,
        left=turn.left if turn else 0,
    )


def after(due_at: int, every: str | None, left: int, zone: str) -> int | None:
    """When the turn after the one that was due then is due; None when there is none."""
    following = kernel.next_start(kernel.StartTimer(due_at=from_microseconds(due_at), every=every, left=left), zone)
    return instant(following.due_at) if following is not None else None
