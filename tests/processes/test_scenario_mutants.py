"""The scenarios bite: what is changed in a diagram or a table makes one of them fail."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest

from handlers.scenario.source import read_scenarios
from handlers.scenario.walk import walk
from handlers.scenario.world import Stage

from .scenario_mutants import KINDS, Base, mutants, noticing

pytestmark = pytest.mark.processes

PROCESSES = Path(__file__).parents[2] / "processes"
STAGE = Stage.of(PROCESSES)
LOADS = frozenset({31})
"""Scenarios of great numbers: they pass what others pass, and a mutant is not worth their seconds."""


@cache
def bases(*files: str) -> tuple[Base, ...]:
    """Every scenario, or those of the files, in every jurisdiction on the unchanged files."""
    found = []
    for scenario in read_scenarios([PROCESSES / "scenarios" / file for file in files] or [PROCESSES / "scenarios"]):
        for jurisdiction in scenario.jurisdictions:
            begun = time.perf_counter()
            walked = walk(scenario, jurisdiction, STAGE)
            assert walked.holds, walked.faults
            found.append(Base(scenario, jurisdiction, walked.left, time.perf_counter() - begun))
    return tuple(base for base in found if base.scenario.number not in LOADS)


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_mutants_of_every_kind(kind):
    """Each is another file than the shipped one, and each differs from the others."""
    found = list(mutants(STAGE.files, kind))

    assert len(found) >= 10
    assert len({mutant.data for mutant in found}) == len(found)
    assert [str(mutant) for mutant in found if mutant.data == STAGE.files[mutant.file]] == []


def test_a_mutant_that_matters_is_noticed():
    """The reply limit of Beijing one month longer, and the gateway of approval turned round: a scenario fails at each."""
    some = bases("04-month-end.yaml")
    limit = next(mutant for mutant in mutants(STAGE.files, "limit") if mutant.what.startswith("beijing reply:"))
    condition = next(mutant for mutant in mutants(STAGE.files, "condition") if mutant.place == ("assignment", "gw-approved"))
    elsewhere = next(mutant for mutant in mutants(STAGE.files, "limit") if mutant.what.startswith("shanghai motion-ask-units"))

    assert noticing(limit, STAGE, some) == "4 beijing"
    assert noticing(condition, STAGE, some) is not None
    assert noticing(elsewhere, STAGE, some) is None


def test_a_diagram_that_goes_round_for_ever_fails_the_scenario():
    """A reply that is overdue before its day is noted again and again: the walk ends, and says so."""
    mutant = next(mutant for mutant in mutants(STAGE.files, "condition") if mutant.place == ("handling", "gw-overdue"))
    (scenario,) = read_scenarios([PROCESSES / "scenarios" / "07-extension-refused.yaml"])

    walked = walk(scenario, "national", Stage(files={**STAGE.files, mutant.file: mutant.data}, calendars=STAGE.calendars))

    assert any("does not come to rest" in fault.text for fault in walked.faults), walked.faults


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_the_share_of_mutants_that_a_scenario_notices(kind, capsys):
    """It is printed with those that nobody notices. Every scenario itself holds, and no mutant is noticed that is the same."""
    every = list(mutants(STAGE.files, kind))
    found = {mutant: noticing(mutant, STAGE, bases()) for mutant in every}

    silent = [str(mutant) for mutant, by in found.items() if by is None]
    refused = [str(mutant) for mutant, by in found.items() if by == "refused"]
    with capsys.disabled():
        print(f"\n{kind}: {len(every)} mutants, {len(refused)} refused at deployment, {len(silent)} noticed by no scenario")
        for line in silent:
            print(f"  {line}")

    assert len(refused) < len(every)
