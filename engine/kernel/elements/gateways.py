"""Gateways (网关): where paths part and meet."""

# SpiffWorkflow has no types, so its classes are Any to the checker.
# mypy: allow-subclassing-any

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs import defaults as spiff

from ...errors import Saying
from ..data import because, holds
from ..faults import StepError
from ..graph import Flow
from ..joins import consume, gather
from ..watches import arm
from .base import Node

if TYPE_CHECKING:
    from ..machine import Machine


class ExclusiveGateway(Node, spiff.ExclusiveGateway):
    """Takes the first flow whose condition is true, else the default; passes each token on as it comes (§13.4.2)."""

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Choose one flow."""
        m.enter(scope, self.origin)
        chosen = next((one for one in self.outflows if self._is_open(m, scope, one)), None)
        took_default = chosen is None
        if chosen is None:
            chosen = _default(self, m)
        m.note_doubts(self, took_default=took_default)
        m.left(scope, self.origin)
        m.take(scope, [chosen] if chosen is not None else [])

    def _is_open(self, m: Machine, scope: str, flow: Flow) -> bool:
        if flow.id == self.default_flow:
            return False
        return flow.condition is None or holds(m, flow.condition, scope)


class InclusiveGateway(Node, spiff.InclusiveGateway):
    """Takes every flow whose condition is true, else the default; joins as `joins` says (§13.4.3)."""

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Wait with the others, or part."""
        if flow is not None and len(self.inflow_ids) > 1:
            gather(m, scope, self.origin, flow)
            return
        m.enter(scope, self.origin)
        chosen = [one for one in self.outflows if self._is_open(m, scope, one)]
        took_default = not chosen
        if not chosen:
            default = _default(self, m)
            chosen = [default] if default is not None else []
        m.note_doubts(self, took_default=took_default)
        m.left(scope, self.origin)
        m.take(scope, chosen)

    def _is_open(self, m: Machine, scope: str, flow: Flow) -> bool:
        if flow.id == self.default_flow:
            return False
        return flow.condition is None or holds(m, flow.condition, scope)


class ParallelGateway(Node, spiff.ParallelGateway):
    """Waits for one token from each incoming flow, then puts one on each outgoing flow (§13.4.1)."""

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Join, then part."""
        consumed = 1
        if flow is not None and len(self.inflow_ids) > 1:
            filled = gather(m, scope, self.origin, flow)
            if len(filled) < len(self.inflow_ids):
                return
            consumed = consume(m, scope, self.origin)
        m.enter(scope, self.origin)
        m.left(scope, self.origin)
        m.take(scope, self.outflows, consumed=consumed)


class EventBasedGateway(Node, spiff.EventBasedGateway):
    """Waits for the first of the events behind it; the others are then withdrawn (§13.4.4)."""

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Wait for all of them on behalf of one token."""
        m.enter(scope, self.origin)
        token = m.add_token(scope, self.origin, s="wait")
        for one in self.outflows:
            event = m.element(scope, one.target)
            arm(m, scope, token, event, event.triggers)


def _default(node: Node, m: Machine) -> Flow | None:
    """The default flow; None when the gateway has no outgoing flow at all. Raises StepError when none can be taken."""
    if not node.outflows:
        return None
    for flow in node.outflows:
        if flow.id == node.default_flow:
            return flow
    raise StepError("no_flow", because(Saying("no condition is true and there is no default flow"), m.doubts))
