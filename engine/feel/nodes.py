"""The syntax tree of an expression. Plain data; `at` is the offset of the node's first character."""

from dataclasses import dataclass

from .kinds import Value


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value that stands in the text."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, a local name or a function, read by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """base.name"""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """base[where]: an index or a condition."""

    base: Node
    where: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """callee(arguments); `names` of the parameters, or None when they are given by position."""

    callee: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """-operand"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """first op operand op operand …, of one precedence, from the left."""

    first: Node
    rest: tuple[tuple[str, int, Node], ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """operands joined by `and` or by `or`."""

    op: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """left op right"""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """value between low and high"""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class OpTest(Node):
    """A unary test such as `< 10`."""

    op: str
    operand: Node


@dataclass(frozen=True, slots=True)
class ValueTest(Node):
    """A unary test that is an expression: a value, list, range or a condition on `?`."""

    operand: Node
    uses_input: bool


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Alternatives, or their negation; no alternatives at all is the dash that always holds."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class In(Node):
    """value in tests"""

    value: Node
    tests: Tests


@dataclass(frozen=True, slots=True)
class If(Node):
    """if … then … else if … then … else otherwise"""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """name in domain, or name in domain..end"""

    name: str
    domain: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """for iterators return body"""

    iterators: tuple[Iterator, ...]
    body: Node
    uses_partial: bool


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """some or every iterators satisfies condition"""

    some: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """[items]"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """{key: value, …}; later entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """[low..high]; an end that is None is unbounded."""

    low: Node | None
    high: Node | None
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """function(parameters) body; the type of a parameter is None where none is given"""

    parameters: tuple[str, ...]
    types: tuple["Type | None", ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Type(Node):
    """The type after `instance of`: its name, and those of its parts in order (entry names for a context), None where none are given."""

    name: str
    parts: tuple["Type", ...] | None = None
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """value instance of type"""

    value: Node
    type: Type
