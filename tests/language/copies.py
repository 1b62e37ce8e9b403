"""As many diagrams as are wanted: copies of those that there are, each with processes of its own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import cycle
from pathlib import Path

from engine.checking import check
from handlers import registry

ROOT = Path(__file__).resolve().parents[2]
SHIPPED, KIT = ROOT / "processes", ROOT / "tests" / "language" / "kit" / "language"
OWN = re.compile(r"""<(?:[\w.-]+:)?process\b[^>]*?\sid\s*=\s*["']([^"']+)["']""")
NAMING = r"""((?:<(?:[\w.-]+:)?process\b[^>]*?\sid|\bprocessId|\bcalledElement|\bprocessRef|BPMNPlane\b[^>]*?\sbpmnElement)\s*=\s*["'])({})(?=["'])"""
MISTAKEN = 7


@dataclass(frozen=True)
class Originals:
    """Diagrams by name: `kit`, those of the language tests that are right here, and `shipped`, which call one another."""

    kit: dict[str, str]
    shipped: dict[str, str]

    @cached_property
    def naming(self) -> re.Pattern[str]:
        """Where a process is named."""
        own = {re.escape(name) for text in (*self.kit.values(), *self.shipped.values()) for name in OWN.findall(text)}
        return re.compile(NAMING.format("|".join(sorted(own))))


@cache
def originals(wanted: int) -> Originals:
    """What is copied: so many of the kit, from all its parts, and all that are shipped."""
    kit, shipped = ({file.stem: file.read_text("utf-8") for file in sorted(folder.glob("*.bpmn"))} for folder in (KIT, SHIPPED))
    step = len(kit) // (wanted * 2)
    right = {name: text for name, text in list(kit.items())[::step] if not check({f"{name}.bpmn": text.encode()}, registry=registry()).errors}
    return Originals(dict(list(right.items())[:wanted]), shipped)


def beside() -> dict[str, bytes]:
    """The forms and tables of the shipped diagrams."""
    return {file.relative_to(SHIPPED).as_posix(): file.read_bytes() for file in (*SHIPPED.glob("*.dmn"), *SHIPPED.glob("forms/*.json"))}


def copies(of: Originals, wanted: int, *, mistaken: bool = False) -> dict[str, bytes]:
    """So many diagrams by file name, shipped ones and others in turn; `mistaken`: in every seventh a flow leads nowhere."""
    made: dict[str, bytes] = {}
    turns: Counter[str] = Counter()
    kit, shipped = cycle(of.kit.items()), cycle(of.shipped.items())
    # The shipped ones call one another: only whole sets of them are copied.
    whole_sets = wanted // (2 * len(of.shipped)) * 2 * len(of.shipped)
    for number in range(wanted):
        is_shipped = number % 2 == 1 and number < whole_sets
        name, text = next(shipped if is_shipped else kit)
        turns[name] += 1
        copy = of.naming.sub(rf"\1\2-{turns[name]}-{'shipped' if is_shipped else name}", text)
        if mistaken and number % MISTAKEN == 0:
            copy = re.sub(r'targetRef="[^"]*"', 'targetRef="nowhere"', copy, count=1)
        made[f"{number:04}-{name}.bpmn"] = copy.encode()
    return made
