"""The engine's only door: `Engine`, its commands, queries and errors.

It executes process definitions and keeps their history, and knows nothing of suggestions: what a domain adds comes in as a `Registry`.
Importing it loads neither SQLAlchemy nor SpiffWorkflow; they are loaded when a database is opened and when a diagram is read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clock import Clock, SetClock, SystemClock
    from .commands import (
        CancelInstance,
        ChangeSetting,
        ClaimWorkItem,
        Command,
        CompleteWorkItem,
        DeployDefinitions,
        EndMemberships,
        MoveInstance,
        NameSubstitute,
        PerformAct,
        PublishCalendar,
        ReassignWorkItem,
        RegisterPersons,
        RegisterUnits,
        ReleaseWorkItem,
        RepairIncident,
        RetryIncident,
        StartInstance,
    )
    from .door import Engine
    from .errors import (
        Busy,
        Conflict,
        DefinitionError,
        FieldProblem,
        IdentityNeeded,
        InvalidForm,
        JianyiError,
        NotAllowed,
        NotFound,
        Problem,
        Rejected,
        StoreError,
        VerificationFailed,
    )
    from .model import Actor, Fact, Job, Moment, Outcome, WorkItem
    from .registry import (
        AllOf,
        AnyOf,
        Change,
        Check,
        Condition,
        Count,
        Effect,
        EffectFailed,
        FieldFault,
        Header,
        Record,
        Registry,
        Select,
        Series,
        Setting,
        Where,
        by_id,
        rows_of,
    )
    from .replay import Finding, Report
    from .runtime import Receipt
    from .start_turns import StartTurn
    from .views import ActView, Backdated, HistoryRow, ItemView, Working
    from .worker import Drained

_ROOMS = {
    "clock": ("Clock", "SetClock", "SystemClock",),
    "commands": ("CancelInstance", "ChangeSetting", "ClaimWorkItem", "Command", "CompleteWorkItem", "DeployDefinitions", "EndMemberships", "MoveInstance", "NameSubstitute", "PerformAct", "PublishCalendar", "ReassignWorkItem", "RegisterPersons", "RegisterUnits", "ReleaseWorkItem", "RepairIncident", "RetryIncident", "StartInstance",),
    "door": ("Engine",),
    "errors": ("Busy", "Conflict", "DefinitionError", "FieldProblem", "IdentityNeeded", "InvalidForm", "JianyiError", "NotAllowed", "NotFound", "Problem", "Rejected", "StoreError", "VerificationFailed",),
    "model": ("Actor", "Fact", "Job", "Moment", "Outcome", "WorkItem",),
    "registry": ("AllOf", "AnyOf", "Change", "Check", "Condition", "Count", "Effect", "EffectFailed", "FieldFault", "Header", "Record", "Registry", "Select", "Series", "Setting", "Where", "by_id", "rows_of",),
    "replay": ("Finding", "Report",),
    "runtime": ("Receipt",),
    "start_turns": ("StartTurn",),
    "views": ("ActView", "Backdated", "HistoryRow", "ItemView", "Working",),
    "worker": ("Drained",),
}
"""Where each public name stands. A room is loaded when one of its names is first used: a list needs no kernel."""

_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    """The public name, from its room."""
    room = _ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{room}", __name__), name)
    globals()[name] = value
    return value


__all__ = [
    "ActView",
    "Actor",
    "AllOf",
    "AnyOf",
    "Backdated",
    "Busy",
    "CancelInstance",
    "Change",
    "ChangeSetting",
    "Check",
    "ClaimWorkItem",
    "Clock",
    "Command",
    "CompleteWorkItem",
    "Condition",
    "Conflict",
    "Count",
    "DefinitionError",
    "DeployDefinitions",
    "Drained",
    "Effect",
    "EffectFailed",
    "EndMemberships",
    "Engine",
    "Fact",
    "FieldFault",
    "FieldProblem",
    "Finding",
    "Header",
    "HistoryRow",
    "IdentityNeeded",
    "InvalidForm",
    "ItemView",
    "JianyiError",
    "Job",
    "Moment",
    "MoveInstance",
    "NameSubstitute",
    "NotAllowed",
    "NotFound",
    "Outcome",
    "PerformAct",
    "Problem",
    "PublishCalendar",
    "ReassignWorkItem",
    "Receipt",
    "Record",
    "RegisterPersons",
    "RegisterUnits",
    "Registry",
    "Rejected",
    "ReleaseWorkItem",
    "RepairIncident",
    "Report",
    "RetryIncident",
    "Select",
    "Series",
    "SetClock",
    "Setting",
    "StartInstance",
    "StartTurn",
    "StoreError",
    "SystemClock",
    "VerificationFailed",
    "Where",
    "WorkItem",
    "Working",
    "by_id",
    "rows_of",
]
