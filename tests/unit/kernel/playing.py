"""A diagram played by itself: people, messages, signals and the clock are moved by the test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine import kernel
from engine.kernel.timers import parse_span
from engine.model import Outcome
from tests.language.host import Host

from .drawing import event, path

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
MESSAGE = '<bpmn:messageEventDefinition messageRef="{}"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="{}"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="{}"/>'
ESCALATION = '<bpmn:escalationEventDefinition escalationRef="{}"/>'
CONDITION = "<bpmn:conditionalEventDefinition><bpmn:condition>={}</bpmn:condition></bpmn:conditionalEventDefinition>"
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>{}</bpmn:timeDuration></bpmn:timerEventDefinition>"
CYCLE = "<bpmn:timerEventDefinition><bpmn:timeCycle>{}</bpmn:timeCycle></bpmn:timerEventDefinition>"
COMPENSATE = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
TERMINATE = "<bpmn:terminateEventDefinition/>"

HANDLERS = {
    "echo": lambda task: Outcome(variables=dict(task.variables) if task.mapped else {}),
    "throw": lambda task: Outcome(error=task.headers["code"]),
}


class Play:
    """One process `p` started plainly, and whatever it starts."""

    def __init__(self, data: bytes, variables: Mapping[str, Any] | None = None, *, start: bool = True) -> None:
        self.host = Host(kernel.load({"drawn.bpmn": data}), NINE, HANDLERS)
        if start:
            self.host.start("p", variables or {})

    def complete(self, element_id: str, where: Mapping[str, Any] | None = None, **variables: Any) -> Play:
        """Complete the oldest open work item of an element."""
        self.host.complete(element_id, variables, where or {})
        return self

    def message(self, name: str, key: str = "k", **variables: Any) -> Play:
        """Send a message from outside."""
        self.host.message(name, key, variables)
        return self

    def signal(self, name: str) -> Play:
        """Broadcast a signal from outside."""
        self.host.signal(name)
        return self

    def advance(self, span: str) -> Play:
        """Let time pass."""
        self.host.advance(parse_span(span).after(self.host.now, "UTC"))
        return self

    def did(self, *watched: str) -> list[str]:
        """Which of these elements completed, in order."""
        return [element for element in self.host.left if element in watched]

    @property
    def items(self) -> list[str]:
        """Open work items of all instances."""
        return sorted(item.element_id for instance in self.host.instances for item in instance.items.values())

    @property
    def outcomes(self) -> list[str]:
        """What became of each instance."""
        return [instance.outcome for instance in self.host.instances]

    @property
    def status(self) -> str:
        """How the first instance ended, or that it still runs."""
        return self.host.instances[0].status

    @property
    def reasons(self) -> list[str]:
        """Why instances stand."""
        return [incident.reason for instance in self.host.instances for incident in instance.incidents.values()]

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the first instance."""
        return kernel.variables(self.host.instances[0].snapshot)


def sub(element_id: str, *inside: str, kind: str = "subProcess", loop: str = "", mapping: str = "", **attributes: str) -> str:
    """A sub-process of any kind."""
    return event(kind, element_id, loop + "".join(inside), mapping, **attributes)


def on_event(element_id: str, start: str, *inside: str, **attributes: str) -> str:
    """An event sub-process: its start event's XML first."""
    return sub(element_id, start, *inside, triggeredByEvent="true", **attributes)


def steps(first: str, *elements: str, end: str = "") -> str:
    """Elements in a line from an element that is named, to an end event when one is named; the elements' XML and the flows."""
    ids = [one.partition('id="')[2].partition('"')[0] for one in elements]
    return "".join(elements) + (event("endEvent", end) if end else "") + path(first, *ids, *([end] if end else []))


def boundary(element_id: str, host: str, trigger: str, *, interrupting: bool = True) -> str:
    """A boundary event."""
    return event("boundaryEvent", element_id, trigger, attachedToRef=host, cancelActivity=str(interrupting).lower())


def undone_by(activity: str, handler: str) -> str:
    """A compensation boundary event of an activity and its association with a handler."""
    return event("boundaryEvent", f"{activity}-undo", COMPENSATE, attachedToRef=activity) + (
        f'<bpmn:association id="{activity}-undo-{handler}" sourceRef="{activity}-undo" targetRef="{handler}" associationDirection="One"/>'
    )


def flow(flow_id: str, source: str, target: str, condition: str = "") -> str:
    """A sequence flow, with a condition when one is given."""
    written = f"<bpmn:conditionExpression>={condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{written}</bpmn:sequenceFlow>'


def each(collection: str, item: str, *, output: str = "", of: str = "", until: str = "", sequential: bool = False) -> str:
    """Multi-instance characteristics."""
    out = f' outputCollection="{output}" outputElement="={of}"' if output else ""
    inside = f'<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="={collection}" inputElement="{item}"{out}/></bpmn:extensionElements>'
    condition = f"<bpmn:completionCondition>={until}</bpmn:completionCondition>" if until else ""
    return f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{inside}{condition}</bpmn:multiInstanceLoopCharacteristics>'


def again(condition: str = "", *, maximum: int | None = None, before: bool = False) -> str:
    """Standard loop characteristics."""
    most = f' loopMaximum="{maximum}"' if maximum is not None else ""
    inside = f"<bpmn:loopCondition>={condition}</bpmn:loopCondition>" if condition else ""
    return f'<bpmn:standardLoopCharacteristics testBefore="{str(before).lower()}"{most}>{inside}</bpmn:standardLoopCharacteristics>'


def error(code: str) -> str:
    return f'<bpmn:error id="{code}" name="{code}" errorCode="{code}"/>'


def escalation(code: str) -> str:
    return f'<bpmn:escalation id="{code}" name="{code}" escalationCode="{code}"/>'


def signal(name: str) -> str:
    return f'<bpmn:signal id="{name}" name="{name}"/>'


def mapping(*, inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None) -> str:
    """An ioMapping: variable → FEEL."""
    lines = [("input", *pair) for pair in (inputs or {}).items()] + [("output", *pair) for pair in (outputs or {}).items()]
    return "<zeebe:ioMapping>" + "".join(f'<zeebe:{way} source="={source}" target="{target}"/>' for way, target, source in lines) + "</zeebe:ioMapping>"


def thrower(element_id: str, code: str) -> str:
    """A service task whose handler throws a BPMN error."""
    inside = f'<zeebe:taskDefinition type="throw"/><zeebe:taskHeaders><zeebe:header key="code" value="{code}"/></zeebe:taskHeaders>'
    return event("serviceTask", element_id, "", inside)


def process(process_id: str, *inside: str) -> str:
    """A further process of the file."""
    return f'<bpmn:process id="{process_id}" isExecutable="true">{"".join(inside)}</bpmn:process>'


def call(element_id: str, process_id: str, inside: str = "", loop: str = "", **options: str) -> str:
    """A call activity; `options` are attributes of `zeebe:calledElement`."""
    flags = "".join(f' {name}="{value}"' for name, value in options.items())
    return event("callActivity", element_id, loop, f'<zeebe:calledElement processId="{process_id}"{flags}/>{inside}')
