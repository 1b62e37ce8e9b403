"""Starting a case and the acts (withdraw, ask for an extension …) that its diagrams offer by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import output
from ..carrying import carry_out
from ..command import command
from ..filling import Given, fill, form_options
from ..language import mark, say
from ..output import Column
from ..session import Session
from .items import complete_item

if TYPE_CHECKING:
    from engine import Engine


@command(
    "submit",
    click.Option(["--process"], default="suggestion", help=mark("Which process to start.")),
    click.Option(["--at-element"], metavar="ELEMENT", help=mark("At which start event, where there are several.")),
    *form_options(),
)
def submit(session: Session, process: str, at_element: str | None, sets: tuple[str, ...], data: str | None, attach: tuple[str, ...]) -> None:
    """Start a suggestion, or another process, by its form.

    Where its first work item is yours, you fill that in at once.

    \b
    Example:
      jianyi submit --as p-deputy
    """
    from engine import StartInstance

    engine = session.engine()
    start = engine.start(process, at_element)

    def send(values: dict[str, Any]) -> Any:
        return carry_out(session, engine, StartInstance(process=process, element_id=start.element_id, data=values, **session.common()))

    given = Given(sets=sets, data=data, attach=attach)
    if start.form:
        fill(session, engine, start.form.schema, given, f"start {process}", send)
        return
    receipt = send({})
    first = _first_item(engine, session.person(), receipt)
    if first and (session.interactive or not given.is_empty):
        complete_item(session, engine, first, given)


def _first_item(engine: Engine, me: str, receipt: Any) -> str | None:
    """The one work item that the start opened, if it is the actor's to do."""
    from handlers import desk

    opened = receipt.opened if receipt else ()
    where = (*desk.inbox(engine.actor(me)), *desk.by_ids("work_item", opened).where)
    mine = [row["id"] for row in engine.select(me, desk.items(where))] if opened else []
    return mine[0] if len(mine) == 1 else None


@command("act", click.Argument(["case"]), click.Argument(["name"], required=False), *form_options())
def act(session: Session, case: str, name: str | None, sets: tuple[str, ...], data: str | None, attach: tuple[str, ...]) -> None:
    """What may be done by hand on a case; with a name, do it.

    \b
    Example:
      jianyi act 1043 --as p-deputy
    """
    from engine import PerformAct

    from .lookup import the_case

    engine = session.engine()
    me = session.person()
    acts = engine.acts(me, the_case(session, engine, case)["id"])
    if name is None:
        output.emit(session, [_row(each) for each in acts], ACTS, empty=say("nothing can be started by hand now"))
        return
    chosen = _chosen(acts, case, name)

    def send(values: dict[str, Any]) -> Any:
        return carry_out(session, engine, PerformAct(subscription_id=chosen.subscription_id, data=values, **session.common()))

    schema = engine.form(chosen.form_id).schema if chosen.form_id else None
    fill(session, engine, schema, Given(sets=sets, data=data, attach=attach), f"{case} {chosen.subscription_id}", send)


ACTS = [
    Column(name="act", title=mark("act"), whole=True),
    Column(name="name", title=mark("what")),
    Column(name="subscription_id", title=mark("on"), whole=True),
    Column(name="for_me", title=mark("for you")),
]


def _row(act: Any) -> dict[str, Any]:
    return {name: getattr(act, name) for name in ("act", "name", "subscription_id", "form_id", "for_me")}


def _chosen(acts: Any, case: str, name: str) -> Any:
    """The open act of that name or subscription. Raises NotFound, and Rejected where several are open."""
    from engine.errors import NotFound, Rejected

    found = [each for each in acts if name in (each.act, each.subscription_id)]
    mine = [each for each in found if each.for_me] or found
    if not mine:
        known = ", ".join(sorted({each.act for each in acts})) or "-"
        raise NotFound("not_found", "case {case} offers no act {act} now; it offers: {known}", case=case, act=name, known=known, hint=mark("jianyi act CASE lists them"))
    if len(mine) > 1:
        raise Rejected("which_act", "{act} is open more than once: {ids}", act=name, ids=", ".join(each.subscription_id for each in mine), hint=mark("name one of these ids instead"))
    return mine[0]


COMMANDS = {"submit": submit, "act": act}
