"""The elements of a process in the order in which tokens come to them, however the file lists them. Pure.

What is learnt along the flows is then learnt in one sweep, and in a few where there are loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..kernel.outline import OutlineNode
from ..kernel.read import reference


def in_sequence(nodes: Sequence[OutlineNode]) -> list[OutlineNode]:
    """The same elements: each after those that lead to it, loops aside; what lies inside another after it; ways apart as they are listed."""
    attached: dict[tuple[int, str], list[OutlineNode]] = {}
    for node in nodes:
        if node.kind == "boundaryEvent":
            attached.setdefault((id(node.scope), reference(node.element.get("attachedToRef"))), []).append(node)

    def after(node: OutlineNode) -> Iterable[OutlineNode]:
        inside: Iterable[OutlineNode] = () if node.inner is None else node.inner.nodes.values()
        found = [*inside, *attached.get((id(node.scope), node.id), ()), *flows_to(node)]
        return found[::-1]

    begin = [node for node in nodes if not node.incoming and node.kind != "boundaryEvent"]
    own = set(nodes)
    return [node for node in _sorted((*reversed(begin), *reversed(nodes)), after) if node in own]


def _sorted(roots: Iterable[OutlineNode], after: Callable[[OutlineNode], Iterable[OutlineNode]]) -> list[OutlineNode]:
    """Depth first, and the last that was left is the first: without recursion, for a diagram can be as long as it likes."""
    left: list[OutlineNode] = []
    seen: set[OutlineNode] = set()
    for root in roots:
        path = [iter((root,))]
        entered: list[OutlineNode] = []
        while path:
            node = next((one for one in path[-1] if one not in seen), None)
            if node is not None:
                seen.add(node)
                entered.append(node)
                path.append(iter(after(node)))
            else:
                path.pop()
                if entered:
                    left.append(entered.pop())
    return left[::-1]


def flows_to(node: OutlineNode) -> list[OutlineNode]:
    """What comes next: by flow, or by link."""
    nodes = node.scope.nodes
    found = [nodes[flow.target] for flow in node.outgoing if flow.target in nodes]
    if "link" in node.trigger_kinds and not node.is_link_catch:
        found += [other for other in nodes.values() if other.is_link_catch and link_of(other) == link_of(node)]
    return found


def link_of(node: OutlineNode) -> str:
    """The name of the link that an event throws or catches."""
    for trigger in node.triggers:
        if trigger.tag.endswith("}linkEventDefinition"):
            return (trigger.get("name") or "").strip()
    return ""
