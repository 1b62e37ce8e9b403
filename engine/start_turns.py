"""Which turn of each start timer (启动定时) is the next. Reads tables, decides nothing.

A start timer is a row of the deployment that set it; each of its turns that came is a row of the instance that it began. So a turn is one
commit, and what is next follows from both. Of a timer that a deployment replaced, turns that were due by then still come (it is *late*).
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


_STANDS = Where(column="status", op="in", value=["late", "open"])


def next_turns(read: Read, *, until: int | None = None) -> list[StartTurn]:
    """The next turn of every start timer that stands, those due first; with `until`, only those that are due by then."""
    due = () if until is None else (Where(column="due_at", op="<=", value=until),)
    rows = read(Select(table="start_timer", where=(_STANDS, *due), order=("id",), limit=START_TIMERS_MAX))
    turns = [turn for row in rows if (turn := _next(row, read)).due_at is not None or row["status"] == "open"]
    if until is not None:
        turns = [turn for turn in turns if turn.due_at is not None and turn.due_at <= until]
    return sorted(turns, key=lambda turn: (turn.due_at is None, turn.due_at or 0, turn.timer))


def next_turn(read: Read, timer: str) -> StartTurn | None:
    """The next turn of one start timer; None where no such timer stands."""
    rows = read(Select(table="start_timer", where=(Where(column="id", value=timer), _STANDS), limit=1))
    return _next(rows[0], read) if rows else None


def _next(row: Row, read: Read) -> StartTurn:
    """The first turn, or the one that the newest instance of this timer named as the next. A late one has none after it was closed."""
    of_timer = (Where(column="timer", value=row["id"]),)
    last = read(Select(table="start_turn", columns=("turn", "next_at"), where=of_timer, order=("-turn",), limit=1))
    passed = last[0]["turn"] if last else 0
    due_at = last[0]["next_at"] if last else row["due_at"]
    if row["status"] == "late" and due_at is not None and due_at > row["closed_at"]:
        due_at = None
    return StartTurn(
        timer=row["id"],
        process=row["process"],
        element_id=row["element_id"],
        turn=passed + 1,
        due_at=due_at,
        every=row["every"],
        left=max(row["left"] - passed, 0) if row["left"] >= 0 else row["left"],
    )
