"""`for`, `some` and `every` → closures. Every turn is charged; a range is never laid out as a list."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from ..errors import Saying
from .context import MAX_ITEMS, Frame, Run
from .errors import FeelError, Undefined
from .kinds import Range, Value, kind
from .nodes import For, Quantified
from .nodes import Iterator as IteratorNode
from .scopes import Code, Compiling, Scope

Domain = Callable[[Run, Frame | None], Iterable[Value]]
Visit = Callable[[Run, Frame], bool]


def compile_for(compiler: Compiling, node: For, scope: Scope | None) -> Code:
    """for … return …: a list with one item for each turn; `partial` is what has been gathered so far."""
    outer = Scope(frozenset(("partial",)), scope)
    domains, inner = _domains(compiler, node.iterators, outer)
    body, weight, _ = compiler.weighed(node.body, inner)
    at, uses_partial, names = node.at, node.uses_partial, tuple(iterator.name for iterator in node.iterators)

    def loop(run: Run, frame: Frame | None) -> Value:
        found: list[Value] = []
        locals_: dict[str, Value] = {"partial": found}
        level = Frame(frame, locals_)

        def visit(run: Run, turn: Frame) -> bool:
            run.charge(weight + 1)
            if uses_partial:
                # A copy, so that no list can ever come to hold itself.
                run.charge_items(len(found))
                locals_["partial"] = list(found)
            found.append(body(run, turn))
            if len(found) > MAX_ITEMS:
                raise FeelError(Saying("a list would have more than {most} items", most=MAX_ITEMS), run.text, at)
            return True

        try:
            _visit(run, level, names, domains, visit)
        except Undefined as reason:
            return run.null(at, reason)
        return found

    return loop


def compile_quantified(compiler: Compiling, node: Quantified, scope: Scope | None) -> Code:
    """some … satisfies …, every … satisfies …: `or` and `and` over all turns, in three-valued logic."""
    domains, inner = _domains(compiler, node.iterators, scope)
    condition, weight, _ = compiler.weighed(node.condition, inner)
    at, decisive, names = node.at, node.some, tuple(iterator.name for iterator in node.iterators)

    def quantified(run: Run, frame: Frame | None) -> Value:
        result: list[Value] = [not decisive]

        def visit(run: Run, turn: Frame) -> bool:
            run.charge(weight + 1)
            value = condition(run, turn)
            if value is decisive:
                result[0] = decisive
                return False
            if type(value) is not bool:
                result[0] = None
            return True

        try:
            _visit(run, frame, names, domains, visit)
        except Undefined as reason:
            return run.null(at, reason)
        if result[0] is None:
            run.null(at, "for some turn the condition was null")
        return result[0]

    return quantified


def _domains(
    compiler: Compiling, iterators: tuple[IteratorNode, ...], scope: Scope | None
) -> tuple[tuple[Domain, ...], Scope | None]:
    """The code of each iterator's domain, which sees the iterators before it, and the scope of the body."""
    found: list[Domain] = []
    for iterator in iterators:
        found.append(_domain(compiler, iterator, scope))
        scope = Scope(frozenset((iterator.name,)), scope)
    return tuple(found), scope


def _domain(compiler: Compiling, iterator: IteratorNode, scope: Scope | None) -> Domain:
    start = compiler.code(iterator.domain, scope)
    if iterator.end is not None:
        end = compiler.code(iterator.end, scope)
        return lambda run, frame: _steps(start(run, frame), end(run, frame))
    return lambda run, frame: members(start(run, frame))


def _visit(run: Run, level: Frame | None, names: tuple[str, ...], domains: tuple[Domain, ...], visit: Visit) -> bool:
    """Visit every combination, the last iterator turning fastest; False when a visit asked to stop."""
    name, last = names[0], len(names) == 1
    for value in domains[0](run, level):
        turn = Frame(level, {name: value})
        if last:
            if not visit(run, turn):
                return False
            continue
        run.charge(1)
        if not _visit(run, turn, names[1:], domains[1:], visit):
            return False
    return True


def members(domain: Value) -> Iterable[Value]:
    """What one goes through: items of a list, steps of a closed range, one value alone. Raises Undefined."""
    if type(domain) is list:
        return domain
    if type(domain) is Range:
        if not (domain.low_included and domain.high_included):
            raise Undefined("only a closed range can be gone through")
        return _steps(domain.low, domain.high)
    if domain is None:
        raise Undefined("there is nothing to go through: null")
    return [domain]


def _steps(low: Value, high: Value) -> Iterable[Value]:
    if type(low) is int and type(high) is int:
        return range(low, high + 1) if low <= high else range(low, high - 1, -1)
    if type(low) is date and type(high) is date:
        return _days(low, high)
    raise Undefined("one goes from whole number to whole number, or from date to date, not {low} to {high}", low=kind(low), high=kind(high))


def _days(low: date, high: date) -> Iterator[date]:
    step = timedelta(days=1 if low <= high else -1)
    day = low
    while day != high:
        yield day
        day += step
    yield high
