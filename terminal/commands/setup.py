"""A congress's database: creating it, the demo, calendars, settings, importing suggestions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
    click.Option(["--jurisdiction"], default="national", show_default=True, help=mark("Whose limits count: national, beijing, shanghai …")),
    click.Option(["--simulated"], is_flag=True, help=mark("For trials: its clock can be set; marked for ever.")),
)
def init(session: Session, admin: str, jurisdiction: str, simulated: bool) -> None:
    """Create a congress's database with its first operator.

    \b
    Example:
      jianyi init --admin p-admin --db new.db
    """
    from engine import Engine
    from handlers import registry

    place = session.database or str(data_folder() / "jianyi.db")
    if "://" not in place:
        Path(place).expanduser().absolute().parent.mkdir(parents=True, exist_ok=True)
    Engine.create(place, registry(), clock=session.clock(), jurisdiction=jurisdiction, simulated=simulated, admin=admin).close()
    output.talk(say("created {path}; next: jianyi process deploy, jianyi unit import, jianyi person import", path=place))


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


@command("list")
def setting_list(session: Session) -> None:
    """The settings in force and those to come.

    \b
    Example:
      jianyi setting list --as p-admin
    """
    from handlers import desk

    engine = session.engine()
    columns = [Column(name="name", title=mark("setting"), whole=True), Column(name="value", title=mark("value")), Column(name="from_on", title=mark("from"), whole=True)]
    output.emit(session, engine.select(session.person(), desk.settings()), columns, empty=say("no setting was changed: defaults are in force"))


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
