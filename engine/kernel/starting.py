"""How an instance begins: plainly, or at an event that started it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import watches
from .data import assign, write

if TYPE_CHECKING:
    from .machine import Machine


def open_instance(m: Machine, scope: str, at: str, given: Mapping[str, Any] | None) -> None:
    """Begin the scope of an instance. `given`: what the message, signal or timer of the event `at` brought; None: begin plainly.

    What the event brought is written first: keys and groups of the event sub-processes that now listen may read it.
    """
    container = m.container(scope)
    if given is None:
        watches.arm_scope(m, scope, container)
        m.begin(scope, container.entries)
        return
    node = m.element(scope, at)
    write(m, scope, assign(m, node.output_mappings, scope, given) if node.output_mappings else given)
    watches.arm_scope(m, scope, container)
    _await_the_others(m, scope, at)
    m.count(scope, 1)
    m.enter(scope, at)
    m.left(scope, at)
    m.leave(scope, node)


def _await_the_others(m: Machine, scope: str, at: str) -> None:
    """Behind a parallel instantiating gateway, the other events are waited for too."""
    for gateway in m.graph(scope).elements.values():
        targets = [flow.target for flow in gateway.outflows]
        if gateway.kind == "eventBasedGateway" and gateway.waits_for_all and at in targets:
            for other in targets:
                if other != at:
                    m.count(scope, 1)
                    m.ready.append(["arrive", scope, other, None])
