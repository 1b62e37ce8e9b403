"""A new process as CONTRIBUTING says: a diagram, a form and a module beside the others, and no other file is touched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ADDED = Path(__file__).parent / "inquiry" / "added"
WAY = Path(__file__).parent / "inquiry" / "way.py"
PRODUCT = ("engine", "handlers", "terminal", "migrations", "processes", "cli.py", "alembic.ini", "pyproject.toml")
FILES = ("handlers/inquiry.py", "processes/forms/f-inquiry.json", "processes/inquiry.bpmn")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product with the files of the new process added, each under a name that was free."""
    copy = tmp_path_factory.mktemp("product")
    for name in PRODUCT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    for name in FILES:
        assert not (copy / name).exists()
        shutil.copy(ADDED / name, copy / name)
    return copy


def run(product: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in the copy, which alone is on its path."""
    environment = {**os.environ, "PYTHONPATH": str(product), "JIANYI_LANG": "en", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *arguments], cwd=product, env=environment, capture_output=True, text=True, check=False)


def test_nothing_but_the_files_that_contributing_names_is_added() -> None:
    """The example of CONTRIBUTING is this one, file by file."""
    added = sorted(str(path.relative_to(ADDED)) for path in ADDED.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    named = set(re.findall(r"`((?:processes|handlers)/[\w/.-]*inquiry[\w.-]*)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8")))

    assert added == sorted(named) == sorted(FILES)


def test_check_finds_nothing_wrong_with_it(product: Path) -> None:
    """The analysts' check of the whole set names no fault and has nothing to say of the new files."""
    done = run(product, "-c", "from cli import main; main()", "process", "check", "processes", "--json")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "inquiry" not in done.stdout


def test_it_goes_its_way_and_proves_it(product: Path, tmp_path: Path) -> None:
    """Deployed with the others, it is started, done, seen and refused as its diagram says; chains, decisions and tables hold."""
    done = run(product, str(WAY), str(tmp_path / "congress.db"))

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    (inquiry,) = said["inquiry"]
    assert (inquiry["questions"], inquiry["unit_id"], inquiry["answer_by"]) == (["补助何时到位？", "进度如何？"], "u1", "2026-03-20")
    assert (inquiry["put_by"], inquiry["answered_by"], inquiry["answered_on"]) == ("asker", "desk", "2026-03-05")
    assert said["refused"] == ["not_yours", "invalid_form", "not_yours"]
    assert (said["status"], said["left"], said["unseen"], said["incidents"]) == (["completed"], 0, 0, 0)
    assert (said["findings"], said["rows"]) == ([], 7)
