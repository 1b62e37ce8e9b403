"""Executes diagrams: BPMN 2.0 read by SpiffWorkflow, tokens moved by a machine of our own. Pure; this is its only door.

`load` makes `Definitions` of the files of a deployment; `step` moves one instance after one stimulus. No clock, no randomness, no
input or output. Importing this package does not import SpiffWorkflow; `load` does.
"""

from __future__ import annotations

from .bounds import Bounds
from .definition import Definitions, Element, Examined, ProcessDefinition, StartPoint, StartTimer, examine, load, next_start
from .expressions import HOST_FUNCTIONS
from .snapshots import OpenElement, open_elements, variables
from .steps import (
    Act,
    Call,
    Cancel,
    ChangedItem,
    CompleteItem,
    CompleteJob,
    Deliver,
    FailJob,
    FireTimer,
    IncidentOpened,
    Move,
    MoveDue,
    OpenedItem,
    OpenedJob,
    OpenedSubscription,
    OpenedTimer,
    Repair,
    Retry,
    Start,
    Step,
    Stimulus,
    TaskCall,
    Thrown,
)
from .stimulate import step
from .timers import TimerError, parse_span

__all__ = [
    "HOST_FUNCTIONS",
    "Act",
    "Bounds",
    "Call",
    "Cancel",
    "ChangedItem",
    "CompleteItem",
    "CompleteJob",
    "Definitions",
    "Deliver",
    "Element",
    "Examined",
    "FailJob",
    "FireTimer",
    "IncidentOpened",
    "Move",
    "MoveDue",
    "OpenElement",
    "OpenedItem",
    "OpenedJob",
    "OpenedSubscription",
    "OpenedTimer",
    "ProcessDefinition",
    "Repair",
    "Retry",
    "Start",
    "StartPoint",
    "StartTimer",
    "Step",
    "Stimulus",
    "TaskCall",
    "Thrown",
    "TimerError",
    "examine",
    "load",
    "next_start",
    "open_elements",
    "parse_span",
    "step",
    "variables",
]
