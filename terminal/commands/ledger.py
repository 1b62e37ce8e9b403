"""The ledgers (台账): commitments made in replies, topics under key supervision."""

from __future__ import annotations

from typing import Any

import click

from .. import output
from ..carrying import counted
from ..command import command, group
from ..language import mark
from ..output import Column
from ..session import Session


@command(
    "commitments",
    click.Option(["--state"], type=click.Choice(["open", "met_claimed", "kept", "not_met", "lapsed", "withdrawn"]), help=mark("Only in this state.")),
    click.Option(["--unit"], help=mark("A handling unit, by id, name or short name.")),
    click.Option(["--late"], is_flag=True, help=mark("Only what is late.")),
    click.Option(["--due-from"], metavar="DATE", help=mark("Due on this day or later.")),
    click.Option(["--due-to"], metavar="DATE", help=mark("Due on this day or earlier.")),
    click.Option(["--limit"], type=click.IntRange(1, 5000), default=20, help=mark("How many to show.")),
)
def commitments(session: Session, limit: int, **said: Any) -> None:
    """What replies promised, by when, and whether it was kept.

    \b
    Example:
      jianyi ledger commitments --as p-commission
    """
    from handlers import desk

    from ..fields import date_of

    engine = session.engine()
    me, today = session.person(), engine.today

    def read(select: Any) -> Any:
        return engine.select(me, select)

    where = desk.commitment_conditions(
        state=said["state"],
        units=desk.unit_ids(said["unit"], read) if said["unit"] else None,
        late_on=today if said["late"] else None,
        due_from=date_of(said["due_from"]) if said["due_from"] else None,
        due_to=date_of(said["due_to"]) if said["due_to"] else None,
    )
    rows = desk.commitment_rows(read(desk.commitments(where, limit=limit)), read, today)
    output.emit(session, rows, commitment_columns(read), total=counted(engine, me, desk.count_of("commitment_state", where)))


def commitment_columns(read: Any) -> list[Column]:
    """How lines of the commitment ledger are listed; `read` looks up the units' names."""
    from handlers import desk

    from ..words import Names, state

    names = Names(read=lambda table, ids: read(desk.by_ids(table, ids)))
    return [
        Column(name="id", title=mark("commitment")),
        Column(name="unit_id", title=mark("unit"), show=names.unit),
        Column(name="text", title=mark("what was promised")),
        Column(name="due_on", title=mark("due"), whole=True),
        Column(name="state", title=mark("state"), show=state),
        Column(name="late", title=mark("late"), show=lambda late: "!" if late else ""),
    ]


@command(
    "supervision",
    click.Option(["--state"], type=click.Choice(["proposed", "open", "closed"]), help=mark("Only in this state.")),
    click.Option(["--limit"], type=click.IntRange(1, 5000), default=20, help=mark("How many to show.")),
)
def supervision(session: Session, state: str | None, limit: int) -> None:
    """Topics under key supervision, and how far each is.

    \b
    Example:
      jianyi ledger supervision --as p-commission
    """
    from engine import Where
    from handlers import desk

    from ..words import Names
    from ..words import state as in_words

    engine = session.engine()
    me = session.person()
    where = (Where(column="state", value=state),) if state else ()
    names = Names(read=lambda table, ids: engine.select(me, desk.by_ids(table, ids)))
    rows = desk.topic_rows(engine.select(me, desk.key_topics(where, limit=limit)), lambda select: engine.select(me, select))
    columns = [
        Column(name="id", title=mark("topic"), whole=True),
        Column(name="title", title=mark("title")),
        Column(name="lead_unit_id", title=mark("lead unit"), show=names.unit),
        Column(name="suggestions", title=mark("suggestions"), show=lambda ids: str(len(ids))),
        Column(name="stated_count", title=mark("stated")),
        Column(name="events", title=mark("events held")),
        Column(name="state", title=mark("state"), show=in_words),
    ]
    output.emit(session, rows, columns, total=counted(engine, me, desk.count_of("key_topic", where)))


COMMANDS = {"ledger": group("ledger", mark("The ledgers: commitments, key supervision."), [commitments, supervision])}
