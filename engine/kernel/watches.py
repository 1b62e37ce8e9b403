"""What tokens and scopes wait for: subscriptions to messages and signals, timers, conditions. Set, closed, and set again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..errors import Saying
from ..feel import from_json
from .data import because, encode, evaluate, holds, names_of, text_of
from .expressions import Formula
from .faults import StepError
from .graph import Container, Trigger
from .state import Record, by_id
from .steps import Act, OpenedSubscription, OpenedTimer
from .timers import Schedule, TimerError, following, schedule

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine

WATCHED = frozenset({"message", "signal", "timer", "conditional"})


def arm_boundaries(m: Machine, token: str, node: Node) -> None:
    """Set what the boundary events of an activity wait for."""
    scope = m.state.tokens[token]["in"]
    for boundary_id in node.boundary_ids:
        boundary = m.element(scope, boundary_id)
        arm(m, scope, token, boundary, boundary.triggers)


def arm_scope(m: Machine, scope: str, container: Container) -> None:
    """Set what the event sub-processes of a scope wait for."""
    for listener in container.event_sub_processes:
        arm(m, scope, None, m.element(scope, listener.start_id), listener.triggers)


def arm(m: Machine, scope: str, token: str | None, event: Node, triggers: Iterable[Trigger]) -> None:
    """Set what one event waits for, on behalf of a token or (None) of its scope."""
    opened: list[str] = []
    for trigger in triggers:
        if trigger.kind in WATCHED:
            try:
                watch = _open(m, scope, token, event, trigger)
            except StepError as error:
                raise StepError(error.code, Saying("{element}: {reason}", element=event.origin, reason=error.saying), expression=error.expression) from None
            opened += [watch] if watch is not None else []
    if opened:
        table, key = _owner(m, scope, token)
        m.state.change(table, key, w=[*table[key].get("w", ()), *opened])


def close_all(m: Machine, record: Record, how: str) -> None:
    """Close everything that a token's or scope's record waits for."""
    for watch in record.get("w", ()):
        close(m, watch, how)


def close(m: Machine, watch: str, how: str) -> None:
    """Close one thing that was waited for."""
    record = m.state.drop(m.state.watches, watch)
    if record is None:
        return
    if record["k"] == "timer":
        m.out.close(int(watch), how, "timers_set", "timers_closed")
    elif record["k"] != "conditional":
        m.out.close(int(watch), how, "subscriptions_opened", "subscriptions_closed")


def fired(m: Machine, watch: str, record: Record) -> None:
    """A timer was due: close it, and set the next turn of a cycle that goes on."""
    close(m, watch, "completed")
    table, key = _owner(m, record["in"], record["t"])
    left = [one for one in table[key].get("w", ()) if one != watch]
    turn = following(datetime.fromisoformat(record["due"]), record["every"], record["left"], m.moment.zone) if "every" in record else None
    if turn is not None:
        left.append(_set_timer(m, record["in"], record["t"], record["e"], turn))
    m.state.change(table, key, w=left)


def happened(m: Machine, watch: str, record: Record, variables: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """One of the triggers that an event needs all of: what all of them brought, or None while others are still waited for."""
    close(m, watch, "completed")
    table, key = _owner(m, record["in"], record["t"])
    holder = table[key]
    got = {**holder.get("got", {})}
    got[record["e"]] = {**got.get(record["e"], {}), **{name: encode(value) for name, value in variables.items()}}
    left = [one for one in holder.get("w", ()) if one != watch]
    m.state.change(table, key, w=left, got=got)
    if any(m.state.watches[one]["e"] == record["e"] for one in left):
        return None
    return {name: from_json(value) for name, value in got[record["e"]].items()}


def look_at_conditions(m: Machine) -> None:
    """After a write: every condition that has become true happens, in the order in which they were set."""
    happened = []
    for watch in by_id(key for key, record in m.state.watches.items() if record["k"] == "conditional"):
        record = m.state.watches[watch]
        formula = m.element(record["in"], record["e"]).triggers[record["x"]].formula
        assert formula is not None
        is_true = _is_true(m, formula, record)
        if is_true != record["was"]:
            m.state.change(m.state.watches, watch, was=is_true)
            if is_true:
                happened.append(["hit", watch, {}])
    m.ready.extendleft(reversed(happened))


def _is_true(m: Machine, formula: Formula, record: Record) -> bool:
    try:
        return holds(m, formula, record["t"] or record["in"])
    except StepError as error:
        m.out.add("notes", ("condition", record["e"], Saying("{condition}: {reason}", condition=formula.text, reason=error.saying)))
        return False
    finally:
        m.doubts.clear()


def _owner(m: Machine, scope: str, token: str | None) -> tuple[dict[str, Record], str]:
    return (m.state.scopes, scope) if token is None else (m.state.tokens, token)


def _open(m: Machine, scope: str, token: str | None, event: Node, trigger: Trigger) -> str | None:
    holder = token or scope
    if trigger.kind == "timer":
        return _open_timer(m, scope, token, event, trigger)
    record: Record = {"k": trigger.kind, "in": scope, "t": token, "e": event.origin}
    if trigger.kind == "conditional":
        watch = m.state.new_id()
        m.state.put(m.state.watches, watch, {**record, "x": event.triggers.index(trigger), "was": False})
        m.armed = True
        return watch
    name, key = name_and_key(m, trigger, holder)
    act = act_of(m, event, holder)
    watch = m.state.new_id()
    m.state.put(m.state.watches, watch, {**record, "name": name, "key": key})
    m.out.add("subscriptions_opened", OpenedSubscription(n=int(watch), element_id=event.origin, kind=trigger.kind, name=name, key=key, act=act))
    return watch


def name_and_key(m: Machine, trigger: Trigger, holder: str) -> tuple[str, str]:
    """The name of a message or signal, and the correlation key seen from here; the key is empty when none is asked for."""
    assert trigger.name is not None
    name = text_of(evaluate(m, trigger.name, holder))
    if name is None:
        raise StepError("name", Saying("the name of its {kind} gives no text", kind=Saying(trigger.kind)), expression=trigger.name.text)
    if trigger.key is None:
        return name, ""
    key = text_of(evaluate(m, trigger.key, holder))
    if key is None:
        raise StepError("correlation", Saying("the correlation key of {kind} {name} gives no value", kind=Saying(trigger.kind), name=repr(name)), expression=trigger.key.text)
    return name, key


def act_of(m: Machine, event: Node, holder: str) -> Act | None:
    """What a person may start by hand at this event, when its properties have `act`."""
    own = event.settings.properties
    if "act" not in own:
        return None
    groups, assignee = (evaluate(m, f, holder) if f is not None else None for f in (event.groups, event.assignee))
    return Act(
        act=own["act"],
        name=event.title or own["act"],
        form_id=event.form_id,
        check=own.get("check"),
        groups=names_of(groups),
        assignee=text_of(assignee),
    )


def _open_timer(m: Machine, scope: str, token: str | None, event: Node, trigger: Trigger) -> str | None:
    """Set a timer. One that only guards other work and has no time, because a limit is unset, is not set; the notes say so."""
    assert trigger.formula is not None
    assert trigger.time_kind is not None
    calls = m.host_calls
    value = evaluate(m, trigger.formula, token or scope)
    if value is None and not m.null_is_unknown and (event.is_boundary or token is None):
        m.out.add("notes", ("timer_unset", event.origin, Saying("{formula} gives no time", formula=trigger.formula.text)))
        return None
    try:
        turn = schedule(trigger.time_kind, value, m.moment.now, m.moment.zone)
    except TimerError as error:
        raise StepError("timer", because(error.saying, m.null_reasons if value is None else ()), expression=trigger.formula.text) from None
    return _set_timer(m, scope, token, event.origin, turn, range(calls, m.host_calls))


def _set_timer(m: Machine, scope: str, token: str | None, event_id: str, turn: Schedule, counted_by: range = range(0)) -> str:
    watch = m.state.new_id()
    record: dict[str, Any] = {"k": "timer", "in": scope, "t": token, "e": event_id, "due": turn.due_at.isoformat()}
    if turn.every is not None:
        record |= {"every": turn.every, "left": turn.left}
    m.state.put(m.state.watches, watch, record)
    m.out.add("timers_set", OpenedTimer(n=int(watch), element_id=event_id, due_at=turn.due_at, counted_by=counted_by))
    return watch
