"""What can have been written before an element is reached: a forward walk over the flows with one bit for each name. Pure.

It says too much possible rather than too little: a name counts as written where any way there, any branch beside it, any event of the
scope may have written it. What it denies is denied on every way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from ..kernel.outline import OutlineNode, OutlineScope
from ..kernel.read import reference
from .sequence import flows_to
from .study import Study, Use

FORKS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})


class Order:
    """The flows of one process, with what each element writes."""

    def __init__(self, study: Study) -> None:
        self.study = study
        names = {name for given in study.gives.values() for name in given} | study.given.keys()
        self.bits = {name: 1 << place for place, name in enumerate(sorted(names))}
        self._own = {node.id: self.mask(study.gives.get(node.id, ())) for node in study.nodes}
        self.inside: dict[str, int] = {}
        for node in reversed(study.nodes):
            inner = 0 if node.inner is None else self._within(node.inner)
            self.inside[node.id] = self._own[node.id] | inner
        self._next = {node.id: tuple(other.id for other in flows_to(node)) for node in study.nodes}
        self._boundaries: dict[str, list[OutlineNode]] = defaultdict(list)
        for node in study.nodes:
            if node.kind == "boundaryEvent":
                self._boundaries[reference(node.element.get("attachedToRef"))].append(node)
        self._begun_by_event = frozenset(node.id for node in study.nodes if node.is_event_sub_process)
        self._ahead = self._looked_ahead()

    def mask(self, names: Iterable[str]) -> int:
        """The bits of these names."""
        found = 0
        for name in names:
            found |= self.bits.get(name, 0)
        return found

    def reached(
        self, given: Collection[str], starts: Collection[str] | None = None, *, without: Collection[str] = frozenset()
    ) -> Mapping[str, int]:
        """Element id → the names that can be written when it is reached, for every element that can be reached.

        `given`: the names that are there at the start; `starts`: the ids of the elements that begin the process, None for all that can.
        `without`: elements whose own writing is not counted.
        """
        before: dict[str, int] = {}
        waiting: set[str] = set()
        nodes = {node.id: node for node in self.study.nodes}

        def reach(node_id: str, mask: int) -> None:
            known = before.get(node_id)
            if node_id in nodes and (known is None or known | mask != known):
                before[node_id] = (known or 0) | mask
                waiting.add(node_id)

        self._begin(self.study.process, self.mask(given), reach, starts)
        while waiting:
            # In the order of the flow, so that one sweep brings a mask to the end, and each loop costs a few more.
            for node in nodes.values():
                if node.id in waiting:
                    waiting.discard(node.id)
                    self._pass_on(node, before[node.id], reach, without)
        return before

    def _pass_on(self, node: OutlineNode, mask: int, reach: Callable[[str, int], None], without: Collection[str]) -> None:
        """What is there before an element, and what it writes, comes to what follows it."""
        after = mask if node.id in without else mask | self.inside[node.id]
        for boundary in self._boundaries[node.id]:
            reach(boundary.id, after)
            if boundary.element.get("cancelActivity", "true") != "true":
                after |= self._ahead[boundary.id]
        if node.inner is not None and node.id not in self._begun_by_event:
            self._begin(node.inner, mask, reach, None)
        if node.kind in FORKS or (len(node.outgoing) > 1 and node.kind not in ("exclusiveGateway", "eventBasedGateway")):
            after |= self._ahead[node.id]
        for following in self._next[node.id]:
            reach(following, after)

    def _begin(self, scope: OutlineScope, mask: int, reach: Callable[[str, int], None], starts: Collection[str] | None) -> None:
        """The elements that begin with a scope, and its event sub-processes, which may come at any time and beside everything."""
        listeners = [node for node in scope.nodes.values() if node.is_event_sub_process and node.inner is not None]
        for listener in listeners:
            mask |= self.inside.get(listener.id, 0)
        everything = mask | self._within(scope)
        for listener in listeners:
            reach(listener.id, everything)
            assert listener.inner is not None
            for node in listener.inner.nodes.values():
                if node.kind == "startEvent":
                    reach(node.id, everything)
        for node in scope.nodes.values():
            if node.is_compensation_handler:
                reach(node.id, everything)
            elif begins(node, scope) and (starts is None or node.id in starts):
                reach(node.id, everything if scope.owner is not None and scope.owner.kind == "adHocSubProcess" else mask)

    def _within(self, scope: OutlineScope) -> int:
        found = 0
        for node in scope.nodes.values():
            found |= self.inside.get(node.id, 0)
        return found

    def _looked_ahead(self) -> dict[str, int]:
        """Element id → all that it and what comes after it can write."""
        ahead = dict(self.inside)
        back: dict[str, list[str]] = defaultdict(list)
        for source, targets in self._next.items():
            for target in targets:
                back[target].append(source)
        for host, boundaries in self._boundaries.items():
            for boundary in boundaries:
                back[boundary.id].append(host)
        backwards, waiting = tuple(reversed(self._next)), set(ahead)
        while waiting:
            for node_id in backwards:
                if node_id in waiting:
                    waiting.discard(node_id)
                    for source in back[node_id]:
                        if source in ahead and ahead[source] | ahead[node_id] != ahead[source]:
                            ahead[source] |= ahead[node_id]
                            waiting.add(source)
        return ahead


def begins(node: OutlineNode, scope: OutlineScope) -> bool:
    """Whether a token can begin at this element of a scope that is entered (or that an event begins)."""
    if node.kind == "startEvent":
        return True
    if node.kind == "eventBasedGateway" and not node.incoming and node.element.get("instantiate") == "true":
        return True
    return node.starts_by_itself and not any(other.kind == "startEvent" for other in scope.nodes.values())


def process_reads(study: Study) -> Iterable[tuple[Use, str]]:
    """Each variable of the process that is read without asking whether it is null."""
    for use in study.uses:
        for name, asks_null in use.reading.names.items():
            if not (asks_null or use.optional or name in use.own):
                yield use, name
