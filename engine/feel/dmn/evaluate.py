"""Evaluating decisions: required ones first, each once; then the hit policy of the table (DMN 1.3, 8.2.8).

When no rule matches, the result is the default outputs, else null; where a policy gives a list, it is empty, and COUNT of nothing is 0.
"""

from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from ...errors import Saying, said_of
from ..context import BUDGET, Context, Run
from ..errors import Undefined
from ..expression import Expression
from ..kinds import Value
from ..operators import add, equal, order
from . import boxed
from .model import DecisionError, DecisionNode, DecisionResult, Formula, Kind, Logic, OutputColumn, Rule, Table
from .types import typed

Outputs = tuple[Value, ...]
Hit = tuple[Rule, Outputs]
MatchedRules = list[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The decisions of one file, by id, and the business knowledge models that they call."""

    file: str
    decisions: Mapping[str, DecisionNode]
    models: Mapping[str, DecisionNode] = field(default_factory=dict)

    def evaluate(
        self,
        decision_id: str,
        variables: Mapping[str, Value],
        *,
        now: datetime | None = None,
        zone: str = "Asia/Shanghai",
        functions: Mapping[str, Callable[..., Value]] | None = None,
        budget: int = BUDGET,
    ) -> DecisionResult:
        """The result for these variables: one output gives its value, several a context by their names.

        Raises DecisionError (a FeelError) naming decision, rules and column; FeelError over budget.
        """
        if decision_id not in self.decisions:
            raise DecisionError(Saying("there is no such decision in {file}", file=self.file), decision_id)
        results: dict[str, Value] = {}
        context = Context(
            ChainMap(results, cast(MutableMapping[str, Value], variables)),  # It is only read from.
            now=now,
            zone=zone,
            functions=functions or {},
            budget=budget,
        )
        run = Run(context, "")
        matched: MatchedRules = []
        value: Value = None
        for decision in self._in_order(decision_id):
            results.update(_inputs(run, decision))
            value = _evaluate(run, decision, matched)
            results.update(dict.fromkeys(decision.result_names, value))
        return DecisionResult(value=value, matched_rules=tuple(matched), notes=tuple(context.notes))

    def _in_order(self, decision_id: str) -> list[DecisionNode]:
        """The decision and all that it requires, each after what it requires. There are no circles."""
        found: dict[str, DecisionNode] = {}
        pending = [decision_id]
        while pending:
            decision = self.decisions.get(pending[-1]) or self.models[pending[-1]]
            missing = [required for required in decision.requires if required not in found]
            if missing:
                pending.extend(missing)
                continue
            found[decision.id] = decision
            pending.pop()
        return list(found.values())


def load_decisions(data: bytes, file: str) -> Decisions:
    """The decisions of a DMN file, compiled. Raises DecisionsRefused with all its problems."""
    # Loads lxml, which an engine that only evaluates can do without.
    from .read import read

    decisions, models = read(data, file)
    return Decisions(file=file, decisions=decisions, models=models)


def _evaluate(run: Run, decision: DecisionNode, matched: MatchedRules) -> Value:
    return boxed.converted(run, _value(run, decision, decision.logic, matched), decision.kind, decision.id)


def _inputs(run: Run, decision: DecisionNode) -> dict[str, Value]:
    """The input data that there is, turned into their types. Raises DecisionError."""
    there = {name: run.variables[name] for name, wanted in decision.inputs if wanted.asks and name in run.variables}
    return {name: boxed.converted(run, there[name], wanted, decision.id, name) for name, wanted in decision.inputs if name in there}


def _value(run: Run, decision: DecisionNode, logic: Logic, matched: MatchedRules) -> Value:
    if isinstance(logic, Formula):
        return _checked(run, logic.expression.run(run), logic.kind, decision.id, (), "")
    if isinstance(logic, Table):
        return _table(run, decision, logic, matched)
    try:
        return boxed.value_of(run, logic, decision.id, lambda inner: _value(run, decision, inner, matched))
    except RecursionError:
        raise DecisionError("boxed expressions are nested or call each other too deeply", decision.id) from None


def _table(run: Run, decision: DecisionNode, table: Table, matched: MatchedRules) -> Value:
    values = [_input(run, decision, table, index) for index in range(len(table.inputs))]
    hits = [(rule, _outputs(run, decision, table, rule)) for rule in _matching(run, table, values)]
    if not hits:
        matched.append((decision.id, ()))
        return _default(run, decision, table)
    winners, value = _POLICIES[table.hit_policy](run, decision, table, hits)
    matched.append((decision.id, tuple(rule.id for rule, _ in winners)))
    return value


def _input(run: Run, decision: DecisionNode, table: Table, index: int) -> Value:
    column = table.inputs[index]
    value = _checked(run, column.expression.run(run), column.kind, decision.id, (), column.label)
    if value is not None and column.allowed is not None and column.allowed.run(run, value) is not True:
        raise DecisionError(Saying("the input is none of the allowed values {values}", values=column.allowed.text), decision.id, (), column.label)
    return value


def _matching(run: Run, table: Table, values: list[Value]) -> list[Rule]:
    found: list[Rule] = []
    for rule in table.rules:
        run.charge(1)
        if all(test is None or test.run(run, value) is True for test, value in zip(rule.tests, values, strict=True)):
            found.append(rule)
            if table.hit_policy == "FIRST":
                break
    return found


def _outputs(run: Run, decision: DecisionNode, table: Table, rule: Rule) -> Outputs:
    return tuple(
        _output(run, decision, column, expression, (rule.id,))
        for column, expression in zip(table.outputs, rule.outputs, strict=True)
    )


def _output(
    run: Run, decision: DecisionNode, column: OutputColumn, expression: Expression, rule_ids: tuple[str, ...]
) -> Value:
    value = _checked(run, expression.run(run), column.kind, decision.id, rule_ids, column.name)
    if value is not None and column.allowed is not None and column.allowed.run(run, value) is not True:
        raise DecisionError(Saying("the output is none of the listed values {values}", values=column.allowed.text), decision.id, rule_ids, column.name)
    return value


def _checked(run: Run, value: Value, wanted: Kind, decision_id: str, rule_ids: tuple[str, ...], column: str) -> Value:
    """The value, if it is of the wanted kind or can be turned into it; null always is."""
    try:
        return typed(run, value, wanted)
    except Undefined as reason:
        raise DecisionError(reason.saying, decision_id, rule_ids, column) from None


def _default(run: Run, decision: DecisionNode, table: Table) -> Value:
    if all(column.default is None for column in table.outputs):
        if table.aggregation:
            return 0 if table.aggregation == "COUNT" else None
        return [] if table.hit_policy in _LISTS else None
    values = tuple(
        None if column.default is None else _output(run, decision, column, column.default, ())
        for column in table.outputs
    )
    return _shaped(table, values)


def _shaped(table: Table, outputs: Outputs) -> Value:
    if len(table.outputs) == 1:
        return outputs[0]
    return {column.name: value for column, value in zip(table.outputs, outputs, strict=True)}


# Hit policies: the hits that made the result, and the result.

Policy = Callable[[Run, DecisionNode, Table, list[Hit]], tuple[list[Hit], Value]]


def _unique(run: Run, decision: DecisionNode, table: Table, hits: list[Hit]) -> tuple[list[Hit], Value]:
    if len(hits) > 1:
        raise DecisionError("UNIQUE allows one matching rule only", decision.id, tuple(rule.id for rule, _ in hits))
    return hits, _shaped(table, hits[0][1])


def _first(run: Run, decision: DecisionNode, table: Table, hits: list[Hit]) -> tuple[list[Hit], Value]:
    return hits[:1], _shaped(table, hits[0][1])


def _any(run: Run, decision: DecisionNode, table: Table, hits: list[Hit]) -> tuple[list[Hit], Value]:
    for rule, outputs in hits[1:]:
        if equal(run, list(outputs), list(hits[0][1])) is not True:
            raise DecisionError("ANY allows several matching rules only with one result", decision.id, (hits[0][0].id, rule.id))
    return hits[:1], _shaped(table, hits[0][1])


def _priority(run: Run, decision: DecisionNode, table: Table, hits: list[Hit]) -> tuple[list[Hit], Value]:
    ranked = sorted(hits, key=lambda hit: _rank(run, table, hit))
    return ranked[:1], _shaped(table, ranked[0][1])


def _output_order(run: Run, decision: DecisionNode, table: Table, hits: list[Hit]) -> tuple[list[Hit], Value]:
    ranked = sorted(hits, key=lambda hit: _rank(run, table, hit))
    return ranked, [_shaped(table, outputs) for _, outputs in ranked]


def _rank(run: Run, table: Table, hit: Hit) -> tuple[int, ...]:
    """The places of the outputs in their listed values; what is not listed comes last."""
    places = []
    for column, value in zip(table.outputs, hit[1], strict=True):
        listed = (place for place, item in enumerate(column.ranking) if equal(run, item, value) is True)
        places.append(next(listed, len(column.ranking)))
    return tuple(places)


def _rule_order(run: Run, decision: DecisionNode, table: Table, hits: list[Hit]) -> tuple[list[Hit], Value]:
    return hits, [_shaped(table, outputs) for _, outputs in hits]


def _collect(run: Run, decision: DecisionNode, table: Table, hits: list[Hit]) -> tuple[list[Hit], Value]:
    values = [_shaped(table, outputs) for _, outputs in hits]
    if not table.aggregation:
        return hits, values
    if table.aggregation == "COUNT":
        return hits, len(values)
    result = values[0]
    try:
        for value in values[1:]:
            if table.aggregation == "SUM":
                result = add(run, result, value)
            elif order("<" if table.aggregation == "MIN" else ">", value, result):
                result = value
    except (Undefined, ArithmeticError) as fault:
        raise DecisionError(Saying("{aggregation}: {fault}", aggregation=table.aggregation, fault=said_of(fault)), decision.id, tuple(rule.id for rule, _ in hits)) from None
    return hits, result


_LISTS = frozenset(("OUTPUT ORDER", "RULE ORDER", "COLLECT"))
_POLICIES: dict[str, Policy] = {
    "UNIQUE": _unique,
    "FIRST": _first,
    "ANY": _any,
    "PRIORITY": _priority,
    "OUTPUT ORDER": _output_order,
    "RULE ORDER": _rule_order,
    "COLLECT": _collect,
}

