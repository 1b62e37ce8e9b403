"""Importing suggestions from a table: each row becomes a case of its own; what cannot be settled is listed, never invented."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import output
from .language import mark, say
from .layout import hanging
from .output import Column

if TYPE_CHECKING:
    from engine import Engine

    from .session import Session

PART_FAILED = 10


def import_file(session: Session, file: Path, text: str, *, lead: str, default_session: str | None, channel: str) -> None:
    """Take in every row as a paper suggestion led by `lead`; run again, rows that were taken are not taken twice. Exit 10 when some failed."""
    from engine import StartInstance
    from engine.errors import Rejected
    from handlers import desk, roll

    engine = session.engine()
    me = session.person()
    found = roll.read_suggestions(text, directory(engine, me), file=str(file))
    lead_id = desk.person_ids(lead, lambda select: engine.select(me, select))[0]
    mark_of_file = sha256(text.encode()).hexdigest()[:16]
    rows: list[dict[str, Any]] = []
    failed = 0
    for row in found.rows:
        units = list(dict.fromkeys([*([row.unit_id] if row.unit_id else []), *row.co_unit_ids]))
        data = {
            "title": row.title,
            "proposer_type": "single",
            "session": desk.session_id(row.session or default_session or ""),
            "channel": channel,
            "lead_id": lead_id,
            **({"stated_number": row.stated_number} if row.stated_number else {}),
            **({"stated_units": units} if units else {}),
        }
        command = StartInstance(process="suggestion", element_id="start-import", data=data, command_id=f"import/{mark_of_file}/{row.line}", **session.common())
        try:
            receipt = engine.preview(command) if session.dry_run else engine.execute(command)
        except Rejected as error:
            from .faults import sentence

            failed += 1
            rows.append({"line": row.line, "case_id": None, "title": row.title, "result": sentence(error)})
            continue
        rows.append({"line": row.line, "case_id": receipt.case_id, "title": row.title, "result": say("already done") if receipt.repeated else say("done")})
    if not session.dry_run:
        engine.drain()
    output.emit(session, rows, COLUMNS)
    _tell_open_questions(found)
    if failed:
        raise click.exceptions.Exit(PART_FAILED)


COLUMNS = [
    Column(name="line", title=mark("line"), whole=True),
    Column(name="case_id", title=mark("case"), whole=True),
    Column(name="title", title=mark("title")),
    Column(name="result", title=mark("result")),
]


def _tell_open_questions(found: Any) -> None:
    """Rows that stand for several suggestions, and words that name no unit, for a person to settle."""
    for topic in found.topics:
        _ask(say("line {line}: {title} stands for several suggestions; begin a key topic: jianyi submit --process key_supervision", line=topic.line, title=topic.title))
    for each in found.unresolved:
        candidates = ", ".join(each.candidates) or "-"
        _ask(say("line {line}, {column}: {text} names no unit for certain ({rule}); candidates: {candidates}", line=each.line, column=each.column, text=each.text, rule=say(WHY[each.rule]), candidates=candidates))


WHY = {"unknown": mark("unknown"), "ambiguous": mark("several have this name"), "not_then": mark("not at that time"), "incomplete": mark("not all are named")}
"""Why a word of the table names no unit."""


def _ask(text: str) -> None:
    """A question for a person, on as many lines as it needs."""
    output.talk(hanging(text, 2))


def directory(engine: Engine, me: str) -> Any:
    """The directory of units as the database holds it."""
    from datetime import date

    from engine import Select
    from handlers.directory import Succession, Unit, UnitDirectory, UnitName

    def read(table: str, *order: str) -> Any:
        return engine.select(me, Select(table=table, order=order, limit=100_000))

    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    return UnitDirectory.of(
        [Unit(id=row["id"], name=row["name"], kind=row["kind"], from_on=day(row["from_on"]), to_on=day(row["to_on"]), confirmed=bool(row["confirmed"])) for row in read("unit", "id")],
        [UnitName(unit_id=row["unit_id"], name=row["name"], kind=row["kind"], from_on=day(row["from_on"]), to_on=day(row["to_on"]), confirmed=bool(row["confirmed"])) for row in read("unit_name", "unit_id")],
        [Succession(from_unit_id=row["unit_id"], to_unit_id=row["successor_id"], on=date.fromisoformat(row["on_date"]), kind="") for row in read("unit_succession", "unit_id")],
    )
