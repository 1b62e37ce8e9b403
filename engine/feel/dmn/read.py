"""DMN XML → compiled decisions; gathers everything that is wrong before it refuses."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from ..expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from ..kinds import Value
from ..nodes import Literal, ValueTest
from ..parser import parse_unary_tests
from .model import DecisionNode, DecisionsRefused, Definition, Formula, InputColumn, Kind, Logic, OutputColumn, Rule, Table
from .read_base import one_line
from .read_boxed import BoxedReader
from .xml import Element, child, children, local_name, parse, text_of

_POLICIES = frozenset(("UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"))
_AGGREGATIONS = frozenset(("", "SUM", "MIN", "MAX", "COUNT"))
_OWNERS = {"decision": "requiredDecision", "businessKnowledgeModel": "requiredKnowledge"}
Nodes = dict[str, DecisionNode]


def read(data: bytes, file: str) -> tuple[Nodes, Nodes]:
    """All decisions of the file by id, and its business knowledge models. Raises DecisionsRefused with everything that is wrong."""
    reader = _Reader(parse(data, file), file)
    found = reader.nodes()
    if reader.problems:
        raise DecisionsRefused(tuple(reader.problems))
    return found


class _Reader(BoxedReader):
    """Reads one file; `problems` grows as it goes."""

    def nodes(self) -> tuple[Nodes, Nodes]:
        """The decisions and the business knowledge models by id."""
        for found in children(self.root, "import"):
            self.problem(found, "import", "imports of other models are not supported", "Put the decision into this file.")
        self.read_kinds()
        decisions: Nodes = {}
        models: Nodes = {}
        for element in children(self.root, *_OWNERS):
            node = self._node(element)
            if node is None:
                continue
            if node.id in decisions or node.id in models:
                self.problem(element, "id", "two decisions have the id {decision}", "Give one of them another id.", decision=node.id)
            (decisions if local_name(element) == "decision" else models)[node.id] = node
        if not decisions and not self.problems:
            self.problem(self.root, "decision", "the file holds no decision", "Add a decision.")
        self._check_requirements(decisions | models)
        return decisions, models

    def _node(self, element: Element) -> DecisionNode | None:
        node_id = element.get("id")
        if not node_id:
            self.problem(element, "id", "the decision has no id", "Give it an id.")
            return None
        name, variable = element.get("name") or node_id, child(element, "variable")
        is_decision = local_name(element) == "decision"
        kind = self.kind(element, "" if variable is None or not is_decision else variable.get("typeRef") or "")
        logic = self.expression_in(element, kind) if is_decision else self._model(element, name)
        if logic is None:
            return None
        names = [node_id, name, "" if variable is None else variable.get("name") or ""]
        result_names = tuple(dict.fromkeys(one_line(found) for found in names if found.strip()))
        requires = tuple(self._requirements(element))
        boxed_kind = Kind() if isinstance(logic, Table | Formula | Definition) else kind
        inputs = tuple(self._inputs(element))
        return DecisionNode(id=node_id, name=name, result_names=result_names, requires=requires, inputs=inputs, logic=logic, kind=boxed_kind)

    def _inputs(self, element: Element) -> Iterator[tuple[str, Kind]]:
        for requirement in children(element, "informationRequirement"):
            required = child(requirement, "requiredInput")
            found = None if required is None else self._input_data.get((required.get("href") or "").rpartition("#")[2])
            if found is not None:
                yield found

    @cached_property
    def _input_data(self) -> Mapping[str, tuple[str, Kind]]:
        """The names and types of the input data by id."""
        found: dict[str, tuple[str, Kind]] = {}
        for element in children(self.root, "inputData"):
            variable = child(element, "variable")
            name = one_line(None if variable is None else variable.get("name") or element.get("name"))
            if variable is not None and name:
                found[element.get("id") or ""] = (name, self.kind(variable, variable.get("typeRef") or ""))
        return found

    def _model(self, element: Element, name: str) -> Logic | None:
        logic = child(element, "encapsulatedLogic")
        if logic is None:
            self.problem(element, "logic", "{part} has no logic", "Give it a decision table or another expression.", part=f"businessKnowledgeModel {name}")
            return None
        return self.definition(logic, name)

    def _requirements(self, element: Element) -> list[str]:
        here = (element.getroottree().getroot().get("namespace") or "") + "#"
        services = {service.get("id") for service in children(self.root, "decisionService")}
        found_ids: list[str] = []
        for requirement in children(element, "informationRequirement", "knowledgeRequirement"):
            required = next(children(requirement, *_OWNERS.values()), None)
            if required is None:
                if local_name(requirement) == "knowledgeRequirement":
                    self.problem(requirement, "requirement", "the requirement names no business knowledge model", "Name it, or remove the requirement.")
                continue
            reference = required.get("href") or ""
            if not reference.startswith(("#", here)):
                self.problem(required, "requirement", "the required decision {reference} is not in this file", "Put it there.", reference=reference)
            elif reference.partition("#")[2] in services:
                self.problem(required, "requirement", "calling the decision service {reference} is not supported", "Require its decisions.", reference=reference)
            else:
                found_ids.append(reference.partition("#")[2])
        return found_ids

    # Tables

    def table(self, element: Element) -> Table | None:
        """A decision table."""
        before = len(self.problems)
        policy = element.get("hitPolicy") or "UNIQUE"
        aggregation = element.get("aggregation") or ""
        if policy not in _POLICIES:
            self.problem(element, "hit_policy", "there is no hit policy {policy}", "Use one of {policies}", policy=policy, policies=", ".join(sorted(_POLICIES)))
        if aggregation not in _AGGREGATIONS or (aggregation and policy != "COLLECT"):
            self.problem(element, "hit_policy", "aggregation {aggregation} does not go with {policy}", "Use COLLECT with SUM, MIN, MAX, COUNT.", aggregation=aggregation, policy=policy)
        inputs = [self._input(found) for found in children(element, "input")]
        outputs = [self._output(found, policy) for found in children(element, "output")]
        self._check_outputs(element, policy, aggregation, outputs)
        rules = [self._rule(found, number, len(inputs), len(outputs)) for number, found in enumerate(children(element, "rule"), 1)]
        if len(self.problems) > before:
            return None
        return Table(
            hit_policy=policy,
            aggregation=aggregation,
            inputs=tuple(column for column in inputs if column is not None),
            outputs=tuple(outputs),
            rules=tuple(rules),
        )

    def _check_outputs(self, element: Element, policy: str, aggregation: str, outputs: list[OutputColumn]) -> None:
        if not outputs:
            self.problem(element, "output", "the table has no output", "Add an output column.")
        if len(outputs) > 1:
            names = [column.name for column in outputs]
            if "" in names or len(set(names)) != len(names):
                self.problem(element, "output", "each of several outputs needs a name of its own", "Name the output columns.")
            if aggregation:
                self.problem(element, "output", "{aggregation} needs a single output", "Remove the other output columns.", aggregation=aggregation)
        if policy in ("PRIORITY", "OUTPUT ORDER") and not any(column.ranking for column in outputs):
            self.problem(element, "hit_policy", "{policy} needs an output with listed values", 'List them, the first ranks highest: "a","b".', policy=policy)

    def _input(self, element: Element) -> InputColumn | None:
        source = child(element, "inputExpression")
        expression = self.compile(compile_expression, source)
        label = element.get("label") or text_of(source) or element.get("id") or ""
        kind = Kind() if source is None else self.kind(source, source.get("typeRef") or "")
        allowed = self.compile(compile_unary_tests, child(element, "inputValues"))
        if expression is None:
            if not text_of(source):
                self.problem(element, "expression", "the input {label} has no expression", "Name the variable that it reads.", label=label)
            return None
        return InputColumn(label=label, expression=expression, kind=kind, allowed=allowed)

    def _output(self, element: Element, policy: str) -> OutputColumn:
        values = child(element, "outputValues")
        allowed = self.compile(compile_unary_tests, values)
        kind = self.kind(element, element.get("typeRef") or "")
        return OutputColumn(
            name=element.get("name") or "",
            kind=kind,
            allowed=allowed,
            ranking=self._ranking(values, policy) if allowed else (),
            default=self.compile(compile_expression, child(element, "defaultOutputEntry")),
        )

    def _ranking(self, element: Element | None, policy: str) -> tuple[Value, ...]:
        ranking: list[Value] = []
        for test in parse_unary_tests(text_of(element), self.names).tests:
            if isinstance(test, ValueTest) and isinstance(test.operand, Literal):
                ranking.append(test.operand.value)
            elif policy in ("PRIORITY", "OUTPUT ORDER") and element is not None:
                self.problem(element, "hit_policy", "{policy} needs plain values here", 'List them: "a","b".', policy=policy)
        return tuple(ranking)

    def _rule(self, element: Element, number: int, inputs: int, outputs: int) -> Rule:
        cells = list(children(element, "inputEntry"))
        results = list(children(element, "outputEntry"))
        if len(cells) != inputs or len(results) != outputs:
            template = "rule {number} has {cells} input and {results} output cells for {inputs} and {outputs} columns"
            counts = {"cells": len(cells), "results": len(results), "inputs": inputs, "outputs": outputs}
            self.problem(element, "table", template, "Save the table again from the modeler.", number=number, **counts)
        tests: list[UnaryTests | None] = []
        for cell in cells:
            tests.append(None if text_of(cell) in ("", "-") else self.compile(compile_unary_tests, cell))
        values: list[Expression] = []
        for cell in results:
            empty = compile_expression("null")
            values.append(empty if not text_of(cell) else self.compile(compile_expression, cell) or empty)
        return Rule(id=element.get("id") or f"rule {number}", tests=tuple(tests), outputs=tuple(values))

    # Requirements

    def _check_requirements(self, decisions: Mapping[str, DecisionNode]) -> None:
        elements = {element.get("id"): element for element in children(self.root, *_OWNERS)}
        for decision in decisions.values():
            for required in decision.requires:
                if required not in elements:
                    self.problem(elements[decision.id], "requirement", "there is no decision {required} to require", "Mend the requirement.", required=required)
        done: set[str] = set()
        for decision in decisions.values():
            if self._is_circular(decision, decisions, done):
                self.problem(elements[decision.id], "requirement", "the decision {decision} requires itself", "Break the circle.", decision=decision.id)
                return

    def _is_circular(self, start: DecisionNode, decisions: Mapping[str, DecisionNode], done: set[str]) -> bool:
        path: list[tuple[str, int]] = [(start.id, 0)]
        active = {start.id}
        while path:
            current, place = path.pop()
            requires = decisions[current].requires if current in decisions and current not in done else ()
            if place >= len(requires):
                active.discard(current)
                done.add(current)
                continue
            path.append((current, place + 1))
            following = requires[place]
            if following in active:
                return True
            if following not in done:
                active.add(following)
                path.append((following, 0))
        return False
