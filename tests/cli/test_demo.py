"""The demonstration as its viewer sees it: its closing figures are the database's, its five commands work, it can be run again."""

from __future__ import annotations

import csv
import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from rich.cells import cell_len

from .conftest import ROOT, invoke

pytestmark = pytest.mark.cli


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """One run of the demonstration: its database and what was printed."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    done = invoke("demo", "--db", str(path), "--lang", "en")
    assert done.exit_code == 0, done.output
    return path, done


def counted(path: Path, sql: str) -> int:
    """One number, asked of the database itself."""
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute(sql).fetchone()[0])


def assert_figures_are_the_databases(told: dict, path: Path) -> None:
    """Every closing figure equals an independent count."""
    assert told["suggestions"] == counted(path, "select count(*) from suggestion")
    assert told["real"] == counted(path, "select count(*) from suggestion where title not like '%演示%'")
    assert told["replies"] == counted(path, "select count(*) from reply")
    assert told["returned"] == counted(path, "select count(*) from assignment where status = 'returned'")
    assert told["key_topics"] == counted(path, "select count(*) from key_topic")
    assert sum(told["commitments"].values()) == counted(path, "select count(*) from commitment")
    assert told["incidents"] == counted(path, "select count(*) from incident where status = 'open'") == 0
    for stage, count in told["stages"].items():
        assert count == counted(path, f"select count(*) from suggestion where stage = '{stage}'"), stage
    for state, count in told["commitments"].items():
        assert count == counted(path, f"select count(*) from commitment_state where state = '{state}'"), state


def test_the_table_and_the_ledger_are_shown(shown):
    """What became of each, the commitments, the closing figures, and at most 80 columns."""
    _, done = shown

    assert "关于弘扬" in done.stdout
    assert "Commitment ledger" in done.stdout
    assert re.search(r"\d+ suggestions \(\d+ real\)", done.stdout)


def test_the_five_commands_work_as_they_are_printed(shown):
    """Each of the lines under “Try next” ends with exit 0."""
    lines = shown[1].stdout.partition("Try next:\n")[2].strip().splitlines()

    assert len(lines) == 5
    for line in lines:
        done = invoke(*shlex.split(line)[1:])
        assert done.exit_code == 0, f"{line}\n{done.output}"


def test_run_again_it_adds_nothing_and_tells_the_same(shown):
    """The second run does no command; its figures are the first's and the database's own."""
    path, _ = shown
    rows = counted(path, "select count(*) from history")

    told = json.loads(invoke("demo", "--db", str(path), "--json").stdout)

    assert told["commands"] == 0
    assert counted(path, "select count(*) from history") == rows
    assert_figures_are_the_databases(told, path)


def test_a_database_of_real_work_is_not_touched(tmp_path):
    """The demonstration refuses a database that was not created as simulated."""
    path = tmp_path / "real.db"
    invoke("init", "--admin", "chen", "--db", str(path))
    before = counted(path, "select count(*) from history")

    refused = invoke("demo", "--db", str(path), "--lang", "en")

    assert refused.exit_code == 1
    assert "simulated" in refused.stderr
    assert counted(path, "select count(*) from history") == before


def test_another_file_gives_its_own_figures(tmp_path):
    """Rows of another file are walked by rule, and their figures are the database's."""
    head, *rows = (ROOT / "processes" / "demo" / "suggestions.csv").read_text("utf-8").splitlines()
    plain = [row for row in rows if "key-supervised" not in row and "(topic)" not in row][:6]
    file = tmp_path / "rows.csv"
    file.write_text("\n".join([head, *plain]) + "\n", "utf-8")

    done = invoke("demo", "--db", str(tmp_path / "own.db"), "--rows", str(file), "--json")

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["real"] == len(plain)
    assert_figures_are_the_databases(told, tmp_path / "own.db")


@pytest.mark.long
def test_a_hundred_rows_give_their_own_figures(tmp_path):
    """100 rows of another file: every closing figure equals an independent count."""
    with (ROOT / "processes" / "demo" / "suggestions.csv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["session"] and "(" not in row["title"]]
    file = tmp_path / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, rows[0].keys())
        writer.writeheader()
        # A document number stands once; each of the hundred has its own title and none of the others' numbers.
        writer.writerows({**rows[n % len(rows)], "number": "", "document_number": "", "title": f"第{n}件 {rows[n % len(rows)]['title']}"} for n in range(100))

    done = invoke("demo", "--db", str(tmp_path / "own.db"), "--rows", str(file), "--json")

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["real"] == 100
    assert_figures_are_the_databases(told, tmp_path / "own.db")


@pytest.mark.parametrize("number", ["0536", "536", "第0536号", "十四届二次0536号"])
@pytest.mark.parametrize("way", ["find", "show"])
def test_a_stated_number_is_found_as_people_write_it(shown, way, number):
    """The number that a suggestion had elsewhere (原编号) finds it, bare or with its session."""
    done = invoke(way, number, "--as", "auditor-1", "--db", str(shown[0]), "--json")

    assert done.exit_code == 0, done.output
    assert "关于建立高邮湖跨流域整治协同机制的建议" in done.stdout


def explained(path: Path, case: str, *more: str) -> str:
    """What `due explain` prints of a case."""
    told = invoke("due", "explain", case, "--db", str(path), "--as", "auditor-1", *more)
    assert told.exit_code == 0, told.output
    return told.stdout


def test_every_reply_due_date_explains_itself(shown):
    """Each assignment's due date is the one that the explanation works out, three months by 代表法 §51 after its start."""
    path, _ = shown
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("select suggestion_id, assigned_on, reply_due_on from assignment where mode in ('sole', 'lead') and reply_due_on is not null").fetchall()
    assert len(rows) > 20
    for case, assigned_on, due_on in rows[:12]:
        clocks = json.loads(explained(path, case, "--json"))["due_dates"]

        replies = {(clock["start_on"], clock["due_on"]) for clock in clocks if clock["limit_id"] == "reply"}
        assert (assigned_on, due_on) in replies
        assert all("第五十一条" in clock["article"] and (clock["amount"], clock["unit"]) == (3, "month") for clock in clocks if clock["limit_id"] == "reply")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_explanation_fits_the_screen_and_names_law_start_and_calendar(shown, lang):
    """Rule, law, start, calendar version and unit, in 80 columns."""
    path, _ = shown
    with closing(sqlite3.connect(path)) as database:
        case, assigned_on, due_on = database.execute("select suggestion_id, assigned_on, reply_due_on from assignment where reply_due_on is not null order by id").fetchone()

    text = explained(path, case, "--lang", lang)

    assert max(map(cell_len, text.splitlines())) <= 80
    assert {assigned_on, due_on} <= set(re.findall(r"\d{4}-\d\d-\d\d", text))
    assert "代表法" in text
    assert ("自交办" if lang == "zh" else "from assignment") in text
    assert ("版" if lang == "zh" else "version 1") in text


def test_the_bare_command_lists_and_options_may_stand_before_the_name(shown):
    """`jianyi due` is `jianyi due list`, and a global option before `explain` changes nothing."""
    path, _ = shown
    common = ("--db", str(path), "--as", "auditor-1", "--json")

    assert invoke("due", "--late", *common).stdout == invoke("due", "list", "--late", *common).stdout
    assert invoke("due", "--as", "auditor-1", "explain", "12", "--db", str(path), "--json").stdout == explained(path, "12", "--json")
    assert invoke("due", "explain", "99999", *common).exit_code == 5
