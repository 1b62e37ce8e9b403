"""What is said of an incident, or noted while a diagram runs, is recorded in no language and read in Chinese or in English."""

from __future__ import annotations

import gettext
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.canonical import canonical, parse
from engine.errors import DefinitionError, JianyiError, Rejected, Saying
from engine.feel import Context, DecisionError, FeelError, FeelSyntaxError, compile_expression, compile_unary_tests, from_json, load_decisions
from engine.kernel import TaskCall
from engine.model import Outcome
from engine.trial_job import job_of, load, run
from terminal import language

from ..unit.kernel.drawing import drawn, event, path
from ..unit.kernel.playing import flow
from .host import Host
from .test_dmn import CASES as DMN_CASES
from .test_feel import CASES as FEEL_CASES
from .test_language import CASES, HANDLERS, play, values
from .test_language import load as load_case
from .test_words_of_problems import QUOTED, SENTENCE, disagreeing

KIT = Path(__file__).parent / "kit"
WRONG: tuple[Any, ...] = ("word", -1, True, [], {"a": 1})
CATALOGUE = gettext.translation("jianyi", language.CATALOGUES, ["zh_CN"])


@pytest.fixture
def chinese() -> Iterator[None]:
    """Everything is said in Chinese."""
    before = language.current()
    language.speak("zh")
    yield
    language.speak(before)


def refuse(task: TaskCall) -> Outcome:
    raise Rejected("no_handler", "no handler is declared for the topic {topic}", topic=task.topic)


@cache
def of_the_kit() -> tuple[Saying, ...]:
    """Every incident and note of every case of the language kit; and of each begun once more with variables that are wrong."""
    return tuple(saying for at, case in enumerate(CASES) for wrong in (None, WRONG[at % len(WRONG)]) for saying in _of_case(case, wrong))


def _of_case(case: dict[str, Any], wrong: Any) -> list[Saying]:
    try:
        definitions = load_case(case)
    except DefinitionError:
        return []
    host = Host(definitions, datetime(2026, 1, 5, 9, tzinfo=UTC), {**HANDLERS, "kit.fail": refuse})
    variables = values(case["given"]["variables"])
    found: dict[int, list[Saying]] = {}
    try:
        if case["given"].get("start", True):
            host.start(case["process"], variables if wrong is None else dict.fromkeys(variables, wrong))
        for step in case["given"]["steps"]:
            found[len(found)] = _open(host)
            play(host, step)
    except JianyiError:
        pass
    return [*(saying for each in found.values() for saying in each), *_open(host), *(said for _, _, said in host.notes)]


def _open(host: Host) -> list[Saying]:
    return [incident.saying for instance in host.instances for incident in instance.incidents.values()]


@cache
def of_feel() -> tuple[Saying, ...]:
    """Why each expression and each test of the FEEL kit gives null, or cannot be evaluated."""
    found: list[Saying] = []
    for case in FEEL_CASES:
        context = Context(from_json(case.get("context", {})))
        try:
            if "expression" in case:
                compile_expression(case["expression"]).evaluate(context)
            elif "unary_test" in case:
                compile_unary_tests(case["unary_test"]).matches(from_json(case.get("input")), context)
        except (FeelError, FeelSyntaxError) as error:
            found.append(error.saying)
        found += [note.saying for note in context.notes]
    return tuple(found)


@cache
def of_dmn() -> tuple[Saying, ...]:
    """What stops the decisions of the DMN kit."""
    found: list[Saying] = []
    for case in DMN_CASES:
        decisions = load_decisions((KIT / "dmn" / case["file"]).read_bytes(), case["file"])
        given = from_json(case["inputs"])
        for variables in (given, *(dict.fromkeys(given, wrong) for wrong in WRONG)):
            try:
                found += [note.saying for note in decisions.evaluate(case["decision"], variables).notes]
            except DecisionError as error:
                found.append(error.saying)
            except FeelError as error:
                found.append(error.saying)
    return tuple(found)


SOURCES = pytest.mark.parametrize(("source", "least"), [(of_the_kit, 60), (of_feel, 60), (of_dmn, 20)], ids=["language", "feel", "dmn"])


def english(saying: Saying) -> list[str]:
    """Templates, at any depth, that have words and no Chinese."""
    inner = [text for _, value in saying.params if isinstance(value, Saying) for text in english(value)]
    words = "".join(text for text, *_ in string.Formatter().parse(saying.template)) if saying.params else saying.template
    has_words = any(letter.isalpha() for letter in words)
    return inner + ([saying.template] if has_words and CATALOGUE.gettext(saying.template) == saying.template else [])


@SOURCES
def test_every_reason_is_said_in_chinese(source, least, chinese):
    """Each template has its Chinese, and no English sentence is left in the whole; ids, values and expressions stand as they are."""
    sayings = source()
    texts = {language.spoken(saying) for saying in sayings}

    left = {text for text in texts if SENTENCE.search(QUOTED.sub("", text))}

    assert len(texts) >= least
    assert {template for saying in sayings for template in english(saying)} == set()
    assert left == set()


@SOURCES
def test_placeholders_of_reasons_are_their_parameters(source, least):
    """Every template uses each of its parameters, and no other."""
    assert {text for saying in source() for text in disagreeing(saying)} == set()


@SOURCES
def test_what_is_recorded_says_the_same(source, least, chinese):
    """Through the bytes of history a reason comes back as it was, in either language."""
    for saying in set(source()):
        again = Saying.from_json(parse(canonical(saying.to_json())))

        assert (str(again), language.spoken(again)) == (str(saying), language.spoken(saying))


def test_a_text_of_an_older_release_says_itself(chinese):
    """What was recorded as an English text is read as it stands; what was erased is empty."""
    assert language.spoken(Saying.from_json("gw: no {condition} is true")) == "gw: no {condition} is true"
    assert language.spoken(Saying.from_json("")) == language.spoken(Saying.from_json(None)) == ""


def test_braces_in_values_are_values(chinese):
    """A value, an expression or an exception's text with braces is told as it stands, recorded and read again."""
    inner = Saying("the job failed: {text}", text="{0.__class__} {nobody}")
    saying = Saying("{element}: {reason}", element="{x}", reason=inner)

    assert str(Saying.from_json(saying.to_json())) == "{x}: the job failed: {0.__class__} {nobody}"
    assert language.spoken(saying) == "{x}：作业失败：{0.__class__} {nobody}"


def test_a_trial_says_why_in_the_readers_language(chinese):
    """The reply of a trial is English unless it is spoken; incidents, notes and defaults are put into words alike."""
    gateway = '<bpmn:exclusiveGateway id="g"/><bpmn:task id="t"/><bpmn:endEvent id="e"/>' + flow("on", "g", "t", "unheard &gt; 1")
    definitions = load({"one.bpmn": drawn(event("startEvent", "s"), gateway, path("s", "g"), path("t", "e"))})

    english, spoken = run(definitions, job_of({})), run(definitions, job_of({}), None, language.spoken)

    assert english["incidents"][0]["reason"].startswith("g: no condition is true and there is no default flow (condition was null: =unheard > 1 (there is no variable unheard; ")
    assert spoken["incidents"][0]["reason"].startswith("g：没有条件成立，也没有默认流（条件为空值：=unheard > 1（没有变量 unheard；")
