"""Every message of the check is proved by its remedy: what it says is carried out by a machine, and that problem is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import kernel
from engine.errors import Problem

from .mending import ADDS, NEEDS_A_PERSON, RAW, REMEDIES, mended

pytestmark = pytest.mark.language

KIT = Path(__file__).parent / "kit"


def problems(files: dict[str, bytes]) -> list[Problem]:
    """What stops these files."""
    return [problem for problem in kernel.examine(files).problems if problem.severity == "error"]


def refused() -> list[tuple[Path, Problem]]:
    """Each problem of each refused model of the kit."""
    paths = [path for folder in ("bad-input", "language") for path in sorted((KIT / folder).glob("*.bpmn"))]
    return [(path, problem) for path in paths for problem in problems({path.name: path.read_bytes()})]


REFUSED = refused()


@pytest.mark.parametrize(("path", "problem"), REFUSED, ids=[f"{path.stem}-{problem.rule}-{number}" for number, (path, problem) in enumerate(REFUSED)])
def test_the_printed_remedy_removes_the_problem(path: Path, problem: Problem) -> None:
    """After the remedy the same problem is no longer told."""
    files = mended({path.name: path.read_bytes()}, problem)

    assert files is not None, f"no way to carry out: {problem.rule!r}, {problem.fix!r}"
    left = {(one.rule, one.element_id, one.message) for one in problems(files)}
    assert (problem.rule, problem.element_id, problem.message) not in left


def test_few_remedies_need_a_person() -> None:
    """Where what was meant is lost, any right thing stands in for it; these are listed with the reason."""
    known = RAW.keys() | ADDS.keys() | REMEDIES.keys()

    assert NEEDS_A_PERSON.keys() <= known
    assert len(NEEDS_A_PERSON) <= 7
