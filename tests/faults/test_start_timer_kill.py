"""`kill -9` between any two steps of what a start timer begins: no turn begins an instance twice, and none is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from engine import Engine, SetClock

from ..spine.clerks import Desk, registry
from ..spine.clocks import BEGIN, beginning, deploy, timer

FOLDS = ("instance", "work_item", "start_timer", "start_turn")


def opened(folder: Path, now: datetime) -> Engine:
    return Engine.open(folder / "desk.db", registry(), clock=SetClock(now))


def killed(folder: Path, kill_at: int | None) -> int:
    """Make up for two missed turns in a forked process that kills itself before the given step. The wait status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        engine = opened(folder, BEGIN + timedelta(hours=2, minutes=30))
        steps = iter(range(1_000_000))

        def before_step(step: str) -> None:
            if next(steps) == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        engine.runtime.before_step = before_step
        engine.tick(seconds=60)
        engine.close()
        os._exit(0)
    finally:
        os._exit(1)


def outcome(folder: Path) -> dict[str, Any]:
    """The tables that the start timer wrote, but for the store's own numbers, which may have gaps."""
    engine = opened(folder, BEGIN + timedelta(hours=3))
    with engine.store.transaction(write=False) as transaction:
        tables = {name: [dict(row) for row in transaction.fold_rows(name)] for name in FOLDS}
    findings = engine.verify().findings + engine.replay().findings + engine.rebuild().findings
    due = [turn.due_at for turn in engine.start_turns("kim")]
    engine.close()
    turns = [(row["timer"], row["turn"], row["due_at"], row["next_at"]) for row in tables["start_turn"]]
    return {"turns": turns, "instances": len(tables["instance"]), "items": len(tables["work_item"]), "due": due, "findings": findings}


@pytest.fixture
def new_folder(tmp_path: Path) -> Callable[[str], Path]:
    """Makes folders with a database each in which a start timer stands."""
    desk = Desk(tmp_path / "new.db")
    deploy(desk, beginning(timer("timeCycle", "R3/PT1H")))
    desk.engine.close()

    def make(name: str) -> Path:
        (tmp_path / name).mkdir()
        copy(tmp_path / "new.db", tmp_path / name / "desk.db")
        return tmp_path / name

    return make


def test_killed_before_any_step_each_turn_begins_one_instance(new_folder: Callable[[str], Path]) -> None:
    """Whatever step the process dies at, a worker that comes after it ends where one that was never killed does."""
    undisturbed = new_folder("undisturbed")
    assert killed(undisturbed, None) == 0
    wanted = outcome(undisturbed)
    assert (wanted["instances"], wanted["items"], wanted["findings"]) == (2, 2, [])

    deaths = 0
    for step in range(100):
        folder = new_folder(str(step))
        if killed(folder, step) == 0:
            break
        deaths += 1
        assert killed(folder, None) == 0
        assert outcome(folder) == wanted, step

    assert deaths == 12, "two commands of six steps each"
