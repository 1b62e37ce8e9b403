"""Checks every element and attribute against the vocabulary: what is not known is refused, what is not run is said.

A misspelt attribute would otherwise change nothing, silently; so would a boolean that is written `yes`.
"""

from __future__ import annotations

from lxml import etree

from ...errors import Saying
from ..outline import Outline
from ..read import BPMN, ZEEBE, is_bpmn, local_name
from ..vocabulary import ELEMENTS, PARTS, ZEEBE_ELEMENTS, Attribute, Word
from .report import Report

_ZEEBE = "{" + ZEEBE + "}"
_HOLDER = BPMN + "extensionElements"


def check_words(outline: Outline, report: Report) -> None:
    """Every element of the file that is not a picture."""
    pending = [outline.root]
    while pending:
        element = pending.pop()
        word = _word(element)
        if word is not None:
            _check_word(element, word, report)
            _check_attributes(element, word, report)
        elif not is_bpmn(element):
            report.add(_place(element), "extension", "zeebe:{element} is not run", "remove it", element=local_name(element))
        elif local_name(element) not in PARTS:
            kind = local_name(element)
            report.add(_place(element), "unknown_element", "bpmn:{kind} {id} is no element of BPMN", "remove it or draw it otherwise", kind=kind, id=repr(element.get("id") or kind))
            continue
        # Below extension elements of other makers nothing is ours, whatever namespace it is written in.
        pending.extend(child for child in reversed(element) if _is_ours(element, child))


def _is_ours(parent: etree._Element, child: etree._Element) -> bool:
    if parent.tag == _HOLDER or (isinstance(parent.tag, str) and parent.tag.startswith(_ZEEBE)):
        return isinstance(child.tag, str) and child.tag.startswith(_ZEEBE)
    return is_bpmn(child)


def _word(element: etree._Element) -> Word | None:
    name = local_name(element)
    if is_bpmn(element):
        return ELEMENTS.get(name)
    return ZEEBE_ELEMENTS.get(name)


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
    kind = local_name(element)
    for name, value in element.attrib.items():
        if str(name).startswith("{"):
            continue
        known = word.attributes.get(str(name))
        if known is None:
            if word.attributes or not is_bpmn(element):
                _report_unknown(element, kind, str(name), report)
        else:
            _check_value(element, kind, str(name), str(value).strip(), known, report)


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
