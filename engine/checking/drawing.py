"""Tells what is doubtful about the drawing itself: elements no token comes to, gateways without a way out, work that nobody may do. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from ..errors import Edit
from ..feel import FeelSyntaxError
from ..feel.parser import parse_expression
from ..kernel.outline import ACTIVITIES, Outline, OutlineNode, OutlineScope
from ..kernel.read import reference, truth
from .inference import texts_of_group
from .order import begins
from .report import Place, Report
from .sequence import flows_to
from .similar import nearest
from .sources import Sources

WITH_DEFAULT = frozenset({"exclusiveGateway", "inclusiveGateway"})


def tell_drawing(outline: Outline, sources: Sources, report: Report) -> None:
    """Every doubtful element of one file."""
    nodes: dict[str, list[OutlineNode]] = {}
    for node in outline.nodes:
        nodes.setdefault(node.scope.process_id, []).append(node)
    for process in outline.processes:
        if truth(process.element.get("isExecutable"), False):
            reached = reachable(process)
            for node in nodes.get(process.process_id, ()):
                _tell_node(outline, node, reached, sources, report)


def _tell_node(outline: Outline, node: OutlineNode, reached: Collection[str], sources: Sources, report: Report) -> None:
    place = Place(file=outline.file, line=node.line, element_id=node.id or None)
    if node.id not in reached:
        report.add(place, "unreachable", template="no token can come here", hint="lead a flow to it, or remove it", severity="warning")
    if node.kind in WITH_DEFAULT and len(node.outgoing) > 1 and not node.element.get("default") and all(flow.condition is not None for flow in node.outgoing):
        report.add(
            place,
            "no_default",
            template="the gateway has no default flow: where no condition holds, it stops as an incident",
            hint="make one of its flows the default",
            severity="warning",
        )
    if node.kind in ACTIVITIES and node.outgoing and not node.element.get("default") and all(flow.condition is not None for flow in node.outgoing):
        report.add(
            place,
            "no_default",
            template="all flows out of it have conditions and none is the default: where no condition holds, it stops as an incident",
            hint="make one of its flows the default",
            severity="warning",
        )
    if node.kind == "userTask" and not (node.extensions.properties.get("basis") or "").strip():
        report.add(place, "basis", template="it names no clause that it carries out", hint="add the property basis, such as 代表法2025#51", severity="warning")
    if "act" in node.extensions.properties and not (node.extensions.properties.get("groups") or node.extensions.properties.get("assignee")):
        act = node.extensions.properties["act"]
        report.add(place, "assignment", template="nobody may do the act {act}", hint="add the property groups or assignee", severity="warning", act=act)
    check = node.extensions.properties.get("check")
    if check is not None and sources.checks is not None and check not in sources.checks:
        meant = nearest(check, sources.checks)
        edit = Edit(old=check, new=meant) if meant else None
        report.add(
            place,
            "check",
            template="it names the check {check}, which is not declared",
            hint="write {meant}" if meant else "correct the property check, or declare it in handlers/",
            edit=edit,
            check=check,
            meant=meant or "",
        )
    if sources.groups is not None:
        for text in (node.extensions.groups, node.extensions.properties.get("groups")):
            _tell_groups(place, text, sources.groups, report)


def _tell_groups(place: Place, text: str | None, groups: Collection[str], report: Report) -> None:
    for name, whole in groups_in(text):
        families = [group for group in groups if group.endswith(":")]
        known = name in groups or any(name.startswith(family) for family in families) if whole else any(family.startswith(name) or name.startswith(family) for family in families)
        if not known:
            meant = nearest(name, groups)
            edit = Edit(old=name, new=meant) if meant else None
            report.add(
                place,
                "group",
                template="there is no group {name}, so nobody may do it",
                hint="write {meant}" if meant else "name a group that is declared in handlers/",
                edit=edit,
                name=name,
                meant=meant or "",
            )


def groups_in(text: str | None) -> list[tuple[str, bool]]:
    """The groups that a text names, whole or by their beginning; none where only run time can tell."""
    stripped = (text or "").strip()
    if not stripped.startswith("="):
        return [(part.strip(), True) for part in stripped.split(",") if part.strip()]
    try:
        return texts_of_group(parse_expression(stripped[1:].strip())) or []
    except FeelSyntaxError:
        return []


def reachable(process: OutlineScope) -> frozenset[str]:
    """The ids of all elements of a process that a token can come to."""
    found: set[str] = set()
    waiting: deque[OutlineNode] = deque()

    def reach(node: OutlineNode | None) -> None:
        if node is not None and node.id not in found:
            found.add(node.id)
            waiting.append(node)

    def enter(scope: OutlineScope) -> None:
        for node in scope.nodes.values():
            if begins(node, scope) or node.is_event_sub_process or node.is_compensation_handler:
                reach(node)

    hosts: Mapping[str, list[OutlineNode]] = _boundaries(process)
    enter(process)
    while waiting:
        node = waiting.popleft()
        for other in flows_to(node):
            reach(other)
        for boundary in hosts.get(node.id, ()):
            reach(boundary)
        if node.kind == "boundaryEvent":
            reach(node.scope.nodes.get(node.scope.handlers().get(node.id, "")))
        if node.inner is not None:
            enter(node.inner)
    return frozenset(found)


def _boundaries(process: OutlineScope) -> dict[str, list[OutlineNode]]:
    found: dict[str, list[OutlineNode]] = {}
    pending = [process]
    while pending:
        scope = pending.pop()
        for node in scope.nodes.values():
            if node.kind == "boundaryEvent":
                found.setdefault(reference(node.element.get("attachedToRef")), []).append(node)
            if node.inner is not None:
                pending.append(node.inner)
    return found
