"""One call of the command line: which database, who acts, in which language, how to answer.

Options win over environment variables (JIANYI_DATABASE, JIANYI_ACTOR, JIANYI_LANG), these over the profile
(`profile.toml` in the user's configuration folder: database, actor, language).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import language

if TYPE_CHECKING:
    from engine import Engine, SetClock

APPLICATION = "jianyi"


@dataclass(frozen=True, kw_only=True)
class Session:
    """What the caller said, before any database is opened."""

    database: str | None = None
    actor: str | None = None
    language: str = "en"
    fields: str | None = None
    output: str = "table"
    no_input: bool = False
    reason: str | None = None
    happened_on: str | None = None
    dry_run: bool = False
    now: str | None = None

    @staticmethod
    def of(options: Mapping[str, Any], environment: Mapping[str, str]) -> Session:
        """The session of the root options, the environment and the profile."""
        profile = _profile(environment)
        base = Session(
            database=environment.get("JIANYI_DATABASE") or profile.get("database"),
            actor=environment.get("JIANYI_ACTOR") or profile.get("actor"),
            language=language.chosen(profile.get("language") if not environment.get("JIANYI_LANG") else None, environment),
        )
        return base.overlaid(options)

    def overlaid(self, options: Mapping[str, Any]) -> Session:
        """The same session with the options that were given (those after the command win)."""
        given = {name: value for name, value in options.items() if value is not None and name != "lang"}
        if options.get("lang"):
            given["language"] = options["lang"]
        if given.get("output") == "json":
            given.setdefault("fields", "")
        return replace(self, **given)

    @property
    def wants_json(self) -> bool:
        return self.fields is not None or self.output == "jsonl"

    @property
    def interactive(self) -> bool:
        """Whether questions may be asked: both ends are a terminal and nobody forbade it."""
        import sys

        return not self.no_input and not self.dry_run and sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def day(self) -> date | None:
        """The stated day of the act (`--on`)."""
        if self.happened_on is None:
            return None
        from .fields import date_of

        return date_of(self.happened_on)

    def person(self) -> str:
        """Who acts. Raises IdentityNeeded."""
        if self.actor:
            return self.actor
        from engine.errors import IdentityNeeded

        raise IdentityNeeded("identity_needed", "nobody said who acts", hint="add --as PERSON, or set JIANYI_ACTOR (jianyi person list names them)")

    def place(self) -> str:
        """The database: as said, else your own, else the demo's where only that one is there. Raises NotFound."""
        if self.database:
            return self.database
        own, demo = data_folder() / "jianyi.db", data_folder() / "demo.db"
        if not own.exists() and demo.exists():
            from .output import talk

            talk(language.say("(the demo's database: {path})", path=demo))
            return str(demo)
        return str(own)

    def engine(self) -> Engine:
        """The engine on the session's database. In a simulated one time stands where its history ended, or where `--now` sets it.

        Raises StoreError, NotFound, Rejected.
        """
        from engine import Engine
        from handlers import registry

        engine = Engine.open(self.place(), registry(), clock=self.clock())
        click.get_current_context().call_on_close(engine.close)
        if engine.store.simulated and self.now is None:
            from engine import SetClock

            last = engine.last_moment()
            return Engine(engine.store, engine.registry, SetClock(last)) if last else engine
        return engine

    def clock(self) -> SetClock | None:
        """The set clock that `--now` asks for, or None for the database's own."""
        if self.now is None:
            return None
        from engine import SetClock

        from .fields import moment_of

        return SetClock(moment_of(self.now))

    def common(self) -> dict[str, Any]:
        """What every engine command takes from the session: actor, reason, the day on which it happened."""
        return {"actor": self.person(), "reason": self.reason, "happened_on": self.day}


def data_folder() -> Path:
    """Where databases and drafts of this user lie."""
    from platformdirs import user_data_path

    return user_data_path(APPLICATION, appauthor=False)


def _profile(environment: Mapping[str, str]) -> dict[str, str]:
    # click's folder is platformdirs' too, and click is loaded already: every command looks here.
    path = Path(environment["JIANYI_PROFILE"]) if environment.get("JIANYI_PROFILE") else Path(click.get_app_dir(APPLICATION, roaming=False)) / "profile.toml"
    if not path.is_file():
        return {}
    import tomllib

    return {key: str(value) for key, value in tomllib.loads(path.read_text("utf-8")).items()}

