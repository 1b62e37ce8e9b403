"""Compiled expressions and unary tests: what the rest of the engine holds and evaluates."""

from dataclasses import dataclass, field
from functools import lru_cache

from ..errors import Saying, said_of
from .compiler import Compiler
from .context import Context, Run
from .errors import FeelError, FeelSyntaxError
from .functions import BUILTINS
from .kinds import Value
from .parser import MAX_LENGTH, parse_expression, parse_unary_tests
from .scopes import Code, Reads
from .unary import Test, compile_tests

BUILTIN_NAMES = frozenset(BUILTINS)
_CACHE = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    """What is known of compiled text.

    `names` are variables that it surely reads (roots of paths); `filter_names` stand inside a filter and are read
    from the variables only where the item has no such entry; `function_names` are called and not built in.
    """

    text: str
    names: frozenset[str]
    filter_names: frozenset[str]
    function_names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression(_Compiled):
    """A FEEL expression, compiled."""

    _code: Code = field(repr=False)
    _builds: bool = field(repr=False)

    def evaluate(self, context: Context) -> Value:
        """The value of the expression. Reasons for null go to context.notes. Raises FeelError.

        What a function of the host raises passes through.
        """
        return self.run(Run(context, self.text))

    def run(self, run: Run) -> Value:
        """The value, on what is left of this run's budget. Raises FeelError."""
        run.text = self.text
        try:
            value = self._code(run, None)
            return run.bounded(value) if self._builds and type(value) in (list, dict) else value
        except RecursionError:
            raise FeelError("the expression is nested too deeply", self.text) from None
        except ArithmeticError as fault:
            raise FeelError(Saying("a variable holds a number outside the range of FEEL: {fault}", fault=said_of(fault)), self.text) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaryTests(_Compiled):
    """A cell of a decision table, compiled."""

    _test: Test = field(repr=False)

    def matches(self, input_value: Value, context: Context) -> bool | None:
        """Whether the input fits; null when that cannot be said. Raises FeelError."""
        return self.run(Run(context, self.text), input_value)

    def run(self, run: Run, input_value: Value) -> bool | None:
        """Whether the input fits, on what is left of this run's budget. Raises FeelError."""
        run.text = self.text
        try:
            return self._test(run, None, input_value)
        except RecursionError:
            raise FeelError("the test is nested too deeply", self.text) from None
        except ArithmeticError as fault:
            raise FeelError(Saying("a variable holds a number outside the range of FEEL: {fault}", fault=said_of(fault)), self.text) from None


def compile_expression(text: str, known_names: frozenset[str] = frozenset()) -> Expression:
    """The expression, without its leading `=`. Raises FeelSyntaxError.

    known_names: names that are read as one although they hold spaces next to words of FEEL, signs or keywords.
    """
    _check_length(text)
    return _expression(text, known_names)


def compile_unary_tests(text: str, known_names: frozenset[str] = frozenset()) -> UnaryTests:
    """The unary tests of a cell. Raises FeelSyntaxError."""
    _check_length(text)
    return _unary_tests(text, known_names)


def _check_length(text: str) -> None:
    # Before the cache, which would hash and keep the text.
    if len(text) > MAX_LENGTH:
        raise FeelSyntaxError(Saying("an expression has at most {limit} characters", limit=MAX_LENGTH), text, MAX_LENGTH)


@lru_cache(maxsize=_CACHE)
def _expression(text: str, known_names: frozenset[str]) -> Expression:
    compiler = Compiler(text, known_names)
    code = compiler.code(parse_expression(text, known_names), None)
    return Expression(text=text, **_reads(compiler.reads), _code=code, _builds=compiler.builds)


@lru_cache(maxsize=_CACHE)
def _unary_tests(text: str, known_names: frozenset[str]) -> UnaryTests:
    compiler = Compiler(text, known_names)
    test = compile_tests(compiler, parse_unary_tests(text, known_names), None)
    return UnaryTests(text=text, **_reads(compiler.reads), _test=test)


def _reads(reads: Reads) -> dict[str, frozenset[str]]:
    return {
        "names": frozenset(reads.names),
        "filter_names": frozenset(reads.filter_names),
        "function_names": frozenset(reads.functions),
    }
