"""The limit table of the deployment (办理期限表): what the law texts say, and nothing where they say nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.limits import LimitTable

FILE = Path(__file__).parents[3] / "processes" / "time_limits.dmn"


@pytest.fixture(name="table", scope="module")
def _table() -> LimitTable:
    return LimitTable.read(FILE.read_bytes())


@pytest.mark.parametrize(
    ("jurisdiction", "limit_id", "amount", "unit", "starts_at"),
    [
        ("national", "reply", 3, "month", "assigned"),
        ("national", "reply-extended", 6, "month", "assigned"),
        ("shanghai", "reply-extended", 3, "month", "reply-limit-ended"),
        ("zhejiang", "reply", 3, "month", "received-by-unit"),
        ("chongqing", "co-opinion-redo", 5, "working_day", "co-redo-asked"),
        ("qingdao", "return-ask", 5, "working_day", "received-by-unit"),
        ("shandong", "assign-recess", 5, "day", "received-by-congress"),
        ("henan", "feedback", 10, "working_day", "reply-received"),
        ("beijing", "session-hand-over", 0, "day", "session-closed"),
    ],
)
def test_a_limit_is_as_its_text_says(table: LimitTable, jurisdiction: str, limit_id: str, amount: int, unit: str, starts_at: str) -> None:
    """Amount, unit and start of a limit are those of its article."""
    (row,) = table.rows(jurisdiction, limit_id)

    assert (row.amount, row.unit, row.starts_at) == (amount, unit, starts_at)
    assert row.law
    assert row.article.startswith("第")


@pytest.mark.parametrize("limit_id", ["return-ask", "first-contact", "co-opinion", "feedback", "second-reply", "commitment-rating", "assign-recess"])
def test_what_no_national_text_says_is_unset(table: LimitTable, limit_id: str) -> None:
    """In the national jurisdiction only the reply has a limit among those of a suggestion."""
    assert table.rows("national", limit_id) == ()


def test_the_national_reply_limit_holds_since_2015(table: LimitTable) -> None:
    """The three months are known from the text of 2015; before it nothing is counted."""
    assert table.rows("national", "reply")[0].effective_from == date(2015, 8, 29)


def test_each_row_of_the_texts_is_a_rule() -> None:
    """One rule a row, each with its own id, so that an analyst can change one without another."""
    text = FILE.read_text("utf-8")

    assert text.count("<rule id=") == 61
    assert len({part.split('"')[0] for part in text.split(' id="')[1:]}) == text.count(' id="')
