"""Loads the files of one deployment into `Definitions`: read, checked, desugared, parsed by SpiffWorkflow, assembled.

Pure and slow; callers keep the result by the digest of the files. SpiffWorkflow is imported here, when a diagram is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..errors import DefinitionError, Problem, Saying, said_with
from ..feel import Decisions, DecisionsRefused, FeelError, load_decisions
from .checks import check_file
from .checks.activities import called_process
from .checks.deployment import check_deployment
from .expressions import Formula, Formulas
from .extensions import extensions_of
from .graph import ProcessGraph, Trigger
from .outline import Outline, OutlineNode, OutlineScope
from .read import Unreadable, local_name, read
from .timers import TimerError, first_not_before, following, schedule


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """What is known of one element of a diagram (节点), for listing, tracing and drawing."""

    id: str
    type: str
    name: str
    line: int | None
    basis: str | None
    properties: Mapping[str, str]
    lane: str | None
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    scope: str | None
    form_id: str | None = None
    topic: str | None = None
    message: str | None = None
    signal: str | None = None
    called: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StartPoint:
    """Where an instance may begin by itself: `kind` is message, signal or timer; `name` of the message or signal."""

    process_id: str
    element_id: str
    kind: str
    name: str = ""
    key: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StartTimer:
    """A turn of a timer start event. `left`: turns after this one, -1 without end; `is_dated`: it is a date, which comes only once."""

    due_at: datetime
    every: str | None = None
    left: int = 0
    is_dated: bool = False


def next_start(last: StartTimer, zone: str) -> StartTimer | None:
    """The turn of a timer start event after this one, counted from when it was due; None when there is none."""
    if last.every is None:
        return None
    turn = following(last.due_at, last.every, last.left, zone)
    return StartTimer(due_at=turn.due_at, every=turn.every, left=turn.left) if turn is not None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessDefinition:
    """One process of a deployment (流程定义)."""

    id: str
    name: str
    file: str
    elements: Mapping[str, Element]
    properties: Mapping[str, str]
    flows: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class Definitions:
    """All processes and decisions of one deployment. Immutable and shareable."""

    def __init__(
        self,
        processes: Mapping[str, ProcessDefinition],
        graphs: Mapping[str, ProcessGraph],
        decisions: DecisionSet,
        starts: tuple[StartPoint, ...],
        warnings: tuple[Problem, ...],
    ) -> None:
        self.processes = processes
        self.warnings = warnings
        self.starts = starts
        self.decisions = decisions
        self._graphs = graphs

    @property
    def graphs(self) -> Mapping[str, ProcessGraph]:
        """What the machine runs. For the kernel only."""
        return self._graphs

    def starts_plainly(self, process_id: str) -> bool:
        """Whether a process can be started by itself, without an event."""
        return bool(self._graphs[process_id].containers[None].entries)

    def starts_by_message(self, name: str) -> tuple[tuple[str, str], ...]:
        """`(process, element)` of every start event for a message."""
        return self._starts_by("message", name)

    def starts_by_signal(self, name: str) -> tuple[tuple[str, str], ...]:
        """`(process, element)` of every start event for a signal."""
        return self._starts_by("signal", name)

    def starts_by_timer(self) -> tuple[tuple[str, str], ...]:
        """`(process, element)` of every start event with a timer, once each."""
        return tuple(dict.fromkeys(self._starts_by("timer", "")))

    def start_timers(self, process_id: str, element_id: str, now: datetime, zone: str) -> tuple[StartTimer | None, ...]:
        """The first turn of each timer of a start event in the order drawn, seen from its deployment; None where all its turns lie before.

        A date that lies before is due at once. Of a cycle with a first date, the turns before the deployment are passed over: nobody
        missed them. Raises DefinitionError for what gives no time.
        """
        triggers = [trigger for trigger in self._graphs[process_id].elements[element_id].triggers if trigger.kind == "timer"]
        return tuple(self._first_turn(process_id, element_id, trigger, now, zone) for trigger in triggers)

    def _first_turn(self, process_id: str, element_id: str, trigger: Trigger, now: datetime, zone: str) -> StartTimer | None:
        assert trigger.formula is not None
        assert trigger.time_kind is not None
        reasons: list[str] = []
        try:
            value = trigger.formula.constant(now, zone, reasons)
            turn = first_not_before(schedule(trigger.time_kind, value, now, zone), now, zone)
        except (FeelError, TimerError) as error:
            raise DefinitionError([self._no_time(process_id, element_id, trigger.formula, error.saying, reasons)]) from None
        if turn is None:
            return None
        return StartTimer(due_at=turn.due_at, every=turn.every, left=turn.left, is_dated=trigger.time_kind == "timeDate")

    def _no_time(self, process_id: str, element_id: str, formula: Formula, error: Saying, reasons: Sequence[str]) -> Problem:
        process = self.processes[process_id]
        why = Saying("{error} ({reasons})", error=error, reasons="; ".join(reasons[:3])) if reasons else error
        return Problem(
            file=process.file,
            line=process.elements[element_id].line,
            element_id=element_id,
            rule="timer",
            template="its time {text} gives none when it is deployed: {why}",
            fix_template="write an ISO 8601 text, or = FEEL that needs no variable, no limit and no setting: no instance has begun yet",
            params=said_with({"text": repr(formula.text), "why": why}),
        )

    def _starts_by(self, kind: str, name: str) -> tuple[tuple[str, str], ...]:
        return tuple((s.process_id, s.element_id) for s in self.starts if s.kind == kind and s.name == name)


class DecisionSet:
    """The decisions of all files of a deployment, by id."""

    def __init__(self, files: Collection[Decisions]) -> None:
        self._by_id = {decision_id: decisions for decisions in files for decision_id in decisions.decisions}

    def __contains__(self, decision_id: object) -> bool:
        return decision_id in self._by_id

    def file_of(self, decision_id: str) -> Decisions:
        """The file that holds a decision."""
        return self._by_id[decision_id]


def load(files: Mapping[str, bytes], *, topics: Collection[str] | None = None, forms: Collection[str] | None = None) -> Definitions:
    """Read and check every file (`*.bpmn`, `*.dmn`) of one deployment.

    With `topics` or `forms`, a task that names another is a problem. Raises DefinitionError with all problems at once.
    """
    examined = examine(files, topics=topics, forms=forms)
    errors = [problem for problem in examined.problems if problem.severity == "error"]
    if errors:
        raise DefinitionError(errors)
    return examined.assembled()


@dataclass(frozen=True, kw_only=True)
class Examined:
    """The files of a deployment as read and checked, before anything is made of them."""

    outlines: tuple[Outline, ...]
    problems: tuple[Problem, ...]
    decisions: DecisionSet
    formulas: Formulas

    def assembled(self) -> Definitions:
        """What can be run. Only where no problem is an error."""
        return _assembled(list(self.outlines), self.decisions, self.formulas, self.problems)


def examine(
    files: Mapping[str, bytes],
    *,
    topics: Collection[str] | None = None,
    forms: Collection[str] | None = None,
    on_file: Callable[[str], None] | None = None,
) -> Examined:
    """Read and check every file, errors and warnings alike. `on_file` is told each file's name when it is done."""
    problems: list[Problem] = []
    decisions = _decisions(files, problems)
    outlines: list[Outline] = []
    formulas = Formulas()
    for name in sorted(files):
        if name.endswith(".dmn"):
            continue
        try:
            outline = Outline(name, read(name, files[name]))
        except Unreadable as error:
            problems.append(error.problem)
        else:
            outlines.append(outline)
            problems.extend(check_file(outline, formulas))
        if on_file is not None:
            on_file(name)
    problems.extend(check_deployment(outlines, decisions, topics, forms))
    return Examined(outlines=tuple(outlines), problems=tuple(problems), decisions=decisions, formulas=formulas)


def _decisions(files: Mapping[str, bytes], problems: list[Problem]) -> DecisionSet:
    loaded = []
    for name in sorted(files):
        if name.endswith(".dmn"):
            try:
                loaded.append(load_decisions(files[name], name))
            except DecisionsRefused as refused:
                problems.extend(replace(p, rule="dmn") for p in refused.problems)
    return DecisionSet(loaded)


def _assembled(outlines: list[Outline], decisions: DecisionSet, formulas: Formulas, warnings: tuple[Problem, ...]) -> Definitions:
    # SpiffWorkflow costs 0.15 s to import, and only loading a diagram needs it.
    from .assemble import Assembler
    from .desugar import desugar
    from .elements.spiffworkflow import parse

    processes: dict[str, ProcessDefinition] = {}
    graphs: dict[str, ProcessGraph] = {}
    starts: list[StartPoint] = []
    for outline in outlines:
        runnable = outline.runs
        for scope in runnable:
            processes[scope.process_id] = _definition(outline, scope)
        renamed = desugar(outline)
        assembler = Assembler(outline, parse(outline.root, outline.file), renamed, formulas)
        for scope in runnable:
            graphs[scope.process_id] = assembler.graph(scope)
            starts.extend(_starts(scope, graphs[scope.process_id]))
    return Definitions(processes, graphs, decisions, tuple(starts), warnings)


def _definition(outline: Outline, process: OutlineScope) -> ProcessDefinition:
    nodes = [node for node in outline.nodes if node.scope.process_id == process.process_id]
    flows = {flow.id: (flow.source, flow.target) for flow in outline.flows() if flow.scope.process_id == process.process_id}
    return ProcessDefinition(
        id=process.process_id,
        name=process.element.get("name") or process.process_id,
        file=outline.file,
        elements={node.id: _element(outline, node) for node in nodes},
        properties=extensions_of(process.element).properties,
        flows=flows,
    )


def _element(outline: Outline, node: OutlineNode) -> Element:
    own = node.extensions
    return Element(
        id=node.id,
        type=node.kind,
        name=node.element.get("name") or "",
        line=node.line,
        basis=own.properties.get("basis"),
        properties=own.properties,
        lane=node.lane,
        incoming=tuple(flow.id for flow in node.incoming),
        outgoing=tuple(flow.id for flow in node.outgoing),
        scope=node.scope.owner.id if node.scope.owner else None,
        form_id=own.form_id or own.properties.get("form"),
        topic=own.topic,
        message=_name_of(outline, node, "message"),
        signal=_name_of(outline, node, "signal"),
        called=called_process(node) or own.decision_id,
    )


def _name_of(outline: Outline, node: OutlineNode, kind: str) -> str | None:
    for holder in (node.element, *node.triggers):
        named = outline.referenced(holder, kind + "Ref")
        if named is not None and local_name(named) == kind:
            name: str | None = named.get("name")
            return name
    return node.extensions.headers.get("message") if kind == "message" and node.extensions.topic == "message.send" else None


def _starts(process: OutlineScope, graph: ProcessGraph) -> list[StartPoint]:
    events = [node for node in process.nodes.values() if node.kind == "startEvent"]
    for node in process.nodes.values():
        if node.instantiates:
            events.extend([node] if node.kind == "receiveTask" else [process.nodes[flow.target] for flow in node.outgoing])
    found = []
    for event in events:
        for trigger in graph.elements[event.id].triggers:
            name = trigger.name.text if trigger.name is not None else ""
            key = trigger.key.text if trigger.key is not None else None
            found.append(StartPoint(process_id=process.process_id, element_id=event.id, kind=trigger.kind, name=name, key=key))
    return found
