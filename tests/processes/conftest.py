"""A simulated congress in memory for the scenarios of the diagrams: an engine, a set clock, and people who act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine import (
    CompleteWorkItem,
    DeployDefinitions,
    Engine,
    PerformAct,
    Receipt,
    RegisterPersons,
    Select,
    SetClock,
    StartInstance,
    Where,
)
from engine.storage import MemoryStore
from handlers import registry

PROCESSES = Path(__file__).parents[2] / "processes"
WATCHER = "watcher"
"""Reads everything: the scenarios look at the tables through it."""


class Congress:
    """One database in memory with some diagrams deployed. Ids of items are found by element, as a reader of the diagram would name them."""

    def __init__(self, box: Path, files: Iterable[str], more: Mapping[str, bytes], people: Mapping[str, Iterable[str]], jurisdiction: str = "national") -> None:
        filled = registry(letter_box=box)
        self.clock = SetClock(datetime.fromisoformat("2026-04-01T09:00+08:00"))
        store = MemoryStore(filled.records.values(), simulated=True, settings={"jurisdiction": jurisdiction, "zone": "Asia/Shanghai"})
        self.engine = Engine(store, filled, self.clock)
        groups = {"admin": ["operator", "process-owner"], WATCHER: ["auditor", "operator"], **people}
        data = [{"id": person, "name": person, "groups": list(held)} for person, held in groups.items()]
        self.engine.execute(RegisterPersons(actor="system:test", data=data))
        forms = {f"forms/{path.name}": path.read_bytes() for path in sorted((PROCESSES / "forms").glob("*.json"))}
        deployed = {name: (PROCESSES / name).read_bytes() for name in files}
        self.engine.execute(DeployDefinitions(actor="admin", files={**deployed, **forms, **more}))

    def start(self, process: str, person: str, element_id: str | None = None, **data: Any) -> Receipt:
        """A person starts a process by hand."""
        return self._drained(self.engine.execute(StartInstance(actor=person, process=process, element_id=element_id, data=data)))

    def do(self, element: str, person: str, **data: Any) -> Receipt:
        """A person completes the open work item of an element."""
        return self._drained(self.engine.execute(CompleteWorkItem(actor=person, item_id=self.item(element)["id"], data=data)))

    def act(self, act: str, person: str, **data: Any) -> Receipt:
        """A person does what the diagram offers by hand."""
        offered = self.rows("subscription", act=act, status="open")
        assert len(offered) == 1, f"{act} is offered {len(offered)} times"
        return self._drained(self.engine.execute(PerformAct(actor=person, subscription_id=offered[0]["id"], data=data)))

    def advance(self, moment: str) -> None:
        """Time goes on, each timer at its own time."""
        self.engine.advance(datetime.fromisoformat(moment))

    def item(self, element: str) -> Mapping[str, Any]:
        """The one open work item of an element."""
        found = self.rows("work_item", element_id=element, status="open")
        assert len(found) == 1, f"{element} is open {len(found)} times; open are {self.open_items()}"
        return found[0]

    def open_items(self) -> list[str]:
        """The elements at which somebody is asked to do something."""
        return sorted(row["element_id"] for row in self.rows("work_item", status="open"))

    def rows(self, table: str, **equal: Any) -> list[Mapping[str, Any]]:
        """All rows of a table with these values."""
        where = tuple(Where(column=column, value=value) for column, value in equal.items())
        return list(self.engine.select(WATCHER, Select(table=table, where=where, limit=100_000)))

    def row(self, table: str, **equal: Any) -> Mapping[str, Any]:
        """The one row of a table with these values."""
        found = self.rows(table, **equal)
        assert len(found) == 1, f"{table} has {len(found)} such rows"
        return found[0]

    def _drained(self, receipt: Receipt) -> Receipt:
        self.engine.drain()
        incidents = [(row["element_id"], row["reason"]) for row in self.rows("incident", status="open")]
        assert not incidents, incidents
        return receipt


@pytest.fixture(name="congress")
def _congress(tmp_path: Path) -> Callable[..., Congress]:
    """Makes a congress: `congress(files=[…], more={name: bytes}, people={person: [groups]})`."""

    def make(*, files: Iterable[str], people: Mapping[str, Iterable[str]], more: Mapping[str, bytes] | None = None, jurisdiction: str = "national") -> Congress:
        return Congress(tmp_path / "letters", files, more or {}, people, jurisdiction)

    return make
