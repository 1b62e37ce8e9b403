"""Reading XML safely: no DTD, no entities, no network, bounded size. Finds elements by local name."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from ...errors import Problem, Saying, said_with
from .model import DecisionsRefused

MAX_BYTES = 10_000_000
NAMESPACES = frozenset(
    (
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    )
)
Element: TypeAlias = etree._Element


def parse(data: bytes, file: str) -> Element:
    """The root `definitions` of a DMN file. Raises DecisionsRefused."""
    if len(data) > MAX_BYTES:
        raise _unusable(file, 0, "a DMN file has at most {limit} bytes", "Split it.", limit=MAX_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        raise _unusable(file, fault.lineno or 0, "this is no XML: {fault}", "Save it again from the modeler.", fault=fault_of(fault)) from None
    except (ValueError, LookupError) as fault:
        raise _unusable(file, 0, "this is no XML: {fault}", "Save it again from the modeler.", fault=fault_of(fault)) from None
    if root.getroottree().docinfo.doctype:
        raise _unusable(file, 1, "a DMN file has no document type (DTD)", "Remove the line <!DOCTYPE …>.")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        template = "the root must be `definitions` of DMN 1.1 to 1.5, not {name} of {namespace}"
        raise _unusable(file, root.sourceline or 0, template, "Save it as DMN from the modeler.", name=name.localname, namespace=name.namespace)
    return root


def _unusable(file: str, line: int, template: str, fix: str, **params: object) -> DecisionsRefused:
    problem = Problem(file=file, line=line or None, element_id=None, rule="xml", template=template, fix_template=fix, params=said_with(params))
    return DecisionsRefused((problem,))


XML_FAULTS = (
    "Document is empty", "Start tag expected, '<' not found", "Extra content at the end of the document",
    "Opening and ending tag mismatch: {opened} line {opened_line} and {closed}", "Premature end of data in tag {tag} line {tag_line}",
    "Couldn't find end of Start Tag {tag} line {tag_line}", "Attribute {attribute} redefined", "AttValue: {sign} expected",
    "attributes construct error", "Entity '{entity}' not defined", "EntityRef: expecting ';'", "xmlParseEntityRef: no name", "Namespace prefix {prefix} on {tag} is not defined",
    "Namespace prefix {prefix} for {attribute} on {tag} is not defined", "Unescaped '<' not allowed in attributes values",
    "PCDATA invalid Char value {character}", "xmlParseCharRef: invalid xmlChar value {character}", "Specification mandates value for attribute {attribute}",
    "error parsing attribute name", "StartTag: invalid element name", "Excessive depth in document: {depth}, use XML_PARSE_HUGE option",
    "xmlns:{prefix}: '{uri}' is not a valid URI", "xmlns:{prefix}: Empty XML namespace is not allowed", "Unsupported encoding: {encoding}",
    "Invalid bytes in character encoding", "Sequence ']]>' not allowed in content", "XML declaration allowed only at the start of the document",
)  # fmt: skip
"""What the XML library says of broken files, as templates, so that it can be said in other languages."""

_PLACE = re.compile(r"(?P<fault>.*), line (?P<line>\d+), column (?P<column>\d+)", re.DOTALL)


def fault_of(error: Exception) -> Saying:
    """What an XML parser's error says."""
    found = _PLACE.fullmatch(getattr(error, "msg", None) or str(error))
    if found is None:
        return Saying("it cannot be decoded")
    fault = next(filter(None, (_matched(template, found["fault"]) for template in XML_FAULTS)), None)
    if fault is None:
        fault = Saying("it is not well-formed (error {number})", number=getattr(error, "code", 0))
    return Saying("{fault}, line {line}, column {column}", fault=fault, line=found["line"], column=found["column"])


def _matched(template: str, text: str) -> Saying | None:
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(template))
    found = re.fullmatch(pattern, text, re.DOTALL)
    return Saying(template, **found.groupdict()) if found else None


def children(element: Element, *names: str) -> Iterator[Element]:
    """The children of these local names in a DMN namespace, in document order."""
    for child in element:
        if isinstance(child.tag, str):
            name = etree.QName(child)
            if name.namespace in NAMESPACES and (not names or name.localname in names):
                yield child


def child(element: Element, name: str) -> Element | None:
    """The first child of this local name."""
    return next(children(element, name), None)


def local_name(element: Element) -> str:
    """The name of the element without its namespace."""
    return str(etree.QName(element).localname)


def text_of(element: Element | None) -> str:
    """What stands in the element's `text` child, stripped; empty when there is none."""
    found = None if element is None else child(element, "text")
    return "" if found is None else "".join(str(part) for part in found.itertext()).strip()
