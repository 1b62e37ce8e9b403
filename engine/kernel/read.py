"""Reads the bytes of a BPMN file into an lxml tree without ever touching anything but those bytes.

No document type, no entities, no network, no XInclude; few encodings; bounds on size, depth and number of elements. Pure.
"""

from __future__ import annotations

import codecs
import re

from lxml import etree

from ..errors import Problem, Saying, said_with
from ..feel.dmn.xml import fault_of

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
BPMN = "{" + MODEL + "}"

MAX_BYTES = 10_000_000
MAX_DEPTH = 250
MAX_ELEMENTS = 200_000
MAX_FLOW_ELEMENTS = 20_000

_REFERENCES = frozenset(
    ["sourceRef", "targetRef", "attachedToRef", "default", "activityRef", "messageRef", "signalRef", "errorRef", "escalationRef", "processRef"]
)
"""Attributes that name an element of the same file."""

_PROLOG = re.compile(r"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_DECLARED = re.compile(r"""^<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_DEEPER_STILL = "Excessive depth in document"
"""What the parser says of a file that goes deeper than it walks, a little beyond `MAX_DEPTH`."""
_CODECS = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "utf-8-sig",
    "ascii": "utf-8-sig",
    "iso-8859-1": "iso-8859-1",
    "windows-1252": "windows-1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
}


class Unreadable(Exception):
    """The file is not a BPMN document that we read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def read(file: str, data: bytes) -> etree._Element:
    """The root element `bpmn:definitions` of a file. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise _unreadable(file, "size", "the file has {size} bytes, at most {limit} are read", "split the diagram", size=f"{len(data):,}", limit=f"{MAX_BYTES:,}")
    text = _decoded(file, data)
    root = _parsed(file, text)
    if root.tag != BPMN + "definitions":
        raise _unreadable(file, "root", "the root element is {tag}, not bpmn:definitions", "save the file as BPMN 2.0 XML", tag=root.tag)
    _bounded(file, root)
    _name_plainly(root)
    return root


def _decoded(file: str, data: bytes) -> str:
    encoding = _encoding(file, data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(file, "encoding", "the file is not {encoding}: {reason} at byte {byte}", "save the file as UTF-8", encoding=encoding.removesuffix("-sig").upper(), reason=Saying(error.reason), byte=error.start) from None
    if "\0" in text:
        raise _unreadable(file, "xml", "the file has a NUL character", "remove it")
    prolog = _PROLOG.match(text)
    if prolog and text.startswith("<!", prolog.end()):
        raise _unreadable(file, "doctype", "a document type declaration is not accepted", "remove the <!DOCTYPE …>")
    return text


def _encoding(file: str, data: bytes) -> str:
    """The codec of a file: by its byte order mark, else as it declares, among those that XML tools write."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.match(data[:200].decode("latin-1").removeprefix("ï»¿"))
    name = declared.group(1).lower() if declared else "utf-8"
    if name not in _CODECS:
        raise _unreadable(file, "encoding", "the file says that it is {name}, which is not read here or not what it is", "save the file as UTF-8", name=repr(name))
    return _CODECS[name]


def _parsed(file: str, text: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    # The declared encoding was checked above, and the parser must not look at it again.
    body = re.sub(r"^<\?xml.*?\?>", lambda found: "\n" * found.group(0).count("\n"), text, count=1, flags=re.DOTALL)
    try:
        return etree.fromstring(body.encode("utf-8", "surrogatepass"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if _DEEPER_STILL in str(error):
            raise _too_deep(file) from None
        line = getattr(error, "lineno", None)
        raise Unreadable(
            Problem(file=file, line=line, element_id=None, rule="xml", template="the file is no XML: {error}", fix_template="save it again from the modeler", params=said_with({"error": fault_of(error)}))
        ) from None


def _bounded(file: str, root: etree._Element) -> None:
    depth = count = flow_elements = 0
    for action, element in etree.iterwalk(root, events=("start", "end")):
        if action == "end":
            depth -= 1
            continue
        depth += 1
        count += 1
        flow_elements += isinstance(element.tag, str) and element.tag.startswith(BPMN) and element.get("id") is not None
        if depth > MAX_DEPTH:
            raise _too_deep(file)
        if count > MAX_ELEMENTS or flow_elements > MAX_FLOW_ELEMENTS:
            limit = MAX_ELEMENTS if count > MAX_ELEMENTS else MAX_FLOW_ELEMENTS
            raise _unreadable(file, "elements", "the file has more than {limit} elements", "split the diagram into called processes", limit=f"{limit:,}")


def _too_deep(file: str) -> Unreadable:
    return _unreadable(file, "depth", "elements are nested more than {limit} deep", "use call activities instead of nesting", limit=MAX_DEPTH)


def _name_plainly(root: etree._Element) -> None:
    """Ids and references as everything here compares them: without the blanks and prefixes that XML allows around them."""
    for element in root.iter(BPMN + "*"):
        for name, value in element.items():
            if name == "id":
                plain = value.strip()
            elif name in _REFERENCES:
                plain = reference(value)
            elif name == "calledElement":
                prefix, _, local = value.strip().rpartition(":")
                plain = local if prefix in element.nsmap else value
            else:
                continue
            if plain != value:
                element.set(name, plain)


def _unreadable(file: str, rule: str, template: str, fix: str, **params: object) -> Unreadable:
    return Unreadable(Problem(file=file, line=None, element_id=None, rule=rule, template=template, fix_template=fix, params=said_with(params)))


def local_name(element: etree._Element) -> str:
    """The tag without its namespace; empty for anything that is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def is_bpmn(element: etree._Element) -> bool:
    """Whether the element belongs to the BPMN model namespace."""
    return isinstance(element.tag, str) and element.tag.startswith(BPMN)


def truth(text: str | None, default: bool) -> bool:
    """An XML boolean attribute; absent gives the default."""
    return default if text is None else text.strip() in ("true", "1")


def reference(text: str | None) -> str:
    """The local part of a QName reference, empty when absent."""
    return (text or "").strip().rpartition(":")[2]
