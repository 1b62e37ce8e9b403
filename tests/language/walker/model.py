"""An abstract diagram: scopes, nodes and flows as plain data, and small expressions. Knows neither XML nor the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Value = Any
Expression = tuple[Any, ...]
"""`("n", constant)` · `("v", name)` · `("+", left, right)` · `(">" | "=" | "<=", left, right)`."""

ACTIVITIES = frozenset({"task", "manualTask", "userTask", "scriptTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask", "subProcess", "transaction", "adHocSubProcess", "callActivity"})
HOSTS = frozenset({"subProcess", "transaction", "adHocSubProcess", "callActivity", "eventSubProcess"})


@dataclass(kw_only=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: Expression | None = None


@dataclass(kw_only=True)
class Trigger:
    """One event definition. `name`: of a message or signal, the code of an error or escalation (None: any), the activity to compensate.

    `key`: how a message is correlated: an expression, or None. `hours`: of a timer (with `turns`: of a cycle). `form`: how it is written.
    """

    kind: str
    name: str | None = None
    key: Expression | None = None
    hours: int = 0
    turns: int = 1
    form: str = "text"
    condition: Expression | None = None


@dataclass(kw_only=True)
class Loop:
    """A marker of an activity. `kind`: parallel, sequential or standard.

    Of a multi-instance: `items` (constants) with the variable `item`, or only `total`; the value `output` of each goes to the list
    `outputs`; `until` ends it early. Of a standard loop: `total` is its maximum (None: none), `until` the condition under which it goes on.
    """

    kind: str
    total: int | None = None
    items: tuple[int, ...] | None = None
    output: Expression | None = None
    outputs: str | None = None
    until: Expression | None = None
    before: bool = False


@dataclass(kw_only=True)
class Node:
    """A flow node of a scope."""

    id: str
    kind: str
    scope: str
    triggers: tuple[Trigger, ...] = ()
    needs_all: bool = False
    interrupts: bool = True
    host: str | None = None
    guards: list[str] = field(default_factory=list)
    undo: str | None = None
    is_undo: bool = False
    loop: Loop | None = None
    inner: str | None = None
    default: str | None = None
    result: tuple[str, Expression] | None = None
    inputs: tuple[tuple[str, Expression], ...] = ()
    outputs: tuple[tuple[str, Expression], ...] = ()
    topic: str | None = None
    code: str | None = None
    passes_all: bool = True
    link: str | None = None
    until: Expression | None = None
    cancels_rest: bool = True
    is_ordered: bool = False


@dataclass(kw_only=True)
class Scope:
    """A process (`owner` None) or the inside of a sub-process."""

    id: str
    owner: str | None
    nodes: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Model:
    """A whole diagram. `starts`: how the process `p` begins: plain, message, signal or timer. `tags`: the constructs in it."""

    variables: dict[str, Value]
    scopes: dict[str, Scope] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    has_pools: bool = False
    has_lanes: bool = False

    def outgoing(self, node: str) -> list[Flow]:
        """The flows out of a node, in order."""
        return [flow for flow in self.flows.values() if flow.source == node]

    def incoming(self, node: str) -> list[Flow]:
        """The flows into a node, in order."""
        return [flow for flow in self.flows.values() if flow.target == node]

    @property
    def gateways(self) -> int:
        """How many gateways are drawn."""
        return sum(node.kind.endswith("Gateway") for node in self.nodes.values())


def value(expression: Expression, seen: Callable[[str], Value]) -> Value:
    """What an expression gives; `seen` is asked for variables, and gives None for what is not there."""
    kind, *parts = expression
    if kind == "n":
        return parts[0]
    if kind == "v":
        return seen(parts[0])
    left, right = (value(part, seen) for part in parts)
    if left is None or right is None:
        return (left is right) if kind == "=" else None
    if kind == "+":
        return left + right
    return {">": left > right, "=": left == right, "<=": left <= right}[kind]


def feel(expression: Expression) -> str:
    """The expression in FEEL."""
    kind, *parts = expression
    if kind == "n":
        return str(parts[0]).lower() if isinstance(parts[0], bool) else f'"{parts[0]}"' if isinstance(parts[0], str) else str(parts[0])
    if kind == "v":
        return str(parts[0])
    return f"{feel(parts[0])} {kind} {feel(parts[1])}"
