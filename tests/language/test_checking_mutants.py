"""The shipped diagrams raise no false alarm, and one letter wrong in any of their names or texts is told."""

from __future__ import annotations

import pytest

import handlers
from engine.checking import check
from engine.errors import Problem

from .mending import edited
from .mutants import Mutant, deployment, mutants

pytestmark = pytest.mark.language

SHIPPED = deployment()
REGISTRY = handlers.registry()
SAMPLE_EVERY = 7
DATA = frozenset({"unknown_name", "unread", "value", "types", "too_early", "input", "call_input", "message_input", "limit", "setting", "group", "message", "signal", "check"})


def told(mutant: Mutant) -> list[Problem]:
    """What is told of the mutant and not of the original."""
    found = check({**SHIPPED, mutant.file: mutant.data}, registry=REGISTRY).problems
    return [problem for problem in found if (problem.file, problem.element_id, problem.rule, problem.message) not in ORIGINAL]


def keys(problems: tuple[Problem, ...]) -> set[tuple[object, ...]]:
    return {(problem.file, problem.element_id, problem.rule, problem.message) for problem in problems}


ORIGINAL = keys(check(SHIPPED, registry=REGISTRY).problems)


def test_the_shipped_diagrams_raise_no_false_alarm() -> None:
    """No error at all, and no warning about data, messages or groups."""
    found = check(SHIPPED, registry=REGISTRY)

    assert found.errors == ()
    assert [str(problem) for problem in found.warnings if problem.rule in DATA] == []


def test_the_shipped_diagrams_have_many_names() -> None:
    """The enumeration finds the names and texts of every diagram and table that reads any."""
    every = list(mutants(SHIPPED))

    assert len(every) > 800
    assert {mutant.file for mutant in every} >= {path for path in SHIPPED if path.endswith(".bpmn")} | {"rule_screen.dmn", "rule_satisfied.dmn"}
    assert {mutant.kind for mutant in every} == {"name", "text"}


def share_told(some: list[Mutant]) -> float:
    silent = [str(mutant) for mutant in some if not told(mutant)]
    print(f"{len(some)} mutants, not told: {silent}")
    return 1 - len(silent) / len(some)


def test_one_letter_wrong_is_told() -> None:
    """Of every seventh mutant at least 98 % are told."""
    assert share_told(list(mutants(SHIPPED))[::SAMPLE_EVERY]) >= 0.98


@pytest.mark.long
@pytest.mark.parametrize("offset", [0, -1, 1])
def test_one_letter_wrong_anywhere_is_told(offset: int) -> None:
    """Of all mutants, with the letter in the middle and those beside it changed, at least 98 % are told."""
    assert share_told(list(mutants(SHIPPED, letters=(offset,)))) >= 0.98


def test_the_edit_of_a_problem_mends_the_mutant() -> None:
    """Where a remedy says which word to write, writing it takes the problem away; for most mutants it gives the original back."""
    mended = restored = 0
    for mutant in list(mutants(SHIPPED))[5::29]:
        for problem in [one for one in told(mutant) if one.edit is not None and one.file.endswith(".bpmn")][:1]:
            files = {**SHIPPED, mutant.file: mutant.data}
            files[problem.file] = edited(files[problem.file], problem, problem.edit)
            after = keys(check(files, registry=REGISTRY).problems)
            assert (problem.file, problem.element_id, problem.rule, problem.message) not in after, str(problem)
            mended += 1
            restored += after <= ORIGINAL

    assert mended > 10
    assert restored > mended * 0.7
