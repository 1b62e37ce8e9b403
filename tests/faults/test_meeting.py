"""The assignment meeting (交办会): one decision fixes the day and the list, each item takes it as its own command."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from engine import (
    CompleteWorkItem,
    DeployDefinitions,
    Engine,
    RegisterPersons,
    RegisterUnits,
    RetryIncident,
    Select,
    SetClock,
    StartInstance,
    Where,
)
from handlers import registry

from .test_kill import _forked

ROOT = Path(__file__).parents[2]
ITEMS, UNITS = 500, 20
BAD = 137
MEETING = "2026-04-10"


def _units(**changed: Any) -> list[dict[str, Any]]:
    with open(ROOT / "processes" / "units.csv", newline="") as file:
        rows = list(csv.DictReader(file))[: UNITS + 1]
    return [{**row, "confirmed": True, **(changed if row["id"] == rows[UNITS]["id"] else {})} for row in rows]


def opened(folder: Path, now: str) -> Engine:
    clock = SetClock(datetime.fromisoformat(now))
    return Engine.open(folder / "congress.db", registry(letter_box=folder / "letters"), clock=clock)


@pytest.fixture(scope="module")
def congress(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 suggestions of one session, registered and allocated to 20 units, waiting for the meeting; one unit of one item then ends."""
    folder = tmp_path_factory.mktemp("congress")
    clock = SetClock(datetime.fromisoformat("2026-03-05T09:00+08:00"))
    engine = Engine.create(folder / "congress.db", registry(letter_box=folder / "letters"), admin="root", clock=clock, simulated=True)
    people = [{"id": f"c{n}", "name": f"c{n}", "groups": ["commission"]} for n in (1, 2)]
    people += [{"id": "d1", "name": "d1", "groups": ["deputy"]}, {"id": "a1", "name": "a1", "groups": ["auditor"]}]
    engine.execute(RegisterPersons(actor="root", data=people))
    engine.execute(RegisterUnits(actor="root", data=_units()))
    processes = ROOT / "processes"
    files = {str(path.relative_to(processes)): path.read_bytes() for path in processes.rglob("*") if path.is_file()}
    engine.execute(DeployDefinitions(actor="root", files=files))
    units = [unit["id"] for unit in _units()]
    for number in range(ITEMS):
        _allocated(engine, number, units[UNITS] if number == BAD else units[number % UNITS])
    engine.execute(RegisterUnits(actor="root", data=_units(to_on="2026-03-31")))
    engine.close()
    return folder


def _allocated(engine: Engine, number: int, unit: str) -> None:
    data = {"title": f"关于第{number}件事的建议", "proposer_type": "single", "session": "14-4", "channel": "session", "lead_id": "d1"}
    start = StartInstance(actor="c1", process="suggestion", element_id="start-import", data=data)
    receipt = engine.execute(start)
    for actor, answer in (
        ("c1", {"checks": [], "outcome": "pass"}),
        ("c1", {"main_class": "演示"}),
        ("c1", {"rows": [{"unit": unit, "mode": "sole"}]}),
        ("c2", {"approved": True}),
    ):
        receipt = engine.execute(CompleteWorkItem(actor=actor, item_id=receipt.opened[0], data=answer))


def _hold(engine: Engine) -> None:
    receipt = engine.execute(StartInstance(actor="c1", process="assignment_meeting", command_id="meeting", data={}))
    engine.execute(CompleteWorkItem(actor="c1", item_id=receipt.opened[0], data={"session": "14-4", "held_on": MEETING}))
    engine.drain(limit=1_000_000, seconds=600)


def _all(engine: Engine, table: str, *where: Where) -> Sequence[Mapping[str, Any]]:
    return engine.select("a1", Select(table=table, where=where, limit=100_000))


def test_a_meeting_assigns_all_on_one_day(congress: Path, tmp_path: Path) -> None:
    """Killed in the middle and run again: all but the bad one are assigned on the meeting's day, numbers without a gap, letters once;
    the bad one is an incident that keeps the date when it is repaired later."""
    copy(congress / "congress.db", tmp_path / "congress.db")

    def killed_in_the_middle() -> None:
        engine = opened(tmp_path, f"{MEETING}T10:00+08:00")
        done = iter(range(1_000_000))
        engine.runtime.before_step = lambda step: os.kill(os.getpid(), signal.SIGKILL) if next(done) == 1_500 else None
        _hold(engine)

    assert os.WTERMSIG(os.waitpid(_forked(killed_in_the_middle), 0)[1]) == signal.SIGKILL
    engine = opened(tmp_path, f"{MEETING}T10:00+08:00")
    assert 0 < len(_all(engine, "assignment")) < ITEMS - 1
    _hold(engine)

    assignments = _all(engine, "assignment")
    assert len(assignments) == ITEMS - 1
    assert {row["assigned_on"] for row in assignments} == {MEETING}
    assert {row["reply_due_on"] for row in assignments} == {"2026-07-10"}
    assert sorted(row["number"] for row in _all(engine, "suggestion")) == list(range(1, ITEMS + 1))
    (incident,) = _all(engine, "incident", Where(column="status", value="open"))

    engine.advance(datetime.fromisoformat("2026-04-20T09:00+08:00"))
    engine.execute(RegisterUnits(actor="root", data=_units(to_on=None)))
    engine.execute(RetryIncident(actor="root", incident_id=incident["id"], reason="the unit goes on"))
    engine.drain(limit=1_000_000, seconds=600)

    assert {row["assigned_on"] for row in _all(engine, "assignment")} == {MEETING}
    assert len(_all(engine, "assignment")) == ITEMS
    letters = _all(engine, "letter")
    assert len(letters) == len({row["id"] for row in letters}) == len(list((tmp_path / "letters").glob("*.json"))) >= ITEMS
    assert engine.verify().findings == []
    assert engine.rebuild().findings == []
