"""Syntax tree → closures, once per expression. A closure takes the Run and the innermost Frame and gives a value.

Straight-line code is bounded by the length of the text, so steps are counted only where work repeats: a turn of a
loop, filter, sort or function costs as many steps as its body has nodes; long texts and lists cost by their size.
"""

from collections.abc import Callable
from decimal import Decimal

from ..errors import Saying
from . import operators
from .calls import compile_call
from .coercion import fitted
from .context import Frame, NoteKind, Run
from .errors import FeelError, FeelSyntaxError, Undefined
from .kinds import Function, Range, Value, kind
from .loops import compile_for, compile_quantified
from .nodes import (
    Between,
    Call,
    Chain,
    Compare,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    ListOf,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Path,
    Quantified,
    RangeOf,
)
from .scopes import Code, Reads, Scope, call_frame, read_name
from .unary import compile_tests

MAX_HEIGHT = 100
MAX_CALL_HEIGHT = 250
# What can make lists and contexts that were not there before.
_BUILDERS = (ListOf, ContextOf, For, Call)


class Compiler:
    """Compiles one expression; `reads` collects what it reads, `builds` whether it can make lists.

    `known_names` are the names that surely exist, which may be functions.
    """

    def __init__(self, text: str, known_names: frozenset[str] = frozenset()) -> None:
        self.text = text
        self.known_names = known_names
        self.reads = Reads()
        self._height = 0
        self._highest = 0
        self.weight = 0
        self.builds = False

    def code(self, node: Node, scope: Scope | None) -> Code:
        """The closure of a node. Raises FeelSyntaxError when the tree is too high."""
        self._height += 1
        self._highest = max(self._highest, self._height)
        if self._height > MAX_HEIGHT:
            raise FeelSyntaxError(Saying("more than {limit} levels of nesting", limit=MAX_HEIGHT), self.text, node.at)
        self.weight += 1
        self.builds = self.builds or isinstance(node, _BUILDERS)
        code = _COMPILE[type(node)](self, node, scope)
        self._height -= 1
        return code

    def weighed(self, node: Node, scope: Scope | None) -> tuple[Code, int, int]:
        """The closure of a body that may run often, its weight in steps and its height."""
        weight, highest, height = self.weight, self._highest, self._height
        self.weight, self._highest = 0, height
        code = self.code(node, scope)
        own_weight, own_height = self.weight, self._highest - height
        self.weight += weight
        self._highest = max(highest, self._highest)
        return code, own_weight, own_height

    def fault(self, template: str, at: int, **params: object) -> FeelSyntaxError:
        """A syntax error at this place."""
        return FeelSyntaxError(Saying(template, **params), self.text, at)


def _literal(compiler: Compiler, node: Literal, scope: Scope | None) -> Code:
    value = node.value
    return lambda run, frame: value


def _name(compiler: Compiler, node: Name, scope: Scope | None) -> Code:
    return read_name(node.name, node.at, scope, compiler.reads)


def _path(compiler: Compiler, node: Path, scope: Scope | None) -> Code:
    if isinstance(node.base, ListOf) and not node.base.items:
        raise compiler.fault("an empty list has no {name}", node.at, name=node.name)
    base, name, at = compiler.code(node.base, scope), node.name, node.at

    def read(run: Run, frame: Frame | None) -> Value:
        value = base(run, frame)
        if type(value) is dict:
            if name in value:
                return value[name]
            return run.null(at, Saying("the context has no entry {name}", name=name), NoteKind.UNKNOWN_ENTRY, name)
        if type(value) is list:
            return _entries(run, at, value, name)
        return _member(run, at, value, name)

    return read


def _entries(run: Run, at: int, items: list[Value], name: str) -> Value:
    """list.name: that entry of each item; null when no item is of a kind that could have it."""
    run.charge_items(len(items))
    found: list[Value] = []
    is_possible = not items
    for item in items:
        if type(item) is dict:
            is_possible = True
            found.append(item[name] if name in item else run.null(at, Saying("an item has no entry {name}", name=name), NoteKind.UNKNOWN_ENTRY, name))
        else:
            found.append(_member(run, at, item, name))
            is_possible = is_possible or found[-1] is not None
    return found if is_possible else run.null(at, Saying("no item of the list has {name}", name=name), NoteKind.UNKNOWN_ENTRY, name)


def _member(run: Run, at: int, value: Value, name: str) -> Value:
    if value is None:
        return run.null(at, Saying("null has no {name}", name=name))
    try:
        return operators.member(value, name)
    except Undefined as reason:
        return run.null(at, reason, NoteKind.UNKNOWN_ENTRY, name)


def _negate(compiler: Compiler, node: Negate, scope: Scope | None) -> Code:
    operand, at = compiler.code(node.operand, scope), node.at

    def negate(run: Run, frame: Frame | None) -> Value:
        try:
            return operators.negate(operand(run, frame))
        except Undefined as reason:
            return run.null(at, reason)

    return negate


def _chain(compiler: Compiler, node: Chain, scope: Scope | None) -> Code:
    first = compiler.code(node.first, scope)
    steps = tuple((operators.ARITHMETIC[op], at, compiler.code(operand, scope)) for op, at, operand in node.rest)

    def chain(run: Run, frame: Frame | None) -> Value:
        value = first(run, frame)
        for operation, at, operand in steps:
            try:
                value = operation(run, value, operand(run, frame))
            except Undefined as reason:
                return run.null(at, reason)
            except ArithmeticError:
                return run.null(at, "the result lies outside the range of numbers")
        return value

    return chain


def _logic(compiler: Compiler, node: Logic, scope: Scope | None) -> Code:
    operands = tuple((compiler.code(operand, scope), operand.at) for operand in node.operands)
    # `and` is decided by the first false, `or` by the first true.
    decisive, op = node.op == "or", node.op

    def logic(run: Run, frame: Frame | None) -> Value:
        result: Value = not decisive
        for operand, at in operands:
            value = operand(run, frame)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                result = None
                if value is not None:
                    run.null(at, Saying("`{op}` joins booleans, not a {kind}", op=op, kind=kind(value)))
        return result

    return logic


def _compare(compiler: Compiler, node: Compare, scope: Scope | None) -> Code:
    left, right = compiler.code(node.left, scope), compiler.code(node.right, scope)
    return _equality(left, right, node) if node.op in ("=", "!=") else _order(left, right, node)


def _equality(left: Code, right: Code, node: Compare) -> Code:
    equal, at, is_negated = operators.equal, node.at, node.op == "!="

    def compare(run: Run, frame: Frame | None) -> Value:
        first, second = left(run, frame), right(run, frame)
        result = first == second if type(first) is str and type(second) is str else equal(run, first, second)
        if result is None:
            return run.null(at, Saying("{left} = {right}: these kinds differ", left=kind(first), right=kind(second)))
        return not result if is_negated else result

    return compare


def _order(left: Code, right: Code, node: Compare) -> Code:
    order, op, at = operators.order, node.op, node.at

    def compare(run: Run, frame: Frame | None) -> Value:
        try:
            return order(op, left(run, frame), right(run, frame))
        except Undefined as reason:
            return run.null(at, reason)

    return compare


def _between(compiler: Compiler, node: Between, scope: Scope | None) -> Code:
    value, low, high = (compiler.code(part, scope) for part in (node.value, node.low, node.high))
    at = node.at

    def between(run: Run, frame: Frame | None) -> Value:
        try:
            return operators.contains(_range(low(run, frame), high(run, frame), True, True), value(run, frame))
        except Undefined as reason:
            return run.null(at, reason)

    return between


def _range(low: Value, high: Value, low_included: bool, high_included: bool) -> Range:
    for end in (low, high):
        if end is None:
            raise Undefined("an end of the range is null")
    return Range(low, high, low_included, high_included)


def _range_of(compiler: Compiler, node: RangeOf, scope: Scope | None) -> Code:
    low = None if node.low is None else compiler.code(node.low, scope)
    high = None if node.high is None else compiler.code(node.high, scope)
    low_included, high_included, at = node.low_included, node.high_included, node.at

    def interval(run: Run, frame: Frame | None) -> Value:
        start = None if low is None else low(run, frame)
        end = None if high is None else high(run, frame)
        if (start is None and low is not None) or (end is None and high is not None):
            return run.null(at, "an end of the range is null")
        if start is not None and end is not None:
            try:
                operators.order("<=", start, end)
            except Undefined as reason:
                return run.null(at, reason)
        return Range(start, end, low_included, high_included)

    return interval


def _in(compiler: Compiler, node: In, scope: Scope | None) -> Code:
    value, tests = compiler.code(node.value, scope), compile_tests(compiler, node.tests, scope)
    return lambda run, frame: tests(run, frame, value(run, frame))


def _if(compiler: Compiler, node: If, scope: Scope | None) -> Code:
    branches = tuple((compiler.code(test, scope), compiler.code(then, scope), test.at) for test, then in node.branches)
    otherwise = compiler.code(node.otherwise, scope)

    def choose(run: Run, frame: Frame | None) -> Value:
        for test, then, at in branches:
            value = test(run, frame)
            if value is True:
                return then(run, frame)
            if value is not False:
                run.null(at, Saying("the condition of `if` is a {kind}: taken as false", kind=kind(value)))
        return otherwise(run, frame)

    return choose


def _list_of(compiler: Compiler, node: ListOf, scope: Scope | None) -> Code:
    items = tuple(compiler.code(item, scope) for item in node.items)
    return lambda run, frame: [item(run, frame) for item in items]


def _context_of(compiler: Compiler, node: ContextOf, scope: Scope | None) -> Code:
    entries: list[tuple[str, Code]] = []
    for key, value in node.entries:
        level = Scope(frozenset(name for name, _ in entries), scope)
        entries.append((key, compiler.code(value, level)))

    def build(run: Run, frame: Frame | None) -> Value:
        values: dict[str, Value] = {}
        level = Frame(frame, values)
        for key, code in entries:
            values[key] = code(run, level)
        return values

    return build


def _function_of(compiler: Compiler, node: FunctionOf, scope: Scope | None) -> Code:
    parameters, types = node.parameters, node.types
    body, weight, height = compiler.weighed(node.body, Scope(frozenset(parameters), scope))

    def build(run: Run, frame: Frame | None) -> Value:
        place = run.variables

        def invoke(run: Run, arguments: list[Value]) -> Value:
            if len(arguments) != len(parameters):
                raise Undefined("the function takes {count} values, not {given}", count=len(parameters), given=len(arguments))
            if any(types):
                arguments = [fitted(run, value, wanted) for value, wanted in zip(arguments, types, strict=True)]
            run.charge(weight + 1)
            run.depth += height + 1
            if run.depth > MAX_CALL_HEIGHT:
                raise FeelError("functions call each other too deeply", run.text, node.at)
            caller, run.variables = run.variables, place
            try:
                value = body(run, call_frame(parameters, arguments, frame))
            finally:
                run.variables = caller
            run.depth -= height + 1
            return value

        return Function("", parameters, invoke, types)

    return build


def _instance_of(compiler: Compiler, node: InstanceOf, scope: Scope | None) -> Code:
    value, wanted = compiler.code(node.value, scope), node.type
    return lambda run, frame: operators.is_instance(run, value(run, frame), wanted)


def _filter(compiler: Compiler, node: Filter, scope: Scope | None) -> Code:
    base, at = compiler.code(node.base, scope), node.at
    if _is_number(node.where):
        # An index is counted outside the list, where names mean the same as beside it.
        place = compiler.code(node.where, scope)
        return lambda run, frame: _item(run, at, _items(base(run, frame)), place(run, frame))
    where, weight, _ = compiler.weighed(node.where, Scope(None, scope))

    def select(run: Run, frame: Frame | None) -> Value:
        items = _items(base(run, frame))
        if items is None:
            return run.null(at, "null has no items")
        level = Frame(frame, items[0] if items else None)
        first = where(run, level) if items or not _is_condition(node.where) else False
        if type(first) is int or type(first) is Decimal:
            return _item(run, at, items, first)
        found = items[:1] if items and first is True else []
        for item in items[1:]:
            run.charge(weight)
            level.values = item
            if where(run, level) is True:
                found.append(item)
        return found

    return select


def _items(value: Value) -> list[Value] | None:
    return value if type(value) is list else None if value is None else [value]


def _item(run: Run, at: int, items: list[Value] | None, place: Value) -> Value:
    if items is None:
        return run.null(at, "null has no items")
    if type(place) is not int:
        return run.null(at, Saying("a place in a list is a whole number, not {kind}", kind=kind(place)))
    if place == 0 or abs(place) > len(items):
        return run.null(at, Saying("the list has {count} items and none at {place}", count=len(items), place=place))
    return items[place - 1] if place > 0 else items[place]


def _is_number(node: Node) -> bool:
    """Whether the node is a place for sure: a number or arithmetic."""
    return isinstance(node, (Chain, Negate)) or (isinstance(node, Literal) and type(node.value) in (int, Decimal))


def _is_condition(node: Node) -> bool:
    return isinstance(node, (Compare, Logic, Between, In, Quantified, InstanceOf, Literal))


_COMPILE: dict[type, Callable[..., Code]] = {
    Literal: _literal,
    Name: _name,
    Path: _path,
    Filter: _filter,
    Call: compile_call,
    Negate: _negate,
    Chain: _chain,
    Logic: _logic,
    Compare: _compare,
    Between: _between,
    In: _in,
    If: _if,
    For: compile_for,
    Quantified: compile_quantified,
    ListOf: _list_of,
    ContextOf: _context_of,
    RangeOf: _range_of,
    FunctionOf: _function_of,
    InstanceOf: _instance_of,
}
