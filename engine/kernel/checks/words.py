"""Checks every element and attribute against the vocabulary: what is not known is refused, what is not run is said.

A misspelt attribute would otherwise change nothing, silently; so would a boolean that is written `yes`.
"""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from ...errors import Saying
from ..outline import Outline
from ..read import BPMN, ZEEBE, is_bpmn, local_name
from ..vocabulary import ELEMENTS, PARTS, ZEEBE_ELEMENTS, Attribute, Word
from .places import check_place
from .report import Report

_ZEEBE = "{" + ZEEBE + "}"
_HOLDER = BPMN + "extensionElements"


def check_words(outline: Outline, report: Report) -> None:
    """Every element of the file that is not a picture."""
    pending = [outline.root]
    while pending:
        element = pending.pop()
        word, is_holder = _meaning(element.tag)
        if word is not None:
            if word.verdict in ("refused", "ignored"):
                _check_word(element, word, report)
            _check_attributes(element, word, report)
        elif not is_bpmn(element):
            report.add(_place(element), "extension", "zeebe:{element} is not run", "remove it", element=local_name(element))
        elif local_name(element) not in PARTS:
            kind = local_name(element)
            report.add(_place(element), "unknown_element", "bpmn:{kind} {id} is no element of BPMN", "remove it or draw it otherwise", kind=kind, id=repr(element.get("id") or kind))
            continue
        if is_bpmn(element):
            check_place(element, report, _place(element))
        # Below extension elements of other makers nothing is ours, whatever namespace it is written in.
        ours = _ZEEBE if is_holder else BPMN
        pending.extend(child for child in reversed(element) if isinstance(child.tag, str) and child.tag.startswith(ours))


@lru_cache(maxsize=1024)
def _meaning(tag: str) -> tuple[Word | None, bool]:
    """What the vocabulary says of a tag, and whether what lies below such an element is `zeebe:`."""
    name = tag.rpartition("}")[2]
    word = ELEMENTS.get(name) if tag.startswith(BPMN) else ZEEBE_ELEMENTS.get(name)
    return word, tag == _HOLDER or tag.startswith(_ZEEBE)


def _check_word(element: etree._Element, word: Word, report: Report) -> None:
    name = f"bpmn:{local_name(element)}" if is_bpmn(element) else f"zeebe:{local_name(element)}"
    if word.verdict == "refused":
        report.add(_place(element), "not_run" if is_bpmn(element) else "extension", "{name} is not run", "remove it: {says}", name=name, says=Saying(word.says))
    elif word.verdict == "ignored":
        parent = element.getparent()
        above = ELEMENTS.get(local_name(parent)) if parent is not None and is_bpmn(parent) else None
        if above is None or above.verdict != "ignored":
            report.add(_place(element), "ignored", "{name} changes nothing here", word.says, severity="warning", name=name)


def _check_attributes(element: etree._Element, word: Word, report: Report) -> None:
    for name, value in element.items():
        known = word.attributes.get(str(name))
        if known is not None:
            if known.values or known.verdict in ("refused", "ignored"):
                _check_value(element, local_name(element), str(name), str(value).strip(), known, report)
        elif not str(name).startswith("{") and (word.attributes or not is_bpmn(element)):
            _report_unknown(element, local_name(element), str(name), report)


def _report_unknown(element: etree._Element, kind: str, name: str, report: Report) -> None:
    if is_bpmn(element):
        report.add(_place(element), "unknown_attribute", "{kind} has no attribute {name} in BPMN", "mend its name, or remove it", kind=kind, name=repr(name))
    else:
        report.add(_place(element), "unknown_attribute", "zeebe:{kind} {name} changes nothing here", "mend its name, or remove it", severity="warning", kind=kind, name=repr(name))


def _check_value(element: etree._Element, kind: str, name: str, value: str, known: Attribute, report: Report) -> None:
    if known.values and value not in known.values:
        report.add(_place(element), "attribute", "{name} of {kind} is {value}", "write one of: {values}", name=name, kind=kind, value=repr(value), values=", ".join(known.values))
    elif known.verdict == "refused" and value not in known.quiet:
        report.add(_place(element), "attribute", "{name} {value} of {kind} is not run", known.says, name=name, value=repr(value), kind=kind)
    elif known.verdict == "ignored" and value not in known.quiet:
        report.add(_place(element), "ignored", "{name} {value} of {kind} changes nothing here", known.says, severity="warning", name=name, value=repr(value), kind=kind)


def _place(element: etree._Element) -> etree._Element:
    """The element itself, or the nearest one around it that has an id."""
    place: etree._Element | None = element
    while place is not None and not place.get("id"):
        place = place.getparent()
    return element if place is None else place
