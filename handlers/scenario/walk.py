"""Walks one scenario in one jurisdiction, and says what did not hold and which elements it left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import JianyiError
from engine.errors import Saying

from ..clause import Place, clauses_of, needs_none
from .acting import take
from .located import Located
from .looking import Tell, look_at
from .source import COMMON, Scenario
from .world import LIMITS, Congress, Stage, said_of


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

    if not stage.knows(jurisdiction):
        unknown = Saying("no row of {file} is of {jurisdiction}", file=LIMITS, jurisdiction=jurisdiction)
        return Walked(scenario=scenario, jurisdiction=jurisdiction, faults=(Fault(line=1, word="jurisdictions", saying=unknown),), left=frozenset())
    with TemporaryDirectory() as box:
        world = Congress(scenario, jurisdiction, stage, Path(box))
        if furnish(world, report) and take(world, scenario.when, report):
            look_at(world, scenario.then, report)
        left = world.left()
        faults += [Fault(line=1, word="basis", saying=saying) for saying in _bare(world, left)]
    return Walked(scenario=scenario, jurisdiction=jurisdiction, faults=tuple(faults), left=left)


def _bare(world: Congress, left: frozenset[Place]) -> Iterator[Saying]:
    """Every element that was passed names the clause that it carries out, but those that the common file lists as naming none."""
    if world.common.bare is None:
        return
    definitions = world.engine.bundle().definitions
    for process, element_id in sorted(left):
        element = definitions.processes[process].elements[element_id]
        if not clauses_of(element.properties.get("basis")) and not needs_none(element) and element_id not in world.common.bare.get(process, ()):
            yield Saying("{element} of {process} names no clause: give it a basis, or name it under bare in {file}", element=element_id, process=process, file=COMMON)


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
