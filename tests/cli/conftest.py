"""What the tests of the command line share: a form, the program run in this process, quiet surroundings."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from terminal import language

ROOT = Path(__file__).parents[2]

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
    return invoke


PEOPLE = """id,name,groups
p-commission,王委员,commission
p-commission-2,赵委员,commission
p-deputy,李代表,deputy
p-deputy-2,陈代表,deputy
p-auditor,审计员,auditor
p-outsider,路人,unit-desk:u001
"""

SUGGESTIONS = """number,session,title,answering_unit,co_handling_units,reply_date,document_number
8579,十四届二次,关于弘扬中国医学的建议,国家中医药管理局,,,
0536,十四届二次,关于建立高邮湖跨流域整治协同机制的建议,生态环境部,江苏;没有这个单位,,
"""


@dataclass(frozen=True)
class World:
    """A small congress: the product's processes and a trial one, a few people, one open work item (`item` of `case`), two suggestions."""

    path: Path
    run: Callable[..., Result]
    item: str
    case: str
    suggestion: str

    def __call__(self, *args: str, stdin: str | None = None) -> Result:
        return self.run(*args, stdin=stdin)


def invoke(*args: str, stdin: str | None = None) -> Result:
    from cli import jianyi as program

    return CliRunner().invoke(program, list(args), input=stdin, prog_name="jianyi")


@pytest.fixture(scope="session")
def congress(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """The database of `World`, made by the command line itself. Tests work on copies."""
    folder = tmp_path_factory.mktemp("congress")
    for source in (ROOT / "processes", Path(__file__).parent / "trial"):
        shutil.copytree(source, folder / "processes", dirs_exist_ok=True)
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    (folder / "suggestions.csv").write_text(SUGGESTIONS, "utf-8")
    path = folder / "congress.db"

    def run(*args: str) -> Any:
        done = invoke(*args, "--db", str(path), "--lang", "en", "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout) if done.stdout else None

    run("init", "--admin", "p-admin", "--simulated", "--now", "2026-03-06T09:00")
    run("process", "deploy", str(folder / "processes"), "--as", "p-admin")
    units = folder / "processes"
    run("unit", "import", str(units / "units.csv"), "--names", str(units / "unit_names.csv"), "--successions", str(units / "unit_succession.csv"), "--as", "p-admin")
    run("person", "import", str(folder / "people.csv"), "--as", "p-admin")
    trial = run("submit", "--process", "trial", "--set", "subject=修路", "--set", "urgency=high", "--set", "wanted_on=2026-04-01", "--as", "p-deputy")
    suggestion = run("submit", "--as", "p-deputy")
    run("import", "suggestions", str(folder / "suggestions.csv"), "--lead", "李代表", "--as", "p-commission")
    item = next(row["id"] for row in run("inbox", "--as", "p-commission") if row["name"] == "审核申请")
    return path, {"item": item, "case": trial["case_id"], "suggestion": suggestion["case_id"]}


@pytest.fixture
def world(congress, tmp_path, monkeypatch) -> World:
    """A fresh copy of the small congress; the program runs in this process, in English, on that copy."""
    source, ids = congress
    path = tmp_path / "congress.db"
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(path)) as new:
        old.backup(new)
    monkeypatch.setenv("JIANYI_DATABASE", str(path))
    monkeypatch.chdir(tmp_path)
    return World(path=path, run=invoke, **ids)
