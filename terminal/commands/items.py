"""Work items (待办): what is for you, taking it, giving it back, completing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import output
from ..carrying import carry_out, counted
from ..command import command, group
from ..filling import Given, fill, form_options
from ..language import mark, say
from ..output import Column
from ..session import Session

if TYPE_CHECKING:
    from engine import Engine


@command(
    "inbox",
    click.Option(["--case"], metavar="CASE", help=mark("Only this case's.")),
    click.Option(["--limit"], type=click.IntRange(1, 5000), default=20, help=mark("How many to show.")),
)
def inbox(session: Session, case: str | None, limit: int) -> None:
    """Your work items, the soonest due first.

    \b
    Example:
      jianyi inbox --as p-commission
    """
    from handlers import desk

    engine = session.engine()
    me = session.person()
    where = desk.inbox(engine.actor(me), case_id=case)
    rows = desk.titled(engine.select(me, desk.items(where, limit=limit)), lambda select: engine.select(me, select))
    alone, *others = engine.standing_in(me)
    if others and rows:
        groups = desk.grouped(engine.select(me, desk.groups_of([row["id"] for row in rows])), "item_id", "group_id")
        rows = [{**row, "for": desk.on_behalf_of(row, groups.get(row["id"], ()), alone, others)} for row in rows]
    total = counted(engine, me, desk.count_of("work_item", where))
    columns = [*item_columns(engine.today), *([Column(name="for", title=mark("for"))] if others else [])]
    output.emit(session, rows, columns, total=total, empty=say("nothing waits for you"))


def item_columns(today: Any) -> list[Column]:
    """How work items are listed."""
    from ..words import due

    return [
        Column(name="id", title=mark("item"), whole=True),
        Column(name="name", title=mark("what")),
        Column(name="title", title=mark("case")),
        Column(name="number", title=mark("number")),
        Column(name="due_on", title=mark("due"), show=lambda value: due(value, today)),
        Column(name="claimed_by", title=mark("claimed by")),
    ]


@command("claim", click.Argument(["item"]))
def claim(session: Session, item: str) -> None:
    """Take a work item of your group to yourself.

    \b
    Example:
      jianyi claim 1042.3 --as p-commission
    """
    from engine import ClaimWorkItem

    carry_out(session, session.engine(), ClaimWorkItem(item_id=item, **session.common()))


@command("release", click.Argument(["item"]))
def release(session: Session, item: str) -> None:
    """Give a claimed work item back to its group.

    \b
    Example:
      jianyi release 1042.3 --as p-commission
    """
    from engine import ReleaseWorkItem

    carry_out(session, session.engine(), ReleaseWorkItem(item_id=item, **session.common()))


@command("reassign", click.Argument(["item"]), click.Argument(["person"]))
def reassign(session: Session, item: str, person: str) -> None:
    """Give a work item to a person of its groups.

    Needs --reason.

    \b
    Example:
      jianyi reassign 1042.3 p-commission-2 --reason 出差 --as p-commission
    """
    from engine import ReassignWorkItem

    carry_out(session, session.engine(), ReassignWorkItem(item_id=item, person=person, **session.common()))


@command("complete", click.Argument(["item"]), click.Option(["--version", "version"], type=int, help=mark("Refuse if the item changed since this version.")), *form_options())
def complete(session: Session, item: str, version: int | None, sets: tuple[str, ...], data: str | None, attach: tuple[str, ...]) -> None:
    """Complete a work item with its form.

    What is missing is asked on a terminal; elsewhere give it by --set or --data.

    \b
    Example:
      jianyi complete 1042.3 --set outcome=accept --as p-commission
    """
    complete_item(session, session.engine(), item, Given(sets=sets, data=data, attach=attach), version=version)


def complete_item(session: Session, engine: Engine, item: str, given: Given, *, version: int | None = None) -> None:
    """Fill in a work item's form and complete it."""
    from engine import CompleteWorkItem

    view = engine.item(session.person(), item)

    def send(values: dict[str, Any]) -> Any:
        return carry_out(session, engine, CompleteWorkItem(item_id=item, data=values, item_version=version, **session.common()))

    fill(session, engine, view.form.schema if view.form else None, given, item, send)


@command("show", click.Argument(["item"]))
def item_show(session: Session, item: str) -> None:
    """One work item: what is to be done, by whom, by when.

    \b
    Example:
      jianyi item show 1042.3 --as p-commission
    """
    from ..words import instant

    view = session.engine().item(session.person(), item)
    inputs = dict(view.item.inputs) if view.item else {}
    if not output.one(session, {**view.row, "inputs": inputs, "form": view.form.schema if view.form else None}):
        output.facts({**view.row, **{name: instant(view.row[name]) for name in ("opened_at", "closed_at")}, **inputs})


@command("form", click.Argument(["item"]))
def item_form(session: Session, item: str) -> None:
    """A work item's form as YAML to fill in; send it with complete --data.

    \b
    Example:
      jianyi item form 1042.3 --as p-commission
    """
    from ..skeleton import skeleton

    view = session.engine().item(session.person(), item)
    schema = view.form.schema if view.form else {}
    if not output.one(session, schema):
        click.echo(skeleton(schema, title=f"{item} {view.row['name']}"), nl=False)


COMMANDS = {
    "inbox": inbox,
    "claim": claim,
    "release": release,
    "reassign": reassign,
    "complete": complete,
    "item": group("item", mark("One work item: show it, its form."), [item_show, item_form]),
}
