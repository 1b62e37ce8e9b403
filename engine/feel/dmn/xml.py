"""Reading XML safely: no DTD, no entities, no network, bounded size. Finds elements by local name."""

from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from ...errors import Problem
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
        raise _refused(file, 0, f"a DMN file has at most {MAX_BYTES} bytes", "Split it.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        raise _refused(file, fault.lineno or 0, f"this is no XML: {fault.msg}", "Save it again from the modeler.") from None
    except (ValueError, LookupError) as fault:
        raise _refused(file, 0, f"this is no XML: {fault}", "Save it again from the modeler.") from None
    if root.getroottree().docinfo.doctype:
        raise _refused(file, 1, "a DMN file has no document type (DTD)", "Remove the line <!DOCTYPE …>.")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        message = f"the root must be `definitions` of DMN 1.1 to 1.5, not {name.localname} of {name.namespace}"
        raise _refused(file, root.sourceline or 0, message, "Save it as DMN from the modeler.")
    return root


def _refused(file: str, line: int, message: str, fix: str) -> DecisionsRefused:
    problem = Problem(file=file, line=line or None, element_id=None, rule="xml", message=message, fix=fix)
    return DecisionsRefused((problem,))


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
