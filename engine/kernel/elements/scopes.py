"""Activities that hold a scope: sub-processes of every kind and called processes."""

# SpiffWorkflow has no types, so its classes are Any to the checker.
# mypy: allow-subclassing-any

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs import defaults as spiff

from ...errors import Saying
from ..data import sight
from ..faults import StepError
from .base import Activity

if TYPE_CHECKING:
    from ..machine import Machine


class Embedded(Activity):
    """A sub-process that is drawn inside: one new scope for each token."""

    def perform(self, m: Machine, token: str) -> None:
        """Open the scope and begin it."""
        container = m.graph(m.state.tokens[token]["in"]).containers[self.origin]
        scope = m.open_scope(container, token)
        m.state.change(m.state.tokens, token, s="scope", c=scope)
        m.begin(scope, container.entries)


class SubProcess(Embedded, spiff.SubWorkflowTask):
    """`bpmn:subProcess`."""


class Transaction(Embedded, spiff.TransactionSubprocess):
    """`bpmn:transaction`: a sub-process that may be cancelled as a whole; see `compensation`."""


class AdHocSubProcess(Embedded, spiff.AdHocSubprocess):
    """`bpmn:adHocSubProcess`: its activities in any order, or one after another, until its condition is true (§13.3.5)."""

    def perform(self, m: Machine, token: str) -> None:
        """Begin all its activities, or the first of them."""
        container = m.graph(m.state.tokens[token]["in"]).containers[self.origin]
        if not container.is_ordered:
            super().perform(m, token)
            return
        scope = m.open_scope(container, token, rest=list(container.entries[1:]))
        m.state.change(m.state.tokens, token, s="scope", c=scope)
        m.begin(scope, container.entries[:1])


class EventSubProcess(Activity, spiff.EventSubprocess):
    """`bpmn:subProcess` with `triggeredByEvent`: begins by its event only; see `handlers`."""

    is_listener = True


class CallActivity(Activity, spiff.CallActivity):
    """`bpmn:callActivity`: another process runs as a scope of the same instance."""

    def perform(self, m: Machine, token: str) -> None:
        """Open the called process with its variables, and begin it."""
        called = m.graphs.get(self.spec)
        if called is None:
            raise StepError("call", Saying("the called process {process} is not deployed", process=repr(self.spec)))
        if _depth(m, token) >= m.bounds.call_depth:
            raise StepError("call_depth", Saying("calls are nested more than {most} deep; does {process} call itself without end?", most=m.bounds.call_depth, process=repr(self.spec)))
        container = called.containers[None]
        seen = sight(m, token)
        names = seen if self.settings.passes_all_in else m.state.vars.get(token, {})
        scope = m.open_scope(container, token, {name: seen[name] for name in names}, root=True, written=[])
        m.state.change(m.state.tokens, token, s="scope", c=scope)
        if not container.entries:
            raise StepError("call", Saying("the called process {process} has no plain start event", process=repr(self.spec)))
        m.begin(scope, container.entries)


def _depth(m: Machine, token: str) -> int:
    depth = 0
    current: str | None = token
    while current is not None:
        scope = m.state.scopes[m.state.tokens[current]["in"]]
        depth += bool(scope.get("root"))
        current = scope["up"]
    return depth
