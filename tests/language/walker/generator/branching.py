"""Draws what parts and meets again: gateways, splits without one, ways back."""

from __future__ import annotations

from dataclasses import replace

from ..model import Expression, Node
from .activities import Activities
from .growing import Exits, Place


class Branching(Activities):
    """Branches of every kind."""

    def branches(self, place: Place, gate: Node, conditions: list[Expression | None], ends: int) -> list[Exits]:
        deeper = replace(place, depth=place.depth + 1)
        found: list[Exits] = []
        for condition in conditions:
            exits: Exits = [(gate.id, condition)]
            if ends and self.tape.chance(ends):
                self.end(deeper, self.sequence(deeper, exits, self.tape.number(2)), special=True)
                ends = 0
            else:
                found.append(self.sequence(deeper, exits, self.tape.number(3)))
        return found

    def met(self, place: Place, branches: list[Exits], kinds: tuple[str, ...]) -> Exits:
        """Bring branches together: by a gateway of one of these kinds, or by nothing."""
        kind = self.tape.pick(kinds)
        branches = [branch for branch in branches if branch]
        if kind == "none" or not branches:
            return [one for branch in branches for one in branch]
        if kind == "parallelGateway" and not self.tape.chance(8):
            branches = [self.one(place, branch) for branch in branches]
        return [(self.lead([one for branch in branches for one in branch], self.node(place, kind, "g")).id, None)]

    def draw_exclusive(self, place: Place, exits: Exits) -> Exits:
        gate = self.lead(exits, self.node(place, "exclusiveGateway", "g"))
        conditions: list[Expression | None] = [self.condition() for _ in range(1 + self.tape.number(2))]
        if self.tape.chance(5):
            conditions = [(">", ("v", "k"), ("n", 5)), (">", ("v", "k"), ("n", 6))]
            self.tag("no flow")
        else:
            conditions.append(("default",))
        return self.met(place, self.branches(place, gate, conditions, 30), ("exclusiveGateway", "none", "inclusiveGateway"))

    def draw_parallel(self, place: Place, exits: Exits) -> Exits:
        gate = self.lead(self.one(place, exits), self.node(place, "parallelGateway", "g"))
        branches = self.branches(place, gate, [None] * (2 + self.tape.number(2)), 12)
        return self.met(place, branches, ("parallelGateway", "parallelGateway", "inclusiveGateway", "exclusiveGateway", "none"))

    def draw_inclusive(self, place: Place, exits: Exits) -> Exits:
        gate = self.lead(self.one(place, exits), self.node(place, "inclusiveGateway", "g"))
        conditions: list[Expression | None] = [self.condition() for _ in range(1 + self.tape.number(3))]
        branches = self.branches(place, gate, [*conditions, ("default",)], 12)
        return self.met(place, branches, ("inclusiveGateway", "inclusiveGateway", "exclusiveGateway", "none"))

    def draw_split(self, place: Place, exits: Exits) -> Exits:
        """Several flows out of a task, some with conditions."""
        node = self.lead(exits, self.node(place, self.tape.pick(("task", "userTask")), "t"))
        conditions: list[Expression | None] = [None, None] if self.tape.chance(50) else [self.condition(), ("default",) if self.tape.chance(50) else None]
        self.tag("uncontrolled split")
        return self.met(place, self.branches(place, node, conditions, 0), ("inclusiveGateway", "none", "exclusiveGateway"))

    def draw_events(self, place: Place, exits: Exits) -> Exits:
        """An event-based gateway."""
        gate = self.lead(exits, self.node(place, "eventBasedGateway", "g"))
        deeper = replace(place, depth=place.depth + 1)
        found: Exits = []
        for _ in range(2 + self.tape.number(2)):
            if self.tape.chance(20):
                event = self.node(place, "receiveTask", "t", triggers=(self.message(),))
            else:
                triggers, _ = self.awaited(may_combine=False)
                event = self.node(place, "intermediateCatchEvent", "e", triggers=triggers)
            found += self.sequence(deeper, [(self.lead([(gate.id, None)], event).id, None)], self.tape.number(2))
        return found

    def draw_loop(self, place: Place, exits: Exits) -> Exits:
        """A way back, taken while a counter of its own is small."""
        if place.is_called or place.is_partner:
            return self.draw_activity(place, exits)
        counter = self.name("i")
        self.model.variables[counter] = 0
        self.tag("way back")
        back = self.lead(exits, self.node(place, self.tape.pick(("exclusiveGateway", "task")), "g"))
        deeper = replace(place, depth=place.depth + 1)
        body = self.sequence(deeper, [(back.id, None)], 1 + self.tape.number(2)) or [(back.id, None)]
        if self.tape.chance(35):
            body = self.draw_inclusive(deeper, body) or [(back.id, None)]
            self.tag("inclusive in a loop")
        turn = self.lead(body, self.node(place, "scriptTask", "t", result=(counter, ("+", ("v", counter), ("n", 1)))))
        gate = self.lead([(turn.id, None)], self.node(place, "exclusiveGateway", "g"))
        self.lead([(gate.id, ("<=", ("v", counter), ("n", self.tape.number(3))))], back)
        return [(gate.id, ("default",))]
