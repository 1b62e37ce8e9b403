"""The directory of units: names with dates (单位名录), and which unit a written name means on a given day.

Pure: reads no file and no database; `handlers.roll` parses the rows. It never invents a unit: a name it does not know, or one that
means several units, comes back with the candidates and the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

NameKind = Literal["name", "alias", "short", "former"]
Outcome = Literal["found", "unknown", "ambiguous", "not_then"]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A body that can be named in a suggestion (单位). Its id is given at import and never reused; empty dates are unknown."""

    id: str
    name: str
    kind: str
    from_on: date | None = None
    to_on: date | None = None
    confirmed: bool = False
    source: str = ""

    def is_there(self, on: date | None) -> bool:
        """Whether the unit existed on the day; without a day, whether it ever did."""
        return on is None or ((self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on))


@dataclass(frozen=True, kw_only=True)
class UnitName:
    """A further name of a unit (别称、简称、曾用名) in the days in which it was in use."""

    unit_id: str
    name: str
    kind: NameKind
    from_on: date | None = None
    to_on: date | None = None
    confirmed: bool = False

    def is_used(self, on: date | None) -> bool:
        """Whether the name was in use on the day. A former name still means its unit later, so `to_on` does not end it."""
        return on is None or self.from_on is None or self.from_on <= on


@dataclass(frozen=True, kw_only=True)
class Succession:
    """One unit took over from another (机构改革承接). The old one keeps its id and answers as itself up to its last day."""

    from_unit_id: str
    to_unit_id: str
    on: date
    kind: str
    confirmed: bool = False
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What a written name means: `unit_id` when `outcome` is found, else the candidates to choose from."""

    text: str
    outcome: Outcome
    unit_id: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UnitDirectory:
    """All units with their names and successions. Build it with `UnitDirectory.of`."""

    units: Mapping[str, Unit]
    names: Mapping[str, tuple[UnitName, ...]]
    successions: tuple[Succession, ...] = ()

    @classmethod
    def of(cls, units: Iterable[Unit], names: Iterable[UnitName] = (), successions: Iterable[Succession] = ()) -> UnitDirectory:
        """Index the rows. Two units may share a name; it is then ambiguous on the days on which both exist."""
        by_id = {unit.id: unit for unit in units}
        spoken: dict[str, list[UnitName]] = {}
        for name in (*(UnitName(unit_id=unit.id, name=unit.name, kind="name") for unit in by_id.values()), *names):
            spoken.setdefault(name.name, []).append(name)
        return cls(units=by_id, names={text: tuple(found) for text, found in spoken.items()}, successions=tuple(successions))

    def resolve(self, text: str, on: date | None = None) -> Resolution:
        """The unit that a written name means on the day (any day when None).

        `not_then`: the name is known, but no unit of that name existed on the day; the candidates are those units and, where the
        day is after their end, the units that took over from them.
        """
        wanted = text.strip()
        spoken = [name for name in self.names.get(wanted, ()) if name.is_used(on)]
        known = _unique(name.unit_id for name in self.names.get(wanted, ()))
        there = _unique(name.unit_id for name in spoken if self.units[name.unit_id].is_there(on))
        if len(there) == 1:
            return Resolution(text=wanted, outcome="found", unit_id=there[0], candidates=there)
        if there:
            return Resolution(text=wanted, outcome="ambiguous", candidates=there)
        if known:
            later = tuple(unit for old in known for unit in self.successors(old, on))
            return Resolution(text=wanted, outcome="not_then", candidates=_unique((*later, *known)))
        return Resolution(text=wanted, outcome="unknown", candidates=self._near(wanted))

    def successors(self, unit_id: str, on: date | None) -> tuple[str, ...]:
        """The units that had taken over from this one by the day, followed to the units that exist then."""
        found: list[str] = []
        waiting = [unit_id]
        for _ in range(len(self.successions) + 1):  # each turn follows at least one succession, so this bound is enough
            taken = [s for s in self.successions if s.from_unit_id in waiting and (on is None or s.on <= on)]
            waiting = [s.to_unit_id for s in taken]
            found.extend(unit for unit in waiting if self.units[unit].is_there(on))
            if not waiting:
                break
        return _unique(found)

    def name_on(self, unit_id: str, on: date | None) -> str:
        """The unit's full name as it was on the day: a former name while it was in use, else the name of today."""
        for name in self._former(unit_id):
            if on is not None and (name.from_on is None or name.from_on <= on) and name.to_on is not None and on <= name.to_on:
                return name.name
        return self.units[unit_id].name

    def _former(self, unit_id: str) -> tuple[UnitName, ...]:
        return tuple(name for found in self.names.values() for name in found if name.unit_id == unit_id and name.kind == "former")

    def _near(self, text: str) -> tuple[str, ...]:
        """Units whose name contains the text or lies in it: offered, never chosen."""
        if len(text) < 2:
            return ()
        return _unique(name.unit_id for spoken, found in self.names.items() if text in spoken or spoken in text for name in found)[:5]


def _unique(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
