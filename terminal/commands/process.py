"""What analysts do: check diagrams, deploy them, see what is deployed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import deployed, output
from ..command import command, group
from ..language import mark, say
from ..output import Column
from ..session import Session
from .scenarios import process_test
from .trace import process_trace
from .trial import process_try

if TYPE_CHECKING:
    from engine import StartTurn


def own_folder() -> Path:
    """The diagrams that the product brings."""
    import handlers

    return Path(handlers.__file__).resolve().parent.parent / "processes"


def files_of(folder: Path) -> dict[str, bytes]:
    """The diagrams, decision tables and forms of a folder by their path in it; one file is a folder of one. Raises Rejected."""
    from engine.deployment import definition_files
    from engine.errors import Rejected

    try:
        if folder.is_file():
            return {folder.name: folder.read_bytes()}
        paths = [*folder.glob("*.bpmn"), *folder.glob("*.dmn"), *folder.glob("forms/*.json")]
        found = definition_files({path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)})
    except OSError as error:
        raise Rejected("no_file", "{file} cannot be read: {text}", file=folder, text=error.strerror or "") from None
    if not found:
        raise Rejected("no_file", "{file} holds no diagrams", file=folder, hint=mark("name a folder of .bpmn, .dmn and forms/*.json files"))
    return found


@command("list")
def process_list(session: Session) -> None:
    """The processes of the newest deployment, and when those that the clock begins are due next.

    \b
    Example:
      jianyi process list --as p-admin
    """
    from handlers import desk

    from ..words import instant

    engine = session.engine()
    me = session.person()
    deployments = engine.select(me, desk.newest_deployment())
    due = next_starts(engine.start_turns(me))
    found = engine.select(me, desk.definitions(deployments[0]["id"])) if deployments else ()
    rows = [{**row, "made_at": deployments[0]["made_at"], "next_start": due.get(row["process"])} for row in found]
    columns = [
        Column(name="process", title=mark("process"), whole=True),
        Column(name="name", title=mark("what")),
        Column(name="file", title=mark("file"), whole=True),
        Column(name="deployment", title=mark("deployment"), show=lambda digest: str(digest)[:12], whole=True),
        Column(name="made_at", title=mark("deployed"), show=instant),
        *([Column(name="next_start", title=mark("begins next"), show=instant)] if due or session.output in ("csv", "tsv") else []),
    ]
    output.emit(session, rows, columns, empty=say("nothing is deployed yet: jianyi process deploy"))


def next_starts(turns: Iterable[StartTurn]) -> dict[str, int]:
    """When each process is begun next by a timer, of turns that come those due first."""
    due: dict[str, int] = {}
    for turn in turns:
        if turn.due_at is not None:
            due.setdefault(turn.process, turn.due_at)
    return due


@command(
    "check",
    click.Argument(["paths"], type=click.Path(path_type=Path), nargs=-1),
    click.Option(["--sarif"], metavar="FILE|-", help=mark("Write what was found as SARIF 2.1.0 to a file, or - for stdout.")),
)
def process_check(session: Session, paths: tuple[Path, ...], sarif: str | None) -> None:
    """Check diagrams, tables and forms: files or folders, together as one set.

    Says everything wrong at once and how to mend it; needs no database and changes nothing. Exit 0 without errors, else 1.

    \b
    Example:
      jianyi process check
    """
    from engine.checking import check
    from handlers import registry

    from .. import checked

    named, beside = checked.named_files(paths or (own_folder(),))
    with checked.progress(sum(not path.endswith((".json", ".dmn")) for path in (*named, *beside))) as on_file, checked.without_collecting():
        found = check(named, registry=registry(), beside=beside, on_file=on_file)
    if sarif is not None:
        checked.write_sarif(found, sarif)
    if sarif != "-":
        checked.tell(session, found)
    if found.errors:
        click.get_current_context().exit(1)


@command("deploy", click.Argument(["folder"], type=click.Path(path_type=Path), required=False))
def process_deploy(session: Session, folder: Path | None) -> None:
    """Check a folder of diagrams as one set, and publish it, all or nothing.

    Says its version and digest, when timer start events will begin a process, and how many running instances stay with the diagrams that
    they began with. With --dry-run nothing is published.

    \b
    Example:
      jianyi process deploy --as p-admin
    """
    from engine import DeployDefinitions
    from engine.checking import check
    from engine.deployment import digest_of
    from engine.errors import DefinitionError

    from .. import checked

    engine, me = session.engine(), session.person()
    files = files_of(folder or own_folder())
    found = check(files, registry=engine.registry)
    if found.errors and session.wants_json:
        raise DefinitionError(found.errors)
    if found.errors:
        checked.for_people(checked.rows(found.errors), err=True)
        output.talk(say("nothing was deployed: {errors} errors, {warnings} warnings", errors=len(found.errors), warnings=len(found.warnings)))
        click.get_current_context().exit(1)
    command = DeployDefinitions(files=files, **session.common())
    digest = digest_of(files)
    if session.dry_run:
        receipt = engine.preview(command)
    else:
        receipt = engine.execute(command)
        engine.drain()
    deployed.tell(session, engine, me, found, digest, receipt, dry_run=session.dry_run)


COMMANDS = {"process": group("process", mark("Diagrams: check, try, test, trace, deploy, list."), [process_list, process_check, process_try, process_test, process_trace, process_deploy])}
