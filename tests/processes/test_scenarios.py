"""Every acceptance scenario of `processes/scenarios` holds in every jurisdiction that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import DefinitionError, Rejected
from handlers.scenario import vocabulary
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
        ("  - stage: assigned\n", 9, "stage: found [\"draft\"], expected [\"assigned\"]"),
        ("  - open: [提交]\n", 9, "open work items: found [\"write-draft\"], expected [\"file-suggestion\"]"),
        ("  - record: suggestion\n    count: 2\n", 9, "rows of suggestion: found 1, expected 2"),
        ("  - record: suggestion\n    is: {stage: filed}\n", 9, "suggestion: found {\"stage\": \"draft\"}, expected {\"stage\": \"filed\"}"),
        ("  - record: suggestions\n    count: 0\n", 9, "there is no record suggestions"),
        ("  - record: suggestion\n    where: {colour: red}\n    count: 0\n", 9, "has no column colour"),
        ("  - due: {撰写建议: 2026-05-01}\n", 9, "due date of 撰写建议: found [null], expected [\"2026-05-01\"]"),
        ("  - letters: [{kind: reply}]\n", 9, "letters: found [], expected [[\"reply\"]]"),
        ("  - acts: {lacks: [withdraw]}\n", 9, "acts by hand: withdraw is there"),
        ("  - incidents: [expression]\n", 9, "open incidents: found [], expected [\"expression\"]"),
        ("  - sees: {工委: true}\n", 9, "whether 工委 sees it: found false, expected true"),
        ("  - passed: [提交]\n", 9, "elements passed: 提交 is missing"),
        ("  - not_passed: [start-draft]\n", 9, "elements passed: start-draft is there"),
        ("  - numbers: suggestion\n    column: number\n    from: 1\n    to: 1\n", 9, "numbers of suggestion: found [], expected [1]"),
        ("  - stage: ${colour}\n", 9, "${colour} stands for nothing"),
        ("  - stage: draft\n    case: 乙\n", 9, "no case was started under the name 乙"),
        ("  - open: [无此节点]\n", 9, "no diagram has an element 无此节点"),
        ("  - inbox: {联名代表: [撰写建议]}\n", 9, 'inbox of 联名代表: found [], expected [\"write-draft\"]'),
        ("  - kept: [msg-none]\n", 9, 'messages that nobody took: found [], expected [\"msg-none\"]'),
        ("  - sees: {工委: true}\n    record: proposer\n", 9, "whether 工委 sees it: found false, expected true"),
        ("  - reads: {领衔代表: {lacks: [撰写建议]}}\n", 9, "领衔代表 can read 撰写建议"),
        ("  - reads: {工委: {has: [撰写建议]}}\n", 9, "工委 can read 撰写建议 nowhere"),
        ("  - limit: reply\n    from: 2023-11-30\n    is: 2024-03-01\n", 9, 'found \"2024-02-29\", expected \"2024-03-01\"'),
        ("  - limit: return-ask\n    from: 2023-11-30\n    is: 2024-03-01\n", 9, "found null"),
        ("  - limit: reply\n    from: 2023-11-30\n    is: 2024-02-29\n    provisional: true\n", 9, "whether the date is provisional: found false"),
        ("  - done: 撰写建议\n", 9, "撰写建议 was never done"),
        ("  - done: start-draft\n    by: 工委\n", 9, 'found {\"by\": \"领衔代表\"}, expected {\"by\": \"工委\"}'),
        ("  - done: start-draft\n    count: 2\n", 9, "found 1, expected 2"),
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
        ("complete: 提交\n", "0 such items are open for 领衔代表; open in this case: write-draft"),
        ("complete: 撰写建议\n    as: 工委\n", "refused with not_yours"),
        ("complete: 撰写建议\n    refused: not_yours\n", "it was accepted, though a refusal is expected: not_yours"),
        ("complete: 撰写建议\n    data: {title: null}\n    refused: not_yours\n", "it was refused with code invalid_form, expected not_yours"),
        ("complete: 撰写建议\n    data: {title: null}\n    refused: {code: invalid_form, fields: [facts]}\n", "it was refused with fields ['title'], expected ['facts']"),
        ("claim: 提交\n    as: 工委\n", "0 such items are open for 工委"),
        ("release: 撰写建议\n    as: 领衔代表\n", "refused with"),
        ("retry: 撰写建议\n", "0 incidents are open at 撰写建议"),
        ("move: 提交\n    to: 撰写建议\n", "0 work items are open at 提交"),
        ("cancel: handling\n", "0 instances of handling are running"),
        ("about: 乙\n", "no case was started under the name 乙"),
        ("act: 签收\n    as: 工委\n", "offered 0 times; offered: withdraw"),

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
        ("number: 1\ntitle: 试\njurisdictions: national\nwhen: []\n", 1, "shape"),
        ("number: one\ntitle: 试\njurisdictions: [national]\nwhen: []\n", 1, "shape"),
        (HEAD + "given: {at: 明天}\nwhen: []\nthen:\n  - stage: draft\n", 4, "shape"),
        (HEAD + "when: 1\nthen:\n  - stage: draft\n", 1, "shape"),
        (HEAD + "when:\n  - at: 2026-13-01\nthen:\n  - stage: draft\n", 5, "shape"),
        (HEAD + "when:\n  - complete: 签收\n    data: 1\nthen:\n  - stage: draft\n", 5, "shape"),
        (HEAD + "when:\n  - complete: 签收\n    refused: {colour: red}\nthen:\n  - stage: draft\n", 5, "shape"),
        (HEAD + "when:\n  - reassign: 签收\nthen:\n  - stage: draft\n", 5, "missing"),
        (HEAD + "when:\n  - repeat: 3\nthen:\n  - stage: draft\n", 5, "missing"),
        (HEAD + "when:\n  - complete: 签收\n    in: [henan]\nthen:\n  - stage: draft\n", 5, "jurisdiction"),
        (HEAD + "when:\n  - people: {甲: deputy}\nthen:\n  - stage: draft\n", 5, "shape"),
        (HEAD + "when: []\nthen:\n  - open: {colour: [red]}\n", 6, "shape"),
        (HEAD + "when: []\nthen:\n  - 待办: 签收\n", 6, "shape"),
        (HEAD + "when: []\nthen:\n  - limit: reply\n    from: 2023-01-01\n", 6, "missing"),
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


def test_everything_wrong_is_said_at_once(tmp_path):
    """A file with three faults is mended in one go."""
    (tmp_path / "1.yaml").write_text(HEAD + "when:\n  - fly: high\n  - at: 明天\nthen:\n  - stage: [draft]\n", "utf-8")

    with pytest.raises(DefinitionError) as refused:
        read_scenarios([tmp_path])

    assert [problem.line for problem in refused.value.problems] == [5, 6, 8]


def test_a_scenario_may_be_written_in_chinese(tmp_path):
    """Every word of the language has a Chinese one; both mean the same."""
    text = """
编号: 1
标题: 试
地区: [national]
假设: {日期: 2026-04-02}
当:
  - 发起: suggestion
    由: 领衔代表
    案卷: 甲
  - 完成: 撰写建议
    填写: {title: null}
    拒绝: {代码: invalid_form, 字段: [title]}
那么:
  - 待办: {有: [撰写建议], 无: [提交]}
  - 记录: suggestion
    为: {stage: draft}
  - 收件箱: {领衔代表: [撰写建议], 联名代表: {无: [撰写建议]}}
  - 已办: start-draft
    何人: 领衔代表
    发生于: 2026-04-02
"""

    assert walked(tmp_path, text).faults == ()


def test_a_jurisdiction_of_which_no_limit_is_is_refused(tmp_path):
    """A misspelt name would hold wherever no limit is set."""
    (tmp_path / "common.yaml").write_bytes((FOLDER / "common.yaml").read_bytes())
    (tmp_path / "1.yaml").write_text(START.replace("national", "beijin") + "then:\n  - stage: draft\n", "utf-8")
    (scenario,) = read_scenarios([tmp_path])

    result = walk(scenario, "beijin", STAGE)

    assert [fault.text for fault in result.faults] == ["jurisdictions: no row of time_limits.dmn is of beijin"]


def test_an_element_that_is_passed_names_its_clause(tmp_path):
    """Without a basis it makes the scenario fail, unless the common file lists it."""
    without = (PROCESSES / "suggestion.bpmn").read_bytes().replace(b'<zeebe:property name="basis"', b'<zeebe:property name="note"')
    (tmp_path / "common.yaml").write_bytes((FOLDER / "common.yaml").read_bytes())
    (tmp_path / "1.yaml").write_text(START + "then:\n  - stage: draft\n", "utf-8")
    (scenario,) = read_scenarios([tmp_path])

    result = walk(scenario, "national", Stage.of(PROCESSES, changed={"suggestion.bpmn": without}))

    assert [fault.word for fault in result.faults] == ["basis", "basis"]
    assert "open-draft of suggestion names no clause" in result.faults[0].text


def test_every_word_has_a_chinese_one():
    """No word is left out, and none means two things at one place."""
    pairs = (
        (vocabulary.CHINESE_TOP, vocabulary.TOP),
        (vocabulary.CHINESE_GIVEN, vocabulary.GIVEN),
        (vocabulary.CHINESE_STEPS, vocabulary.STEPS),
        (vocabulary.CHINESE_LOOKS, vocabulary.LOOKS),
        (vocabulary.CHINESE_OPTIONS, {vocabulary.IN} | {name for table in (vocabulary.STEPS, vocabulary.LOOKS) for _, options in table.values() for name in options}),
    )

    assert [(sorted(set(chinese.values()) ^ set(words))) for chinese, words in pairs] == [[]] * len(pairs)


REFERENCE = (PROCESSES.parent / "docs" / "reference" / "scenarios.md").read_text("utf-8")


def test_the_reference_has_every_word_and_an_example_of_each():
    """The document is whole: each step and each expectation stands in it with its Chinese word, each option too, and in an example."""
    before, _, after = REFERENCE.partition("## Expectations")
    for part, words, chinese in ((before, vocabulary.STEPS, vocabulary.CHINESE_STEPS), (after, vocabulary.LOOKS, vocabulary.CHINESE_LOOKS)):
        examples = "".join(re.findall(r"```yaml\n(.*?)```", part, re.DOTALL))
        spelled = {english: word for word, english in chinese.items()}
        assert [word for word in words if f"**`{word}`** {spelled[word]}" not in part] == []
        assert [word for word in words if f"- {word}:" not in examples] == []
        assert [name for _, options in words.values() for name in options if f"`{name}`" not in REFERENCE] == []


def test_the_examples_of_the_reference_are_right(tmp_path):
    """Each can be read as it stands beside the product's common file."""
    (tmp_path / "common.yaml").write_bytes((FOLDER / "common.yaml").read_bytes())
    before, _, after = REFERENCE.partition("## Expectations")
    whole, *steps = re.findall(r"```yaml\n(.*?)```", before, re.DOTALL)
    looks = re.findall(r"```yaml\n(.*?)```", after, re.DOTALL)

    (tmp_path / "1.yaml").write_text(whole, "utf-8")
    for number, text in enumerate(steps, 2):
        (tmp_path / f"{number}.yaml").write_text(f"number: {number}\ntitle: 试\njurisdictions: [national]\nthen: [stage: draft]\nwhen:\n{text}", "utf-8")
    for number, text in enumerate(looks, 50):
        (tmp_path / f"{number}.yaml").write_text(f"number: {number}\ntitle: 试\njurisdictions: [national]\nwhen: []\nthen:\n{text}", "utf-8")

    assert len(read_scenarios([tmp_path])) == 1 + len(steps) + len(looks)
