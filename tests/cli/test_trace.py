"""`process trace` and `audit trace`: clauses, the elements that carry them out, the cases in which they were met."""

from __future__ import annotations

import json

import pytest

from .conftest import invoke

pytestmark = pytest.mark.cli


def test_the_elements_of_a_clause_are_told():
    """With file, line, id and name."""
    done = invoke("process", "trace", "plan2023#25")

    assert done.exit_code == 0
    assert "assignment-letters 交办一人一函" in done.stdout
    assert "suggestion.bpmn:" in done.stdout
    assert "elements that name no clause" not in done.stdout


def test_what_is_not_carried_out_is_told_with_the_reason():
    """What is missing, what waits for its process, and what cannot be executed, each by why."""
    done = invoke("process", "trace", "代表法2025", "--lang", "zh")

    assert "65 条中有" in done.stdout
    assert "尚未画出" in done.stdout
    assert "无须执行（立法目的和定义）: #1" in done.stdout
    assert max(len(line.encode("gb18030")) for line in done.stdout.splitlines()) <= 80


def test_elements_without_a_clause_are_told():
    """At the end of the whole trace, by diagram."""
    done = invoke("process", "trace")

    assert "elements that name no clause:" in done.stdout
    assert "end-archived" in done.stdout.rpartition("elements that name no clause:")[2]


def test_the_trace_as_data():
    """Every clause with its state; nothing in the diagrams is unknown."""
    found = json.loads(invoke("process", "trace", "--json").stdout)

    by_id = {row["clause"]: row for row in found["clauses"]}
    assert by_id["代表法2025#51"]["state"] == "carried"
    assert {"file": "handling.bpmn", "process": "handling", "element_id": "sign-reply", "name": "审核签发"} in by_id["代表法2025#51"]["elements"]
    assert by_id["plan2023#34"] | {"state": "nothing", "reason": "principle"} == by_id["plan2023#34"]
    assert found["unknown"] == []


def test_an_unknown_clause_is_refused():
    """It says how a clause is written."""
    done = invoke("process", "trace", "民法典#1")

    assert done.exit_code == 5
    assert "there is no clause 民法典#1" in done.stderr


def test_a_diagram_that_names_no_such_clause_is_told(tmp_path):
    """A misspelt clause of a folder's own diagrams is named with its place."""
    from .conftest import ROOT

    for path in (*(ROOT / "processes").glob("*.dmn"), ROOT / "processes" / "screening.bpmn"):
        (tmp_path / path.name).write_bytes(path.read_bytes().replace("代表法2025#59".encode(), "代表法2052#59".encode()))
    (tmp_path / "forms").mkdir()
    for path in (ROOT / "processes" / "forms").glob("*.json"):
        (tmp_path / "forms" / path.name).write_bytes(path.read_bytes())

    done = invoke("process", "trace", "代表法2025#24", "--folder", str(tmp_path))

    assert done.exit_code == 0
    assert "代表法2052#59 is in no table: screening.bpmn:" in done.stderr


def test_the_cases_of_a_clause_are_listed(world):
    """A draft is open at the clause of writing it; the auditor sees where history says so."""
    rows = json.loads(world("audit", "trace", "代表法2025#24", "--as", "p-auditor", "--json").stdout)

    mine = [row for row in rows if row["case_id"] == world.suggestion]
    assert {(row["element_id"], row["state"]) for row in mine} >= {("start-draft", "passed"), ("write-draft", "waiting")}
    assert all(row["stream"] and row["position"] for row in mine)


def test_only_auditors_trace(world):
    """A deputy may not look into all cases."""
    done = world("audit", "trace", "代表法2025#24", "--as", "p-deputy")

    assert done.exit_code == 6


def test_a_clause_that_nothing_names_is_refused(world):
    """Nothing found is not the same as nothing looked for."""
    done = world("audit", "trace", "代表法2025#1", "--as", "p-auditor")

    assert done.exit_code == 5
    assert "no element carries out 代表法2025#1" in done.stderr
