"""Reads what the demonstration needs from the folder of processes: definitions, calendars, units, people, sessions, suggestions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..directory import UnitDirectory
from ..roll import ImportResult, Person, Session, read_calendar, read_people, read_sessions, read_suggestions, read_units

DEFINITIONS = (".bpmn", ".dmn")
NOTHING = ImportResult(rows=(), topics=(), unresolved=())


@dataclass(frozen=True, kw_only=True)
class DemoData:
    """Everything the demonstration is made of.

    `own` are the rows that come with it, `real` those it walks (the same unless others were given), `added` those that it adds.
    """

    files: Mapping[str, bytes]
    calendars: Mapping[str, Mapping[str, Sequence[str]]]
    directory: UnitDirectory
    people: tuple[Person, ...]
    sessions: tuple[Session, ...]
    own: ImportResult
    real: ImportResult
    added: ImportResult

    def session(self, identifier: str) -> Session:
        """The session with this id."""
        return next(session for session in self.sessions if session.id == identifier)


def read(folder: Path, rows: str | None = None, *, file: str = "suggestions.csv") -> DemoData:
    """The demonstration's data from the folder `processes`. Raises RollError.

    `rows`: a table of other suggestions to walk instead of those that come with it; then nothing is added to them.
    """

    def text(name: str) -> str:
        return (folder / name).read_text("utf-8")

    directory = read_units(text("units.csv"), text("unit_names.csv"), text("unit_succession.csv"))
    sessions = read_sessions(text("demo/sessions.csv"))
    assigned = {session.name: session.assigned_on for session in sessions}

    def on(session: str) -> date | None:
        return assigned.get(session)

    years: dict[str, Mapping[str, Sequence[str]]] = {}
    for path in sorted((folder / "calendars").glob("*.json")):
        years.update(read_calendar(path.read_text("utf-8"), file=path.name))
    own = read_suggestions(text("demo/suggestions.csv"), directory, on)
    return DemoData(
        files=definition_files(folder),
        calendars=years,
        directory=directory,
        people=read_people(text("demo/people.csv")),
        sessions=sessions,
        own=own,
        real=own if rows is None else read_suggestions(rows, directory, on, file=file),
        added=NOTHING if rows is not None else read_suggestions(text("demo/added.csv"), directory, on, file="added.csv"),
    )


def definition_files(folder: Path) -> dict[str, bytes]:
    """Diagrams, decision tables and forms as one deployment."""
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in DEFINITIONS}
    return found | {f"forms/{path.name}": path.read_bytes() for path in sorted((folder / "forms").glob("*.json"))}
