"""Joins: what waits at a gateway, and when it may go on.

A parallel join takes one token of each incoming flow (BPMN 2.0.2 §13.4.1). An inclusive join (§13.4.3) waits for every token that has
a path to an empty incoming flow which does not pass the gateway, unless that token also has such a path to a flow that is filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from .state import Record

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine

Filled = dict[str, int]


def gather(m: Machine, scope: str, gateway: str, flow: str) -> Filled:
    """Put a token on an incoming flow of a gateway, to wait there; what is filled now."""
    record = m.state.scopes[scope]
    waiting = dict(record.get("joins", {}))
    filled = dict(waiting.get(gateway, {}))
    filled[flow] = filled.get(flow, 0) + 1
    waiting[gateway] = filled
    m.state.put(m.state.scopes, scope, {**record, "joins": waiting})
    m.touched[scope] = None
    return filled


def consume(m: Machine, scope: str, gateway: str) -> int:
    """Take one token off each filled flow of a gateway; how many that were."""
    record = m.state.scopes[scope]
    waiting = dict(record["joins"])
    filled = waiting.pop(gateway)
    left = {flow: count - 1 for flow, count in filled.items() if count > 1}
    if left:
        waiting[gateway] = left
    if waiting:
        m.state.put(m.state.scopes, scope, {**record, "joins": waiting})
    else:
        m.state.put(m.state.scopes, scope, {key: value for key, value in record.items() if key != "joins"})
    return len(filled)


def withdraw(m: Machine, scope: str, gateway: str) -> int:
    """Take every token that waits at a gateway away; how many those were."""
    record = m.state.scopes[scope]
    waiting = {key: filled for key, filled in record["joins"].items() if key != gateway}
    changed = {key: value for key, value in record.items() if key != "joins"}
    m.state.put(m.state.scopes, scope, {**changed, "joins": waiting} if waiting else changed)
    return sum(record["joins"][gateway].values())


def fire_one(m: Machine) -> bool:
    """When nothing else can move: let one inclusive join go on that needs wait for nobody. False: there is none."""
    for scope in list(m.touched):
        record = m.state.scopes.get(scope)
        if record is not None and "joins" in record:
            gateway = _ripe(m, scope, record)
            if gateway is not None:
                m.count(scope, 1 - consume(m, scope, gateway))
                m.ready.append(["arrive", scope, gateway, None])
                return True
        del m.touched[scope]
    return False


def _ripe(m: Machine, scope: str, record: Record) -> str | None:
    reach = m.container(scope).reach
    places: set[str] | None = None
    for gateway, filled in sorted(record["joins"].items()):
        if gateway not in reach:
            continue
        if places is None:
            places = {token["e"] for token in m.state.tokens.values() if token["in"] == scope}
        others = places | {other for other in record["joins"] if other != gateway}
        if not any(_must_wait_for(place, reach[gateway], filled) for place in others):
            return str(gateway)
    return None


def _must_wait_for(place: str, flows: Mapping[str, frozenset[str]], filled: Filled) -> bool:
    reaches_empty = any(place in sources for flow, sources in flows.items() if flow not in filled)
    return reaches_empty and not any(place in flows[flow] for flow in filled)


class Reach(Mapping[str, Mapping[str, frozenset[str]]]):
    """Inclusive join → incoming flow → the elements with a path to that flow which does not pass the join.

    Worked out when a join is first looked at, and kept: a diagram has many joins, an instance passes few.
    """

    def __init__(self, elements: Mapping[str, Node], joins: Iterable[str]) -> None:
        self._elements = elements
        self._found: dict[str, Mapping[str, frozenset[str]] | None] = dict.fromkeys(joins)

    def __getitem__(self, join: str) -> Mapping[str, frozenset[str]]:
        found = self._found[join]
        if found is None:
            found = self._found[join] = self._sources(join)
        return found

    def __contains__(self, join: object) -> bool:
        return join in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _before(self) -> dict[str, set[str]]:
        """Element → the elements from which a token comes to it in one step."""
        before: dict[str, set[str]] = {}
        for node in self._elements.values():
            for target in (*(flow.target for flow in node.outflows), *node.boundary_ids, *([node.link_target] if node.link_target else [])):
                before.setdefault(target, set()).add(node.origin)
        return before

    def _sources(self, join: str) -> dict[str, frozenset[str]]:
        inflows = set(self._elements[join].inflow_ids)
        source_of = {flow.id: place for place in self._before.get(join, ()) for flow in self._elements[place].outflows if flow.id in inflows}
        found: dict[str, frozenset[str]] = {}
        for flow_id in self._elements[join].inflow_ids:
            seen: set[str] = set()
            pending = [source_of[flow_id]]
            while pending:
                place = pending.pop()
                if place != join and place not in seen:
                    seen.add(place)
                    pending.extend(self._before.get(place, ()))
            found[flow_id] = frozenset(seen)
        return found
