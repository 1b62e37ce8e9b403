"""What all rooms of the generator share: parts of a model, conditions, triggers, blocks one after another, an end."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Expression, Flow, Model, Node, Scope, Trigger
from ..tape import Tape

Exit = tuple[str, Expression | None]
Exits = list[Exit]
VARIABLES = ("a", "b", "c")
CODES = ("E1", "E2")
SIGNALS = ("s1", "s2")
CARRIED = tuple((name, ("v", name)) for name in (*VARIABLES, "k", "case_no"))
KEY: Expression = ("v", "case_no")
LITERAL_KEY: Expression = ("n", "A")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is being drawn: the scope, how deep, which codes are caught around it, and what may stand there."""

    scope: str
    depth: int = 0
    errors: frozenset[str] = frozenset()
    escalations: frozenset[str] = frozenset()
    is_called: bool = False
    in_transaction: bool = False
    is_partner: bool = False


class Growing:
    """A model that grows block by block, while there is room."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.model = Model(variables={"a": tape.number(4), "b": tape.number(4), "c": 1, "k": 2, "case_no": "A"})
        self.room = 24
        self.count = 0
        self.thrown: list[tuple[Trigger, bool]] = []
        self.undoable: dict[str, list[str]] = {}

    # ------------------------------------------------------------------ parts
    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def scope(self, scope_id: str, owner: str | None) -> str:
        self.model.scopes[scope_id] = Scope(id=scope_id, owner=owner)
        return scope_id

    def node(self, place: Place, kind: str, prefix: str, **fields: object) -> Node:
        node = Node(id=self.name(prefix), kind=kind, scope=place.scope, **fields)  # type: ignore[arg-type]
        self.model.nodes[node.id] = node
        self.model.scopes[place.scope].nodes.append(node.id)
        self.room -= 1
        self.tag(kind)
        return node

    def tag(self, *tags: str) -> None:
        self.model.tags.update(tags)

    def flow(self, source: str, target: str, condition: Expression | None = None) -> str:
        flow = Flow(id=self.name("f"), source=source, target=target, condition=condition)
        self.model.flows[flow.id] = flow
        return flow.id

    def lead(self, exits: Exits, target: Node) -> Node:
        """Draw the flows of all exits to a node."""
        for source, condition in exits:
            flow = self.flow(source, target.id, condition)
            if condition == ("default",):
                self.model.flows[flow].condition = None
                self.model.nodes[source].default = flow
        if len(exits) > 1 and not target.kind.endswith("Gateway"):
            self.tag("uncontrolled merge")
        return target

    def one(self, place: Place, exits: Exits) -> Exits:
        """A single way out."""
        return exits if len(exits) < 2 else [(self.lead(exits, self.node(place, "exclusiveGateway", "g")).id, None)]

    # ------------------------------------------------------------------ conditions and values
    def condition(self) -> Expression:
        kind = self.tape.number(16)
        if kind == 15:
            self.tag("condition is null")
            return (">", ("v", "missing"), ("n", 1))
        return (self.tape.pick((">", "=", "<=")), ("v", self.tape.pick(VARIABLES)), ("n", self.tape.number(4)))

    def variable(self) -> str:
        return self.tape.pick(VARIABLES)

    def written(self) -> Expression:
        return ("+", ("v", self.variable()), ("n", 1)) if self.tape.chance(40) else ("n", self.tape.number(4))

    def watched(self) -> Expression:
        return (">", ("v", self.variable()), ("n", 1 + self.tape.number(3)))

    # ------------------------------------------------------------------ triggers
    def message(self) -> Trigger:
        return Trigger(kind="message", name=self.name("m"), key=LITERAL_KEY if self.tape.chance(30) else KEY)

    def signal(self) -> Trigger:
        return Trigger(kind="signal", name=self.tape.pick(SIGNALS))

    def timer(self, *, may_cycle: bool) -> Trigger:
        form = self.tape.pick(("text", "feel", "date", "cycle") if may_cycle else ("text", "feel", "date"))
        self.tag(f"timer {form}")
        turns = (3 if self.tape.chance(70) else -1) if form == "cycle" else 1
        return Trigger(kind="timer", hours=1 + self.tape.number(5), turns=turns, form=form)

    def awaited(self, *, may_cycle: bool = False, may_combine: bool = True) -> tuple[tuple[Trigger, ...], bool]:
        """What an event waits for from outside or from data, and whether it needs all of it."""
        kind = self.tape.weighted((("message", 28), ("timer", 25), ("signal", 20), ("conditional", 22), ("multiple", 24 if may_combine else 1)))
        if kind == "message":
            return (self.message(),), False
        if kind == "timer":
            return (self.timer(may_cycle=may_cycle),), False
        if kind == "signal" or not may_combine:
            return (self.signal(),), False
        if kind == "conditional":
            return (Trigger(kind="conditional", condition=self.watched()),), False
        needs_all = self.tape.chance(40)
        return (self.message(), self.signal() if self.tape.chance(60) else self.timer(may_cycle=False)), needs_all

    def code(self, caught: frozenset[str]) -> str:
        return self.tape.pick(sorted(caught)) if caught and self.tape.chance(88) else self.tape.pick(CODES)

    def sent(self, place: Place, kind: str) -> Trigger:
        """A message or signal that is thrown; which message, is chosen when all are known."""
        trigger = self.signal() if kind == "signal" else Trigger(kind="message")
        if kind == "message":
            self.thrown.append((trigger, place.is_partner))
        return trigger

    def throws(self, place: Place, event: Node, kind: str) -> None:
        if kind in ("message", "signal"):
            event.triggers, event.inputs = (self.sent(place, kind),), CARRIED if kind == "message" else ()
        elif kind in ("error", "escalation"):
            event.triggers = (Trigger(kind=kind, name=self.code(place.errors if kind == "error" else place.escalations)),)
        elif kind != "none":
            event.triggers = (Trigger(kind=kind),)

    # ------------------------------------------------------------------ blocks
    def sequence(self, place: Place, exits: Exits, blocks: int) -> Exits:
        """So many blocks one after another, while there is room and a way on."""
        for _ in range(blocks):
            if self.room <= 0 or not exits:
                break
            exits = self.block(place, exits)
        return exits

    def block(self, place: Place, exits: Exits) -> Exits:
        kinds = [("activity", 48), ("exclusive", 28), ("parallel", 24), ("inclusive", 26), ("loop", 16), ("scope", 34), ("catch", 16), ("throw", 16)]
        kinds += [("events", 12), ("link", 8), ("split", 10), ("undo", 14), ("partner", 0 if place.is_called or place.is_partner else 8)]
        if place.depth >= 3:
            kinds = kinds[:1]
        drawing = self.tape.weighted(kinds)
        return getattr(self, f"draw_{drawing}")(place, exits)  # type: ignore[no-any-return]

    def end(self, place: Place, exits: Exits, *, special: bool = False) -> Exits:
        """Lead exits to an end event, or let them end by themselves where they can. Nothing goes on."""
        if not exits:
            return []
        kind = "none"
        if special:
            kinds = [("terminate", 8), ("error", 12), ("escalation", 8), ("message", 6), ("signal", 6), ("compensate", 6), ("none", 6)]
            kind = "cancel" if place.in_transaction and self.tape.chance(70) else self.tape.weighted(kinds)
        elif self.tape.chance(30) and not any(self.model.nodes[source].kind.endswith("Gateway") or condition for source, condition in exits):
            self.tag("implicit end")
            return []
        event = self.lead(exits, self.node(place, "endEvent", "z"))
        self.throws(place, event, kind)
        self.tag(f"end {kind}")
        return []
