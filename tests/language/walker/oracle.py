"""A naive token game, written from the text of BPMN 2.0.2 chapter 13: says whether a story is one that a diagram can tell.

Where concurrency leaves room the oracle has no order of its own: it is told what was entered and left, and follows with every state that
can explain it. At rest it says what must be open. It reads the model of the generator and shares no code with the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from .catching import Catching
from .joining import Joining
from .model import ACTIVITIES, Loop, Node, Value, value
from .standing import Inside, Token

MANY = 48


class Play(Joining, Catching):
    """The rules, for one state."""

    # ------------------------------------------------------------------ what may be entered
    def enter(self, node_id: str) -> list[Callable[[Play], None]]:
        """Every way in which a token may enter a node now, as changes to make to a copy."""
        node = self.model.nodes[node_id]
        if node.kind in ("parallelGateway", "inclusiveGateway") and len(self.model.incoming(node_id)) > 1:
            return [lambda play, scope=scope: play.join(scope, node) for scope in self.joinable(node)]
        ways: list[Callable[[Play], None]] = []
        for token in self.s.tokens.values():
            if token.cancels and self.is_undone(token) and self.cancelling(token)[1].id == node_id:
                ways.append(lambda play, key=token.id: play.cancelled(play.s.tokens[key]))
            if token.state != "new" or token.node not in (node_id, "?") or (token.up is None and node.loop is not None and self.is_idle(node.loop)):
                continue
            if token.node == "?" and (node_id not in self.s.scopes[token.scope].left):
                continue
            if self.fails(token, node):
                continue
            ways.append(lambda play, key=token.id: play.entered(play.s.tokens[key], node))
        return ways

    def fails(self, token: Token, node: Node) -> bool:
        """Whether the step cannot be made: nothing catches the error, nothing can be chosen, the service fails."""
        if node.topic == "kit.fail":
            return True
        if node.topic == "kit.throw":
            return self.handler("error", node.code, token, token.scope) is None
        if node.kind == "endEvent" and node.triggers and node.triggers[0].kind == "error":
            return self.handler("error", node.triggers[0].name, None, token.scope) is None
        if node.kind == "exclusiveGateway" and node.default is None:
            flows = self.model.outgoing(node.id)
            return bool(flows) and not any(flow.condition is None or self.holds(flow.condition, None, token.scope) for flow in flows)
        return False

    def entered(self, token: Token, node: Node) -> None:
        if token.node == "?":
            self.s.scopes[token.scope].left.remove(node.id)
            token.node = node.id
        if node.kind in ACTIVITIES and token.up is None and token.helps is None:
            for guard in node.guards:
                self.arm(token, self.model.nodes[guard])
        if node.loop is not None and token.up is None:
            token.state, token.flow = "outer", None
            token = self.first_turns(token, node.loop)
        token.flow, token.is_fresh = None, False
        inputs: dict[str, Value] = {}
        for name, source in node.inputs:
            inputs[name] = value(source, self.seen(token, token.scope, inputs))
        token.own.update(inputs)
        token.state = "here"
        getattr(self, f"_enter_{node.kind}", lambda token, node: None)(token, node)

    def first_turns(self, outer: Token, loop: Loop) -> Token:
        count = loop.total if loop.kind == "parallel" and loop.total is not None else 1
        outer.outputs = [None] * (loop.total or 0) if loop.kind != "standard" else []
        turns = [self.turn(outer, loop, number) for number in range(count)]
        return turns[0]

    def turn(self, outer: Token, loop: Loop, number: int) -> Token:
        turn = self.new(outer.scope, outer.node, up=outer.id, number=number, own={"loopCounter": number + 1})
        if loop.items is not None:
            turn.own["item"] = loop.items[number]
        outer.begun += 1
        return turn

    def _enter_userTask(self, token: Token, node: Node) -> None:  # noqa: N802
        token.state = "waits"

    def _enter_receiveTask(self, token: Token, node: Node) -> None:  # noqa: N802
        token.state = "waits" if token.caught is None else "here"

    def _enter_intermediateCatchEvent(self, token: Token, node: Node) -> None:  # noqa: N802
        if node.triggers and token.caught is None:
            token.state = "waits"
            self.arm(token, node)

    def _enter_eventBasedGateway(self, token: Token, node: Node) -> None:  # noqa: N802
        token.state = "waits"
        for flow in self.model.outgoing(node.id):
            self.arm(token, self.model.nodes[flow.target])

    def _enter_sendTask(self, token: Token, node: Node) -> None:  # noqa: N802
        token.state = "throws"

    def _enter_intermediateThrowEvent(self, token: Token, node: Node) -> None:  # noqa: N802
        kinds = {trigger.kind for trigger in node.triggers}
        if kinds & {"message", "signal"}:
            token.state = "throws"
        elif "compensate" in kinds:
            self.undo(token, node.triggers[0].name)
        elif "escalation" in kinds:
            self.escalate(token, node.triggers[0].name)

    _enter_endEvent = _enter_intermediateThrowEvent  # noqa: N815

    def _enter_serviceTask(self, token: Token, node: Node) -> None:  # noqa: N802
        if node.topic == "kit.throw":
            handler = self.handler("error", node.code, token, token.scope)
            assert handler is not None
            self.handle(handler)

    def _enter_subProcess(self, token: Token, node: Node) -> None:  # noqa: N802
        token.state = "inside"
        here = self.open(str(node.inner), token.id, self.s.scopes[token.scope].instance)
        token.inner = here.id
        if node.kind != "eventSubProcess":
            self.begin(here)

    _enter_transaction = _enter_adHocSubProcess = _enter_subProcess  # noqa: N815

    def _enter_eventSubProcess(self, token: Token, node: Node) -> None:  # noqa: N802
        self._enter_subProcess(token, node)
        assert token.inner is not None
        assert token.caught is not None
        self.new(token.inner, token.caught, result=token.result, is_fresh=True)
        token.result = {}

    def _enter_callActivity(self, token: Token, node: Node) -> None:  # noqa: N802
        token.state = "inside"
        values: dict[str, Value] = {}
        for place in reversed(list(self.holders(token, token.scope)) if node.passes_all else [token.own]):
            values.update(place)
        here = self.open(str(node.inner), token.id, self.s.scopes[token.scope].instance, values)
        token.inner = here.id
        self.begin(here)

    def cancelled(self, token: Token) -> None:
        """Everything is undone: the transaction is left by its cancel boundary event."""
        guarded, event = self.cancelling(token)
        self.handle(("boundary", guarded, event))
        self.entered(next(other for other in self.s.tokens.values() if other.node == event.id and other.is_fresh), event)

    # ------------------------------------------------------------------ what may be left
    def leave(self, node_id: str) -> list[Callable[[Play], None]]:
        """Every way in which a node may be left now."""
        ways: list[Callable[[Play], None]] = []
        for token in self.s.tokens.values():
            if token.node != node_id:
                continue
            if self.may_leave(token):
                ways.append(lambda play, key=token.id: play.left(play.s.tokens[key]))
        return ways

    def may_leave(self, token: Token) -> bool:
        if token.state == "inside":
            return token.inner is not None and not self.inside(token.inner) and self.is_enough(token)
        if token.state == "throws":
            return not self.moves()
        if token.state == "undoing":
            return not token.cancels and self.is_undone(token)
        return token.state in ("here", "done")

    def is_enough(self, host: Token) -> bool:
        node = self.node(host)
        return node.until is None or self.s.scopes[host.inner or 0].enough

    def left(self, token: Token) -> None:
        node = self.node(token)
        if token.state == "throws":
            self.throw(token, node)
        if node.kind == "endEvent" and node.triggers and node.triggers[0].kind in ("terminate", "error", "cancel"):
            self.break_off(token, node.triggers[0])
            return
        if token.caught is not None and node.kind == "eventBasedGateway":
            self.s.taken.append(next(flow.id for flow in self.model.outgoing(node.id) if flow.target == token.caught))
            token.node, token.state = token.caught, "new"
            return
        self.write_results(token, node)
        if token.inner is not None:
            self.close(token.inner, token)
        if token.up is not None:
            self.turn_over(token, node, node.loop)
        else:
            self.over(token, node)

    def write_results(self, token: Token, node: Node) -> None:
        result = dict(token.result)
        if node.result is not None:
            result[node.result[0]] = value(node.result[1], self.seen(token, token.scope)) if node.kind == "scriptTask" else self.grade(token)
        if node.topic == "kit.echo":
            result.update(token.own)
        if token.inner is not None and node.kind == "callActivity":
            called = self.s.scopes[token.inner]
            result = {name: called.values[name] for name in (called.values if node.outputs else called.written if node.passes_all else ())}
        if node.outputs:
            outputs: dict[str, Value] = {}
            for name, source in node.outputs:
                outputs[name] = value(source, self.seen(token, token.scope, {**result, **outputs}))
            self.write(None, token.scope, outputs)
        else:
            self.write(token, token.scope, result)

    def grade(self, token: Token) -> Value:
        """The decision of the drawing."""
        return 2 if self.holds((">", ("v", "a"), ("n", 1)), token, token.scope) else 1

    def close(self, scope: int, host: Token) -> None:
        """A scope is over; what could be undone in it goes to its host, unless it was another process."""
        here = self.s.scopes.pop(scope)
        undoing = next((listener.scope for listener in self.listeners(here) if listener.triggers[0].kind == "compensate"), None)
        lines = here.log if undoing is None else [(undoing, here.log, dict(host.own))]
        if self.node(host).kind != "callActivity":
            (self.s.tokens[host.up] if host.up is not None else host).log += lines
        host.inner = None

    def turn_over(self, token: Token, node: Node, loop: Loop | None) -> None:
        """One turn of a repeated activity is over: another, or all (§13.3.6, §13.3.7)."""
        assert loop is not None
        assert token.up is not None
        outer = self.s.tokens[token.up]
        outer.over += 1
        if loop.kind == "standard":
            del self.s.tokens[token.id]
            counter = outer.over + 1 if loop.before else outer.over
            if (loop.total is None or outer.over < loop.total) and (loop.until is None or self.holds(loop.until, outer, outer.scope, {"loopCounter": counter})):
                self.turn(outer, loop, outer.over)
            else:
                self.over(outer, node)
            return
        if loop.output is not None:
            outer.outputs[token.number] = value(loop.output, self.seen(token, token.scope))
        enough = loop.until is not None and self.holds(loop.until, token, token.scope, {"numberOfCompletedInstances": outer.over})
        del self.s.tokens[token.id]
        if enough or outer.over == loop.total:
            self.cancel(self.turns(outer))
            if loop.outputs:
                self.write(None, outer.scope, {loop.outputs: outer.outputs})
            self.over(outer, node)
        elif loop.kind == "sequential":
            self.turn(outer, loop, outer.over)

    def over(self, token: Token, node: Node) -> None:
        """A node is over: its token goes on."""
        here = self.s.scopes[token.scope]
        self.s.tokens.pop(token.id)
        if token.helps is not None:
            self.undo_next(self.s.tokens[token.helps])
            return
        if token.log or (node.undo and node.kind != "boundaryEvent"):
            here.log.append((node.id, token.log, {}))
        owner = self.model.scopes[here.scope].owner
        if owner is not None and self.model.nodes[owner].kind == "adHocSubProcess" and self.ends_ad_hoc(here, self.model.nodes[owner]):
            return
        if node.link:
            self.put(here.id, node.link)
        else:
            self.go_on(here.id, node)
        if self.is_ordered(here):
            self.next_in_order(here)

    def ends_ad_hoc(self, here: Inside, owner: Node) -> bool:
        """§13.3.5: after each activity the completion condition is looked at."""
        if owner.until is None or not self.holds(owner.until, None, here.id):
            return False
        here.enough, here.left = True, []
        if owner.cancels_rest:
            self.cancel(self.inside(here.id))
        return owner.cancels_rest

    # ------------------------------------------------------------------ what nobody sees
    def idle(self) -> list[Token]:
        """Tokens at repeated activities that have no turn at all: they pass, and nobody sees when."""
        return [token for token in self.s.tokens.values() if token.state == "new" and token.up is None and token.node != "?" and (loop := self.node(token).loop) and self.is_idle(loop)]

    def pass_by(self, token: Token) -> None:
        """A repeated activity without a turn is over at once (§13.3.6, §13.3.7)."""
        node = self.node(token)
        if node.loop is not None and node.loop.outputs:
            self.write(None, token.scope, {node.loop.outputs: []})
        self.over(token, node)

    def is_idle(self, loop: Loop) -> bool:
        if loop.kind != "standard":
            return loop.total == 0
        return loop.before and loop.until is not None and value(loop.until, {"loopCounter": 1}.get) is not True

    def settle(self) -> None:
        """After each move: conditions that have become true happen; an instance without tokens is over."""
        for is_token, holder, event_id, _, trigger in sorted(self.waiting(), key=lambda one: one[1]):
            here: Token | Inside | None = self.s.tokens.get(holder) if is_token else self.s.scopes.get(holder)
            if trigger.kind != "conditional" or here is None or event_id not in here.was:
                continue
            is_true = self.holds(trigger.condition, here if isinstance(here, Token) else None, here.scope if isinstance(here, Token) else holder)
            rises, here.was[event_id] = is_true and not here.was[event_id], is_true
            if rises:
                self.s.rising.append((is_token, holder, event_id))
        self.raise_next()
        for token in [t for t in self.s.tokens.values() if t.state == "again" and not self.inside(t.inner or 0)]:
            del self.s.tokens[token.id], self.s.scopes[token.inner or 0]
            self.undo_next(self.s.tokens[token.helps or 0])
        for here in [scope for scope in self.s.scopes.values() if scope.host is None and not self.inside(scope.id)]:
            self.finish(here, "completed")

    def raise_next(self) -> None:
        """Conditions that became true happen one after another; what one begins is entered before the next, which may cancel it, happens."""
        while self.s.rising and not any(self.is_beginning(token) for token in self.s.tokens.values()):
            place = self.s.rising.pop(0)
            if place in [(*one[:3],) for one in self.waiting()]:
                self.hit(*place, 0, {})

    def is_beginning(self, token: Token) -> bool:
        """Whether an event has happened and its token has not begun its way; the event that begins an instance is over at once."""
        here = self.s.scopes[token.scope]
        begins = token.state == "here" and here.host is None and self.s.instances[here.instance].at == token.node
        return begins or (token.state == "new" and token.is_fresh)

    # ------------------------------------------------------------------ at rest
    def moves(self) -> bool:
        """Whether anything may still move by itself, throws apart."""
        for token in self.s.tokens.values():
            if token.state == "new":
                if token.node == "?" or (not self.is_join(token) and not self.fails(token, self.node(token))):
                    return True
            elif token.state != "throws" and (self.may_leave(token) or (token.cancels and self.is_undone(token))):
                return True
        joins = {token.node for token in self.s.tokens.values() if token.state == "new" and self.is_join(token)}
        return any(self.joinable(self.model.nodes[node]) for node in joins)

    def is_at_rest(self) -> bool:
        return not self.s.rising and not self.moves() and not any(token.state == "throws" for token in self.s.tokens.values())

    def places(self) -> Counter[tuple[str, str]]:
        """Where tokens wait: for people and events, for others at joins, for repair."""
        found: Counter[tuple[str, str]] = Counter()
        for token in self.s.tokens.values():
            if token.state == "waits":
                found[token.node, "waits"] += 1
            elif token.state == "new":
                found[token.node, "joining" if self.is_join(token) else "incident"] += 1
            elif token.state == "inside" and not self.inside(token.inner or 0):
                found[token.node, "incident"] += 1
        return found
