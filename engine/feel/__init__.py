"""FEEL expressions and DMN decision tables: small, safe, pure.

`compile_expression("amount > 100").evaluate(Context({"amount": 120}))` is True. Expressions are compiled to closures
once and cached. They reach no Python object, no attribute, no clock; every loop, depth and size has a bound.
Imports nothing of the rest of the engine but its `Problem`.
"""

from .context import Context, Note, NoteKind
from .dmn import DecisionError, DecisionResult, Decisions, DecisionsRefused, load_decisions
from .errors import FeelError, FeelSyntaxError, NotAValue
from .expression import BUILTIN_NAMES, Expression, UnaryTests, compile_expression, compile_unary_tests
from .values import Function, Range, Value, YearsMonths, from_json, kind, to_json

__all__ = [
    "BUILTIN_NAMES",
    "Context",
    "DecisionError",
    "DecisionResult",
    "Decisions",
    "DecisionsRefused",
    "Expression",
    "FeelError",
    "FeelSyntaxError",
    "Function",
    "NotAValue",
    "Note",
    "NoteKind",
    "Range",
    "UnaryTests",
    "Value",
    "YearsMonths",
    "compile_expression",
    "compile_unary_tests",
    "from_json",
    "kind",
    "load_decisions",
    "to_json",
]
