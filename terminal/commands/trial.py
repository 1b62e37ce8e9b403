"""`process try`: runs diagrams in memory, one by the options given or many by lines of JSON. Opens no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import output
from ..checked import said
from ..command import Told, command, spell_json
from ..faults import sentence
from ..language import mark, say, spoken
from ..output import Column
from ..session import Session

if TYPE_CHECKING:
    from engine.errors import JianyiError, Problem
    from engine.trial_job import Shelf

STIMULI = ("complete", "message", "signal", "advance", "start_other")
REFUSED, PART_FAILED = 1, 10


class InOrder(Told):
    """A command that is told its stimuli in the order in which they were typed, over all options that give one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given, _, order = self.make_parser(ctx).parse_args(list(spell_json(args)))
        values = {name: iter(given.get(name) or ()) for name in STIMULI}
        stimuli = [(param.name, next(values[param.name])) for param in order if param.name in values]
        left = super().parse_args(ctx, args)
        for name in STIMULI:
            ctx.params.pop(name)
        ctx.params["stimuli"] = stimuli
        return left


@command(
    "try",
    click.Argument(["files"], type=click.Path(path_type=Path), nargs=-1, metavar="[FILE]..."),
    click.Option(["--process"], metavar="ID", help=mark("The process to start; else the one that starts plainly and that no other calls.")),
    click.Option(["--vars", "variables"], metavar="JSON", help=mark("Variables at the start.")),
    click.Option(["--no-start"], is_flag=True, help=mark("Start nothing; a message or signal does.")),
    click.Option(["--complete"], multiple=True, metavar="all|ID[=JSON]", help=mark("Complete the oldest open work item of an element, or all.")),
    click.Option(["--message"], multiple=True, metavar="NAME[:KEY][=JSON]", help=mark("A message comes from outside.")),
    click.Option(["--signal"], multiple=True, metavar="NAME[=JSON]", help=mark("A signal comes from outside.")),
    click.Option(["--advance"], multiple=True, metavar="P30D", help=mark("Let time pass; what falls due is fired in order.")),
    click.Option(["--start", "start_other"], multiple=True, metavar="PROCESS[=JSON]", help=mark("Start one more instance.")),
    click.Option(["--handler"], multiple=True, metavar="TOPIC=JSON", help=mark('What a topic answers: {variables}, or "CODE" of a BPMN error.')),
    click.Option(["--clock"], metavar="ISO", help=mark("When it begins (else 2026-01-05T09:00:00Z).")),
    click.Option(["--zone"], metavar="ZONE", help=mark("Time zone of days and of times without one (else UTC).")),
    click.Option(["--jsonl"], is_flag=True, help=mark("Read many jobs from standard input, one a line; one reply a line.")),
    cls=InOrder,
)
def process_try(session: Session, files: tuple[Path, ...], jsonl: bool, stimuli: list[tuple[str, str]], **options: Any) -> int | None:
    """Run diagrams in memory, without people or a database.

    Stimuli are done in the order given. Handlers are stand-ins. Exit 1 when
    the files are refused or a step could not be made.

    \b
    Example:
      jianyi process try --process assignment_meeting --vars '{"session": "14-2"}' --complete all
    """
    from engine.errors import DefinitionError
    from engine.trial_job import Shelf, job_of, load, refused, run

    if jsonl:
        return _many(Shelf())
    try:
        definitions = load(_runnable(files))
        reply = run(definitions, job_of(_job(stimuli, **options)), _in_words, spoken) | {"problems": _told(definitions.warnings)}
    except DefinitionError as error:
        if not output.one(session, refused(error.problems) | {"problems": _told(error.problems)}):
            raise
        return REFUSED
    _print(session, reply)
    return _exit_code(reply)


def _job(stimuli: Iterable[tuple[str, str]], *, process: str | None, variables: str | None, no_start: bool, **options: Any) -> dict[str, Any]:
    """The job that the options describe."""
    job: dict[str, Any] = {"process": process, "variables": _json(variables or "{}", "--vars"), "start": not no_start}
    job["steps"] = [_step(kind, text) for kind, text in stimuli]
    job["handlers"] = {topic: _json(value, "--handler") for topic, _, value in (text.partition("=") for text in options.pop("handler"))}
    return job | {name: value for name, value in options.items() if value is not None}


def _step(kind: str, text: str) -> dict[str, Any]:
    if kind == "advance":
        return {"advance": text}
    option = "--start" if kind == "start_other" else f"--{kind}"
    target, _, value = text.partition("=")
    step = {"variables": _json(value, option)} if value else {}
    if kind == "message":
        target, _, step["key"] = target.partition(":")
    return {kind: target, **step}


def _json(text: str, option: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.BadParameter(say("{text} is no JSON: {reason}", text=text[:60], reason=error), param_hint=option) from None


def _told(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems as data, in the reader's language."""
    from engine.trial_job import problem_of

    return [problem_of(problem) | dict(zip(("message", "fix"), said(problem), strict=True)) for problem in problems]


def _runnable(paths: Iterable[Path]) -> dict[str, bytes]:
    """The diagrams and decision tables of files and folders; without any, of the product's own folder."""
    from .process import files_of, own_folder

    found: dict[str, bytes] = {}
    for path in list(paths) or [own_folder()]:
        for name, data in files_of(path).items():
            if name.endswith((".bpmn", ".dmn", ".xml")) or path.is_file():
                found[str(path) if name in found else name] = data
    return found


def _in_words(error: JianyiError) -> dict[str, Any]:
    hint = say(error.hint, **(error.params if "{" in error.hint else {}))
    return {"code": error.code, "message": sentence(error), "hint": hint}


def _exit_code(reply: Mapping[str, Any]) -> int:
    if reply["error"] is not None:
        return 5 if reply["error"]["code"] in ("not_open", "not_found") else 1
    return REFUSED if reply["outcome"] in ("refused", "incident") else 0


# ---------------------------------------------------------------------- many
def _many(shelf: Shelf) -> int:
    """Reply to each line of standard input. Exit 10 when a line was no job."""
    failed = False
    for line in sys.stdin.buffer:
        if line.strip():
            reply = reply_to(line, shelf)
            failed = failed or reply["outcome"] == "no_job"
            click.echo(json.dumps(reply))
    return PART_FAILED if failed else 0


def reply_to(line: bytes, shelf: Shelf) -> dict[str, Any]:
    """The reply to one job, whatever it is: one bad job must not end a suite. A line that is no job has the outcome `no_job`."""
    from engine.errors import DefinitionError, JianyiError
    from engine.trial_job import error_of, job_of, refused, run

    named: dict[str, Any] = {}
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            raise ValueError("a job is a JSON object")
        named = {"id": data.pop("id")} if "id" in data else {}
        files = _given_files(data)
        job = job_of(data)
        try:
            return named | run(shelf.load(files), job)
        except DefinitionError as error:
            return named | refused(error.problems)
    except JianyiError as error:
        told = error_of(error)
    except (ValueError, OSError) as error:
        told = {"code": "job", "message": str(error), "hint": say("see docs/reference/try.md")}
    except Exception as error:
        told = {"code": "unexpected", "message": f"{type(error).__name__}: {error}", "hint": say("set JIANYI_TRACE=1 to see where, and report it")}
    return named | refused([]) | {"outcome": "no_job", "error": {"step": None, **told}}


def _given_files(data: dict[str, Any]) -> dict[str, bytes]:
    """The files of a job: paths, or texts by name, or the text of one diagram as `bpmn`."""
    given, text = data.pop("files", []), data.pop("bpmn", None)
    found = {"diagram.bpmn": text.encode()} if isinstance(text, str) else {}
    if isinstance(given, dict):
        found |= {str(name): str(content).encode() for name, content in given.items()}
    else:
        found |= {Path(path).name: Path(path).read_bytes() for path in given}
    if not found:
        raise ValueError("a job has files (paths, or texts by name) or bpmn (the text of a diagram)")
    return found


# ---------------------------------------------------------------------- what a person sees
WHAT = {"work item": mark("work item"), "message": mark("message"), "signal": mark("signal"), "timer": mark("timer")}
OPEN = (
    Column(name="element_id", title=mark("element")),
    Column(name="what", title=mark("waits for"), show=lambda what: say(WHAT[what])),
    Column(name="name", title=mark("name")),
    Column(name="key", title=mark("key")),
    Column(name="for", title=mark("for")),
    Column(name="due_at", title=mark("due"), show=lambda due: str(due or "")[:16].replace("T", " ")),
)
OUTCOMES = {
    "completed": mark("completed"),
    "waiting": mark("waiting"),
    "incident": mark("stopped by an incident"),
    "refused": mark("refused"),
    "cancelled": mark("cancelled"),
    "not_started": mark("nothing was started"),
}
INCIDENTS = (Column(name="element_id", title=mark("element")), Column(name="reason", title=mark("incident")))
DOUBTS = (Column(name="element_id", title=mark("element")), Column(name="text", title=mark("took its default flow")))
INSTANCES = (
    Column(name="number", title=mark("instance"), whole=True),
    Column(name="process", title=mark("process")),
    Column(name="outcome", title=mark("state"), show=lambda outcome: say(OUTCOMES.get(outcome, outcome))),
)
KEPT = (Column(name="message", title=mark("message that nobody took")), Column(name="key", title=mark("key")))


def _print(session: Session, reply: Mapping[str, Any]) -> None:
    if output.one(session, reply):
        return
    screen = output.console()
    print(say(OUTCOMES.get(reply["outcome"], reply["outcome"])))
    if reply["trace"]:
        screen.print(f"{say('completed in order')}: {' → '.join(reply['trace'])}", markup=False)
    for name, value in reply["variables"].items():
        screen.print(f"{name} = {json.dumps(value, ensure_ascii=False)}", markup=False)
    instances = reply["instances"] if len(reply["instances"]) > 1 else []
    tables = ((INSTANCES, instances), (OPEN, reply["open"]), (INCIDENTS, reply["incidents"]), (DOUBTS, reply["defaults_taken"]), (KEPT, reply["kept"]))
    for columns, rows in tables:
        if rows:
            print()
            output.table(columns, rows)
    if reply["problems"]:
        output.talk(say("{count} warnings: jianyi process check names them", count=len(reply["problems"])))
    if reply["error"] is not None:
        output.talk(say("step {step} could not be done: {message}", **reply["error"]))
        output.talk(f"  {reply['error']['hint']}")
