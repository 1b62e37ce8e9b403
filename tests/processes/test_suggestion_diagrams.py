"""What the diagrams of draft, screening and assignment name exists: clauses, forms, topics, checks, and receivers of their messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import kernel
from engine.kernel import Element
from handlers import registry

PROCESSES = Path(__file__).parents[2] / "processes"
OURS = ("suggestion.bpmn", "screening.bpmn", "assignment.bpmn")
LIMITS = "time_limits.dmn"
"""Limits are read at the moment and never bound to a diagram."""
WORK = {"userTask", "serviceTask", "sendTask", "businessRuleTask", "callActivity", "startEvent", "intermediateCatchEvent", "boundaryEvent"}
HEARD_BY_HAND = {"msg-cosigns-closed", "msg-withdraw-asked", "msg-release-asked", "msg-suggestion-imported"}
"""Messages that nobody throws: a person starts them."""


@pytest.fixture(name="definitions", scope="module")
def _definitions() -> kernel.Definitions:
    files = {path.name: path.read_bytes() for path in sorted(PROCESSES.glob("*.bpmn"))}
    files |= {path.name: path.read_bytes() for path in sorted(PROCESSES.glob("*.dmn")) if path.name != LIMITS}
    return kernel.load(files, topics=registry().topics, forms=[path.stem for path in (PROCESSES / "forms").glob("*.json")])


def _ours(definitions: kernel.Definitions) -> Iterator[Element]:
    for process in definitions.processes.values():
        if process.file in OURS:
            yield from process.elements.values()


def test_every_work_of_a_diagram_names_its_clause(definitions: kernel.Definitions) -> None:
    """`basis` says which law or plan an element carries out, in the short form law and year # article."""
    silent = [element.id for element in _ours(definitions) if element.type in WORK and not element.basis]
    malformed = [part for element in _ours(definitions) for part in (element.basis or "").split("; ") if part and "#" not in part]

    assert (silent, malformed) == ([], [])


def test_every_check_is_declared(definitions: kernel.Definitions) -> None:
    """A work item's check is a rule of the domain."""
    named = {element.properties["check"] for element in _ours(definitions) if "check" in element.properties}

    assert named <= set(registry().checks)


def test_every_element_has_a_name_in_chinese(definitions: kernel.Definitions) -> None:
    """Whoever reads the picture reads names."""
    nameless = [element.id for element in _ours(definitions) if element.type in WORK and not any("一" <= sign <= "鿿" for sign in element.name or "")]

    assert nameless == []


def test_every_folded_form_asks_what_its_fold_reads(definitions: kernel.Definitions) -> None:
    """A form that is filled in somewhere has a fold for each of its record fields, or says which record they belong to."""
    forms = {element.form_id for element in _ours(definitions) if element.form_id}
    schemas = {form: json.loads((PROCESSES / "forms" / f"{form}.json").read_text(encoding="utf-8")) for form in sorted(forms)}
    records = {field["x-record"] for schema in schemas.values() for field in schema["properties"].values() if "x-record" in field}

    assert records <= set(registry().records)
    assert all(schema["title"] and schema["x-title-en"] and schema["additionalProperties"] is False for schema in schemas.values())


def test_every_message_that_is_caught_is_thrown_somewhere(definitions: kernel.Definitions) -> None:
    """Between all diagrams no message is waited for in vain, but those that a person starts by hand; and none is thrown in vain."""
    texts = [path.read_text(encoding="utf-8") for path in PROCESSES.glob("*.bpmn")]
    thrown = {name for text in texts for name in _between(text, 'key="message" value="', '"')}
    declared = {name for text in texts for name in _between(text, "<bpmn:message id=", ">") for name in _between(name, 'name="', '"')}
    ours = {name for path in OURS for name in _between((PROCESSES / path).read_text(encoding="utf-8"), 'key="message" value="', '"')}
    caught_by_us = {
        name
        for path in OURS
        for part in _between((PROCESSES / path).read_text(encoding="utf-8"), "<bpmn:message id=", ">")
        for name in _between(part, 'name="', '"')
    }

    assert ours <= declared
    assert caught_by_us - thrown == HEARD_BY_HAND


def _between(text: str, before: str, after: str) -> Iterator[str]:
    for part in text.split(before)[1:]:
        yield part.split(after, 1)[0]
