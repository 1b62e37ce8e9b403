"""What analysts do: check diagrams, deploy them, see what is deployed."""

from __future__ import annotations

from pathlib import Path

import click

from .. import output
from ..carrying import carry_out
from ..command import command, group
from ..language import mark, say
from ..output import Column
from ..session import Session


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
    """The processes of the newest deployment.

    \b
    Example:
      jianyi process list --as p-admin
    """
    from handlers import desk

    from ..words import instant

    engine = session.engine()
    me = session.person()
    deployments = engine.select(me, desk.newest_deployment())
    rows = [{**row, "made_at": deployments[0]["made_at"]} for row in engine.select(me, desk.definitions(deployments[0]["id"]))] if deployments else []
    columns = [
        Column(name="process", title=mark("process"), whole=True),
        Column(name="name", title=mark("what")),
        Column(name="file", title=mark("file"), whole=True),
        Column(name="deployment", title=mark("deployment"), show=lambda digest: str(digest)[:12], whole=True),
        Column(name="made_at", title=mark("deployed"), show=instant),
    ]
    output.emit(session, rows, columns, empty=say("nothing is deployed yet: jianyi process deploy"))


@command("check", click.Argument(["folder"], type=click.Path(path_type=Path), required=False))
def process_check(session: Session, folder: Path | None) -> None:
    """Check diagrams, tables and forms.

    Names everything wrong at once; changes nothing.

    \b
    Example:
      jianyi process check
    """
    from engine.deployment import bind
    from handlers import registry

    known = registry()
    bundle = bind(files_of(folder or own_folder()), topics=known.topics, checks=known.checks.keys())
    warnings = [{"file": w.file, "line": w.line, "element_id": w.element_id, "rule": w.rule, "message": w.message, "fix": w.fix} for w in bundle.definitions.warnings]
    columns = [
        Column(name="file", title=mark("file")),
        Column(name="line", title=mark("line")),
        Column(name="element_id", title=mark("element")),
        Column(name="rule", title=mark("rule")),
        Column(name="message", title=mark("what")),
        Column(name="fix", title=mark("how to mend it")),
    ]
    output.emit(session, warnings, columns, empty=say("{count} processes, nothing wrong", count=len(bundle.listing)))


@command("deploy", click.Argument(["folder"], type=click.Path(path_type=Path), required=False))
def process_deploy(session: Session, folder: Path | None) -> None:
    """Publish a folder of diagrams, all or nothing.

    \b
    Example:
      jianyi process deploy --as p-admin
    """
    from engine import DeployDefinitions

    carry_out(session, session.engine(), DeployDefinitions(files=files_of(folder or own_folder()), **session.common()))


COMMANDS = {"process": group("process", mark("Diagrams: check, deploy, list."), [process_list, process_check, process_deploy])}
