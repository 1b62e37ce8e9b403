"""The shipped settings of the eight jurisdictions, and what a check says of bad rows of both tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.settings import SettingTable
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
        ("settings.dmn", '<inputEntry id="in-jurisdiction-beijing-signatory"><text>"beijing"', '<inputEntry id="x"><text>"bejing"', "jurisdiction", "setting-beijing-signatory"),
        ("settings.dmn", '<inputEntry id="in-name-beijing-signatorySeal"><text>"cfg.signatorySeal"', '<inputEntry id="x"><text>"cfg.delegationCheck"', "twice", "setting-beijing-delegationCheck"),
        ("settings.dmn", '<outputEntry id="out-value-beijing-signatory"><text>"unit-leader"', '<outputEntry id="x"><text>7', "setting-value", "setting-beijing-signatory"),
        ("settings.dmn", '<inputEntry id="in-name-beijing-signatory"><text>"cfg.signatory"', '<inputEntry id="x"><text>"cfg.signatori"', "setting", "setting-beijing-signatory"),
        ("settings.dmn", '<outputEntry id="out-article-henan-signatory"><text>"第二十一条"', '<outputEntry id="x"><text>""', "setting-source", "setting-henan-signatory"),
        ("settings.dmn", '<outputEntry id="out-source-henan-signatory"><text>"law"', '<outputEntry id="x"><text>"hearsay"', "setting-row", "setting-henan-signatory"),
        ("time_limits.dmn", '<text>"beijing"</text>', '<text>"bejing"</text>', "jurisdiction", "rule-beijing-session-hand-over"),
        ("time_limits.dmn", "<text>\"第五十一条（2015-08-29修正本为第四十二条，数字相同）\"", '<text>""', "limit-source", "rule-national-reply"),
    ],
)
def test_a_bad_row_is_refused_by_name(file: str, old: str, new: str, rule: str, row: str) -> None:
    """Unknown jurisdiction, twice the same, wrong kind, unknown name, no article: the row is named."""
    text = FILES[file].decode()
    assert old in text

    (found,) = table_problems({**FILES, file: text.replace(old, new, 1).encode()}, registry())

    assert (found.rule, found.element_id, found.file) == (rule, row, file)
