"""Draws activities: tasks of every kind, repeated or not, and the boundary events that guard them."""

from __future__ import annotations

from dataclasses import replace

from ..model import Loop, Node, Trigger
from .growing import CARRIED, Exits, Growing, Place


class Activities(Growing):
    """Activities and what guards them."""

    def draw_activity(self, place: Place, exits: Exits) -> Exits:
        kinds = (("userTask", 74), ("scriptTask", 48), ("serviceTask", 32), ("task", 20), ("manualTask", 14), ("businessRuleTask", 16), ("sendTask", 16), ("receiveTask", 20))
        node = self.lead(exits, self.node(place, self.tape.weighted(kinds), "t"))
        getattr(self, f"_fill_{node.kind}", lambda node, place: None)(node, place)
        if node.kind in ("userTask", "scriptTask", "task") and self.tape.chance(18):
            self.repeat(node)
        return self.guarded(place, node)

    def _fill_userTask(self, node: Node, place: Place) -> None:  # noqa: N802
        if self.tape.chance(15):
            node.inputs = (("x", ("+", ("v", self.variable()), ("n", 1))),)
            node.outputs = (("c", ("v", "x")),)
            self.tag("mapping")

    def _fill_scriptTask(self, node: Node, place: Place) -> None:  # noqa: N802
        node.result = (self.variable(), self.written())

    def _fill_serviceTask(self, node: Node, place: Place) -> None:  # noqa: N802
        kind = self.tape.weighted((("echo", 60), ("throw", 30), ("fail", 3)))
        node.topic = f"kit.{kind}"
        if kind == "echo":
            node.inputs = (("x", self.written()),)
            node.outputs = ((self.variable(), ("v", "x")),)
            self.tag("mapping")
        elif kind == "throw":
            node.code = self.code(place.errors)
            self.tag("error")

    def _fill_businessRuleTask(self, node: Node, place: Place) -> None:  # noqa: N802
        node.result = ("b", ("v", "a"))

    def _fill_sendTask(self, node: Node, place: Place) -> None:  # noqa: N802
        node.triggers, node.inputs = (self.sent(place, "message"),), CARRIED

    def _fill_receiveTask(self, node: Node, place: Place) -> None:  # noqa: N802
        node.triggers = (self.message(),)

    def repeat(self, node: Node) -> None:
        kind = self.tape.pick(("parallel", "sequential", "standard"))
        self.tag(f"{kind} loop")
        if kind == "standard":
            node.loop = Loop(kind=kind, total=1 + self.tape.number(3) if self.tape.chance(50) else None, before=self.tape.chance(40))
            if node.loop.total is None or self.tape.chance(50):
                node.loop.until = ("<=", ("v", "loopCounter"), ("n", self.tape.number(3)))
            return
        total = self.tape.weighted(((2, 5), (3, 4), (1, 1), (0, 1)))
        node.loop = Loop(kind=kind, total=total)
        if self.tape.chance(60):
            node.loop.items = tuple(10 * (index + 1) for index in range(total))
        if self.tape.chance(60):
            name = "item" if node.loop.items is not None else "loopCounter"
            node.loop.output, node.loop.outputs = ("+", ("v", name), ("n", 1)), self.name("out")
        if self.tape.chance(30):
            node.loop.until = (">", ("v", "numberOfCompletedInstances"), ("n", self.tape.number(2)))
            self.tag("completion condition")

    # ------------------------------------------------------------------ boundary events
    def guarded(self, place: Place, node: Node, chance: int = 34) -> Exits:
        """Boundary events of an activity, and the paths behind them."""
        exits: Exits = [(node.id, None)]
        waits = node.kind in ("userTask", "receiveTask", "subProcess", "transaction", "adHocSubProcess", "callActivity")
        if node.topic == "kit.throw" and self.tape.chance(70):
            exits += self.boundary(place, node, (Trigger(kind="error", name=node.code if self.tape.chance(60) else None),), interrupts=True)
        if not waits or place.depth >= 3:
            return exits
        while self.room > 0 and len(node.guards) < 3 and self.tape.chance(chance):
            triggers, needs_all = self.awaited(may_cycle=True)
            if node.loop is not None and triggers[0].kind == "conditional":
                continue
            interrupts = needs_all or self.tape.chance(50)
            if interrupts and triggers[0].turns != 1:
                triggers = (replace(triggers[0], turns=1, form="text"),)
            exits += self.boundary(place, node, triggers, interrupts=interrupts, needs_all=needs_all)
        return exits

    def boundary(self, place: Place, host: Node, triggers: tuple[Trigger, ...], *, interrupts: bool, needs_all: bool = False) -> Exits:
        event = self.node(place, "boundaryEvent", "b", triggers=triggers, host=host.id, interrupts=interrupts, needs_all=needs_all)
        host.guards.append(event.id)
        self.tag(f"boundary {'multiple' if len(triggers) > 1 else triggers[0].kind}{'' if interrupts else ' beside'}")
        self.tag(*(["needs all"] if needs_all else []))
        deeper = replace(place, depth=place.depth + 1)
        exits = self.sequence(deeper, [(event.id, None)], 1)
        return exits if self.tape.chance(50) else self.end(deeper, exits)
