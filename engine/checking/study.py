"""One process as a reader and writer of variables: for every element what it reads, what it can write, and of which type. Pure.

A study is visited again and again until no type grows any more; then a last visit tells what is wrong. Variables live in the process;
inputs of an activity and the items of a multi-instance are its own and are seen from inside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Protocol

from lxml import etree

from ..feel import FeelSyntaxError
from ..feel import nodes as n
from ..feel.parser import parse_expression
from ..kernel.extensions import extensions_of, loop_text
from ..kernel.outline import ACTIVITIES, Outline, OutlineFlow, OutlineNode, OutlineScope
from ..kernel.read import BPMN, local_name
from . import types
from .decisions import Decision, DecisionReader
from .inference import Host, Reading, asked_null
from .naming import SEND, Told, caught, thrown
from .report import Place
from .sources import Sources
from .types import ANY, NEVER, NUMBER, Type

ROUNDS_MAX = 30
SLIPS_MAX = 100
_COUNTERS = ("numberOfInstances", "numberOfActiveInstances", "numberOfCompletedInstances", "numberOfTerminatedInstances")
_TIMES = ("timeDate", "timeDuration", "timeCycle")


@lru_cache(maxsize=8192)
def parsed(text: str) -> tuple[n.Node, frozenset[str]] | None:
    """The tree of an expression without its `=`, and the names it asks about null; None where it is none, which loading tells."""
    try:
        tree = parse_expression(text)
    except FeelSyntaxError:
        return None
    return tree, asked_null(tree)


@dataclass(frozen=True, kw_only=True)
class Use:
    """An expression that was read: where, as what, and what the reading gave. `after`: read when the element's work is done."""

    node: OutlineNode | None
    place: Place
    what: str
    text: str
    reading: Reading
    own: frozenset[str] = frozenset()
    """Names that the element itself or one around it holds."""
    after: bool = False
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Written:
    """A name that a diagram gives to a variable, and where."""

    place: Place
    name: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The messages and signals of one element, and the names that its input mappings make."""

    thrown: tuple[Told, ...]
    caught: tuple[Told, ...]
    carried: frozenset[str]


@dataclass(frozen=True, slots=True)
class Env:
    """What is seen from somewhere: the tables of names, inner ones first."""

    tables: tuple[Mapping[str, Type], ...]
    settles: bool
    """Whether types are still growing: a name without a writer then is one that has none yet."""

    def lookup(self, name: str) -> Type | None:
        """The type of a name; None where nothing can write it."""
        for table in self.tables:
            if name in table:
                return table[name]
        return NEVER if self.settles else None

    def known(self) -> Iterator[str]:
        """All names seen."""
        return chain.from_iterable(self.tables)

    def inner(self, *tables: Mapping[str, Type]) -> Env:
        """What is seen further inside."""
        return Env((*tables, *self.tables), self.settles)

    @property
    def own(self) -> frozenset[str]:
        """The names of all tables but the process's."""
        return frozenset(chain.from_iterable(self.tables[:-1]))


class Neighbours(Protocol):
    """The other processes of the set, as one study asks for them."""

    sources: Sources
    decisions: Mapping[str, Decision]

    def payload(self, study: Study, told: Told) -> Mapping[str, Type]:
        """What a message or signal of this name can carry to this process."""

    def throw(self, study: Study, node: OutlineNode, told: Told, carried: Mapping[str, Type]) -> None:
        """Note what an element throws."""

    def call(self, study: Study, node: OutlineNode, process_id: str, given: Mapping[str, Type]) -> Mapping[str, Type]:
        """Note what a call gives to a process; answer the variables of that process."""


@dataclass(eq=False)
class Study:
    """What is known of one process."""

    outline: Outline
    process: OutlineScope
    around: Neighbours
    nodes: list[OutlineNode] = field(default_factory=list)
    scopes: list[OutlineScope] = field(default_factory=list)
    types: dict[str, Type] = field(default_factory=dict)
    given: dict[str, Type] = field(default_factory=dict)
    """What a call, a form, a message or the engine gives at the start."""
    held: dict[str, dict[str, Type]] = field(default_factory=dict)
    """Activity id → the variables that it holds itself."""
    gives: dict[str, set[str]] = field(default_factory=dict)
    """Element id → the names that it can write into the process."""
    uses: list[Use] = field(default_factory=list)
    """What was read; kept by the last visit only, when all types are known."""
    written: list[Written] = field(default_factory=list)
    is_stale: bool = True
    """Whether something has grown since it was visited."""
    settles: bool = True
    widens: bool = False
    slips: int = 0
    _places: dict[OutlineNode, Place] = field(default_factory=dict)
    _named_by: dict[OutlineNode, Names] = field(default_factory=dict)
    _hosts: Host | None = None

    # ------------------------------------------------------------------ visiting
    def visit(self) -> None:
        """Read every element once."""
        self.is_stale = False
        self.uses, self.written = [], []
        key = extensions_of(self.process.element).properties.get("key")
        if key:
            self.give({key: types.TEXT})
        for node in self.nodes:
            self._visit(node)
        for scope in self.scopes:
            for flow in scope.flows:
                if flow.condition is not None:
                    env, source = self.env(scope), scope.nodes.get(flow.source)
                    self._read(source, self._at(flow), flow.condition.text, env, "its condition", after=True)

    def give(self, given: Mapping[str, Type]) -> None:
        """Variables that are there when the process starts."""
        for name, found in given.items():
            self.given[name] = types.join(self.given.get(name, NEVER), found)
            self._grow(self.types, name, found)

    def place(self, node: OutlineNode) -> Place:
        """Where an element stands."""
        found = self._places.get(node)
        if found is None:
            found = self._places[node] = Place(file=self.outline.file, line=node.line, element_id=node.id or None)
        return found

    def names(self, node: OutlineNode) -> Names:
        """What messages and signals an element throws and waits for, and what it carries: looked up once, for it never changes."""
        found = self._named_by.get(node)
        if found is None:
            found = Names(thrown=tuple(thrown(self.outline, node)), caught=tuple(caught(self.outline, node)), carried=carried_by(node))
            self._named_by[node] = found
        return found

    def env(self, scope: OutlineScope) -> Env:
        """What is seen from a scope of this process."""
        tables: list[Mapping[str, Type]] = []
        owner = scope.owner
        while owner is not None:
            tables.append(self.held.setdefault(owner.id, {}))
            owner = owner.scope.owner
        return Env((*tables, self.types), self.settles)

    def _at(self, flow: OutlineFlow) -> Place:
        return Place(file=self.outline.file, line=flow.line, element_id=flow.id or None)

    def _grow(self, table: dict[str, Type], name: str, found: Type) -> None:
        before = table.get(name)
        after = found if before is None else types.join(before, found)
        if after != before:
            # A type that will not come to rest is one that feeds on itself: nothing is known of it.
            table[name] = ANY if self.widens and before is not None else after
            self.is_stale = True

    def _write(self, node: OutlineNode, name: str, found: Type) -> None:
        """Into the nearest activity around that holds the name, else into the process."""
        owner = node.scope.owner
        while owner is not None:
            if name in self.held.get(owner.id, {}):
                self._grow(self.held[owner.id], name, found)
                return
            owner = owner.scope.owner
        self.gives.setdefault(node.id, set()).add(name)
        self._grow(self.types, name, found)

    def _read(
        self, node: OutlineNode | None, place: Place, text: str | None, env: Env, what: str, *, after: bool = False, optional: bool = False
    ) -> Type:
        """The type of a text of the diagram: plain text, or FEEL after `=`."""
        stripped = (text or "").strip()
        if not stripped.startswith("="):
            return types.text(stripped) if stripped else NEVER
        tree = parsed(stripped[1:].strip())
        if tree is None:
            return ANY
        reading = self._reading(env)
        found = reading.expression(*tree)
        if not self.settles:
            self.uses.append(Use(node=node, place=place, what=what, text=stripped, reading=reading, own=env.own, after=after, optional=optional))
        return found

    def _reading(self, env: Env) -> Reading:
        if self._hosts is None:
            self._hosts = Host(limits=self.around.sources.limits, settings=self.around.sources.settings)
        # While types grow nothing is told, for what is wrong now may be right when all is known.
        return Reading(lookup=env.lookup, known=lambda: self._meant(env), host=self._hosts, tells=not self.settles)

    def _meant(self, env: Env) -> Iterable[str]:
        """The names that a reader could have meant; none any more after many slips, for looking for the nearest costs."""
        self.slips += 1
        return env.known() if self.slips <= SLIPS_MAX else ()

    # ------------------------------------------------------------------ elements
    def _visit(self, node: OutlineNode) -> None:
        env = self.env(node.scope)
        if node.kind in ACTIVITIES and not node.is_event_sub_process:
            self._activity(node, env)
        elif not node.is_event_sub_process:
            self._event(node, env)

    def _event(self, node: OutlineNode, env: Env) -> None:
        own = self.held.setdefault(node.id, {})
        self._triggers(node, env)
        self._inputs(node, env, own)
        inner = env.inner(own)
        self._headers(node, inner)
        self._act(node, env)
        result = self._happened(node)
        for told in self.names(node).thrown:
            self._throw(node, told, inner, own)
        if node.extensions.topic not in (None, SEND) and node.kind in ("intermediateThrowEvent", "endEvent"):
            result = {**result, **self._handled(node)}
        self._outputs(node, result, env, own)

    def _throw(self, node: OutlineNode, told: Told, env: Env, own: Mapping[str, Type]) -> None:
        self._read(node, self.place(node), told.text, env, f"the name of its {told.kind}")
        self.around.throw(self, node, told, {name: own[name] for name in self.names(node).carried if name in own})

    def _act(self, node: OutlineNode, env: Env) -> None:
        if "act" in node.extensions.properties:
            for name in ("groups", "assignee"):
                self._read(node, self.place(node), node.extensions.properties.get(name), env, f"its property {name}")

    def _happened(self, node: OutlineNode) -> dict[str, Type]:
        """What an event brings: what its message carries, what the form of an act or of a start by hand asks."""
        found: dict[str, Type] = {}
        for told in self.names(node).caught:
            for name, carried in self.around.payload(self, told).items():
                found[name] = types.join(found.get(name, NEVER), carried)
        own = node.extensions
        is_first = node.kind == "startEvent" and node.scope.owner is None
        if "act" in own.properties or is_first:
            for name, asked in self.around.sources.form_types(own.form_id or own.properties.get("form")).items():
                found[name] = types.join(found.get(name, NEVER), asked)
        if is_first:
            declared = own.properties.get("variables", "")
            found |= {name.strip(): ANY for name in declared.split(",") if name.strip() and name.strip() not in found}
        if (node.kind == "boundaryEvent" and {"error"} & set(node.trigger_kinds)) or (node.kind == "startEvent" and "error" in node.trigger_kinds):
            found |= {name: ANY for name in self._given_by_handlers() if name not in found}
        return found

    def _given_by_handlers(self) -> set[str]:
        topics = self.around.sources.topics or {}
        return {name for node in self.nodes if node.extensions.topic in topics for name in topics[node.extensions.topic or ""].gives or {}}

    def _triggers(self, node: OutlineNode, env: Env) -> None:
        place = self.place(node)
        for trigger in node.triggers:
            for child in trigger:
                name = local_name(child)
                # The time of a process's start event may read nothing, as the kernel says: declaring the name would not mend it.
                if name in _TIMES and not (node.kind == "startEvent" and node.scope.owner is None):
                    self._read(node, place, child.text, env, "its time")
                elif name == "condition":
                    self._read(node, place, child.text, env, "its condition")
        for told in self.names(node).caught:
            self._read(node, place, told.text, env, f"the name of its {told.kind}")
            # An instance that a message starts takes the message's own key.
            if told.key and not (node.kind == "startEvent" and node.scope.owner is None):
                self._read(node, place, told.key, env, "the correlation key of its message")

    def _activity(self, node: OutlineNode, env: Env) -> None:
        own = self.held.setdefault(node.id, {})
        loop = next((child for child in node.element if local_name(child) == "multiInstanceLoopCharacteristics"), None)
        output_local = self._items(node, loop, env, own) if loop is not None else None
        if node.kind == "receiveTask":
            self._triggers(node, env.inner(own))
        self._inputs(node, env, own)
        inner = env.inner(own)
        place = self.place(node)
        for what, text in (("assignee", node.extensions.assignee), ("groups", node.extensions.groups), ("due date", node.extensions.due_date)):
            self._read(node, place, text, inner, f"its {what}")
        self._read(node, place, node.extensions.priority, inner, "its priority")
        self._headers(node, inner)
        for told in self.names(node).thrown:
            self._throw(node, told, inner, own)
        result = self._result(node, inner, own)
        self._outputs(node, result, env, own, output_local)
        if loop is not None:
            self._collected(node, loop, env, own, result)
        self._repeats(node, env.inner({"loopCounter": NUMBER}))

    def _items(self, node: OutlineNode, loop: etree._Element, env: Env, own: dict[str, Type]) -> str | None:
        """The variables of one item; answer the one that keeps its result apart."""
        said = loop_text(loop)
        self._grow(own, "loopCounter", NUMBER)
        collection = self._read(node, self.place(node), said.input_collection if said else None, env, "its input collection")
        cardinality = loop.findtext(BPMN + "loopCardinality")
        self._read(node, self.place(node), cardinality, env, "its loop cardinality")
        if said is not None and said.input_element:
            item = collection.items if collection.kinds == types.LIST.kinds and collection.items is not None else ANY
            self._grow(own, said.input_element, NEVER if collection is NEVER or item is NEVER else item)
            self.written.append(Written(place=self.place(node), name=said.input_element, what="its input element"))
        read = parsed((said.output_element or "").strip().removeprefix("=").strip()) if said is not None and said.output_element else None
        tree = read[0] if read is not None else None
        while isinstance(tree, n.Path):
            tree = tree.base
        if isinstance(tree, n.Name):
            self._grow(own, tree.name, NEVER)
            return tree.name
        return None

    def _collected(self, node: OutlineNode, loop: etree._Element, env: Env, own: Mapping[str, Type], result: Mapping[str, Type]) -> None:
        said = loop_text(loop)
        seen = env.inner(own, {} if node.extensions.outputs else result)
        if said is not None and said.output_collection:
            item = self._read(node, self.place(node), said.output_element, seen, "its output element", after=True)
            self._write(node, said.output_collection, types.list_of(item))
            self.written.append(Written(place=self.place(node), name=said.output_collection, what="its output collection"))
        until = loop.findtext(BPMN + "completionCondition")
        self._read(node, self.place(node), until, seen.inner(dict.fromkeys(_COUNTERS, NUMBER)), "its completion condition", after=True)

    def _repeats(self, node: OutlineNode, env: Env) -> None:
        for child in node.element:
            if local_name(child) == "standardLoopCharacteristics":
                self._read(node, self.place(node), child.findtext(BPMN + "loopCondition"), env, "its loop condition", after=True)
        if node.kind == "adHocSubProcess":
            self._read(node, self.place(node), node.element.findtext(BPMN + "completionCondition"), env, "its completion condition", after=True)

    def _inputs(self, node: OutlineNode, env: Env, own: dict[str, Type]) -> None:
        topics = self.around.sources.topics or {}
        takes = topics.get(node.extensions.topic or "")
        # A line sees the lines before it, and not itself.
        carried = self.names(node).carried
        seen = {name: found for name, found in own.items() if name not in carried}
        for line in node.extensions.inputs:
            optional = takes is not None and line.target in takes.may
            found = self._read(node, self.place(node), line.source, env.inner(dict(seen)), f"its input {line.target!r}", optional=optional)
            name, _, rest = line.target.partition(".")
            seen[name] = types.of_kind("context") if rest else found
            self._grow(own, name, seen[name])
            self.written.append(Written(place=self.place(node), name=line.target.split(".")[0], what="its input"))

    def _headers(self, node: OutlineNode, env: Env) -> None:
        for name, header in node.extensions.headers.items():
            if not (name == "message" and node.extensions.topic == SEND):
                self._read(node, self.place(node), header, env, f"its header {name!r}")

    def _outputs(self, node: OutlineNode, result: Mapping[str, Type], env: Env, own: dict[str, Type], apart: str | None = None) -> None:
        """Where the results go: by the output mappings, else each to the activity that holds its name, or to the process."""
        if not node.extensions.outputs:
            for name, found in result.items():
                if name in own:
                    self._grow(own, name, found)
                else:
                    self._write(node, name, found)
            return
        seen: dict[str, Type] = dict(result)
        for line in node.extensions.outputs:
            found = self._read(node, self.place(node), line.source, env.inner(seen, own), f"its output {line.target!r}", after=True)
            name, _, rest = line.target.partition(".")
            seen[name] = types.of_kind("context") if rest else found
            self.written.append(Written(place=self.place(node), name=name, what="its output"))
            if name == apart:
                self._grow(own, name, found)
            else:
                self._write(node, name, seen[name])

    # ------------------------------------------------------------------ what the work gives
    def _result(self, node: OutlineNode, env: Env, own: Mapping[str, Type]) -> dict[str, Type]:
        said = node.extensions
        if node.kind == "userTask":
            return self.around.sources.form_types(said.form_id or said.properties.get("form"))
        if node.kind == "receiveTask":
            return self._happened(node)
        if node.kind == "callActivity":
            return self._called(node, env, own)
        if node.kind == "businessRuleTask" and said.topic is None and said.decision_id:
            return self._named(node, self._decided(node, env, said.decision_id.strip()))
        if node.kind == "scriptTask" and said.script is not None:
            return self._named(node, self._read(node, self.place(node), said.script, env, "its script"))
        return self._handled(node) if said.topic not in (None, SEND) else {}

    def _handled(self, node: OutlineNode) -> dict[str, Type]:
        takes = (self.around.sources.topics or {}).get(node.extensions.topic or "")
        return dict(takes.gives or {}) if takes is not None else {}

    def _named(self, node: OutlineNode, found: Type) -> dict[str, Type]:
        name, _, rest = (node.extensions.result_variable or "").partition(".")
        self.written.append(Written(place=self.place(node), name=name, what="its result variable"))
        return {name: types.of_kind("context") if rest else found} if name else {}

    def _decided(self, node: OutlineNode, env: Env, decision_id: str) -> Type:
        def told(decision: Decision, element: etree._Element, text: str, reading: Reading) -> None:
            place = decision.place(element)
            if not self.settles:
                self.uses.append(Use(node=node, place=place, what=f"the decision {decision.id}", text=text, reading=reading, own=env.own))

        reader = DecisionReader(decisions=self.around.decisions, reading=lambda results: self._reading(env.inner(results)), told=told)
        return reader.result(decision_id)

    def _called(self, node: OutlineNode, env: Env, own: Mapping[str, Type]) -> dict[str, Type]:
        said = node.extensions
        called = (said.called_process or node.element.get("calledElement") or "").strip()
        given: dict[str, Type] = dict(own)
        if said.passes_all_in:
            for table in reversed(env.tables):
                given |= table
        found = self.around.call(self, node, called, given)
        return dict(found) if said.outputs or said.passes_all_out else {}


def carried_by(node: OutlineNode) -> frozenset[str]:
    """The names that the input mappings of an element make: what a thrown message carries."""
    return frozenset(line.target.partition(".")[0] for line in node.extensions.inputs)
