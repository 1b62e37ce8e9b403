"""Tells of messages and signals that go nowhere, or come from nowhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import Edit
from .congregation import Congregation
from .naming import Meeting, Pattern, Told
from .report import Report
from .similar import Known


def tell_messages(all_of_them: Congregation, report: Report) -> None:
    """What is thrown and caught nowhere, and what is caught, thrown nowhere and offered to nobody."""
    catches = [(study, node, told) for study in all_of_them.studies.values() for node in study.nodes for told in study.names(node).caught]
    throws = [(study, node, told) for study in all_of_them.studies.values() for node in study.nodes for told in study.names(node).thrown]
    heard, sent = Known(told.text for _, _, told in catches), Known(told.text for _, _, told in throws)
    all_heard, all_sent = _together(told for _, _, told in catches), _together(told for _, _, told in throws)
    for study, node, told in throws:
        if not all_heard.meets(told.kind, told.pattern):
            meant = heard.nearest(told.text)
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
        if not by_hand and not all_sent.meets(told.kind, told.pattern):
            meant = sent.nearest(told.text)
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


def _together(all_told: Iterable[Told]) -> Meeting[Pattern]:
    """All names, to be asked whether one of them can be the same as another."""
    found: Meeting[Pattern] = Meeting()
    for told in all_told:
        found.at(told.kind, told.pattern, told.pattern)
    return found
