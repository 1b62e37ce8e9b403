"""Every acceptance scenario of `processes/scenarios` holds in every jurisdiction that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import DefinitionError, Rejected
from handlers.scenario.coverage import coverage
from handlers.scenario.source import read_scenarios
from handlers.scenario.walk import Walked, walk
from handlers.scenario.world import Stage

pytestmark = pytest.mark.processes

PROCESSES = Path(__file__).parents[2] / "processes"
FOLDER = PROCESSES / "scenarios"
SCENARIOS = read_scenarios([FOLDER])
CASES = [(scenario, jurisdiction) for scenario in SCENARIOS for jurisdiction in scenario.jurisdictions]
STAGE = Stage.of(PROCESSES)


@pytest.mark.parametrize(("scenario", "jurisdiction"), CASES, ids=[f"{s.number}-{Path(s.file).stem}-{j}" for s, j in CASES])
def test_the_scenario_holds(scenario, jurisdiction):
    """What the book says of the case is what the engine does."""
    walked = walk(scenario, jurisdiction, STAGE)

    assert [f"{scenario.file}:{fault.line} {fault.text}" for fault in walked.faults] == []


def test_the_file_says_the_number_of_its_scenario():
    """A file begins with its scenario's number."""
    assert [s.file for s in SCENARIOS if int(Path(s.file).name.partition("-")[0]) != s.number] == []


def test_every_element_that_is_left_stands_in_the_coverage():
    """What a walk left is counted at the element of its own diagram, and nowhere else."""
    walked = walk(*CASES[0], STAGE)

    counted = {(each.process, each.element_id) for each in coverage(STAGE.files, [walked.left]) if each.walks}

    assert counted == walked.left
    assert ("letters", "end-letter") in counted
    assert ("screening", "end-letter") not in counted


HEAD = "number: 1\ntitle: 试\njurisdictions: [national]\n"
START = HEAD + "when:\n  - start: suggestion\n    as: 领衔代表\n    case: 甲\n"


def walked(tmp_path: Path, text: str) -> Walked:
    """A scenario of this text, beside the product's common file."""
    (tmp_path / "common.yaml").write_bytes((FOLDER / "common.yaml").read_bytes())
    (tmp_path / "1.yaml").write_text(text, "utf-8")
    (scenario,) = read_scenarios([tmp_path])
    return walk(scenario, "national", STAGE)


@pytest.mark.parametrize(
    ("then", "line", "said"),
    [
        ("  - stage: assigned\n", 9, "the stage is ['draft'], not ['assigned']"),
        ("  - open: [提交]\n", 9, "what is open is ['write-draft'], not ['file-suggestion']"),
        ("  - record: suggestion\n    count: 2\n", 9, "the number of rows of suggestion is 1, not 2"),
        ("  - record: suggestion\n    is: {stage: filed}\n", 9, "suggestion is {'stage': 'draft'}, not {'stage': 'filed'}"),
        ("  - record: suggestions\n    count: 0\n", 9, "there is no record suggestions"),
        ("  - record: suggestion\n    where: {colour: red}\n    count: 0\n", 9, "has no column colour"),
        ("  - due: {撰写建议: 2026-05-01}\n", 9, "the due date of 撰写建议 is [None], not ['2026-05-01']"),
        ("  - letters: [{kind: reply}]\n", 9, "the letters is [], not [['reply']]"),
        ("  - acts: {lacks: [withdraw]}\n", 9, "what can be done by hand has withdraw"),
        ("  - incidents: [expression]\n", 9, "the open incidents is [], not ['expression']"),
        ("  - sees: {工委: true}\n", 9, "whether 工委 sees it is False, not True"),
        ("  - passed: [提交]\n", 9, "what was passed lacks 提交"),
        ("  - not_passed: [start-draft]\n", 9, "what was passed has start-draft"),
        ("  - numbers: suggestion\n    column: number\n    from: 1\n    to: 1\n", 9, "the numbers of suggestion is [], not [1]"),
        ("  - stage: ${colour}\n", 9, "${colour} stands for nothing"),
        ("  - stage: draft\n    case: 乙\n", 9, "no case was started under the name 乙"),
        ("  - open: [无此节点]\n", 9, "no diagram has an element 无此节点"),
    ],
)
def test_what_is_not_so_is_said_with_its_line(tmp_path, then, line, said):
    """Every expectation can fail, and says what there is instead."""
    result = walked(tmp_path, START + "then:\n" + then)

    assert [fault.line for fault in result.faults] == [line]
    assert said in result.faults[0].text


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("complete: 提交\n", "0 such items are open for 领衔代表; open in this case are write-draft"),
        ("complete: 撰写建议\n    as: 工委\n", "refused with not_yours"),
        ("complete: 撰写建议\n    refused: not_yours\n", "it was accepted, not refused with not_yours"),
        ("complete: 撰写建议\n    data: {title: null}\n    refused: not_yours\n", "it was refused with code invalid_form, not not_yours"),
        ("complete: 撰写建议\n    data: {title: null}\n    refused: {code: invalid_form, fields: [facts]}\n", "it was refused with fields ['title']"),
        ("act: 签收\n    as: 工委\n", "offered 0 times; offered are withdraw"),
        ("at: 明天\n", "明天 is no date"),
        ("at: 2020-01-01\n", "cannot go back"),
        ("message: msg-none\n", "nobody waits for msg-none"),
        ("settings: {cfg.none: 1}\n", "there is no setting cfg.none"),
        ("way: 已提交\n    with: {classify: {data: {}}}\n", "the way 已提交 has no classify"),
    ],
)
def test_a_step_that_cannot_be_done_is_said_with_its_line(tmp_path, step, said):
    """A scenario ends at the first step that does not go as written."""
    result = walked(tmp_path, f"{START}  - {step}then:\n  - stage: draft\n")

    assert [fault.line for fault in result.faults] == [8]
    assert said in result.faults[0].text


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("number: 1\n  title: [\n", 2, "yaml"),
        ("- a\n", 1, "shape"),
        ("number: 1\nnumber: 2\n", 2, "yaml"),
        ("number: 1\ntitle: 试\nwhen: []\n", 1, "missing"),
        (HEAD + "colour: red\nwhen: []\n", 1, "unknown"),
        (HEAD + "when:\n  - fly: high\nthen:\n  - stage: draft\n", 5, "unknown"),
        (HEAD + "when:\n  - at: 2026-04-02\n    as: 工委\nthen:\n  - stage: draft\n", 5, "unknown"),
        (HEAD + "when:\n  - way: 无\nthen:\n  - stage: draft\n", 5, "way"),
        (HEAD + "when: []\n", 1, "expects"),
        (HEAD + "when: []\nthen:\n  - record: suggestion\n", 6, "expects"),
        (HEAD + "when: []\nthen:\n  - looks: good\n", 6, "unknown"),
        ("number: 1\ntitle: 试\njurisdictions:\n  national: {ends: 1}\nwhen: []\nthen:\n  - stage: draft\n", 1, "unused"),
        ("number: 1\ntitle: 试\njurisdictions:\n  national: {ends: 1}\n  henan:\nwhen: []\nthen:\n  - stage: ${ends}\n", 4, "missing"),
        ("number: 1\ntitle: 试\njurisdictions: []\nwhen: []\n", 1, "shape"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path, text, line, rule):
    """Nothing runs; file, line, what is wrong and how to mend it are said."""
    (tmp_path / "1.yaml").write_text(text, "utf-8")

    with pytest.raises(DefinitionError) as refused:
        read_scenarios([tmp_path])

    assert [(problem.file, problem.line, problem.rule) for problem in refused.value.problems] == [(str(tmp_path / "1.yaml"), line, rule)]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    """It says which."""
    with pytest.raises(Rejected, match=r"none\.yaml cannot be read"):
        read_scenarios([tmp_path / "none.yaml"])
