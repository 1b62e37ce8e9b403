"""Trouble from outside: two people at once, a database that cannot be written, is full, newer, broken. One sentence, the right code, nothing changed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from engine.storage.sql import SqlStore

pytestmark = pytest.mark.cli

ROOT = Path(__file__).parents[2]
CODE = f"import sys; sys.path.insert(0, {str(ROOT / 'packaging')!r}); import jianyi; jianyi.main()"


def _program(world, *args: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "JIANYI_DATABASE": str(world.path)}
    command = [sys.executable, "-c", CODE, "--lang", "en", *args]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def _rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM history").fetchone()[0])


def test_of_two_processes_at_one_item_one_wins_and_the_other_reads_who_did_what_when(world):
    """Started together: one completes the item, the other gets exit 7 with the person and the time; the winner's command again answers as first."""
    people = ("p-commission", "p-commission-2")
    processes = {person: _program(world, "complete", world.item, "--set", "outcome=accept", "--as", person) for person in people}
    told = {person: process.communicate(timeout=60) for person, process in processes.items()}
    codes = {person: process.returncode for person, process in processes.items()}

    assert sorted(codes.values()) == [0, 7]
    winner, other = sorted(people, key=lambda person: codes[person])
    assert winner in told[other][1]
    assert "2026-03-06" in told[other][1]
    before = _rows(world.path)
    again = world("complete", world.item, "--set", "outcome=accept", "--as", winner)
    assert (again.exit_code, _rows(world.path)) == (0, before)


def test_a_database_that_cannot_be_written(world):
    """Reading works; a change is refused with one sentence, exit 1, and nothing is changed."""
    place = f"sqlite:///file:{world.path}?mode=ro&uri=true"
    before = _rows(world.path)

    assert world("inbox", "--as", "p-commission", "--db", place).exit_code == 0
    refused = world("claim", world.item, "--as", "p-commission", "--db", place)

    assert refused.exit_code == 1
    assert "cannot be written" in refused.stderr
    assert _rows(world.path) == before


def test_a_database_of_a_newer_program(world):
    """It is left alone: the sentence says which release to use."""
    with closing(sqlite3.connect(world.path)) as connection:
        connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'schema'")
        connection.commit()

    refused = world("inbox", "--as", "p-commission")

    assert refused.exit_code == 1
    assert "newer" in refused.stderr


def test_a_disk_that_is_full(world, monkeypatch):
    """SQLite's own answer when no page is left: one sentence, exit 1, nothing half done; with space again the same command works."""
    with closing(sqlite3.connect(world.path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    before = _rows(world.path)
    with monkeypatch.context() as full:
        full.setattr(SqlStore, "open", partial(SqlStore.open, pragmas={"max_page_count": pages}))
        codes = [world("submit", "--as", "p-deputy") for _ in range(40)]
    refused = [result for result in codes if result.exit_code]

    assert refused
    assert {result.exit_code for result in refused} == {1}
    assert "no space is left" in refused[0].stderr
    assert _rows(world.path) == before + len(codes) - len(refused)
    assert world("submit", "--as", "p-deputy").exit_code == 0
    assert world("audit", "verify", "--as", "p-auditor").exit_code == 0


@pytest.mark.parametrize("content", [b"this is text, not a database", b"SQLite format 3\x00" + b"\x00" * 100])
def test_a_file_that_is_no_database(world, tmp_path, content):
    """Named as what it is; the file stays as it was."""
    other = tmp_path / "other.db"
    other.write_bytes(content)

    refused = world("inbox", "--as", "p-commission", "--db", str(other))

    assert refused.exit_code == 1
    assert "other.db" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert other.read_bytes() == content


def test_a_database_that_is_not_there(world, tmp_path):
    """The sentence says how to make one; none is made."""
    refused = world("inbox", "--as", "p-commission", "--db", str(tmp_path / "none.db"))

    assert refused.exit_code == 1
    assert "jianyi init" in refused.stderr
    assert not (tmp_path / "none.db").exists()
