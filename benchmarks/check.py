"""What `process check` costs on sets of 50 to 500 diagrams in one call, and on long single ones: `python -m benchmarks.check` prints two tables.

CPU time of the check alone, as the command runs it (Python does not collect garbage meanwhile; `--collecting` measures what that is worth).
Beside each set, in the same minute, what lxml needs to parse the same files. `growth`: what one diagram costs in this set, in times of what it
costs among 50. Exit 1 when that is above 1.5, or a single diagram takes more than a second.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext

from lxml import etree

from engine.checking import check
from handlers import registry
from terminal.checked import without_collecting
from tests.language.copies import beside, copies, originals
from tests.language.growth import line, returns, scripts

SIZES = (50, 100, 200, 500)
GROWTH, SECONDS = 1.5, 1.0


def cpu(act: Callable[[], object]) -> float:
    """Milliseconds of CPU."""
    begun = time.process_time_ns()
    act()
    return (time.process_time_ns() - begun) / 1e6


def checked(files: Mapping[str, bytes], rounds: int, *, collecting: bool) -> tuple[float, float]:
    """CPU of a check and of parsing its diagrams, in turn: the medians."""
    ours, theirs = [], []
    diagrams = [data for name, data in files.items() if name.endswith(".bpmn")]
    for _ in range(rounds):
        theirs.append(cpu(lambda: [etree.fromstring(data) for data in diagrams]))
        with nullcontext() if collecting else without_collecting():
            ours.append(cpu(lambda: check(files, registry=registry())))
    return statistics.median(ours), statistics.median(theirs)


def sets(rounds: int, *, collecting: bool) -> bool:
    """Sets without an error, and with one in every seventh diagram."""
    fine, of = True, originals(25)
    print(f"{'diagrams in one call':26} {'check':>9} {'each':>9} {'lxml, each':>11} {'ratio':>7} {'growth':>7}")
    for mistaken in (False, True):
        smallest = 0.0
        for size in SIZES:
            ours, theirs = checked({**beside(), **copies(of, size, mistaken=mistaken)}, rounds, collecting=collecting)
            smallest = smallest or ours / size
            growth = ours / size / smallest
            name = f"{size}, {'one in seven mistaken' if mistaken else 'right'}"
            print(f"{name:26} {ours / 1000:7.2f} s {ours / size:6.2f} ms {theirs / size:8.2f} ms {ours / theirs:7.1f} {growth:7.2f}", flush=True)
            fine = fine and growth <= GROWTH
    return fine


def single(rounds: int) -> bool:
    """Diagrams of 1,200 elements and more."""
    fine = True
    diagrams = {
        "1,200 tasks": line(1_200, "task"),
        "1,200 user tasks": line(1_200),
        "1,200 scripts": scripts(1_200),
        "1,200 scripts, last one first": scripts(1_200, backwards=True),
        "1,200 scripts, all misspelt": scripts(1_200, mistaken=True),
        "600 scripts with returns": returns(600),
    }
    print(f"\n{'one diagram':32} {'check':>9} {'lxml':>9}")
    for name, data in diagrams.items():
        ours, theirs = checked({"one.bpmn": data}, rounds, collecting=False)
        print(f"{name:32} {ours / 1000:7.2f} s {theirs:6.2f} ms", flush=True)
        fine = fine and ours <= SECONDS * 1000
    return fine


def main() -> int:
    """Print both tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--collecting", action="store_true", help="let Python collect garbage, as whoever calls the check from code does")
    given = arguments.parse_args()
    check(copies(originals(25), 14), registry=registry())
    sets_fine, single_fine = sets(given.rounds, collecting=given.collecting), single(given.rounds)
    return 0 if sets_fine and single_fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
