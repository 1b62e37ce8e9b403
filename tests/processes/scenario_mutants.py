"""Changes of the shipped diagrams and tables that a scenario must notice, one at a time, and the search for one that does.

Each condition negated, each limit one longer, each group another, each clock begun a day later or at another act, each basis dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.errors import DefinitionError
from handlers.clause import Place
from handlers.scenario.source import Scenario
from handlers.scenario.walk import walk
from handlers.scenario.world import Stage

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
KINDS = ("condition", "limit", "group", "start", "basis")

OTHER_GROUPS = {
    "unit-desk:": "unit-handler:",
    "unit-handler:": "unit-leader:",
    "unit-leader:": "unit-desk:",
    "unit-principal:": "unit-desk:",
    "unit-secrecy:": "unit-desk:",
    "special-committee:": "working-committee:",
    "delegation:": "electing-unit:",
    "commission": "chairpersons",
    "secretariat": "presidium",
    "chairpersons": "secretary-general-office",
    "secretary-general-office": "commission",
    "deputy": "commission",
    "delegation": "commission",
}
GROUPS = re.compile(r"(?<![\w-])(" + "|".join(sorted(map(re.escape, OTHER_GROUPS), key=len, reverse=True)) + r")(?![\w-])")


@dataclass(frozen=True)
class Mutant:
    """One file with one thing changed. `place`: the element that it is at; `jurisdiction`: of a row of the limits."""

    kind: str
    file: str
    what: str
    place: Place | None
    jurisdiction: str | None
    data: bytes

    def __str__(self) -> str:
        return f"{self.kind} {self.file} {self.what}"


def mutants(files: Mapping[str, bytes], kind: str) -> Iterator[Mutant]:
    """Every mutant of a kind."""
    for file, data in files.items():
        if file.endswith(".bpmn"):
            yield from _of_diagram(file, data, kind)
    if kind in ("limit", "start"):
        yield from _of_limits("time_limits.dmn", files["time_limits.dmn"], kind)


def _of_diagram(file: str, data: bytes, kind: str) -> Iterator[Mutant]:
    tree = etree.fromstring(data)
    for node, name, changed in _changes(tree, kind):
        if name is None:
            before, node.text = node.text, changed
        else:
            before = node.get(name)
            node.set(name, changed)
        place = _place(node)
        yield Mutant(kind, file, f"{place[1] if place else '-'}: {before}", place, None, etree.tostring(tree))
        if name is None:
            node.text = before
        else:
            node.set(name, before)


def _changes(tree: Any, kind: str) -> Iterator[tuple[Any, str | None, str]]:
    """`(node, attribute or None for its text, what stands there instead)`."""
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        tag = etree.QName(node).localname
        if kind == "condition" and tag == "conditionExpression":
            yield node, None, f"=not({node.text.strip().removeprefix('=')})"
        elif kind == "basis" and tag == "property" and node.get("name") == "basis":
            yield node, "name", "was-basis"
        elif kind == "group":
            yield from _groups(node, tag)
        elif kind == "start":
            yield from ((node, name, changed) for name, value in node.attrib.items() for changed in _later(value))


def _groups(node: Any, tag: str) -> Iterator[tuple[Any, str | None, str]]:
    named = {"assignmentDefinition": ("candidateGroups", "assignee"), "property": ("value",) if node.get("name") in ("groups", "assignee") else ()}
    for name in named.get(tag, ()):
        value = node.get(name)
        if not value:
            continue
        found = list(GROUPS.finditer(value))
        for match in found:
            yield node, name, value[: match.start()] + OTHER_GROUPS[match[0]] + value[match.end() :]
        if not found:
            yield node, name, '="旁观者"'


def _later(value: str) -> Iterator[str]:
    """Each due date of the expression counted from a day later."""
    for match in re.finditer(r"\bdue(?:_at)?\(", value):
        comma, end = _arguments(value, match.end())
        yield f"{value[: comma + 1]}({value[comma + 1 : end]}) + duration(\"P1D\"){value[end:]}"


def _arguments(value: str, start: int) -> tuple[int, int]:
    """Where the last comma at this level stands, and the bracket that closes it."""
    depth, comma = 1, -1
    for place in range(start, len(value)):
        letter = value[place]
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0:
            return comma, place
        if letter == "," and depth == 1:
            comma = place
    raise AssertionError(value)


def _place(node: Any) -> Place | None:
    """The process and the element that a node belongs to; of a flow, the gateway that it leaves."""
    element: str | None = None
    for parent in (node, *node.iterancestors()):
        tag = etree.QName(parent).localname
        if tag == "process":
            return (parent.get("id"), element) if element else None
        if element is None and parent.tag.startswith(BPMN) and parent.get("id") and not tag.endswith("EventDefinition") and tag != "conditionExpression":
            element = parent.get("sourceRef") if tag == "sequenceFlow" else parent.get("id")
    return None


def _of_limits(file: str, data: bytes, kind: str) -> Iterator[Mutant]:
    tree = etree.fromstring(data)
    for rule in tree.iter(f"{DMN}rule"):
        jurisdiction, limit = (text.text.strip('"') for text in rule.findall(f"{DMN}inputEntry/{DMN}text"))
        amount, _, starts_at = rule.findall(f"{DMN}outputEntry/{DMN}text")[:3]
        node = amount if kind == "limit" else starts_at
        before = node.text
        node.text = str(int(before) + 1) if kind == "limit" else ('"received-by-unit"' if before == '"assigned"' else '"assigned"')
        yield Mutant(kind, file, f"{jurisdiction} {limit}: {before}", None, jurisdiction, etree.tostring(tree))
        node.text = before


# -- who notices


@dataclass(frozen=True)
class Base:
    """A walk on the unchanged files: the places that it left, and how long it took."""

    scenario: Scenario
    jurisdiction: str
    left: frozenset[Place]
    seconds: float


def noticing(mutant: Mutant, stage: Stage, bases: Sequence[Base]) -> str | None:
    """The first scenario that fails on the mutant, quick ones first; `refused` where it cannot be deployed; None where nobody notices."""
    asked = [base for base in bases if (mutant.place is None or mutant.place in base.left) and mutant.jurisdiction in (None, base.jurisdiction)]
    changed = Stage(files={**stage.files, mutant.file: mutant.data}, calendars=stage.calendars)
    for base in sorted(asked, key=lambda each: each.seconds):
        try:
            walked = walk(base.scenario, base.jurisdiction, changed)
        except DefinitionError:
            return "refused"
        if not walked.holds:
            return f"{base.scenario.number} {base.jurisdiction}"
    return None
