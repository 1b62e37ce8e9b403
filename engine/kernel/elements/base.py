"""The protocol between the machine and the elements of a diagram, and what all elements have in common. Knows no SpiffWorkflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..activity import open_activity
from ..expressions import Formula
from ..extensions import NO_EXTENSIONS, Extensions
from ..graph import Assignment, Flow, MultiInstance, StandardLoop, Trigger

if TYPE_CHECKING:
    from ..machine import Machine


class Node:
    """A flow node. The class attributes are what a reader sets on each element after SpiffWorkflow's parser has built it.

    `origin` is the id in the diagram (SpiffWorkflow may know the element by another name).
    """

    is_ours = True
    name: str
    is_boundary = False
    is_listener = False
    origin: str = ""
    scope_id: str | None = None
    kind: str = ""
    outflows: tuple[Flow, ...] = ()
    inflow_ids: tuple[str, ...] = ()
    default_flow: str | None = None
    is_conditional: bool = False
    boundary_ids: tuple[str, ...] = ()
    handler_id: str | None = None
    undoes: bool = False
    undoes_scope: bool = False
    link_target: str | None = None
    interrupts: bool = True
    waits_for_all: bool = False
    settings: Extensions = NO_EXTENSIONS
    input_mappings: tuple[Assignment, ...] = ()
    output_mappings: tuple[Assignment, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    loop: MultiInstance | StandardLoop | None = None
    groups: Formula | None = None
    assignee: Formula | None = None
    due_date: Formula | None = None
    priority: Formula | None = None
    headers: tuple[tuple[str, Formula], ...] = ()
    formula: Formula | None = None
    title: str = ""

    @property
    def form_id(self) -> str | None:
        """The form of a user task, or of an act."""
        return self.settings.form_id or self.settings.properties.get("form")

    @property
    def can_be_reached(self) -> bool:
        """Whether a token may come to it: not to what only an event or a compensation begins."""
        return not (self.is_boundary or self.is_listener or self.undoes)

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """A token comes by a flow, or (None) because the scope begins here or a join is complete."""
        raise NotImplementedError(self.kind)

    def perform(self, m: Machine, token: str) -> None:
        """Do what an activity is for; its inputs are mapped."""
        raise NotImplementedError(self.kind)

    def throw(self, m: Machine, token: str) -> None:
        """Send what the element throws, now that all other ready tokens have moved."""
        raise NotImplementedError(self.kind)


class Activity(Node):
    """An activity: opened when a token comes, one token for each that comes."""

    @property
    def can_be_reached(self) -> bool:
        """Whether a token may come to it: not to what only an event or a compensation begins."""
        return not (self.is_boundary or self.is_listener or self.undoes)

    def arrive(self, m: Machine, scope: str, flow: str | None) -> None:
        """Open it."""
        open_activity(m, scope, self)
