"""All processes of a set together: what one throws another catches, what one calls another is given. Pure.

Visits every study again and again until nothing grows; then once more to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..kernel.extensions import extensions_of
from ..kernel.outline import Outline, OutlineNode
from ..kernel.read import truth
from . import types
from .decisions import Decision
from .naming import SEND, Meeting, Pattern, Told
from .sequence import in_sequence
from .sources import Sources
from .study import ROUNDS_MAX, Study
from .types import NEVER, Type


@dataclass(frozen=True)
class Throw:
    """One element that throws a message or signal, with what it carries."""

    study: Study
    node: OutlineNode
    kind: str
    pattern: Pattern
    carried: Mapping[str, Type]


@dataclass(frozen=True)
class CallSite:
    """One call activity and the names that it gives."""

    study: Study
    node: OutlineNode
    process_id: str
    given: frozenset[str]


@dataclass
class Congregation:
    """The processes of a set."""

    outlines: Sequence[Outline]
    sources: Sources
    decisions: Mapping[str, Decision]
    studies: dict[str, Study] = field(default_factory=dict)
    calls: dict[tuple[int, str], CallSite] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    """The processes that something calls."""
    throws: dict[tuple[int, str, str], Throw] = field(default_factory=dict)
    _payloads: Meeting[dict[str, Type]] = field(default_factory=Meeting)
    _listeners: Meeting[dict[int, Study]] = field(default_factory=Meeting)
    _thrown: Meeting[dict[tuple[int, str, str], None]] = field(default_factory=Meeting)
    _callers: dict[str, dict[int, Study]] = field(default_factory=lambda: defaultdict(dict))

    def study(self) -> None:
        """Learn all types, then read everything once more with all known."""
        for outline in self.outlines:
            self._open(outline)
        studies = list(self.studies.values())
        for turn in range(ROUNDS_MAX):
            stale = [one for one in studies if one.is_stale]
            if not stale:
                break
            for one in stale:
                one.widens = turn >= ROUNDS_MAX // 2
                one.visit()
                if one.is_stale:
                    for caller in self._callers[one.process.process_id].values():
                        caller.is_stale = True
        for one in studies:
            one.settles = False
            one.visit()

    def _open(self, outline: Outline) -> None:
        nodes: dict[str, list[OutlineNode]] = defaultdict(list)
        for node in outline.nodes:
            nodes[node.scope.process_id].append(node)
        for process in outline.processes:
            if process.process_id and process.process_id not in self.studies and truth(process.element.get("isExecutable"), False):
                scopes = outline.scopes_by_process[process.process_id]
                own = in_sequence([node for node in nodes[process.process_id] if node.id])
                self.studies[process.process_id] = Study(outline=outline, process=process, around=self, nodes=own, scopes=scopes)

    # ------------------------------------------------------------------ what studies ask
    def payload(self, study: Study, told: Told) -> Mapping[str, Type]:
        """What a message or signal of this name can carry to this process."""
        pattern = told.pattern
        self._listeners.at(told.kind, pattern, {})[id(study)] = study
        found: dict[str, Type] = {}
        for carried in self._payloads.met(told.kind, pattern):
            for name, each in carried.items():
                found[name] = types.join(found.get(name, NEVER), each)
        return found

    def throw(self, study: Study, node: OutlineNode, told: Told, carried: Mapping[str, Type]) -> None:
        """Note what an element throws."""
        pattern = told.pattern
        self.throws[id(node), told.kind, told.text] = Throw(study, node, told.kind, pattern, carried)
        self._thrown.at(told.kind, pattern, {})[id(node), told.kind, told.text] = None
        payload = self._payloads.at(told.kind, pattern, {})
        for name, each in carried.items():
            joined = types.join(payload.get(name, NEVER), each)
            if name not in payload or joined != payload[name]:
                payload[name] = joined
                self._heard(told.kind, pattern)

    def _heard(self, kind: str, pattern: Pattern) -> None:
        """Whoever waits for this is read again."""
        for studies in self._listeners.met(kind, pattern):
            for study in studies.values():
                study.is_stale = True

    def call(self, study: Study, node: OutlineNode, process_id: str, given: Mapping[str, Type]) -> Mapping[str, Type]:
        """Note what a call gives to a process; answer the variables of that process."""
        called = self.studies.get(process_id)
        if called is None:
            return {}
        self.called.add(process_id)
        self.calls[id(node), process_id] = CallSite(study, node, process_id, frozenset(given))
        self._callers[process_id][id(study)] = study
        called.give(given)
        return called.types

    # ------------------------------------------------------------------ what is not known
    def is_open(self, study: Study) -> bool:
        """Whether variables can come from outside that no file tells: then a name without a writer may still be one of them."""
        if any(self._is_unknown(study, node) for node in study.nodes):
            return True
        begun = [node for node in study.process.nodes.values() if node.kind == "startEvent"]
        plain = [node for node in begun if not node.triggers]
        if begun and not plain:
            return False
        if study.process.process_id in self.called:
            return False
        names = ("form", "groups", "variables")
        return not plain or not any(name in plain[0].extensions.properties or plain[0].extensions.form_id for name in names)

    def _is_unknown(self, study: Study, node: OutlineNode) -> bool:
        """A handler that does not say what it gives, or a message that nobody of the set throws."""
        topics, topic = self.sources.topics, node.extensions.topic
        if topic not in (None, SEND) and (topics is None or topic not in topics or topics[topic or ""].gives is None):
            return True
        if node.kind == "callActivity" and (node.extensions.called_process or node.element.get("calledElement") or "").strip() not in self.studies:
            return True
        by_hand = {"act", "groups"} & node.extensions.properties.keys()
        return not by_hand and any(not self._thrown.meets(told.kind, told.pattern) for told in study.names(node).caught)

    def thrown(self, told: Told) -> list[Throw]:
        """Who throws a message or signal of this name."""
        return [self.throws[key] for keys in self._thrown.met(told.kind, told.pattern) for key in keys]

    def key_of(self, study: Study) -> str | None:
        """The variable that the engine sets to the key of the instance."""
        return extensions_of(study.process.element).properties.get("key")
