"""The demonstration (演示) on the screen: a database of its own, a progress bar, what became of each suggestion, what to try next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import output, words
from .language import mark, say
from .output import Column
from .session import data_folder

if TYPE_CHECKING:
    from engine import Engine, Registry
    from handlers.demo.data import DemoData
    from handlers.demo.summary import Summary
    from handlers.demo.walk import Progress, Walk

    from .session import Session

ADMIN = "operator-1"
READER = "auditor-1"
LINES_APART = 500
"""Without a terminal a line is printed after so many commands."""


def show_demo(session: Session, rows: Path | None) -> None:
    """Make the database or go on with it, walk, and tell. Refuses a database that was not created as simulated."""
    from handlers.demo.routes import ends_on
    from handlers.demo.summary import summarize
    from handlers.demo.walk import Walk, prepare

    place = session.database or str(data_folder() / "demo.db")
    data = demo_data(rows)
    engine = _opened(session, place, data)
    output.talk(say("{path}: real suggestions, made-up people and dates (演示)", path=place))
    prepare(engine, data, admin=ADMIN)
    walk = Walk(engine=engine, data=data)
    with _progress(walk, ends_on(data)) as told:
        walk.on_progress = told
        walk.run()
    summary = summarize(walk)
    _tell(session, engine, summary, place)
    if summary.refused or summary.incidents:
        raise click.exceptions.Exit(10)


def demo_data(rows: Path | None) -> DemoData:
    """What the demonstration is made of; with `rows`, that file's suggestions instead of those that come with the product."""
    from handlers import roll
    from handlers.demo.data import read

    from .commands.directory import text_of
    from .commands.process import own_folder

    data = read(own_folder())
    if rows is None:
        return data
    assigned = {session.name: session.assigned_on for session in data.sessions}
    return replace(data, real=roll.read_suggestions(text_of(rows), data.directory, assigned.get, file=str(rows)))


def _opened(session: Session, place: str, data: DemoData) -> Engine:
    from engine import Engine, SetClock
    from engine.errors import Rejected
    from handlers import registry

    domain = registry(letter_box=_letter_box(place))
    if _is_new(place, domain):
        engine = Engine.create(place, domain, clock=SetClock(_beginning(data)), simulated=True, admin=ADMIN)
    else:
        engine = Engine.open(place, domain)
        if not engine.store.simulated:
            engine.close()
            raise Rejected("not_simulated", "{path} was not created as simulated: the demonstration does not touch it", path=place, hint=mark("name another path with --db"))
        engine = Engine(engine.store, engine.registry, SetClock(engine.last_moment() or _beginning(data)))
        engine.name_first(ADMIN)
    click.get_current_context().call_on_close(engine.close)
    return engine


def _is_new(place: str, domain: Registry) -> bool:
    """Whether the demonstration has to make its database: no file yet, or an empty database on a server."""
    from engine import Engine
    from engine.errors import StoreError

    if "://" not in place:
        Path(place).expanduser().absolute().parent.mkdir(parents=True, exist_ok=True)
        return not Path(place).exists()
    try:
        Engine.open(place, domain).close()
    except StoreError as error:
        if error.code != "not_a_database":
            raise
        return True
    return False


def _beginning(data: DemoData) -> datetime:
    """The first moment of the story."""
    from handlers.demo.routes import begins_on

    return datetime.combine(begins_on(data), time(0, 0), UTC)


def _letter_box(place: str) -> Path:
    """Letters of the demonstration are put beside its database; of one on a server, into the user's data folder."""
    return data_folder() / "letters" if "://" in place else Path(place).expanduser().absolute().with_suffix(".letters")


# -- progress


@contextmanager
def _progress(walk: Walk, end: date) -> Iterator[Progress]:
    """A bar over the days of the story on a terminal, a line now and then elsewhere."""
    import sys

    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    start = walk.engine.today
    columns = (TextColumn("{task.fields[day]}"), BarColumn(bar_width=24), TextColumn("{task.fields[count]:>6}"), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=output.console(err=True), transient=True) as bar:
        task = bar.add_task("", total=max(1, (end - start).days), day=start.isoformat(), count=0)
        yield lambda done, day, label: bar.update(task, completed=(day - start).days, description=label, day=day.isoformat(), count=done)


def _lines() -> Progress:
    told = [0]

    def tell(done: int, day: date, label: str) -> None:
        if done >= told[0] + LINES_APART:
            told[0] = done
            output.talk(say("{day}: {count} commands, {what}", day=day.isoformat(), count=done, what=label))

    return tell


# -- telling


def _tell(session: Session, engine: Engine, summary: Summary, place: str) -> None:
    if output.one(session, _counts(summary)):
        return
    output.emit(replace(session, output="table"), [_row(line) for line in summary.lines], COLUMNS)
    print()
    _ledger(engine)
    print()
    for text in _closing(summary):
        print(text)
    print()
    print(say("Try next:"))
    for line in _next(engine, summary, place, own=session.database is not None):
        print(f"  {line}")


COLUMNS = [
    Column(name="case_id", title=mark("case"), whole=True),
    Column(name="title", title=mark("title"), width=26),
    Column(name="units", title=mark("units"), width=14),
    Column(name="replies", title=mark("replies"), width=13),
    Column(name="ratings", title=mark("feedback"), width=9),
    Column(name="stage", title=mark("stage"), show=words.state),
]


def _row(line: Any) -> dict[str, Any]:
    """What became of one suggestion, as a row."""
    notes = [say("returned") if line.returned else "", say("more time") if line.extended else "", say("late") if line.late else ""]
    return {
        "case_id": line.case_id,
        "title": line.title,
        "units": _units(line.units),
        "replies": [*line.replies, *(note for note in notes if note)],
        "ratings": [_rating(rating) for rating in line.ratings],
        "stage": line.stage,
    }


def _units(units: Sequence[str]) -> str:
    """The first unit with its mode, and how many more there are."""
    if not units:
        return ""
    name, _, mode = units[0].rpartition("·")
    return f"{name} {words.mode(mode)}{f' +{len(units) - 1}' if len(units) > 1 else ''}"


def _rating(text: str) -> str:
    return " / ".join(words.rating(each) for each in text.split("/"))


def _ledger(engine: Engine) -> None:
    """The commitment ledger, so that it is seen without asking."""
    from handlers import desk

    from .commands.ledger import commitment_columns

    def read(select: Any) -> Any:
        return engine.select(READER, select)

    output.table(commitment_columns(read), desk.commitment_rows(read(desk.commitments((), limit=200)), read, engine.today), title=say("Commitment ledger"))


def _counts(summary: Summary) -> dict[str, Any]:
    """The closing figures: what independent counts in the database must give."""
    return {
        "suggestions": len(summary.lines),
        "real": sum(line.is_real for line in summary.lines),
        "stages": dict(sorted(Counter(line.stage for line in summary.lines).items())),
        "replies": sum(len(line.replies) for line in summary.lines),
        "returned": sum(line.returned for line in summary.lines),
        "extended": sum(line.extended for line in summary.lines),
        "commitments": dict(sorted(Counter(fate.split()[0] for line in summary.lines for fate in line.commitments).items())),
        "commitments_late": sum("late" in fate for line in summary.lines for fate in line.commitments),
        "key_topics": len(summary.topics),
        "commands": summary.commands,
        "refused": dict(summary.refused),
        "incidents": summary.incidents,
        "left_out": list(summary.left_out),
        "ended_on": summary.ended_on,
    }


def _closing(summary: Summary) -> Iterator[str]:
    counts = _counts(summary)
    stages = ", ".join(f"{words.state(stage)} {count}" for stage, count in counts["stages"].items())
    yield say("{suggestions} suggestions ({real} real): {stages}", suggestions=counts["suggestions"], real=counts["real"], stages=stages)
    promised = ", ".join(f"{words.state(state)} {count}" for state, count in counts["commitments"].items())
    yield say("{replies} replies, {returned} returns, {extended} extensions; commitments: {promised}, {late} late", promised=promised or "0", late=counts["commitments_late"], **{name: counts[name] for name in ("replies", "returned", "extended")})
    yield say("{topics} key topics; {commands} commands; the story ends on {day}", topics=counts["key_topics"], commands=counts["commands"], day=summary.ended_on)
    for title in summary.left_out:
        yield say("left out, since its unit is not known: {title}", title=title)
    for step, why in summary.refused.items():
        yield say("refused: {step}: {why}", step=step, why=why)
    if summary.incidents:
        yield say("{count} became incidents: jianyi incident list", count=summary.incidents)


def _next(engine: Engine, summary: Summary, place: str, *, own: bool) -> Sequence[str]:
    """Five commands that work on this database as they are printed."""
    told = next((line for line in summary.lines if line.returned), summary.lines[0] if summary.lines else None)
    promised = next((line for line in summary.lines if line.commitments), told)
    database = f" --db {shlex.quote(place)}" if own or (data_folder() / "jianyi.db").exists() else ""
    commands = [
        f"jianyi show {told.case_id} --as {READER}" if told else f"jianyi list --as {READER}",
        f"jianyi show {promised.case_id} --all --as {READER}" if promised else f"jianyi due --as {READER}",
        f"jianyi find 医 --as {READER}",
        f"jianyi ledger commitments --late --as {READER}",
        f"jianyi audit replay --all --as {READER}",
    ]
    return [command + database for command in commands]
