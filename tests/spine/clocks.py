"""Processes that begin by the clock, on the petitions' desk: what the tests of start timers draw, deploy and look at."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine import DeployDefinitions, Receipt, Select, Where
from engine.instants import from_microseconds

from .clerks import HEAD, Desk, flow, forms, item

BEGIN = datetime.fromisoformat("2026-01-05T09:00+08:00")
"""Where the desk's clock stands at first."""


def timer(kind: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def beginning(*timers: str, process: str = "review", name: str = "review", middle: str = "") -> bytes:
    """A process that begins by timers: start, work item of the clerks (or `middle`, whose id is work), end."""
    body = f'<bpmn:startEvent id="start">{"".join(timers)}</bpmn:startEvent>'
    body += (middle or item("work", "review it", "clerk", "f-decide")) + '<bpmn:endEvent id="end"/>'
    body += flow("r1", "start", "work") + flow("r2", "work", "end")
    return (HEAD + f'<bpmn:process id="{process}" name="{name}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>').encode()


def deploy(desk: Desk, *diagrams: bytes) -> Receipt:
    """Deploy these diagrams and no others."""
    files = {f"d{n}.bpmn": diagram for n, diagram in enumerate(diagrams)}
    return desk.engine.execute(DeployDefinitions(actor="root", files={**files, **forms()}))


def begun(desk: Desk, process: str = "review") -> list[str]:
    """When the instances of the process began, in civil time, in the order of their ids."""
    rows = desk.engine.select("kim", Select(table="instance", where=(Where(column="process", value=process),)))
    return [civil(row["started_at"]) for row in sorted(rows, key=lambda row: int(row["id"]))]


def civil(value: int) -> str:
    return from_microseconds(value).astimezone(BEGIN.tzinfo).strftime("%m-%d %H:%M")


def due(desk: Desk) -> list[str]:
    """When the start timers are due next; `none` where no turn is left."""
    return ["none" if turn.due_at is None else civil(turn.due_at) for turn in desk.engine.start_turns("kim")]


def advance(desk: Desk, **span: float) -> None:
    desk.engine.advance(desk.clock.now + timedelta(**span))
