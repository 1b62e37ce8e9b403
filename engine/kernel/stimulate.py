"""Applies one stimulus to one instance: the pure function behind `kernel.step`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import Conflict, Rejected, Saying, require
from ..model import Json, Moment
from . import activity, handlers, joins
from .bounds import DEFAULT, Bounds
from .data import encode, holders, put_local
from .definition import Definitions
from .faults import StepError
from .machine import Machine
from .state import VERSION, Record, State, Table, by_id
from .steps import (
    Call,
    Cancel,
    ChangedItem,
    CompleteItem,
    CompleteJob,
    Deliver,
    FailJob,
    FireTimer,
    Move,
    MoveDue,
    Repair,
    Retry,
    Start,
    Step,
    Stimulus,
)


def step(definitions: Definitions, snapshot: dict[str, Json] | None, stimulus: Stimulus, moment: Moment, call: Call, *, bounds: Bounds = DEFAULT) -> Step:
    """Move an instance as far as it goes after one stimulus. `snapshot` is None for `Start`, and is never changed.

    Raises Rejected when the target of the stimulus is not open; nothing has changed then.
    """
    begins = isinstance(stimulus, Start)
    require(begins == (snapshot is None), "not_started", "only a Start, and every Start, comes without a snapshot")
    if snapshot is not None:
        require(snapshot["v"] == VERSION, "snapshot_version", "the snapshot has version {v}, this kernel writes {own}", v=snapshot["v"], own=VERSION)
        require(snapshot["status"] == "running", "not_open", "the instance is {status}", error=Conflict, status=snapshot["status"])
    state = State(snapshot, stimulus.process_id if isinstance(stimulus, Start) else "")
    machine = Machine(definitions.graphs, definitions.decisions, state, moment, call, bounds)
    try:
        _APPLY[type(stimulus)](machine, stimulus)
    except StepError as error:
        raise Rejected(error.code, "{reason}", reason=error.saying) from None
    machine.run()
    return Step(snapshot=state.snapshot(), status=state.status, **machine.out.frozen())


def _start(m: Machine, stimulus: Start) -> None:
    require(stimulus.process_id in m.graphs, "not_found", "no process {id!r} in this deployment", id=stimulus.process_id)
    container = m.graphs[stimulus.process_id].containers[None]
    at = stimulus.element_id
    elements = m.graphs[stimulus.process_id].elements
    if at is None:
        require(container.entries, "not_startable", "the process {id!r} has no plain start event", id=stimulus.process_id, hint="start it by its message")
    else:
        require(at in elements, "not_found", "no element {at!r} in process {id!r}", at=at, id=stimulus.process_id)
    scope = m.state.root = m.state.new_id()
    given = {name: encode(value) for name, value in stimulus.variables.items()}
    m.state.put(m.state.vars, scope, given if at is None else {})
    m.state.put(m.state.scopes, scope, {"p": stimulus.process_id, "e": None, "up": None, "live": 0, "root": True})
    m.ready.append(["open", scope, at or container.entries[0], None if at is None else given])


def _complete_item(m: Machine, stimulus: CompleteItem) -> None:
    token = _open_token(m, stimulus.n, "item", "work item")
    activity.finish_later(m, token, stimulus.variables)
    m.out.add("items_closed", (stimulus.n, "completed"))


def _complete_job(m: Machine, stimulus: CompleteJob) -> None:
    token = _open_token(m, stimulus.n, "job", "job")
    record = m.state.tokens[token]
    node = m.element_of(token)
    topic = node.settings.topic or ""
    m.out.add("jobs_closed", (stimulus.n, "completed"))
    m.out.extend("facts", ((node.origin, topic, fact) for fact in stimulus.outcome.facts))
    if stimulus.outcome.error is None:
        activity.finish_later(m, token, stimulus.outcome.variables)
        return
    m.state.change(m.state.tokens, token, s="done")
    try:
        handlers.throw_error(m, record["in"], token, stimulus.outcome.error, node.origin, stimulus.outcome.variables)
    except StepError as error:
        activity.fail(m, token, error)


def _fail_job(m: Machine, stimulus: FailJob) -> None:
    token = _open_token(m, stimulus.n, "job", "job")
    m.out.add("jobs_closed", (stimulus.n, "cancelled"))
    activity.fail(m, token, StepError("job_failed", Saying("the job failed: {text}", text=stimulus.reason)))


def _deliver(m: Machine, stimulus: Deliver) -> None:
    key = str(stimulus.subscription)
    watch = m.state.watches.get(key)
    require(watch is not None and watch["k"] in ("message", "signal"), "not_open", "subscription {n} is not open", error=Conflict, n=key)
    m.ready.append(["hit", key, {name: encode(value) for name, value in stimulus.variables.items()}])


def _fire_timer(m: Machine, stimulus: FireTimer) -> None:
    key = str(stimulus.timer)
    watch = m.state.watches.get(key)
    require(watch is not None and watch["k"] == "timer", "not_open", "timer {n} is not set", error=Conflict, n=key)
    require(stimulus.due_at <= m.moment.now, "not_due", "timer {n} is due at {due}, after the moment", n=key, due=stimulus.due_at)
    assert watch is not None
    if watch["due"] != stimulus.due_at.isoformat():
        m.state.change(m.state.watches, key, due=stimulus.due_at.isoformat())
    m.ready.append(["hit", key, {}])


def _move_due(m: Machine, stimulus: MoveDue) -> None:
    for n, due_on in stimulus.items.items():
        token = _open_token(m, n, "item", "work item")
        m.state.change(m.state.tokens, token, due=due_on.isoformat())
        m.out.add("items_changed", ChangedItem(n=n, due_on=due_on))
    for n, due_at in stimulus.timers.items():
        watch = m.state.watches.get(str(n))
        require(watch is not None and watch["k"] == "timer", "not_open", "timer {n} is not set", error=Conflict, n=n)
        m.state.change(m.state.watches, str(n), due=due_at.isoformat())
        m.out.add("timers_moved", (n, due_at))


def _retry(m: Machine, stimulus: Retry) -> None:
    key = str(stimulus.incident)
    require(key in m.state.incidents, "not_open", "incident {n} is not open", error=Conflict, n=key)
    m.resume(key)


def _repair(m: Machine, stimulus: Repair) -> None:
    places = [record["t"] for _, record in _in_order(m.state.incidents)]
    for name, value in stimulus.variables.items():
        chains = (holder for token in places for holder in holders(m, token))
        target = next((one for one in chains if name in m.state.vars.get(one, {})), m.state.root)
        put_local(m, target, {name: value})
    m.written.update(stimulus.variables)


def _move(m: Machine, stimulus: Move) -> None:
    source, target = stimulus.from_element, stimulus.to_element
    tokens = [key for key, record in _in_order(m.state.tokens) if record["e"] == source and not {"up", "co"} & record.keys()]
    joining = [scope for scope, record in _in_order(m.state.scopes) if source in record.get("joins", {})]
    require(tokens or joining, "not_open", "no token stands on {element!r}", element=source)
    for token in tokens:
        if token in m.state.tokens:
            record = m.state.tokens[token]
            _require_place(m, record["in"], target, source)
            m.cancel_tokens([token])
            if record.get("extra"):
                m.count(record["in"], -1)
            m.ready.append(["arrive", record["in"], target, None])
    for scope in joining:
        _require_place(m, scope, target, source)
        waiting = joins.withdraw(m, scope, source)
        m.out.add("moves", ("cancel", source, int(scope)))
        m.count(scope, 1 - waiting)
        m.ready.append(["arrive", scope, target, None])


def _in_order(table: Table) -> list[tuple[str, Record]]:
    return [(key, table[key]) for key in by_id(table)]


def _require_place(m: Machine, scope: str, target: str, source: str) -> None:
    node = m.graph(scope).elements.get(target)
    fits = node is not None and node.scope_id == m.state.scopes[scope]["e"] and node.can_be_reached
    require(fits, "not_same_scope", "{to!r} is no element of the scope of {source!r} to which a token can come", to=target, source=source)


def _cancel(m: Machine, stimulus: Cancel) -> None:
    m.clear(m.state.root)
    m.state.ended_by = "cancelled"
    m.state.change(m.state.scopes, m.state.root, shut=True)
    m.ready.append(["end", m.state.root])


def _open_token(m: Machine, n: int, state: str, what: str) -> str:
    key = str(n)
    record = m.state.tokens.get(key)
    require(record is not None and record["s"] == state, "not_open", "{what} {n} is not open", error=Conflict, what=what, n=n)
    return key


_APPLY: dict[type, Callable[[Machine, Any], None]] = {
    Start: _start,
    CompleteItem: _complete_item,
    CompleteJob: _complete_job,
    FailJob: _fail_job,
    Deliver: _deliver,
    FireTimer: _fire_timer,
    MoveDue: _move_due,
    Retry: _retry,
    Repair: _repair,
    Move: _move,
    Cancel: _cancel,
}
