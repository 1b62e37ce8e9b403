"""`kill -9` between any two steps of a command loses nothing and does nothing twice; run again, it goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from engine import CompleteWorkItem, Engine, PerformAct, Select, SetClock, StartInstance, Where

from ..spine.clerks import Desk, registry

FOLDS = ("instance", "work_item", "petition", "delivery", "delivery_taken", "job", "subscription", "series", "timer", "incident", "outbox")


class Folder(list[str]):
    """A receiver of letters that counts every one that arrives, by files that outlive the process."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def __contains__(self, key: object) -> bool:
        return (self.folder / str(key).replace("/", "_")).exists()

    def append(self, key: str) -> None:
        with open(self.folder / key.replace("/", "_"), "a") as file:
            file.write("x")

    @property
    def arrived(self) -> dict[str, int]:
        return {file.name: len(file.read_text()) for file in self.folder.iterdir()}


def work(folder: Path, before_step: Callable[[str], None]) -> None:
    """Two petitions, every command with an id of its own: one to its end, one withdrawn. What is done already stays done."""
    engine = opened(folder)
    engine.runtime.before_step = before_step
    first = engine.execute(StartInstance(actor="kim", process="petition", command_id="one", data={"title": "a"})).case_id
    second = engine.execute(StartInstance(actor="kim", process="petition", command_id="two", data={"title": "b"})).case_id
    _complete(engine, first, "check", "kim", {"result": "pass"})
    _withdraw(engine, second)
    _complete(engine, first, "decide", "ann", {"answer": "yes"})
    assert engine.drain(seconds=60).left == 0
    engine.close()


def opened(folder: Path) -> Engine:
    """The engine of this folder, with the same set clock every time."""
    clock = SetClock(datetime.fromisoformat("2026-01-05T09:00+08:00"))
    return Engine.open(folder / "desk.db", registry(Folder(folder / "letters")), clock=clock)


@pytest.fixture
def new_folder(tmp_path: Path) -> Callable[[str], Path]:
    """Makes folders with a fresh, deployed database each."""
    Desk(tmp_path / "new.db").engine.close()

    def make(name: str) -> Path:
        (tmp_path / name).mkdir()
        copy(tmp_path / "new.db", tmp_path / name / "desk.db")
        return tmp_path / name

    return make


def _complete(engine: Engine, case: str, element: str, actor: str, data: Mapping[str, Any]) -> None:
    where = (Where(column="case_id", value=case), Where(column="element_id", value=element))
    item = engine.select("kim", Select(table="work_item", where=where))[0]["id"]
    engine.execute(CompleteWorkItem(actor=actor, item_id=item, data=data))


def _withdraw(engine: Engine, case: str) -> None:
    where = (Where(column="case_id", value=case), Where(column="act", value="withdraw"))
    act = engine.select("kim", Select(table="subscription", where=where))[0]["id"]
    engine.execute(PerformAct(actor="kim", subscription_id=act, command_id="act", data={"why": "moved"}))


def in_a_process(folder: Path, kill_at: int | None) -> int:
    """Work in a forked process that kills itself before the given step. The wait status."""
    steps = iter(range(1_000_000))

    def before_step(step: str) -> None:
        if next(steps) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return os.waitpid(_forked(lambda: work(folder, before_step)), 0)[1]


def _forked(act: Callable[[], object]) -> int:
    """The id of a child that does it and exits 0, or 1 where it raises."""
    child = os.fork()
    if child:
        return child
    try:
        act()
        os._exit(0)
    finally:
        os._exit(1)


def outcome(folder: Path) -> dict[str, Any]:
    """Every fold, and what arrived at the receiver."""
    engine = opened(folder)
    with engine.store.transaction(write=False) as transaction:
        tables = {name: [dict(row) for row in transaction.fold_rows(name)] for name in FOLDS}
    findings = engine.verify().findings + engine.replay().findings + engine.rebuild().findings
    engine.close()
    return {**tables, "arrived": Folder(folder / "letters").arrived, "findings": findings}


def _steps(folder: Path) -> list[str]:
    names: list[str] = []
    work(folder, names.append)
    return names


def test_killed_before_any_step_it_goes_on(new_folder: Callable[[str], Path]) -> None:
    """After a kill before each single step and a second run, all tables and the receiver are as without a kill."""
    whole_folder = new_folder("whole")
    names = _steps(whole_folder)
    whole = outcome(whole_folder)

    for number, name in enumerate(names):
        folder = new_folder(str(number))
        assert os.WTERMSIG(in_a_process(folder, number)) == signal.SIGKILL
        assert in_a_process(folder, None) == 0

        assert outcome(folder) == whole, f"killed before step {number} ({name})"

    assert set(names) == {"begin", "decide", "append", "apply", "commit", "committed", "effect", "effect done"}
    assert list(whole["arrived"].values()) == [1]


def test_two_workers_do_everything_once(new_folder: Callable[[str], Path]) -> None:
    """Two processes that work the same outbox at once: every message delivered once, every letter arrived, nothing left."""
    folder = new_folder("two")
    engine = opened(folder)
    for number in range(20):
        case = engine.execute(StartInstance(actor="kim", process="petition", command_id=f"{number}", data={"title": "t"})).case_id
        _complete(engine, case, "check", "kim", {"result": "pass"})
        _complete(engine, case, "decide", "ann", {"answer": "yes"})
    engine.close()

    children = [_forked(lambda: opened(folder).drain(seconds=60)) for _ in range(2)]

    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    after = outcome(folder)
    assert after["outbox"] == after["incident"] == after["findings"] == []
    assert len(after["arrived"]) == 20
    assert sum(row["process"] == "listener" for row in after["instance"]) == 20
