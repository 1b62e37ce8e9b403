"""Reads the rolls that a congress starts from: units, people, sessions, calendars and suggestions. Pure: text in, frozen data out.

Whoever prepared a file mends it: every problem names the file, the line, the column and the remedy, and all problems come at once.
Names of units are resolved by `UnitDirectory`; what cannot be resolved is reported beside the rows and never guessed.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.errors import JianyiError, Problem, said_with

from .directory import NameKind, Succession, Unit, UnitDirectory, UnitName

UNIT_ROLES = ("desk", "handler", "leader", "principal", "secrecy")
"""The groups of a unit that do its work: 综合协调部门, 业务部门, 负责人, 主要负责人, 保密审查."""

_ROLE_NAMES = {"desk": "综合处", "handler": "承办处", "leader": "负责人", "principal": "主要负责人", "secrecy": "保密审查"}
_NAME_KINDS: Mapping[str, NameKind] = {"alias": "alias", "short": "short", "former": "former"}


class RollError(JianyiError):
    """A roll cannot be read. Whoever prepared the file mends it; `problems` names each line and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "roll",
            "{count} problem(s) in the file; the first: {first}",
            hint="mend each named line and read the file again; nothing was taken from it",
            count=len(self.problems),
            first=self.problems[0].saying,
        )


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person as a roll names one (人员). `groups` as in the process book; `delegation_id` is the deputy's delegation, empty for others."""

    id: str
    name: str
    groups: tuple[str, ...]
    delegation_id: str = ""

    def as_data(self) -> dict[str, Any]:
        """The row that `RegisterPersons` takes."""
        return {"id": self.id, "name": self.name, "groups": list(self.groups)}


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session of the congress (会议): its id such as `14-2`, its display name 十四届二次 and its dates."""

    id: str
    name: str
    opened_on: date
    closed_on: date
    assigned_on: date
    """The day of the assignment meeting (交办会)."""
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class SuggestionRow:
    """One suggestion as the file states it. `stated_number` is the number it had elsewhere (原编号), never ours."""

    line: int
    stated_number: str
    session: str
    title: str
    unit_id: str | None
    co_unit_ids: tuple[str, ...]
    reply_on: date | None
    document_number: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TopicRow:
    """A row that stands for a bundle of suggestions (重点督办选题), with the count it states (None: not stated)."""

    line: int
    session: str
    title: str
    lead_unit_id: str | None
    participant_ids: tuple[str, ...]
    stated_count: int | None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unresolved:
    """Words of a cell that the directory does not settle: `rule` is unknown, ambiguous, not_then or incomplete."""

    line: int
    column: str
    text: str
    rule: str
    candidates: tuple[str, ...] = ()
    missing: int = 0
    """How many units the cell says there are beyond those it names (rule incomplete)."""


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What a file of suggestions holds: single suggestions, bundles, and all that a person must settle."""

    rows: tuple[SuggestionRow, ...]
    topics: tuple[TopicRow, ...]
    unresolved: tuple[Unresolved, ...]


# -- units, people, sessions, calendars


def read_units(units: str, names: str = "", successions: str = "", *, file: str = "units.csv") -> UnitDirectory:
    """The directory from the three tables `units.csv`, `unit_names.csv`, `unit_succession.csv` (the last two may be empty)."""
    problems: list[Problem] = []
    rows = _table(units, file, ("id", "name", "kind", "from_on", "to_on", "confirmed", "source"), problems)
    known = {row["id"] for row in rows}
    _report_twice(rows, "id", file, problems)
    aliases = _table(names, "unit_names.csv", ("unit_id", "name", "kind", "from_on", "to_on", "confirmed"), problems) if names else []
    followed = _table(successions, "unit_succession.csv", ("from_unit_id", "to_unit_id", "on", "kind", "confirmed", "source"), problems) if successions else []
    for row in aliases:
        _require(row["unit_id"] in known, row, "unit_id", "no unit has this id", "take the id from units.csv", problems)
        _require(row["kind"] in _NAME_KINDS, row, "kind", "is not a kind of name", "write alias, short or former", problems)
    for row in followed:
        for column in ("from_unit_id", "to_unit_id"):
            _require(row[column] in known, row, column, "no unit has this id", "take the id from units.csv", problems)
    built = (
        [_unit(row, problems) for row in rows],
        [_unit_name(row, problems) for row in aliases if row["kind"] in _NAME_KINDS and row["unit_id"] in known],
        [_succession(row, problems) for row in followed],
    )
    _refuse(problems)
    return UnitDirectory.of(*built)


def read_people(text: str, *, file: str = "people.csv") -> tuple[Person, ...]:
    """People from a table `id,name,groups[,delegation_id]` or a JSON list of such objects; groups are parted by `;`."""
    problems: list[Problem] = []
    rows = _json_rows(text, file, problems) if text.lstrip().startswith("[") else _table(text, file, ("id", "name", "groups"), problems)
    _report_twice(rows, "id", file, problems)
    for row in rows:
        for column in ("id", "name"):
            _require(row.get(column), row, column, "is empty", "give every person an id and a name", problems)
    _refuse(problems)
    return tuple(Person(id=row["id"], name=row["name"], groups=_parts(row.get("groups", "")), delegation_id=row.get("delegation_id", "")) for row in rows)


def read_sessions(text: str, *, file: str = "sessions.csv") -> tuple[Session, ...]:
    """Sessions from a table `id,name,opened_on,closed_on,assigned_on,confirmed`."""
    problems: list[Problem] = []
    rows = _table(text, file, ("id", "name", "opened_on", "closed_on", "assigned_on", "confirmed"), problems)
    dates = [{column: _date(row, column, problems) for column in ("opened_on", "closed_on", "assigned_on")} for row in rows]
    for row, found in zip(rows, dates, strict=True):
        for column, day in found.items():
            _require(day or row[column], row, column, "is empty", "write the day as YYYY-MM-DD", problems)
    _refuse(problems)
    return tuple(
        Session(id=row["id"], name=row["name"], confirmed=row["confirmed"] == "yes", **{c: d for c, d in found.items() if d})
        for row, found in zip(rows, dates, strict=True)
    )


def read_calendar(text: str, *, file: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """One year of the working-day calendar, as `PublishCalendar.years` takes it: `{year: {holidays: […], workdays: […]}}`."""
    problems: list[Problem] = []
    try:
        document = json.loads(text)
        year, days = str(document["year"]), {kind: sorted(document[kind]) for kind in ("holidays", "workdays")}
    except (ValueError, KeyError, TypeError) as error:
        line = getattr(error, "lineno", 1)
        raise RollError([_problem(file, line, "", "is not a calendar of a year: {error}", "give year, holidays and workdays", error=error)]) from error
    for kind, found in days.items():
        for day in found:
            if not (_iso(day) and day.startswith(year)):
                problems.append(_problem(file, _line_of(text, day), kind, "{day} is not a day of {year}", "write days as YYYY-MM-DD", day=repr(day), year=year))
    for day in sorted(set(days["holidays"]) & set(days["workdays"])):
        problems.append(
            _problem(file, _line_of(text, day), "workdays", "{day} is a holiday and a working day at once", "leave it in one of the two lists", day=day)
        )
    _refuse(problems)
    return {year: days}


def _line_of(text: str, day: object) -> int:
    """The last line of the file on which the day is written; 1 where none is, as in a file of one line."""
    written = json.dumps(day, ensure_ascii=False)
    return max((number for number, line in enumerate(text.splitlines(), 1) if written in line), default=1)


def unit_people(unit_id: str, unit_name: str, *, mark: str = "演示") -> tuple[Person, ...]:
    """The people of one unit for a demonstration: one for each role, so that drafting and signing are different persons.

    Their names carry the mark, since they stand for nobody.
    """
    return tuple(
        Person(
            id=f"{unit_id}-{role}",
            name=f"{unit_name}{_ROLE_NAMES[role]}（{mark}）",
            groups=(f"unit:{unit_id}", f"unit-{role}:{unit_id}"),
        )
        for role in UNIT_ROLES
    )


def unit_data(directory: UnitDirectory) -> list[dict[str, Any]]:
    """The rows that `RegisterUnits` takes: every unit with its names and the units that took over from it."""
    names = [name for found in directory.names.values() for name in found if name.kind != "name"]
    return [
        {
            "id": unit.id,
            "name": unit.name,
            "kind": unit.kind,
            "from_on": _text(unit.from_on),
            "to_on": _text(unit.to_on),
            "confirmed": unit.confirmed,
            "names": [
                {"name": n.name, "kind": n.kind, "from_on": _text(n.from_on), "to_on": _text(n.to_on), "confirmed": n.confirmed}
                for n in names
                if n.unit_id == unit.id
            ],
            "successors": [{"id": s.to_unit_id, "on_date": s.on.isoformat()} for s in directory.successions if s.from_unit_id == unit.id],
        }
        for unit in directory.units.values()
    ]


# -- suggestions

_SUGGESTION_COLUMNS = ("number", "session", "title", "answering_unit", "co_handling_units", "reply_date", "document_number")
_NOTE = re.compile(r"\s*\(([^()]*)\)\s*$")
_BUNDLE = re.compile(r"^(?:(\d+) suggestions, key-supervised|topic)$")
_IN_ALL = re.compile(r"^(\d+) (?:[a-z]+ )*in all$")


def read_suggestions(
    text: str, directory: UnitDirectory, on: Callable[[str], date | None] | date | None = None, *, file: str = "suggestions.csv"
) -> ImportResult:
    """Suggestions from a table `number,session,title,answering_unit,co_handling_units,reply_date,document_number`.

    `on` is the day for which units are named: one day, or a function of the session's name; where it gives None, a name may be of any
    day. A title that ends with `(topic)` or `(10 suggestions, key-supervised)` is a bundle. A row without a session is flagged.
    """
    problems: list[Problem] = []
    unresolved: list[Unresolved] = []
    rows: list[SuggestionRow] = []
    topics: list[TopicRow] = []
    for row in _table(text, file, _SUGGESTION_COLUMNS, problems):
        day = on(row["session"]) if callable(on) else on
        reply_on = _date(row, "reply_date", problems)
        _require(row["title"], row, "title", "is empty", "give the title", problems)
        lead = _units(row, "answering_unit", directory, day, unresolved)
        others = _units(row, "co_handling_units", directory, day, unresolved)
        flags = () if row["session"] else ("session_missing",)
        title, bundle, count = _bundle(row["title"])
        if bundle:
            topics.append(
                TopicRow(
                    line=row.line,
                    session=row["session"],
                    title=title,
                    lead_unit_id=lead[0] if lead else None,
                    participant_ids=others,
                    stated_count=count,
                    flags=flags,
                )
            )
            continue
        rows.append(
            SuggestionRow(
                line=row.line,
                stated_number=row["number"],
                session=row["session"],
                title=title,
                unit_id=lead[0] if lead else None,
                co_unit_ids=others,
                reply_on=reply_on,
                document_number=row["document_number"],
                flags=flags,
            )
        )
    _refuse(problems)
    return ImportResult(rows=tuple(rows), topics=tuple(topics), unresolved=tuple(unresolved))


def _bundle(title: str) -> tuple[str, bool, int | None]:
    """The title without its note, whether the row stands for several suggestions, and for how many."""
    note = _NOTE.search(title)
    found = _BUNDLE.match(note.group(1)) if note else None
    if not (note and found):
        return title, False, None
    return title[: note.start()], True, int(found.group(1)) if found.group(1) else None


def _units(row: _Row, column: str, directory: UnitDirectory, on: date | None, unresolved: list[Unresolved]) -> tuple[str, ...]:
    """The units a cell names: groups parted by `;`, each a list parted by 、 or a comma, perhaps with how many there are in all."""
    found: list[str] = []
    for named, group in enumerate(filter(None, re.split(r"[;；]", row[column])), start=1):
        words, stated = _stated(group.strip())
        parts = [words] if directory.resolve(words, on).outcome != "unknown" else [p for p in re.split(r"[、,，]", words) if p.strip()]
        # "A;B;C (22 departments in all)" counts every unit named up to the note, "四川、重庆 (10 … in all)" only its own list.
        counted = len(parts) if len(parts) > 1 else named
        for part in parts:
            resolution = directory.resolve(part, on)
            if resolution.unit_id:
                found.append(resolution.unit_id)
            else:
                unresolved.append(Unresolved(line=row.line, column=column, text=resolution.text, rule=resolution.outcome, candidates=resolution.candidates))
        if stated is not None and stated > counted:
            unresolved.append(Unresolved(line=row.line, column=column, text=group.strip(), rule="incomplete", missing=stated - counted))
    return tuple(dict.fromkeys(found))


def _stated(words: str) -> tuple[str, int | None]:
    """The words without a closing "(22 departments in all)", and the 22."""
    note = _NOTE.search(words)
    found = _IN_ALL.match(note.group(1)) if note else None
    return (words[: note.start()], int(found.group(1))) if note and found else (words, None)


# -- tables


class _Row(dict[str, str]):
    """One line of a table, with its place for messages."""

    def __init__(self, cells: Mapping[str, str], file: str, line: int) -> None:
        super().__init__(cells)
        self.file = file
        self.line = line


def _table(text: str, file: str, columns: Sequence[str], problems: list[Problem]) -> list[_Row]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    rows: list[_Row] = []
    try:
        head = [cell.strip() for cell in next(reader, [])]
        missing = [column for column in columns if column not in head]
        if missing:
            raise RollError([_problem(file, 1, ", ".join(missing), "the column is missing", "the first line names the columns {columns}", columns=", ".join(columns))])
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                problems.append(
                    _problem(file, reader.line_num, "", "has {cells} cells, the first line {columns}", "put cells that hold a comma in quotes", cells=len(cells), columns=len(head))
                )
                continue
            rows.append(_Row({name: cell.strip() for name, cell in zip(head, cells, strict=True)}, file, reader.line_num))
    except csv.Error as error:
        raise RollError([_problem(file, reader.line_num, "", "is not a table of comma separated cells: {error}", "close every quote", error=error)]) from error
    return rows


def _json_rows(text: str, file: str, problems: list[Problem]) -> list[_Row]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise RollError([_problem(file, getattr(error, "lineno", 1), "", "is not JSON: {error}", "mend the JSON", error=error)]) from error
    rows: list[_Row] = []
    for number, entry in enumerate(found, start=1):
        if not isinstance(entry, dict):
            problems.append(_problem(file, number, "", "the entry is not an object", "give every entry as {id, name, groups}"))
            continue
        rows.append(_Row({key: ";".join(map(str, value)) if isinstance(value, list) else str(value) for key, value in entry.items()}, file, number))
    return rows


def _unit(row: _Row, problems: list[Problem]) -> Unit:
    for column in ("id", "name", "kind"):
        _require(row[column], row, column, "is empty", "every unit has an id, a name and a kind", problems)
    return Unit(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        from_on=_date(row, "from_on", problems),
        to_on=_date(row, "to_on", problems),
        confirmed=row["confirmed"] == "yes",
        source=row["source"],
    )


def _unit_name(row: _Row, problems: list[Problem]) -> UnitName:
    return UnitName(
        unit_id=row["unit_id"],
        name=row["name"],
        kind=_NAME_KINDS[row["kind"]],
        from_on=_date(row, "from_on", problems),
        to_on=_date(row, "to_on", problems),
        confirmed=row["confirmed"] == "yes",
    )


def _succession(row: _Row, problems: list[Problem]) -> Succession:
    on = _date(row, "on", problems)
    _require(on, row, "on", "is empty", "give the day on which the successor took over", problems)
    return Succession(
        from_unit_id=row["from_unit_id"],
        to_unit_id=row["to_unit_id"],
        on=on or date.min,
        kind=row["kind"],
        confirmed=row["confirmed"] == "yes",
        source=row["source"],
    )


def _date(row: _Row, column: str, problems: list[Problem]) -> date | None:
    if not row[column]:
        return None
    day = _iso(row[column])
    _require(day, row, column, "{day} is not a day", "write the day as YYYY-MM-DD", problems, day=repr(row[column]))
    return day


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _require(condition: object, row: _Row, column: str, template: str, fix: str, problems: list[Problem], **params: object) -> None:
    if not condition:
        problems.append(_problem(row.file, row.line, column, template, fix, **params))


def _report_twice(rows: Iterable[_Row], column: str, file: str, problems: list[Problem]) -> None:
    seen: set[str] = set()
    for row in rows:
        value = row.get(column, "")
        _require(value not in seen, row, column, "{value} stands in an earlier line too", "give every row its own id", problems, value=repr(value))
        seen.add(value)


def _problem(file: str, line: int, column: str, template: str, fix: str, **params: object) -> Problem:
    return Problem(file=file, line=line, element_id=column or None, rule="roll", template=template, fix_template=fix, params=said_with(params))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RollError(problems)
