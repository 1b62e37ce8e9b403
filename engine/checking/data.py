"""Tells what is wrong with the data of a set: names without a writer, texts that nobody offers, kinds that do not meet, too early reads."""

from __future__ import annotations

from typing import Any

from ..errors import Edit
from .congregation import Congregation
from .inference import Finding
from .order import Order, process_reads
from .passing import tell_calls, tell_messages_that_start
from .report import Report
from .slips import tell_slips
from .study import Study, Use
from .taking import tell_takes


def tell_data(all_of_them: Congregation, report: Report) -> None:
    """Every problem of data in every process."""
    orders = {name: Order(study) for name, study in all_of_them.studies.items()}
    for name, study in all_of_them.studies.items():
        severity = "warning" if all_of_them.is_open(study) else "error"
        for use in study.uses:
            for finding in use.reading.findings:
                _tell_finding(use, finding, severity, report)
        tell_takes(study, severity, report)
        _tell_order(orders[name], severity, report)
    tell_calls(all_of_them, orders, report)
    tell_messages_that_start(all_of_them, orders, report)
    tell_slips(all_of_them, report)


def _tell_finding(use: Use, finding: Finding, severity: str, report: Report) -> None:
    """What an expression shows by itself."""
    said: dict[str, Any] = {"what": use.what, "name": finding.wrong, "meant": finding.meant or "", "offered": finding.other}
    said |= {"severity": severity, "edit": Edit(old=finding.wrong, new=finding.meant) if finding.meant else None}
    place, meant = use.place, finding.meant
    if finding.kind == "unknown":
        report.add(
            place,
            "unknown_name",
            template="{what} reads {name}, which nothing can write",
            hint="write {meant}" if meant else "let a form, mapping, handler or message write it, or declare it: start event property variables = {name}",
            **said,
        )
    elif finding.kind == "entry":
        report.add(place, "unknown_name", template="{what} reads the entry {name}; there are only {offered}", hint="write {meant}" if meant else "read one of {offered}", **said)
    elif finding.kind == "texts":
        report.add(
            place,
            "value",
            template='{what} compares with "{name}"; it can only be {offered}',
            hint="write {meant}" if meant else "compare with one of {offered}, or offer it in the form or decision",
            **said,
        )
    elif finding.kind == "kinds":
        report.add(
            place, "types", template="{what} cannot be worked out: {name}", hint="compare and add values of one kind; convert with date(), number(), string()", **said
        )
    elif finding.kind == "limit":
        said["severity"] = "error"
        report.add(
            place,
            "limit",
            template="{what} names the limit {name}, which time_limits.dmn does not have",
            hint="write {meant}" if meant else "add its row to time_limits.dmn",
            **said,
        )
    elif finding.kind == "no_start":
        said["severity"] = "error"
        report.add(place, "limit", template="{what} gives the day of {name}, at which no clock starts", hint="write {meant}" if meant else "write one of {offered}", **said)
    elif finding.kind == "start":
        said["severity"] = "error"
        report.add(place, "limit", template="{what} gives no day of {offered}, at which the limit {name} starts in some row", hint="add the entry {offered}", **said)
    else:
        said["severity"] = "error"
        report.add(
            place,
            "setting",
            template="{what} names the setting {name}, which is not declared",
            hint="write {meant}" if meant else "declare it in handlers/",
            **said,
        )


def _tell_order(order: Order, severity: str, report: Report) -> None:
    """Variables that are read where no way there can have written them."""
    study = order.study
    reached = order.reached(study.given)
    for use, name in process_reads(study):
        bit = order.bits.get(name, 0)
        if use.node is None or use.node.id not in reached or not bit:
            continue
        there = reached[use.node.id] | (order.inside[use.node.id] if use.after else 0)
        if not there & bit:
            report.add(
                use.place,
                "too_early",
                template="{what} reads {name} before it can be there: it is written at {writers}",
                hint="move it behind {writers}, or ask whether it is null",
                severity=severity,
                what=use.what,
                name=name,
                writers=", ".join(_writers(study, name)[:3]),
            )


def _writers(study: Study, name: str) -> list[str]:
    return sorted(node.id for node in study.nodes if name in study.gives.get(node.id, ()))

