"""Rewrites a checked diagram into what SpiffWorkflow's parser reads right. Changes the tree it is given.

What the parser would misread or refuse although it is right BPMN: reserved ids, booleans written `1`, drawings, pools that are only
drawn, data objects without a value, `zeebe:` scripts and called processes. Meaning is never changed; ids that change are given back.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from .outline import Outline
from .read import BPMN, is_bpmn, local_name, truth

_REFERRING = ("sourceRef", "targetRef", "attachedToRef", "default", "activityRef")
_REFERRING_TEXT = frozenset({"incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef"})
# SpiffWorkflow adds specs of these names to every process it parses.
_RESERVED = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
_UNREAD = frozenset(
    [
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "dataStore",
        "dataInputAssociation",
        "dataOutputAssociation",
        "property",
        "ioSpecification",
        "correlationProperty",
        "correlationKey",
        "correlationSubscription",
    ]
)
_BOOLEANS = ("isExecutable", "cancelActivity", "isInterrupting", "triggeredByEvent", "parallelMultiple", "instantiate")


def desugar(outline: Outline) -> dict[str, str]:
    """Rewrite the outline's tree; new id → original id of the elements that had to be renamed."""
    root = outline.root
    for child in list(root):
        if not is_bpmn(child):
            root.remove(child)
    for process in outline.processes:
        if process not in outline.runs:
            root.remove(process.element)
    _plain_booleans(root)
    _write_out_extensions(outline)
    renamed = _rename_reserved(outline)
    _remove(root, _UNREAD)
    return renamed


def _plain_booleans(root: etree._Element) -> None:
    for element in root.iter():
        for name in _BOOLEANS:
            value = element.get(name)
            if value is not None:
                element.set(name, "true" if truth(value, False) else "false")


def _write_out_extensions(outline: Outline) -> None:
    """Put what `zeebe:` says where the parser looks for it."""
    for node in outline.nodes:
        own = node.extensions
        if node.kind == "scriptTask":
            for script in node.element.findall(BPMN + "script"):
                node.element.remove(script)
            etree.SubElement(node.element, BPMN + "script").text = own.script or own.topic or ""
        elif node.kind == "callActivity" and own.called_process:
            node.element.set("calledElement", own.called_process.strip())


def _rename_reserved(outline: Outline) -> dict[str, str]:
    taken = {node.id for node in outline.nodes}
    ends = {f"{scope.id}.EndJoin" for scope in outline.scopes}
    renamed: dict[str, str] = {}
    for node in outline.nodes:
        if node.id in _RESERVED or node.id in ends:
            new = node.id + "_"
            while new in taken:
                new += "_"
            taken.add(new)
            renamed[new] = node.id
    if renamed:
        _refer(outline.root, {old: new for new, old in renamed.items()})
        for node in outline.nodes:
            node.element.set("id", next((new for new, old in renamed.items() if old == node.id), node.id))
    return renamed


def _refer(root: etree._Element, new_by_old: dict[str, str]) -> None:
    for element in root.iter():
        for name in _REFERRING:
            if element.get(name) in new_by_old:
                element.set(name, new_by_old[element.get(name, "")])
        if local_name(element) in _REFERRING_TEXT and (element.text or "").strip() in new_by_old:
            element.text = new_by_old[(element.text or "").strip()]


def _remove(root: etree._Element, names: Iterable[str]) -> None:
    for element in [one for one in root.iter() if is_bpmn(one) and local_name(one) in names]:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
