"""Evaluating boxed expressions: contexts, lists, invocations, functions, choices and turns (DMN 1.3, 7.3 and 10.3.3; DMN 1.4).

Local names lie over the variables for as long as the box that gives them is evaluated.
"""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import cast

from ...errors import Saying
from ..compiler import MAX_CALL_HEIGHT
from ..context import Run
from ..errors import FeelError, Undefined
from ..kinds import Function, Value, kind
from ..loops import members
from .model import Choice, DecisionError, Definition, Entries, Filtering, Invocation, Items, Kind, Logic, Turns
from .types import typed

Ask = Callable[[Logic], Value]
Variables = Mapping[str, Value]
_CALL_HEIGHT = 10


@contextmanager
def _seeing(run: Run, names: Variables, outer: Variables | None = None) -> Iterator[None]:
    """These names lie over `outer`, else over what is seen now."""
    text, before = run.text, run.variables
    below = before if outer is None else outer
    run.variables = ChainMap(cast(MutableMapping[str, Value], names), cast(MutableMapping[str, Value], below))
    try:
        yield
    finally:
        run.text, run.variables = text, before


def value_of(run: Run, logic: Logic, owner: str, ask: Ask) -> Value:
    """The value of a boxed expression of the decision `owner`; `ask` evaluates what lies inside. Raises DecisionError."""
    run.charge(1)
    return _VALUES[type(logic)](run, logic, owner, ask)


def _entries(run: Run, logic: Entries, owner: str, ask: Ask) -> Value:
    own: dict[str, Value] = {}
    with _seeing(run, own):
        for name, inner, wanted in logic.entries:
            own[name] = converted(run, ask(inner), wanted, owner, name)
        return own if logic.result is None else ask(logic.result)


def converted(run: Run, value: Value, wanted: Kind, owner: str, column: str = "") -> Value:
    """The value as its type asks for. Raises DecisionError naming decision and entry."""
    try:
        return typed(run, value, wanted)
    except Undefined as reason:
        raise DecisionError(reason.saying, owner, (), column) from None


def _items(run: Run, logic: Items, owner: str, ask: Ask) -> Value:
    return [ask(item) for item in logic.items]


def _invocation(run: Run, logic: Invocation, owner: str, ask: Ask) -> Value:
    called = ask(logic.called)
    if type(called) is not Function:
        raise DecisionError(Saying("what is invoked is no function but a {kind}", kind=kind(called)), owner)
    given = {name: ask(inner) for name, inner in logic.bindings}
    if called.parameters is not None and given.keys() != set(called.parameters):
        takes, found = ", ".join(called.parameters) or "–", ", ".join(given) or "–"
        raise DecisionError(Saying("the invoked function takes {takes}, not {given}", takes=takes, given=found), owner)
    try:
        return called.invoke(run, list(given.values()) if called.parameters is None else [given[name] for name in called.parameters])
    except Undefined as reason:
        return run.null(0, reason.saying)


def _definition(run: Run, logic: Definition, owner: str, ask: Ask) -> Value:
    names = tuple(name for name, _ in logic.parameters)
    place = run.variables

    def invoke(run: Run, arguments: list[Value]) -> Value:
        if len(arguments) != len(names):
            raise Undefined("the function takes {count} values, not {given}", count=len(names), given=len(arguments))
        given = {name: _argument(run, value, wanted, name) for (name, wanted), value in zip(logic.parameters, arguments, strict=True)}
        run.charge(_CALL_HEIGHT)
        run.depth += _CALL_HEIGHT
        if run.depth > MAX_CALL_HEIGHT:
            raise FeelError("functions call each other too deeply", run.text)
        with _seeing(run, given, place):
            value = ask(logic.body)
        run.depth -= _CALL_HEIGHT
        return value

    return Function(logic.name, names, invoke)


def _argument(run: Run, value: Value, wanted: Kind, name: str) -> Value:
    try:
        return typed(run, value, wanted)
    except Undefined as reason:
        return run.null(0, Saying("the parameter {name} became null: {reason}", name=name, reason=reason.saying))


def _choice(run: Run, logic: Choice, owner: str, ask: Ask) -> Value:
    return ask(logic.then if ask(logic.condition) is True else logic.otherwise)


def _turns(run: Run, logic: Turns, owner: str, ask: Ask) -> Value:
    found: list[Value] = []
    # `some` is decided by the first true, `every` by the first false.
    decisive = logic.word == "some"
    domain = ask(logic.domain)
    try:
        for item in members(domain):
            run.charge_items(len(found))
            with _seeing(run, {logic.name: item, "partial": list(found)} if logic.word == "for" else {logic.name: item}):
                value = ask(logic.body)
            if logic.word != "for" and value is decisive:
                return decisive
            found.append(value)
    except Undefined as reason:
        return run.null(0, reason.saying)
    if logic.word == "for":
        return found
    return not decisive if all(type(value) is bool for value in found) else None


def _filtering(run: Run, logic: Filtering, owner: str, ask: Ask) -> Value:
    domain = ask(logic.domain)
    if domain is None:
        return run.null(0, "there is nothing to filter: null")
    found: list[Value] = []
    for item in domain if type(domain) is list else [domain]:
        run.charge(1)
        with _seeing(run, {"item": item, **item} if type(item) is dict else {"item": item}):
            if ask(logic.match) is True:
                found.append(item)
    return found


_VALUES: dict[type, Callable[..., Value]] = {
    Entries: _entries,
    Items: _items,
    Invocation: _invocation,
    Definition: _definition,
    Choice: _choice,
    Turns: _turns,
    Filtering: _filtering,
}
