"""What auditors do: prove that history is whole, that it decides the same again, that the records follow from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import output
from ..command import command, group
from ..language import mark, say
from ..session import Session
from .trace import audit_trace

if TYPE_CHECKING:
    from engine import Engine


@command("verify")
def verify(session: Session) -> None:
    """Recompute every chain and digest of history.

    \b
    Example:
      jianyi audit verify --as p-auditor
    """
    engine = _engine(session)
    with output.counting(COUNTED) as told:
        report = engine.verify(on_progress=told)
    _report(session, report)


@command("replay", click.Argument(["case"], required=False), click.Option(["--all", "everything"], is_flag=True, help=mark("Every stream.")))
def replay(session: Session, case: str | None, everything: bool) -> None:
    """Decide every row again, and compare.

    Each from its stored predecessor and what was recorded with it.

    \b
    Example:
      jianyi audit replay --all --as p-auditor
    """
    if case is None and not everything:
        raise click.UsageError(say("name a case, or --all"))
    engine = _engine(session)
    with output.counting(COUNTED) as told:
        report = engine.replay(case, on_progress=told)
    _report(session, report)


@command("rebuild")
def rebuild(session: Session) -> None:
    """Fold history into an empty database, and compare.

    Instances come in shuffled order; every table is compared.

    \b
    Example:
      jianyi audit rebuild --as p-auditor
    """
    engine = _engine(session)
    with output.counting(COUNTED) as told:
        report = engine.rebuild(on_progress=told)
    _report(session, report)


@command(
    "backdated",
    click.Option(["--by"], type=click.Choice(["act", "person", "unit"]), default="act", show_default=True, help=mark("A line for each act, or the sums by person or by unit.")),
    click.Option(["--limit"], type=click.IntRange(1, 100_000), default=1_000, help=mark("How many acts to look at, the newest first.")),
)
def backdated(session: Session, by: str, limit: int) -> None:
    """Acts stated to have happened before they were recorded.

    By whom, in which unit, how many days were gained, and why. Limits count from the stated day.

    \b
    Example:
      jianyi audit backdated --by unit --as p-auditor
    """
    from ..backdating import ACT_COLUMNS, SUM_COLUMNS, acts, sums

    engine = _engine(session)
    found = acts(engine, session.person(), engine.backdated(session.person(), limit=limit))
    rows, columns = (found, ACT_COLUMNS) if by == "act" else (sums(found, by), SUM_COLUMNS)
    output.emit(session, rows, columns, empty=say("no act was stated to have happened earlier than it was recorded"))


AUDITORS = ("auditor", "operator", "sealer")


def _engine(session: Session) -> Engine:
    """The engine, for those who may look into all of history. Raises IdentityNeeded, NotAllowed."""
    from engine.errors import NotAllowed, require

    engine = session.engine()
    actor = engine.actor(session.person())
    require(actor.is_in(AUDITORS), "not_yours", "this is for the group {groups}", error=NotAllowed, groups=", ".join(AUDITORS), hint=mark("jianyi whoami shows your groups"))
    return engine


def _report(session: Session, report: Any) -> None:
    """Print what was looked at and every finding; exit 9 for a fault, 11 where newer code decides otherwise."""
    found = [{"kind": each.kind, "stream": each.stream, "position": each.position, "what": each.what} for each in report.findings]
    if not output.one(session, {"rows": report.rows, "streams": report.streams, "findings": found}):
        print(say("{rows} rows in {streams} streams: {count} findings", rows=report.rows, streams=report.streams, count=len(found)))
        for each in report.findings[:SHOWN]:
            print(f"  [{say(KINDS.get(each.kind, each.kind))}] {each}")
        if len(found) > SHOWN:
            output.talk(say("{shown} of {total} shown; {more}", shown=SHOWN, total=len(found), more="--json"))
    if report.tampered:
        raise click.exceptions.Exit(9)
    if report.decided_otherwise:
        raise click.exceptions.Exit(11)


SHOWN = 50

COUNTED = mark("{count} rows …")

KINDS = {
    "tampered": mark("tampered"),
    "fold": mark("record differs"),
    "decided_otherwise": mark("decided otherwise by newer code"),
    "not_re_decidable": mark("not re-decidable"),
}


COMMANDS = {"audit": group("audit", mark("Proofs and questions: verify, replay, trace …"), [verify, replay, rebuild, backdated, audit_trace])}
