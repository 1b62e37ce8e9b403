"""The ways through handling by a unit (单位办理), reply, feedback and letters, walked in the diagrams themselves."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InvalidForm
from engine.registry import Change
from tests.processes.handling_world import Instance, World

pytestmark = pytest.mark.processes

S, A = "1042", "1042-a1"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    proposers = (("d1", "lead", 1, "2026-03-01"), ("d2", "cosigner", 2, "2026-03-02"), ("d3", "cosigner", 3, None))
    world.write(
        *(
            Change(
                op="insert",
                table="proposer",
                key={"suggestion_id": S, "deputy_id": deputy},
                values={"role": role, "place": place, "confirmed_on": confirmed},
            )
            for deputy, role, place, confirmed in proposers
        )
    )
    return world


def assigned(world: World, assignment_id: str, mode: str, unit: str) -> None:
    """The suggestion was assigned to the unit."""
    values = {"suggestion_id": S, "unit_id": unit, "mode": mode, "reply_due_on": "2026-07-01", "status": "active", "round": 1, "assigned_on": world.today}
    world.write(Change(op="upsert", table="assignment", key={"id": assignment_id}, values=values))


def signed_in(world: World, assignment_id: str = A, mode: str = "sole", unit: str = "u1", **more: Any) -> Instance:
    """The unit signed for an assignment of 1 April 2026."""
    assigned(world, assignment_id, mode, unit)
    days = {"assigned_on": world.today, "received_on": world.today, "reply_due_on": world.due("reply", world.today)}
    return world.start("msg-signed-in", assignment_id, suggestion_id=S, unit=unit, mode=mode, round=1, lead_id="d1", **days, **more)


def plan(world: World, **more: Any) -> None:
    data = {"points": ["电梯"], "bureau": "城建司", "leader_id": "u1-leader", "steps": [{"text": "调研", "due_on": "2026-05-01"}], "contact_plan": "电话"}
    world.complete("make-plan", "u1-handler", **data, **more)


def contact(world: World, *, more: bool = False) -> None:
    world.complete("contact-deputy", "u1-handler", stage="before", form="phone", at="2026-04-10", persons=["d1"], content="听取意见", more=more)


def draft(world: World, reply_class: str = "A", **more: Any) -> None:
    points = [{"point": "电梯", "answer": "已加装"}]
    world.complete("draft-reply", "u1-handler", points=points, reply_class=reply_class, reply_form="written", publish_proposal="full", **more)


def review(world: World) -> None:
    world.complete("review-publication", "u1-secrecy", secret=False, business_secret=False, privacy=False, publish_proposal="full")


def sign(world: World, number: str = "建办〔2026〕1号", who: str = "u1-leader") -> None:
    world.complete("sign-reply", who, decision="sign", document_number=number)


def replied(world: World, round_: int = 1) -> None:
    """One round of handling to the signed reply."""
    plan(world)
    contact(world)
    draft(world)
    review(world)
    sign(world, f"建办〔2026〕{round_}号")


def test_a_sole_unit_plans_talks_drafts_and_signs(world: World) -> None:
    """From sign-in to the reply: one item after the other, each for the role that does it, and the deputy is asked for his rating."""
    handling = signed_in(world)

    assert world.open() == [(A, "make-plan", "unit-handler:u1")]
    plan(world)
    contact(world, more=True)
    contact(world)
    assert world.open() == [(A, "draft-reply", "unit-handler:u1")]
    draft(world)
    assert world.open() == [(A, "review-publication", "unit-secrecy:u1")]
    review(world)
    assert world.open() == [(A, "sign-reply", "unit-leader:u1")]
    sign(world)

    assert handling.status == "terminated"
    (reply,) = world.rows("reply")
    assert (reply["id"], reply["reply_class"], reply["document_number"], reply["due_on"], reply["late"]) == (
        "1042-a1-r1",
        "A",
        "建办〔2026〕1号",
        "2026-07-01",
        False,
    )
    assert len(world.rows("contact")) == 2
    assert world.open() == [("1042-a1-r1", "give-feedback", "d1")]


def test_the_principal_head_signs_where_the_congress_says_so(world: World) -> None:
    """With cfg.signatory unit-principal the first reply too is the principal head's to sign (重庆2017#23)."""
    world.settings["cfg.signatory"] = "unit-principal"
    signed_in(world)

    assert world.open() == [(A, "make-plan", "unit-handler:u1")]
    plan(world)
    contact(world, more=True)
    contact(world)
    assert world.open() == [(A, "draft-reply", "unit-handler:u1")]
    draft(world)
    assert world.open() == [(A, "review-publication", "unit-secrecy:u1")]
    review(world)
    assert world.open() == [(A, "sign-reply", "unit-principal:u1")]


def test_each_confirmed_proposer_gets_his_own_letter(world: World) -> None:
    """The lead and the co-signer who confirmed each get a reply letter; the invited one who did not answer gets none."""
    signed_in(world)

    replied(world)

    letters = world.rows("letter")
    assert {(row["recipient_id"], row["kind"], row["about"]) for row in letters} == {("d1", "reply", "1042-a1-r1"), ("d2", "reply", "1042-a1-r1")}
    assert all(row["proof"] for row in letters)


def test_the_drafter_gets_it_back_with_a_reason(world: World) -> None:
    """What the leader sends back is drafted, reviewed and signed again."""
    signed_in(world)
    plan(world)
    contact(world)
    draft(world)
    review(world)

    world.complete("sign-reply", "u1-leader", decision="send-back", reason="措施不具体")

    assert world.open() == [(A, "draft-reply", "unit-handler:u1")]
    assert world.rows("reply_draft")[0]["returned_reason"] == "措施不具体"
    draft(world)
    review(world)
    sign(world)
    assert len(world.rows("reply")) == 1


def test_a_planned_class_needs_a_commitment(world: World) -> None:
    """A reply of class B without a promise is refused (V7); with one, a commitment is made and its message goes out."""
    signed_in(world)
    plan(world)
    contact(world)

    with pytest.raises(InvalidForm) as refused:
        draft(world, "B")
    assert [(p.field, p.rule) for p in refused.value.problems] == [("commitments", "commitment_needed")]

    draft(world, "B", commitments=[{"text": "加装电梯", "measure": "投入使用", "due_on": "2026-09-30"}])
    review(world)
    sign(world)

    (made,) = world.rows("commitment")
    assert (made["id"], made["text"], made["due_on_first"]) == ("1042-a1-r1-c1", "加装电梯", "2026-09-30")
    assert [(t.name, t.key) for t in world.unheard] == [("msg-commitment-made", "1042-a1-r1-c1")]
    assert {"suggestion_id", "assignment_id", "reply_id", "unit", "due_on", "lead_id"} == set(world.unheard[0].variables)


def test_a_key_item_is_signed_by_the_principal(world: World) -> None:
    """What the unit made its key item (重点办理) is signed by its principal."""
    signed_in(world)
    plan(world, internal_key=True)
    contact(world)
    draft(world)

    review(world)

    assert world.open() == [(A, "sign-reply", "unit-principal:u1")]


def test_the_document_number_is_the_units_only_one(world: World) -> None:
    """A number that the unit gave to another reply is refused at signing."""
    signed_in(world)
    replied(world)
    signed_in(world, "1042-a2", mode="separate")
    plan(world)
    contact(world)
    draft(world)
    review(world)

    with pytest.raises(InvalidForm) as refused:
        sign(world)

    assert [p.rule for p in refused.value.problems] == ["number_used"]


# -- reference and co-handlers


def test_a_reference_copy_is_read_and_that_is_all(world: World) -> None:
    """A unit that only reads (参阅) owes no reply, whatever day it is."""
    handling = signed_in(world, mode="reference")
    world.day("2026-12-31")

    world.complete("read-reference", "u1-handler", note="用于规划编制")

    assert handling.status == "completed"
    assert world.rows("reference_reading")[0]["note"] == "用于规划编制"


def co_handled(world: World) -> tuple[Instance, Instance]:
    """A lead unit u1 and a co-handler u2, assigned together, both signed in."""
    assigned(world, "1042-a2", "co", "u2")
    lead = signed_in(world, mode="lead", co_assignments=[{"assignment_id": "1042-a2", "unit": "u2"}])
    return lead, signed_in(world, "1042-a2", "co", "u2")


def co_opinion(world: World) -> None:
    world.complete("write-co-opinion", "u2-handler", points=[{"point": "电梯", "answer": "支持"}], opinion_class="B")
    world.complete("sign-co-opinion", "u2-leader", decision="sign", document_number="财办〔2026〕7号")


def test_the_lead_waits_for_the_co_opinion(world: World) -> None:
    """The reply is drafted when the co-handler's signed paper came, and says so."""
    _, co = co_handled(world)
    plan(world)
    contact(world)
    assert world.open() == [("1042-a2", "write-co-opinion", "unit-handler:u2")]

    co_opinion(world)

    assert co.status == "completed"
    assert world.open() == [(A, "draft-reply", "unit-handler:u1")]
    with pytest.raises(InvalidForm) as refused:
        draft(world)
    assert [p.rule for p in refused.value.problems] == ["co_statement_missing"]
    draft(world, co_statements=[{"unit": "u2", "received": True, "statement": "已采纳"}])


def test_a_co_opinion_that_was_in_before_the_lead_began_is_not_waited_for(world: World) -> None:
    """However late the lead signs in, the paper is there for its reply, and no message is left over."""
    assigned(world, A, "lead", "u1")
    co = signed_in(world, "1042-a2", "co", "u2")
    co_opinion(world)
    assert (co.status, world.unheard) == ("completed", [])

    signed_in(world, mode="lead")
    plan(world)
    contact(world)

    draft(world, co_statements=[{"unit": "u2", "received": True, "statement": "已采纳"}])


def test_a_co_opinion_that_goes_back_is_written_again(world: World) -> None:
    """The co-handler's leader sends a draft back; nothing goes to the lead before he signs."""
    co_handled(world)
    world.complete("write-co-opinion", "u2-handler", points=[{"point": "电梯", "answer": "支持"}], opinion_class="B")

    world.complete("sign-co-opinion", "u2-leader", decision="send-back", reason="缺少资金安排")

    assert ("1042-a2", "write-co-opinion", "unit-handler:u2") in world.open()
    assert world.rows("opinion")[0]["sent_on"] is None


def test_the_lead_goes_on_without_a_missing_opinion_and_says_so(world: World) -> None:
    """The lead may stop waiting; the reply then states that the opinion was not received (V8), and a later paper is filed only."""
    lead, co = co_handled(world)
    plan(world)
    contact(world)

    world.act("go-on-without", "u1-handler", reason="期限将到")

    with pytest.raises(InvalidForm) as refused:
        draft(world, co_statements=[{"unit": "u2", "received": True, "statement": "已采纳"}])
    assert [p.rule for p in refused.value.problems] == ["co_statement_untrue"]
    draft(world, co_statements=[{"unit": "u2", "received": False, "statement": "u2未提出意见"}])
    co_opinion(world)
    assert co.status == "completed"
    assert world.unheard == []
    review(world)
    sign(world)
    assert lead.status == "terminated"


def test_a_replaced_co_handler_is_stated_as_the_set_stands(world: World) -> None:
    """A co-handler that came in place of another is the one of whom the reply speaks; its paper is filed where the lead finds it."""
    co_handled(world)
    world.write(Change(op="update", table="assignment", key={"id": "1042-a2"}, values={"status": "returned"}))
    world.day("2026-04-20")
    signed_in(world, "1042-a3", "co", "u3")
    plan(world)
    contact(world)
    for instance in world.instances:
        if instance.key == "1042-a2":
            instance.items.clear()

    world.complete("write-co-opinion", "u3-handler", points=[{"point": "电梯", "answer": "支持"}], opinion_class="B")
    world.complete("sign-co-opinion", "u3-leader", decision="sign", document_number="发改〔2026〕3号")
    assert world.unheard == []
    world.act("go-on-without", "u1-handler", reason="原协办单位已改办")

    draft(world, co_statements=[{"unit": "u3", "received": True, "statement": "已采纳"}])
    assert world.rows("co_waiver")[0]["missing"] == []


# -- time


def test_an_overdue_reply_is_noted_and_the_item_stays(world: World) -> None:
    """The day after the limit the reply is overdue: noted, still to be done, and late when it comes."""
    handling = signed_in(world)

    world.day("2026-07-01")
    assert [fact.kind for fact in handling.facts] == []
    world.day("2026-07-02")

    assert [fact.kind for fact in handling.facts] == ["ReplyOverdue"]
    replied(world)
    assert world.rows("reply")[0]["late"] is True


def test_an_extension_moves_the_limit(world: World) -> None:
    """A granted extension moves the last day, so that a reply after the first one is in time; the proposers are told."""
    handling = signed_in(world)
    world.act("extension", "u1-leader", reason="涉及面广、处理难度大，需要会同多个部门研究论证资金来源", work_done="已调研", new_due_on="2026-09-30")
    assert (A, "decide-extension", "commission") in world.open()

    with pytest.raises(InvalidForm) as refused:
        world.complete("decide-extension", "c1", decision="granted", granted_due_on="2026-10-02")
    assert [p.rule for p in refused.value.problems] == ["past_limit"]
    world.complete("decide-extension", "c1", decision="granted", granted_due_on="2026-10-01")
    world.day("2026-07-02")
    replied(world)

    assert "ReplyOverdue" not in [fact.kind for fact in handling.facts]
    assert world.rows("reply")[0]["due_on"] == "2026-10-01"
    assert world.rows("reply")[0]["late"] is False
    assert world.rows("extension")[0]["decision"] == "granted"
    assert {row["recipient_id"] for row in world.rows("letter") if row["kind"] == "extension"} == {"d1", "d2"}
    assert world.unheard == []


def test_a_granted_extension_moves_the_open_item(world: World) -> None:
    """An item that is open when more time is granted takes the new date."""
    handling = signed_in(world)
    plan(world)
    contact(world)
    (item,) = handling.items.values()
    assert item.due_on == date(2026, 7, 1)

    world.act("extension", "u1-leader", reason="涉及面广、处理难度大，需要会同多个部门研究论证资金来源", work_done="已调研", new_due_on="2026-09-30")
    world.complete("decide-extension", "c1", decision="granted", granted_due_on="2026-08-31")

    (item,) = handling.items.values()
    assert item.due_on == date(2026, 8, 31)


def test_a_granted_extension_ends_too(world: World) -> None:
    """The day after the new date the reply is overdue."""
    handling = signed_in(world)
    world.act("extension", "u1-leader", reason="涉及面广、处理难度大，需要会同多个部门研究论证资金来源", work_done="已调研", new_due_on="2026-09-30")
    world.complete("decide-extension", "c1", decision="granted", granted_due_on="2026-08-31")

    world.day("2026-09-01")

    assert handling.facts[-1].kind == "ReplyOverdue"


def test_an_undecided_extension_counts_as_not_granted(world: World) -> None:
    """When the reply falls due and nobody has decided, the item is taken away, the date stands, and the proposers are told."""
    handling = signed_in(world)
    world.act("extension", "u1-leader", reason="涉及面广、处理难度大，需要会同多个部门研究论证资金来源", work_done="已调研", new_due_on="2026-09-30")

    world.day("2026-07-02")

    assert world.open() == [(A, "make-plan", "unit-handler:u1")]
    assert {fact.kind for fact in handling.facts} >= {"ReplyOverdue", "ExtensionRefused"}
    assert world.rows("extension")[0]["decision"] == "undecided"
    assert world.unheard == []


def test_more_time_is_asked_for_once(world: World) -> None:
    """A second request for the same assignment is refused, also after a refusal."""
    signed_in(world)
    reason = "涉及面广、处理难度大，需要会同多个部门研究论证资金来源"
    world.act("extension", "u1-leader", reason=reason, work_done="已调研", new_due_on="2026-09-30")
    world.complete("decide-extension", "c1", decision="refused", reason="可以按期答复")

    with pytest.raises(InvalidForm) as refused:
        world.act("extension", "u1-leader", reason=reason, work_done="已调研", new_due_on="2026-09-30")

    assert [p.rule for p in refused.value.problems] == ["asked_before"]


def test_an_open_request_ends_with_the_reply(world: World) -> None:
    """When the reply goes out, nothing is left open in the handling."""
    handling = signed_in(world)
    world.act("extension", "u1-leader", reason="涉及面广、处理难度大，需要会同多个部门研究论证资金来源", work_done="已调研", new_due_on="2026-09-30")

    replied(world)

    assert handling.status == "terminated"
    assert [element for _, element, _ in world.open()] == ["give-feedback"]


def test_contact_goes_on_at_any_time(world: World) -> None:
    """A talk may be entered again and again beside the work, and each is a row of its own."""
    signed_in(world)

    for content in ("一", "二"):
        world.act("contact", "u1-handler", stage="during", form="phone", at="2026-04-20", persons=["d1"], content=content, more=False)

    assert [row["content"] for row in world.rows("contact")] == ["一", "二"]


# -- feedback


def test_a_satisfied_deputy_completes_the_feedback(world: World) -> None:
    """Both ratings satisfied or basically satisfied: the suggestion is told that the feedback is complete."""
    signed_in(world)
    replied(world)

    feedback = world.complete("give-feedback", "d1", handling="S", result="B")

    assert feedback.status == "completed"
    (thrown,) = world.unheard
    assert (thrown.name, thrown.key, dict(thrown.variables)) == (
        "msg-feedback-complete",
        S,
        {"reply_id": "1042-a1-r1", "assignment_id": A, "round": 1},
    )
    assert world.rows("feedback")[0]["result"] == "B"


def test_dissatisfied_with_the_result_alone_needs_words_and_is_studied(world: World) -> None:
    """Handling S and result N: text is required, and the commission studies it."""
    signed_in(world)
    replied(world)

    with pytest.raises(InvalidForm):
        world.complete("give-feedback", "d1", handling="S", result="N")
    world.complete("give-feedback", "d1", handling="S", result="N", text="没有解决")

    assert world.open() == [("1042-a1-r1", "study-dissatisfaction", "commission")]


def test_an_explanation_closes_the_feedback(world: World) -> None:
    """The commission may explain instead: the proposers get a letter and the feedback is complete."""
    signed_in(world)
    replied(world)
    world.complete("give-feedback", "d1", handling="S", result="N", text="没有解决")

    world.complete("study-dissatisfaction", "c1", decision="explain", reason="政策暂不允许")

    assert [thrown.name for thrown in world.unheard] == ["msg-feedback-complete"]
    assert {row["recipient_id"] for row in world.rows("letter") if row["kind"] == "explanation"} == {"d1", "d2"}
    assert world.open() == []


def test_a_second_handling_and_a_dispute_without_a_third_round(world: World) -> None:
    """Dissatisfied twice: the superior organ answers again, its principal signs, then both sides are convened; no third round opens."""
    signed_in(world)
    replied(world)
    world.complete("give-feedback", "d1", handling="N", result="N", text="没有解决")

    world.complete("study-dissatisfaction", "c1", decision="redo-superior", to_unit="u9", reason="由上级机关办理")

    assert world.open() == [(A, "make-plan", "unit-handler:u9")]
    assert world.unheard == []
    plan(world)
    contact(world)
    draft(world)
    review(world)
    assert world.open() == [(A, "sign-reply", "unit-principal:u9")]
    sign(world, "国办〔2026〕9号", "u9-principal")
    world.complete("give-feedback", "d1", handling="S", result="N", text="仍未解决")
    assert world.open() == [("1042-a1-r2", "convene-both", "commission")]
    world.complete("convene-both", "c1", participants=["d1", "u9"], opinion="列入明年计划", no_further=True)

    assert world.open() == []
    assert [(t.name, t.key, t.variables["round"]) for t in world.unheard] == [("msg-feedback-complete", S, 2)]
    assert [(row["id"], row["due_on"], row["late"]) for row in world.rows("reply")] == [
        ("1042-a1-r1", "2026-07-01", False),
        ("1042-a1-r2", None, False),
    ]
