"""The how-to of a ninth jurisdiction is followed word by word: its rows into copies of the tables, its commands one after another."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "add-a-jurisdiction.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "    </decisionTable>"


def follow(folder: Path, jianyi, monkeypatch) -> list[str]:
    """Do what the page says in an empty folder that holds the product's processes. Gives the commands that were run."""
    shutil.copytree(ROOT / "processes", folder / "processes")
    monkeypatch.chdir(folder)
    run = []
    for language, file, text in BLOCK.findall(PAGE):
        if language == "xml":
            path = folder / "linshui" / file
            table = path.read_text("utf-8")
            assert table.count(END) == 1
            path.write_text(table.replace(END, text + END), "utf-8")
            continue
        for line in text.splitlines():
            words = shlex.split(line)
            if words[0] == "cp":
                shutil.copytree(folder / words[2], folder / words[3])
                continue
            told = jianyi(*words[1:])
            assert told.exit_code == 0, (line, told.stdout, told.stderr)
            run.append(line)
    return run


def test_the_page_is_followed_to_its_end(jianyi, tmp_path, monkeypatch):
    """A checked folder, a database of the new jurisdiction, its settings with their law, and one that was set by a person."""
    run = follow(tmp_path, jianyi, monkeypatch)

    assert [line.split()[1] for line in run] == ["process", "init", "process", "calendar", "setting", "setting"]
    told = json.loads(jianyi("setting", "list", "--as", "chen", "--db", "linshui.db", "--json").stdout)
    rows = {(row["name"], row["state"]): row for row in told}
    assert rows["cfg.redoDecision", "in-force"]["article"] == "第二十条"
    assert rows["cfg.replyClasses", "in-force"]["value"] == ["solved", "in-plan-with-date", "cannot"]
    assert rows["cfg.extensionConsent", "in-force"]["source"] == "default"
    assert [row["set_by"] for row in told if row["name"] == "cfg.afterSecond" and row["source"] == "set"] == ["chen"]


def test_the_ninth_is_not_known_to_others(jianyi, tmp_path):
    """Without the folder the product knows the eight only."""
    told = jianyi("init", "--admin", "chen", "--jurisdiction", "linshui", "--db", str(tmp_path / "x.db"))

    assert told.exit_code == 1
    assert "henan" in told.stderr
