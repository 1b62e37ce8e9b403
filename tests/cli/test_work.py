"""Staff at work: a work item from inbox to completion, by several people, with everything that can be refused."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from terminal.commands.operate import Ending

pytestmark = pytest.mark.cli

ROOT = Path(__file__).parents[2]
OK, OTHER, USAGE, IDENTITY, NOT_FOUND, NOT_ALLOWED, CONFLICT, FORM = 0, 1, 2, 4, 5, 6, 7, 8


def test_the_inbox_shows_what_the_actor_may_do(world):
    """A member of the group sees the item with its due date; others see nothing, which is no error."""
    mine = world("inbox", "--case", world.case, "--as", "p-commission", "--json", "id,name,due_on")
    others = world("inbox", "--case", world.case, "--as", "p-outsider", "--json")

    assert json.loads(mine.stdout) == [{"id": world.item, "name": "审核申请", "due_on": "2026-04-01"}]
    assert (others.exit_code, others.stdout) == (OK, "[]\n")


def test_nobody_and_an_unknown_person_are_asked_who_they_are(world):
    """Without an actor nothing is shown; an unknown one is refused: exit 4."""
    assert world("inbox").exit_code == IDENTITY
    assert world("inbox", "--as", "nobody").exit_code == IDENTITY


def test_the_actor_may_come_from_the_environment_and_from_the_profile(world, monkeypatch, tmp_path):
    """The option wins over JIANYI_ACTOR, this over the profile."""
    profile = tmp_path / "profile.toml"
    profile.write_text('actor = "p-commission"\n')
    monkeypatch.setenv("JIANYI_PROFILE", str(profile))
    assert "审核申请" in world("inbox", "--case", world.case).stdout

    monkeypatch.setenv("JIANYI_ACTOR", "p-outsider")
    assert "审核申请" not in world("inbox", "--case", world.case).stdout
    assert "审核申请" in world("inbox", "--case", world.case, "--as", "p-commission").stdout


def test_a_claimed_item_is_kept_from_others_until_released(world):
    """One claims, another is told by whom it is held (exit 7), after the release anyone may."""
    assert world("claim", world.item, "--as", "p-commission").exit_code == OK

    refused = world("claim", world.item, "--as", "p-commission-2")

    assert refused.exit_code == CONFLICT
    assert "p-commission" in refused.stderr
    assert world("release", world.item, "--as", "p-commission").exit_code == OK
    assert world("claim", world.item, "--as", "p-commission-2").exit_code == OK


def test_completing_prints_a_receipt_and_repeating_answers_as_the_first_time(world):
    """The receipt names case, stream, position and 16 characters of the hash; the same command again changes nothing."""
    first = world("complete", world.item, "--set", "outcome=accept", "--as", "p-commission")
    again = world("complete", world.item, "--set", "outcome=accept", "--as", "p-commission")
    otherwise = world("complete", world.item, "--set", "outcome=other", "--as", "p-commission")
    another = world("complete", world.item, "--set", "outcome=accept", "--as", "p-commission-2")

    assert first.exit_code == again.exit_code == OK
    assert first.stdout.split()[-1] == again.stdout.split()[-1]
    assert len(first.stdout.split()[-1]) == 16
    assert again.stdout.startswith("already done")
    assert otherwise.exit_code == another.exit_code == CONFLICT
    assert "p-commission" in another.stderr


def test_a_form_that_does_not_fit_is_exit_8_and_changes_nothing(world):
    """Every field that is wrong is named; the item stays as it is."""
    told = world("complete", world.item, "--set", "note=好", "--as", "p-commission", "--json")

    assert told.exit_code == FORM
    assert [problem["field"] for problem in json.loads(told.stderr)["error"]["problems"]] == ["outcome"]
    assert world.item in world("inbox", "--case", world.case, "--as", "p-commission").stdout


def test_an_outsider_may_not_complete(world):
    """Whoever is in none of the item's groups is told that there is no such item for him."""
    assert world("complete", world.item, "--set", "outcome=accept", "--as", "p-outsider").exit_code in (NOT_FOUND, NOT_ALLOWED)


def test_a_dry_run_names_the_events_and_changes_nothing(world):
    """`--dry-run` prints what would be added."""
    told = world("complete", world.item, "--set", "outcome=accept", "--as", "p-commission", "--dry-run", "--json")

    assert "WorkItemCompleted" in [event["event"] for event in json.loads(told.stdout)]
    assert world.item in world("inbox", "--case", world.case, "--as", "p-commission").stdout


def test_reassigning_needs_a_reason_and_a_person_of_the_group(world):
    """Without a reason, or to an outsider, nothing happens; then the named person holds the item."""
    assert world("reassign", world.item, "p-commission-2", "--as", "p-commission").exit_code == OTHER
    assert world("reassign", world.item, "p-outsider", "--as", "p-commission", "--reason", "出差").exit_code != OK

    assert world("reassign", world.item, "p-commission-2", "--as", "p-commission", "--reason", "出差").exit_code == OK

    assert json.loads(world("inbox", "--case", world.case, "--as", "p-commission-2", "--json", "claimed_by").stdout) == [{"claimed_by": "p-commission-2"}]


def test_a_form_is_filled_in_as_a_file(world, tmp_path):
    """`item form` writes the skeleton, `complete --data @file` sends it."""
    skeleton = world("item", "form", world.item, "--as", "p-commission").stdout
    file = tmp_path / "form.yaml"
    file.write_text(skeleton.replace("outcome:", "outcome: accept"), "utf-8")

    assert world("complete", world.item, "--data", f"@{file}", "--as", "p-commission").exit_code == OK


def test_data_may_come_from_standard_input(world):
    """`--data @-` reads the form from a pipe."""
    assert world("complete", world.item, "--data", "@-", "--as", "p-commission", stdin='{"outcome": "accept"}').exit_code == OK


def test_an_act_of_another_day_needs_a_reason(world):
    """`--on` states the day on which it happened; it is recorded only with a reason, and never for a day to come."""
    args = ("complete", world.item, "--set", "outcome=accept", "--as", "p-commission")

    assert world(*args, "--on", "2026-03-01").exit_code == OTHER
    assert world(*args, "--on", "2027-01-01", "--reason", "补记").exit_code == OTHER
    assert world(*args, "--on", "2026-03-06", "--reason", "补记").exit_code == OK
    assert "2026-03-06" in world("show", world.case, "--as", "p-commission").stdout


def test_an_auditor_lists_what_was_backdated_by_whom_and_how_many_days_it_gained(world):
    """The act with both days, the person, the days gained and the reason; and the sums by person and unit."""
    at = ("--now", "2026-03-09T09:00+08:00")
    assert world(*at, "claim", world.item, "--as", "p-commission", "--happened-on", "2026-03-06", "--reason", "补记").exit_code == OK

    told = json.loads(world("audit", "backdated", "--as", "p-auditor", "--json").stdout)
    by_person = json.loads(world("audit", "backdated", "--by", "person", "--as", "p-auditor", "--json").stdout)

    assert [(row["actor_id"], row["happened_on"], row["recorded_on"], row["days_gained"], row["reason"]) for row in told] == [
        ("p-commission", "2026-03-06", "2026-03-09", 3, "补记")
    ]
    assert [(row["acts"], row["days_gained"]) for row in by_person] == [(1, 3)]
    assert world("audit", "backdated", "--as", "p-commission").exit_code == NOT_ALLOWED
    assert world("audit", "rebuild", "--as", "p-admin").exit_code == OK


def test_an_incident_is_told_in_the_readers_language(world):
    """The list, the case's screen, its history and the command that met it say why in Chinese or English, whoever wrote it down in which."""
    stuck = world("--lang", "zh", "complete", world.item, "--set", "outcome=strange", "--as", "p-commission")
    told = {
        language: [
            world("--lang", language, *command).stdout
            for command in (("incident", "list", "--json", "--as", "p-admin"), ("show", world.case, "--all", "--as", "p-commission"))
        ]
        for language in ("zh", "en")
    }

    assert "没有条件成立，也没有默认流" in stuck.stderr
    assert all("没有条件成立，也没有默认流" in text and "no condition" not in text for text in told["zh"])
    assert all("no condition is true and there is no default flow" in text for text in told["en"])


def test_a_step_that_cannot_be_made_is_an_incident_and_an_operator_mends_it(world):
    """Retry and repair need a reason; after the repair the case goes on to its end."""
    stuck = world("complete", world.item, "--set", "outcome=strange", "--as", "p-commission")
    incidents = json.loads(world("incident", "list", "--as", "p-admin", "--json").stdout)
    number = incidents[0]["id"]

    assert "incident list" in stuck.stderr
    assert incidents[0]["element_id"] == "gw-outcome"
    assert world("incident", "repair", number, "--set", "outcome=accept", "--as", "p-admin").exit_code != OK
    assert world("incident", "repair", number, "--set", "outcome=accept", "--as", "p-commission", "--reason", "更正").exit_code != OK
    assert world("incident", "repair", number, "--set", "outcome=accept", "--as", "p-admin", "--reason", "更正").exit_code == OK
    assert world("incident", "list", "--as", "p-admin", "--json").stdout == "[]\n"
    assert "completed" in world("show", world.case, "--as", "p-commission").stdout


def test_every_list_has_the_machine_readable_forms(world):
    """tsv, csv and jsonl have English field names, and a chosen field can be picked."""
    assert world("inbox", "--case", world.case, "--as", "p-commission", "-o", "tsv").stdout.splitlines()[0].split("\t")[:2] == ["id", "name"]
    assert world("inbox", "--case", world.case, "--as", "p-commission", "-o", "csv", "--json", "id").stdout == f"id\n{world.item}\n"
    assert json.loads(world("inbox", "--case", world.case, "--as", "p-commission", "-o", "jsonl").stdout)["id"] == world.item
    assert world("inbox", "--case", world.case, "--as", "p-commission", "--json", "colour").exit_code == OTHER


def test_options_may_stand_before_the_command_or_after_it(world):
    """`--as` and `--json` mean the same in both places."""
    after = world("inbox", "--case", world.case, "--as", "p-commission", "--json").stdout

    assert world("--as", "p-commission", "--json", "inbox", "--case", world.case).stdout == after


def test_a_database_that_is_not_there_is_named(world, tmp_path):
    """A wrong path is one sentence with the path and what to do; nothing is made."""
    told = world("inbox", "--db", str(tmp_path / "absent.db"), "--as", "p-commission")

    assert told.exit_code != OK
    assert "absent.db" in told.stderr
    assert not (tmp_path / "absent.db").exists()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_worker_ends_cleanly_when_it_is_interrupted(world, end):
    """Ctrl-C and a service manager end the worker with exit 130 and nothing half done, also where the shell had it ignore Ctrl-C."""
    code = f"import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.path.insert(0, {str(ROOT)!r}); from cli import main; main()"
    with subprocess.Popen([sys.executable, "-c", code, "worker", "--every", "0.1", "--db", str(world.path)], stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        running.stderr.readline()
        running.send_signal(end)
        _, said = running.communicate(timeout=30)

    assert running.returncode == 130
    assert "Traceback" not in said


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_waits_for_the_command_in_hand(end):
    """Amid work it changes nothing; where the worker next waits it ends; asked a second time, it ends at once."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ending = Ending()
        ending.wait(0)

        signal.raise_signal(end)

        with pytest.raises(KeyboardInterrupt):
            ending.wait(60)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(end)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
