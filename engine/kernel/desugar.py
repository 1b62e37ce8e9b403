"""Rewrites a checked diagram into what SpiffWorkflow's parser reads right. Changes the tree it is given.

What the parser would misread or refuse although it is right BPMN: reserved ids, drawings, pools that are only drawn, data without a
value, `zeebe:` scripts and called processes. Meaning is never changed; ids that change are given back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from lxml import etree

from .outline import Outline
from .read import BPMN, is_bpmn, local_name

Step: TypeAlias = Callable[[Outline], dict[str, str]]
_REFERRING = ("sourceRef", "targetRef", "attachedToRef", "default", "activityRef")
_REFERRING_TEXT = frozenset({"incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef"})
# SpiffWorkflow adds specs of these names to every process it parses.
_RESERVED = frozenset({"Start", "End"})
_UNREAD = frozenset({"dataStore", "correlationProperty"})


def desugar(outline: Outline, steps: Sequence[Step] | None = None) -> dict[str, str]:
    """Rewrite the outline's tree; new id → original id of the elements that had to be renamed. `steps`: those to take, all unless given."""
    renamed: dict[str, str] = {}
    for step in STEPS if steps is None else steps:
        renamed.update(step(outline))
    return renamed


def remove_pictures(outline: Outline) -> dict[str, str]:
    """Whatever is no BPMN: the parser looks for places of shapes and fails where there are none."""
    for child in list(outline.root):
        if not is_bpmn(child):
            outline.root.remove(child)
    return {}


def remove_drawn_pools(outline: Outline) -> dict[str, str]:
    """Processes that are not executable: the parser would read what was never checked."""
    for process in outline.processes:
        if process not in outline.runs:
            outline.root.remove(process.element)
    return {}


def write_out_extensions(outline: Outline) -> dict[str, str]:
    """Put what `zeebe:` says where the parser looks for it."""
    for node in outline.nodes:
        own = node.extensions
        if node.kind == "scriptTask":
            for script in node.element.findall(BPMN + "script"):
                node.element.remove(script)
            etree.SubElement(node.element, BPMN + "script").text = own.script or own.topic or ""
        elif node.kind == "callActivity" and own.called_process:
            node.element.set("calledElement", own.called_process.strip())
    return {}


def rename_reserved(outline: Outline) -> dict[str, str]:
    """Ids that the parser gives to elements of its own."""
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


def remove_unread(outline: Outline) -> dict[str, str]:
    """Data and correlation, which carry nothing here and which the parser refuses where they are not complete."""
    for element in [one for one in outline.root.iter() if is_bpmn(one) and local_name(one) in _UNREAD]:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return {}


def empty_extensions(outline: Outline) -> dict[str, str]:
    """BPMN inside extension elements: the parser finds it wherever it lies, though there it is no part of the diagram."""
    for holder in outline.root.iter(BPMN + "extensionElements"):
        for element in [one for child in holder for one in child.iter() if is_bpmn(one)]:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    return {}


STEPS: Final[tuple[Step, ...]] = (remove_pictures, remove_drawn_pools, write_out_extensions, rename_reserved, remove_unread, empty_extensions)
"""In the order in which they are taken. Each has a test that fails without it (tests/language/test_tripwires.py)."""
