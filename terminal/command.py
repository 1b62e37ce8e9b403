"""How every command is made: global options before or after it, help in the reader's language, one edge for errors.

A command is a function of `(session, …)`; `@command` gives it the session. Imports click, and of ours only `language` and `session`.
"""

from __future__ import annotations

import errno
import inspect
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

import click

from . import language
from .language import mark, say
from .session import Session

FIELDS = re.compile(r"[a-z][a-z_]*(,[a-z][a-z_]*)*\Z")


def global_options() -> list[click.Parameter]:
    """The options that every command takes, before its name or after it."""
    return [
        click.Option(["--db", "database"], metavar="PATH|URL", help=mark("The congress's database (else JIANYI_DATABASE, else your own).")),
        click.Option(["--as", "actor"], metavar="PERSON", help=mark("Who acts (else JIANYI_ACTOR, else your profile).")),
        click.Option(["--lang"], type=click.Choice(language.LANGUAGES), help=mark("Language of messages (else by locale).")),
        click.Option(["--json", "fields"], is_flag=False, flag_value="", metavar="[FIELDS]", help=mark("Print JSON, all fields or the named ones (a,b).")),
        click.Option(["-o", "--output"], type=click.Choice(["table", "json", "tsv", "csv", "jsonl"]), help=mark("How to print lists.")),
        click.Option(["--no-input"], is_flag=True, default=None, help=mark("Never ask; what is missing is an error.")),
        click.Option(["--reason"], metavar="TEXT", help=mark("Why, where something is overridden; recorded.")),
        click.Option(["--happened-on", "--on", "happened_on"], metavar="DATE", help=mark("The day on which it happened, if not today; needs a reason.")),
        click.Option(["--dry-run"], is_flag=True, default=None, help=mark("Print the events that would be added; change nothing.")),
        click.Option(["--now"], metavar="MOMENT", help=mark("Set the clock (simulated databases only).")),
    ]


def spell_json(args: Sequence[str]) -> list[str]:
    """`--json` takes a list of field names or nothing: what follows it and is no such list is an argument of its own."""
    spelled: list[str] = []
    left = list(args)
    while left:
        word = left.pop(0)
        if word == "--":
            return [*spelled, word, *left]
        if word == "--json":
            word = f"--json={left.pop(0)}" if left and FIELDS.match(left[0]) else "--json="
        spelled.append(word)
    return spelled


_ENGLISH: WeakKeyDictionary[object, str] = WeakKeyDictionary()
"""The English help of commands and options, kept when it is first translated."""


def _translated(command: click.Command) -> None:
    """Put the help of a command and of its options into the current language."""
    options = [param for param in command.params if isinstance(param, click.Option)]
    things: list[click.Command | click.Option] = [command, *options]
    for thing in things:
        english = _ENGLISH.setdefault(thing, inspect.cleandoc(thing.help or ""))
        if english:
            thing.help = "\n\n".join(map(_paragraph, english.split("\n\n")))


def _paragraph(english: str) -> str:
    """A paragraph of help in the current language. An example (after a line `\\b`) is the same in every language but for its heading."""
    if english.startswith("\b"):
        return english.replace("Example:", say("Example:"))
    return say(english.replace("\n", " "))


class Told(click.Command):
    """A command that is told who asks, of which database, and how to answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for option in global_options():
            option.hidden = True  # type: ignore[attr-defined]
            self.params.append(option)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, spell_json(args))

    def invoke(self, ctx: click.Context) -> Any:
        names = [option.name for option in global_options()]
        own = {name: ctx.params.pop(name) for name in names if name}
        session = ctx.find_root().obj.overlaid(own)
        language.speak(session.language)
        ctx.params["session"] = session
        return super().invoke(ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _translated(self)
        super().format_help(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write_text(say("Global options (--db, --as, --json, …): jianyi --help"))

    def get_short_help_str(self, limit: int = 45) -> str:
        _translated(self)
        return super().get_short_help_str(limit)


class Lazy(click.Group):
    """A group whose commands are imported when they are named. `rooms` maps a heading to `{command: module}`."""

    def __init__(self, *args: Any, rooms: dict[str, dict[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rooms = rooms or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for room in self.rooms.values() for name in room] or list(self.commands)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = next((room[name] for room in self.rooms.values() if name in room), None)
        if module is None:
            return self.commands.get(name)
        found: click.Command = import_module(module).COMMANDS[name]
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rooms = self.rooms or {mark("Commands"): dict.fromkeys(self.commands, "")}
        for heading, room in rooms.items():
            commands = [(name, self.get_command(ctx, name)) for name in room]
            with formatter.section(say(heading)):
                formatter.write_dl([(name, found.get_short_help_str(60)) for name, found in commands if found])

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _translated(self)
        super().format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        _translated(self)
        return super().get_short_help_str(limit)


class Bare(Lazy):
    """A group that is a command too: without the name of another of its commands its `bare` one runs (`jianyi due`, `jianyi due explain`)."""

    def __init__(self, *args: Any, bare: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bare = bare

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The named command first, whatever options stand before its name."""
        place = _place_of_command(args)
        if place < len(args) and args[place] in self.commands:
            args = [args[place], *args[:place], *args[place + 1 :]]
        elif not {"-h", "--help"} & set(args):
            args = [self.bare, *args]
        return super().parse_args(ctx, args)


def _place_of_command(args: Sequence[str]) -> int:
    """Where the first word stands that is neither a global option nor its value."""
    takes_value = {name for option in global_options() if isinstance(option, click.Option) and not option.is_flag for name in option.opts} - {"--json"}
    place = 0
    while place < len(args) and args[place].startswith("-"):
        place += 2 if args[place] in takes_value else 1
    return place


class Root(Lazy):
    """The program: reads the global options, runs one command, and turns every error into one sentence and an exit code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(global_options())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._spell_own_json(args) if args else ["--help"])

    def _spell_own_json(self, args: Sequence[str]) -> list[str]:
        """Before the command's name a bare `--json` takes no fields: what follows it is the command."""
        place = _place_of_command(args)
        return ["--json=" if word == "--json" else word for word in args[:place]] + list(args[place:])

    def invoke(self, ctx: click.Context) -> Any:
        # The language was looked up among all words, for an error in what follows the command's name is told before that is read.
        asked = {"lang": ctx.obj} if ctx.obj in language.LANGUAGES else {}
        ctx.obj = Session.of(ctx.params | asked, os.environ)
        language.speak(ctx.obj.language)
        return super().invoke(ctx)

    def main(self, args: Sequence[str] | None = None, *more: Any, **kwargs: Any) -> NoReturn:
        words = list(sys.argv[1:] if args is None else args)
        asked = _option(words, "--lang")
        language.speak(language.chosen(asked, os.environ))
        kwargs |= {"standalone_mode": False, "obj": asked}
        from . import faults

        try:
            code = super().main(words, *more, **kwargs)
        except (KeyboardInterrupt, EOFError, click.exceptions.Abort):
            code = faults.interrupted()
        except click.ClickException as error:
            code = faults.usage(error, as_json=_wants_json(words))
        except OSError as error:
            if error.errno != errno.EPIPE:
                code = faults.unexpected(error, as_json=_wants_json(words))
            else:
                # The reader of our output has gone: nothing more to say, and nothing to flush at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                code = 1
        except Exception as error:
            code = faults.told(error, as_json=_wants_json(words))
        sys.exit(code if isinstance(code, int) else 0)


def _option(words: Sequence[str], name: str) -> str | None:
    for place, word in enumerate(words):
        if word == name and place + 1 < len(words):
            return words[place + 1]
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def _wants_json(words: Sequence[str]) -> bool:
    return any(word.split("=")[0] == "--json" for word in words) or _option(words, "-o") in ("json", "jsonl") or _option(words, "--output") in ("json", "jsonl")


def command(name: str, *params: click.Parameter, cls: type[Told] = Told) -> Callable[[Callable[..., Any]], Told]:
    """Make a function the command `name`; its docstring is the help, its parameters are the given ones after the session."""

    def make(function: Callable[..., Any]) -> Told:
        return cls(name, params=list(params), callback=function, help=function.__doc__)

    return make


def group(name: str, about: str, commands: Sequence[click.Command], *, bare: str | None = None) -> Lazy:
    """A group of commands (`jianyi incident …`); `bare` runs where none is named."""
    made = Bare(name, help=about, bare=bare) if bare else Lazy(name, help=about)
    for each in commands:
        made.add_command(each)
    return made
