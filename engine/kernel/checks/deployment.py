"""Checks that need all files of a deployment: called processes, decisions, topics, forms, ids of processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable

from lxml import etree

from ...errors import Problem
from ..outline import Outline, OutlineNode
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
                report.add(process, "duplicate_id", f"the process {process.id} is also in {first}", "give each process its own id")
        problems += report.problems
    runnable = {process.process_id for outline in outlines for process in outline.runs}
    for outline in outlines:
        report = Report(outline)
        if not runnable:
            for process in outline.processes:
                report.add(process, "not_executable", f"the process {process.id} is not executable", "set isExecutable to true")
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
                report.add(one, "reference", f"the {kind} {name!r} has no name, and another {kind} is called as its id is", f"name the {kind}")
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


def _check_names(node: OutlineNode, processes: Container[str], decisions: Container[str], report: Report) -> None:
    if node.kind == "callActivity" and called_process(node) and called_process(node) not in processes:
        report.add(node, "call", f"the called process {called_process(node)!r} is not in this deployment", "add its file, or mend the id")
    if node.kind == "businessRuleTask" and node.extensions.decision_id and node.extensions.decision_id not in decisions:
        report.add(node, "decision", f"the decision {node.extensions.decision_id!r} is not in this deployment", "add its file, or mend the id")


def _check_offers(node: OutlineNode, topics: Collection[str] | None, forms: Collection[str] | None, report: Report) -> None:
    topic = node.extensions.topic
    if topics is not None and topic and topic != SEND and topic not in topics:
        report.add(node, "topic", f"there is no handler {topic!r}", "mend the topic, or write the handler")
    form = node.extensions.form_id or node.extensions.properties.get("form")
    if forms is not None and form and form not in forms:
        report.add(node, "form", f"there is no form {form!r}", "mend the form id, or add the form")
