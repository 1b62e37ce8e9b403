"""Broken, hostile and odd files: refused with a message, or stopped as an incident, and never worse."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine import kernel
from engine.errors import DefinitionError, Rejected

from .host import Host

KIT = Path(__file__).parent / "kit" / "bad-input"
CASES: list[dict[str, Any]] = json.loads((KIT / "expected.json").read_text("utf-8"))
ALLOWED = {
    "refused": {"refused"},
    "runs": {"runs"},
    "either": {"refused", "runs", "incident"},
    "refused or incident": {"refused", "incident"},
}


def text_of(number: str) -> str:
    return next(KIT.glob(f"{number}_*.bpmn")).read_text("utf-8")


def quadratic() -> bytes:
    control = text_of("001").replace("<bpmn:definitions", f'<!DOCTYPE z [<!ENTITY q "{"A" * 60_000}">]>\n<bpmn:definitions', 1)
    return control.replace('<bpmn:task id="a"', f'<bpmn:task id="a" name="{"&q;" * 2_000}"').encode()


def long_condition() -> bytes:
    before, _, rest = text_of("119").partition("<bpmn:conditionExpression")
    opening, _, after = rest.partition(">")
    return f"{before}<bpmn:conditionExpression{opening}>={'1 + ' * 25_000}1 > 0{after[after.index('</') :]}".replace(" > 0", " &gt; 0").encode()


def deep_scopes() -> bytes:
    inner = '<bpmn:task id="core"/>'
    for level in range(2_000):
        inner = f'<bpmn:subProcess id="q_{level}"><bpmn:startEvent id="s_{level}"/>{inner}<bpmn:endEvent id="e_{level}"/></bpmn:subProcess>'
    return text_of("001").replace('<bpmn:task id="a"/>', inner).encode()


def inside_process(added: str) -> bytes:
    head, _, rest = text_of("001").partition("<bpmn:process")
    opening, _, body = rest.partition(">")
    return f"{head}<bpmn:process{opening}>{added}{body}".encode()


def long_line() -> bytes:
    names = ["s", *(f"a{number}" for number in range(100_000)), "e"]
    tasks = "".join(f'<bpmn:task id="{name}"/>' for name in names[1:-1])
    pairs = itertools.pairwise(names)
    flows = "".join(f'<bpmn:sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(pairs))
    head = text_of("001").partition("<bpmn:startEvent")[0]
    return f'{head}<bpmn:startEvent id="s"/>{tasks}<bpmn:endEvent id="e"/>{flows}</bpmn:process></bpmn:definitions>'.encode()


def many_attributes() -> bytes:
    attributes = " ".join(f'x:a{number}=""' for number in range(1_000_000))
    return text_of("001").replace('<bpmn:task id="a"', f'<bpmn:task id="a" xmlns:x="urn:x" {attributes}').encode()


def many_items() -> bytes:
    loop = (
        '<bpmn:userTask id="a"><bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>'
        '<zeebe:loopCharacteristics inputCollection="=for i in 1..100000 return i" inputElement="i"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
    )
    return text_of("001").replace('<bpmn:task id="a"/>', loop).encode()


GENERATED: Mapping[str, Callable[[], bytes]] = {
    "quadratic blow-up (60 kB entity x 2000)": quadratic,
    "condition of 100 kB": long_condition,
    "sub-processes nested 2,000 deep": deep_scopes,
    "10 MB of documentation": lambda: inside_process(f"<bpmn:documentation>{'x' * 10_000_000}</bpmn:documentation>"),
    "200 MB file": lambda: inside_process(" " * 200_000_000),
    "100,000 tasks in a line": long_line,
    "1,000,000 attributes": many_attributes,
    "multi-instance over 100,000 items": many_items,
}


def run(data: bytes) -> tuple[str, str, Host | None]:
    """What becomes of a file: refused, incident or runs; the text of a refusal or incident."""
    try:
        definitions = kernel.load({"input.bpmn": data})
        host = Host(definitions, datetime(2026, 1, 5, 9, tzinfo=UTC), {})
        if definitions.starts_by_message("m"):
            host.message("m", "", {})
        else:
            host.start("p", {})
    except DefinitionError as refusal:
        return "refused", "\n".join(str(problem) for problem in refusal.problems), None
    except Rejected as refusal:
        return "refused", str(refusal), None
    incidents = [incident for instance in host.instances for incident in instance.incidents.values()]
    text = "\n".join(f"{incident.element_id} {incident.expression} {incident.reason}" for incident in incidents)
    return ("incident" if incidents else "runs"), text, host


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_bad_input_is_refused_or_harmless(case: dict[str, Any]) -> None:
    """A file that cannot be run right is refused or stops as an incident that names what is wrong; nothing else escapes."""
    data = (KIT / case["file"]).read_bytes() if "file" in case else GENERATED[case["name"]]()

    outcome, text, host = run(data)

    allowed = ALLOWED[case["expect"]] | ({"runs"} if case.get("or_runs") else set())
    assert outcome in allowed, (outcome, text)
    if outcome != "runs":
        assert text
        assert all(mention in text for mention in case["must_mention"]), text
    elif "trace" in case:
        assert host is not None
        tasks = {e.id for p in host.definitions.processes.values() for e in p.elements.values() if "ask" in e.type}
        assert [element for element in host.left if element in tasks] == case["trace"]
    if outcome == "runs" and "outcome" in case:
        assert host is not None
        assert host.instances[0].outcome == case["outcome"]
