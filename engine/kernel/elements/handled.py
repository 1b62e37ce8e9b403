"""Calls the handler of a topic: at once, or as a job that waits for an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import Rejected, said_of
from ...model import Pending
from ..activity import finish
from ..data import evaluate, sight, text_of
from ..faults import StepError
from ..handlers import throw_error
from ..sending import SEND
from ..steps import OpenedJob, TaskCall

if TYPE_CHECKING:
    from ..machine import Machine
    from .base import Node


def call_handler(m: Machine, token: str, node: Node) -> None:
    """Do what the topic of an element means; the topic `message.send` is a throw."""
    topic = node.settings.topic
    assert topic is not None
    if topic == SEND:
        wait_to_throw(m, token)
        return
    headers = {name: text_of(evaluate(m, formula, token)) or "" for name, formula in node.headers}
    variables = inputs_of(m, token) if node.input_mappings else sight(m, token)
    call = TaskCall(topic=topic, element_id=node.origin, variables=variables, headers=headers, mapped=bool(node.input_mappings))
    try:
        outcome = m.call.handle(call)
    except Rejected as error:
        raise StepError(error.code, said_of(error)) from None
    if isinstance(outcome, Pending):
        m.state.change(m.state.tokens, token, s="job")
        m.out.add("jobs_opened", OpenedJob(n=int(token), element_id=node.origin, topic=topic, headers=headers, variables=dict(variables)))
        return
    m.out.extend("facts", ((node.origin, topic, fact) for fact in outcome.facts))
    if outcome.error is not None:
        throw_error(m, m.state.tokens[token]["in"], token, outcome.error, node.origin, outcome.variables)
    else:
        finish(m, token, outcome.variables)


def wait_to_throw(m: Machine, token: str) -> None:
    """Let all other ready tokens move before this one throws."""
    m.state.change(m.state.tokens, token, s="throw")
    m.throws.append(["throw", token])


def inputs_of(m: Machine, token: str) -> dict[str, Any]:
    """The variables of the token itself: its mapped inputs, and the item of a multi-instance."""
    seen = sight(m, token)
    return {name: seen[name] for name in m.state.vars.get(token, {})}
