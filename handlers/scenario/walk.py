"""Walks one scenario in one jurisdiction, and says what did not hold and which elements it left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import JianyiError
from engine.errors import Saying

from ..clause import Place
from .acting import take
from .located import Located
from .looking import Tell, look_at
from .source import Scenario
from .world import Congress, Stage, said_of


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that did not hold, at which word, and where the file says it."""

    line: int
    word: str
    saying: Saying

    @property
    def text(self) -> str:
        """It in English."""
        return f"{self.word}: {self.saying}"


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

    def report(entry: Located, word: str, saying: Saying) -> None:
        faults.append(Fault(line=entry.line, word=word, saying=saying))

    with TemporaryDirectory() as box:
        world = Congress(scenario, jurisdiction, stage, Path(box))
        if furnish(world, report) and take(world, scenario.when, report):
            look_at(world, scenario.then, report)
        left = world.left()
    return Walked(scenario=scenario, jurisdiction=jurisdiction, faults=tuple(faults), left=left)


def furnish(world: Congress, report: Tell) -> bool:
    """Make the people, units and settings that are there from the first; false where that cannot be done, which is reported."""
    given = Located(world.scenario.given)
    given.line = getattr(world.scenario.given, "line", 0) or 1
    try:
        world.register({**world.common.people, **(given.get("people") or {})})
        world.register_units({**world.common.units, **(given.get("units") or {})})
    except JianyiError as error:
        report(given, "given", said_of(error))
        return False
    if not given.get("settings"):
        return True
    step = Located(settings=given["settings"])
    step.line = given.line
    return take(world, [step], report)
