"""A small congress on the real diagrams: its people and units, the clock, and looks into its tables and its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from engine import (
    Command,
    DeployDefinitions,
    Engine,
    RegisterPersons,
    RegisterUnits,
    Select,
    SetClock,
    Where,
)
from engine.events import Event
from engine.storage import MemoryStore
from engine.storage.port import StoredRow
from handlers import registry

PROCESSES = Path(__file__).parents[2] / "processes"
WATCHER, ADMIN = "watcher", "root"
UNITS = ("u1", "u2", "u3", "u4", "u5", "u6")
SUCCEEDED = {"u6": "u1"}
"""u6 became u1 long ago: the two may not stand in one set."""
DEPUTIES = ("d1", "d2", "d3", "d4")
COMMITTEES = ("c1", "c2")
DESKS = ("desk", "handler", "leader", "principal", "secrecy")
OFFICES = {
    "clerk": ["commission", "secretariat"],
    "checker": ["commission"],
    "chief": ["commission"],
    "chair": ["chairpersons"],
    "office": ["secretary-general-office"],
    **{committee: [f"special-committee:{committee}"] for committee in COMMITTEES},
}


def people() -> dict[str, list[str]]:
    """Every person with the groups held from the first day on."""
    deputies = {deputy: ["deputy"] for deputy in DEPUTIES} | {"head": ["deputy", "delegation:dl1"]}
    desks = {f"{desk}-{unit}": [f"unit-{desk}:{unit}"] for unit in UNITS for desk in DESKS}
    return {WATCHER: ["auditor", "operator"], **OFFICES, **deputies, **desks}


@cache
def deployed_files() -> Mapping[str, bytes]:
    """All diagrams, decision tables and forms of the product."""
    found = [*PROCESSES.glob("*.bpmn"), *PROCESSES.glob("*.dmn"), *PROCESSES.glob("forms/*.json")]
    return {str(path.relative_to(PROCESSES)): path.read_bytes() for path in sorted(found)}


class Congress:
    """One database, founded and ready: in memory, or in a file where a history is to be kept."""

    def __init__(self, letter_box: Path, database: Path | None = None) -> None:
        self.clock = SetClock(datetime.fromisoformat("2026-03-05T09:00+08:00"))
        filled = registry(letter_box=letter_box)
        if database is None:
            settings = {"jurisdiction": "national", "zone": "Asia/Shanghai"}
            store = MemoryStore(filled.records.values(), simulated=True, settings=settings)
            self.engine = Engine.found(store, filled, admin=ADMIN, clock=self.clock)
        else:
            self.engine = Engine.create(database, filled, admin=ADMIN, clock=self.clock, simulated=True)
        data = [{"id": person, "name": f"名{person}", "groups": groups} for person, groups in people().items()]
        units = [{"id": unit, "name": f"单位{unit}", "kind": "部委"} for unit in UNITS if unit not in SUCCEEDED]
        units += [{"id": unit, "name": f"单位{unit}", "kind": "部委", "successors": [{"id": after, "on_date": "2018-03-17"}]} for unit, after in SUCCEEDED.items()]
        self.founding: list[Command] = [
            RegisterPersons(actor=ADMIN, command_id="people", data=data),
            RegisterUnits(actor=ADMIN, command_id="units", data=units),
            DeployDefinitions(actor=ADMIN, command_id="deploy", files=dict(deployed_files())),
        ]
        for command in self.founding:
            self.engine.execute(command)

    @property
    def today(self) -> date:
        return self.engine.today

    def rows(self, table: str, **equal: Any) -> list[Mapping[str, Any]]:
        """All rows of a table with these values, as the auditor reads them."""
        where = tuple(Where(column=column, value=value) for column, value in equal.items())
        return list(self.engine.select(WATCHER, Select(table=table, where=where, limit=100_000)))

    def history(self) -> Iterator[StoredRow]:
        """Every row of history in the order of the store."""
        with self.engine.store.transaction(write=False) as transaction:
            after = 0
            while rows := transaction.places(after=after, limit=1_000):
                yield from rows
                after = rows[-1].place

    def length(self) -> int:
        """How many rows history has."""
        return sum(1 for _ in self.history())

    def events(self) -> Iterator[tuple[StoredRow, Event]]:
        """Every event with its row."""
        for stored in self.history():
            with self.engine.store.transaction(write=False) as transaction:
                row, _ = self.engine.runtime.read(transaction, stored)
            for event in row.events:
                yield stored, event

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in every fold and working table."""
        store = self.engine.store
        with store.transaction(write=False) as transaction:
            return {name: list(map(dict, transaction.fold_rows(name))) for name, table in store.tables().items() if table.kind != "truth"}
