"""Tells of messages and signals that go nowhere, or come from nowhere. Pure."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import Edit
from .congregation import Congregation
from .naming import Pattern, Told, caught, thrown
from .report import Report
from .similar import nearest


def tell_messages(all_of_them: Congregation, report: Report) -> None:
    """What is thrown and caught nowhere, and what is caught, thrown nowhere and offered to nobody."""
    catches = [(study, node, told) for study in all_of_them.studies.values() for node in study.nodes for told in caught(study.outline, node)]
    throws = [(study, node, told) for study in all_of_them.studies.values() for node in study.nodes for told in thrown(study.outline, node)]
    heard = {told.text for _, _, told in catches}
    sent = {told.text for _, _, told in throws}
    all_heard = {(told.kind, told.pattern) for _, _, told in catches}
    all_sent = {(told.kind, told.pattern) for _, _, told in throws}
    for study, node, told in throws:
        if not _is_met(told, all_heard):
            meant = nearest(told.text, heard)
            report.add(
                study.place(node),
                told.kind,
                template="nobody catches the message {name}" if told.kind == "message" else "nobody catches the signal {name}",
                hint="write {meant}" if meant else "draw an event that catches it, or remove the throw",
                severity="error" if told.kind == "message" else "warning",
                edit=Edit(old=told.text, new=meant) if meant else None,
                name=told.text,
                meant=meant or "",
            )
    for study, node, told in catches:
        by_hand = {"act", "groups"} & node.extensions.properties.keys()
        if not by_hand and not _is_met(told, all_sent):
            meant = nearest(told.text, sent)
            report.add(
                study.place(node),
                told.kind,
                template="nothing in this set throws the message {name}" if told.kind == "message" else "nothing in this set throws the signal {name}",
                hint="write {meant}" if meant else "throw it somewhere, or offer it to people by the property act",
                severity="warning",
                edit=Edit(old=told.text, new=meant) if meant else None,
                name=told.text,
                meant=meant or "",
            )


def _is_met(told: Told, others: Collection[tuple[str, Pattern]]) -> bool:
    return (told.kind, told.pattern) in others or any(kind == told.kind and pattern.meets(told.pattern) for kind, pattern in others)
