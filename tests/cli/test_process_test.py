"""`process test`: scenarios on the command line."""

from __future__ import annotations

import json

import pytest

from .conftest import ROOT, invoke

pytestmark = pytest.mark.cli

HEAD = "number: 7\ntitle: 不成立的情形\njurisdictions: [national, henan]\nwhen:\n  - start: suggestion\n    as: 领衔代表\nthen:\n"


@pytest.fixture
def failing(tmp_path):
    """A scenario that holds in one of two jurisdictions."""
    (tmp_path / "common.yaml").write_bytes((ROOT / "processes" / "scenarios" / "common.yaml").read_bytes())
    file = tmp_path / "07-failing.yaml"
    file.write_text(f"{HEAD}  - stage: filed\n    in: [henan]\n  - stage: draft\n", "utf-8")
    return file


def test_what_does_not_hold_is_told_with_its_line_and_exit_9(failing):
    """Scenario, jurisdiction, line of the file, what was found and what was expected."""
    done = invoke("process", "test", str(failing))

    assert done.exit_code == 9
    assert "7 不成立的情形" in done.stdout
    assert "national ok · henan FAILED" in done.stdout
    assert '07-failing.yaml:8 stage: stage: found ["draft"], expected ["filed"]' in " ".join(done.stdout.split())


def test_it_is_told_in_chinese(failing):
    """Every sentence is in the reader's language."""
    done = invoke("process", "test", str(failing), "--lang", "zh")

    assert done.exit_code == 9
    assert "henan 不成立" in done.stdout
    assert '阶段：实为 ["draft"]，应为 ["filed"]' in " ".join(done.stdout.split())


def test_the_same_as_data(failing):
    """`--json` has every walk and every fault."""
    found = json.loads(invoke("process", "test", str(failing), "--json", "--coverage").stdout)

    assert [found["scenarios"], found["walks"], found["failed"]] == [1, 2, 1]
    assert [result["holds"] for result in found["results"]] == [True, False]
    assert found["results"][1]["faults"] == [{"line": 8, "word": "stage", "text": 'stage: found ["draft"], expected ["filed"]'}]
    assert {"file": "suggestion.bpmn", "process": "suggestion", "element_id": "start-draft", "name": "起草", "walks": 2} in found["coverage"]


def test_only_what_is_asked_for_is_walked(failing):
    """By number and by jurisdiction; what is not there is said."""
    one = json.loads(invoke("process", "test", str(failing), "--jurisdiction", "national", "--scenario", "7", "--json").stdout)
    none = invoke("process", "test", str(failing), "--scenario", "8")

    assert one["walks"] == 1
    assert none.exit_code == 5
    assert "there is no scenario of 8" in none.stderr


def test_the_coverage_is_told_by_diagram_and_element(failing):
    """Each element with how many walks passed it, within 80 columns."""
    done = invoke("process", "test", str(failing), "--coverage")

    assert "suggestion.bpmn: 2 of" in done.stdout
    assert any(line.split() == ["start-draft", "起草", "2"] for line in done.stdout.splitlines())


def test_a_wrong_file_is_refused_with_line_and_remedy(tmp_path):
    """Nothing is walked."""
    (tmp_path / "1.yaml").write_text(f"{HEAD}  - state: draft\n", "utf-8")

    done = invoke("process", "test", str(tmp_path))

    assert done.exit_code == 1
    assert "1.yaml" in done.stderr
    assert "no expectation has the words state" in " ".join(done.stderr.split())
