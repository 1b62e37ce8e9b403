"""The demonstration killed at injected points and at random moments: run again it goes on, nothing is lost, nothing done twice."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine import Engine, Select, SetClock
from handlers import registry
from handlers.demo.data import DemoData, read
from handlers.demo.routes import begins_on
from handlers.demo.summary import summarize
from handlers.demo.walk import Walk, prepare

from .test_kill import _forked

ADMIN = "operator-1"
STEPS = ("begin", "decide", "append", "apply", "commit", "committed", "effect", "effect done")


@pytest.fixture(name="data", scope="module")
def _data() -> DemoData:
    return read(Path(__file__).parents[2] / "processes")


def opened(folder: Path, data: DemoData) -> Engine:
    """The demonstration's engine, made or opened again, its clock where the database left it."""
    filled = registry(letter_box=folder / "letters")
    beginning = datetime.combine(begins_on(data), time(0, 0), UTC)
    if not (folder / "demo.db").exists():
        return Engine.create(folder / "demo.db", filled, admin=ADMIN, clock=SetClock(beginning), simulated=True)
    engine = Engine.open(folder / "demo.db", filled)
    engine = Engine(engine.store, filled, SetClock(engine.last_moment() or beginning))
    engine.name_first(ADMIN)
    return engine


def walk(folder: Path, data: DemoData, before_step: Callable[[str], None]) -> None:
    engine = opened(folder, data)
    engine.runtime.before_step = before_step
    prepare(engine, data, admin=ADMIN)
    Walk(engine=engine, data=data).run()
    engine.close()


def killed_before(step: str, times: int) -> Callable[[str], None]:
    """A hook that kills its process before the step comes for so many times."""
    count = itertools.count(1)

    def before_step(name: str) -> None:
        if name == step and next(count) == times:
            os.kill(os.getpid(), signal.SIGKILL)

    return before_step


def outcome(folder: Path, data: DemoData) -> dict[str, Any]:
    """What became of every suggestion, every domain record without its instance, and what lies in the letter box."""
    engine = opened(folder, data)
    done = Walk(engine=engine, data=data)
    done.run()
    summary = summarize(done)
    assert (summary.refused, summary.incidents) == ({}, 0)
    letters = [row["id"] for row in engine.select("auditor-1", Select(table="letter", limit=100_000))]
    arrived = list((folder / "letters").glob("*.json"))
    assert len(letters) == len(set(letters)) == len(arrived)
    findings = engine.verify().findings + engine.replay().findings + engine.rebuild().findings
    assert findings == []
    counts = {table: len(engine.select("auditor-1", Select(table=table, limit=100_000))) for table in sorted(engine.registry.records)}
    engine.close()
    return {"lines": [asdict(line) for line in summary.lines], "topics": summary.topics, "counts": counts}


@pytest.fixture(name="walked", scope="module")
def _walked(data: DemoData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a walk lies that nobody killed."""
    folder = tmp_path_factory.mktemp("whole")
    walk(folder, data, lambda step: None)
    return folder


@pytest.fixture(name="whole", scope="module")
def _whole(data: DemoData, walked: Path) -> dict[str, Any]:
    """What a walk that nobody killed comes to."""
    return outcome(walked, data)


def committed(folder: Path) -> int:
    """How many rows of history are committed."""
    with closing(sqlite3.connect(f"file:{folder / 'demo.db'}?mode=ro", uri=True, timeout=60)) as connection:
        return int(connection.execute("SELECT count(*) FROM history").fetchone()[0])


def test_killed_between_any_two_steps_it_goes_on(data: DemoData, whole: dict[str, Any], tmp_path: Path) -> None:
    """Killed before each step of a command in turn, each time further on, and run again: all is as without a kill."""
    for step in STEPS:
        hook = killed_before(step, 5 if step.startswith("effect") else 120)

        status = os.waitpid(_forked(partial(walk, tmp_path, data, hook)), 0)[1]

        assert os.WTERMSIG(status) == signal.SIGKILL, f"not killed before {step}"

    assert outcome(tmp_path, data) == whole


def test_killed_at_random_moments_it_goes_on(data: DemoData, walked: Path, whole: dict[str, Any], tmp_path: Path) -> None:
    """Twenty kills at random moments between the first commit and the last; the seed is printed.

    What is random is how far the walk has come, and then a moment more: a random time alone would come after the end on a quick machine.
    """
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    chance = random.Random(seed)
    opened(tmp_path, data).close()
    last = committed(walked)
    killed_at = []
    for reached in sorted(chance.sample(range(committed(tmp_path), last - 50), 20)):
        child = multiprocessing.get_context("fork").Process(target=walk, args=(tmp_path, data, lambda step: None))
        child.start()
        while child.is_alive() and committed(tmp_path) < reached:
            child.join(timeout=0.001)
        child.join(timeout=chance.uniform(0, 0.02))
        child.kill()
        child.join()
        if child.exitcode == -signal.SIGKILL:
            killed_at.append(committed(tmp_path))

    assert sum(rows < last for rows in killed_at) >= 15, f"seed {seed}: hardly any kill came before the end"
    assert outcome(tmp_path, data) == whole, f"seed {seed}"
