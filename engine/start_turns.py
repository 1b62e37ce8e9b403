"""Which turn of each start timer (启动定时) is the next. Reads tables, decides nothing.

A start timer is a row of the deployment that set it; each of its turns that came is a row of the instance that it began. So a turn is one
commit, and what is next follows from both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .registry import Select, Where

START_TIMERS_MAX = 10_000
"""So many start events with a timer may stand in a deployment."""
Row = Mapping[str, Any]
Read = Callable[[Select], Sequence[Row]]


@dataclass(frozen=True, kw_only=True)
class StartTurn:
    """The next turn of a start timer. `due_at` is None where none is left; `left`: turns after this one, -1 without end."""

    timer: str
    process: str
    element_id: str
    turn: int
    due_at: int | None
    every: str | None
    left: int


def next_turns(read: Read, *, until: int | None = None) -> list[StartTurn]:
    """The next turn of every start timer that stands, those due first; with `until`, only those that are due by then."""
    where = [Where(column="status", value="open")]
    if until is not None:
        where.append(Where(column="due_at", op="<=", value=until))
    rows = read(Select(table="start_timer", where=tuple(where), order=("id",), limit=START_TIMERS_MAX))
    turns = [_next(row, read) for row in rows]
    if until is not None:
        turns = [turn for turn in turns if turn.due_at is not None and turn.due_at <= until]
    return sorted(turns, key=lambda turn: (turn.due_at is None, turn.due_at or 0, turn.timer))


def next_turn(read: Read, timer: str) -> StartTurn | None:
    """The next turn of one start timer; None where no such timer stands."""
    rows = read(Select(table="start_timer", where=(Where(column="id", value=timer), Where(column="status", value="open")), limit=1))
    return _next(rows[0], read) if rows else None


def _next(row: Row, read: Read) -> StartTurn:
    """The first turn, or the one that the newest instance of this timer named as the next."""
    of_timer = (Where(column="timer", value=row["id"]),)
    last = read(Select(table="start_turn", columns=("turn", "next_at"), where=of_timer, order=("-turn",), limit=1))
    passed = last[0]["turn"] if last else 0
    return StartTurn(
        timer=row["id"],
        process=row["process"],
        element_id=row["element_id"],
        turn=passed + 1,
        due_at=last[0]["next_at"] if last else row["due_at"],
        every=row["every"],
        left=row["left"] - passed if row["left"] >= 0 else row["left"],
    )
