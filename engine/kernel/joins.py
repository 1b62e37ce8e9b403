"""Joins: what waits at a gateway, and when it may go on.

A parallel join takes one token of each incoming flow (BPMN 2.0.2 §13.4.1). An inclusive join (§13.4.3) waits for every token that has
a path to an empty incoming flow which does not pass the gateway, unless that token also has such a path to a flow that is filled.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def reach_of(gateway: str, elements: dict[str, Node]) -> dict[str, frozenset[str]]:
    """For each incoming flow of a gateway: the elements with a path to that flow which does not pass the gateway."""
    before: dict[str, set[str]] = {}
    source_of: dict[str, str] = {}
    for node in elements.values():
        for flow in node.outflows:
            before.setdefault(flow.target, set()).add(node.origin)
            source_of[flow.id] = node.origin
        if node.link_target is not None:
            before.setdefault(node.link_target, set()).add(node.origin)
        for boundary in node.boundary_ids:
            before.setdefault(boundary, set()).add(node.origin)
    found: dict[str, frozenset[str]] = {}
    for flow_id in elements[gateway].inflow_ids:
        seen: set[str] = set()
        pending = [source_of[flow_id]]
        while pending:
            place = pending.pop()
            if place != gateway and place not in seen:
                seen.add(place)
                pending.extend(before.get(place, ()))
        found[flow_id] = frozenset(seen)
    return found
