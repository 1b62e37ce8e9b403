"""What became of each suggestion of the demonstration: one row each, for a table at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .routes import Route, Topic, left_out
from .walk import Walk


@dataclass(frozen=True, kw_only=True)
class Line:
    """One suggestion at the end of the walk. `units`: names with their modes; `replies`: class, round and day; `ratings`: handling/result."""

    key: str
    is_real: bool
    case_id: str
    session: str
    stated_number: str
    display_number: str
    title: str
    stage: str
    units: tuple[str, ...]
    returned: int
    extended: bool
    replies: tuple[str, ...]
    late: bool
    ratings: tuple[str, ...]
    commitments: tuple[str, ...]
    topic: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The whole demonstration: a line a suggestion, the bundles, what was refused, failed, or left out for want of a unit."""

    lines: tuple[Line, ...]
    topics: tuple[Mapping[str, Any], ...]
    commands: int
    refused: Mapping[str, str]
    incidents: int
    left_out: tuple[str, ...]
    ended_on: date


def summarize(walk: Walk) -> Summary:
    """Read the result of a walk from the records."""
    cases = {what.key: case_id for case_id, what in walk.cases.items() if isinstance(what, Route | Topic)}
    bundled = {row["suggestion_id"]: row["topic_id"] for row in walk.look("key_item")}
    lines = [_line(walk, route, cases[route.key], bundled) for route in walk.routes.values() if route.key in cases]
    found = tuple(
        {"key": topic.key, "title": topic.row.title, **_only(walk.look("key_topic", id=cases[topic.key]), "state", "outcome", "decided_by_body", "decided_on")}
        for topic in walk.topics.values()
        if topic.key in cases
    )
    return Summary(
        lines=tuple(sorted(lines, key=lambda line: (not line.is_real, line.key))),
        topics=found,
        commands=walk.done,
        refused=dict(walk.refused),
        incidents=len(walk.look("incident", status="open")),
        left_out=tuple(row.title for row in left_out(walk.data)),
        ended_on=walk.engine.today,
    )


def _line(walk: Walk, route: Route, case_id: str, bundled: Mapping[str, str]) -> Line:
    suggestion = _only(walk.look("suggestion", id=case_id), "stage", "display_number")
    assignments = sorted(walk.look("assignment", suggestion_id=case_id), key=lambda row: row["id"])
    replies = sorted(walk.look("reply", suggestion_id=case_id), key=lambda row: (row["sent_on"], row["id"]))
    feedback = sorted(walk.look("feedback", suggestion_id=case_id), key=lambda row: row["reply_id"])
    states = sorted(walk.look("commitment_state", suggestion_id=case_id), key=lambda row: row["id"])
    return Line(
        key=route.key,
        is_real=route.is_real,
        case_id=case_id,
        session=route.session.name + ("（演示）" if route.session_is_made_up else ""),
        stated_number=route.row.stated_number,
        display_number=suggestion["display_number"] or "",
        title=route.row.title,
        stage=suggestion["stage"],
        units=tuple(f"{_name(walk, row)}·{row['mode']}" for row in assignments if row["status"] != "returned"),
        returned=sum(row["status"] == "returned" for row in assignments),
        extended=any(row["decision"] == "granted" for row in walk.look("extension", case_id=case_id)),
        replies=tuple(f"{row['reply_class']}{row['round']} {row['sent_on']}" for row in replies),
        late=any(row["late"] for row in replies),
        ratings=tuple(f"{row['handling']}/{row['result']}" for row in feedback if row["handling"]),
        commitments=tuple(_fate(walk, row) for row in states),
        topic=bundled.get(case_id, ""),
    )


def _name(walk: Walk, row: Mapping[str, Any]) -> str:
    day = date.fromisoformat(row["assigned_on"]) if row["assigned_on"] else None
    return walk.data.directory.name_on(row["unit_id"], day)


def _fate(walk: Walk, row: Mapping[str, Any]) -> str:
    """The state of a commitment, with `late` where it is derived from its dates."""
    ended = row["met_on"] or (walk.engine.today.isoformat() if row["state"] in ("open", "met_claimed") else None)
    is_late = ended is not None and ended > row["due_on"]
    return str(row["state"]) + (" late" if is_late else "") + (f" changed {row['changes']}" if row["changes"] else "")


def _only(rows: Sequence[Mapping[str, Any]], *columns: str) -> dict[str, Any]:
    row = rows[0] if rows else {}
    return {column: row.get(column) for column in columns}
