"""What all rules stand on: who sees which variables, how tokens and scopes come to be, and what is waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .model import ACTIVITIES, Node, Value, value
from .standing import Inside, State, Token, Waiting


class Ground:
    """Looks at one state, and puts tokens into it."""

    def __init__(self, state: State) -> None:
        self.s = state
        self.model = state.model

    # ------------------------------------------------------------------ looking
    def node(self, token: Token) -> Node:
        return self.model.nodes[token.node]

    def inside(self, scope: int) -> list[Token]:
        return [token for token in self.s.tokens.values() if token.scope == scope]

    def turns(self, outer: Token) -> list[Token]:
        return [token for token in self.s.tokens.values() if token.up == outer.id]

    def holders(self, token: Token | None, scope: int) -> Iterator[dict[str, Value]]:
        """Where variables are held that are seen from here, inner ones first."""
        while True:
            while token is not None:
                yield token.own
                scope = token.scope
                token = self.s.tokens[token.up] if token.up is not None else None
            here = self.s.scopes[scope]
            yield here.values
            if self.model.scopes[here.scope].owner is None or here.host is None:
                return
            token = self.s.tokens[here.host]

    def seen(self, token: Token | None, scope: int, extra: dict[str, Value] | None = None) -> Callable[[str], Value]:
        places = [extra or {}, *self.holders(token, scope)]
        return lambda name: next((place[name] for place in places if name in place), None)

    def holds(self, condition: Any, token: Token | None, scope: int, extra: dict[str, Value] | None = None) -> bool:
        return value(condition, self.seen(token, scope, extra)) is True

    def write(self, token: Token | None, scope: int, values: dict[str, Value]) -> None:
        """A write goes to the nearest holder of the name, else to the process."""
        for name, new in values.items():
            places = list(self.holders(token, scope))
            place = next((one for one in places if name in one), places[-1])
            place[name] = new
            if place is places[-1]:
                self.root(scope).written.add(name)

    def root(self, scope: int) -> Inside:
        here = self.s.scopes[scope]
        while self.model.scopes[here.scope].owner is not None and here.host is not None:
            here = self.s.scopes[self.s.tokens[here.host].scope]
        return here

    # ------------------------------------------------------------------ putting
    def new(self, scope: int, node: str, state: str = "new", **fields: Any) -> Token:
        self.s.last += 1
        token = Token(id=self.s.last, scope=scope, node=node, state=state, **fields)
        self.s.tokens[token.id] = token
        return token

    def open(self, scope: str, host: int | None, instance: int, values: dict[str, Value] | None = None) -> Inside:
        """Begin a scope: its listeners listen. No token yet."""
        self.s.last += 1
        here = Inside(id=self.s.last, scope=scope, host=host, instance=instance, values=values or {})
        self.s.scopes[here.id] = here
        for listener in self.listeners(here):
            self.arm(here, listener)
        return here

    def listeners(self, here: Inside) -> list[Node]:
        """The start events of a scope's event sub-processes."""
        hosts = [self.model.nodes[node] for node in self.model.scopes[here.scope].nodes if self.model.nodes[node].kind == "eventSubProcess"]
        return [self.model.nodes[next(n for n in self.model.scopes[str(host.inner)].nodes if self.model.nodes[n].triggers and self.model.nodes[n].kind == "startEvent")] for host in hosts]

    def arm(self, holder: Token | Inside, event: Node) -> None:
        """Timers of an event begin to run; conditions were not true until now."""
        for number, trigger in enumerate(event.triggers):
            if trigger.kind == "timer":
                due = 9 + trigger.hours if trigger.form == "date" else self.s.now + trigger.hours
                holder.timers.append([event.id, number, due, trigger.hours, trigger.turns - 1 if trigger.turns > 0 else -1])
            elif trigger.kind == "conditional":
                holder.was[event.id] = False

    def begin(self, here: Inside) -> None:
        """Put a token on what begins a scope: its start event, else every node without incoming flows."""
        nodes = [self.model.nodes[node] for node in self.model.scopes[here.scope].nodes]
        starts = [node for node in nodes if node.kind == "startEvent"]
        if not starts:
            starts = [node for node in nodes if not self.model.incoming(node.id) and self.is_reached(node)]
        if self.is_ordered(here):
            here.left = [node.id for node in starts]
            self.next_in_order(here)
            return
        for node in starts:
            self.put(here.id, node.id)

    def is_reached(self, node: Node) -> bool:
        is_catch = node.kind == "intermediateCatchEvent" and not node.triggers
        return not (node.kind in ("boundaryEvent", "eventSubProcess") or node.is_undo or is_catch)

    def is_ordered(self, here: Inside) -> bool:
        owner = self.model.scopes[here.scope].owner
        return owner is not None and self.model.nodes[owner].is_ordered

    def next_in_order(self, here: Inside) -> None:
        """One after another: which comes next is free (§13.3.5), so the node is chosen when it is entered."""
        if here.left and not self.inside(here.id):
            self.new(here.id, "?")

    def put(self, scope: int, node: str, flow: str | None = None) -> None:
        """A token comes to a node."""
        self.new(scope, node, flow=flow)

    def take(self, scope: int, flows: list[Any]) -> None:
        for flow in flows:
            self.s.taken.append(flow.id)
            self.put(scope, flow.target, flow.id)

    def go_on(self, scope: int, node: Node) -> None:
        """A token leaves a node by its flows: those without condition and those whose condition is true, else by the default flow."""
        flows = self.model.outgoing(node.id)
        open_flows = [flow for flow in flows if flow.id != node.default and (flow.condition is None or self.holds(flow.condition, None, scope))]
        chosen_any = any(flow.condition is not None for flow in open_flows)
        if node.kind in ("exclusiveGateway", "inclusiveGateway"):
            open_flows = open_flows[:1] if node.kind == "exclusiveGateway" else open_flows
            chosen_any = bool(open_flows)
        self.take(scope, open_flows if chosen_any else [*open_flows, *(flow for flow in flows if flow.id == node.default)])

    # ------------------------------------------------------------------ what is waited for
    def waiting(self) -> list[Waiting]:
        """Everything that may happen from outside: to tokens at events, to guarded activities, to listening scopes."""
        found: list[Waiting] = []
        for token in self.s.tokens.values():
            events = [self.model.nodes[guard] for guard in self.guards(token)]
            if token.state == "waits" and token.caught is None:
                node = self.node(token)
                events += [self.model.nodes[flow.target] for flow in self.model.outgoing(node.id)] if node.kind == "eventBasedGateway" else [node]
            found += [(True, token.id, event.id, number, trigger) for event in events for number, trigger in enumerate(event.triggers) if number not in token.heard.get(event.id, ())]
        for here in self.s.scopes.values():
            if not here.shut:
                found += [(False, here.id, event.id, n, trigger) for event in self.listeners(here) for n, trigger in enumerate(event.triggers) if n not in here.heard.get(event.id, ())]
        return [one for one in found if one[4].kind in ("message", "signal", "timer", "conditional")]

    def hearers(self, signal: str) -> list[tuple[bool, int, str, int]]:
        """Who waits for a signal now: nobody else hears it."""
        return [one[:4] for one in self.waiting() if one[4].kind == "signal" and one[4].name == signal]

    def listening(self, name: str, key: str) -> list[tuple[bool, int, str, int]]:
        """Who waits for a message with this name and key."""
        found = []
        for is_token, holder, event, number, trigger in self.waiting():
            if trigger.kind == "message" and trigger.name == name:
                token = self.s.tokens[holder] if is_token else None
                own = "" if trigger.key is None else str(value(trigger.key, self.seen(token, token.scope if token else holder)))
                found += [(is_token, holder, event, number)] if own == key else []
        return found

    def timers(self) -> list[tuple[int, bool, int, str, int]]:
        """The timers that run: when each is due, whose it is, at which event."""
        open_ones = {one[:4] for one in self.waiting() if one[4].kind == "timer"}
        holders = [(True, token.id, token.timers) for token in self.s.tokens.values()] + [(False, scope.id, scope.timers) for scope in self.s.scopes.values()]
        return [(due, *place) for is_token, holder, timers in holders for event, number, due, _, _ in timers if (place := (is_token, holder, event, number)) in open_ones]

    def guards(self, token: Token) -> list[str]:
        """The boundary events of an open activity; of a repeated one they stand at its outer token."""
        is_open = token.state in ("waits", "inside", "outer", "here", "throws", "undoing") and token.helps is None and token.up is None
        return self.node(token).guards if is_open and token.node != "?" and self.node(token).kind in ACTIVITIES and not token.cancels else []
