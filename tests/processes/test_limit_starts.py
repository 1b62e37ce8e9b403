"""Every clock of a suggestion starts where the row of its limit says, in each jurisdiction; what is unset runs no clock and is never late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import InvalidForm

from .local_world import CONTACT, EIGHT, PLAN, Local

SIGNERS = {"chongqing": "principal-u1", "shandong": "principal-u1", "zhejiang": "principal-u1", "henan": "principal-u1"}
CLASSES = {"shanghai": "solved-or-adopted", "chongqing": "solved-or-adopted", "shandong": "solved", "qingdao": "within-year", "zhejiang": "solve-now", "henan": "solved"}
WHY = {"reason": "涉及多个部门和大量老旧小区，需要逐一摸底调查，难以在三个月内办结。", "work_done": "已完成部分小区的调研。"}
# Assigned on 25 March, received on 1 April 2026; no calendar is published, so working days are Monday to Friday.
REPLY = dict.fromkeys(EIGHT, "2026-06-25") | {"zhejiang": "2026-07-01", "henan": "2026-07-01"}
LATEST = dict.fromkeys(EIGHT, "2026-09-25") | {"zhejiang": "2026-10-01", "henan": "2026-10-01"}
RETURN_ASK = {"shanghai": "2026-04-10", "chongqing": "2026-04-08", "shandong": "2026-04-06", "qingdao": "2026-04-08", "zhejiang": "2026-04-11", "henan": "2026-04-08"}
WITHOUT_CONSENT = ("chongqing", "henan")
REASSIGN = {"chongqing": "2026-04-16", "henan": "2026-04-16"}
CO_OPINION = {"shanghai": "2026-05-01", "chongqing": "2026-05-06", "shandong": "2026-05-01", "qingdao": "2026-05-01", "zhejiang": "2026-06-01", "henan": "2026-06-01"}
# The reply came on 6 May, the deputy rated it on 8 May, the second handling was ordered on 11 May.
FEEDBACK = {"beijing": "2026-05-27", "chongqing": "2026-06-03", "henan": "2026-05-20"}
SECOND = {"beijing": "2026-07-11", "shanghai": "2026-06-11", "chongqing": "2026-07-11", "shandong": "2026-06-08", "zhejiang": "2026-06-11", "henan": "2026-06-08"}


@pytest.fixture(name="local", params=EIGHT)
def _local(request: pytest.FixtureRequest, congress: Callable[..., Any]) -> Local:
    return Local(congress, request.param)


def _place(local: Local) -> str:
    return str(local.world.engine.runtime.jurisdiction)


def _replied(local: Local) -> None:
    local.assign([{"unit": "u1", "mode": "sole"}])
    local.sign_in()
    local.world.advance("2026-05-06T09:00+08:00")
    local.draft(CLASSES.get(_place(local), "A"), signer=SIGNERS.get(_place(local), "leader-u1"))


def _order_redo(local: Local) -> None:
    """In Shandong and Henan the unit handles again without an order, on the day of the rating."""
    if _place(local) not in ("shandong", "henan"):
        local.world.do("study-dissatisfaction", "clerk", decision="redo-same", reason="应再次办理")


def test_the_reply_counts_from_where_its_row_says(local: Local) -> None:
    """From the assignment, in Zhejiang and Henan from the receipt; signing in late lengthens nothing; six months likewise."""
    place = _place(local)
    local.assign()
    assert local.assignment()["reply_due_on"] == REPLY[place]

    local.world.advance("2026-04-20T09:00+08:00")
    local.sign_in()
    local.do("make-plan", "a1", "handler-u1", **PLAN)
    local.act("extension", "leader-u1", **WHY, new_due_on=LATEST[place])
    if place not in WITHOUT_CONSENT:
        assert local.item("decide-extension", "a1")["due_on"] == REPLY[place]
        local.do("decide-extension", "a1", "chief", decision="granted", granted_due_on=LATEST[place])
    local.do("contact-deputy", "a1", "handler-u1", **CONTACT)
    local.act("go-on-without", "handler-u1", reason="协办单位尚未提出意见，主办先行答复。")
    assert local.item("draft-reply", "a1")["due_on"] == LATEST[place]


def test_no_extension_reaches_past_the_last_day(local: Local) -> None:
    """A day after the last day of an extended reply is refused; where nobody decides, the last day stands."""
    place = _place(local)
    local.assign()
    local.sign_in()
    year, month, day = LATEST[place].split("-")
    past = f"{year}-{month}-{int(day) + 1:02}"
    local.act("extension", "leader-u1", **WHY, new_due_on=past)

    if place in WITHOUT_CONSENT:
        assert local.world.row("extension")["granted_due_on"] == LATEST[place]
        return
    with pytest.raises(InvalidForm, match="past " + LATEST[place]):
        local.do("decide-extension", "a1", "chief", decision="granted", granted_due_on=past)


def test_a_return_counts_from_where_its_row_says(local: Local) -> None:
    """Asking for a return and deciding on it; where the limit is unset the item has no due date."""
    place = _place(local)
    local.assign()
    local.do("sign-in", "a2", "desk-u2", action="ask-return")
    assert local.item("ask-return", "a2")["due_on"] == RETURN_ASK.get(place)

    local.world.advance("2026-04-02T09:00+08:00")
    asked = {"reason": "本事项属于住房城乡建设管理职责，不属于本单位职责范围。", "duty_basis": "三定规定", "proposed_unit": "u1", "signed_by": "leader-u2"}
    local.do("ask-return", "a2", "desk-u2", **asked)

    assert local.world.item("draft-return-decision")["due_on"] == REASSIGN.get(place)


def test_a_co_opinion_counts_from_where_its_row_says(local: Local) -> None:
    """In Chongqing from the assignment, elsewhere from the receipt, nationally and in Beijing there is no limit."""
    local.assign()
    local.world.advance("2026-04-20T09:00+08:00")
    local.sign_in("a2", "u2")

    assert local.item("write-co-opinion", "a2")["due_on"] == CO_OPINION.get(_place(local))


def test_feedback_and_a_second_reply_count_from_where_their_rows_say(local: Local) -> None:
    """The deputy's days run from the reply; the second reply's from the order, its receipt, or the deputy's dissatisfaction."""
    place = _place(local)
    _replied(local)
    assert local.world.item("give-feedback")["due_on"] == FEEDBACK.get(place)

    local.world.advance("2026-05-08T09:00+08:00")
    local.dissatisfied()
    local.world.advance("2026-05-11T09:00+08:00")
    _order_redo(local)
    local.do("make-plan", "a1", "handler-u1", **{**PLAN, "steps": [{"text": "调研", "due_on": "2026-06-01"}]})
    local.do("contact-deputy", "a1", "handler-u1", **CONTACT)

    assert local.item("draft-reply", "a1")["due_on"] == SECOND.get(place)


def test_what_is_unset_is_never_late(local: Local) -> None:
    """Years later an unset limit has set no timer, stated nothing overdue and made no reply late."""
    place = _place(local)
    _replied(local)
    local.dissatisfied()
    _order_redo(local)

    local.world.advance("2029-05-06T09:00+08:00")
    local.draft(CLASSES.get(place, "A"), signer="principal-u1", number="建办〔2026〕2号")

    second = local.world.row("reply", assignment_id=f"{local.case}-a1", round=2)
    assert (second["due_on"] is None, second["late"]) == ((True, False) if place not in SECOND else (False, True))
    overdue = [event for row in local.world.engine.history("watcher", local.case) for event in row.events if getattr(event, "kind", "") == "ReplyOverdue"]
    assert len(overdue) == (1 if place in SECOND else 0)
