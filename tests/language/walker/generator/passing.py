"""Draws events on the way: what is waited for, what is thrown, links."""

from __future__ import annotations

from .growing import Exits, Growing, Place


class Passing(Growing):
    """Intermediate events."""

    def draw_catch(self, place: Place, exits: Exits) -> Exits:
        triggers, needs_all = self.awaited()
        event = self.lead(exits, self.node(place, "intermediateCatchEvent", "e", triggers=triggers, needs_all=needs_all))
        self.tag(f"catch {'multiple' if len(triggers) > 1 else triggers[0].kind}", *(["needs all"] if needs_all else []))
        return [(event.id, None)]

    def draw_throw(self, place: Place, exits: Exits) -> Exits:
        kind = self.tape.weighted((("none", 4), ("message", 10), ("signal", 10), ("escalation", 10)))
        event = self.lead(exits, self.node(place, "intermediateThrowEvent", "e"))
        self.throws(place, event, kind)
        self.tag(f"throw {kind}")
        return [(event.id, None)]

    def draw_link(self, place: Place, exits: Exits) -> Exits:
        catch = self.node(place, "intermediateCatchEvent", "e")
        self.lead(exits, self.node(place, "intermediateThrowEvent", "e", link=catch.id))
        self.tag("link")
        return [(catch.id, None)]
