"""Decision tables as readers and writers of variables: what their inputs read, what their cells compare with, what they can give. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ..feel import DecisionsRefused, FeelSyntaxError
from ..feel import nodes as n
from ..feel.dmn.read_base import known_names, one_line
from ..feel.dmn.xml import Element, child, children, local_name, parse, text_of
from ..feel.parser import parse_expression, parse_unary_tests
from . import types
from .inference import Reading
from .report import Place
from .types import ANY, NEVER, Type


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision as written."""

    id: str
    names: tuple[str, ...]
    """Under which its result is seen by the decisions that require it."""
    requires: tuple[str, ...]
    element: Element
    file: str
    known: frozenset[str]
    models: Mapping[str, Element]
    """The business knowledge models of its file by id."""

    def place(self, element: Element) -> Place:
        """Where a part of it stands."""
        owner: Element | None = element
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        return Place(file=self.file, line=int(element.sourceline or 0) or None, element_id=None if owner is None else owner.get("id"))


Told = Callable[[Decision, Element, str, Reading], None]
"""`(decision, element, text, reading)` of each expression that was read."""


def decisions_of(files: Mapping[str, bytes]) -> dict[str, Decision]:
    """All decisions by id; what cannot be read is left out, for loading tells it."""
    found: dict[str, Decision] = {}
    for file in sorted(files):
        if not file.endswith(".dmn"):
            continue
        try:
            root = parse(files[file], file)
        except DecisionsRefused:
            continue
        known = known_names(root)
        models = {element.get("id", ""): element for element in children(root, "businessKnowledgeModel")}
        for element in children(root, "decision"):
            if element.get("id"):
                requires = tuple(_required(element))
                found.setdefault(element.get("id", ""), Decision(id=element.get("id", ""), names=_names(element), requires=requires, element=element, file=file, known=known, models=models))
    return found


def _names(element: Element) -> tuple[str, ...]:
    variable = child(element, "variable")
    found = [element.get("id"), element.get("name"), None if variable is None else variable.get("name")]
    return tuple(" ".join(name.split()) for name in found if name and name.strip())


def _required(element: Element) -> list[str]:
    wanted = (child(requirement, "requiredDecision") for requirement in children(element, "informationRequirement"))
    return [one.get("href", "").removeprefix("#") for one in wanted if one is not None]


def _local_names(element: Element, whole: Element) -> list[str] | None:
    """The names that boxes around an element give it; None inside the condition of a filter."""
    found: list[str] = []
    inner, outer = element, element.getparent()
    while outer is not None and inner is not whole:
        kind = local_name(outer)
        if kind == "match":
            return None
        if kind == "context":
            before = list(children(outer, "contextEntry"))
            found += [name for entry in before[: before.index(inner)] for name in _variable_names(entry)]
        if kind in ("for", "some", "every"):
            found += [outer.get("iteratorVariable") or "", "partial"]
        found += [parameter.get("name") or "" for parameter in children(outer, "formalParameter")]
        inner, outer = outer, outer.getparent()
    return [one_line(name) for name in found if name.strip()]


def _variable_names(entry: Element) -> list[str]:
    variable = child(entry, "variable")
    return [] if variable is None else [variable.get("name") or ""]


@lru_cache(maxsize=4096)
def _parsed(text: str, known: frozenset[str]) -> n.Node | None:
    try:
        return parse_expression(text, known)
    except FeelSyntaxError:
        return None


@lru_cache(maxsize=4096)
def _parsed_tests(text: str, known: frozenset[str]) -> n.Tests | None:
    try:
        return parse_unary_tests(text, known)
    except FeelSyntaxError:
        return None


@dataclass
class DecisionReader:
    """Reads a decision, and those that it requires, with the variables of one business rule task."""

    decisions: Mapping[str, Decision]
    reading: Callable[[Mapping[str, Type]], Reading]
    """A new reading; the results of required decisions hide variables of the same name."""
    told: Told

    def result(self, decision_id: str, below: frozenset[str] = frozenset()) -> Type:
        """What the decision can give."""
        decision = self.decisions.get(decision_id)
        if decision is None or decision_id in below:
            return ANY
        results: dict[str, Type] = {}
        for required in decision.requires:
            found = self.result(required, below | {decision_id})
            results |= dict.fromkeys(self.decisions[required].names if required in self.decisions else (), found)
        models = {name: ANY for model in decision.models.values() for name in _names(model)}
        self._models(decision, decision.element, models, set())
        table, formula = child(decision.element, "decisionTable"), child(decision.element, "literalExpression")
        if table is not None:
            return self._table(decision, table, models | results)
        if formula is not None:
            return self._expression(decision, formula, models | results)
        return self._boxed(decision, decision.element, models | results)

    def _models(self, decision: Decision, element: Element, models: Mapping[str, Type], done: set[str]) -> None:
        """Read the logic of the models that an element requires."""
        for requirement in children(element, "knowledgeRequirement"):
            wanted = child(requirement, "requiredKnowledge")
            model_id = "" if wanted is None else wanted.get("href", "").rpartition("#")[2]
            if model_id in decision.models and model_id not in done:
                done.add(model_id)
                self._boxed(decision, decision.models[model_id], models)
                self._models(decision, decision.models[model_id], models, done)

    def _boxed(self, decision: Decision, whole: Element, results: Mapping[str, Type]) -> Type:
        """Read the literal expressions inside a boxed one; what a filter looks at has names of its own, and is left out."""
        for element in whole.iter("{*}literalExpression"):
            local = _local_names(element, whole)
            if local is not None:
                inner = replace(decision, known=decision.known | frozenset(local))
                self._expression(inner, element, {**results, **dict.fromkeys(local, ANY)})
        return ANY

    def _table(self, decision: Decision, table: Element, results: Mapping[str, Type]) -> Type:
        inputs = [self._input(decision, column, results) for column in children(table, "input")]
        columns = list(children(table, "output"))
        outputs: list[Type] = [NEVER for _ in columns]
        for rule in children(table, "rule"):
            for cell, value in zip(children(rule, "inputEntry"), inputs, strict=False):
                self._cell(decision, cell, value, results)
            for place, cell in enumerate(list(children(rule, "outputEntry"))[: len(columns)]):
                outputs[place] = types.join(outputs[place], self._expression(decision, cell, results))
        for place, column in enumerate(columns):
            default = child(column, "defaultOutputEntry")
            if default is not None:
                outputs[place] = types.join(outputs[place], self._expression(decision, default, results))
        whole = outputs[0] if len(columns) == 1 else types.context_of({column.get("name") or "": one for column, one in zip(columns, outputs, strict=True)})
        policy = (table.get("hitPolicy") or "UNIQUE").upper()
        if policy == "COLLECT" and table.get("aggregation"):
            return types.NUMBER
        return types.list_of(whole) if policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") else whole

    def _input(self, decision: Decision, column: Element, results: Mapping[str, Type]) -> Type:
        source = child(column, "inputExpression")
        if source is None:
            return ANY
        value = self._expression(decision, source, results)
        listed = child(column, "inputValues")
        if listed is not None:
            self._cell(decision, listed, value, results)
        return value

    def _expression(self, decision: Decision, element: Element, results: Mapping[str, Type]) -> Type:
        text = text_of(element)
        node = _parsed(text, decision.known) if text else None
        if node is None:
            return ANY if text else NEVER
        reading = self.reading(results)
        found = reading.expression(node)
        self.told(decision, element, text, reading)
        return found

    def _cell(self, decision: Decision, element: Element, value: Type, results: Mapping[str, Type]) -> None:
        text = text_of(element)
        if text in ("", "-"):
            return
        tests = _parsed_tests(text, decision.known)
        if tests is None:
            return
        reading = self.reading(results)
        reading.tests(tests, value)
        self.told(decision, element, text, reading)
