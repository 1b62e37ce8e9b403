"""Acceptance scenarios on the command line: walk them, say what holds in which jurisdiction and which elements were passed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import output
from ..command import command
from ..language import mark, say
from ..layout import bold, hanging
from ..output import Column
from ..session import Session

if TYPE_CHECKING:
    from handlers.scenario.source import Scenario
    from handlers.scenario.walk import Walked

FAULTY = 9
"""Exit code where something does not hold."""


@command(
    "test",
    click.Argument(["files"], metavar="[FILE]...", type=click.Path(path_type=Path), nargs=-1),
    click.Option(["--scenario", "numbers"], type=int, multiple=True, metavar="N", help=mark("Only the scenario of this number.")),
    click.Option(["--jurisdiction", "jurisdictions"], multiple=True, metavar="J", help=mark("Only in this jurisdiction.")),
    click.Option(["--coverage", "wants_coverage"], is_flag=True, help=mark("Say of every element how many walks passed it.")),
)
def process_test(session: Session, files: tuple[Path, ...], numbers: tuple[int, ...], jurisdictions: tuple[str, ...], wants_coverage: bool) -> None:
    """Walk acceptance scenarios on the real engine, in memory.

    Files or folders of .yaml, else the product's own. Each is walked in every jurisdiction that it names, on the diagrams of the folder
    above it. Exit 0 when all hold, 9 when one does not.

    \b
    Example:
      jianyi process test --scenario 3 --jurisdiction national
    """
    from handlers.scenario.coverage import coverage

    folder = _diagrams(files)
    chosen = _chosen(_read(session, files or (folder / "scenarios",)), numbers, jurisdictions)
    walks = list(_walked(chosen, folder))
    failed = [walk for walk in walks if not walk.holds]
    counted = coverage(_stage(folder).files, [walk.left for walk in walks]) if wants_coverage else []
    found: dict[str, Any] = {
        "scenarios": len({walk.scenario.file for walk in walks}),
        "walks": len(walks),
        "failed": len(failed),
        "results": [_as_data(walk) for walk in walks],
        "coverage": [vars(each) for each in counted] if wants_coverage else None,
    }
    if not output.one(session, found):
        _tell(walks)
        if wants_coverage:
            _tell_coverage(found["coverage"] or [])
        print(say("{scenarios} scenarios, {walks} walks, {failed} failed", scenarios=found["scenarios"], walks=len(walks), failed=len(failed)))
    if failed:
        raise click.exceptions.Exit(FAULTY)


def _diagrams(files: Sequence[Path]) -> Path:
    """The folder of diagrams above the first scenario file, else the product's own."""
    from .process import own_folder

    for path in files:
        above = (path if path.is_dir() else path.parent).resolve().parent
        if any(above.glob("*.bpmn")):
            return above
    return own_folder()


def _read(session: Session, paths: Sequence[Path]) -> list[Scenario]:
    """The scenarios of the files. For a person all that is wrong with them is told, in its place in each file; then it ends with exit 1."""
    from engine.errors import DefinitionError
    from handlers.scenario.source import read_scenarios

    from .. import checked

    try:
        return read_scenarios(paths)
    except DefinitionError as error:
        if session.wants_json:
            raise
        checked.for_people(checked.rows(error.problems), err=True)
        output.talk(say("nothing was walked: {count} problems", count=len(error.problems)))
        raise click.exceptions.Exit(1) from None


def _chosen(scenarios: Iterable[Scenario], numbers: Sequence[int], jurisdictions: Sequence[str]) -> list[tuple[Scenario, str]]:
    """Each scenario with each jurisdiction that is asked for. Raises NotFound when none is left."""
    from engine.errors import NotFound, require

    found = [
        (scenario, jurisdiction)
        for scenario in scenarios
        for jurisdiction in scenario.jurisdictions
        if (not numbers or scenario.number in numbers) and (not jurisdictions or jurisdiction in jurisdictions)
    ]
    asked = ", ".join((*map(str, numbers), *jurisdictions))
    require(found, "not_found", "there is no scenario of {asked}", error=NotFound, asked=asked, hint=mark("jianyi process test walks them all"))
    return found


def _stage(folder: Path) -> Any:
    from handlers.scenario.world import Stage

    return Stage.of(folder)


def _walked(chosen: Sequence[tuple[Scenario, str]], folder: Path) -> Iterator[Walked]:
    from handlers.scenario.walk import walk

    stage = _stage(folder)
    with _progress(len(chosen)) as on_walk:
        for scenario, jurisdiction in chosen:
            on_walk(f"{scenario.number} {jurisdiction}")
            yield walk(scenario, jurisdiction, stage)


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """A bar on a terminal, a line after every 25 walks elsewhere."""
    if sys.stderr.isatty():
        from rich.progress import BarColumn, Progress, TextColumn

        with Progress(BarColumn(bar_width=24), TextColumn("{task.completed}/{task.total} {task.description}"), console=output.console(err=True), transient=True) as bar:
            task = bar.add_task("", total=total)
            yield lambda what: bar.update(task, advance=1, description=what)
        return
    begun = [0]

    def tell(what: str) -> None:
        if begun[0] and begun[0] % 25 == 0:
            output.talk(say("{done} of {total} walks", done=begun[0], total=total))
        begun[0] += 1

    yield tell


def _as_data(walk: Walked) -> dict[str, Any]:
    faults = [{"line": fault.line, "word": fault.word, "text": str(fault.saying)} for fault in walk.faults]
    scenario = walk.scenario
    return {"number": scenario.number, "title": scenario.title, "file": scenario.file, "jurisdiction": walk.jurisdiction, "holds": walk.holds, "faults": faults}


def _tell(walks: Sequence[Walked]) -> None:
    """One line a scenario with its jurisdictions; beneath it what does not hold, with the line of the file."""
    for scenario, each in groupby(walks, key=lambda walk: walk.scenario):
        found = list(each)
        print(hanging(f"{scenario.number:>3} {scenario.title}", 4))
        print(hanging("    " + " · ".join(f"{walk.jurisdiction} {say('ok') if walk.holds else say('FAILED')}" for walk in found), 4))
        for walk in found:
            for fault in walk.faults:
                place = f"{Path(scenario.file).name}:{fault.line}"
                print(hanging(f"      {walk.jurisdiction} {place} {fault.word}: {say(fault.saying.template, **dict(fault.saying.params))}", 8))


def _tell_coverage(counted: Sequence[Mapping[str, Any]]) -> None:
    columns = (Column(name="element_id", title=mark("element"), whole=True), Column(name="name", title=mark("name")), Column(name="walks", title=mark("walks"), whole=True))
    for file, each in groupby(counted, key=lambda row: row["file"]):
        rows = list(each)
        passed = sum(row["walks"] > 0 for row in rows)
        print()
        print(bold(say("{file}: {passed} of {total} elements passed", file=file, passed=passed, total=len(rows))))
        output.table(columns, rows)
    print()
