"""What is said of a diagram can be read in Chinese and in English."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.checking import check
from engine.errors import Problem, Saying
from terminal import language
from terminal.checked import said

KIT = Path(__file__).parent / "kit"
FILES = sorted([*KIT.rglob("*.bpmn"), *KIT.rglob("*.dmn")])
SENTENCE = re.compile(r"[a-z]+ (?:is|are|has|have|had|was|be|the|no|not|of|to|it|an?|in|for|on|with|cannot|must|its|which|that) [a-z]+")
QUOTED = re.compile(r"`[^`]*`|'[^']*'|“[^”]*”|\"[^\"]*\"|(?:附近|末尾):.*")
WRONG = ("=", "= a b", "=1 +", "=a instance of foo", "=(", "=f(1,)", '=@"foo"', "=f(", "=1 < 2 < 3", "=“a”", "=!a", "=abs(1,2)", "=nobody(1)", "P", "R0/P1D", "every day")


@pytest.fixture
def chinese() -> Iterator[None]:
    """Everything is said in Chinese."""
    before = language.current()
    language.speak("zh")
    yield
    language.speak(before)


def of_the_kit() -> list[Problem]:
    return [problem for file in FILES for problem in check({file.name: file.read_bytes()}).problems]


def of_spoilt_values() -> list[Problem]:
    """What is wrong with the kit's own diagrams when a value in them is none."""
    found: list[Problem] = []
    for file in sorted((KIT / "language").rglob("*.bpmn"))[::12]:
        text = file.read_text("utf-8")
        for at, value in enumerate(re.finditer(r'(?:source|correlationKey|dueDate|inputCollection|attachedToRef|name)="([^"]*)"|>\s*(=[^<]+|P[^<]+)<', text)):
            start, end = value.span(1 if value.group(1) is not None else 2)
            wrong = WRONG[at % len(WRONG)].replace('"', "&quot;").replace("<", "&lt;")
            found += check({file.name: (text[:start] + wrong + text[end:]).encode()}).problems
    return found


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def disagreeing(saying: Saying) -> list[str]:
    """Templates whose placeholders are not their parameters, at any depth."""
    inner = [text for _, value in saying.params if isinstance(value, Saying) for text in disagreeing(value)]
    given = dict(saying.params).keys()
    return inner + ([saying.template] if saying.params and placeholders(saying.template) != given else [])


@pytest.mark.parametrize("source", [of_the_kit, of_spoilt_values])
def test_every_problem_is_said_in_chinese(source, chinese):
    """No English sentence is left over; ids, expressions and words of the files are as they stand there."""
    texts = {text for problem in source() for text in said(problem)}

    left = [text for text in texts if not re.search(r"[\u4e00-\u9fff]", text) or SENTENCE.search(QUOTED.sub("", text))]

    assert len(texts) > 20
    assert left == []


@pytest.mark.parametrize("source", [of_the_kit, of_spoilt_values])
def test_placeholders_are_the_parameters(source):
    """A problem's message and remedy together use each of its parameters, and no other."""
    problems = source()

    strange = {problem.template for problem in problems if placeholders(problem.template) | placeholders(problem.fix_template) != dict(problem.params).keys() and problem.params}
    inner = {text for problem in problems for _, value in problem.params if isinstance(value, Saying) for text in disagreeing(value)}

    assert (strange, inner) == (set(), set())


@pytest.mark.parametrize("source", [of_the_kit, of_spoilt_values], ids=["kit", "spoilt"])
def test_english_articles_fit(source):
    """No message puts the article `a` before a name that begins with a vowel: `a error`, `a endEvent`."""
    language.speak("en")

    found = {QUOTED.sub("", text.partition("near:")[0]) for problem in source() for text in said(problem)}

    assert found
    assert not {text for text in found if re.search(r"\b[Aa] [aeio]", text)}
