"""Faults put into the code on purpose: history, rebuilt tables or a named test find each of them."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from ..property.walker import Walk
from .mutant_trial import mutated

ROOT = Path(__file__).parents[2]
MUTANTS = ROOT / "tests" / "faults" / "mutants.toml"
WALKS = {2: 400, 3: 350}
"""Seed and length of the walks whose histories are stored. Together they come to every element that the mutants touch."""


def mutants() -> list[dict[str, Any]]:
    """The mutants as written."""
    found: list[dict[str, Any]] = tomllib.loads(MUTANTS.read_text("utf-8"))["mutant"]
    return found


def tried(folder: Path) -> list[dict[str, Any]]:
    """Histories made and stored by the code as it is, then every mutant and every control tried on them."""
    databases = []
    for seed, turns in WALKS.items():
        database = folder / str(seed) / "congress.db"
        database.parent.mkdir()
        walk = Walk(seed, database.parent / "letters", database)
        walk.go(turns)
        walk.congress.engine.close()
        databases.append(str(database))
    command = [sys.executable, "-m", "tests.faults.mutant_trial", str(MUTANTS), *databases]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_mutant_is_found(tmp_path: Path) -> None:
    """Without a mutant nothing is found; with one something is. A mutant that did not run at all is not counted as found."""
    results = tried(tmp_path)

    assert [result for result in results if "broke" in result] == []
    unchanged = [result["found"] for result in results if "file" not in result["tried"]]
    assert unchanged == [None] * (1 + len(named_tests()))
    found = [result["tried"]["old"] for result in results if "file" in result["tried"] and result["found"]]
    assert sorted(found) == sorted(mutant["old"] for mutant in mutants())


def named_tests() -> set[str]:
    """The tests that mutants name."""
    return {mutant["tests"] for mutant in mutants() if "tests" in mutant}


def test_there_are_mutants_of_everything_that_decides() -> None:
    """At least twenty, of the decision, the kernel and the handlers; each is one other line that stands in the file once."""
    for mutant in mutants():
        text = (ROOT / mutant["file"]).read_text("utf-8")
        assert mutated(text, mutant) != text
        assert "\n" not in mutant["new"]
    rooms = ("engine/decide.py", "engine/kernel/", "handlers/")
    counts = [sum(mutant["file"].startswith(room) for mutant in mutants()) for room in rooms]
    assert (min(counts) >= 5, len(mutants()) >= 20) == (True, True)

