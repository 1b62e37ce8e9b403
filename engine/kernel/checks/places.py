"""Checks where elements stand: an element in the wrong place, or a second one where one counts, would be lost without a word."""

from __future__ import annotations

from collections import Counter
from typing import Final

from lxml import etree

from ..outline import ACTIVITIES, EMBEDDED, EVENTS, FLOW_NODES
from ..read import is_bpmn, local_name
from ..vocabulary import ELEMENTS
from .report import Report

_SCOPES = EMBEDDED | {"process"}
_ROOT = frozenset({"definitions"})
_REPEATED = frozenset({"standardLoopCharacteristics", "multiInstanceLoopCharacteristics"})

_PARENTS: Final[dict[str, frozenset[str]]] = {
    "definitions": frozenset(),
    **dict.fromkeys(FLOW_NODES | {"sequenceFlow", "dataObject", "dataObjectReference", "dataStoreReference"}, _SCOPES),
    **dict.fromkeys(("process", "message", "signal", "error", "escalation", "collaboration"), _ROOT),
    **{name: EVENTS | _ROOT for name in ELEMENTS if name.endswith("EventDefinition")},
    **dict.fromkeys(_REPEATED, ACTIVITIES),
    **dict.fromkeys(("timeDate", "timeDuration", "timeCycle"), frozenset({"timerEventDefinition"})),
    "condition": frozenset({"conditionalEventDefinition", "complexBehaviorDefinition"}),
    "conditionExpression": frozenset({"sequenceFlow"}),
    "completionCondition": frozenset({"multiInstanceLoopCharacteristics", "adHocSubProcess"}),
    "loopCardinality": frozenset({"multiInstanceLoopCharacteristics"}),
    "loopCondition": frozenset({"standardLoopCharacteristics"}),
    "eventDefinitionRef": EVENTS,
    "script": frozenset({"scriptTask"}),
}
"""Element → the elements in which it means something. Of the others nothing is lost, wherever they stand."""

_ONCE: Final = frozenset({"extensionElements", "conditionExpression", "condition", "completionCondition", "loopCardinality", "loopCondition", "script"})
"""What counts only once in an element."""


def check_place(element: etree._Element, report: Report, place: etree._Element) -> None:
    """One BPMN element: it stands where it counts, and nothing that counts once stands in it twice. `place`: where problems are told."""
    kind, parent = local_name(element), element.getparent()
    allowed = _PARENTS.get(kind)
    if allowed is not None and parent is not None and not (is_bpmn(parent) and local_name(parent) in allowed):
        report.add(
            place, "misplaced", "bpmn:{kind} {id} stands inside {parent}, where it means nothing", "move it, or remove it", kind=kind, id=repr(element.get("id") or kind), parent=local_name(parent)
        )
    counted = Counter(_counted(child) for child in element)
    for name, count in counted.items():
        if name is not None and count > 1:
            report.add(place, "twice", "it has {count} of {name}, of which one would count", "leave one", count=count, name=name)


def _counted(child: etree._Element) -> str | None:
    if not is_bpmn(child):
        return None
    name = local_name(child)
    if name in _REPEATED:
        return "loopCharacteristics"
    return name if name in _ONCE else None
