"""What the tests of the command line share: a form, the program run in this process, quiet surroundings."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result

from terminal import language

FORM: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "f-reply",
    "title": "答复",
    "x-title-en": "Reply",
    "type": "object",
    "required": ["reply_class", "text"],
    "properties": {
        "reply_class": {"title": "结果分类", "x-title-en": "Class", "type": "string", "enum": ["A", "B"], "x-labels": {"A": "已解决", "B": "计划解决"}, "x-labels-en": {"A": "solved", "B": "planned"}},
        "text": {"title": "答复正文", "x-title-en": "Text", "type": "string", "minLength": 2, "x-ui": {"widget": "long"}},
        "signed_on": {"title": "签发日期", "x-title-en": "Signed on", "type": "string", "format": "date"},
        "copies": {"title": "份数", "x-title-en": "Copies", "type": "integer", "minimum": 1},
        "published": {"title": "公开", "x-title-en": "Published", "type": "boolean"},
        "tags": {"title": "标签", "x-title-en": "Tags", "type": "array", "items": {"type": "string"}},
        "commitments": {
            "title": "承诺",
            "x-title-en": "Commitments",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["text", "due_on"],
                "properties": {
                    "text": {"title": "内容", "x-title-en": "What", "type": "string"},
                    "due_on": {"title": "完成日期", "x-title-en": "Due", "type": "string", "format": "date"},
                },
            },
        },
    },
}


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """No profile, no database, no drafts of the person who runs the tests; English unless a test says otherwise."""
    for name in ("JIANYI_DATABASE", "JIANYI_ACTOR", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JIANYI_LANG", "en")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    language.speak("en")
    yield
    language.speak("en")


@pytest.fixture
def form() -> dict[str, Any]:
    """A form with a field of each kind."""
    return FORM


@pytest.fixture
def jianyi():
    """Run the program in this process: `jianyi("inbox", "--as", "x")`."""
    from cli import jianyi as program

    def run(*args: str, input: str | None = None) -> Result:
        return CliRunner().invoke(program, list(args), input=input, prog_name="jianyi")

    return run
