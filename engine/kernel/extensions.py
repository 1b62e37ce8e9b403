"""The `zeebe:` extension elements of one BPMN element as frozen data: exactly what is written, nothing evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from .read import BPMN, ZEEBE, local_name, truth

_Z = "{" + ZEEBE + "}"

@dataclass(frozen=True, kw_only=True, slots=True)
class MappingText:
    """One line of `zeebe:ioMapping`: a source expression and the variable that takes its value."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LoopText:
    """`zeebe:loopCharacteristics` as written; absent attributes are None."""

    input_collection: str | None = None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Extensions:
    """All extension elements of one element. Absent texts are None, absent tables are empty."""

    topic: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[MappingText, ...] = ()
    outputs: tuple[MappingText, ...] = ()
    script: str | None = None
    result_variable: str | None = None
    decision_id: str | None = None
    called_process: str | None = None
    passes_all_in: bool = True
    passes_all_out: bool = True
    assignee: str | None = None
    groups: str | None = None
    form_id: str | None = None
    due_date: str | None = None
    priority: str | None = None
    loop: LoopText | None = None
    correlation_key: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


NO_EXTENSIONS = Extensions()


def extensions_of(element: etree._Element) -> Extensions:
    """What the element's own `bpmn:extensionElements` say."""
    holder = element.find(BPMN + "extensionElements")
    if holder is None:
        return NO_EXTENSIONS
    found: dict[str, object] = {}
    for child in holder:
        if not isinstance(child.tag, str) or not child.tag.startswith(_Z):
            continue
        found.update(_read(local_name(child), child))
    return Extensions(**found) if found else NO_EXTENSIONS  # type: ignore[arg-type]


def loop_text(element: etree._Element) -> LoopText | None:
    """The `zeebe:loopCharacteristics` inside a `bpmn:multiInstanceLoopCharacteristics`."""
    return extensions_of(element).loop


def _read(name: str, child: etree._Element) -> dict[str, object]:
    if name == "taskDefinition":
        return {"topic": child.get("type")}
    if name == "taskHeaders":
        return {"headers": {header.get("key", ""): header.get("value", "") for header in child.iterfind(_Z + "header")}}
    if name == "ioMapping":
        return {"inputs": tuple(_mappings(child, "input")), "outputs": tuple(_mappings(child, "output"))}
    if name == "script":
        return {"script": child.get("expression"), "result_variable": child.get("resultVariable")}
    if name == "calledDecision":
        return {"decision_id": child.get("decisionId"), "result_variable": child.get("resultVariable")}
    if name == "calledElement":
        return {
            "called_process": child.get("processId"),
            "passes_all_in": truth(child.get("propagateAllParentVariables"), True),
            "passes_all_out": truth(child.get("propagateAllChildVariables"), True),
        }
    if name == "properties":
        return {"properties": {item.get("name", ""): item.get("value", "") for item in child.iterfind(_Z + "property")}}
    if name == "loopCharacteristics":
        return {"loop": _loop(child)}
    return _read_human(name, child)


def _read_human(name: str, child: etree._Element) -> dict[str, object]:
    if name == "assignmentDefinition":
        return {"assignee": child.get("assignee"), "groups": child.get("candidateGroups")}
    if name == "formDefinition":
        return {"form_id": child.get("formId") or child.get("externalReference")}
    if name == "taskSchedule":
        return {"due_date": child.get("dueDate")}
    if name == "priorityDefinition":
        return {"priority": child.get("priority")}
    if name == "subscription":
        return {"correlation_key": child.get("correlationKey")}
    return {}


def _mappings(child: etree._Element, tag: str) -> Iterator[MappingText]:
    for line in child.iterfind(_Z + tag):
        yield MappingText(source=line.get("source", ""), target=line.get("target", ""))


def _loop(child: etree._Element) -> LoopText:
    return LoopText(
        input_collection=child.get("inputCollection"),
        input_element=child.get("inputElement"),
        output_collection=child.get("outputCollection"),
        output_element=child.get("outputElement"),
    )
