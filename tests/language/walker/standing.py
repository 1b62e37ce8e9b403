"""How everything may stand: tokens, open scopes, instances, what is on its way.

A token lies on a flow, or is at a node: `new` (may be entered), `here` (entered, leaves by itself), `waits` (for the outside), `done`
(the outside has answered), `inside` (for its inner scope), `throws` (until nothing else moves), `undoing` (for its handlers), `outer`
(of a repeated activity, whose turns are tokens `up` to it), `stuck` (its step cannot be made).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any

from .model import Model, Trigger, Value


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
    """An instance. `key`: of the message that began it. `at`: the event at which it began, if it did not begin plainly."""

    process: str
    key: str
    root: int
    at: str | None = None
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
        self.gone: list[str] = []
        self.maybe_gone: list[str] = []
        self.sent: list[tuple[Any, ...]] = []
        self.under_way: list[tuple[Any, ...]] = []
        self.rising: list[tuple[bool, int, str]] = []
        self.kept: list[tuple[str, str, dict[str, Value], bool]] = []
        self.old: list[tuple[bool, int, str, int]] = []
        self.starts: list[tuple[str, str, int]] = []

    def copied(self) -> State:
        """The same state, to be changed apart."""
        other = copy(self)
        other.tokens = {key: _copied(token) for key, token in self.tokens.items()}
        other.scopes = {key: _copied(scope) for key, scope in self.scopes.items()}
        other.instances = [copy(instance) for instance in self.instances]
        for name in ("taken", "gone", "maybe_gone", "sent", "under_way", "rising", "kept", "starts"):
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
        return repr((roots, told, self.kept, letters, self.starts, sorted(self.taken), sorted(self.gone), sorted(self.maybe_gone)))

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
