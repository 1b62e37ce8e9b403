"""Unary tests → closures: the cells of decision tables, and what follows `in` (DMN 1.3, 10.3.2.8).

A test gives true, false, or null when it cannot say.
"""

from collections.abc import Callable

from ..errors import Saying
from . import operators
from .context import Frame, Run
from .errors import Undefined
from .kinds import Range, Value, kind
from .nodes import Between, Call, Compare, In, InstanceOf, Literal, Logic, Node, OpTest, Quantified, Tests, ValueTest
from .scopes import Compiling, Scope

Test = Callable[[Run, Frame | None, Value], bool | None]
_CONDITIONS = (Compare, Logic, Between, In, InstanceOf, Quantified, Call)


def compile_tests(compiler: Compiling, tests: Tests, scope: Scope | None) -> Test:
    """The closure of alternatives, given the value to test."""
    alternatives = tuple(_test(compiler, test, scope) for test in tests.tests)
    if not alternatives:
        return lambda run, frame, value: True
    if len(alternatives) == 1 and not tests.negated:
        return alternatives[0]
    negated = tests.negated

    def any_of(run: Run, frame: Frame | None, value: Value) -> bool | None:
        result: bool | None = False
        for alternative in alternatives:
            held = alternative(run, frame, value)
            if held:
                return not negated
            if held is None:
                result = None
        return None if result is None else negated

    return any_of


def _test(compiler: Compiling, test: Node, scope: Scope | None) -> Test:
    if isinstance(test, OpTest):
        return _op_test(compiler, test, scope)
    assert isinstance(test, ValueTest)
    if test.uses_input:
        operand = compiler.code(test.operand, Scope(frozenset(("?",)), scope))

        def with_input(run: Run, frame: Frame | None, value: Value) -> bool | None:
            result = operand(run, Frame(frame, {"?": value}))
            if type(result) is bool:
                return result
            if result is None and value is not None:
                return run.null(test.at, "the test on ? is null")
            return _fits(run, test.at, value, result)

        return with_input
    operand = compiler.code(test.operand, scope)
    is_condition, is_literal = isinstance(test.operand, _CONDITIONS), isinstance(test.operand, Literal)

    def against(run: Run, frame: Frame | None, value: Value) -> bool | None:
        expected = operand(run, frame)
        if expected is None and not is_literal:
            return run.null(test.at, "there is nothing to compare with: null")
        if type(expected) is bool and is_condition and type(value) is not bool:
            return expected
        return _fits(run, test.at, value, expected)

    return against


def _op_test(compiler: Compiling, test: OpTest, scope: Scope | None) -> Test:
    operand, op, at = compiler.code(test.operand, scope), test.op, test.at
    if op in ("=", "!="):

        def equals(run: Run, frame: Frame | None, value: Value) -> bool | None:
            expected = operand(run, frame)
            result = operators.equal(run, value, expected)
            if result is None:
                return run.null(at, Saying("{kind} {op} {right}: these kinds differ", kind=kind(value), op=op, right=kind(expected)))
            return result is (op == "=")

        return equals

    def order(run: Run, frame: Frame | None, value: Value) -> bool | None:
        try:
            return operators.order(op, value, operand(run, frame))
        except Undefined as reason:
            return run.null(at, reason)

    return order


def _fits(run: Run, at: int, value: Value, expected: Value) -> bool | None:
    """Whether the value equals what is expected, lies in that range, or is in that list."""
    if type(expected) is Range and type(value) is not Range:
        try:
            return operators.contains(expected, value)
        except Undefined as reason:
            return run.null(at, reason)
    if type(expected) is list:
        return _in_list(run, at, value, expected)
    result = operators.equal(run, value, expected)
    if result is None:
        return run.null(at, Saying("{kind} against {right}: these kinds differ", kind=kind(value), right=kind(expected)))
    return result


def _in_list(run: Run, at: int, value: Value, expected: list[Value]) -> bool | None:
    if type(value) is list and operators.equal(run, value, expected) is True:
        return True
    run.charge_items(len(expected))
    result: bool | None = False
    for item in expected:
        if type(item) is list:
            held = operators.equal(run, value, item)
        else:
            held = _fits(run, at, value, item)
        if held:
            return True
        if held is None and item is not None:
            result = None
    return result
