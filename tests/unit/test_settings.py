"""The shipped settings of the eight jurisdictions, and what a check says of bad rows of both tables."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from engine.settings import SettingTable, read_rows
from engine.shipped import table_problems
from handlers import registry

pytestmark = pytest.mark.unit

FOLDER = Path(__file__).resolve().parents[2] / "processes"
FILES = {name: (FOLDER / name).read_bytes() for name in ("settings.dmn", "time_limits.dmn")}
EIGHT = ["national", "beijing", "shanghai", "chongqing", "shandong", "qingdao", "zhejiang", "henan"]
TODAY = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("jurisdiction", "name", "value", "is_law"),
    [
        ("national", "cfg.redoDecision", "commission-decides", True),
        ("shandong", "cfg.redoDecision", "automatic", True),
        ("henan", "cfg.redoDecision", "automatic", True),
        ("henan", "cfg.keyProposingBody", "commission", True),
        ("shandong", "cfg.keyProposingBody", "commission", False),
        ("zhejiang", "cfg.commissionName", "省人大常委会代表与选举任免工作委员会", True),
        ("qingdao", "cfg.replyCopies", [], False),
        ("henan", "cfg.afterSecond", "expert-assessment", True),
        ("beijing", "cfg.withdrawRule", "before-assignment", True),
        ("chongqing", "cfg.withdrawRule", "any-time", True),
        ("national", "cfg.withdrawRule", "any-time", False),
        ("national", "cfg.extensionConsent", "consent", False),
        ("henan", "cfg.extensionConsent", "notify-deputy", True),
        ("chongqing", "cfg.extensionConsent", "none", True),
        ("zhejiang", "cfg.plannedClasses", ["in-plan"], False),
    ],
)
def test_a_setting_is_as_its_text_says(jurisdiction: str, name: str, value: object, is_law: bool) -> None:
    """A confirmed text is law; what no text says, and what is unconfirmed, is never shown as law."""
    row = SettingTable.read(FILES["settings.dmn"]).in_force(jurisdiction, name, TODAY)

    assert row is not None
    assert (row.value, row.is_law) == (value, is_law)


def test_eight_jurisdictions_have_every_setting() -> None:
    """Each of the eight has a row for each setting of its own, and names in both languages."""
    table = SettingTable.read(FILES["settings.dmn"])

    assert list(table.jurisdictions) == EIGHT
    assert all(set(names) == {"zh", "en"} for names in table.jurisdictions.values())
    named = [{name for jurisdiction, name in table.by_name if jurisdiction == one} for one in EIGHT]
    assert all(names == named[0] for names in named)
    assert {name for name in registry().settings if not name.endswith(".")} == named[0]


LAWS = {
    ("全国人民代表大会和地方各级人民代表大会代表法(2025-03-11)", "national"): date(2025, 3, 11),
    ("全国人民代表大会议事规则(2021-03-11)", "national"): date(2021, 3, 11),
    ("北京市人民代表大会代表建议、批评和意见办理条例(2014-01-22)", "beijing"): date(2014, 1, 22),
    ("上海市人民代表大会关于代表建议、批评和意见的规定", "shanghai"): date(2015, 3, 1),
    ("重庆市人民代表大会代表建议批评和意见工作条例(2017-11-30)", "chongqing"): date(2018, 1, 1),
    ("山东省人民代表大会代表建议、批评和意见办理工作条例(2017-05-19)", "shandong"): date(2017, 5, 19),
    ("青岛市人民代表大会代表建议、批评和意见工作条例(2021-07-29)", "qingdao"): date(2021, 9, 1),
    ("浙江省人民代表大会代表建议、批评和意见办理的规定(2016-05-27)", "zhejiang"): date(2016, 5, 27),
    ("河南省人民代表大会代表建议、批评和意见办理办法(2017-07-28)", "henan"): date(2017, 8, 1),
}
"""Every law that a row may name, whose it is and since when it holds."""


def test_a_row_of_law_names_a_law_of_its_own_place_and_date() -> None:
    """No congress is held to another's text; the day is the day of the law; the article is named as laws name it."""
    rows, _ = read_rows(FILES["settings.dmn"])

    law = [row for row in rows if row.is_law]

    assert len(law) > 70
    assert {(row.row, LAWS.get((row.law, row.jurisdiction))) for row in law} == {(row.row, row.from_on) for row in law}
    assert [row.row for row in law if not re.fullmatch("第[一二三四五六七八九十]+条", row.article)] == []


def test_a_plan_is_no_law_and_binds_its_own_congress_only() -> None:
    """What the national plan of 2023 says is marked as a plan, with its item."""
    rows, _ = read_rows(FILES["settings.dmn"])

    plans = [row for row in rows if "计划" in row.law]

    assert {(row.jurisdiction, row.source, row.law) for row in plans} == {("national", "plan", "全国人大常委会2023年度代表工作计划")}
    assert [row.row for row in plans if not re.fullmatch(r"第\d+项", row.article)] == []
    assert not any(row.is_law for row in plans)


def test_what_no_text_says_is_never_shown_as_law() -> None:
    """What the book marks as unconfirmed in every congress is law in none; Beijing lists no classes and orders no redoing but of the perfunctory."""
    rows, _ = read_rows(FILES["settings.dmn"])
    law = {(row.jurisdiction, row.name) for row in rows if row.is_law}

    open_everywhere = {
        "cfg.classScheme", "cfg.clockOnReassign", "cfg.colours", "cfg.countFirstDay", "cfg.dueDateRoll", "cfg.evaluation", "cfg.numberFormat",
        "cfg.reminders", "cfg.returnUnset", "cfg.solvedOrPlanned", "cfg.specialReportPeriod",
    }  # fmt: skip
    assert {name for _, name in law} & open_everywhere == set()
    assert {("beijing", name) for name in ("cfg.replyClasses", "cfg.plannedClasses", "cfg.redoDecision", "cfg.feedbackAxes")} & law == set()
    assert {name for place, name in law if place == "national"} == {"cfg.commissionName", "cfg.keyDecidingBody", "cfg.redoDecision"}


def test_planned_and_solved_classes_are_classes_of_the_congress() -> None:
    """No congress counts or dates a class that it does not have; what may be excluded is what screening may tick."""
    table = SettingTable.read(FILES["settings.dmn"])
    ticked = json.loads((FOLDER / "forms" / "f-screen.json").read_text("utf-8"))["properties"]["excluded_codes"]["items"]["enum"]

    for place in EIGHT:
        classes, planned, solved, excluded = (
            row.value for name in ("replyClasses", "plannedClasses", "solvedOrPlanned", "excludedMatters") if (row := table.in_force(place, f"cfg.{name}", TODAY))
        )
        assert set(planned) <= set(solved) <= set(classes), place
        assert set(excluded) <= set(ticked), place


def test_the_date_decides_which_row_holds() -> None:
    """The deciding body of key items is another one before the law of 2025."""
    table = SettingTable.read(FILES["settings.dmn"])

    values = [row.value for on in (date(2022, 5, 1), date(2025, 5, 1)) if (row := table.in_force("national", "cfg.keyDecidingBody", on))]

    assert values == ["general-office", "chairpersons"]


def test_the_shipped_rows_are_without_fault() -> None:
    """Nothing is said about the tables that come with the product."""
    assert table_problems(FILES, registry()) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "row"),
    [
        (
            "settings.dmn",
            '<inputEntry id="in-jurisdiction-beijing-signatory"><text>"beijing"',
            '<inputEntry id="x"><text>"bejing"',
            "jurisdiction",
            "setting-beijing-signatory",
        ),
        (
            "settings.dmn",
            '<inputEntry id="in-name-beijing-signatorySeal"><text>"cfg.signatorySeal"',
            '<inputEntry id="x"><text>"cfg.delegationCheck"',
            "twice",
            "setting-beijing-delegationCheck",
        ),
        (
            "settings.dmn",
            '<outputEntry id="out-value-beijing-signatory"><text>"unit-leader"',
            '<outputEntry id="x"><text>7',
            "setting-value",
            "setting-beijing-signatory",
        ),
        (
            "settings.dmn",
            '<inputEntry id="in-name-beijing-signatory"><text>"cfg.signatory"',
            '<inputEntry id="x"><text>"cfg.signatori"',
            "setting",
            "setting-beijing-signatory",
        ),
        (
            "settings.dmn",
            '<outputEntry id="out-article-henan-signatory"><text>"第二十一条"',
            '<outputEntry id="x"><text>""',
            "setting-source",
            "setting-henan-signatory",
        ),
        (
            "settings.dmn",
            '<outputEntry id="out-source-henan-signatory"><text>"law"',
            '<outputEntry id="x"><text>"hearsay"',
            "setting-row",
            "setting-henan-signatory",
        ),
        ("time_limits.dmn", '<text>"beijing"</text>', '<text>"bejing"</text>', "jurisdiction", "rule-beijing-session-hand-over"),
        ("time_limits.dmn", '<text>"第五十一条（2015-08-29修正本为第四十二条，数字相同）"', '<text>""', "limit-source", "rule-national-reply"),
    ],
)
def test_a_bad_row_is_refused_by_name(file: str, old: str, new: str, rule: str, row: str) -> None:
    """Unknown jurisdiction, twice the same, wrong kind, unknown name, no article: the row is named."""
    text = FILES[file].decode()
    assert old in text

    (found,) = table_problems({**FILES, file: text.replace(old, new, 1).encode()}, registry())

    assert (found.rule, found.element_id, found.file) == (rule, row, file)
