"""`process check` and `process deploy`: what an analyst sees, what a machine reads, what stops a deployment."""

from __future__ import annotations

import gc
import json
import shutil
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from engine.checking import check
from terminal.checked import without_collecting

from .conftest import ROOT, invoke

pytestmark = pytest.mark.cli

PROCESSES = ROOT / "processes"
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        "locations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "physicalLocation": {
                        "type": "object",
                        "required": ["artifactLocation"],
                        "properties": {
                            "artifactLocation": {"type": "object", "required": ["uri"], "properties": {"uri": {"type": "string", "format": "uri-reference"}}},
                            "region": {"type": "object", "properties": {"startLine": {"type": "integer", "minimum": 1}}},
                        },
                    },
                    "logicalLocations": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "kind": {"type": "string"}}}},
                },
            },
        },
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
                                    "rules": {"type": "array", "uniqueItems": True, "items": {"type": "object", "required": ["id"]}},
                                },
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": RESULT},
                },
            },
        },
    },
}
"""What SARIF 2.1.0 asks of the parts that we write (OASIS, sections 3.13, 3.14, 3.18, 3.19, 3.27, 3.28, 3.49)."""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A copy of the shipped diagrams, in which tests make mistakes."""
    copied = tmp_path / "建议"
    copied.mkdir()
    for path in (*PROCESSES.glob("*.bpmn"), *PROCESSES.glob("*.dmn")):
        shutil.copy(path, copied)
    shutil.copytree(PROCESSES / "forms", copied / "forms")
    monkeypatch.chdir(tmp_path)
    return copied


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_shipped_diagrams_pass(folder):
    """No error: exit 0; named one by one as well, since each finds what it calls beside it."""
    assert invoke("process", "check").exit_code == 0
    assert invoke("process", "check", str(folder)).exit_code == 0
    for path in sorted(folder.glob("*.bpmn")):
        alone = invoke("process", "check", str(path), "--json")
        assert alone.exit_code == 0, alone.output
        assert [row for row in json.loads(alone.stdout) if row["rule"] != "basis"] == []


def test_a_slip_is_told_with_file_line_element_and_remedy(folder):
    """One letter wrong in a condition: exit 1, and the line says where, what and how to mend it."""
    spoil(folder, "assignment.bpmn", ">=approved<", ">=aproved<")

    told = invoke("process", "check", "建议")

    assert told.exit_code == 1
    assert "建议/assignment.bpmn" in told.stdout
    assert "flow-gw-approved-fix-allocation" in told.stdout
    assert "its condition reads aproved, which nothing can write" in told.stdout
    assert "→ write approved" in told.stdout
    assert "1 errors" in told.stderr


def test_it_fits_on_eighty_columns(folder):
    """No line is wider, in either language; Chinese counts double."""
    from rich.cells import cell_len

    spoil(folder, "handling.bpmn", '=decision = "send-back"', '=decision = "send-bakc"')

    for language in ("en", "zh"):
        told = invoke("process", "check", "建议", "--lang", language)
        assert told.exit_code == 1
        assert max(map(cell_len, told.stdout.splitlines())) <= 80


def test_it_speaks_chinese(folder):
    """Message, remedy and sum in the reader's language; names stay as they are."""
    spoil(folder, "assignment.bpmn", ">=approved<", ">=aproved<")

    told = invoke("process", "check", "建议", "--lang", "zh")

    assert "错误" in told.stdout
    assert "aproved" in told.stdout
    assert "approved" in told.stdout
    assert "its condition" not in told.stdout
    assert "nothing can write" not in told.stdout


def test_json_has_every_problem(folder):
    """Rows with fixed English names, and the edit where a machine can make it."""
    spoil(folder, "assignment.bpmn", ">=approved<", ">=aproved<")

    told = invoke("process", "check", "建议", "--json")

    rows = [row for row in json.loads(told.stdout) if row["severity"] == "error"]
    assert told.exit_code == 1
    assert [(row["file"], row["element_id"], row["rule"], row["edit"]) for row in rows] == [
        ("建议/assignment.bpmn", "flow-gw-approved-fix-allocation", "unknown_name", {"old": "aproved", "new": "approved"})
    ]
    assert rows[0]["line"] > 1
    assert json.loads(invoke("process", "check", "建议", "--json", "rule,line").stdout)[0].keys() == {"rule", "line"}


def test_nothing_wrong_is_an_empty_list(folder):
    """`[]` and exit 0."""
    told = invoke("process", "check", "建议/rule_screen.dmn", "--json")

    assert told.exit_code == 0
    assert json.loads(told.stdout) == []


@pytest.mark.parametrize("place", ["-", "found.sarif"])
def test_sarif_is_valid(folder, tmp_path, place):
    """The log is SARIF 2.1.0: to stdout alone, or to a file beside what people read."""
    spoil(folder, "assignment.bpmn", ">=approved<", ">=aproved<")

    told = invoke("process", "check", "建议", "--sarif", place)

    text = told.stdout if place == "-" else (tmp_path / place).read_text("utf-8")
    log = json.loads(text)
    assert told.exit_code == 1
    assert list(jsonschema_rs.Draft202012Validator(SARIF, validate_formats=True).iter_errors(log)) == []
    run = log["runs"][0]
    assert all(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    errors = [result for result in run["results"] if result["level"] == "error"]
    assert errors[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%E5%BB%BA%E8%AE%AE/assignment.bpmn"


def test_many_files_say_how_far_it_is(tmp_path, monkeypatch):
    """With many diagrams, how many are read is said on stderr, and stdout stays data."""
    for number in range(150):
        text = (ROOT / "tests/language/kit/bad-input/001_control_valid_minimal.bpmn").read_text("utf-8")
        (tmp_path / f"d{number:03}.bpmn").write_text(text.replace('id="p"', f'id="p{number}"'), "utf-8")
    monkeypatch.chdir(tmp_path)

    told = invoke("process", "check", ".", "--json")

    assert told.exit_code == 0
    assert json.loads(told.stdout) == []
    assert "100 of 150 files read" in told.stderr
    assert "150 of 150 files read" in told.stderr


def test_a_file_that_is_not_there_is_named(tmp_path):
    """A sentence and exit 1, no trace."""
    told = invoke("process", "check", str(tmp_path / "nowhere.bpmn"))

    assert told.exit_code == 1
    assert "nowhere.bpmn" in told.stderr
    assert "Traceback" not in told.stderr


def test_deploy_refuses_what_check_refuses(world, folder):
    """An error in any file: nothing is deployed, and the problem is told."""
    before = world("process", "list", "--as", "p-admin", "--json", "deployment").stdout
    spoil(folder, "assignment.bpmn", ">=approved<", ">=aproved<")

    told = world("process", "deploy", str(folder), "--as", "p-admin")
    as_json = world("process", "deploy", str(folder), "--as", "p-admin", "--json")

    assert told.exit_code == as_json.exit_code == 1
    assert "aproved" in told.stderr
    assert "nothing was deployed" in told.stderr
    assert json.loads(as_json.stderr)["error"]["problems"][0]["rule"] == "unknown_name"
    assert world("process", "list", "--as", "p-admin", "--json", "deployment").stdout == before


def test_deploy_says_version_digest_and_what_stays_behind(world, folder):
    """A new version: its number and digest, and how many running instances keep the diagrams that they began with."""
    old = json.loads(world("process", "list", "--as", "p-admin", "--json", "deployment").stdout)[0]["deployment"]

    dry = json.loads(world("process", "deploy", str(folder), "--as", "p-admin", "--dry-run", "--json").stdout)
    still = json.loads(world("process", "list", "--as", "p-admin", "--json", "deployment").stdout)[0]["deployment"]
    made = json.loads(world("process", "deploy", str(folder), "--as", "p-admin", "--json").stdout)
    again = world("process", "deploy", str(folder), "--as", "p-admin")

    assert dry["dry_run"] is True
    assert dry["version"] is None
    assert still == old != made["deployment"] == dry["deployment"]
    assert made["version"] == 2
    behind = {row["process"]: row["instances"] for row in made["stays_behind"]}
    assert behind["trial"] >= 1
    assert behind["suggestion"] >= 1
    assert all(row["deployment"] == old for row in made["stays_behind"])
    assert dry["stays_behind"] == made["stays_behind"]
    assert again.exit_code == 0
    assert made["deployment"][:16] in again.stdout
    assert "deployed already" in again.stdout
    assert "trial" in again.stdout


def test_a_check_is_not_held_up_by_looking_for_garbage(tmp_path):
    """While the command checks, Python does not walk through all that was learnt; before and afterwards it collects as ever."""
    for number in range(30):
        text = (PROCESSES / "feedback.bpmn").read_text("utf-8").replace('id="feedback"', f'id="feedback-{number}"')
        (tmp_path / f"{number}.bpmn").write_text(text, "utf-8")
    walks: list[bool] = []

    def note(phase: str, info: dict[str, int]) -> None:
        frame = sys._getframe()
        while frame.f_back is not None and frame.f_code is not check.__code__:
            frame = frame.f_back
        walks.append(frame.f_code is check.__code__)

    gc.callbacks.append(note)
    try:
        result = invoke("process", "check", str(tmp_path))
        by_command, walks = walks, []
        check({"feedback.bpmn": (PROCESSES / "feedback.bpmn").read_bytes()})
    finally:
        gc.callbacks.remove(note)

    assert "30 files" in result.stderr
    assert True not in by_command
    assert True in walks
    assert gc.isenabled()


def test_collecting_goes_on_after_a_failure():
    """However the check ends, garbage is looked for again, but where it was not before."""
    with pytest.raises(ZeroDivisionError), without_collecting():
        _ = 1 / gc.isenabled()
    after_failure = gc.isenabled()
    gc.disable()
    try:
        with without_collecting():
            pass
        kept_off = not gc.isenabled()
    finally:
        gc.enable()

    assert after_failure
    assert kept_off


def test_a_very_long_id_does_not_flood_the_screen(tmp_path, monkeypatch):
    """On the screen an id of ten thousand letters is cut to what fits the line, with a mark that it is; as data it is whole."""
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copy(ROOT / "tests/language/kit/bad-input/145_10_000_letters_in_an_id.bpmn", tmp_path / "long.bpmn")

    lines = invoke("process", "check", str(tmp_path / "long.bpmn")).stdout.splitlines()
    rows = json.loads(invoke("process", "check", str(tmp_path / "long.bpmn"), "--json").stdout)

    assert max(map(len, lines)) <= max(80, len(str(tmp_path / "long.bpmn")))
    assert any("aaa…" in line for line in lines)
    assert len(lines) < 40
    assert max(len(row["element_id"] or "") for row in rows) == 10_000


def test_a_file_that_is_not_what_it_says_is_told_by_the_name_of_the_encoding(tmp_path):
    """The encoding stands as people and modelers write it."""
    (tmp_path / "cut.bpmn").write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- \xff -->')

    result = invoke("process", "check", str(tmp_path / "cut.bpmn"))

    assert "the file is not UTF-8: invalid start byte at byte 44" in result.stdout
