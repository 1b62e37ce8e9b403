"""Checks that need all files of a deployment: called processes, decisions, topics, forms, ids of processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping

from lxml import etree

from ...errors import Problem, Saying
from ..outline import Outline, OutlineNode, OutlineScope
from ..read import local_name
from .activities import SEND, called_process
from .events import THROWS
from .report import Report


def check_deployment(outlines: list[Outline], decisions: Container[str], topics: Collection[str] | None, forms: Collection[str] | None) -> list[Problem]:
    """All problems that only the whole set of files shows."""
    problems: list[Problem] = []
    home: dict[str, str] = {}
    for outline in outlines:
        report = Report(outline)
        for process in outline.processes:
            first = home.setdefault(process.process_id, outline.file)
            if first != outline.file:
                report.add(process, "duplicate_id", "the process {process} is also in {first}", "give each process its own id", process=process.id, first=first)
        problems += report.problems
    runnable = {process.process_id: process for outline in outlines for process in outline.runs}
    for outline in outlines:
        report = Report(outline)
        if not runnable:
            for process in outline.processes:
                report.add(process, "not_executable", "the process {process} is not executable", "set isExecutable to true", process=process.id)
        for node in outline.nodes:
            _check_names(node, runnable, decisions, report)
            _check_offers(node, topics, forms, report)
        problems += report.problems
    problems += _called_alike(outlines)
    return problems


def _called_alike(outlines: list[Outline]) -> list[Problem]:
    """A message or signal without a name is called by its id; ids are unique in a file only, so another one may be called so too."""
    used = {outline.file: list(_messages_and_signals(outline)) for outline in outlines}
    called = Counter((local_name(one), (one.get("name") or "").strip()) for file in used.values() for one in file)
    problems: list[Problem] = []
    for outline in outlines:
        report = Report(outline)
        for one in used[outline.file]:
            kind, name = local_name(one), (one.get("name") or "").strip()
            if one in outline.called_by_id and called[kind, name] > 1:
                template = "the {kind} {name} has no name, and another {kind} is called as its id is"
                report.add(one, "reference", template, "name the {kind}", kind=Saying(kind), name=repr(name))
        problems += report.problems
    return problems


def _messages_and_signals(outline: Outline) -> Iterable[etree._Element]:
    """Each message and signal that something in a process that is run throws or waits for, once."""
    running = {process.process_id for process in outline.runs}
    found: dict[etree._Element, None] = {}
    for node in outline.nodes:
        if node.scope.process_id in running and not (node.kind in THROWS and node.extensions.topic):
            for holder in (node.element, *node.triggers):
                for kind in ("message", "signal"):
                    named = outline.referenced(holder, kind + "Ref")
                    if named is not None and local_name(named) == kind:
                        found[named] = None
    return found


def _check_names(node: OutlineNode, processes: Mapping[str, OutlineScope], decisions: Container[str], report: Report) -> None:
    called = called_process(node) if node.kind == "callActivity" else ""
    if called and called not in processes:
        report.add(node, "call", "the called process {process} is not in this deployment", "add its file, or mend the id", process=repr(called))
    elif called and processes[called].nodes and not processes[called].plain_starts:
        report.add(node, "call", "the called process {process} begins by an event only", "give it a plain start event, or send it its message", process=repr(called))
    if node.kind == "businessRuleTask" and node.extensions.decision_id and node.extensions.decision_id not in decisions:
        report.add(node, "decision", "the decision {decision} is not in this deployment", "add its file, or mend the id", decision=repr(node.extensions.decision_id))


def _check_offers(node: OutlineNode, topics: Collection[str] | None, forms: Collection[str] | None, report: Report) -> None:
    topic = node.extensions.topic
    if topics is not None and topic and topic != SEND and topic not in topics:
        report.add(node, "topic", "there is no handler {topic}", "mend the topic, or write the handler", topic=repr(topic))
    form = node.extensions.form_id or node.extensions.properties.get("form")
    if forms is not None and form and form not in forms:
        report.add(node, "form", "there is no form {form}", "mend the form id, or add the form", form=repr(form))
