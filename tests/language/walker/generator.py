"""Builds a diagram from a tape of choices: blocks one after another and inside each other, and ways across them.

Everything that a diagram may wait for can happen, loops count their turns, and what is written by concurrent branches is compared as it
was written. What hangs on the order of silent steps alone (timer texts, collections) is constant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .model import Expression, Flow, Loop, Model, Node, Scope, Trigger
from .tape import Tape

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


class Growth:
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

    def watched(self) -> Expression:
        return (">", ("v", self.variable()), ("n", 1 + self.tape.number(3)))

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

    def draw_activity(self, place: Place, exits: Exits) -> Exits:
        kinds = (("userTask", 74), ("scriptTask", 48), ("serviceTask", 32), ("task", 20), ("manualTask", 14), ("businessRuleTask", 16), ("sendTask", 16), ("receiveTask", 20))
        node = self.lead(exits, self.node(place, self.tape.weighted(kinds), "t"))
        getattr(self, f"_fill_{node.kind}", lambda node, place: None)(node, place)
        if node.kind in ("userTask", "scriptTask", "task") and self.tape.chance(18):
            self.repeat(node)
        return self.guarded(place, node)

    def _fill_userTask(self, node: Node, place: Place) -> None:  # noqa: N802
        if self.tape.chance(15):
            node.inputs = (("x", ("+", ("v", self.variable()), ("n", 1))),)
            node.outputs = (("c", ("v", "x")),)
            self.tag("mapping")

    def _fill_scriptTask(self, node: Node, place: Place) -> None:  # noqa: N802
        node.result = (self.variable(), self.written())

    def _fill_serviceTask(self, node: Node, place: Place) -> None:  # noqa: N802
        kind = self.tape.weighted((("echo", 60), ("throw", 30), ("fail", 3)))
        node.topic = f"kit.{kind}"
        if kind == "echo":
            node.inputs = (("x", self.written()),)
            node.outputs = ((self.variable(), ("v", "x")),)
            self.tag("mapping")
        elif kind == "throw":
            node.code = self.code(place.errors)
            self.tag("error")

    def _fill_businessRuleTask(self, node: Node, place: Place) -> None:  # noqa: N802
        node.result = ("b", ("v", "a"))

    def _fill_sendTask(self, node: Node, place: Place) -> None:  # noqa: N802
        node.triggers, node.inputs = (self.sent(place, "message"),), CARRIED

    def _fill_receiveTask(self, node: Node, place: Place) -> None:  # noqa: N802
        node.triggers = (self.message(),)

    def code(self, caught: frozenset[str]) -> str:
        return self.tape.pick(sorted(caught)) if caught and self.tape.chance(88) else self.tape.pick(CODES)

    def sent(self, place: Place, kind: str) -> Trigger:
        """A message or signal that is thrown; which message, is chosen when all are known."""
        trigger = self.signal() if kind == "signal" else Trigger(kind="message")
        if kind == "message":
            self.thrown.append((trigger, place.is_partner))
        return trigger

    def repeat(self, node: Node) -> None:
        kind = self.tape.pick(("parallel", "sequential", "standard"))
        self.tag(f"{kind} loop")
        if kind == "standard":
            node.loop = Loop(kind=kind, total=1 + self.tape.number(3) if self.tape.chance(50) else None, before=self.tape.chance(40))
            if node.loop.total is None or self.tape.chance(50):
                node.loop.until = ("<=", ("v", "loopCounter"), ("n", self.tape.number(3)))
            return
        total = self.tape.weighted(((2, 5), (3, 4), (1, 1), (0, 1)))
        node.loop = Loop(kind=kind, total=total)
        if self.tape.chance(60):
            node.loop.items = tuple(10 * (index + 1) for index in range(total))
        if self.tape.chance(60):
            name = "item" if node.loop.items is not None else "loopCounter"
            node.loop.output, node.loop.outputs = ("+", ("v", name), ("n", 1)), self.name("out")
        if self.tape.chance(30):
            node.loop.until = (">", ("v", "numberOfCompletedInstances"), ("n", self.tape.number(2)))
            self.tag("completion condition")

    # ------------------------------------------------------------------ boundary events
    def guarded(self, place: Place, node: Node, chance: int = 34) -> Exits:
        """Boundary events of an activity, and the paths behind them."""
        exits: Exits = [(node.id, None)]
        waits = node.kind in ("userTask", "receiveTask", "subProcess", "transaction", "adHocSubProcess", "callActivity")
        if node.topic == "kit.throw" and self.tape.chance(70):
            exits += self.boundary(place, node, (Trigger(kind="error", name=node.code if self.tape.chance(60) else None),), interrupts=True)
        if not waits or place.depth >= 3:
            return exits
        while self.room > 0 and len(node.guards) < 3 and self.tape.chance(chance):
            triggers, needs_all = self.awaited(may_cycle=True)
            if node.loop is not None and triggers[0].kind == "conditional":
                continue
            interrupts = needs_all or self.tape.chance(50)
            if interrupts and triggers[0].turns != 1:
                triggers = (replace(triggers[0], turns=1, form="text"),)
            exits += self.boundary(place, node, triggers, interrupts=interrupts, needs_all=needs_all)
        return exits

    def boundary(self, place: Place, host: Node, triggers: tuple[Trigger, ...], *, interrupts: bool, needs_all: bool = False) -> Exits:
        event = self.node(place, "boundaryEvent", "b", triggers=triggers, host=host.id, interrupts=interrupts, needs_all=needs_all)
        host.guards.append(event.id)
        self.tag(f"boundary {'multiple' if len(triggers) > 1 else triggers[0].kind}{'' if interrupts else ' beside'}")
        self.tag(*(["needs all"] if needs_all else []))
        deeper = replace(place, depth=place.depth + 1)
        exits = self.sequence(deeper, [(event.id, None)], 1)
        return exits if self.tape.chance(50) else self.end(deeper, exits)

    # ------------------------------------------------------------------ gateways
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

    def one(self, place: Place, exits: Exits) -> Exits:
        """A single way out."""
        return exits if len(exits) < 2 else [(self.lead(exits, self.node(place, "exclusiveGateway", "g")).id, None)]

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

    # ------------------------------------------------------------------ events on the way
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

    def throws(self, place: Place, event: Node, kind: str) -> None:
        if kind in ("message", "signal"):
            event.triggers, event.inputs = (self.sent(place, kind),), CARRIED if kind == "message" else ()
        elif kind in ("error", "escalation"):
            event.triggers = (Trigger(kind=kind, name=self.code(place.errors if kind == "error" else place.escalations)),)
        elif kind != "none":
            event.triggers = (Trigger(kind=kind),)

    def draw_link(self, place: Place, exits: Exits) -> Exits:
        catch = self.node(place, "intermediateCatchEvent", "e")
        self.lead(exits, self.node(place, "intermediateThrowEvent", "e", link=catch.id))
        self.tag("link")
        return [(catch.id, None)]

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

    def draw_undo(self, place: Place, exits: Exits) -> Exits:
        """An activity that can be compensated, and sooner or later a throw that asks for it."""
        node = self.lead(exits, self.node(place, self.tape.pick(("scriptTask", "userTask")), "t"))
        if node.kind == "scriptTask":
            node.result = (self.variable(), self.written())
        event = self.node(place, "boundaryEvent", "b", triggers=(Trigger(kind="compensate"),), host=node.id)
        handler = self.node(place, self.tape.pick(("task", "userTask")), "u", is_undo=True)
        node.undo = handler.id
        event.undo = handler.id
        self.tag("compensation")
        if self.tape.chance(15):
            self.event_sub_process(place, asks=True)
        exits = self.sequence(replace(place, depth=place.depth + 1), [(node.id, None)], self.tape.number(2))
        if not exits or self.tape.chance(25):
            return exits
        throw = self.lead(exits, self.node(place, "intermediateThrowEvent", "e", triggers=(Trigger(kind="compensate", name=node.id if self.tape.chance(40) else None),)))
        self.tag("throw compensate")
        return [(throw.id, None)]

    # ------------------------------------------------------------------ scopes
    def draw_scope(self, place: Place, exits: Exits) -> Exits:
        kind = self.tape.weighted((("subProcess", 34), ("callActivity", 16), ("transaction", 14), ("adHocSubProcess", 12)))
        node = self.lead(exits, self.node(place, kind, "x"))
        if kind == "adHocSubProcess":
            self._fill_ad_hoc(node, place)
            return self.guarded(place, node)
        errors = {code for code in CODES if self.tape.chance(35)}
        escalations = {code for code in CODES if self.tape.chance(35)}
        inside = replace(place, errors=place.errors | errors, escalations=place.escalations | escalations, depth=place.depth + 1)
        if kind == "callActivity":
            self._fill_call(node, inside)
        else:
            node.inner = self.scope(node.id, node.id)
            self.fill(replace(inside, scope=node.inner, in_transaction=kind == "transaction"))
            if self.tape.chance(15):
                node.inputs = (("a", ("+", ("v", "a"), ("n", 1))),)
                self.tag("mapping")
        undoes = kind == "subProcess" and self.tape.chance(16)
        if undoes:
            self.event_sub_process(replace(inside, scope=node.id), undoes=True)
        if self.tape.chance(15):
            self.repeat(node)
        found = self.guarded(place, node)
        if kind == "transaction":
            found += self.boundary(place, node, (Trigger(kind="cancel"),), interrupts=True)
        for code in sorted(errors):
            found += self.boundary(place, node, (Trigger(kind="error", name=code if self.tape.chance(70) else None),), interrupts=True)
        if errors and self.tape.chance(30):
            found += self.boundary(place, node, (Trigger(kind="error"),), interrupts=True)
        for code in sorted(escalations):
            found += self.boundary(place, node, (Trigger(kind="escalation", name=code if self.tape.chance(70) else None),), interrupts=self.tape.chance(50))
        if (undoes and self.tape.chance(70)) or (kind == "callActivity" and self.tape.chance(15)):
            throw = self.lead(found, self.node(place, "intermediateThrowEvent", "e", triggers=(Trigger(kind="compensate"),)))
            self.tag("throw compensate")
            return [(throw.id, None)]
        return found

    def _fill_ad_hoc(self, node: Node, place: Place) -> None:
        node.inner = self.scope(node.id, node.id)
        inside = replace(place, scope=node.inner, depth=3)
        for _ in range(2 + self.tape.number(2)):
            self.node(inside, self.tape.pick(("userTask", "task")), "t")
        node.is_ordered = self.tape.chance(40)
        node.cancels_rest = self.tape.chance(50)
        node.until = (">", ("v", "k"), ("n", 1)) if self.tape.chance(50) else None

    def _fill_call(self, node: Node, inside: Place) -> None:
        called = self.name("q")
        node.inner = self.scope(called, None)
        node.passes_all = self.tape.chance(50)
        if not node.passes_all:
            node.inputs = (*CARRIED, ("c", ("+", ("v", "c"), ("n", 1))))
            node.outputs = (("b", ("v", "a")),)
            self.tag("mapping")
        self.fill(replace(inside, scope=called, is_called=True, in_transaction=False))

    def fill(self, place: Place, blocks: int = 0) -> None:
        """What stands in a process or sub-process: a beginning, blocks, an end, event sub-processes."""
        exits: Exits
        while self.tape.chance(26):
            self.event_sub_process(place)
        if self.tape.chance(12):
            self.tag("implicit start")
            exits = [(self.node(place, self.tape.pick(("userTask", "task")), "t").id, None)]
        else:
            exits = [(self.node(place, "startEvent", "s").id, None)]
        exits = self.sequence(place, exits, blocks or 1 + self.tape.number(2))
        self.end(place, exits, special=self.tape.chance(14))

    def event_sub_process(self, place: Place, *, undoes: bool = False, asks: bool = False) -> None:
        host = self.node(place, "eventSubProcess", "y")
        host.inner = self.scope(host.id, host.id)
        kind = self.tape.weighted((("outside", 60), ("error", 16), ("escalation", 20)))
        triggers, needs_all = self.awaited(may_cycle=True) if kind == "outside" else ((Trigger(kind=kind, name=self.tape.pick((*CODES, None))),), False)
        interrupts = kind == "error" or needs_all or undoes or self.tape.chance(45)
        if interrupts and triggers[0].turns != 1:
            triggers = (replace(triggers[0], turns=1, form="text"),)
        if undoes:
            triggers, needs_all = (Trigger(kind="compensate"),), False
        inside = replace(place, scope=host.inner, depth=max(2, place.depth + 1))
        start = self.node(inside, "startEvent", "s", triggers=triggers, interrupts=interrupts, needs_all=needs_all)
        exits = self.sequence(inside, [(start.id, None)], 1)
        if asks and exits:
            exits = [(self.lead(exits, self.node(inside, "intermediateThrowEvent", "e", triggers=(Trigger(kind="compensate"),))).id, None)]
        self.end(inside, exits, special=self.tape.chance(45))
        self.tag(f"event sub-process {'multiple' if len(triggers) > 1 else triggers[0].kind}{'' if interrupts else ' beside'}")

    # ------------------------------------------------------------------ processes
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
        return self.model

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
