"""Data on stdout, talk on stderr: lists as tables, JSON, TSV or CSV; receipts.

Rows are mappings with English names; a `Column` says what a person sees of them. Right at 80 columns with Chinese (rich counts cells).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .language import mark, say

if TYPE_CHECKING:
    from rich.console import Console

    from .session import Session

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: the field's name, its heading (a message id), and how a value is shown to a person."""

    name: str
    title: str
    show: Callable[[Any], str] | None = None
    whole: bool = False
    """Never broken over lines (ids, dates)."""
    width: int | None = None
    """Cells; None where the column takes what its content needs."""

    def text(self, row: Row) -> str:
        value = row.get(self.name)
        return self.show(value) if self.show else plain(value)


def talk(text: str) -> None:
    """Say something that is not data."""
    print(text, file=sys.stderr)


def plain(value: Any) -> str:
    """A value as a cell: nothing for null, ISO dates, lists joined."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return " ".join(plain(each) for each in value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=_json)
    return str(value)


def _json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def picked(rows: Iterable[Row], fields: str | None) -> list[dict[str, Any]]:
    """The rows with the named fields only; all fields when none is named. Raises Rejected for a field that no row has."""
    found = [dict(row) for row in rows]
    names = [name for name in (fields or "").split(",") if name]
    if not names or not found:
        return found
    unknown = [name for name in names if not any(name in row for row in found)]
    if unknown:
        from engine.errors import Rejected

        known = ", ".join(sorted({name for row in found for name in row}))
        raise Rejected("unknown_field", "no field {field}", field=", ".join(unknown), known=known, hint=mark("fields: {known}"))
    return [{name: row.get(name) for name in names} for row in found]


def emit(session: Session, rows: Sequence[Row], columns: Sequence[Column], *, total: int | None = None, more: str = "", empty: str = "") -> None:
    """Print a list as the session asks. `total` > shown says that the list is cut, `more` how to see the rest."""
    form = "json" if session.wants_json and session.output not in ("jsonl", "csv", "tsv") else session.output
    shown = picked(rows, session.fields)
    if form == "json":
        print(json.dumps(shown, ensure_ascii=False, indent=1, default=_json) if shown else "[]")
    elif form == "jsonl":
        for row in shown:
            print(json.dumps(row, ensure_ascii=False, default=_json))
    elif form in ("csv", "tsv"):
        _separated(shown, session.fields, columns, "\t" if form == "tsv" else ",")
    elif rows:
        table(columns, rows)
    else:
        talk(empty or say("nothing found"))
    if total is not None and total > len(rows):
        talk(say("{shown} of {total} shown; {more}", shown=len(rows), total=total, more=more or say("--limit N for more")))


def _separated(rows: Sequence[Row], fields: str | None, columns: Sequence[Column], mark: str) -> None:
    names = [name for name in (fields or "").split(",") if name] or [column.name for column in columns]
    writer = csv.writer(sys.stdout, delimiter=mark, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        cells = [row.get(name) for name in names]
        writer.writerow(["" if cell is None else json.dumps(cell, ensure_ascii=False, default=_json) if isinstance(cell, dict | list) else _json(cell) if isinstance(cell, date | Decimal) else cell for cell in cells])


def facts(row: Row) -> None:
    """Print one object for a person: a name and its value a line; what is empty is left out."""
    for name, value in row.items():
        if value not in (None, "", [], {}, ()):
            print(f"{name}: {plain(value)}")


def one(session: Session, row: Row) -> bool:
    """Print one object as JSON if the session asks for it; say whether it did."""
    if not session.wants_json:
        return False
    print(json.dumps(picked([row], session.fields)[0], ensure_ascii=False, indent=1, default=_json))
    return True


def console(*, err: bool = False) -> Console:
    """A rich console of the terminal's width, 80 columns where there is no terminal: for progress and drawings, which lists do without."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=False, width=None if stream.isatty() else 80)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A running count of long work: in place on a terminal, a line now and then elsewhere. `what` has a parameter `count`."""
    terminal = sys.stderr.isatty()
    told = [0]

    def tell(count: int) -> None:
        if count - told[0] >= (200 if terminal else 50_000):
            told[0] = count
            print(say(what, count=count), end="\r" if terminal else "\n", file=sys.stderr, flush=True)

    yield tell
    if terminal and told[0]:
        print(" " * 60, end="\r", file=sys.stderr, flush=True)


def table(columns: Sequence[Column], rows: Iterable[Row], *, title: str = "") -> None:
    """A table for people. Columns in which no row has anything are left out."""
    from .layout import Track, bold, laid_out, screen_width

    found = [[column.text(row) for column in columns] for row in rows]
    used = [place for place, _ in enumerate(columns) if any(row[place] for row in found)]
    tracks = [Track(title=say(columns[place].title), whole=columns[place].whole, width=columns[place].width) for place in used]
    if title:
        print(bold(title))
    for line in laid_out(tracks, [[row[place] for place in used] for row in found], width=screen_width()):
        print(line)


def receipt(session: Session, made: Any, drained: Any = None, *, opened: Sequence[Row] = ()) -> None:
    """Tell what a command wrote: case, stream, position, 16 characters of the row's hash; what opened; what is still under way."""
    under_way = int(getattr(drained, "left", 0) or 0)
    failed = int(getattr(drained, "failed", 0) or 0)
    row = {
        "case_id": made.case_id,
        "instance_id": made.instance_id,
        "stream": made.stream,
        "position": made.position,
        "hash": made.hash,
        "repeated": made.repeated,
        "opened": [dict(each) for each in opened] or list(made.opened),
        "under_way": under_way,
        "failed": failed,
    }
    if one(session, row):
        return
    said = say("already done") if made.repeated else say("done")
    print(say("{said}: case {case}, stream {stream}, position {position}, {hash}", said=said, case=made.case_id or "-", stream=made.stream, position=made.position, hash=made.hash[:16]))
    for each in opened:
        print(say("next: {id} {name}", id=each["id"], name=each["name"]))
    stuck = [event for event in made.events if type(event).__name__ == "IncidentOpened"]
    if stuck:
        from .words import recorded

        talk(say("a step could not be made: {reason} (jianyi incident list)", reason=recorded(stuck[0].reason)))
    if under_way:
        talk(say("{count} still under way: the worker or `jianyi tick` takes them on", count=under_way))
    if failed:
        talk(say("{count} became incidents: jianyi incident list", count=failed))
