"""Events (事件): where a scope begins and ends, where a token waits, what it throws on its way."""

# SpiffWorkflow has no types, so its classes are Any to the checker.
# mypy: allow-subclassing-any

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs import defaults as spiff

from .. import compensation
from ..activity import finish
from ..data import map_inputs
from ..handlers import throw_error, throw_escalation
from ..sending import send_by_headers, send_triggers
from ..watches import arm
from .base import Node
from .handled import call_handler, wait_to_throw

if TYPE_CHECKING:
    from ..machine import Machine

_ENDS = frozenset({"error", "cancel", "terminate"})
"""What takes the token, and more, away."""


class StartEvent(Node, spiff.StartEvent):
    """`bpmn:startEvent`: its scope begins here; one with a trigger begins an instance or an event sub-process."""

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Go on."""
        m.enter(scope, self.origin)
        finish(m, m.add_token(scope, self.origin, s="new"))


class IntermediateCatchEvent(Node, spiff.IntermediateCatchEvent):
    """`bpmn:intermediateCatchEvent`: holds its token until one of its triggers happens; a link catch passes it on."""

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Wait."""
        m.enter(scope, self.origin)
        token = m.add_token(scope, self.origin, s="wait")
        if self.triggers:
            arm(m, scope, token, self, self.triggers)
        else:
            finish(m, token)


class BoundaryEvent(Node, spiff.BoundaryEvent):
    """`bpmn:boundaryEvent`: guards an activity; see `handlers` for what happens when it happens."""

    is_boundary = True


class ThrowingEvent(Node):
    """What intermediate throw events and end events have in common."""

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Throw and go on; messages and signals wait until all other ready tokens have moved."""
        m.enter(scope, self.origin)
        token = m.add_token(scope, self.origin, s="new")
        map_inputs(m, token, self.input_mappings)
        if self.settings.topic is not None and any(trigger.kind == "message" for trigger in self.triggers):
            call_handler(m, token, self)
        elif any(trigger.kind in ("message", "signal") for trigger in self.triggers):
            wait_to_throw(m, token)
        else:
            self.throw(m, token)

    def throw(self, m: Machine, token: str) -> None:
        """Throw every trigger in order, unless one of them took the token away; what ends the scope comes last."""
        if self.settings.topic is not None and any(trigger.kind == "message" for trigger in self.triggers):
            send_by_headers(m, token, self)
        else:
            send_triggers(m, token, self)
        scope = m.state.tokens[token]["in"]
        for trigger in sorted(self.triggers, key=lambda one: one.kind in _ENDS):
            if token not in m.state.tokens:
                return
            if trigger.kind == "escalation":
                throw_escalation(m, scope, trigger.code, self.origin)
            elif trigger.kind == "compensate":
                compensation.throw(m, token, scope, trigger)
                return
            elif trigger.kind in _ENDS:
                self._break(m, scope, token, trigger.kind, trigger.code)
                return
        if token in m.state.tokens:
            finish(m, token)

    def _break(self, m: Machine, scope: str, token: str, kind: str, code: str | None) -> None:
        m.left(scope, self.origin)
        m.drop_token(token)
        if kind == "error":
            # Whoever catches it takes the whole scope, or its rest, away; nobody else counts on this token.
            throw_error(m, scope, None, code, self.origin)
            return
        if kind == "cancel":
            compensation.cancel_transaction(m, scope)
            return
        m.clear(scope)
        if m.state.scopes[scope]["up"] is None:
            m.state.ended_by = "terminated"
        m.state.change(m.state.scopes, scope, shut=True)
        m.ready.append(["end", scope])


class IntermediateThrowEvent(ThrowingEvent, spiff.IntermediateThrowEvent):
    """`bpmn:intermediateThrowEvent`: throws and goes on; a link throw goes on at its catch."""

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Throw."""
        if self.link_target is None:
            super().arrive(m, scope, flow)
            return
        m.enter(scope, self.origin)
        m.left(scope, self.origin)
        m.ready.append(["arrive", scope, self.link_target, None])


class EndEvent(ThrowingEvent, spiff.EndEvent):
    """`bpmn:endEvent`: throws and takes its token away."""
