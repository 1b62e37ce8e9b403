"""Function calls → closures: built-in functions, the host's, and functions that are values.

Built-in functions are chosen when the expression is compiled; calling one with the wrong number of values is a
syntax error, since the analyst can mend it and null would only hide it.
"""

from collections.abc import Callable

from ..errors import Saying, said_of
from .context import Frame, NoteKind, Run
from .errors import Undefined
from .functions import BUILTINS
from .functions.signature import Builtin, Overload
from .kinds import Function, Value, kind
from .nodes import Call, Literal, Name
from .regex import NotTaken, compile_pattern
from .scopes import Code, Compiling, Scope, is_local

# Where a function takes its pattern and its flags, by name and by place.
_PATTERNS: dict[str, tuple[tuple[str | int, ...], tuple[str | int, ...]]] = {
    "matches": (("pattern", 1), ("flags", 2)),
    "replace": (("pattern", 1), ("flags", 3)),
    "extract": (("pattern", 1), ()),
    "split": (("delimiter", 1), ()),
}
_Fit = Callable[[Value], Value]


def compile_call(compiler: Compiling, node: Call, scope: Scope | None) -> Code:
    """The closure of a call."""
    callee = node.callee
    arguments = tuple(compiler.code(argument, scope) for argument in node.arguments)
    if isinstance(callee, Name) and not is_local(callee.name, scope):
        builtin = BUILTINS.get(callee.name)
        if builtin is not None:
            return _builtin(compiler, node, builtin, arguments)
        compiler.reads.functions.add(callee.name)
        return _host(compiler, node, callee.name, arguments)
    return _value(compiler.code(callee, scope), node, arguments)


def _builtin(compiler: Compiling, node: Call, builtin: Builtin, arguments: tuple[Code, ...]) -> Code:
    name, at = builtin.name, node.at
    _check_pattern(compiler, node, name)
    if node.names is None:
        overload = builtin.overload(len(arguments))
        if overload is None:
            raise compiler.fault("{name} is called as {usage}", node.callee.at, name=name, usage=builtin.usage())
        return _positional(name, at, overload, arguments)
    for overload in builtin.overloads:
        places = overload.order(node.names)
        if places is not None:
            return _named(name, at, overload, arguments, places)
    raise compiler.fault("{name} is called as {usage}", node.callee.at, name=name, usage=builtin.usage())


def _check_pattern(compiler: Compiling, node: Call, name: str) -> None:
    """Refuse a written pattern that is not taken; one that is wrong altogether gives null, as DMN says."""
    places = _PATTERNS.get(name)
    if places is None:
        return
    named = dict(zip(node.names or range(len(node.arguments)), node.arguments, strict=True))
    pattern, flags = (next((named[key] for key in keys if key in named), None) for keys in places)
    if not isinstance(pattern, Literal) or not isinstance(flags, Literal | None):
        return
    try:
        compile_pattern(str(pattern.value), str(flags.value or "") if flags is not None else "")
    except NotTaken as fault:
        raise compiler.fault("{error}", pattern.at, error=fault.saying) from None
    except Undefined:
        return


def _positional(name: str, at: int, overload: Overload, arguments: tuple[Code, ...]) -> Code:
    body, pairs = overload.body, tuple(zip(overload.fitters(len(arguments)), arguments, strict=True))

    def call(run: Run, frame: Frame | None) -> Value:
        try:
            return body(run, *[fit(argument(run, frame)) for fit, argument in pairs])
        except Undefined as reason:
            return run.null(at, Saying("{name}: {reason}", name=name, reason=said_of(reason)))
        except ArithmeticError:
            return run.null(at, Saying("{name}: the result lies outside the range of numbers", name=name))

    return call


def _named(
    name: str, at: int, overload: Overload, arguments: tuple[Code, ...], places: tuple[int | None, ...]
) -> Code:
    body, fitters = overload.body, overload.fitters(len(places))

    def call(run: Run, frame: Frame | None) -> Value:
        values = [argument(run, frame) for argument in arguments]
        try:
            fitted = [
                None if place is None else fit(values[place]) for fit, place in zip(fitters, places, strict=True)
            ]
            return body(run, *fitted)
        except Undefined as reason:
            return run.null(at, Saying("{name}: {reason}", name=name, reason=said_of(reason)))
        except ArithmeticError:
            return run.null(at, Saying("{name}: the result lies outside the range of numbers", name=name))

    return call


def _host(compiler: Compiling, node: Call, name: str, arguments: tuple[Code, ...]) -> Code:
    """A function of the host, else a variable that holds a function."""
    if node.names is not None and name not in compiler.known_names:
        raise compiler.fault("{name} takes its values by position, not by name", node.callee.at, name=name)
    at = node.callee.at
    of_variable = _value(lambda run, frame: run.variables[name], node, arguments)

    def call(run: Run, frame: Frame | None) -> Value:
        function = run.context.functions.get(name)
        if function is None and type(run.variables.get(name)) is Function:
            return of_variable(run, frame)
        if function is None or node.names is not None:
            return run.null(at, Saying("there is no function {name}", name=name), NoteKind.UNKNOWN_FUNCTION, name)
        run.charge(1)
        try:
            return function(*[argument(run, frame) for argument in arguments])
        except Undefined as reason:
            return run.null(at, Saying("{name}: {reason}", name=name, reason=said_of(reason)))

    return call


def _value(callee: Code, node: Call, arguments: tuple[Code, ...]) -> Code:
    """A function that is a value: a local name, an entry of a context, a literal in brackets."""
    at, names = node.at, node.names

    def call(run: Run, frame: Frame | None) -> Value:
        function = callee(run, frame)
        values = [argument(run, frame) for argument in arguments]
        if type(function) is not Function:
            return run.null(at, Saying("a {kind} cannot be called", kind=kind(function)))
        try:
            return function.invoke(run, values if names is None else _ordered(function, names, values))
        except Undefined as reason:
            return run.null(at, Saying("{name}: {reason}", name=function.name or 'function', reason=said_of(reason)))
        except ArithmeticError:
            return run.null(at, Saying("{name}: the result lies outside the range of numbers", name=function.name or 'function'))

    return call


def _ordered(function: Function, names: tuple[str, ...], values: list[Value]) -> list[Value]:
    if function.parameters is None or set(names) != set(function.parameters):
        raise Undefined("the names of the parameters do not fit")
    return [values[names.index(parameter)] for parameter in function.parameters]
