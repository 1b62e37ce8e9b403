"""Small diagrams written in a few words, and an instance that one can step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from engine import kernel
from engine.model import Json, Moment, Outcome, Pending

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">'
)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def event(kind: str, element_id: str, trigger: str = "", inside: str = "", **attributes: str) -> str:
    """An event element; `trigger` is the XML of its event definition."""
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{kind} id="{element_id}"{written}>{extended(inside)}{trigger}</bpmn:{kind}>'


def task(kind: str, element_id: str, inside: str = "", loop: str = "", **attributes: str) -> str:
    """An activity; `inside` goes to its extension elements."""
    return event(kind, element_id, loop, inside, **attributes)


def extended(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""


def script(element_id: str, expression: str, variable: str) -> str:
    return task("scriptTask", element_id, f'<zeebe:script expression="={expression}" resultVariable="{variable}"/>')


def service(element_id: str, topic: str, inside: str = "") -> str:
    return task("serviceTask", element_id, f'<zeebe:taskDefinition type="{topic}"/>{inside}')


def properties(**values: str) -> str:
    lines = "".join(f'<zeebe:property name="{name}" value="{value}"/>' for name, value in values.items())
    return f"<zeebe:properties>{lines}</zeebe:properties>"


def message(message_id: str, key: str | None = "=case_no") -> str:
    subscription = extended(f'<zeebe:subscription correlationKey="{key}"/>') if key else ""
    return f'<bpmn:message id="{message_id}" name="{message_id}">{subscription}</bpmn:message>'


def path(*element_ids: str) -> str:
    """Sequence flows that join the elements in a line."""
    pairs = pairwise(element_ids)
    return "".join(f'<bpmn:sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs)


def drawn(*inside: str, before: str = "", more: str = "") -> bytes:
    """A file with one process `p`; `before` holds messages and signals, `more` other processes."""
    process = f'<bpmn:process id="p" isExecutable="true">{"".join(inside)}</bpmn:process>'
    return f"{HEAD}{before}{process}{more}</bpmn:definitions>".encode()


def line(*tasks: str, before: str = "", beside: str = "") -> bytes:
    """A process of these elements one after another, between a start and an end event."""
    ids = [one.partition('id="')[2].partition('"')[0] for one in tasks]
    ends = event("startEvent", "s"), event("endEvent", "e")
    return drawn(*ends, *tasks, path("s", *ids, "e"), beside, before=before)


class Answers:
    """A call whose handlers and host functions are given by name."""

    def __init__(self, handlers: Mapping[str, Callable[[kernel.TaskCall], Outcome | Pending]], functions: Mapping[str, Any]) -> None:
        self.handlers = handlers
        self.functions = functions

    def handle(self, task: kernel.TaskCall) -> Outcome | Pending:
        return self.handlers[task.topic](task)

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        return self.functions[name](*arguments)


class Instance:
    """One instance of process `p`, stepped stimulus by stimulus; `last` is what the latest step did."""

    def __init__(self, data: bytes, variables: Mapping[str, Any] | None = None, *, at: str | None = None, **answers: Any) -> None:
        self.definitions = kernel.load({"drawn.bpmn": data})
        self.now = NOON
        self.functions = {name: answers.pop(name) for name in list(answers) if name in kernel.HOST_FUNCTIONS}
        self.handlers = {name.replace("_", "."): handler for name, handler in answers.items()}
        self.snapshot: dict[str, Json] | None = None
        self.last = self.do(kernel.Start("p", variables or {}, at))

    def do(self, stimulus: kernel.Stimulus, **options: Any) -> kernel.Step:
        moment = Moment(now=self.now, seed=1, zone="Asia/Shanghai")
        self.last = kernel.step(self.definitions, self.snapshot, stimulus, moment, Answers(self.handlers, self.functions), **options)
        self.snapshot = self.last.snapshot
        return self.last

    def complete(self, element_id: str, **variables: Any) -> kernel.Step:
        """Complete the oldest open work item of an element."""
        assert self.snapshot is not None
        n = next(one.n for one in kernel.open_elements(self.snapshot) if one.element_id == element_id and one.state == "item")
        return self.do(kernel.CompleteItem(n, variables))

    @property
    def variables(self) -> dict[str, Any]:
        assert self.snapshot is not None
        return kernel.variables(self.snapshot)

    @property
    def open(self) -> list[tuple[str, str]]:
        """Where tokens stand, and as what."""
        assert self.snapshot is not None
        return [(one.element_id, one.state) for one in kernel.open_elements(self.snapshot)]
