"""What a DMN file holds once it has been read and compiled, and what can go wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ...errors import Problem, Saying, listed, said_of
from ..context import Note
from ..errors import FeelError
from ..expression import Expression, UnaryTests
from ..kinds import Value


class DecisionsRefused(ValueError):
    """The file cannot be used. `problems` holds everything that is wrong; the analyst must mend it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class DecisionError(FeelError):
    """A decision has no right result for these inputs. Names the decision, the rules and the column."""

    def __init__(self, reason: str | Saying, decision_id: str, rule_ids: tuple[str, ...] = (), column: str = "") -> None:
        where = [Saying("decision {decision}", decision=decision_id)]
        where += [Saying("rules {rules}", rules=", ".join(rule_ids))] if rule_ids else []
        where += [Saying("column {column}", column=column)] if column else []
        super().__init__(Saying("{where}: {reason}", where=listed(where), reason=said_of(reason)))
        self.decision_id = decision_id
        self.rule_ids = rule_ids
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a typeRef asks for: a kind of FEEL (empty: any), whole numbers only, a context with these parts, or a list of it."""

    name: str = ""
    title: str = ""
    """What it is called in the file, when it has parts."""
    entries: tuple[tuple[str, Kind], ...] = ()
    is_whole: bool = False
    is_list: bool = False
    allowed: UnaryTests | None = None
    """Of the items, where it is a list; the constraint is of the list."""
    constraint: UnaryTests | None = None

    @property
    def asks(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.name) or self.is_list or self.allowed is not None or self.constraint is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputColumn:
    """One input of a table."""

    label: str
    expression: Expression
    kind: Kind
    allowed: UnaryTests | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputColumn:
    """One output of a table; `ranking` lists its values, the most important first, when they are literals."""

    name: str
    kind: Kind
    allowed: UnaryTests | None
    ranking: tuple[Value, ...]
    default: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row: a test for each input, None for any value; an expression for each output."""

    id: str
    tests: tuple[UnaryTests | None, ...]
    outputs: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A decision table. `hit_policy` as in the file, `aggregation` empty or SUM, MIN, MAX, COUNT."""

    hit_policy: str
    aggregation: str
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A literal expression as the logic of a decision."""

    expression: Expression
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A boxed context: each entry sees those before; with a `result` that is the value, and the entries are local."""

    entries: tuple[tuple[str, Logic, Kind], ...]
    result: Logic | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A boxed list, or a relation as a list of contexts."""

    items: tuple[Logic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A function and what its parameters are bound to."""

    called: Logic
    bindings: tuple[tuple[str, Logic], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A boxed function, or the logic of a business knowledge model."""

    name: str
    parameters: tuple[tuple[str, Kind], ...]
    body: Logic


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A boxed conditional."""

    condition: Logic
    then: Logic
    otherwise: Logic


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """A boxed `for`, `some` or `every`, by its word."""

    word: str
    name: str
    domain: Logic
    body: Logic


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtering:
    """A boxed filter."""

    domain: Logic
    match: Logic


Logic: TypeAlias = Table | Formula | Entries | Items | Invocation | Definition | Choice | Turns | Filtering


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionNode:
    """One decision or business knowledge model: its result goes by `result_names` in the decisions that require it."""

    id: str
    name: str
    result_names: tuple[str, ...]
    requires: tuple[str, ...]
    inputs: tuple[tuple[str, Kind], ...] = ()
    """The input data that it requires, with their types."""
    logic: Logic
    kind: Kind = Kind()
    """What its variable asks of a boxed logic; tables and formulas have their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionResult:
    """The outcome of a decision.

    `matched_rules`: for each table that was looked at, required ones first, its decision id and the rules whose
    outputs made the result (for FIRST, UNIQUE, ANY, PRIORITY the one that won). `notes`: why something was null.
    """

    value: Value
    matched_rules: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[Note, ...] = ()
