"""What an operator or the worker does to an instance that is in trouble: retry, repair, move, cancel; keep, expire or fail a delivery. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from . import kernel
from .commands import (
    CancelInstance,
    ExpireMessage,
    FailDelivery,
    InstanceCommand,
    KeepMessage,
    MoveInstance,
    RepairIncident,
    RetryIncident,
)
from .errors import NotAllowed, Saying, require
from .events import Event, IncidentOpened, IncidentResolved, MessageExpired, MessageKept
from .instants import instant
from .situation import Answers, Decision, Situation, step, unmoved
from .telling import number_of

KEPT_MICROSECONDS = 30 * 86_400 * 1_000_000
"""A message that nobody waits for is kept for 30 days."""


def _keep(command: KeepMessage, situation: Situation, answers: Answers) -> Decision:
    until = instant(situation.moment.now) + KEPT_MICROSECONDS
    return unmoved(situation, situation.held, MessageKept(delivery_id=command.delivery_id, kept_until=until))


def _expire(command: ExpireMessage, situation: Situation, answers: Answers) -> Decision:
    return _incident(situation, command.delivery_id, "message_expired", Saying("nobody came for the message in 30 days"), expired=True)


def _fail_delivery(command: FailDelivery, situation: Situation, answers: Answers) -> Decision:
    return _incident(situation, command.delivery_id, "delivery_failed", Saying.from_json(command.fault or command.reason), expired=False)


def _incident(situation: Situation, delivery_id: str, code: str, why: Saying, *, expired: bool) -> Decision:
    identifier = f"{situation.instance_id}.d{situation.position}"
    opened = IncidentOpened(
        incident_id=identifier, element_id=None, code=code, expression=None, reason=why.to_json(), delivery_id=delivery_id
    )
    events: tuple[Event, ...] = (MessageExpired(delivery_id=delivery_id), opened) if expired else (opened,)
    state = replace(situation.held, incidents={**situation.held.incidents, identifier: {"delivery": delivery_id}})
    return unmoved(situation, state, *events)


def _retry(command: RetryIncident, situation: Situation, answers: Answers) -> Decision:
    _require_operator(situation, command.reason)
    if situation.held.incident(command.incident_id) is not None:
        return _redeliver(command.incident_id, situation)
    return step(situation, situation.held, answers, kernel.Retry(incident=number_of(command.incident_id)), ())


def _repair(command: RepairIncident, situation: Situation, answers: Answers) -> Decision:
    _require_operator(situation, command.reason)
    held = situation.held.incident(command.incident_id)
    repaired = step(situation, situation.held, answers, kernel.Repair(variables=dict(command.variables)), ())
    after = replace(situation, state=repaired.state)
    if held is not None:
        again = _redeliver(command.incident_id, after)
    else:
        again = step(after, repaired.state, answers, kernel.Retry(incident=number_of(command.incident_id)), ())
    return Decision(events=repaired.events + again.events, state=again.state)


def _redeliver(incident_id: str, situation: Situation) -> Decision:
    """Resolve the incident of a failed delivery: it goes back to the outbox and is made again with its own date."""
    state = situation.held
    delivery_id = state.incidents[incident_id]["delivery"]
    left = {key: value for key, value in state.incidents.items() if key != incident_id}
    resolved = IncidentResolved(incident_id=incident_id, how="redelivered", delivery_id=delivery_id)
    return unmoved(situation, replace(state, incidents=left), resolved)


def _move(command: MoveInstance, situation: Situation, answers: Answers) -> Decision:
    _require_operator(situation, command.reason)
    stimulus = kernel.Move(from_element=command.from_element, to_element=command.to_element)
    return step(situation, situation.held, answers, stimulus, ())


def _cancel(command: CancelInstance, situation: Situation, answers: Answers) -> Decision:
    _require_operator(situation, command.reason)
    return step(situation, situation.held, answers, kernel.Cancel(reason=command.reason or ""), ())


def _require_operator(situation: Situation, reason: str | None) -> None:
    require(
        situation.actor.is_in(("operator",)),
        "operator_needed",
        "only an operator may repair",
        error=NotAllowed,
        hint="ask a person of the group operator",
    )
    require(reason, "reason_needed", "a repair needs a reason", hint="add --reason")


RULES: dict[type[InstanceCommand], Callable[[Any, Situation, Answers], Decision]] = {
    KeepMessage: _keep,
    ExpireMessage: _expire,
    FailDelivery: _fail_delivery,
    RetryIncident: _retry,
    RepairIncident: _repair,
    MoveInstance: _move,
    CancelInstance: _cancel,
}
"""The rule of each command."""
