"""Builds a diagram from a tape of choices: blocks one after another and inside each other, and ways across them.

Everything that a diagram may wait for can happen, loops count their turns, and what is written by concurrent branches is compared as it
was written. What hangs on the order of silent steps alone (timer texts, collections) is constant.
"""

from __future__ import annotations

from ..model import ACTIVITIES, Model, Trigger
from ..tape import Tape
from .branching import Branching
from .growing import CARRIED, KEY, LITERAL_KEY, Exits, Place
from .passing import Passing
from .scopes import Scopes


class Growth(Branching, Passing, Scopes):
    """A whole diagram, and the processes that talk with it."""

    def draw_partner(self, place: Place, exits: Exits) -> Exits:
        """Another process that a message starts, and that may answer."""
        there = Place(scope=self.scope(self.name("q"), None), depth=2, is_partner=True)
        asked = Trigger(kind="message", name=self.name("m"), key=LITERAL_KEY)
        start = self.node(there, "startEvent", "s", triggers=(asked,))
        ways = self.sequence(there, [(start.id, None)], 1)
        sender = self.lead(exits, self.node(place, self.tape.pick(("sendTask", "intermediateThrowEvent")), "t", triggers=(asked,), inputs=CARRIED))
        self.tag("message start", "pools talk")
        if not self.tape.chance(60):
            self.end(there, ways)
            return [(sender.id, None)]
        answer = Trigger(kind="message", name=self.name("m"), key=LITERAL_KEY)
        self.lead(ways, self.node(there, "endEvent", "z", triggers=(answer,), inputs=CARRIED))
        receiver = self.lead([(sender.id, None)], self.node(place, self.tape.pick(("receiveTask", "intermediateCatchEvent")), "e", triggers=(answer,)))
        return [(receiver.id, None)]

    def whole(self) -> Model:
        """A diagram with the process `p`."""
        self.fill(Place(scope=self.scope("p", None)), 3 + self.tape.number(3))
        begins = {trigger.name for node in self.model.nodes.values() for trigger in node.triggers if node.kind == "startEvent" and self.model.scopes[node.scope].owner is None}
        caught = [trigger for node in self.model.nodes.values() for trigger in node.triggers if trigger.kind == "message" and trigger.name]
        for trigger, by_partner in self.thrown:
            # What a partner sends starts no partner, so that no two of them talk without end.
            known = [one for one in caught if not (by_partner and one.name in begins)]
            chosen = self.tape.pick(known) if known and self.tape.chance(85) else Trigger(kind="message", name="m0", key=KEY)
            trigger.name, trigger.key = chosen.name, chosen.key
        self.model.has_pools, self.model.has_lanes = self.tape.chance(10), self.tape.chance(10)
        self.tag(*(["pools"] if self.model.has_pools else []), *(["lanes"] if self.model.has_lanes else []))
        self._begin_otherwise()
        self._open_a_way()
        return self.model

    def _open_a_way(self) -> None:
        """An activity of whose conditional flows none need hold keeps a plain one: what becomes of it else is told by cases of its own."""
        for node in self.model.nodes.values():
            flows = self.model.outgoing(node.id)
            if node.kind in ACTIVITIES and flows and node.default is None and all(flow.condition is not None for flow in flows):
                flows[-1].condition = None

    def _begin_otherwise(self) -> None:
        """Let the process begin by an event of its own kind, now and then."""
        start = next((node for node in self.model.nodes.values() if node.scope == "p" and node.kind == "startEvent"), None)
        kind = self.tape.weighted((("plain", 80), ("message", 5), ("signal", 5), ("timer", 5)))
        if kind == "timer":
            there = Place(scope=self.scope(self.name("q"), None))
            clock = self.node(there, "startEvent", "s", triggers=(Trigger(kind="timer", hours=1 + self.tape.number(3)),))
            self.end(there, [(self.lead([(clock.id, None)], self.node(there, "userTask", "t")).id, None)])
        elif start is not None and kind != "plain":
            start.triggers = (Trigger(kind=kind, name="begin"),)
        self.tag(*([f"start {kind}"] if kind != "plain" else []))


def grown(data: bytes) -> Model:
    """The diagram that these bytes describe."""
    return Growth(Tape(data)).whole()
