"""Finding a case and seeing all of it: words, numbers, units, deputies, states; one screen; what is late."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

pytestmark = pytest.mark.cli


def titles(world, *args: str) -> list[str]:
    """The titles that `find` gives, sorted."""
    found = world("find", *args, "--as", "p-commission", "--json", "title")
    assert found.exit_code == 0, found.output
    return sorted(row["title"] for row in json.loads(found.stdout))


LAKE, MEDICINE = "关于建立高邮湖跨流域整治协同机制的建议", "关于弘扬中国医学的建议"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("医学",), [MEDICINE]),
        (("建议",), sorted([LAKE, MEDICINE])),
        (("建议", "高邮"), [LAKE]),
        (("没有这样的词",), []),
        (("0536",), [LAKE]),
        (("第8579号",), [MEDICINE]),
        (("建议", "8579"), [MEDICINE]),
        (("536",), [LAKE]),
        (("--number", "8579"), [MEDICINE]),
        (("--number", "0536"), [LAKE]),
        (("--session", "十四届二次"), sorted([LAKE, MEDICINE])),
        (("--session", "14-1"), []),
        (("--deputy", "李代表"), sorted([LAKE, MEDICINE])),
        (("--deputy", "p-deputy-2"), []),
        (("--state", "screening"), sorted([LAKE, MEDICINE])),
        (("--state", "handling"), []),
        (("--state", "replied", "--late"), []),
        (("--unit", "发改委"), []),
        (("--due-from", "2026-01-01", "--due-to", "2026年12月31日"), []),
    ],
)
def test_find_takes_words_and_filters_together(world, args, expected):
    """Chinese substrings of two characters; number, session, deputy, unit, state and due range narrow it down."""
    assert titles(world, *args) == expected


@pytest.mark.parametrize("args", [("--unit", "没有这个单位"), ("--deputy", "没有这个人")])
def test_an_unknown_unit_or_deputy_is_named(world, args):
    """What names nobody is not an empty answer but exit 5."""
    told = world("find", *args, "--as", "p-commission")

    assert told.exit_code == 5
    assert args[1] in told.stderr


def test_an_unknown_state_is_refused_with_the_known_ones(world):
    """A word that is no state says which there are."""
    told = world("find", "--state", "handeling", "--as", "p-commission")

    assert told.exit_code != 0
    assert "handling" in told.stderr


def test_lists_are_short_and_say_when_they_are_cut(world):
    """One of two is shown, and how to see the rest."""
    told = world("list", "--limit", "1", "--as", "p-commission")

    assert len([line for line in told.stdout.splitlines() if "关于" in line]) == 1
    assert "1 of 2 shown" in told.stderr


@pytest.mark.parametrize("name", ["8579", "弘扬中国医学", "关于弘扬 中国医学".replace(" ", "")])
def test_show_takes_a_number_or_a_part_of_the_title(world, name):
    """The stated number and a unique part of the title both name the case."""
    told = world("show", name, "--as", "p-commission")

    assert told.exit_code == 0, told.output
    assert MEDICINE in told.stdout


def test_several_hits_are_listed_and_none_is_guessed(world):
    """A part of two titles names neither; both are listed."""
    told = world("show", "的建议", "--as", "p-commission")

    assert told.exit_code != 0
    assert told.stdout == ""
    assert LAKE in told.stderr
    assert MEDICINE in told.stderr


def test_the_screen_says_who_must_do_what_and_what_happened(world):
    """Stage, proposer, open items with their groups and dates, and the history in words, within 80 columns."""
    screen = world("show", world.case, "--as", "p-commission", "--lang", "zh").stdout

    assert "审核申请  代表工作委员会  期限 2026-04-01" in screen
    assert "李代表 发起" in screen
    assert max(cell_len(line) for line in screen.splitlines()) <= 80


def test_tables_are_right_at_80_columns_with_chinese(world):
    """No line of a table is wider than 80 cells, and the columns stand under their headings."""
    for args in (("inbox",), ("list",), ("unit", "list"), ("person", "list"), ("process", "list")):
        table = world(*args, "--as", "p-commission", "--lang", "zh").stdout

        assert max(cell_len(line) for line in table.splitlines()) <= 80, args


def test_a_deputy_sees_his_own_draft_and_nobody_else_does(world):
    """Who may not read a case is told that there is none."""
    assert world("show", world.suggestion, "--as", "p-deputy").exit_code == 0
    assert world("show", world.suggestion, "--as", "p-commission").exit_code == 5
    assert world("show", world.suggestion, "--as", "p-outsider").exit_code == 5


def test_due_lists_what_falls_due_with_the_late_on_top(world):
    """Nothing within a day; the item within a month; after its day it is late."""
    assert world("due", "--days", "1", "--as", "p-commission", "--json").stdout == "[]\n"
    assert [row["id"] for row in json.loads(world("due", "--days", "60", "--as", "p-commission", "--json").stdout)] == [world.item]

    late = world("due", "--late", "--as", "p-commission", "--now", "2026-04-02")

    assert "2026-04-01 late" in late.stdout


def test_the_drafted_suggestion_can_be_acted_on(world):
    """`act CASE` lists what may be started by hand; an act that is not offered is exit 5 with what is."""
    acts = json.loads(world("act", world.suggestion, "--as", "p-deputy", "--json").stdout)
    refused = world("act", world.suggestion, "fly", "--as", "p-deputy")

    assert "withdraw" in [act["act"] for act in acts]
    assert refused.exit_code == 5
    assert "withdraw" in refused.stderr


def test_submitting_with_a_form_files_the_first_item_at_once(world):
    """`submit --set …` starts the case and fills in its first work item; choices in words, persons by name."""
    fields = ("title=关于加装电梯的建议", "proposer_type=单独提出", "session=14-2", "channel=会议期间", "facts=情况", "proposal=一、加装", "consent_publish=full")

    told = world("submit", *(word for field in fields for word in ("--set", field)), "--as", "p-deputy-2")

    assert told.exit_code == 0, told.output
    assert "关于加装电梯的建议" in world("list", "--as", "p-deputy-2").stdout


def test_an_import_lists_what_it_could_not_resolve_and_is_harmless_when_repeated(world, congress):
    """A unit that is not known is named with its line, never invented; rows that were taken are not taken twice."""
    file = str(congress[0].parent / "suggestions.csv")

    told = world("import", "suggestions", file, "--lead", "p-deputy", "--as", "p-commission", "--json", "result")

    assert json.loads(told.stdout) == [{"result": "already done"}, {"result": "already done"}]
    assert "没有这个单位" in told.stderr
    assert len(titles(world, "建议")) == 2


def test_the_units_that_a_paper_names_are_kept_and_shown(world):
    """What an import resolved stands on the case's screen until its units are allocated."""
    assert "units named on the paper: 国家中医药管理局" in world("show", "8579", "--as", "p-commission").stdout
    assert "units named on the paper: 生态环境部, 江苏省人民政府" in world("show", "0536", "--as", "p-commission").stdout


@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_what_an_import_cannot_settle_is_asked_within_80_columns(world, tmp_path, tongue):
    """An unknown unit and a row that stands for several suggestions: a question each, no line wider than the screen, in one language."""
    rows = "77,十四届二次,关于加强某一项很长很长的工作以便看看问题如何换行的建议,教育部,没有这个名字很长很长的单位;财政部,,\n,十四届二次,关于乙的重点督办建议 (topic),文化和旅游部,没有这个单位,,\n"
    (tmp_path / "rows.csv").write_text("number,session,title,answering_unit,co_handling_units,reply_date,document_number\n" + rows, "utf-8")

    told = world("import", "suggestions", "rows.csv", "--lead", "李代表", "--as", "p-commission", "--lang", tongue)

    assert told.exit_code == 0
    assert "没有这个名字很长很长的单位" in told.stderr.replace("\n  ", "")
    assert max(cell_len(line) for line in told.output.splitlines()) <= 80
    assert ("unknown" in told.stderr) == (tongue == "en")
