"""The reference of the language is what the code does: made by its generator, complete against the schema of BPMN, true of each construct."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import SpiffWorkflow
from lxml import etree

from engine.kernel.vocabulary import ABSTRACT, ELEMENTS, PARTS, Attribute
from tools import language_reference as generator

pytestmark = pytest.mark.tidy

ROOT = Path(__file__).parents[2]
SCHEMA = Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema"
XS = "{http://www.w3.org/2001/XMLSchema}"
BY_VALUE = {"scriptTask@scriptFormat=javascript": "refused", "conditionExpression@language=python": "refused", "process@isExecutable=false": "refused"}
"""Attributes that run, but not with this value."""


@pytest.fixture(scope="module")
def schema() -> tuple[dict[str, etree._Element], dict[str, etree._Element]]:
    """Global elements and complex types of the schema."""
    roots = [etree.parse(str(SCHEMA / name)).getroot() for name in ("Semantic.xsd", "BPMN20.xsd")]
    elements = {one.get("name"): one for root in roots for one in root if one.tag == XS + "element"}
    return elements, {one.get("name"): one for root in roots for one in root if one.tag == XS + "complexType"}


def attributes_of(kind: etree._Element, types: dict[str, etree._Element]) -> Iterator[str]:
    """Its own attributes and those of the types it extends."""
    base = kind.find(f".//{XS}extension")
    if base is not None and base.get("base") in types:
        yield from attributes_of(types[base.get("base")], types)
    yield from (one.get("name") for one in kind.iter(XS + "attribute"))


def test_the_reference_is_what_its_generator_gives():
    """docs/reference/language.md is made by `python tools/language_reference.py`, and never written by hand."""
    assert generator.REFERENCE.read_text("utf-8") == generator.reference()


def test_the_linter_plugin_is_silent_about_what_its_generator_gives():
    """The list of dropped reports is made from the language, and each rule that drops any is wrapped."""
    assert json.loads(generator.SILENCED.read_text("utf-8")) == generator.silenced()
    assert {path.stem for path in (generator.SILENCED.parent / "rules").glob("*.js")} == set(generator.silenced())


def test_every_construct_was_shown_to_the_linter():
    """The kept answers are those to the diagrams of now."""
    assert set(generator.linter()) == set(generator.models())


def test_the_vocabulary_is_the_schema(schema):
    """Every element and attribute of BPMN 2.0 has a verdict, and nothing else has."""
    elements, types = schema
    inner = {one.get("name") for kind in types.values() for one in kind.iter(XS + "element") if one.get("name")}

    assert set(elements) | inner == set(ELEMENTS) | PARTS | ABSTRACT
    different = {}
    for name, element in elements.items():
        kind = types.get(element.get("type"), element.find(XS + "complexType"))
        if name in ELEMENTS and kind is not None and set(attributes_of(kind, types)) != set(ELEMENTS[name].attributes):
            different[name] = set(attributes_of(kind, types)) ^ set(ELEMENTS[name].attributes)
    assert different == {}


def test_every_element_has_a_diagram():
    """No verdict stands unproved."""
    assert set(ELEMENTS) <= set(generator.models())


@pytest.mark.parametrize("key", [key for key in generator.models() if key.partition("@")[0] in ELEMENTS])
def test_each_verdict_is_what_loading_says(key):
    """The kernel does with the smallest diagram of a construct what the vocabulary says of it."""
    name, _, attribute = key.partition("@")
    meaning = ELEMENTS[name].attributes[attribute.partition("=")[0]] if attribute else ELEMENTS[name]

    verdict = BY_VALUE.get(key, "runs" if meaning.verdict == "drawn" else meaning.verdict)

    assert (generator.answer(key).verdict, generator.answer(key).texts) == (verdict, generator.answer(key).texts if verdict != "runs" else ())


def test_what_is_refused_stays_reported():
    """No construct that is refused for itself loses all that the linter says of it."""
    dropped = {(rule, at, message) for rule, lines in generator.silenced().items() for at, message in lines}
    lost = []
    for key in generator.models():
        reports = [one for one in generator.linter()[key] if one["rule"] != generator.OF_THE_MODEL]
        if generator.answer(key).verdict == "refused" and not generator.is_variant(key) and reports:
            lost += [key] if all((one["rule"], one["at"], one["message"]) in dropped for one in reports) else []

    assert lost == []


def test_the_shipped_configuration_is_that_plugin():
    """An analyst's linter finds the rules beside the diagrams."""
    assert json.loads((ROOT / "processes" / ".bpmnlintrc").read_text("utf-8")) == {"extends": "plugin:jianyi/recommended"}


def test_an_attribute_says_why_it_does_not_run():
    """What is ignored or refused has a reason for whoever drew it."""
    silent = [
        f"{name}@{attribute}"
        for name, word in ELEMENTS.items()
        for attribute, meaning in word.attributes.items()
        if isinstance(meaning, Attribute) and meaning.verdict in ("ignored", "refused") and not meaning.says
    ]

    assert silent == []
