"""Throwing messages and signals: what goes out, under which name and key, with which variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import Saying
from .data import evaluate, sight, text_of
from .faults import StepError
from .steps import Thrown
from .watches import name_and_key

if TYPE_CHECKING:
    from .elements.base import Node
    from .machine import Machine

SEND = "message.send"


def send_triggers(m: Machine, token: str, node: Node) -> None:
    """Send every message and signal that an element throws. They carry what its input mappings name, and nothing else."""
    for trigger in node.triggers:
        if trigger.kind in ("message", "signal"):
            name, key = name_and_key(m, trigger, token)
            _send(m, token, node, trigger.kind, name, key)


def send_by_headers(m: Machine, token: str, node: Node) -> None:
    """Send the message that the task headers `message` and `key` name."""
    headers = dict(node.headers)
    name = text_of(evaluate(m, headers["message"], token))
    if name is None:
        raise StepError("name", "the header message gives no text", expression=headers["message"].text)
    key = ""
    if "key" in headers and headers["key"].text:
        found = text_of(evaluate(m, headers["key"], token))
        if found is None:
            raise StepError("correlation", Saying("the header key of message {name} gives no value", name=repr(name)), expression=headers["key"].text)
        key = found
    _send(m, token, node, "message", name, key)


def _send(m: Machine, token: str, node: Node, kind: str, name: str, key: str) -> None:
    seen = sight(m, token)
    own = m.state.vars.get(token, {})
    variables: dict[str, Any] = {line.path[0]: seen[line.path[0]] for line in node.input_mappings if line.path[0] in own}
    m.out.add("thrown", Thrown(n=int(m.state.new_id()), element_id=node.origin, kind=kind, name=name, key=key, variables=variables))
