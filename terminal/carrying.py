"""One change from the command line: preview or execute, drain what it caused, print the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import output
from .language import say

if TYPE_CHECKING:
    from engine import Engine

    from .session import Session


def carry_out(session: Session, engine: Engine, command: Any) -> Any:
    """Execute the command and say what it wrote; with `--dry-run` print the events that it would add."""
    if session.dry_run:
        preview(session, engine.preview(command).events)
        return None
    receipt = engine.execute(command)
    drained = engine.drain()
    output.receipt(session, receipt, drained, opened=_opened(engine, session.person(), receipt))
    return receipt


def _opened(engine: Engine, actor: str, receipt: Any) -> list[dict[str, Any]]:
    """The work items that the command opened, as far as the actor may see them."""
    if not receipt.opened:
        return []
    from handlers import desk

    return [{"id": row["id"], "name": row["name"]} for row in engine.select(actor, desk.by_ids("work_item", receipt.opened))]


def preview(session: Session, events: Any) -> None:
    """Print events that would be added: one a line, as JSON with all they carry where JSON is asked for."""
    from dataclasses import asdict

    rows = [{"event": type(event).__name__, **asdict(event)} for event in events]
    if session.wants_json:
        output.emit(session, rows, [])
        return
    for row in rows:
        kind = row.pop("event")
        print(f"{kind} " + " ".join(f"{name}={output.plain(value)}" for name, value in row.items() if value not in (None, "", [], {})))
    output.talk(say("nothing was changed"))


def counted(engine: Engine, actor: str, count: Any) -> int:
    """How many rows there are that the actor may see."""
    return int(engine.count(actor, count)[0]["n"])
