"""The database as such: copying it, bringing it to this release's tables, asking it whether its file is whole."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from .. import output
from ..command import command, group
from ..language import mark, say
from ..output import Column
from ..session import Session


@command("backup", click.Argument(["file"], type=click.Path(path_type=Path)))
def backup(session: Session, file: Path) -> None:
    """Copy the database into a new file, while others work.

    The copy holds everything as it stood at one moment. A PostgreSQL database is copied by its own tools.

    \b
    Example:
      jianyi db backup copy.db
    """
    from engine.storage import open_store

    with closing(open_store(session.place())) as store:
        store.backup(file)
    output.talk(say("copied to {file}", file=file))


@command("upgrade")
def upgrade(session: Session) -> None:
    """Bring an older database to this release's tables.

    All or nothing; take a backup before. A database of this release stays as it is.

    \b
    Example:
      jianyi db upgrade
    """
    from engine.storage import upgrade_store

    place = session.place()
    upgrade_store(place)
    output.talk(say("{path} has this release's tables", path=place))


@command("check")
def check(session: Session) -> None:
    """Ask the database whether its file is whole.

    History is proved by jianyi audit verify. Exit 9 where something is wrong.

    \b
    Example:
      jianyi db check
    """
    from engine.storage import open_store

    with closing(open_store(session.place())) as store:
        found = [{"fault": text} for text in store.integrity()]
    output.emit(session, found, [Column(name="fault", title=mark("what"))], empty=say("the file is whole"))
    if found:
        raise click.exceptions.Exit(9)


COMMANDS = {"db": group("db", mark("The database: backup, upgrade, check."), [backup, upgrade, check])}
