"""Which level of local names a name belongs to, decided once when an expression is compiled.

A level is either a set of names (loop variables, parameters, context entries, `?`) or a filter, whose item may or
may not have the name: that is only known at run time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..errors import Saying
from .context import Frame, NoteKind, Run
from .errors import FeelSyntaxError
from .functions import BUILTINS
from .kinds import Value
from .nodes import Node

Code = Callable[[Run, Frame | None], Value]


@dataclass(frozen=True, slots=True)
class Scope:
    """One level of local names; `names` is None for a filter."""

    names: frozenset[str] | None
    parent: "Scope | None"


@dataclass(slots=True)
class Reads:
    """What an expression reads from outside, collected while it is compiled."""

    names: set[str] = field(default_factory=set)
    filter_names: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)


class Compiling(Protocol):
    """What the parts of the compiler need of it."""

    reads: Reads
    known_names: frozenset[str]

    def code(self, node: Node, scope: Scope | None) -> Code:
        """The closure of a node."""

    def weighed(self, node: Node, scope: Scope | None) -> tuple[Code, int, int]:
        """The closure of a body that may run often, its weight in steps and its height."""

    def fault(self, template: str, at: int, **params: object) -> FeelSyntaxError:
        """A syntax error at this place."""


def is_local(name: str, scope: Scope | None) -> bool:
    """Whether a level with this name surely exists."""
    while scope is not None:
        if scope.names is not None and name in scope.names:
            return True
        scope = scope.parent
    return False


def read_name(name: str, at: int, scope: Scope | None, reads: Reads) -> Code:
    """Code that reads a local name or a variable."""
    levels: list[bool] = []
    level = scope
    while level is not None:
        if level.names is not None and name in level.names:
            return _read_local(name, tuple(levels))
        levels.append(level.names is None)
        level = level.parent
    read_variable = _read_variable(name, at)
    if not any(levels):
        reads.names.add(name)
        return read_variable
    if name != "item":
        reads.filter_names.add(name)
    return _read_in_filter(name, tuple(levels), read_variable)


def _read_variable(name: str, at: int) -> Code:
    builtin = BUILTINS[name].as_value() if name in BUILTINS else None

    def read(run: Run, frame: Frame | None) -> Value:
        try:
            return run.variables[name]
        except KeyError:
            if builtin is not None:
                return builtin
            return run.null(at, Saying("there is no variable {name}", name=name), NoteKind.UNKNOWN_VARIABLE, name)

    return read


def _read_local(name: str, levels: tuple[bool, ...]) -> Code:
    if not levels:
        return lambda run, frame: frame.values[name]  # type: ignore[union-attr,index]

    def read(run: Run, frame: Frame | None) -> Value:
        for is_filter in levels:
            assert frame is not None
            item = frame.values
            if is_filter:
                if type(item) is dict and name in item:
                    return item[name]
                if name == "item":
                    return item
            frame = frame.parent
        return frame.values[name]  # type: ignore[union-attr,index]

    return read


def _read_in_filter(name: str, levels: tuple[bool, ...], read_variable: Code) -> Code:
    def read(run: Run, frame: Frame | None) -> Value:
        for is_filter in levels:
            assert frame is not None
            item = frame.values
            if is_filter:
                if type(item) is dict and name in item:
                    return item[name]
                if name == "item":
                    return item
            frame = frame.parent
        return read_variable(run, None)

    return read


def call_frame(parameters: tuple[str, ...], arguments: list[Value], parent: Frame | None) -> Frame:
    """The level of a function's parameters."""
    return Frame(parent, dict(zip(parameters, arguments, strict=True)))

