"""What a deployment wrote and what stays behind: version, digest, running instances that keep the diagrams they began with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import output
from .language import mark, say

if TYPE_CHECKING:
    from engine import Engine
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


def tell(session: Session, engine: Engine, actor: str, checked: Checked, digest: str, receipt: Any) -> None:
    """Say what was published, or with `receipt` None what would be."""
    behind = staying_behind(engine, actor, digest)
    version = receipt.position if receipt is not None else None
    row = {
        "version": version,
        "deployment": digest,
        "files": len(checked.files),
        "processes": checked.processes,
        "warnings": len(checked.warnings),
        "stays_behind": behind,
        "hash": receipt.hash if receipt is not None else None,
        "dry_run": receipt is None,
    }
    if output.one(session, row):
        return
    if receipt is None:
        print(say("would be deployed: {processes} processes, {digest}", processes=checked.processes, digest=digest[:16]))
    elif receipt.repeated or not receipt.events:
        print(say("deployed already: version {version}, {digest}", version=version, digest=digest[:16]))
    else:
        print(say("deployed: version {version}, {digest}, {processes} processes, {hash}", version=version, digest=digest[:16], processes=checked.processes, hash=receipt.hash[:16]))
    if checked.warnings:
        output.talk(say("{warnings} warnings: jianyi process check", warnings=len(checked.warnings)))
    _tell_behind(engine, actor, behind)
    if receipt is None:
        output.talk(say("nothing was changed"))


def _tell_behind(engine: Engine, actor: str, behind: Sequence[dict[str, Any]]) -> None:
    if not behind:
        output.talk(say("no running instance stays with older diagrams"))
        return
    output.talk(say("these go on with the diagrams that they began with:"))
    output.table(COLUMNS, behind)
    if "operator" not in engine.actor(actor).groups:
        output.talk(say("(as far as you may see them; an operator sees all)"))
