"""Diagrams that grow, for tests and for the benchmark: what one completion costs must not."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from engine import kernel
from engine.model import Json, Moment
from engine.trial import STAND_INS, TrialCall

MOMENT = Moment(now=datetime(2026, 1, 5, 9, tzinfo=UTC), seed=1)
CALL = TrialCall(STAND_INS, "UTC")
HEAD = '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t"><bpmn:process id="p" isExecutable="true">'
FOOT = "</bpmn:process></bpmn:definitions>"
USER = '<bpmn:userTask id="{0}"><bpmn:extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="g"/></bpmn:extensionElements>{1}</bpmn:userTask>'


def flow(source: str, target: str, condition: str = "") -> str:
    inside = f"<bpmn:conditionExpression>={condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def line(tasks: int, kind: str = "user") -> bytes:
    """So many tasks one after another."""
    names = ["s", *(f"t{n}" for n in range(tasks)), "e"]
    drawn = [USER.format(name, "") if kind == "user" else f'<bpmn:task id="{name}"/>' for name in names[1:-1]]
    flows = [flow(a, b) for a, b in itertools.pairwise(names)]
    return (HEAD + '<bpmn:startEvent id="s"/>' + "".join(drawn) + '<bpmn:endEvent id="e"/>' + "".join(flows) + FOOT).encode()


def circle() -> bytes:
    """A user task that is done again and again."""
    script = '<bpmn:scriptTask id="count"><bpmn:extensionElements><zeebe:script expression="=i + 1" resultVariable="i"/></bpmn:extensionElements></bpmn:scriptTask>'
    gate = '<bpmn:exclusiveGateway id="g" default="g-e"/>'
    flows = flow("s", "t") + flow("t", "count") + flow("count", "g") + flow("g", "t", "i &lt; 100000") + flow("g", "e")
    return (HEAD + '<bpmn:startEvent id="s"/>' + USER.format("t", "") + script + gate + '<bpmn:endEvent id="e"/>' + flows + FOOT).encode()


def parallel(items: int) -> bytes:
    """A user task for so many at once."""
    loop = f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{items}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    return (HEAD + '<bpmn:startEvent id="s"/>' + USER.format("t", loop) + '<bpmn:endEvent id="e"/>' + flow("s", "t") + flow("t", "e") + FOOT).encode()


def scripts(count: int, *, backwards: bool = False, mistaken: bool = False) -> bytes:
    """Scripts one after another, each of which reads what the one before writes; `backwards`: the last one stands first in the file."""
    names = [f"t{n}" for n in range(count)]
    slip = "x" if mistaken else ""
    drawn = [_script(name, f"written_{place - 1}{slip} + 1" if place else "1", f"written_{place}") for place, name in enumerate(names)]
    flows = [flow(a, b) for a, b in itertools.pairwise(["s", *names, "e"])]
    return (HEAD + '<bpmn:startEvent id="s"/>' + "".join(reversed(drawn) if backwards else drawn) + '<bpmn:endEvent id="e"/>' + "".join(flows) + FOOT).encode()


def returns(count: int) -> bytes:
    """Scripts one after another, behind each a gateway that can lead back to the first."""
    drawn = [_script(f"t{n}", f"v{n * 7 % count}", f"v{n}") + f'<bpmn:exclusiveGateway id="g{n}"/>' for n in range(count)]
    flows = [flow(f"t{n}", f"g{n}") + flow(f"g{n}", "first", "v0 = 1") for n in range(count)]
    onward = [flow("s", "first"), flow("first", "t0"), *(flow(f"g{n}", f"t{n + 1}") for n in range(count - 1)), flow(f"g{count - 1}", "e")]
    return (HEAD + '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="first"/>' + "".join(drawn) + '<bpmn:endEvent id="e"/>' + "".join(flows + onward) + FOOT).encode()


def _script(name: str, expression: str, result: str) -> str:
    return f'<bpmn:scriptTask id="{name}"><bpmn:extensionElements><zeebe:script expression="={expression}" resultVariable="{result}"/></bpmn:extensionElements></bpmn:scriptTask>'


class Run:
    """One instance whose work items are completed one by one."""

    def __init__(self, data: bytes, variables: dict[str, Any] | None = None) -> None:
        self.definitions = kernel.load({"grows.bpmn": data})
        self.items: list[int] = []
        self.snapshot: dict[str, Json] | None = None
        self.status = "running"
        self.step(kernel.Start("p", variables or {}))

    def step(self, stimulus: kernel.Stimulus) -> None:
        step = kernel.step(self.definitions, self.snapshot, stimulus, MOMENT, CALL)
        self.snapshot, self.status = step.snapshot, step.status
        self.items += [item.n for item in step.items_opened]

    def complete(self, times: int = 1) -> None:
        """Complete the oldest open work item, so many times."""
        for _ in range(times):
            self.step(kernel.CompleteItem(self.items.pop(0), {}))

    @property
    def bytes(self) -> int:
        """How much is stored."""
        return len(json.dumps(self.snapshot))


def calls(act: Callable[[], object]) -> int:
    """How many functions are called, Python's own and built in: work counted without a clock."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count
