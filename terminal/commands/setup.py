"""A congress's database: creating it, the demo, calendars, settings, importing suggestions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from .. import output
from ..carrying import carry_out
from ..command import command, group
from ..language import mark, say
from ..output import Column
from ..session import Session, data_folder
from .directory import text_of


@command(
    "init",
    click.Option(["--admin"], metavar="PERSON", required=True, help=mark("The first operator, who registers everybody else.")),
    click.Option(["--jurisdiction"], default="national", show_default=True, help=mark("Whose limits and settings count: national, beijing, shanghai …")),
    click.Option(["--processes"], type=click.Path(path_type=Path), metavar="FOLDER", help=mark("Other processes than those of the product, with the jurisdictions of their settings.dmn.")),
    click.Option(["--simulated"], is_flag=True, help=mark("For trials: its clock can be set; marked for ever.")),
)
def init(session: Session, admin: str, jurisdiction: str, processes: Path | None, simulated: bool) -> None:
    """Create a congress's database with its first operator.

    One database is one congress: its jurisdiction never changes.

    \b
    Example:
      jianyi init --admin p-admin --db new.db
    """
    from engine import Engine
    from handlers import registry

    from .process import files_of, own_folder

    _require_known(jurisdiction, files_of(processes or own_folder()))
    place = session.database or str(data_folder() / "jianyi.db")
    if "://" not in place:
        Path(place).expanduser().absolute().parent.mkdir(parents=True, exist_ok=True)
    Engine.create(place, registry(), clock=session.clock(), jurisdiction=jurisdiction, simulated=simulated, admin=admin).close()
    output.talk(say("created {path}; next: jianyi process deploy, jianyi unit import, jianyi person import", path=place))


def _require_known(jurisdiction: str, files: Mapping[str, bytes]) -> None:
    from engine.deployment import jurisdictions_of
    from engine.errors import require

    known = jurisdictions_of(files)
    told = ", ".join(f"{identifier} {names['zh']}" for identifier, names in known.items())
    require(jurisdiction in known, "jurisdiction", "there is no jurisdiction {jurisdiction}", jurisdiction=jurisdiction, known=told, hint=mark("known are: {known}"))


@command("demo", click.Option(["--rows"], type=click.Path(path_type=Path), metavar="FILE", help=mark("Other suggestions than those that come with it (CSV).")))
def demo(session: Session, rows: Path | None) -> None:
    """Carry real suggestions through, in a simulated database.

    \b
    Example:
      jianyi demo --db demo.db
    """
    from ..showing import show_demo

    show_demo(session, rows)


@command(
    "import",
    click.Argument(["files"], nargs=-1, type=click.Path(path_type=Path)),
    click.Option(["--preview"], is_flag=True, help=mark("List the open due dates that would move; change nothing.")),
)
def calendar_import(session: Session, files: tuple[Path, ...], preview: bool) -> None:
    """Publish working-day calendars (JSON).

    Without a file: those that come with the product. Open due dates that they move are moved, each by an event of its case.

    \b
    Example:
      jianyi calendar import --preview --as p-admin
    """
    from engine import PublishCalendar
    from handlers import roll

    from .process import own_folder

    paths = files or tuple(sorted((own_folder() / "calendars").glob("*.json")))
    years = {year: days for path in paths for year, days in roll.read_calendar(text_of(path), file=str(path)).items()}
    engine = session.engine()
    if preview:
        _preview(session, engine.due_moves(years))
        return
    carry_out(session, engine, PublishCalendar(years=years, source=", ".join(path.name for path in paths), **session.common()))


def _preview(session: Session, moves: Sequence[Mapping[str, Any]]) -> None:
    from ..words import limit

    columns = [
        Column(name="case_id", title=mark("case"), whole=True),
        Column(name="id", title=mark("item, timer"), whole=True),
        Column(name="limit_id", title=mark("limit"), show=limit),
        Column(name="due_on", title=mark("due"), whole=True),
        Column(name="new_due_on", title=mark("moves to"), whole=True),
        Column(name="provisional", title=mark("provisional")),
    ]
    output.emit(session, moves, columns, empty=say("no open due date moves"))
    if moves:
        output.talk(say("{count} due dates would move; nothing was changed; publish: jianyi calendar import without --preview", count=len(moves)))


@dataclass(frozen=True, kw_only=True)
class _Source(Column):
    """What a setting's value rests on, in words."""

    def text(self, row: output.Row) -> str:
        where = " ".join(filter(None, (row["law"], row["article"])))
        if row["source"] == "set":
            return say("set by {person}: {reason}", person=row["set_by"], reason=row["reason"])
        if row["source"] == "plan":
            return say("plan, no law: {where}", where=where)
        if row["source"] == "unconfirmed":
            return say("unconfirmed (by {where})", where=where) if where else say("unconfirmed")
        return where if row["source"] == "law" else say("the product's default")


@command("list")
def setting_list(session: Session) -> None:
    """Every setting in force and those to come, with the law, the plan or the person that says so.

    What no text says is marked unconfirmed.

    \b
    Example:
      jianyi setting list --as p-admin
    """
    columns = [
        Column(name="name", title=mark("setting"), whole=True),
        Column(name="value", title=mark("value")),
        Column(name="from_on", title=mark("from"), whole=True),
        _Source(name="source", title=mark("by")),
    ]
    output.emit(session, [vars(view) for view in session.engine().settings(session.person())], columns)


@command("set", click.Argument(["name"]), click.Argument(["value"]), click.Option(["--from", "from_on"], metavar="DATE", required=True, help=mark("The first day on which it counts.")))
def setting_set(session: Session, name: str, value: str, from_on: str) -> None:
    """Change a setting from a day on.

    Needs --reason. The value is JSON or a text.

    \b
    Example:
      jianyi setting set cfg.afterSecond convene --from 2026-01-01 --reason 试行 --as p-admin
    """
    from engine import ChangeSetting

    from ..fields import date_of

    try:
        read = json.loads(value)
    except ValueError:
        read = value
    carry_out(session, session.engine(), ChangeSetting(name=name, value=read, from_on=date_of(from_on), **session.common()))


@command(
    "suggestions",
    click.Argument(["file"], type=click.Path(path_type=Path)),
    click.Option(["--lead"], metavar="PERSON", required=True, help=mark("The deputy who leads them, by id or name.")),
    click.Option(["--session", "default_session"], metavar="SESSION", help=mark("The session of rows that name none.")),
    click.Option(["--channel"], type=click.Choice(["session", "recess"]), default="session", show_default=True, help=mark("Filed in session or in recess.")),
)
def import_suggestions(session: Session, file: Path, lead: str, default_session: str | None, channel: str) -> None:
    """Import suggestions from CSV.

    What names no known unit is listed, never invented.

    \b
    Example:
      jianyi import suggestions suggestions.csv --lead p-deputy --as p-commission
    """
    from ..importing import import_file

    import_file(session, file, text_of(file), lead=lead, default_session=default_session, channel=channel)


COMMANDS = {
    "init": init,
    "demo": demo,
    "calendar": group("calendar", mark("Working-day calendars."), [calendar_import]),
    "setting": group("setting", mark("Settings of the congress, by date."), [setting_list, setting_set]),
    "import": group("import", mark("Bring data in: suggestions."), [import_suggestions]),
}
