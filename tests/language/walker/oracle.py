"""A naive token game, written from the text of BPMN 2.0.2 chapter 13: says whether a story is one that a diagram can tell.

Where concurrency leaves room the oracle has no order of its own: it is told what was entered and left, and follows with every state that
can explain it. At rest it says what must be open. It reads the model of the generator and shares no code with the engine.

A token lies on a flow, or is at a node: `new` (may be entered), `here` (entered, leaves by itself), `waits` (for the outside), `done`
(the outside has answered), `inside` (for its inner scope), `throws` (until nothing else moves), `undoing` (for its handlers), `outer`
(of a repeated activity, whose turns are tokens `up` to it), `stuck` (its step cannot be made).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from .model import ACTIVITIES, Loop, Model, Node, Trigger, Value, value

MANY = 48


@dataclass(kw_only=True)
class Token:
    """A token; `own`: its variables (inputs, an item), `heard`: triggers of events that need all of them, `timers`: [event, number, due, hours, left]."""

    id: int
    scope: int
    node: str
    state: str
    flow: str | None = None
    up: int | None = None
    number: int = 0
    own: dict[str, Value] = field(default_factory=dict)
    result: dict[str, Value] = field(default_factory=dict)
    timers: list[list[Any]] = field(default_factory=list)
    was: dict[str, bool] = field(default_factory=dict)
    heard: dict[str, set[int]] = field(default_factory=dict)
    brought: dict[str, dict[str, Value]] = field(default_factory=dict)
    inner: int | None = None
    todo: list[Any] = field(default_factory=list)
    helps: int | None = None
    cancels: bool = False
    log: list[Any] = field(default_factory=list)
    over: int = 0
    begun: int = 0
    outputs: list[Value] = field(default_factory=list)
    caught: str | None = None
    is_fresh: bool = False


@dataclass(kw_only=True)
class Inside:
    """An execution of a scope. `shut`: its event sub-processes listen no more."""

    id: int
    scope: str
    host: int | None
    instance: int
    values: dict[str, Value] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    shut: bool = False
    enough: bool = False
    timers: list[list[Any]] = field(default_factory=list)
    was: dict[str, bool] = field(default_factory=dict)
    heard: dict[str, set[int]] = field(default_factory=dict)
    brought: dict[str, dict[str, Value]] = field(default_factory=dict)
    log: list[Any] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Began:
    """An instance. `key`: of the message that began it."""

    process: str
    key: str
    root: int
    status: str = "running"
    values: dict[str, Value] = field(default_factory=dict)


Waiting = tuple[bool, int, str, int, Trigger]
"""Whether a token waits (else a scope), which, at which event, for which of its triggers."""


class State:
    """One way in which everything may stand."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.tokens: dict[int, Token] = {}
        self.scopes: dict[int, Inside] = {}
        self.instances: list[Began] = []
        self.last = 0
        self.now = 9
        self.taken: list[str] = []
        self.sent: list[tuple[Any, ...]] = []
        self.under_way: list[tuple[Any, ...]] = []
        self.rising: list[tuple[bool, int, str]] = []
        self.kept: list[tuple[str, str, dict[str, Value]]] = []
        self.old: list[tuple[bool, int, str, int]] = []
        self.starts: list[tuple[str, str, int]] = []

    def copied(self) -> State:
        """The same state, to be changed apart."""
        other = copy(self)
        other.tokens = {key: _copied(token) for key, token in self.tokens.items()}
        other.scopes = {key: _copied(scope) for key, scope in self.scopes.items()}
        other.instances = [copy(instance) for instance in self.instances]
        for name in ("taken", "sent", "under_way", "rising", "kept", "starts"):
            setattr(other, name, list(getattr(self, name)))
        return other

    def form(self) -> str:
        """What the state is, whatever its tokens and scopes are numbered."""
        ways = [*self.under_way, *self.sent]
        hears = [{place[:2] for place in delivery[1]} for delivery in ways if delivery[0] == "signal"]
        letters = [delivery if delivery[0] != "signal" else delivery[2] for delivery in ways]
        inside: dict[int, list[Token]] = {}
        for token in self.tokens.values():
            inside.setdefault(token.scope, []).append(token)
        roots = [self._tree(one.root, inside, hears) if one.root in self.scopes else one.values for one in self.instances]
        told = [(one.process, one.key, one.status) for one in self.instances]
        return repr((roots, told, self.kept, letters, self.starts, sorted(self.taken)))

    def _tree(self, key: int, inside: dict[int, list[Token]], hears: list[set[Any]]) -> str:
        """A scope with the tokens in it and what is inside these."""
        s = self.scopes[key]
        owns = {token.id: self._shape(token, inside, hears) for token in inside.get(key, ())}
        below: dict[int, list[str]] = {}
        for token in inside.get(key, ()):
            if (above := token.up or token.helps) is not None:
                below.setdefault(above, []).append(owns[token.id])
        tokens = sorted(shape + repr(sorted(below.get(one, ()))) for one, shape in owns.items())
        heard = [(False, key) in places for places in hears]
        return repr((s.scope, s.values, s.shut, s.enough, s.timers, s.was, s.heard, s.log, s.left, s.written, heard, tokens))

    def _shape(self, t: Token, inside: dict[int, list[Token]], hears: list[set[Any]]) -> str:
        fields = (t.node, t.state, t.flow, t.number, t.own, t.result, t.timers, t.was, t.heard, t.brought, t.todo, t.log, t.over, t.begun, t.outputs, t.caught)
        heard = [(True, t.id) in places for places in hears]
        return repr((fields, heard)) + (self._tree(t.inner, inside, hears) if t.inner in self.scopes else "")


def _copied(one: Any) -> Any:
    other = copy(one)
    for name, part in vars(one).items():
        if isinstance(part, dict):
            other.__dict__[name] = {key: set(inner) if isinstance(inner, set) else inner for key, inner in part.items()}
        elif isinstance(part, list):
            other.__dict__[name] = [list(inner) if isinstance(inner, list) else inner for inner in part]
        elif isinstance(part, set):
            other.__dict__[name] = set(part)
    return other


class Play:
    """The rules, for one state."""

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

    # ------------------------------------------------------------------ joins
    def joinable(self, node: Node) -> list[int]:
        """The scopes in which a gateway may join now."""
        scopes = {token.scope for token in self.s.tokens.values() if token.node == node.id and token.flow is not None}
        ready = self.all_filled if node.kind == "parallelGateway" else self.need_not_wait
        return [scope for scope in scopes if ready(scope, node)]

    def filled(self, scope: int, node: Node) -> set[str]:
        return {str(token.flow) for token in self.inside(scope) if token.node == node.id and token.flow is not None}

    def all_filled(self, scope: int, node: Node) -> bool:
        """§13.4.1: one token on each incoming flow."""
        return len(self.filled(scope, node)) == len(self.model.incoming(node.id))

    def need_not_wait(self, scope: int, node: Node) -> bool:
        """§13.4.3: no token has a path to an empty incoming flow, not by the gateway, unless it also has one to a filled flow."""
        filled = self.filled(scope, node)
        for token in self.inside(scope):
            if token.up is not None or token.helps is not None or (token.node == node.id and token.flow is not None):
                continue
            reached = self.reached_from(token.node, node.id)
            if reached - filled and not reached & filled:
                return False
        return True

    def reached_from(self, node: str, gateway: str) -> set[str]:
        """The incoming flows of a gateway to which paths lead from a node (also by its boundary events) that do not visit the gateway."""
        found: set[str] = set()
        pending, visited = [node], set()
        while pending:
            here = pending.pop()
            if here in visited or here not in self.model.nodes:
                continue
            visited.add(here)
            one = self.model.nodes[here]
            pending += [*one.guards, *([one.link] if one.link else [])]
            for flow in self.model.outgoing(here):
                if flow.target == gateway:
                    found.add(flow.id)
                else:
                    pending.append(flow.target)
        return found

    def join(self, scope: int, node: Node) -> None:
        for flow in self.filled(scope, node):
            first = next(token for token in self.inside(scope) if token.flow == flow)
            del self.s.tokens[first.id]
        self.new(scope, node.id, "here")

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
        begins = token.state == "here" and self.s.scopes[token.scope].host is None and self.node(token).kind == "startEvent" and bool(self.node(token).triggers)
        return begins or (token.state == "new" and token.is_fresh)

    def finish(self, here: Inside, status: str) -> None:
        instance = self.s.instances[here.instance]
        instance.status, instance.values = status, here.values
        del self.s.scopes[here.id]

    # ------------------------------------------------------------------ throwing
    def throw(self, token: Token, node: Node) -> None:
        for trigger in node.triggers:
            if trigger.kind == "message":
                key = "" if trigger.key is None else str(value(trigger.key, self.seen(token, token.scope)))
                self.s.sent.append(("message", trigger.name, key, {name: token.own[name] for name, _ in node.inputs}))
            else:
                self.s.sent.append(("signal", self.hearers(str(trigger.name)), {}))

    def escalate(self, token: Token, code: str | None) -> None:
        """§10.5.6: an escalation that nobody catches changes nothing."""
        handler = self.handler("escalation", code, None, token.scope)
        if handler is not None:
            self.handle(handler)

    def break_off(self, token: Token, trigger: Trigger) -> None:
        scope = token.scope
        self.s.tokens.pop(token.id)
        if trigger.kind == "error":
            handler = self.handler("error", trigger.name, None, scope)
            assert handler is not None
            self.handle(handler)
        elif trigger.kind == "terminate":
            here = self.s.scopes[scope]
            self.cancel(self.inside(scope))
            here.shut, here.left = True, []
            if here.host is None:
                self.finish(here, "terminated")
        else:
            while self.model.nodes[str(self.model.scopes[self.s.scopes[scope].scope].owner)].kind != "transaction":
                scope = self.s.tokens[self.s.scopes[scope].host or 0].scope
            here = self.s.scopes[scope]
            self.cancel(self.inside(scope))
            here.shut = True
            owner = self.new(scope, str(self.model.scopes[here.scope].owner), "undoing", cancels=True)
            self.undo(owner, None)

    def handler(self, kind: str, code: str | None, token: Token | None, scope: int) -> tuple[str, int, Node] | None:
        """The innermost event that catches an error or escalation (§10.5.6): the boundary of the activity, then event sub-processes, then outwards."""
        while True:
            if token is not None:
                guarded = self.s.tokens[token.up] if token.up is not None else token
                event = self.best(kind, code, [self.model.nodes[guard] for guard in self.node(guarded).guards] if token.helps is None else [])
                if event is not None:
                    return "boundary", guarded.id, event
                scope = token.scope
            here = self.s.scopes[scope]
            event = None if here.shut else self.best(kind, code, self.listeners(here))
            if event is not None:
                return "scope", scope, event
            if here.host is None:
                return None
            token = self.s.tokens[here.host]

    def best(self, kind: str, code: str | None, events: list[Node]) -> Node | None:
        found = [event for event in events if event.triggers and event.triggers[0].kind == kind]
        return next((event for name in (code, None) for event in found if event.triggers[0].name == name), None)

    def handle(self, handler: tuple[str, int, Node], brought: dict[str, Value] | None = None) -> None:
        """An event takes over: an interrupting one cancels what it guards."""
        where, place, event = handler
        if where == "boundary":
            guarded = self.s.tokens[place]
            if event.interrupts:
                self.cancel([guarded])
            self.new(guarded.scope, event.id, result=brought or {}, is_fresh=True)
            return
        here = self.s.scopes[place]
        if event.interrupts:
            self.cancel(self.inside(place))
            here.shut, here.left, here.timers, here.was = True, [], [], {}
        self.new(place, event.scope, caught=event.id, result=brought or {}, is_fresh=True)

    def cancel(self, tokens: list[Token]) -> None:
        """Take tokens away with all that is inside them or helps them."""
        pending = list(tokens)
        while pending:
            token = pending.pop()
            if self.s.tokens.pop(token.id, None) is None:
                continue
            pending += [other for other in self.s.tokens.values() if token.id in (other.up, other.helps)]
            if token.inner is not None:
                pending += self.inside(token.inner)
                self.s.scopes.pop(token.inner, None)

    # ------------------------------------------------------------------ undoing
    def undo(self, token: Token, activity: str | None) -> None:
        """§13.5.5: the handlers of what completed run in reverse order; from an event sub-process also for the scope around it."""
        scopes = [token.scope]
        while self.model.nodes.get(str(self.model.scopes[self.s.scopes[scopes[-1]].scope].owner), None) is not None:
            owner = self.model.nodes[str(self.model.scopes[self.s.scopes[scopes[-1]].scope].owner)]
            if owner.kind != "eventSubProcess":
                break
            scopes.append(self.s.tokens[self.s.scopes[scopes[-1]].host or 0].scope)
        todo: list[Any] = []
        for scope in scopes:
            here = self.s.scopes[scope]
            chosen = [line for line in here.log if activity in (None, line[0])]
            here.log = [line for line in here.log if line not in chosen]
            todo += self.handlers_of(chosen)
        token.state, token.todo = "undoing", todo
        self.undo_next(token)

    def handlers_of(self, lines: list[Any]) -> list[Any]:
        """Handlers by name; of a sub-process that an event sub-process undoes the whole line."""
        found: list[Any] = []
        for node, inner, own in reversed(lines):
            undo = self.model.nodes[node].undo
            is_undoing = self.model.nodes[node].kind == "eventSubProcess" and self.starts_undoing(node)
            found += [undo] if undo is not None else [(node, inner, own)] if is_undoing else self.handlers_of(inner)
        return found

    def starts_undoing(self, node: str) -> bool:
        start = next(one for one in self.model.scopes[node].nodes if self.model.nodes[one].kind == "startEvent")
        return self.model.nodes[start].triggers[0].kind == "compensate"

    def undo_next(self, token: Token) -> None:
        if token.todo:
            handler = token.todo.pop(0)
            if isinstance(handler, str):
                self.new(token.scope, handler, helps=token.id)
            else:
                self.reopen(token, *handler)

    def is_undone(self, token: Token) -> bool:
        return token.state == "undoing" and not token.todo and not any(other.helps == token.id for other in self.s.tokens.values())

    def cancelling(self, token: Token) -> tuple[int, Node]:
        """The transaction that a token cancels, and the boundary event by which it is left."""
        host = self.s.tokens[self.s.scopes[token.scope].host or 0]
        guarded = self.s.tokens[host.up] if host.up is not None else host
        return guarded.id, next(self.model.nodes[guard] for guard in self.node(guarded).guards if self.model.nodes[guard].triggers[0].kind == "cancel")

    def cancelled(self, token: Token) -> None:
        """Everything is undone: the transaction is left by its cancel boundary event."""
        guarded, event = self.cancelling(token)
        self.handle(("boundary", guarded, event))
        self.entered(next(other for other in self.s.tokens.values() if other.node == event.id and other.is_fresh), event)

    def reopen(self, token: Token, undoing: str, log: list[Any], own: dict[str, Value]) -> None:
        """§10.7: a compensation event sub-process sees the data of its sub-process as it was when that completed."""
        scope = self.model.nodes[undoing].scope
        host = self.new(token.scope, scope, "again", helps=token.id, own=dict(own))
        here = self.open(scope, host.id, self.s.scopes[token.scope].instance)
        here.shut, here.timers, here.was, here.log = True, [], {}, list(log)
        host.inner = here.id
        start = next(one for one in self.model.scopes[undoing].nodes if self.model.nodes[one].kind == "startEvent")
        self.new(here.id, undoing, caught=start)

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

    def fire(self, is_token: bool, holder: int, event: str, number: int) -> None:
        """A timer is due; of a cycle the next turn counts from when this one was."""
        here: Token | Inside = self.s.tokens[holder] if is_token else self.s.scopes[holder]
        timer = next(one for one in here.timers if one[:2] == [event, number])
        if timer[4] == 0:
            here.timers.remove(timer)
        else:
            timer[2], timer[4] = timer[2] + timer[3], timer[4] - 1
        self.hit(is_token, holder, event, number, {})

    def guards(self, token: Token) -> list[str]:
        """The boundary events of an open activity; of a repeated one they stand at its outer token."""
        is_open = token.state in ("waits", "inside", "outer", "here", "throws", "undoing") and token.helps is None and token.up is None
        return self.node(token).guards if is_open and token.node != "?" and self.node(token).kind in ACTIVITIES and not token.cancels else []

    def hit(self, is_token: bool, holder: int, event_id: str, number: int, brought: dict[str, Value]) -> None:
        """What was waited for has happened."""
        here: Token | Inside = self.s.tokens[holder] if is_token else self.s.scopes[holder]
        event = self.model.nodes[event_id]
        if event.needs_all:
            here.heard.setdefault(event_id, set()).add(number)
            here.brought.setdefault(event_id, {}).update(brought)
            here.timers = [timer for timer in here.timers if timer[:2] != [event_id, number]]
            if len(here.heard[event_id]) < len(event.triggers):
                return
            brought = here.brought[event_id]
        if isinstance(here, Inside):
            self.handle(("scope", holder, event), brought)
        elif event.kind == "boundaryEvent":
            self.handle(("boundary", holder, event), brought)
        else:
            here.result, here.state, here.timers, here.was = brought, "done", [], {}
            here.caught = event_id if event_id != here.node else None

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

    def is_join(self, token: Token) -> bool:
        node = self.model.nodes.get(token.node)
        return token.flow is not None and node is not None and node.kind in ("parallelGateway", "inclusiveGateway") and len(self.model.incoming(node.id)) > 1

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
