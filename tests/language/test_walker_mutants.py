"""The oracle has teeth: one-line faults put into the kernel on purpose are each found by a walk."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MUTANTS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "walker" / "mutants.toml").read_text("utf-8"))["mutant"]
WALKS = 3_000

TRIED = """
import json, sys
from tests.faults.mutant_trial import Swap
mutant = json.loads(sys.argv[1])
sys.meta_path.insert(0, Swap(mutant))
from tests.language.test_walker_mutants import found_by
print(found_by())
"""


def found_by() -> int | None:
    """The first of many walks that finds something, None when none does."""
    from .test_walker import DRAWN, WALKED
    from .walker.generator import grown
    from .walker.story import TooMany
    from .walker.tape import Tape
    from .walker.walk import Walk

    for number in range(WALKS):
        tape = random.Random(number).randbytes(DRAWN + WALKED)
        try:
            Walk(grown(tape[:DRAWN]), Tape(tape[DRAWN:])).go()
        except TooMany:
            continue
        except (AssertionError, LookupError):
            return number
    return None


@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{Path(mutant['file']).stem}: {mutant['old'][:60]}")
def test_a_walk_finds_each_fault(mutant: dict[str, Any]) -> None:
    """With one line of the kernel changed, some walk tells a story that the oracle cannot."""
    done = subprocess.run([sys.executable, "-c", TRIED, json.dumps(mutant)], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip().isdigit()
