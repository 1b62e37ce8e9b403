"""Checks of activities: what a task needs to be run, loops, mappings, and every expression of them."""

from __future__ import annotations

import re

from lxml import etree

from ...errors import Saying
from ..expressions import Formulas
from ..extensions import loop_text
from ..outline import ACTIVITIES, Outline, OutlineNode
from ..read import BPMN, local_name, truth
from .report import Report

SEND = "message.send"
_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def check_activities(outline: Outline, formulas: Formulas, report: Report) -> None:
    """Every element's extension elements, and every activity."""
    for process in outline.processes:
        if not truth(process.element.get("isExecutable"), False):
            report.add(process, "not_executable", "the process {process} is not executable", "set isExecutable to true", severity="warning", process=process.id)
    for node in outline.nodes:
        _check_extensions(node, formulas, report)
        if node.kind in ACTIVITIES:
            _check_loops(node, formulas, report)
            _CHECKS.get(node.kind, _nothing)(node, formulas, report)


def _nothing(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    """Abstract and manual tasks pass through; sub-processes are checked by their content."""


def _check_extensions(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    own = node.extensions
    for line, way in [(m, Saying("input")) for m in own.inputs] + [(m, Saying("output")) for m in own.outputs]:
        if not _NAME.fullmatch(line.target):
            report.add(node, "mapping", "its {way} target {name} is no variable name", "use a name, or names joined by dots", way=way, name=repr(line.target))
        if not line.source.strip():
            report.add(node, "mapping", "its {way} {name} has no source", "write an expression after =", way=way, name=repr(line.target))
        report.expression(node, formulas, line.source, Saying("its {way} {name}", way=way, name=repr(line.target)))
    for name, header in own.headers.items():
        report.expression(node, formulas, header, Saying("its header {name}", name=repr(name)))
    for what, text in (("its groups", own.groups), ("its assignee", own.assignee), ("its due date", own.due_date), ("its priority", own.priority)):
        report.expression(node, formulas, text, what)
    for name in ("groups", "assignee"):
        report.expression(node, formulas, own.properties.get(name), Saying("its property {name}", name=name))
    if own.topic is not None:
        _check_topic(node, report)


def _check_topic(node: OutlineNode, report: Report) -> None:
    topic = (node.extensions.topic or "").strip()
    if not topic or topic.startswith("="):
        report.add(node, "topic", "its task definition type must be a plain topic", "name a handler, such as reply.accept")
    elif topic == SEND and not node.extensions.headers.get("message", "").strip():
        report.add(node, "topic", "{topic} needs a header message", "add the task header message, and key if one is to be found by it", topic=SEND)


def _check_service(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    if node.extensions.topic is None:
        report.add(node, "topic", "the task names no implementation", "set the task definition type")


def _check_decision(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    own = node.extensions
    if own.topic is not None:
        if own.decision_id:
            report.add(node, "decision", "the task names both the decision {decision} and a topic", "leave one of them", decision=repr(own.decision_id))
        return
    if not (own.decision_id or "").strip():
        report.add(node, "decision", "the business rule task names no decision", "set the called decision")
    elif (own.decision_id or "").strip().startswith("="):
        report.add(node, "decision", "the called decision must be a plain id", "name the decision")
    elif not _NAME.fullmatch(own.result_variable or ""):
        report.add(node, "decision", "its result variable {variable} is no variable name", "name the variable", variable=repr(own.result_variable))


def _check_script(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    own = node.extensions
    language = node.element.get("scriptFormat")
    if language and "feel" not in language.lower():
        report.add(node, "language", "the script is written in {language}", "write it in FEEL as zeebe:script", language=repr(language))
    elif own.script is not None and own.topic is not None:
        report.add(node, "script", "the script task has both a FEEL script and a topic", "leave one of them")
    elif own.script is not None:
        report.expression(node, formulas, own.script, "its script", must=True)
        if not _NAME.fullmatch(own.result_variable or ""):
            report.add(node, "script", "its result variable {variable} is no variable name", "name the variable", variable=repr(own.result_variable))
    elif own.topic is None:
        report.add(node, "script", "the script task has no FEEL script", "set its FEEL expression and result variable")


def _check_user(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    if not (node.extensions.groups or node.extensions.assignee):
        report.add(node, "assignment", "nobody may do this task", "set its candidate groups or assignee", severity="warning")


def _check_call(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    called = called_process(node)
    if not called:
        report.add(node, "call", "the call activity names no process", "set the called process id")
    elif called.startswith("="):
        report.add(node, "call", "the called process must be a plain id", "name the process")


def called_process(node: OutlineNode) -> str:
    """The id of the process that a call activity calls, empty when it names none."""
    return (node.extensions.called_process or node.element.get("calledElement") or "").strip()


def _check_ad_hoc(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    condition = node.element.find(BPMN + "completionCondition")
    if condition is not None:
        report.expression(node, formulas, condition.text, "its completion condition", must=True)
    if node.inner is not None and not node.inner.nodes:
        report.add(node, "ad_hoc", "the ad-hoc sub-process is empty", "draw activities inside it")


def _check_loops(node: OutlineNode, formulas: Formulas, report: Report) -> None:
    for child in node.element:
        if local_name(child) == "standardLoopCharacteristics":
            _check_standard_loop(node, child, formulas, report)
        elif local_name(child) == "multiInstanceLoopCharacteristics":
            _check_multi_instance(node, child, formulas, report)
    if node.is_event_sub_process and any(local_name(child).endswith("LoopCharacteristics") for child in node.element):
        report.add(node, "loop", "an event sub-process cannot loop", "remove the loop marker")


def _check_standard_loop(node: OutlineNode, child: etree._Element, formulas: Formulas, report: Report) -> None:
    maximum, condition = child.get("loopMaximum"), child.find(BPMN + "loopCondition")
    if maximum is not None and not (maximum.isascii() and maximum.isdigit() and int(maximum) >= 1):
        report.add(node, "loop", "its loopMaximum {maximum} is no number from 1", "write a whole number", maximum=repr(maximum))
    if condition is not None:
        report.expression(node, formulas, condition.text, "its loop condition", must=True)
    elif maximum is None:
        report.add(node, "loop", "the loop has no condition and no maximum", "give it one of them")


def _check_multi_instance(node: OutlineNode, child: etree._Element, formulas: Formulas, report: Report) -> None:
    loop = loop_text(child)
    cardinality, condition = child.find(BPMN + "loopCardinality"), child.find(BPMN + "completionCondition")
    if loop is not None and loop.input_collection:
        report.expression(node, formulas, loop.input_collection, "its input collection", must=True)
    elif cardinality is None or not (cardinality.text or "").strip():
        report.add(node, "loop", "the multi-instance activity has no input collection", "set the input collection")
    else:
        text = (cardinality.text or "").strip()
        if not text.startswith("=") and not (text.isascii() and text.isdigit()):
            report.add(node, "loop", "its loopCardinality {text} is no number from 0", "write a whole number or = FEEL", text=repr(text))
        report.expression(node, formulas, text, "its loop cardinality")
    if loop is not None and (loop.output_collection or loop.output_element):
        if not _NAME.fullmatch(loop.output_collection or ""):
            report.add(node, "loop", "its output collection {variable} is no variable name", "name the variable", variable=repr(loop.output_collection))
        report.expression(node, formulas, loop.output_element, "its output element", must=True)
    if loop is not None and loop.input_element and not _NAME.fullmatch(loop.input_element):
        report.add(node, "loop", "its input element {variable} is no variable name", "name the variable", variable=repr(loop.input_element))
    if condition is not None:
        report.expression(node, formulas, condition.text, "its completion condition", must=True)


_CHECKS = {
    "serviceTask": _check_service,
    "businessRuleTask": _check_decision,
    "scriptTask": _check_script,
    "userTask": _check_user,
    "callActivity": _check_call,
    "adHocSubProcess": _check_ad_hoc,
}
