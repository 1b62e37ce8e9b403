"""What a deployment wrote and what stays behind: version, digest, running instances that keep the diagrams they began with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import output, words
from .language import mark, say

if TYPE_CHECKING:
    from engine import Engine, Receipt
    from engine.checking import Checked

    from .session import Session

COLUMNS = [
    output.Column(name="deployment", title=mark("deployment"), show=lambda digest: str(digest)[:12], whole=True),
    output.Column(name="process", title=mark("process"), whole=True),
    output.Column(name="instances", title=mark("running instances")),
]


def staying_behind(engine: Engine, actor: str, digest: str) -> list[dict[str, Any]]:
    """How many running instances the actor sees that are bound to another deployment, by deployment and process."""
    from handlers import desk

    found = engine.count(actor, desk.running_elsewhere(digest))
    rows = [{"deployment": row["deployment"], "process": row["process"], "instances": int(row["n"])} for row in found]
    return sorted(rows, key=lambda row: (row["process"], row["deployment"]))


def timers_set(events: Iterable[Any]) -> list[dict[str, Any]]:
    """The timer start events that a deployment set anew, and when each is due first; None where its time has passed."""
    found = [event for event in events if type(event).__name__ == "StartTimerSet"]
    return [{"process": event.process, "element_id": event.element_id, "due_at": event.due_at} for event in found]


def tell(session: Session, engine: Engine, actor: str, checked: Checked, digest: str, receipt: Receipt, *, dry_run: bool) -> None:
    """Say what was published, or would be."""
    behind = staying_behind(engine, actor, digest)
    timers = timers_set(() if receipt.repeated else receipt.events)
    version = None if dry_run else receipt.position
    row = {
        "version": version,
        "deployment": digest,
        "files": len(checked.files),
        "processes": checked.processes,
        "warnings": len(checked.warnings),
        "start_timers": timers,
        "stays_behind": behind,
        "hash": None if dry_run else receipt.hash,
        "dry_run": dry_run,
    }
    if output.one(session, row):
        return
    if dry_run:
        print(say("would be deployed: {processes} processes, {digest}", processes=checked.processes, digest=digest[:16]))
    elif receipt.repeated or not receipt.events:
        print(say("deployed already: version {version}, {digest}", version=version, digest=digest[:16]))
    else:
        print(say("deployed: version {version}, {digest}, {processes} processes, {hash}", version=version, digest=digest[:16], processes=checked.processes, hash=receipt.hash[:16]))
    if checked.warnings:
        output.talk(say("{warnings} warnings: jianyi process check", warnings=len(checked.warnings)))
    for timer in timers:
        print(_begins(timer, engine.zone))
    _tell_behind(engine, actor, behind)
    if dry_run:
        output.talk(say("nothing was changed"))


def _begins(timer: dict[str, Any], zone: str) -> str:
    if timer["due_at"] is None:
        return say("the time of {element} has passed: it begins {process} no more", element=timer["element_id"], process=timer["process"])
    when = words.instant(timer["due_at"], zone)
    return say("{element} begins {process} on {when}", element=timer["element_id"], process=timer["process"], when=when)


def _tell_behind(engine: Engine, actor: str, behind: Sequence[dict[str, Any]]) -> None:
    if not behind:
        output.talk(say("no running instance stays with older diagrams"))
        return
    output.talk(say("these go on with the diagrams that they began with:"))
    output.table(COLUMNS, behind)
    if "operator" not in engine.actor(actor).groups:
        output.talk(say("(as far as you may see them; an operator sees all)"))
