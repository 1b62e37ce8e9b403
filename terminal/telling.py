"""A case's history told in words: who did what on which day, and what followed. Pure over the rows that the engine gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import words
from .language import mark, say
from .words import Names

FACTS: Mapping[str, str] = {
    "SuggestionImported": mark("taken in from paper"),
    "SuggestionFiled": mark("filed"),
    "SuggestionReceived": mark("received"),
    "ScreeningConcluded": mark("screening concluded: {result}"),
    "SuggestionRegistered": mark("registered {display_number}"),
    "SuggestionClassified": mark("classified {main_class}"),
    "AllocationDecided": mark("allocation decided"),
    "SuggestionAssigned": mark("assigned: {assignments}"),
    "ReplyClockStarted": mark("reply due {reply_due_on}"),
    "AssignmentReturned": mark("{unit_id} gave it back"),
    "UnitReassigned": mark("reassigned: {assignments}"),
    "ReturnAsked": mark("{unit_id} asked to return it"),
    "ReturnRefused": mark("return refused"),
    "SignedFor": mark("{unit_id} signed for it"),
    "ContactMade": mark("contact with the deputy"),
    "ExtensionAsked": mark("more time asked, until {new_due_on}"),
    "ExtensionGranted": mark("more time granted, until {new_due_on}"),
    "ExtensionRefused": mark("more time refused"),
    "OpinionSent": mark("{unit_id} sent its opinion"),
    "CoOpinionsWaived": mark("went on without missing opinions"),
    "ReplySigned": mark("{unit_id} replied, class {reply_class}"),
    "ReplyOverdue": mark("the reply is late"),
    "LetterDelivered": mark("letter delivered"),
    "FeedbackGiven": mark("feedback: handling {handling}, result {result}"),
    "RehandlingOrdered": mark("second handling ordered"),
    "CommitmentMade": mark("promised until {due_on}: {text}"),
    "CommitmentOverdue": mark("a commitment is late"),
    "CommitmentClaimed": mark("claimed met"),
    "CommitmentKept": mark("commitment kept"),
    "CommitmentNotMet": mark("commitment not met"),
    "CommitmentChanged": mark("commitment moved to {due_on}"),
    "CommitmentLapsed": mark("commitment lapsed"),
    "SuggestionClosed": mark("closed"),
    "SuggestionArchived": mark("archived"),
    "SuggestionWithdrawn": mark("withdrawn"),
    "KeyTopicDecided": mark("decided as a key topic"),
    "KeyTopicClosed": mark("key supervision closed"),
    "AssignmentMeetingHeld": mark("assignment meeting held"),
}
"""What a fact says; facts that are not here are inner steps and are not told."""

COMMANDS: Mapping[str, str] = {
    "StartInstance": mark("started it"),
    "CompleteWorkItem": mark("completed {name}"),
    "ReassignWorkItem": mark("passed {name} on to {person}"),
    "PerformAct": mark("{name}"),
    "RetryIncident": mark("an incident was tried again"),
    "RepairIncident": mark("an incident was repaired"),
    "MoveInstance": mark("moved by an operator"),
    "CancelInstance": mark("cancelled by an operator"),
}
"""What people do; claims and releases are not told."""


def told(rows: Iterable[Any], names: Names, names_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """The history as lines `{on, recorded_at, who, what, stream, position}`; `names_of`: work item or act id -> its name."""
    lines = []
    for row in rows:
        facts = [text for event in row.events if (text := _event(event, names))]
        done = _done(row, names, names_of)
        if done or facts:
            lines.append(
                {
                    "on": row.happened_on.isoformat(),
                    "who": _who(row.actor, names) if done else "",
                    "what": ": ".join(part for part in (done, "; ".join(dict.fromkeys(facts))) if part) + (f" ({row.reason})" if row.reason and done else ""),
                    "stream": row.stream,
                    "position": row.position,
                }
            )
    return _counted(sorted(lines, key=lambda line: line["on"]))


def _who(actor: Any, names: Names) -> str:
    """Who did it, and for whom."""
    if actor.on_behalf_of is None:
        return names.person(actor.id)
    return say("{person} for {other}", person=names.person(actor.id), other=names.person(actor.on_behalf_of))


def _counted(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Equal lines of one day that follow each other (a letter to each proposer) are told once, with how many there were."""
    told: list[dict[str, Any]] = []
    times: list[int] = []
    for line in lines:
        if told and not line["who"] and (told[-1]["on"], told[-1]["who"], told[-1]["what"]) == (line["on"], line["who"], line["what"]):
            times[-1] += 1
            continue
        told.append(line)
        times.append(1)
    return [{**line, "what": f"{line['what']} ×{count}"} if count > 1 else line for line, count in zip(told, times, strict=True)]


def _done(row: Any, names: Names, names_of: Mapping[str, str]) -> str:
    template = COMMANDS.get(row.command)
    if template is None:
        return ""
    subject = next((getattr(event, field) for event in row.events for field in ("item_id", "source") if getattr(event, field, None)), "")
    person = next((event.person for event in row.events if getattr(event, "person", None)), "")
    return say(template, name=names_of.get(subject, subject), person=names.person(person))


def _event(event: Any, names: Names) -> str:
    kind = type(event).__name__
    if kind == "IncidentOpened":
        return say("incident: {reason}", reason=words.recorded(event.reason))
    if kind == "StartTimerFired":
        return say("begun by the timer {element} of {process}, due {when}", element=event.element_id, process=event.process, when=words.instant(event.due_at))
    if kind != "FactStated" or event.kind not in FACTS:
        return ""
    values: defaultdict[str, str] = defaultdict(str)
    for name, value in {**_mapping(event.keys), **_mapping(event.content)}.items():
        values[name] = _shown(name, value, names)
    return say(FACTS[event.kind]).format_map(values)


def _mapping(value: Any) -> Mapping[str, Any]:
    """Content that was erased by order is no mapping: then only the keys are told."""
    return value if isinstance(value, Mapping) else {}


def _shown(name: str, value: Any, names: Names) -> str:
    if name in ("unit_id", "unit"):
        return names.unit(value)
    if name in ("handling", "result") and value in words.RATINGS:
        return words.rating(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_assignment(each, names) for each in value)
    if isinstance(value, Mapping):
        return next((str(inner) for tag, inner in value.items()), "")
    return words.state(value) if name == "result" else str(value if value is not None else "")


def _assignment(value: Any, names: Names) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    unit = value.get("unit_id") or value.get("unit")
    return " ".join(part for part in (words.mode(value.get("mode")), names.unit(unit)) if part)
