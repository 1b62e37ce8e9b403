"""Who is known: persons with their groups, units with their names, and who you are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import output
from ..carrying import carry_out, counted
from ..command import command, group
from ..language import mark, say
from ..output import Column
from ..session import Session


@command("whoami")
def whoami(session: Session) -> None:
    """Who you are here: your groups, and the database.

    \b
    Example:
      jianyi whoami --as p-commission
    """
    from ..words import Names

    engine = session.engine()
    me = session.person()
    actor = engine.actor(me)
    names = _names(engine, me)
    row = {
        "id": actor.id,
        "name": names.person(actor.id),
        "kind": actor.kind,
        "identity": actor.identity,
        "groups": sorted(actor.groups),
        "database": session.place(),
        "simulated": engine.store.simulated,
        "today": engine.today,
    }
    if output.one(session, row):
        return
    assert isinstance(names, Names)
    print(f"{row['name']} ({actor.id}), {say('identity')}: {say(IDENTITIES.get(actor.identity, actor.identity))}")
    for each in row["groups"]:
        print(f"  {each}  {names.group(each)}")
    print(f"{row['database']}{'  ' + say('(simulated)') if engine.store.simulated else ''}  {engine.today}")


IDENTITIES = {"claimed": mark("claimed")}
"""How identity was established, in words."""


def _names(engine: Any, me: str) -> Any:
    from handlers import desk

    from ..words import Names

    return Names(read=lambda table, ids: engine.select(me, desk.by_ids(table, ids)))


@command("list", click.Argument(["text"], required=False), click.Option(["--group", "group_id"], help=mark("Only members of this group.")), click.Option(["--limit"], type=click.IntRange(1, 5000), default=50, help=mark("How many to show.")))
def person_list(session: Session, text: str | None, group_id: str | None, limit: int) -> None:
    """Persons with their groups, by id or part of the name.

    \b
    Example:
      jianyi person list --group commission --as p-admin
    """
    from handlers import desk

    engine = session.engine()
    me, today = session.person(), engine.today
    where = desk.person_conditions(text, group_id, today)
    rows = engine.select(me, desk.persons(where, limit=limit))
    held = desk.grouped(engine.select(me, desk.memberships([row["id"] for row in rows], today)), "person_id", "group_id")
    people = [{**row, "groups": held.get(row["id"], [])} for row in rows]
    columns = [Column(name="id", title=mark("id"), whole=True), Column(name="name", title=mark("person"), whole=True), Column(name="groups", title=mark("groups"))]
    output.emit(session, people, columns, total=counted(engine, me, desk.count_of("person", where)))


@command("import", click.Argument(["file"], type=click.Path(path_type=Path)))
def person_import(session: Session, file: Path) -> None:
    """Register persons from CSV or JSON.

    Columns: id, name, groups (separated by ;).

    \b
    Example:
      jianyi person import persons.csv --as p-admin
    """
    from engine import RegisterPersons
    from handlers import roll

    people = roll.read_people(text_of(file), file=str(file))
    carry_out(session, session.engine(), RegisterPersons(data=[person.as_data() for person in people], **session.common()))


@command(
    "substitute",
    click.Argument(["person"]),
    click.Option(["--by"], required=True, metavar="PERSON", help=mark("Who stands in.")),
    click.Option(["--from", "from_on"], required=True, metavar="DATE", help=mark("The first day.")),
    click.Option(["--to", "to_on"], required=True, metavar="DATE", help=mark("The last day.")),
    click.Option(["--groups"], help=mark("Only for these groups (separated by ;).")),
)
def person_substitute(session: Session, person: str, by: str, from_on: str, to_on: str, groups: str | None) -> None:
    """Let a person do what another's groups may, between two days.

    A deputy's mandate is not lent, nor what is for a named person. To end it early, name it again with an earlier last day.

    \b
    Example:
      jianyi person substitute p-commission --by p-commission-2 --from 2026-09-01 --to 2026-09-10 --as p-admin
    """
    from engine import NameSubstitute

    from ..fields import date_of

    named = tuple(filter(None, (group.strip() for group in (groups or "").split(";"))))
    wanted = NameSubstitute(person=person, by=by, from_on=date_of(from_on), to_on=date_of(to_on), groups=named, **session.common())
    carry_out(session, session.engine(), wanted)


def text_of(file: Path) -> str:
    """The text of a file in UTF-8. Raises Rejected."""
    from engine.errors import Rejected

    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise Rejected("no_file", "{file} cannot be read: {text}", file=file, text=error.strerror or "") from None
    except UnicodeDecodeError:
        raise Rejected("no_file", "{file} is not UTF-8 text", file=file, hint=mark("save it as UTF-8")) from None


@command("list", click.Argument(["text"], required=False), click.Option(["--limit"], type=click.IntRange(1, 5000), default=50, help=mark("How many to show.")))
def unit_list(session: Session, text: str | None, limit: int) -> None:
    """Units with their names, by id, name or short name.

    \b
    Example:
      jianyi unit list 发改委 --as p-commission
    """
    from handlers import desk

    engine = session.engine()
    me = session.person()
    where = desk.unit_conditions(desk.unit_ids(text, lambda select: engine.select(me, select)) if text else None)
    rows = engine.select(me, desk.units(where, limit=limit))
    other = desk.grouped(engine.select(me, desk.unit_names([row["id"] for row in rows])), "unit_id", "name")
    units = [{**row, "names": other.get(row["id"], [])} for row in rows]
    columns = [
        Column(name="id", title=mark("id"), whole=True),
        Column(name="name", title=mark("unit")),
        Column(name="names", title=mark("also")),
        Column(name="kind", title=mark("kind")),
        Column(name="to_on", title=mark("until"), whole=True),
    ]
    output.emit(session, units, columns, total=counted(engine, me, desk.count_of("unit", where)))


@command(
    "import",
    click.Argument(["file"], type=click.Path(path_type=Path)),
    click.Option(["--names"], type=click.Path(path_type=Path), help=mark("Their other names (unit_id,name,kind,from_on,to_on,confirmed).")),
    click.Option(["--successions"], type=click.Path(path_type=Path), help=mark("Who took over from whom (from_unit_id,to_unit_id,on,kind,confirmed,source).")),
)
def unit_import(session: Session, file: Path, names: Path | None, successions: Path | None) -> None:
    """Register units from CSV.

    Columns: id, name, kind, from_on, to_on, confirmed, source.

    \b
    Example:
      jianyi unit import units.csv --as p-admin
    """
    from engine import RegisterUnits
    from handlers import roll

    directory = roll.read_units(text_of(file), text_of(names) if names else "", text_of(successions) if successions else "", file=str(file))
    carry_out(session, session.engine(), RegisterUnits(data=roll.unit_data(directory), **session.common()))


COMMANDS = {
    "whoami": whoami,
    "person": group("person", mark("Persons and their groups."), [person_list, person_import, person_substitute]),
    "unit": group("unit", mark("Units, their names and successors."), [unit_list, unit_import]),
}
