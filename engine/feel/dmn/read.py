"""DMN XML → compiled decisions; gathers everything that is wrong before it refuses."""

from collections.abc import Callable
from typing import TypeVar

from ...errors import Problem, said_with
from ..errors import FeelSyntaxError
from ..expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from ..kinds import Value
from ..nodes import Literal, ValueTest
from ..parser import parse_unary_tests
from .model import DecisionNode, DecisionsRefused, Formula, InputColumn, Kind, OutputColumn, Rule, Table
from .xml import Element, child, children, local_name, parse, text_of

Compiled = TypeVar("Compiled")
_POLICIES = frozenset(("UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"))
_AGGREGATIONS = frozenset(("", "SUM", "MIN", "MAX", "COUNT"))
_KINDS = {
    "": Kind(),
    "any": Kind(),
    "string": Kind(name="string"),
    "boolean": Kind(name="boolean"),
    "number": Kind(name="number"),
    "double": Kind(name="number"),
    "integer": Kind(name="number", is_whole=True),
    "long": Kind(name="number", is_whole=True),
    "date": Kind(name="date"),
    "time": Kind(name="time"),
    "datetime": Kind(name="date and time"),
    "date and time": Kind(name="date and time"),
    "daytimeduration": Kind(name="days and time duration"),
    "days and time duration": Kind(name="days and time duration"),
    "yearmonthduration": Kind(name="years and months duration"),
    "years and months duration": Kind(name="years and months duration"),
    "context": Kind(name="context"),
    "list": Kind(name="list"),
}


def read(data: bytes, file: str) -> dict[str, DecisionNode]:
    """All decisions of the file by id. Raises DecisionsRefused with everything that is wrong."""
    reader = _Reader(parse(data, file), file)
    decisions = reader.decisions()
    if reader.problems:
        raise DecisionsRefused(tuple(reader.problems))
    return decisions


class _Reader:
    """Reads one file; `problems` grows as it goes."""

    def __init__(self, root: Element, file: str) -> None:
        self.root = root
        self.file = file
        self.problems: list[Problem] = []
        self.names: frozenset[str] = frozenset()
        self.kinds: dict[str, Kind] = {}

    def problem(self, element: Element, rule: str, template: str, fix: str, **params: object) -> None:
        """Note a fault of this element; it is named by its own id or that of the nearest element around it."""
        owner: Element | None = element
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        element_id = None if owner is None else str(owner.get("id"))
        line = int(element.sourceline or 0)
        self.problems.append(Problem(file=self.file, line=line, element_id=element_id, rule=rule, template=template, fix_template=fix, params=said_with(params)))

    def decisions(self) -> dict[str, DecisionNode]:
        """The decisions by id."""
        for found in children(self.root, "import"):
            self.problem(found, "import", "imports of other models are not supported", "Put the decision into this file.")
        self.names = self._all_names()
        self._read_kinds()
        decisions: dict[str, DecisionNode] = {}
        for element in children(self.root, "decision"):
            decision = self._decision(element)
            if decision is None:
                continue
            if decision.id in decisions:
                self.problem(element, "id", "two decisions have the id {decision}", "Give one of them another id.", decision=decision.id)
            decisions[decision.id] = decision
        if not decisions and not self.problems:
            self.problem(self.root, "decision", "the file holds no decision", "Add a decision.")
        self._check_requirements(decisions)
        return decisions

    def _all_names(self) -> frozenset[str]:
        """Names of inputs and decisions, which may hold spaces and signs."""
        found = [element.get("name") or "" for element in children(self.root, "decision", "inputData")]
        for element in children(self.root, "decision", "inputData"):
            variable = child(element, "variable")
            found.append("" if variable is None else variable.get("name") or "")
        return frozenset(" ".join(name.split()) for name in found if name.strip())

    def _read_kinds(self) -> None:
        for element in children(self.root, "itemDefinition"):
            name, base = element.get("name") or "", child(element, "typeRef")
            kind = Kind(name="context") if child(element, "itemComponent") is not None else Kind()
            if base is not None:
                kind = self._kind(element, (base.text or "").strip())
            allowed = self._compile(compile_unary_tests, child(element, "allowedValues"))
            is_list = element.get("isCollection") == "true" or kind.is_list
            self.kinds[name] = Kind(name=kind.name, is_whole=kind.is_whole, is_list=is_list, allowed=allowed or kind.allowed)

    def _kind(self, element: Element, reference: str) -> Kind:
        name = reference.rpartition(":")[2]
        if name in self.kinds:
            return self.kinds[name]
        kind = _KINDS.get(name.lower())
        if kind is None:
            self.problem(element, "type", "there is no type {reference}", "Use a type of FEEL such as string or number.", reference=reference)
            return Kind()
        return kind

    def _compile(self, compiler: Callable[[str, frozenset[str]], Compiled], element: Element | None) -> Compiled | None:
        """The compiled text of the element; None when it has none or is wrong."""
        text = text_of(element)
        if element is None or not text:
            return None
        language = element.get("expressionLanguage") or ""
        if language and "feel" not in language.lower():
            self.problem(element, "expression", "the expression language {language} is not supported", "Use FEEL.", language=language)
            return None
        try:
            return compiler(text, self.names)
        except FeelSyntaxError as fault:
            self.problem(element, "expression", "{error}", "Mend the expression.", error=fault.saying)
            return None

    def _decision(self, element: Element) -> DecisionNode | None:
        decision_id = element.get("id")
        if not decision_id:
            self.problem(element, "id", "the decision has no id", "Give it an id.")
            return None
        name, variable = element.get("name") or decision_id, child(element, "variable")
        names = [decision_id, name, "" if variable is None else variable.get("name") or ""]
        logic = self._logic(element, variable)
        if logic is None:
            return None
        result_names = tuple(dict.fromkeys(" ".join(found.split()) for found in names if found.strip()))
        requires = tuple(self._requirements(element))
        return DecisionNode(id=decision_id, name=name, result_names=result_names, requires=requires, logic=logic)

    def _requirements(self, element: Element) -> list[str]:
        for found in children(element, "knowledgeRequirement"):
            self.problem(found, "requirement", "business knowledge models are not supported", "Write the logic into the decision.")
        found_ids: list[str] = []
        for requirement in children(element, "informationRequirement"):
            required = child(requirement, "requiredDecision")
            if required is None:
                continue
            reference = required.get("href") or ""
            if not reference.startswith("#"):
                self.problem(required, "requirement", "the required decision {reference} is not in this file", "Put it there.", reference=reference)
                continue
            found_ids.append(reference[1:])
        return found_ids

    def _logic(self, element: Element, variable: Element | None) -> Table | Formula | None:
        table, formula = child(element, "decisionTable"), child(element, "literalExpression")
        if table is not None:
            return self._table(table)
        if formula is not None:
            reference = "" if variable is None else variable.get("typeRef") or ""
            kind = self._kind(formula, formula.get("typeRef") or reference)
            expression = self._compile(compile_expression, formula)
            if expression is None:
                if not text_of(formula):
                    self.problem(formula, "expression", "the literal expression is empty", "Write an expression.")
                return None
            return Formula(expression=expression, kind=kind)
        boxed = next(children(element, "context", "invocation", "list", "relation", "functionDefinition"), None)
        template = "boxed {kind} is not supported" if boxed is not None else "the decision has no logic"
        kind_of = {"kind": local_name(boxed)} if boxed is not None else {}
        self.problem(element, "logic", template, "Give it a decision table or a literal expression.", **kind_of)
        return None

    # Tables

    def _table(self, element: Element) -> Table | None:
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
        expression = self._compile(compile_expression, source)
        label = element.get("label") or text_of(source) or element.get("id") or ""
        kind = Kind() if source is None else self._kind(source, source.get("typeRef") or "")
        allowed = self._compile(compile_unary_tests, child(element, "inputValues"))
        if expression is None:
            if not text_of(source):
                self.problem(element, "expression", "the input {label} has no expression", "Name the variable that it reads.", label=label)
            return None
        return InputColumn(label=label, expression=expression, kind=kind, allowed=allowed or kind.allowed)

    def _output(self, element: Element, policy: str) -> OutputColumn:
        values = child(element, "outputValues")
        allowed = self._compile(compile_unary_tests, values)
        kind = self._kind(element, element.get("typeRef") or "")
        return OutputColumn(
            name=element.get("name") or "",
            kind=kind,
            allowed=allowed or kind.allowed,
            ranking=self._ranking(values, policy) if allowed else (),
            default=self._compile(compile_expression, child(element, "defaultOutputEntry")),
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
            tests.append(None if text_of(cell) in ("", "-") else self._compile(compile_unary_tests, cell))
        values: list[Expression] = []
        for cell in results:
            empty = compile_expression("null")
            values.append(empty if not text_of(cell) else self._compile(compile_expression, cell) or empty)
        return Rule(id=element.get("id") or f"rule {number}", tests=tuple(tests), outputs=tuple(values))

    # Requirements

    def _check_requirements(self, decisions: dict[str, DecisionNode]) -> None:
        elements = {element.get("id"): element for element in children(self.root, "decision")}
        for decision in decisions.values():
            for required in decision.requires:
                if required not in elements:
                    self.problem(elements[decision.id], "requirement", "there is no decision {required} to require", "Mend the requirement.", required=required)
        done: set[str] = set()
        for decision in decisions.values():
            if self._is_circular(decision, decisions, done):
                self.problem(elements[decision.id], "requirement", "the decision {decision} requires itself", "Break the circle.", decision=decision.id)
                return

    def _is_circular(self, start: DecisionNode, decisions: dict[str, DecisionNode], done: set[str]) -> bool:
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
