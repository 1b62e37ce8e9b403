"""Walks one scenario in one jurisdiction, and says what did not hold and which elements it left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import JianyiError

from ..clause import Place
from .acting import take
from .looking import look_at
from .source import Located, Scenario
from .world import Congress, Stage


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that did not hold, and where the file says it."""

    line: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Walked:
    """What came of a scenario in a jurisdiction; `left`: the places that a token left."""

    scenario: Scenario
    jurisdiction: str
    faults: Sequence[Fault]
    left: frozenset[Place]

    @property
    def holds(self) -> bool:
        """Whether everything was as expected."""
        return not self.faults


def walk(scenario: Scenario, jurisdiction: str, stage: Stage) -> Walked:
    """Run the scenario on a new engine in memory.

    Raises KeyError for a jurisdiction that the scenario does not name, DefinitionError for diagrams that cannot be deployed.
    """
    faults: list[Fault] = []

    def report(entry: Located, text: str) -> None:
        faults.append(Fault(line=entry.line, text=text))

    with TemporaryDirectory() as box:
        world = Congress(scenario, jurisdiction, stage, Path(box))
        if _given(world, faults) and take(world, scenario.when, report):
            look_at(world, scenario.then, report)
        left = world.left()
    return Walked(scenario=scenario, jurisdiction=jurisdiction, faults=tuple(faults), left=left)


def _given(world: Congress, faults: list[Fault]) -> bool:
    """Make the people, units and settings that are there from the first."""
    given = world.scenario.given
    try:
        world.register({**world.common.people, **(given.get("people") or {})})
        world.register_units({**world.common.units, **(given.get("units") or {})})
    except JianyiError as error:
        faults.append(Fault(line=getattr(given, "line", 1), text=f"given: {error}"))
        return False
    if not given.get("settings"):
        return True
    step = Located(settings=given["settings"])
    step.line = getattr(given, "line", 1)
    return take(world, [step], lambda entry, text: faults.append(Fault(line=entry.line, text=text)))
