"""The demonstration's closing counts are those that SQL over the database gives, for its own rows and for others."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
UNITS = ("教育部", "水利部", "财政部", "生态环境部", "国家卫生健康委", "交通运输部", "发改委")
SESSIONS = ("十三届三次", "十三届四次", "十三届五次", "十四届一次", "十四届二次")


def demo(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run `jianyi --json demo` as a user would, and what it printed."""
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'packaging')!r}); import jianyi; jianyi.main()"
    command = [sys.executable, "-c", code, "--json", "demo", "--db", str(folder / "demo.db"), *arguments]
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def other_rows(path: Path) -> None:
    """100 suggestions that the demonstration has never seen: five sessions, one unit or a lead with one to three helpers."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "session", "title", "answering_unit", "co_handling_units", "reply_date", "document_number"])
        for number in range(100):
            helpers = [UNITS[(number + step) % len(UNITS)] for step in range(1, 1 + number % 4)]
            stated = str(3000 + number) if number % 3 else ""
            session = SESSIONS[number % len(SESSIONS)]
            writer.writerow([stated, session, f"关于第{number}项工作的建议", UNITS[number % len(UNITS)], ";".join(helpers), "", ""])


def counted(database: Path) -> dict[str, Any]:
    """The same figures by SQL alone."""
    with closing(sqlite3.connect(database)) as connection:

        def number(sql: str) -> int:
            return int(connection.execute(sql).fetchone()[0])

        def groups(sql: str) -> dict[str, int]:
            return dict(connection.execute(sql).fetchall())

        return {
            "suggestions": number("SELECT count(*) FROM suggestion"),
            "stages": groups("SELECT stage, count(*) FROM suggestion GROUP BY stage ORDER BY stage"),
            "replies": number("SELECT count(*) FROM reply"),
            "returned": number("SELECT count(DISTINCT suggestion_id) FROM assignment WHERE status = 'returned'"),
            "extended": number("SELECT count(DISTINCT a.suggestion_id) FROM extension e JOIN assignment a ON a.id = e.assignment_id WHERE e.decision = 'granted'"),
            "commitments": groups("SELECT state, count(*) FROM commitment_state GROUP BY state ORDER BY state"),
            "key_topics": number("SELECT count(*) FROM key_topic"),
            "incidents": number("SELECT count(*) FROM incident WHERE status = 'open'"),
        }


@pytest.mark.parametrize("own", [True, False], ids=["its own rows", "another file of 100 rows"])
def test_the_closing_counts_are_those_of_sql(own: bool, tmp_path: Path) -> None:
    """Every figure that the demonstration closes with is counted again by SQL; another file gives its own figures."""
    if own:
        told = demo(tmp_path)
        assert told["real"] == 27
    else:
        other_rows(tmp_path / "rows.csv")
        told = demo(tmp_path, "--rows", str(tmp_path / "rows.csv"))
        assert told["real"] == 100
        assert told["left_out"] == []

    found = counted(tmp_path / "demo.db")

    assert {name: told[name] for name in found} == found
