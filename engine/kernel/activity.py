"""The life of one activity: opened, its inputs mapped, performed, finished, left; and its repetitions (多实例, 循环).

Boundary events guard the whole activity, so they are armed on its outer token; a repeated activity has an inner token for each turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import Saying
from ..feel import from_json
from . import undo_log, watches
from .data import assign, because, encode, evaluate, holds, map_inputs, put_local, write
from .faults import StepError
from .graph import MultiInstance, StandardLoop
from .state import Record, by_id

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine

_NONE: dict[str, Any] = {}
FAILED = "failed"
"""State of a token whose activity is active and cannot go on."""


def open_activity(m: Machine, scope: str, node: Node, *, own: Record | None = None, **fields: Any) -> str:
    """A token has come to an activity. `own`: variables (as JSON) that the activity has from the start."""
    token = m.add_token(scope, node.origin, s="new", **fields)
    if own:
        m.state.put(m.state.vars, token, own)
    if node.boundary_ids:
        watches.arm_boundaries(m, token, node)
    if node.loop is None:
        if "w" in m.state.tokens[token]:
            _perform_guarded(m, token, node)
        else:
            perform(m, token, node)
    elif isinstance(node.loop, MultiInstance):
        _begin_items(m, token, node, node.loop)
    else:
        _begin_loop(m, token, node, node.loop)
    return token


def activate(m: Machine, token: str) -> None:
    """Begin one turn of a repeated activity."""
    perform(m, token, m.element_of(token))


def perform(m: Machine, token: str, node: Node) -> None:
    """Map the inputs and do what the element is for."""
    _become_active(m, token, node)
    node.perform(m, token)


def _become_active(m: Machine, token: str, node: Node) -> None:
    """The activity becomes active: it is entered, and its inputs are mapped."""
    record = m.state.tokens[token]
    if record["s"] != FAILED:
        m.enter(record["in"], node.origin)
    if node.input_mappings:
        before = m.state.vars.get(token)
        map_inputs(m, token, node.input_mappings)
        if before and not before.keys().isdisjoint(line.path[0] for line in node.input_mappings):
            m.state.change(m.state.tokens, token, own=before)


def _perform_guarded(m: Machine, token: str, node: Node) -> None:
    """Perform an activity whose boundary events are armed. Once it is active, a failure leaves it so, that they can still happen.

    A failing input mapping is a failure to become active (13.3.2): the caller's step is undone with what it armed.
    """
    point = m.savepoint()
    _become_active(m, token, node)
    try:
        node.perform(m, token)
    except StepError as error:
        m.back_to(point)
        m.enter(m.state.tokens[token]["in"], node.origin)
        m.state.change(m.state.tokens, token, s=FAILED)
        m.park(["activate", token], error)


def fail(m: Machine, token: str, error: StepError) -> None:
    """The outside could not do the work of an activity: it stays active with an incident, its inputs to be mapped again at a retry."""
    record = m.state.tokens[token]
    own = record.get("own")
    names = {line.path[0] for line in m.element_of(token).input_mappings}
    held = own if own is not None else {name: value for name, value in m.state.vars.get(token, {}).items() if name not in names}
    if held:
        m.state.put(m.state.vars, token, held)
    else:
        m.state.drop(m.state.vars, token)
    m.state.put(m.state.tokens, token, {**{key: value for key, value in record.items() if key != "own"}, "s": FAILED})
    m.park(["activate", token], error)


def finish_later(m: Machine, token: str, result: Mapping[str, Any], **fields: Any) -> None:
    """The outside has answered: keep what it gave, and finish as a step of its own, which may be tried again."""
    record = {**m.state.tokens[token], "s": "done", "res": {name: encode(value) for name, value in result.items()}, **fields}
    m.state.put(m.state.tokens, token, record)
    m.ready.append(["finish", token])


def finish(m: Machine, token: str, result: Mapping[str, Any] = _NONE) -> None:
    """The work of a token is done: write its results, close what it waited for, go on."""
    record = m.state.tokens[token]
    if record.get("undo"):
        # A sub-process that was opened once more to be undone: it gives nothing back and does not go on.
        m.drop_token(token)
        m.ready.append(["compensate", record["co"]])
        return
    scope = record["in"]
    node = m.element(scope, record["e"])
    _write_results(m, token, node, result)
    m.left(scope, node.origin)
    if "up" in record:
        _turn_done(m, token, record, node)
    else:
        _over(m, token, record, node)


def returned(m: Machine, scope: str, record: Record) -> dict[str, Any]:
    """What a scope gives back when it ends: of a called process its variables, of a sub-process nothing, for it wrote outwards."""
    if not record.get("root"):
        return {}
    own = m.state.vars.get(scope, {})
    node = m.element_of(record["up"])
    if node.output_mappings:
        names = list(own)
    elif node.settings.passes_all_out:
        names = [name for name in record["written"] if name in own]
    else:
        names = []
    return {name: from_json(own[name]) for name in names}


def _write_results(m: Machine, token: str, node: Node, result: Mapping[str, Any]) -> None:
    if not node.output_mappings:
        if result:
            write(m, token, result)
        return
    values = assign(m, node.output_mappings, token, result)
    record = m.state.tokens[token]
    # The token's own inputs end with it, so mapped results go past them; an item of a multi-instance keeps its results together.
    if "up" in record:
        local = {name: value for name, value in values.items() if name in _item_names(node)}
        put_local(m, token, local)
        values = {name: value for name, value in values.items() if name not in local}
    write(m, record["in"], values)


def _item_names(node: Node) -> tuple[str, ...]:
    loop = node.loop
    return (loop.output_local,) if isinstance(loop, MultiInstance) and loop.output_local else ()


def _over(m: Machine, token: str, record: Record, node: Node) -> None:
    """A whole activity or event is over."""
    scope = record["in"]
    if "w" in record:
        watches.close_all(m, record, "completed")
    kept = m.state.vars.get(token)
    m.drop_token(token)
    owner = record.get("co")
    if owner is not None:
        m.ready.append(["compensate", owner])
        return
    undo_log.remember(m, scope, node, record, kept)
    container = m.container(scope)
    if container.kind == "adHocSubProcess" and _ends_ad_hoc(m, scope, node):
        return
    m.leave(scope, node)


def _ends_ad_hoc(m: Machine, scope: str, node: Node) -> bool:
    container = m.container(scope)
    record = m.state.scopes[scope]
    if container.until is not None and holds(m, container.until, scope):
        m.doubts.clear()
        m.state.change(m.state.scopes, scope, done=True)
        if container.cancels_rest:
            m.clear(scope)
            m.ready.append(["end", scope])
            return True
        m.state.change(m.state.scopes, scope, rest=[])
    elif container.is_ordered and record.get("rest") and not node.outflows:
        first, *rest = record["rest"]
        m.state.change(m.state.scopes, scope, rest=rest)
        m.count(scope, 1)
        m.ready.append(["arrive", scope, first, None])
    m.doubts.clear()
    return False


# ---------------------------------------------------------------------- repetitions
def _begin_items(m: Machine, token: str, node: Node, loop: MultiInstance) -> None:
    items, total = _items(m, token, loop)
    fields: dict[str, Any] = {"s": "multi", "total": total, "next": 0, "over": 0}
    if loop.output is not None:
        fields["out"] = [None] * total
    if loop.is_sequential and items is not None:
        fields["items"] = encode(items)
    record = m.state.change(m.state.tokens, token, **fields)
    if not total:
        _complete_items(m, token, record, node, loop)
        return
    for index in range(1 if loop.is_sequential else total):
        _begin_item(m, token, node, loop, index, items)
    m.state.change(m.state.tokens, token, next=1 if loop.is_sequential else total)


def _items(m: Machine, token: str, loop: MultiInstance) -> tuple[list[Any] | None, int]:
    if loop.collection is not None:
        items = evaluate(m, loop.collection, token)
        if not isinstance(items, list):
            said = because(Saying("its input collection is null"), m.null_reasons) if items is None else Saying("its input collection is no list")
            raise StepError("collection", said, expression=loop.collection.text)
        total = len(items)
    else:
        assert loop.cardinality is not None
        items, count = None, evaluate(m, loop.cardinality, token)
        total = int(count) if isinstance(count, str) and count.isdigit() else count
        if type(total) is not int or total < 0:
            raise StepError("cardinality", Saying("its cardinality is {value}, no number from 0", value=repr(count)), expression=loop.cardinality.text)
    if total > m.bounds.items:
        raise StepError("items", Saying("it has {total} items, at most {most} are run", total=total, most=m.bounds.items))
    return items, total


def _begin_item(m: Machine, body: str, node: Node, loop: MultiInstance, index: int, items: list[Any] | None) -> None:
    scope = m.state.tokens[body]["in"]
    turn = m.add_token(scope, node.origin, s="new", up=body, i=index)
    own: dict[str, Any] = {"loopCounter": index + 1}
    if loop.output_local and loop.output_local != loop.item:
        own[loop.output_local] = None
    if loop.item and items is not None:
        own[loop.item] = items[index]
    put_local(m, turn, own)
    m.ready.append(["activate", turn])


def _begin_loop(m: Machine, token: str, node: Node, loop: StandardLoop) -> None:
    m.state.change(m.state.tokens, token, s="loop", over=0)
    if loop.tests_before and loop.condition is not None and not holds(m, loop.condition, token, {"loopCounter": 1}):
        m.doubts.clear()
        _over(m, token, m.state.tokens[token], node)
        return
    _begin_turn(m, token, node, 1)


def _begin_turn(m: Machine, body: str, node: Node, number: int) -> None:
    turn = m.add_token(m.state.tokens[body]["in"], node.origin, s="new", up=body, i=number - 1)
    put_local(m, turn, {"loopCounter": number})
    m.ready.append(["activate", turn])


def _turn_done(m: Machine, turn: str, record: Record, node: Node) -> None:
    """One instance of a repeated activity is over."""
    body = record["up"]
    outer = m.state.tokens[body]
    loop = node.loop
    if isinstance(loop, MultiInstance):
        _item_done(m, turn, record, body, outer, node, loop)
    else:
        assert isinstance(loop, StandardLoop)
        over = outer["over"] + 1
        undo_log.remember_turn(m, body, node, record, m.state.vars.get(turn))
        m.drop_token(turn)
        m.state.change(m.state.tokens, body, over=over)
        more = loop.maximum is None or over < loop.maximum
        # What is tested before a turn sees the number of that turn, what is tested after one the number of the one that is over.
        counter = over + 1 if loop.tests_before else over
        if more and (loop.condition is None or holds(m, loop.condition, body, {"loopCounter": counter})):
            _begin_turn(m, body, node, over + 1)
        else:
            _over(m, body, m.state.tokens[body], node)
        m.doubts.clear()


def _item_done(m: Machine, turn: str, record: Record, body: str, outer: Record, node: Node, loop: MultiInstance) -> None:
    over = outer["over"] + 1
    changed: dict[str, Any] = {"over": over}
    if loop.output_formula is not None:
        out = list(outer["out"])
        out[record["i"]] = encode(evaluate(m, loop.output_formula, turn))
        changed["out"] = out
    total, begun = outer["total"], outer["next"]
    counters = {
        "numberOfInstances": total,
        "numberOfCompletedInstances": over,
        "numberOfActiveInstances": begun - over,
        "numberOfTerminatedInstances": 0,
    }
    stops = loop.until is not None and holds(m, loop.until, turn, counters)
    m.doubts.clear()
    watches.close_all(m, record, "completed")
    undo_log.remember_turn(m, body, node, record, m.state.vars.get(turn))
    m.drop_token(turn)
    outer = m.state.change(m.state.tokens, body, **changed)
    if stops or over == total:
        _complete_items(m, body, outer, node, loop)
    elif loop.is_sequential:
        m.state.change(m.state.tokens, body, next=begun + 1)
        items: Any = from_json(outer["items"]) if "items" in outer else None
        _begin_item(m, body, node, loop, begun, items)


def _complete_items(m: Machine, body: str, outer: Record, node: Node, loop: MultiInstance) -> None:
    if outer["next"] > outer["over"]:
        m.cancel_tokens(by_id(key for key, other in m.state.tokens.items() if other.get("up") == body))
    if loop.output is not None:
        write(m, outer["in"], {loop.output: from_json(outer["out"])})
    _over(m, body, outer, node)
