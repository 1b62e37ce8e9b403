"""Clauses on the command line: which elements carry out which, and in which cases one was met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import output
from ..command import command
from ..language import mark, say
from ..layout import bold, hanging
from ..output import Column
from ..session import Session

if TYPE_CHECKING:
    from engine import Engine
    from handlers.clause import Carrier, Passing
    from handlers.clause_table import Trace, Traced

STATES = {
    "carried": mark("carried out"),
    "missing": mark("NOT carried out"),
    "waiting": mark("its process is not drawn yet"),
    "nothing": mark("nothing to execute"),
}

REASONS = {
    "purpose": mark("aims and definitions"),
    "principle": mark("asks a bearing, not a step"),
    "standing": mark("who may do what, and how bodies are made"),
    "procedure": mark("orders other business than suggestions"),
    "level": mark("speaks of other levels of congress"),
    "force": mark("says from when it holds"),
}


@command(
    "trace",
    click.Argument(["clause"], required=False),
    click.Option(["--folder"], type=click.Path(path_type=Path), help=mark("Diagrams of this folder, else the product's own.")),
)
def process_trace(session: Session, clause: str | None, folder: Path | None) -> None:
    """Which elements carry out which clause.

    Of every clause of the two plans and the laws: the elements that name it, or why none does. Then elements that name none. A source
    (代表法2025) or a clause narrows it.

    \b
    Example:
      jianyi process trace 代表法2025#51
    """
    from engine.errors import NotFound, require

    titles, found = _trace(folder)
    traced = [each for each in found.clauses if clause is None or clause in (each.clause.source, each.clause.id)]
    require(traced, "not_found", "there is no clause {clause}", error=NotFound, clause=clause or "", hint=mark("a source, such as {known}, or one with # and a number"), known=next(iter(titles)))
    data = {
        "clauses": [_as_data(each) for each in traced],
        "bare": [vars(each) for each in found.bare] if clause is None else [],
        "unknown": [{"clause": clause_id, **vars(carrier)} for clause_id, carrier in found.unknown],
    }
    if output.one(session, data):
        return
    for source, group in groupby(traced, key=lambda each: each.clause.source):
        _tell_source(titles[source], list(group))
    if clause is None:
        _tell_bare(found.bare)
    for clause_id, carrier in found.unknown:
        output.talk(say("{clause} is in no table: {place}", clause=clause_id, place=_place(carrier)))


def _trace(folder: Path | None) -> tuple[Mapping[str, str], Trace]:
    from engine.deployment import bind
    from handlers.clause_table import read_clauses, trace

    from .process import files_of, own_folder

    home = folder if folder is not None and (folder / "clauses.csv").exists() else own_folder()
    titles, clauses = read_clauses(*((home / name).read_text("utf-8") for name in ("clauses.csv", "clause_sources.csv")))
    return titles, trace(bind(files_of(folder or own_folder())).definitions, clauses, titles)


def _as_data(traced: Traced) -> dict[str, Any]:
    clause = traced.clause
    return {
        "clause": clause.id,
        "source": clause.source,
        "number": clause.number,
        "state": traced.state,
        "processes": list(clause.processes),
        "reason": clause.reason or None,
        "elements": [{"file": each.file, "process": each.process, "element_id": each.element_id, "name": each.name} for each in traced.carriers],
    }


def _place(carrier: Carrier) -> str:
    return f"{carrier.file}:{carrier.line} {carrier.element_id} {carrier.name}".rstrip()


def _tell_source(title: str, found: Sequence[Traced]) -> None:
    """What is carried out, a line an element; then the others by why not."""
    carried = [each for each in found if each.state == "carried"]
    print(bold(hanging(say("{title}: {carried} of {total} clauses carried out", title=title, carried=len(carried), total=len(found)), 0)))
    for each in carried:
        print(hanging(f"  {each.clause.id}", 2))
        for carrier in each.carriers:
            print(hanging(f"    {_place(carrier)}", 6))
    for what, clauses in _others(found):
        print(hanging(f"  {what}: {' '.join(f'#{each.clause.number}' for each in clauses)}", 2))
    print()


def _others(found: Sequence[Traced]) -> Iterator[tuple[str, list[Traced]]]:
    for state in ("missing", "waiting", "nothing"):
        among = [each for each in found if each.state == state]
        if state != "nothing" and among:
            yield say(STATES[state]), among
        elif among:
            for reason in REASONS:
                for_it = [each for each in among if each.clause.reason == reason]
                if for_it:
                    yield say("{state} ({reason})", state=say(STATES[state]), reason=say(REASONS[reason])), for_it


def _tell_bare(bare: Sequence[Carrier]) -> None:
    print(bold(say("elements that name no clause: {count}", count=len(bare))))
    for file, group in groupby(bare, key=lambda carrier: carrier.file):
        print(hanging(f"  {file}: {' '.join(carrier.element_id for carrier in group)}", 4))


# -- the cases


WHAT_BECAME = {
    "passed": mark("met"),
    "late": mark("met late"),
    "overdue": mark("open after its last day"),
    "waiting": mark("open"),
    "cancelled": mark("ended first"),
    "skipped": mark("skipped"),
}


@command(
    "trace",
    click.Argument(["clause"]),
    click.Option(["--state"], type=click.Choice(list(WHAT_BECAME)), help=mark("Only what became of it so.")),
)
def audit_trace(session: Session, clause: str, state: str | None) -> None:
    """In which cases a clause was met, met late or skipped.

    By the elements that name it, in the deployment of each case; for auditors.

    \b
    Example:
      jianyi audit trace 代表法2025#51 --as p-auditor
    """
    from engine.errors import NotAllowed, require

    engine, me = session.engine(), session.person()
    require(engine.actor(me).is_in(("auditor",)), "not_yours", "this is for the group {groups}", error=NotAllowed, groups="auditor", hint=mark("jianyi whoami shows your groups"))
    with output.counting(mark("{count} cases …")) as told:
        found = [each for each in _passings(engine, me, clause, told) if state in (None, each.state)]
    rows = [vars(each) for each in found]
    columns = (
        Column(name="case_id", title=mark("case"), whole=True),
        Column(name="element_id", title=mark("element")),
        Column(name="state", title=mark("what became of it"), show=lambda value: say(WHAT_BECAME[value])),
        Column(name="on", title=mark("on"), whole=True),
        Column(name="due_on", title=mark("due"), whole=True),
        Column(name="stream", title=mark("stream"), whole=True),
        Column(name="position", title=mark("position"), whole=True),
    )
    output.emit(session, rows, columns, empty=say("no case came to it"))
    if not session.wants_json:
        counts = " · ".join(f"{say(WHAT_BECAME[each])} {sum(row['state'] == each for row in rows)}" for each in WHAT_BECAME if any(row["state"] == each for row in rows))
        output.talk(counts) if counts else None


def _passings(engine: Engine, me: str, clause: str, told: Any) -> list[Passing]:
    """What became of the clause's elements in every case. Raises NotFound where no deployment has an element that names it."""
    from engine.errors import NotFound, require
    from handlers.clause import carriers, instances_by_case, passings

    known: dict[str, tuple[Any, list[tuple[str, str]]]] = {}
    found: list[Passing] = []
    instances = engine.select(me, instances_by_case())
    for count, (case_id, group) in enumerate(groupby(instances, key=lambda row: row["case_id"]), 1):
        told(count)
        history = engine.history(me, case_id)
        for instance in group:
            if instance["deployment"] not in known:
                definitions = engine.bundle(instance["deployment"]).definitions
                known[instance["deployment"]] = definitions, [(each.process, each.element_id) for each in carriers(definitions) if clause in each.clauses]
            definitions, places = known[instance["deployment"]]
            rows = [row for row in history if row.stream == instance["id"]]
            if places and rows:
                found += passings(case_id, rows, definitions, places, ended=instance["status"] != "running", today=engine.today.isoformat())
    named = any(places for _, places in known.values()) or any(clause in each.clauses for each in carriers(engine.bundle().definitions))
    require(named, "not_found", "no element carries out {clause}", error=NotFound, clause=clause, hint=mark("jianyi process trace names every clause"))
    return found
