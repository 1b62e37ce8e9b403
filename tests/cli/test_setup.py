"""Making a database and filling it: what is refused is refused whole, in one clear sentence."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.cli


def test_a_database_is_made_once(jianyi, tmp_path):
    """A second `init` on the same path is refused and changes nothing; the first operator is known."""
    path = str(tmp_path / "x.db")

    assert jianyi("init", "--admin", "chen", "--db", path).exit_code == 0
    assert jianyi("init", "--admin", "li", "--db", path).exit_code != 0

    told = json.loads(jianyi("whoami", "--as", "chen", "--db", path, "--json").stdout)
    assert (told["groups"], told["simulated"], told["identity"]) == (["operator", "process-owner"], False, "claimed")


def test_without_a_path_the_database_is_the_users_own(jianyi, tmp_path):
    """`init` without --db makes it in the user's data folder, where every command finds it."""
    assert jianyi("init", "--admin", "chen").exit_code == 0

    assert jianyi("whoami", "--as", "chen").exit_code == 0
    assert (tmp_path / "data" / "jianyi" / "jianyi.db").exists()


def test_a_real_databases_clock_cannot_be_set(jianyi, tmp_path):
    """`--now` works in simulated databases only."""
    path = str(tmp_path / "x.db")
    jianyi("init", "--admin", "chen", "--db", path)

    told = jianyi("whoami", "--as", "chen", "--db", path, "--now", "2026-01-01")

    assert told.exit_code != 0
    assert "simulated" in told.stderr


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_file_that_is_no_database_is_named(jianyi, tmp_path, content):
    """One sentence with the file's name; the file stays as it was."""
    path = tmp_path / "x.db"
    path.write_bytes(content)

    told = jianyi("inbox", "--as", "chen", "--db", str(path))

    assert told.exit_code == 1
    assert "x.db" in told.stderr
    assert "Traceback" not in told.stderr
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bad.bpmn", "this is no XML", "bad.bpmn"),
        ("forms/f-bad.json", "{", "f-bad.json"),
    ],
)
def test_a_bad_definition_is_named_and_nothing_is_deployed(world, tmp_path, name, text, said):
    """`check` and `deploy` name file and fault; the old deployment stays."""
    folder = tmp_path / "processes"
    (folder / "forms").mkdir(parents=True)
    (folder / name).write_text(text, "utf-8")
    before = world("process", "list", "--as", "p-admin", "--json", "deployment").stdout

    checked = world("process", "check", str(folder))
    deployed = world("process", "deploy", str(folder), "--as", "p-admin")

    assert checked.exit_code == deployed.exit_code == 1
    assert said in checked.stdout
    assert said in deployed.stderr
    assert world("process", "list", "--as", "p-admin", "--json", "deployment").stdout == before


def test_only_the_right_people_deploy_and_register(world, congress):
    """Deploying is the process owner's, registering the operator's: exit 6."""
    assert world("process", "deploy", "--as", "p-commission").exit_code == 6
    assert world("person", "import", str(congress[0].parent / "people.csv"), "--as", "p-commission").exit_code == 6


def test_a_bad_roll_is_refused_whole(world, tmp_path):
    """Every bad line is named and nobody is registered."""
    file = tmp_path / "people.csv"
    file.write_text("id,name,groups\np-new,新人,deputy\n,无号,deputy\n", "utf-8")

    told = world("person", "import", str(file), "--as", "p-admin")

    assert told.exit_code == 1
    assert "people.csv:3" in told.stderr
    assert "新人" not in world("person", "list", "--as", "p-admin").stdout


def test_settings_change_from_a_day_on_with_a_reason(world):
    """Without a reason nothing changes; the value is JSON where it is JSON."""
    args = ("setting", "set", "cfg.reminders", "[10, 5]", "--from", "2026-05-01", "--as", "p-admin")

    assert world(*args).exit_code != 0
    assert world(*args, "--reason", "试行").exit_code == 0

    told = json.loads(world("setting", "list", "--as", "p-admin", "--json", "name,value,from_on,set_by,reason,state").stdout)
    assert [row for row in told if row["set_by"]] == [
        {"name": "cfg.reminders", "value": [10, 5], "from_on": "2026-05-01", "set_by": "p-admin", "reason": "试行", "state": "to-come"}
    ]


def test_a_setting_says_what_it_rests_on(world):
    """The list names law and article, marks a plan as no law and what no text says as unconfirmed, in both languages."""
    english = world("setting", "list", "--as", "p-admin", "-o", "tsv").stdout
    shown = " ".join(world("setting", "list", "--as", "p-admin", "--lang", "en").stdout.split())
    chinese = "".join(world("setting", "list", "--as", "p-admin", "--lang", "zh").stdout.split())

    assert "cfg.redoDecision\tcommission-decides\t2021-03-11\tlaw" in english
    assert "第三十二条" in shown
    assert "plan, no law:" in shown
    assert "unconfirmed" in shown
    assert "第三十二条" in chinese
    assert "工作计划（不是法律）" in chinese
    assert "未核实" in chinese


@pytest.mark.parametrize(("name", "value", "code", "says"), [("cfg.remindrs", "[10]", "setting", "cfg.reminders"), ("cfg.reminders", "[10, \"五\"]", "setting_value", "number")])
def test_an_unknown_setting_or_a_value_of_another_kind_is_refused(world, name, value, code, says):
    """The refusal names the nearest setting, or the kind that its values have."""
    told = world("setting", "set", name, value, "--from", "2026-05-01", "--reason", "试行", "--as", "p-admin", "--json")

    error = json.loads(told.stderr)["error"]
    assert (told.exit_code, error["code"]) == (1, code)
    assert says in error["message"] + error["hint"]


def test_an_unknown_jurisdiction_is_refused_with_those_that_are_known(jianyi, tmp_path):
    """No database is made; all eight are named."""
    path = tmp_path / "x.db"

    told = jianyi("init", "--admin", "chen", "--jurisdiction", "bejing", "--db", str(path))

    assert told.exit_code == 1
    assert all(name in told.stderr for name in ("national", "beijing", "shanghai", "chongqing", "shandong", "qingdao", "zhejiang", "henan"))
    assert not path.exists()


def test_a_copy_of_the_database_is_whole(world, tmp_path):
    """The copy answers as the original; a file that is there already is not written over; a database of this release stays as it is."""
    copy = str(tmp_path / "copy.db")

    assert world("db", "backup", copy).exit_code == 0
    assert world("db", "backup", copy).exit_code == 1
    assert world("db", "upgrade", "--db", copy).exit_code == 0
    assert world("db", "check", "--db", copy).exit_code == 0
    assert world("inbox", "--as", "p-commission", "--db", copy, "--json").stdout == world("inbox", "--as", "p-commission", "--json").stdout


def test_only_auditors_and_operators_look_into_all_of_history(world):
    """Nobody, and a person of neither group, are refused."""
    assert world("audit", "verify").exit_code == 4
    assert world("audit", "replay", "--all", "--as", "p-deputy").exit_code == 6
    assert world("audit", "rebuild", "--as", "p-admin").exit_code == 0


def test_auditors_find_a_changed_byte(world):
    """verify, replay and rebuild are clean; after one byte of a row was changed, verify names it and exits 9."""
    for words in (("verify",), ("replay", "--all"), ("replay", world.case), ("rebuild",)):
        assert world("audit", *words, "--as", "p-auditor").exit_code == 0, words
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(world.path)) as database:
        row = bytearray(database.execute("select bytes from history where stream = ? and position = 1", (world.case,)).fetchone()[0])
        row[row.index(b"trial")] = ord("T")
        database.execute("update history set bytes = ? where stream = ? and position = 1", (bytes(row), world.case))
        database.commit()

    told = world("audit", "verify", "--as", "p-auditor")

    assert told.exit_code == 9
    assert f"{world.case} #1" in told.stdout
