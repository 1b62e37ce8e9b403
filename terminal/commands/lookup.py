"""Looking things up: one case on one screen, finding, listing, what falls due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import output
from ..carrying import counted
from ..command import command, group
from ..filling import words as joined
from ..language import mark, say
from ..output import Column
from ..session import Session

if TYPE_CHECKING:
    from engine import Engine


@command("show", click.Argument(["case"], nargs=-1, required=True), click.Option(["--all", "everything"], is_flag=True, help=mark("The whole history, not its last lines.")))
def show(session: Session, case: tuple[str, ...], everything: bool) -> None:
    """One case on one screen.

    Where it stands, who must do what by when, its history. Named by its id, its number (十四届二次0123) or a unique part of its title.

    \b
    Example:
      jianyi show 1042 --as p-commission
    """
    from ..case_screen import gather, paint

    engine = session.engine()
    found = the_case(session, engine, joined(case))
    gathered = gather(engine, session.person(), found, whole=everything)
    if not output.one(session, gathered):
        paint(gathered)


def the_case(session: Session, engine: Engine, text: str) -> dict[str, Any]:
    """The one case that the text names. Raises NotFound; lists several and raises Rejected `which_case`."""
    from engine.errors import Rejected
    from handlers import desk

    me = session.person()
    found = desk.case_named(text, lambda select: engine.select(me, select))
    if len(found) == 1:
        return found[0]
    for row in found:
        output.talk(f"  {row['id']}  {row.get('display_number') or row.get('stated_number') or ''}  {row.get('title') or ''}")
    raise Rejected("which_case", "{text} may mean {count} cases", text=text, count=len(found), hint=mark("name one by its id"))


@command(
    "find",
    click.Argument(["words"], nargs=-1),
    click.Option(["--number"], help=mark("Its number, ours or the one it had elsewhere.")),
    click.Option(["--session", "session_name"], metavar="SESSION", help=mark("14-2 or 十四届二次.")),
    click.Option(["--deputy"], help=mark("A proposer, by id or part of the name.")),
    click.Option(["--unit"], help=mark("A handling unit, by id, name or short name.")),
    click.Option(["--state"], help=mark("Where it stands: screening, handling, replied, closed …")),
    click.Option(["--due-from"], metavar="DATE", help=mark("Something falls due on this day or later.")),
    click.Option(["--due-to"], metavar="DATE", help=mark("Something falls due on this day or earlier.")),
    click.Option(["--late"], is_flag=True, help=mark("Something is late.")),
    click.Option(["--limit"], type=click.IntRange(1, 5000), default=20, help=mark("How many to show.")),
)
def find(session: Session, words: tuple[str, ...], limit: int, **said: Any) -> None:
    """Find suggestions by words, unit, state, due date …

    \b
    Example:
      jianyi find 医 --as p-commission
    """
    engine = session.engine()
    _list(session, engine, _finding(session, engine, words=words, **said), limit)


def _finding(session: Session, engine: Engine, *, words: tuple[str, ...] = (), **said: Any) -> Any:
    from handlers import desk

    from ..fields import date_of

    me = session.person()

    def read(select: Any) -> Any:
        return engine.select(me, select)

    return desk.Finding(
        words=words,
        number=said.get("number"),
        session=said.get("session_name"),
        deputies=desk.person_ids(said["deputy"], read) if said.get("deputy") else None,
        units=desk.unit_ids(said["unit"], read) if said.get("unit") else None,
        state=said.get("state"),
        due_from=date_of(said["due_from"]) if said.get("due_from") else None,
        due_to=date_of(said["due_to"]) if said.get("due_to") else None,
        late=bool(said.get("late")),
        today=engine.today,
    )


def _list(session: Session, engine: Engine, finding: Any, limit: int) -> None:
    from handlers import desk

    from ..words import state

    me = session.person()
    columns = [
        Column(name="id", title=mark("case"), whole=True),
        Column(name="display_number", title=mark("number")),
        Column(name="stated_number", title=mark("stated number")),
        Column(name="title", title=mark("title")),
        Column(name="stage", title=mark("stage"), show=state),
    ]
    rows = engine.select(me, desk.find(finding, limit=limit))
    output.emit(session, rows, columns, total=counted(engine, me, desk.count_of("suggestion", desk.conditions(finding))))


@command(
    "list",
    click.Argument(["state"], required=False),
    click.Option(["--session", "session_name"], metavar="SESSION", help=mark("14-2 or 十四届二次.")),
    click.Option(["--unit"], help=mark("A handling unit, by id, name or short name.")),
    click.Option(["--limit"], type=click.IntRange(1, 5000), default=20, help=mark("How many to show.")),
)
def list_(session: Session, limit: int, **said: Any) -> None:
    """Suggestions, the newest first; all, or of a state.

    \b
    Example:
      jianyi list --as p-commission
    """
    engine = session.engine()
    _list(session, engine, _finding(session, engine, **said), limit)


@command(
    "list",
    click.Option(["--days"], type=click.IntRange(0, 3660), default=30, help=mark("How many days ahead.")),
    click.Option(["--late"], is_flag=True, help=mark("Only what is late.")),
    click.Option(["--mine"], is_flag=True, help=mark("Only what you may do.")),
    click.Option(["--limit"], type=click.IntRange(1, 5000), default=20, help=mark("How many to show.")),
)
def due_list(session: Session, days: int, late: bool, mine: bool, limit: int) -> None:
    """What falls due, what is late on top (plain `jianyi due` does the same).

    \b
    Example:
      jianyi due list --days 90 --as p-commission
    """
    from datetime import timedelta

    from handlers import desk

    from .items import item_columns

    engine = session.engine()
    me, today = session.person(), engine.today
    until = today - timedelta(days=1) if late else today + timedelta(days=days)
    where = desk.due_until(until, actor=engine.actor(me) if mine else None)
    rows = desk.titled(engine.select(me, desk.items(where, limit=limit)), lambda select: engine.select(me, select))
    output.emit(session, rows, item_columns(today), total=counted(engine, me, desk.count_of("work_item", where)), empty=say("nothing falls due"))


@command("explain", click.Argument(["case"], nargs=-1, required=True))
def due_explain(session: Session, case: tuple[str, ...]) -> None:
    """Why a case is due when it is.

    Of each limit: law and article, start, each day skipped, the calendar, and the work items that hold the date.

    \b
    Example:
      jianyi due explain 1042 --as p-commission
    """
    from ..due_screen import gather, paint

    engine = session.engine()
    found = the_case(session, engine, joined(case))
    gathered = gather(engine, session.person(), found)
    if not output.one(session, gathered):
        paint(gathered)


COMMANDS = {
    "show": show,
    "find": find,
    "list": list_,
    "due": group("due", mark("What falls due, and why."), [due_list, due_explain], bare="list"),
}
