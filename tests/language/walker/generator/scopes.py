"""Draws what holds something: sub-processes of every kind, called processes, event sub-processes, what can be undone."""

from __future__ import annotations

from dataclasses import replace

from ..model import Node, Trigger
from .activities import Activities
from .growing import CARRIED, CODES, Exits, Place


class Scopes(Activities):
    """Scopes and what stands in them."""

    def draw_scope(self, place: Place, exits: Exits) -> Exits:
        kind = self.tape.weighted((("subProcess", 34), ("callActivity", 16), ("transaction", 14), ("adHocSubProcess", 12)))
        node = self.lead(exits, self.node(place, kind, "x"))
        if kind == "adHocSubProcess":
            self._fill_ad_hoc(node, place)
            return self.guarded(place, node)
        errors = {code for code in CODES if self.tape.chance(35)}
        escalations = {code for code in CODES if self.tape.chance(35)}
        inside = replace(place, errors=place.errors | errors, escalations=place.escalations | escalations, depth=place.depth + 1)
        if kind == "callActivity":
            self._fill_call(node, inside)
        else:
            node.inner = self.scope(node.id, node.id)
            self.fill(replace(inside, scope=node.inner, in_transaction=kind == "transaction"))
            if self.tape.chance(15):
                node.inputs = (("a", ("+", ("v", "a"), ("n", 1))),)
                self.tag("mapping")
        undoes = kind == "subProcess" and self.tape.chance(16)
        if undoes:
            self.event_sub_process(replace(inside, scope=node.id), undoes=True)
        if self.tape.chance(15):
            self.repeat(node)
        found = self.guarded(place, node)
        if kind == "transaction":
            found += self.boundary(place, node, (Trigger(kind="cancel"),), interrupts=True)
        for code in sorted(errors):
            found += self.boundary(place, node, (Trigger(kind="error", name=code if self.tape.chance(70) else None),), interrupts=True)
        if errors and self.tape.chance(30):
            found += self.boundary(place, node, (Trigger(kind="error"),), interrupts=True)
        for code in sorted(escalations):
            found += self.boundary(place, node, (Trigger(kind="escalation", name=code if self.tape.chance(70) else None),), interrupts=self.tape.chance(50))
        if (undoes and self.tape.chance(70)) or (kind == "callActivity" and self.tape.chance(15)):
            throw = self.lead(found, self.node(place, "intermediateThrowEvent", "e", triggers=(Trigger(kind="compensate"),)))
            self.tag("throw compensate")
            return [(throw.id, None)]
        return found

    def _fill_ad_hoc(self, node: Node, place: Place) -> None:
        node.inner = self.scope(node.id, node.id)
        inside = replace(place, scope=node.inner, depth=3)
        for _ in range(2 + self.tape.number(2)):
            self.node(inside, self.tape.pick(("userTask", "task")), "t")
        node.is_ordered = self.tape.chance(40)
        node.cancels_rest = self.tape.chance(50)
        node.until = (">", ("v", "k"), ("n", 1)) if self.tape.chance(50) else None

    def _fill_call(self, node: Node, inside: Place) -> None:
        called = self.name("q")
        node.inner = self.scope(called, None)
        node.passes_all = self.tape.chance(50)
        if not node.passes_all:
            node.inputs = (*CARRIED, ("c", ("+", ("v", "c"), ("n", 1))))
            node.outputs = (("b", ("v", "a")),)
            self.tag("mapping")
        self.fill(replace(inside, scope=called, is_called=True, in_transaction=False))

    def fill(self, place: Place, blocks: int = 0) -> None:
        """What stands in a process or sub-process: a beginning, blocks, an end, event sub-processes."""
        exits: Exits
        while self.tape.chance(26):
            self.event_sub_process(place)
        if self.tape.chance(12):
            self.tag("implicit start")
            exits = [(self.node(place, self.tape.pick(("userTask", "task")), "t").id, None)]
        else:
            exits = [(self.node(place, "startEvent", "s").id, None)]
        exits = self.sequence(place, exits, blocks or 1 + self.tape.number(2))
        self.end(place, exits, special=self.tape.chance(14))

    def event_sub_process(self, place: Place, *, undoes: bool = False, asks: bool = False) -> None:
        host = self.node(place, "eventSubProcess", "y")
        host.inner = self.scope(host.id, host.id)
        kind = self.tape.weighted((("outside", 60), ("error", 16), ("escalation", 20)))
        triggers, needs_all = self.awaited(may_cycle=True) if kind == "outside" else ((Trigger(kind=kind, name=self.tape.pick((*CODES, None))),), False)
        interrupts = kind == "error" or needs_all or undoes or self.tape.chance(45)
        if interrupts and triggers[0].turns != 1:
            triggers = (replace(triggers[0], turns=1, form="text"),)
        if undoes:
            triggers, needs_all = (Trigger(kind="compensate"),), False
        inside = replace(place, scope=host.inner, depth=max(2, place.depth + 1))
        start = self.node(inside, "startEvent", "s", triggers=triggers, interrupts=interrupts, needs_all=needs_all)
        exits = self.sequence(inside, [(start.id, None)], 1)
        if asks and exits:
            exits = [(self.lead(exits, self.node(inside, "intermediateThrowEvent", "e", triggers=(Trigger(kind="compensate"),))).id, None)]
        self.end(inside, exits, special=self.tape.chance(45))
        self.tag(f"event sub-process {'multiple' if len(triggers) > 1 else triggers[0].kind}{'' if interrupts else ' beside'}")

    def draw_undo(self, place: Place, exits: Exits) -> Exits:
        """An activity that can be compensated, and sooner or later a throw that asks for it."""
        node = self.lead(exits, self.node(place, self.tape.pick(("scriptTask", "userTask")), "t"))
        if node.kind == "scriptTask":
            node.result = (self.variable(), self.written())
        event = self.node(place, "boundaryEvent", "b", triggers=(Trigger(kind="compensate"),), host=node.id)
        handler = self.node(place, self.tape.pick(("task", "userTask")), "u", is_undo=True)
        node.undo = handler.id
        event.undo = handler.id
        self.tag("compensation")
        if self.tape.chance(15):
            self.event_sub_process(place, asks=True)
        exits = self.sequence(replace(place, depth=place.depth + 1), [(node.id, None)], self.tape.number(2))
        if not exits or self.tape.chance(25):
            return exits
        throw = self.lead(exits, self.node(place, "intermediateThrowEvent", "e", triggers=(Trigger(kind="compensate", name=node.id if self.tape.chance(40) else None),)))
        self.tag("throw compensate")
        return [(throw.id, None)]
