"""`jianyi process try`: the whole language kit as lines of JSON through one process, and the command as an analyst types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from terminal.commands.trial import reply_to

from .test_language import CASES, HERE, KIT, REFUSED, name_of, values

LATE = KIT / "071_timer_boundary_on_sub_process.bpmn"
TWO = KIT / "083_message_by_key_two_instances.bpmn"


def typed(*words: str, stdin: str | None = None) -> Result:
    from cli import jianyi

    return CliRunner().invoke(jianyi, ["process", "try", *words], input=stdin, prog_name="jianyi")


@pytest.fixture
def reply(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Type the command with --json and read what it says."""
    monkeypatch.setenv("JIANYI_LANG", "en")

    def read(*words: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(typed(*words, "--json").stdout)
        return answer

    return read


def job(case: dict[str, Any]) -> dict[str, Any]:
    """A case of the kit as a job."""
    given = case["given"]
    files = [KIT / case["file"], *((KIT / decision).resolve() for decision in given.get("decisions", ()))]
    more = {"clock": given["clock"]} if "clock" in given else {}
    return {
        "id": name_of(case),
        "files": [str(file) for file in files],
        "process": case["process"],
        "variables": given["variables"],
        "start": given.get("start", True),
        "steps": given["steps"],
        **more,
    }


@pytest.fixture(scope="module")
def replies() -> dict[str, dict[str, Any]]:
    """The replies to all cases, from one process."""
    done = typed("--jsonl", stdin="".join(json.dumps(job(case)) + "\n" for case in CASES))
    assert done.exit_code == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in found] == [name_of(case) for case in CASES]
    return {one["id"]: one for one in found}


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_kit_runs_as_lines_of_json(case: dict[str, Any], replies: dict[str, dict[str, Any]]) -> None:
    """Each case gives through `--jsonl` what its rule says, or, where the kit allows it, is refused or stops."""
    expect, reply = case["expect"], replies[name_of(case)]

    allowed = {expect["outcome"]} | ({"refused"} if case.get("may_refuse") and case["file"] in REFUSED else set()) | ({"incident"} if case.get("may_incident") else set())
    texts = json.dumps([reply["problems"], reply["incidents"]], ensure_ascii=False)
    assert reply["outcome"] in allowed, texts
    assert reply["error"] is None
    if reply["outcome"] != expect["outcome"]:
        return
    if reply["outcome"] in ("refused", "incident"):
        assert all(mention in texts for mention in expect.get("refused_mentions", ()))
    if reply["outcome"] != "refused":
        check_what_happened(reply, expect)


def check_what_happened(reply: dict[str, Any], expect: dict[str, Any]) -> None:
    trace = [element for element in reply["trace"] if element in expect["watched"]]
    assert trace == expect.get("trace", trace)
    assert trace in expect.get("orders", [trace])
    assert sorted(trace) == sorted(expect.get("trace_any_order", trace))
    for first, second in expect.get("before", ()):
        assert len(trace) - 1 - trace[::-1].index(first) < trace.index(second), trace
    seen = values(reply["variables"])
    assert {name: seen.get(name) for name in expect.get("variables", ())} == values(expect.get("variables"))
    assert not seen.keys() & set(expect.get("absent", ()))
    assert sorted(reply["waiting"]) == sorted(expect.get("waiting_at", reply["waiting"]))
    assert len(reply["instances"]) == expect.get("instances", len(reply["instances"]))
    others = [{"process": one["process"], "outcome": one["outcome"]} for one in reply["instances"][1:]]
    assert others == expect.get("others", others)


def test_stimuli_are_done_in_the_order_typed(reply: Callable[..., dict[str, Any]]) -> None:
    """The same options in another order are another story."""
    first = reply(str(LATE), "--complete", "u1", "--complete", "u2", "--advance", "P4D")
    second = reply(str(LATE), "--complete", "u1", "--advance", "P4D")

    assert ("late" in first["trace"], "late" in second["trace"]) == (False, True)


def test_a_step_that_cannot_be_done_ends_the_trial() -> None:
    """What is not open cannot be completed: exit 5, and what came until then is told."""
    done = typed(str(LATE), "--advance", "P4D", "--complete", "u1", "--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 5
    assert (told["error"]["step"], told["error"]["code"]) == (2, "not_open")
    assert "late" in told["trace"]


def test_several_instances_and_messages_by_key(reply: Callable[..., dict[str, Any]]) -> None:
    """A message reaches the instance with its key; one that comes too early is kept."""
    told = reply(str(TWO), "--no-start", "--start", 'p={"case_no": "A"}', "--start", 'p={"case_no": "B"}', "--message", "m:B", "--message", "m:C")

    assert [one["outcome"] for one in told["instances"]] == ["waiting", "completed"]
    assert told["kept"] == [{"message": "m", "key": "C"}]


def test_a_kept_message_comes_before_what_is_sent_by_the_step_that_begins_to_wait(reply: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    """The receiver gets the message that came too early; the one that is thrown beside it is kept."""
    subscription = '<bpmn:extensionElements><zeebe:subscription correlationKey="=1"/></bpmn:extensionElements>'
    carried = '<bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="=&quot;late&quot;" target="came"/></zeebe:ioMapping></bpmn:extensionElements>'
    diagram = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">'
        f'<bpmn:message id="m" name="m">{subscription}</bpmn:message><bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="s"/>'
        '<bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask/></bpmn:extensionElements></bpmn:userTask><bpmn:receiveTask id="r" messageRef="m"/>'
        f'<bpmn:endEvent id="z">{carried}<bpmn:messageEventDefinition messageRef="m"/></bpmn:endEvent><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="u"/><bpmn:sequenceFlow id="f2" sourceRef="u" targetRef="r"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="u" targetRef="z"/><bpmn:sequenceFlow id="f4" sourceRef="r" targetRef="e"/></bpmn:process></bpmn:definitions>'
    )
    (tmp_path / "p.bpmn").write_text(diagram, encoding="utf-8")

    told = reply(str(tmp_path / "p.bpmn"), "--message", 'm:1={"came": "early"}', "--complete", "u")

    assert told["variables"]["came"] == "early"
    assert told["kept"] == [{"message": "m", "key": "1"}]


def test_handlers_stand_in(reply: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    """A topic answers what `--handler` says: variables, or the code of a BPMN error; without it, nothing."""
    text = (KIT / "101_error_thrown_by_service_task.bpmn").read_text("utf-8").replace("kit.throw", "grade.find")
    (tmp_path / "a.bpmn").write_text(text, "utf-8")
    file = str(tmp_path / "a.bpmn")

    plain, answered, thrown = (reply(file, *words) for words in ((), ("--handler", 'grade.find={"g": 1.5}'), ("--handler", 'grade.find="E1"')))

    assert plain["variables"] == {}
    assert answered["variables"] == {"g": 1.5}
    assert plain["trace"] == answered["trace"] != thrown["trace"]


def test_files_that_are_refused_say_why(reply: Callable[..., dict[str, Any]]) -> None:
    """Exit 1, and each problem with its place and its remedy."""
    file = str(KIT / "019_flow_two_none_start_events.bpmn")

    told, done = reply(file), typed(file)

    assert told["outcome"] == "refused"
    assert told["problems"][0]["element_id"] == "s2"
    assert done.exit_code == 1
    assert "s2" in done.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_person_reads_it_within_80_columns(language: str) -> None:
    """Without --json the story fits the screen in either language."""
    from rich.cells import cell_len

    done = typed(str(LATE), "--complete", "u1", "--lang", language)

    assert done.exit_code == 0
    assert "u2" in done.stdout
    assert max(cell_len(line) for line in done.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense", b"[]", b"{}", b'{"files": ["no-such-file.bpmn"]}', b'{"bpmn": 7}', b'{"bpmn": "<x/>", "clock": "later"}', b'{"bpmn": "<x/>", "zone": "../x"}',
        b'{"bpmn": "<x/>", "steps": 3}', b'{"bpmn": "<x/>", "variables": []}', b'{"bpmn": "<x/>", "more": 1}', b"\xff\xfe", b"[" * 100_000,
        b'{"bpmn": "\\ud800"}', b'{"files": [null]}', b'{"files": 3}', b'{"bpmn": "<x/>", "handlers": 3}', b'{"bpmn": "<x/>", "clock": 3}', b'{"bpmn": "<x/>", "zone": 3}',
    ],
    ids=lambda line: line[:40].decode("latin-1"),
)  # fmt: skip
def test_a_line_that_is_no_job_gets_its_reply(line: bytes) -> None:
    """Whatever stands in a line, the reply says what is wrong with it, and the next line is read."""
    from engine.trial_job import Shelf

    reply = reply_to(line, Shelf())

    assert reply["outcome"] == "no_job"
    assert reply["error"]["message"]


@pytest.mark.parametrize(
    "step", [{}, {"complete": 1}, {"complete": "nobody"}, {"advance": "soon"}, {"advance": "P99999999D"}, {"start_other": "none"}, {"message": "m", "variables": 3}, {"signal": None}], ids=json.dumps
)
def test_a_step_that_is_wrong_is_named(step: dict[str, Any]) -> None:
    """What cannot be done is told with the number of its step; nothing escapes."""
    from engine.trial_job import Shelf

    reply = reply_to(json.dumps({"files": [str(LATE)], "steps": [step]}).encode(), Shelf())

    assert reply["outcome"] == "waiting"
    assert reply["error"]["step"] == 1


def test_a_part_that_failed_shows_in_the_exit_code() -> None:
    """Exit 10 when a line was no job; the other lines have their replies."""
    done = typed("--jsonl", stdin=f'oh\n{json.dumps({"files": [str(LATE)]})}\n')

    assert done.exit_code == 10
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["no_job", "waiting"]


def test_every_option_is_in_the_reference() -> None:
    """The page names each option of the command and each field of its reply."""
    from engine.trial_job import FIELDS, refused
    from terminal.commands.trial import process_try

    page = (HERE.parents[1] / "docs" / "reference" / "try.md").read_text("utf-8")

    options = {name for param in process_try.params if not getattr(param, "hidden", False) for name in param.opts if name.startswith("--")}
    assert [name for name in {*options, *(f"`{field}`" for field in {*FIELDS, *refused([])})} if name not in page] == []
