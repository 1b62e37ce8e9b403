"""What stands of one process instance between two commands: the engine's part around the kernel's snapshot. Pure.

It is a versioned JSON value in proportion to open work, kept as a payload of the row that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from .errors import NotFound
from .events import Json
from .model import WorkItem

STATE_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that a person may start by hand while the instance runs, offered by an open subscription."""

    subscription_id: str
    element_id: str
    act: str
    name: str
    form_id: str | None
    check: str | None
    groups: tuple[str, ...]
    assignee: str | None


@dataclass(frozen=True, kw_only=True)
class InstanceState:
    """The instance. `incidents`: id -> the delivery that failed with it, or None; `last_at`: instant of the last command."""

    id: str
    case_id: str
    process: str
    key: str
    deployment: str
    status: str = "running"
    last_at: int = 0
    items: Mapping[str, WorkItem] = field(default_factory=dict)
    acts: Mapping[str, Act] = field(default_factory=dict)
    incidents: Mapping[str, Json] = field(default_factory=dict)
    kernel: Json = None

    def item(self, item_id: str) -> WorkItem | None:
        return self.items.get(item_id)

    def with_item(self, item: WorkItem) -> InstanceState:
        return replace(self, items={**self.items, item.id: item})

    def incident(self, incident_id: str) -> Json:
        """The delivery that failed with the open incident, or None. Raises NotFound."""
        if incident_id not in self.incidents:
            raise NotFound("not_found", "incident {incident} is not open", incident=incident_id, hint="jianyi incident list")
        return self.incidents[incident_id]


def state_to_json(state: InstanceState) -> Json:
    """The state as a canonical-ready value."""
    return {
        "version": STATE_VERSION,
        "id": state.id,
        "case_id": state.case_id,
        "process": state.process,
        "key": state.key,
        "deployment": state.deployment,
        "status": state.status,
        "last_at": state.last_at,
        "items": {key: _item_to_json(item) for key, item in state.items.items()},
        "acts": {key: asdict(act) for key, act in state.acts.items()},
        "incidents": dict(state.incidents),
        "kernel": state.kernel,
    }


def state_from_json(value: Json) -> InstanceState:
    """The state of a stored snapshot."""
    return InstanceState(
        id=value["id"],
        case_id=value["case_id"],
        process=value["process"],
        key=value["key"],
        deployment=value["deployment"],
        status=value["status"],
        last_at=value["last_at"],
        items={key: _item_from_json(item, value["id"]) for key, item in value["items"].items()},
        acts={key: Act(**{**act, "groups": tuple(act["groups"])}) for key, act in value["acts"].items()},
        incidents=value["incidents"],
        kernel=value["kernel"],
    )


_DEFAULTS: dict[str, Any] = {
    "form_id": None,
    "check": None,
    "assignee": None,
    "claimed_by": None,
    "due_on": None,
    "priority": 50,
    "version": 1,
    "inputs": {},
    "basis": None,
}


def _item_to_json(item: WorkItem) -> Json:
    value: dict[str, Json] = {"element_id": item.element_id, "name": item.name, "groups": list(item.groups)}
    for name, default in _DEFAULTS.items():
        held = getattr(item, name)
        if held != default:
            value[name] = held.isoformat() if isinstance(held, date) else held
    return value | {"id": item.id}


def _item_from_json(value: Json, instance_id: str) -> WorkItem:
    due_on = value.get("due_on")
    return WorkItem(
        **{
            **value,
            "instance_id": instance_id,
            "groups": tuple(value["groups"]),
            "due_on": date.fromisoformat(due_on) if due_on else None,
        }
    )
