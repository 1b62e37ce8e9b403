"""The table of clauses: its rows, what it refuses, and how a clause stands to the diagrams."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.deployment import bind
from engine.errors import DefinitionError
from handlers.clause_table import REASONS, read_clauses, trace

pytestmark = pytest.mark.unit

PROCESSES = Path(__file__).parents[3] / "processes"
SOURCES = "source,title,date\n法,某法,2020\n惯例,惯例,\n"
HEAD = "source,clause,process,reason\n"
FILES = {path.relative_to(PROCESSES).as_posix(): path.read_bytes() for path in [*PROCESSES.glob("*.bpmn"), *PROCESSES.glob("*.dmn"), *PROCESSES.glob("forms/*.json")]}
DEFINITIONS = bind(FILES).definitions
TITLES, CLAUSES = read_clauses((PROCESSES / "clauses.csv").read_text("utf-8"), (PROCESSES / "clause_sources.csv").read_text("utf-8"))


def test_every_item_of_the_plans_and_every_article_has_a_row():
    """Numbers run from 1 without a gap but where the text itself has one."""
    numbers: dict[str, list[int]] = {}
    for clause in CLAUSES:
        numbers.setdefault(clause.source, []).append(int(clause.number))

    gaps = {source: sorted(set(range(1, max(found) + 1)) - set(found)) for source, found in numbers.items()}

    assert {source: gap for source, gap in gaps.items() if gap} == {"山东2017": [4]}
    assert set(TITLES) - set(numbers) == {"惯例"}
    assert {clause.reason for clause in CLAUSES} == {"", *REASONS}


def test_every_element_names_clauses_of_the_table():
    """A clause that is misspelt in a diagram is in no table."""
    assert [(clause, carrier.element_id) for clause, carrier in trace(DEFINITIONS, CLAUSES, TITLES).unknown] == []


def test_nothing_is_carried_out_for_which_there_is_nothing_to_execute():
    """Where an element names a clause, the table gives no reason why none does."""
    assert [each.clause.id for each in trace(DEFINITIONS, CLAUSES, TITLES).clauses if each.carriers and each.clause.reason] == []


def test_a_clause_stands_to_the_diagrams_in_one_of_four_ways():
    """Carried out, missing although its process is drawn, waiting for its process, or nothing to execute."""
    rows = HEAD + "代表法2025,51,handling,\n代表法2025,62,suggestion,\n代表法2025,28,groups,\n代表法2025,1,,purpose\n"

    traced = trace(DEFINITIONS, read_clauses(rows, "source,title,date\n代表法2025,某法,2025\n")[1], {"代表法2025"})

    assert [each.state for each in traced.clauses] == ["carried", "missing", "waiting", "nothing"]
    assert "sign-reply" in {carrier.element_id for carrier in traced.clauses[0].carriers}
    assert "plan2023#27" in {clause for clause, _ in traced.unknown}
    assert "archive" not in {carrier.element_id for carrier in traced.bare}
    assert "end-archived" in {carrier.element_id for carrier in traced.bare}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("他法,1,handling,\n", "the source of 他法#1 is not known"),
        ("法,1,handling,\n法,1,handling,\n", "法#1 stands here twice"),
        ("法,1,,whim\n", "法#1 cannot have the reason whim"),
        ("法,1,,\n", "法#1 needs processes or a reason"),
        ("法,1,handling,purpose\n", "法#1 needs processes or a reason"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(row, said):
    """Nothing is traced by a table that contradicts itself."""
    with pytest.raises(DefinitionError) as refused:
        read_clauses(HEAD + row, SOURCES)

    (problem,) = refused.value.problems
    assert problem.line == 1 + row.count("\n")
    assert said in problem.message
