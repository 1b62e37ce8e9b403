"""What happens when an event happens: who catches it, what it cancels, what is undone (§10.5.6, §10.7, §13.5.5)."""

from __future__ import annotations

from typing import Any

from .ground import Ground
from .model import Node, Trigger, Value, value
from .standing import Inside, Token


class Catching(Ground):
    """The rules of events."""

    # ------------------------------------------------------------------ what was waited for
    def fire(self, is_token: bool, holder: int, event: str, number: int) -> None:
        """A timer is due; of a cycle the next turn counts from when this one was."""
        here: Token | Inside = self.s.tokens[holder] if is_token else self.s.scopes[holder]
        timer = next(one for one in here.timers if one[:2] == [event, number])
        if timer[4] == 0:
            here.timers.remove(timer)
        else:
            timer[2], timer[4] = timer[2] + timer[3], timer[4] - 1
        self.hit(is_token, holder, event, number, {})

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
            here.log = [*here.log, *self.still_open(scope)]
            self.cancel(self.inside(scope))
            here.shut = True
            owner = self.new(scope, str(self.model.scopes[here.scope].owner), "undoing", cancels=True)
            self.undo(owner, None)

    def handler(self, kind: str, code: str | None, token: Token | None, scope: int) -> tuple[str, int, Node] | None:
        """The innermost event that catches an error or escalation (§10.5.6): the boundary of the activity, then event sub-processes, then outwards;
        an event sub-process never catches what it throws."""
        while True:
            if token is not None:
                guarded = self.s.tokens[token.up] if token.up is not None else token
                event = self.best(kind, code, [self.model.nodes[guard] for guard in self.node(guarded).guards] if token.helps is None else [])
                if event is not None:
                    return "boundary", guarded.id, event
                scope = token.scope
            here = self.s.scopes[scope]
            others = [one for one in self.listeners(here) if token is None or one.scope != token.node]
            event = None if here.shut else self.best(kind, code, others)
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
            self.note_gone(token)
            pending += [other for other in self.s.tokens.values() if token.id in (other.up, other.helps)]
            if token.inner is not None:
                pending += self.inside(token.inner)
                self.s.scopes.pop(token.inner, None)

    def note_gone(self, token: Token) -> None:
        """What was entered is told as cancelled, a repeated activity beside its turns; what is on its way is not, unless it is stuck."""
        if token.state != "new" or token.up is not None:
            self.s.gone.append(token.node)
            return
        if token.helps is not None:
            return
        names = self.s.scopes[token.scope].left if token.node == "?" and token.scope in self.s.scopes else [token.node]
        for node in [self.model.nodes[name] for name in names if name != "?"]:
            if node.loop is not None:
                # It is opened with all its first turns before the first of them is entered: nobody sees when.
                self.s.maybe_gone += [node.id] * (1 + (node.loop.total or 1))
            elif self.may_fail(node):
                self.s.maybe_gone.append(node.id)

    def may_fail(self, node: Node) -> bool:
        """Whether a token may be stuck before it."""
        is_error = node.kind == "endEvent" and bool(node.triggers) and node.triggers[0].kind == "error"
        return node.topic in ("kit.fail", "kit.throw") or is_error or (node.kind == "exclusiveGateway" and node.default is None)

    def finish(self, here: Inside, status: str) -> None:
        instance = self.s.instances[here.instance]
        instance.status, instance.values = status, here.values
        del self.s.scopes[here.id]

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

    def still_open(self, scope: int) -> list[Any]:
        """What completed inside the sub-processes of a scope that are not over; a transaction that is cancelled undoes that too (§10.3.5)."""
        found: list[Any] = []
        for token in [self.s.tokens[key] for key in sorted(self.s.tokens) if self.s.tokens[key].scope == scope]:
            found += token.log
            if token.inner is not None and self.node(token).kind != "callActivity":
                found += [*self.s.scopes[token.inner].log, *self.still_open(token.inner)]
        return found

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

    def reopen(self, token: Token, undoing: str, log: list[Any], own: dict[str, Value]) -> None:
        """§10.7: a compensation event sub-process sees the data of its sub-process as it was when that completed."""
        scope = self.model.nodes[undoing].scope
        host = self.new(token.scope, scope, "again", helps=token.id, own=dict(own))
        here = self.open(scope, host.id, self.s.scopes[token.scope].instance)
        here.shut, here.timers, here.was, here.log = True, [], {}, list(log)
        host.inner = here.id
        start = next(one for one in self.model.scopes[undoing].nodes if self.model.nodes[one].kind == "startEvent")
        self.new(here.id, undoing, caught=start)
