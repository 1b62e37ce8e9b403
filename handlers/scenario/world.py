"""A congress in memory for one scenario: the real engine on a set clock, everything found by the names that a reader of the diagrams uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine import DeployDefinitions, Engine, PublishCalendar, RegisterPersons, RegisterUnits, Select, SetClock, Where
from engine.errors import JianyiError, Saying
from engine.events import TokensMoved
from engine.shelf import Shelf
from engine.storage import MemoryStore

from .. import registry
from ..clause import Place, left_places
from ..roll import read_calendar
from .source import Common, Scenario
from .vocabulary import USED

ZONE = "Asia/Shanghai"
ADMIN, WATCHER = "管理员", "旁观者"
"""Who registers and deploys, and who reads everything: scenarios look through it."""

LIMITS = "time_limits.dmn"

HOUR = "T09:00"
"""The time of a day that a scenario names without one."""


class Failed(JianyiError):
    """A scenario does not hold: the diagram, the table or the scenario must be mended. Nothing outside memory has changed."""

    def __init__(self, saying: Saying) -> None:
        super().__init__("scenario", saying.template, hint="", **dict(saying.params))
        self.saying = saying


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What scenarios are walked on: the files of a deployment and the working-day calendars. Diagrams are read once for all walks."""

    files: Mapping[str, bytes]
    calendars: Mapping[str, Any]
    shelf: Shelf = field(default_factory=Shelf)

    def knows(self, jurisdiction: str) -> bool:
        """Whether a row of the limits is of this jurisdiction; a name that none has would run as one where nothing is set."""
        table = self.files.get(LIMITS)
        return table is None or f'<text>"{jurisdiction}"</text>'.encode() in table

    @staticmethod
    def of(folder: Path, *, changed: Mapping[str, bytes] | None = None) -> Stage:
        """The diagrams, tables, forms and calendars of a folder; `changed` files take the place of those with the same path."""
        paths = [*folder.glob("*.bpmn"), *folder.glob("*.dmn"), *folder.glob("forms/*.json")]
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}
        return Stage(files=files | dict(changed or {}), calendars=_calendars(folder / "calendars"))


class Congress:
    """One database in memory in which the whole set of diagrams is deployed. `case` is the case that steps are about."""

    def __init__(self, scenario: Scenario, jurisdiction: str, stage: Stage, letter_box: Path) -> None:
        filled = registry(letter_box=letter_box)
        self.scenario = scenario
        self.jurisdiction = jurisdiction
        self.values = dict(scenario.jurisdictions[jurisdiction])
        self.common: Common = scenario.common
        self.unit = scenario.common.unit
        self.case: str | None = None
        self.cases: dict[str, str] = {}
        self.started: list[str] = []
        self.clock = SetClock(moment_of(str(self.filled(scenario.given.get("at", "2026-04-01")))))
        store = MemoryStore(filled.records.values(), simulated=True, settings={"jurisdiction": jurisdiction, "zone": ZONE})
        self.engine = Engine(store, filled, self.clock)
        # A deployment is named by its content, so that one shelf may serve many databases.
        self.engine.runtime.shelf = stage.shelf
        first = {ADMIN: ["operator", "process-owner"], WATCHER: ["auditor", "operator"]}
        self.register(first, actor="system:scenario")
        years = chosen_years(stage.calendars, scenario.given.get("calendars", True))
        if years:
            self.engine.execute(PublishCalendar(actor=ADMIN, years=years, source="scenario"))
        self.engine.execute(DeployDefinitions(actor=ADMIN, files=stage.files))
        self.names = self._names()

    def _names(self) -> dict[str, tuple[str, ...]]:
        """Element ids by id and by the name in the diagram."""
        found: dict[str, set[str]] = {}
        for process in self.engine.bundle().definitions.processes.values():
            for element in process.elements.values():
                found.setdefault(element.id, set()).add(element.id)
                found.setdefault(element.name or element.id, set()).add(element.id)
        return {name: tuple(sorted(ids)) for name, ids in found.items()}

    # -- who there is

    def register(self, people: Mapping[str, Iterable[str]], *, actor: str = ADMIN) -> None:
        """Make people known by short names with the groups they are in."""
        data = [{"id": person, "name": person, "groups": list(held)} for person, held in people.items()]
        if data:
            self.engine.execute(RegisterPersons(actor=actor, data=data))

    def register_units(self, units: Mapping[str, Any]) -> None:
        """Make units known by short names, and one person of each role of a unit: `{unit}` and the role's name."""
        data = [{"id": unit, "name": unit, "kind": "部门", **(given or {})} for unit, given in units.items()]
        if data:
            self.engine.execute(RegisterUnits(actor=ADMIN, data=data))
            self.register({f"{unit}{role}": [f"{group}:{unit}"] for unit in units for role, group in self.common.roles.items()})

    # -- what a file writes

    def filled(self, value: Any, **more: Any) -> Any:
        """The value with every `${name}` replaced. Raises Failed for a name that nothing gives."""
        if isinstance(value, str):
            whole = USED.fullmatch(value)
            if whole:
                return self._named(whole[1], more)
            return USED.sub(lambda match: str(self._named(match[1], more)), value)
        if isinstance(value, Mapping):
            return {name: self.filled(inner, **more) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner, **more) for inner in value]
        return value

    def _named(self, name: str, more: Mapping[str, Any]) -> Any:
        kind, _, case = name.partition(":")
        if kind == "case" and case:
            return self.case_id(case)
        if kind == "setting" and case:
            return self.setting(*case.partition(":")[::2])
        if kind == "role" and case:
            return self.role(str(self.setting(case, "")))
        known = {**self.values, "case": self.case, "cases": list(self.started), "unit": self.unit, **more}
        if name == "today":
            return self.engine.today.isoformat()
        if name not in known:
            raise Failed(Saying("{name} stands for nothing; known are {known}", name=f"${{{name}}}", known=f"today, case:NAME, {', '.join(known)}"))
        return known[name]

    def setting(self, name: str, place: str) -> Any:
        """The value of a setting in force, or the one at a place of its list. Raises Failed."""
        found = [view.value for view in self.engine.settings(WATCHER) if view.name == name and view.state == "in-force"]
        if not found:
            raise Failed(Saying("there is no setting {name}", name=name))
        if not place:
            return found[0]
        if not (isinstance(found[0], list) and place.isdecimal() and int(place) < len(found[0])):
            raise Failed(Saying("the setting {name} has no value at place {place}", name=name, place=place))
        return found[0][int(place)]

    def role(self, group: str) -> str:
        """What the persons of a unit that are in this group are called (负责人 …). Raises Failed."""
        found = [role for role, held in self.common.roles.items() if held == group]
        if not found:
            raise Failed(Saying("no role is in the group {group}", group=group))
        return found[0]

    def case_id(self, name: str | None) -> str:
        """The case of a name given at its start, or the one that steps are about. Raises Failed."""
        if name is None and self.case is not None:
            return self.case
        if name is None or name not in self.cases:
            raise Failed(Saying("no case was started under the name {name}", name=name) if name else Saying("no case was started yet"))
        return self.cases[name]

    def elements(self, name: str) -> tuple[str, ...]:
        """The ids of the elements with this id or name. Raises Failed."""
        if name not in self.names:
            raise Failed(Saying("no diagram has an element {name}", name=name))
        return self.names[name]

    # -- what there is

    def rows(self, table: str, where: Mapping[str, Any], order: Sequence[str] = ()) -> list[Mapping[str, Any]]:
        """All rows of a table with these values; null and lists may be asked for. Raises Failed for a table or column that is not there."""
        record = self.engine.registry.records.get(table) or engine_tables().get(table)
        if record is None:
            raise Failed(Saying("there is no record {name}", name=table))
        columns = {*record.key, *record.columns}
        for column in (*where, *(each.removeprefix("-") for each in order)):
            if column not in columns:
                raise Failed(Saying("the record {name} has no column {column}; it has {known}", name=table, column=column, known=", ".join(sorted(columns))))
        wanted = Select(table=table, where=tuple(_condition(*each) for each in where.items()), order=tuple(order) or record.key, limit=100_000)
        return list(self.engine.select(WATCHER, wanted))

    def open_items(self, case_id: str | None) -> list[Mapping[str, Any]]:
        """The open work items of a case, of all where none is named."""
        return self.rows("work_item", {"status": "open"} | ({"case_id": case_id} if case_id else {}))

    def left(self) -> frozenset[Place]:
        """Every `(process, element)` that a token left in any case, so far."""
        definitions = self.engine.bundle().definitions
        moves: dict[str, list[Any]] = {}
        for case_id in sorted({row["case_id"] for row in self.rows("instance", {})}):
            for row in self.engine.history(WATCHER, case_id):
                moves.setdefault(row.stream, []).extend(move for event in row.events if isinstance(event, TokensMoved) for move in event.moves)
        return frozenset(place for each in moves.values() for place in left_places(each, definitions))


def moment_of(text: str) -> datetime:
    """`2023-09-27` or `2023-09-27T10:00` in the zone of the scenarios. Raises Failed."""
    try:
        found = datetime.fromisoformat(text if "T" in text else text + HOUR)
    except ValueError:
        raise Failed(Saying("{text} is no date; write 2023-09-27 or 2023-09-27T10:00", text=text)) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(ZONE))


def chosen_years(calendars: Mapping[str, Any], asked: Any) -> Mapping[str, Any]:
    """All published years for true, none for false, else those that are named."""
    if isinstance(asked, bool):
        return calendars if asked else {}
    return {year: days for year, days in calendars.items() if year in {str(each) for each in asked}}


def _calendars(folder: Path) -> dict[str, Any]:
    years: dict[str, Any] = {}
    for path in sorted(folder.glob("*.json")):
        years.update(read_calendar(path.read_text("utf-8"), file=path.name))
    return years


def engine_tables() -> Mapping[str, Any]:
    """The tables of the engine by name."""
    from engine.storage.tables import ENGINE_RECORDS

    return {record.name: record for record in ENGINE_RECORDS}


def _condition(column: str, value: Any) -> Where:
    if value is None:
        return Where(column=column, op="is_null")
    return Where(column=column, op="in", value=value) if isinstance(value, list) else Where(column=column, value=value)


def said_of(error: JianyiError) -> Saying:
    """What an error says: a scenario's own words, or that something was refused with a code."""
    if isinstance(error, Failed):
        return error.saying
    return Saying("refused with {code}: {text}", code=error.code, text=Saying(error.template, **error.params))
