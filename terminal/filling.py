"""How data reaches a form: `--data`, `--set`, `--attach`, and questions for what is missing where there is somebody to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .language import mark, say
from .session import Session, data_folder

if TYPE_CHECKING:
    from engine import Engine

    from .fields import Resolve, Schema

Store = Callable[[str, bytes], str]
"""Keeps a file (name, bytes) and gives what the form's field holds."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the caller gave for a form on the command line."""

    sets: tuple[str, ...] = ()
    data: str | None = None
    attach: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.sets or self.data or self.attach)

    def values(self, schema: Schema, resolve: Resolve, store: Store) -> dict[str, Any]:
        """The values as JSON of the schema's types: `--data` first, `--set` over it. Raises InvalidForm, Rejected."""
        from .fields import merged, read_data, read_set

        values = merged(read_data(self.data) if self.data else {}, read_set(self.sets, schema, resolve))
        for assignment in self.attach:
            name, _, file = assignment.partition("=")
            _attach(values, schema, name, Path(file), store)
        return values


def form_options() -> list[click.Parameter]:
    """The options of every command that takes a form."""
    return [
        click.Option(["--set", "sets"], multiple=True, metavar="FIELD=VALUE", help=mark("A field's value; a.b=v and a.0=v reach inside.")),
        click.Option(["--data"], metavar="@FILE", help=mark("All values as JSON or YAML: @file, or @- for standard input.")),
        click.Option(["--attach"], multiple=True, metavar="FIELD=FILE", help=mark("Put a file into a field.")),
    ]


def _attach(values: dict[str, Any], schema: Schema, name: str, file: Path, store: Store) -> None:
    from engine.errors import Rejected

    if name not in schema.get("properties", {}):
        raise Rejected("unknown_field", "{field} is not a field of this form", field=name)
    try:
        stored = store(file.name, file.read_bytes())
    except OSError as error:
        raise Rejected("no_file", "{file} cannot be read: {text}", file=file, text=error.strerror or "") from None
    if schema["properties"][name].get("type") == "array":
        values.setdefault(name, []).append(stored)
    else:
        values[name] = stored


def _only_named(name: str, data: bytes) -> str:
    """A preview stores no file."""
    return name


def fill(session: Session, engine: Engine, schema: Schema | None, given: Given, subject: str, send: Callable[[dict[str, Any]], Any]) -> Any:
    """Send the given values; on a terminal ask for the rest first, keeping a draft until the form is taken.

    Nothing is asked when all was given by `--data`, or when the form has no fields.
    """
    from .resolving import resolver

    resolve = resolver(engine, session.person())
    values = given.values(schema or {}, resolve, _only_named if session.dry_run else engine.attach)
    if not schema or not schema.get("properties") or given.data or not session.interactive:
        return send(values)
    from .drafts import Draft
    from .fields import merged
    from .prompts import Asker, tell
    from .prompts import fill as ask_and_send

    draft = Draft(folder=data_folder() / "drafts", database=session.place(), subject=subject, actor=session.person())
    kept = draft.read()
    if kept:
        tell(say("your draft is taken up again; what you answered before is kept"))
    asker = Asker(root=schema, data=merged(kept, values), keep=draft.keep, resolve=resolve)
    try:
        done = ask_and_send(asker, send)
    except (click.Abort, KeyboardInterrupt, EOFError):
        tell(say("your answers are kept as a draft; the same form goes on with them"))
        raise
    draft.drop()
    return done


def words(texts: Sequence[str]) -> str:
    """Arguments as one text: a title may be typed without quotes."""
    return " ".join(texts)
