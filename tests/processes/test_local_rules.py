"""What a congress's settings change in the shipped diagrams: the same diagrams and code, other rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine import ChangeSetting
from engine.errors import InvalidForm

from .local_world import CONTACT, EIGHT, PLAN, Local

SIGNERS = dict.fromkeys(("chongqing", "shandong", "zhejiang", "henan"), "principal-u1")
OWN_CLASSES = {
    "national": "A", "beijing": "B", "shanghai": "in-work-plan-with-date", "chongqing": "in-progress-with-date", "shandong": "in-plan-with-date",
    "qingdao": "multi-year-with-timetable", "zhejiang": "in-plan", "henan": "in-plan",
}  # fmt: skip
SOLE = [{"unit": "u1", "mode": "sole"}]
PROMISE = {"commitments": [{"text": "完成加装", "measure": "验收", "due_on": "2027-06-30"}]}
ASKED = {"reason": "涉及多个部门和大量老旧小区，需要逐一摸底调查，难以在三个月内办结。", "work_done": "已完成部分小区的调研。"}


@pytest.fixture(name="local_in")
def _local_in(congress: Callable[..., Any]) -> Callable[[str], Local]:
    return lambda place: Local(congress, place)


def _handling(local: Local, **paper: Any) -> str:
    """Assigned and signed in; gives the jurisdiction."""
    local.assign(SOLE, **paper)
    local.sign_in()
    return str(local.world.engine.runtime.jurisdiction)


def _replied(local: Local, **paper: Any) -> str:
    place = _handling(local, **paper)
    local.draft(OWN_CLASSES[place], signer=SIGNERS.get(place, "leader-u1"), **PROMISE)
    return place


def _second_reply(local: Local, place: str) -> None:
    local.draft(OWN_CLASSES[place], signer="principal-u1", number="建办〔2026〕2号", **PROMISE)
    local.dissatisfied()


@pytest.mark.parametrize("place", EIGHT)
def test_a_reply_is_of_a_class_of_its_congress_and_signed_by_whom_it_says(local_in: Callable[[str], Local], place: str) -> None:
    """A class of another congress is refused; a planned class without a promise too; the head that the text names signs."""
    local = local_in(place)
    _handling(local)
    other = "A" if place not in ("national", "beijing") else "solve-now"

    with pytest.raises(InvalidForm, match="reply_class: must be one of"):
        local.draft(other, signer="leader-u1")
    (draft,) = local.world.rows("work_item", element_id="draft-reply", status="open")
    reply = {"points": [{"point": "电梯", "answer": "已加装"}], "reply_class": OWN_CLASSES[place], "reply_form": "written", "publish_proposal": "full"}
    if place != "national":
        with pytest.raises(InvalidForm, match="promises at least one thing"):
            local.do("draft-reply", "a1", "handler-u1", **reply)
    local.do("draft-reply", "a1", "handler-u1", **reply, **PROMISE)
    local.do("review-publication", "a1", "secrecy-u1", secret=False, business_secret=False, privacy=False, publish_proposal="full")
    item = local.world.engine.item("watcher", local.item("sign-reply", "a1")["id"]).item

    assert draft["id"]
    assert item is not None
    assert item.groups == (SIGNERS.get(place, "leader-u1").replace("principal-", "unit-principal:").replace("leader-", "unit-leader:"),)


@pytest.mark.parametrize("place", EIGHT)
def test_a_dissatisfied_deputy_is_answered_again_by_order_or_at_once(local_in: Callable[[str], Local], place: str) -> None:
    """In Shandong and Henan the unit handles again without an order, elsewhere the commission decides first."""
    local = local_in(place)
    _replied(local)

    local.dissatisfied()

    at_once = place in ("shandong", "henan")
    assert ("study-dissatisfaction" in local.world.open_items()) is not at_once
    assert ("make-plan" in local.world.open_items()) is at_once


@pytest.mark.parametrize("place", ["chongqing", "henan"])
def test_after_a_second_dissatisfaction_both_are_convened_or_experts_assess(local_in: Callable[[str], Local], place: str) -> None:
    """In Henan experts assess, in Chongqing the commission calls both sides together; then the feedback is complete."""
    local = local_in(place)
    _replied(local)
    local.dissatisfied()
    if place == "chongqing":
        local.world.do("study-dissatisfaction", "clerk", decision="redo-same", reason="应再次办理")
    _second_reply(local, place)

    element = {"chongqing": "convene-both", "henan": "expert-assessment"}[place]
    local.world.do(element, "clerk", participants=["专家"], opinion="按评估意见处理", no_further=True)

    assert local.world.row("dispute")["opinion"] == "按评估意见处理"
    assert local.world.row("suggestion")["stage"] in ("closed", "closed-commitments-open", "archived")


@pytest.mark.parametrize("place", EIGHT)
def test_more_time_needs_consent_only_where_the_text_asks_for_it(local_in: Callable[[str], Local], place: str) -> None:
    """In Chongqing and Henan the unit takes the six months itself, the deputy is told; no day past the last one is given."""
    local = local_in(place)
    _handling(local)

    local.act("extension", "leader-u1", **ASKED, new_due_on="2026-12-01")

    needs_consent = place not in ("chongqing", "henan")
    assert ("decide-extension" in local.world.open_items()) is needs_consent
    if not needs_consent:
        local.do("make-plan", "a1", "handler-u1", **PLAN)
        local.do("contact-deputy", "a1", "handler-u1", **CONTACT)
        assert local.item("draft-reply", "a1")["due_on"] == {"chongqing": "2026-09-25", "henan": "2026-10-01"}[place]
        assert local.world.row("extension")["decision"] == "granted"
        assert "extension" in {row["kind"] for row in local.world.rows("letter")}


@pytest.mark.parametrize("place", EIGHT)
def test_a_joint_reply_goes_to_every_signer_or_to_the_lead(local_in: Callable[[str], Local], place: str) -> None:
    """In Qingdao the lead is answered and passes it on; that it was assigned each proposer is told everywhere."""
    local = local_in(place)
    _replied(local, proposer_type="joint", cosigners=["second", "third"])

    letters = [(row["kind"], row["recipient_id"]) for row in local.world.rows("letter")]

    every = ["lead", "second", "third"]
    assert sorted(who for kind, who in letters if kind == "reply") == (["lead"] if place == "qingdao" else every)
    assert sorted(who for kind, who in letters if kind == "assignment") == every


@pytest.mark.parametrize("place", EIGHT)
def test_only_what_the_text_keeps_out_is_found_against_a_suggestion(local_in: Callable[[str], Local], place: str) -> None:
    """A ground that only other congresses have is refused by name."""
    local = local_in(place)
    local.world.start("suggestion", "clerk", "start-import", title="关于某案的建议", proposer_type="single", session="14-2", channel="recess", lead_id="lead")
    mine = {"national": "enquiry", "beijing": "enquiry", "henan": "tender"}.get(place, "academic-product")
    others = {"national": None, "beijing": "no-content", "henan": "personal"}.get(place, "personal-interest")

    if others is not None:
        with pytest.raises(InvalidForm, match="is no excluded matter here"):
            local.world.do("political-quality-check", "clerk", checks=[], excluded_codes=[others], outcome="letter", reason="不宜")
    local.world.do("political-quality-check", "clerk", checks=[], excluded_codes=[mine], outcome="letter", reason="不宜")

    assert local.world.open_items() == ["second-check"]


@pytest.mark.parametrize("place", EIGHT)
def test_the_deputys_wish_counts_where_the_text_says_so(local_in: Callable[[str], Local], place: str) -> None:
    """In Henan nothing is published that the deputy holds unfit; elsewhere his consent is not asked by the text."""
    local = local_in(place)
    _handling(local, consent_publish="no")
    local.do("make-plan", "a1", "handler-u1", **PLAN)
    local.do("contact-deputy", "a1", "handler-u1", **CONTACT)
    reply = {"points": [{"point": "电梯", "answer": "已加装"}], "reply_class": OWN_CLASSES[place], "reply_form": "written", "publish_proposal": "full"}
    local.do("draft-reply", "a1", "handler-u1", **reply, **PROMISE)
    review = {"secret": False, "business_secret": False, "privacy": False}

    if place == "henan":
        with pytest.raises(InvalidForm, match="the deputy does not want it published"):
            local.do("review-publication", "a1", "secrecy-u1", **review, publish_proposal="full")
        local.do("review-publication", "a1", "secrecy-u1", **review, publish_proposal="none", reason="代表认为不宜公开")
    else:
        local.do("review-publication", "a1", "secrecy-u1", **review, publish_proposal="full")

    assert local.item("sign-reply", "a1")


def test_a_congress_that_publishes_no_replies_proposes_none(local_in: Callable[[str], Local]) -> None:
    """Set by the congress itself, it is refused at the review."""
    local = local_in("national")
    value = {"content": True, "reply": False, "feedback": False, "deputy_wish": False}
    local.world.engine.execute(ChangeSetting(actor="admin", name="cfg.publicationScope", value=value, from_on=date(2026, 4, 1), reason="试行"))
    _handling(local)

    with pytest.raises(InvalidForm, match="publishes no replies"):
        local.draft("A", signer="leader-u1")


def test_a_rating_is_one_of_the_congresss_scale(local_in: Callable[[str], Local]) -> None:
    """A congress that knows only satisfied and dissatisfied takes no rating between."""
    local = local_in("national")
    change = ChangeSetting(actor="admin", name="cfg.feedbackScale", value=["S", "N"], from_on=date(2026, 4, 1), reason="试行")
    local.world.engine.execute(change)
    _replied(local)

    with pytest.raises(InvalidForm, match="result: must be one of S, N"):
        local.world.do("give-feedback", "lead", handling="S", result="B", wants_redo=False, publish_rating=False)
