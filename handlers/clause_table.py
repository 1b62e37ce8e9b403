"""Every clause of the two plans and the laws by its id, in our own words no more than why nothing is to be executed, and what carries it out."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import DefinitionError, Problem, said_with

from .clause import Carrier, carriers

if TYPE_CHECKING:
    from engine.kernel import Definitions


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause (条款) of a law or a plan, by its id alone. `processes` are those of the process book that it belongs to.

    `reason` says why no element can carry it out, by one of `REASONS`; empty where one should.
    """

    source: str
    number: str
    processes: tuple[str, ...]
    reason: str

    @property
    def id(self) -> str:
        """`代表法2025#51`."""
        return f"{self.source}#{self.number}"


REASONS = ("purpose", "principle", "standing", "procedure", "level", "force")
"""Why there is nothing to execute: it says what the text is for, what is asked of people's bearing, who may do what and stands where;
it orders other business than suggestions; it speaks of other levels of congress; it says from when it holds."""


@dataclass(frozen=True, kw_only=True)
class Traced:
    """A clause and what carries it out.

    `state`: carried, waiting (its processes are not drawn yet), nothing (there is nothing to execute), missing (its process is drawn, yet
    no element names it).
    """

    clause: Clause
    state: str
    carriers: tuple[Carrier, ...]


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Every clause with its elements, the elements that name none, and those that name one that no table has."""

    clauses: tuple[Traced, ...]
    bare: tuple[Carrier, ...]
    unknown: tuple[tuple[str, Carrier], ...]


def read_clauses(clauses: str, sources: str) -> tuple[dict[str, str], list[Clause]]:
    """The titles of the sources, and their clauses, from `clause_sources.csv` and `clauses.csv`. Raises DefinitionError with every bad row."""
    problems: list[Problem] = []
    titles = {row["source"]: f"{row['title']} {row['date']}".strip() for row in csv.DictReader(io.StringIO(sources))}
    found: dict[str, Clause] = {}
    for line, row in enumerate(csv.DictReader(io.StringIO(clauses)), 2):
        clause = Clause(source=row["source"] or "", number=row["clause"] or "", processes=tuple((row["process"] or "").split()), reason=row["reason"] or "")
        problems += _wrong(line, clause, titles, found)
        found[clause.id] = clause
    if problems:
        raise DefinitionError(problems)
    return titles, list(found.values())


def _wrong(line: int, clause: Clause, titles: Collection[str], found: Collection[str]) -> Iterator[Problem]:
    if clause.source not in titles:
        yield _problem(line, clause, template="the source of {clause} is not known", fix_template="add it to clause_sources.csv")
    if clause.id in found:
        yield _problem(line, clause, template="{clause} stands here twice", fix_template="take one row out")
    if clause.reason and clause.reason not in REASONS:
        yield _problem(line, clause, template="{clause} cannot have the reason {reason}", fix_template="known are {known}")
    if bool(clause.reason) == bool(clause.processes):
        yield _problem(line, clause, template="{clause} needs processes or a reason, one of them", fix_template="name the processes that carry it out, or why none does")


def _problem(line: int, clause: Clause, *, template: str, fix_template: str) -> Problem:
    params = said_with({"clause": clause.id, "reason": clause.reason, "known": ", ".join(REASONS)})
    return Problem(file="clauses.csv", line=line, element_id=None, rule="clause", template=template, fix_template=fix_template, params=params)


def trace(definitions: Definitions, clauses: Iterable[Clause], sources: Collection[str]) -> Trace:
    """What carries out each clause. A source without clauses (practice) is known with any number."""
    found = carriers(definitions)
    by_clause: dict[str, list[Carrier]] = {}
    for carrier in found:
        for clause_id in carrier.clauses:
            by_clause.setdefault(clause_id, []).append(carrier)
    listed = list(clauses)
    known = {clause.id for clause in listed}
    numbered = {clause.source for clause in listed}
    drawn = set(definitions.processes)
    return Trace(
        clauses=tuple(Traced(clause=clause, state=_state(clause, by_clause, drawn), carriers=tuple(by_clause.get(clause.id, ()))) for clause in listed),
        bare=tuple(carrier for carrier in found if not carrier.clauses),
        unknown=tuple(
            (clause_id, carrier)
            for clause_id, each in by_clause.items()
            if clause_id not in known and not _of_practice(clause_id, numbered, sources)
            for carrier in each
        ),
    )


def _of_practice(clause_id: str, numbered: Collection[str], sources: Collection[str]) -> bool:
    source = clause_id.partition("#")[0]
    return source in sources and source not in numbered


def _state(clause: Clause, by_clause: Collection[str], drawn: Collection[str]) -> str:
    if clause.id in by_clause:
        return "carried"
    if clause.reason:
        return "nothing"
    return "missing" if any(process in drawn for process in clause.processes) else "waiting"
