"""A suggestion goes its whole way in the made-up congress of the how-to: two tables have more rows, and nothing else is changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import InvalidForm

from .conftest import PROCESSES
from .local_world import FILES, Local

PAGE = (PROCESSES.parent / "docs" / "how-to" / "add-a-jurisdiction.md").read_text("utf-8")
END = "    </decisionTable>"


def _tables() -> dict[str, bytes]:
    """Copies of both tables with the rows of the page."""
    found = {}
    for file, rows in re.findall(r"^```xml (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        found[file] = (PROCESSES / file).read_text("utf-8").replace(END, rows + END).encode()
    assert set(found) == {"settings.dmn", "time_limits.dmn"}
    return found


@pytest.fixture(name="local")
def _local(congress: Callable[..., Any]) -> Local:
    return Local(congress, "linshui", files=[file for file in FILES if file not in _tables()], more=_tables())


def test_a_suggestion_goes_its_whole_way(local: Local) -> None:
    """Two months from receipt; a class of another congress is refused; the unit handles again at once and within 20 days; then it closes."""
    world = local.world
    local.assign([{"unit": "u1", "mode": "sole"}])
    assert local.assignment()["reply_due_on"] == "2026-06-01"
    local.sign_in()
    with pytest.raises(InvalidForm, match="must be one of solved, in-plan-with-date, cannot"):
        local.draft("A", signer="leader-u1")
    reply = {"points": [{"point": "电梯", "answer": "已加装"}], "reply_class": "solved", "reply_form": "written", "publish_proposal": "full"}
    local.do("draft-reply", "a1", "handler-u1", **reply)
    local.do("review-publication", "a1", "secrecy-u1", secret=False, business_secret=False, privacy=False, publish_proposal="full")
    local.do("sign-reply", "a1", "leader-u1", decision="sign", document_number="临办〔2026〕1号")
    assert world.item("give-feedback")["due_on"] is None

    world.advance("2026-05-10T09:00+08:00")
    local.dissatisfied()
    local.draft("cannot", signer="principal-u1", number="临办〔2026〕2号")
    world.do("give-feedback", "lead", handling="S", result="S", wants_redo=False, publish_rating=False)

    first, second = sorted(world.rows("reply"), key=lambda row: row["round"])
    assert (first["due_on"], first["late"], second["due_on"], second["late"]) == ("2026-06-01", False, "2026-05-30", False)
    assert world.row("suggestion")["stage"] == "archived"
    for report in (world.engine.verify(), world.engine.replay(), world.engine.rebuild()):
        assert report.findings == []
