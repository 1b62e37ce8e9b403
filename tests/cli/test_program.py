"""The program as such: help, languages, exit codes, errors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli import ROOMS
from cli import jianyi as program
from terminal.command import Lazy

pytestmark = pytest.mark.cli

ROOT = Path(__file__).parents[2]
COSTLY = {"rich", "sqlalchemy", "SpiffWorkflow", "lxml", "jsonschema_rs", "yaml", "alembic", "engine", "handlers"}


def commands(group=program, path=()):
    """Every command with its path."""
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        if isinstance(found, Lazy):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name), found


def test_help_imports_nothing_costly():
    """`jianyi --help` answers at once: no engine, no tables, no rich is loaded."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from cli import jianyi
try:
    jianyi(["--help"], prog_name="jianyi")
except SystemExit:
    pass
print(sorted({COSTLY!r} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"
    assert "inbox" in done.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_command_says_what_it_does_and_gives_an_example(jianyi, lang):
    """Each command has a sentence and an example of its own name, in both languages."""
    for path, _ in commands():
        told = jianyi("--lang", lang, *path, "--help")

        assert told.exit_code == 0, told.output
        assert re.search(rf"jianyi {' '.join(path)}\b", told.output.split("\n", 2)[2]), path


def test_the_first_sentence_of_a_help_fits_the_overview(jianyi):
    """No command's short help is cut with dots."""
    cut = [line for line in jianyi("--help").output.splitlines()[1:] if line.endswith("...")]

    assert cut == []


def test_every_room_lists_commands_that_are_there():
    """The table of rooms names a module that has the command."""
    assert all(program.get_command(None, name) is not None for room in ROOMS.values() for name in room)


def test_without_arguments_the_overview_is_printed(jianyi):
    """`jianyi` alone shows what there is."""
    assert "inbox" in jianyi().output


@pytest.mark.parametrize(("args", "code"), [(("nothing",), 2), (("claim",), 2), (("inbox", "--limit", "x"), 2), (("audit", "replay", "--db", "x.db"), 2)])
def test_a_wrong_command_line_is_exit_2(jianyi, args, code):
    """Usage errors name what is wrong and where to look."""
    told = jianyi(*args)

    assert told.exit_code == code
    assert "--help" in told.stderr
    assert told.stdout == ""


def test_errors_are_json_where_json_is_asked_for(jianyi):
    """With `--json` an error is one object with code, message and hint."""
    told = jianyi("claim", "--json")

    assert json.loads(told.stderr)["error"].keys() == {"code", "message", "hint"}


def test_chinese_is_spoken_where_the_locale_is_chinese(jianyi, monkeypatch):
    """Language by locale; `--lang` wins, before the command or after it."""
    monkeypatch.delenv("JIANYI_LANG")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")

    assert "待办" in jianyi("--help").output
    assert "待办" not in jianyi("--lang", "en", "--help").output
    assert "错误" in jianyi("inbox").stderr
    assert "error" in jianyi("inbox", "--lang", "en").stderr


@pytest.mark.parametrize(
    "words",
    [
        ("inbox", "--limit", "x"), ("worker", "--every", "0"), ("inbox", "--limti", "3"), ("inbocks",), ("show",), ("inbox", "one", "two"),
        ("inbox", "--limit"), ("-o", "pdf", "inbox"), ("process", "test-nothing"), ("process", "try", "--jsonl=1"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_told_in_chinese(jianyi, words):
    """Wherever `--lang` stands; of English only what was typed, names of commands and options, and what may be chosen are left."""
    before, after = jianyi("--lang", "zh", *words), jianyi(*words, "--lang", "zh")
    told = re.sub(r"jianyi [a-z -]*--help|'[^']*'|\([^)]*\)|x>=[0-9.]*|[A-Z]+\.\.\.", "", before.stderr)

    assert (before.exit_code, after.exit_code) == (2, 2)
    assert before.stderr.startswith("错误")
    assert re.findall("[a-zA-Z]{2,}", told) == []
    if words[-1] != "--limit":
        assert after.stderr == before.stderr


def test_a_wrong_command_line_is_told_in_the_profiles_language(jianyi, monkeypatch, tmp_path):
    """As everything else is, unless `--lang` says otherwise."""
    (tmp_path / "profile.toml").write_text('language = "zh"', "utf-8")
    monkeypatch.setenv("JIANYI_PROFILE", str(tmp_path / "profile.toml"))
    monkeypatch.delenv("JIANYI_LANG")

    assert "错误" in jianyi("inbox", "--limit", "x").stderr
    assert "error" in jianyi("inbox", "--limit", "x", "--lang", "en").stderr


def test_the_profile_lies_where_the_system_keeps_settings():
    """The folder is that of platformdirs, where profiles have always been looked for."""
    import click
    from platformdirs import user_config_path

    from terminal.session import APPLICATION

    assert Path(click.get_app_dir(APPLICATION, roaming=False)) == user_config_path(APPLICATION, appauthor=False)
