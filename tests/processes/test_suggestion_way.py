"""The way of a suggestion through its diagrams: draft, screening, assignment, receipt, return, closing, withdrawal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from engine import CompleteWorkItem, RegisterUnits, Select, StartInstance, Where
from engine.errors import InvalidForm, NotAllowed

FILES = (
    "suggestion.bpmn", "screening.bpmn", "assignment.bpmn", "handling.bpmn", "feedback.bpmn", "commitment.bpmn",
    "rule_screen.dmn", "rule_satisfied.dmn", "time_limits.dmn",
)  # fmt: skip
PEOPLE: dict[str, list[str]] = {
    "lead": ["deputy"],
    "second": ["deputy"],
    "third": ["deputy"],
    "head": ["deputy", "delegation:d01"],
    "clerk": ["commission", "secretariat"],
    "checker": ["commission"],
    "chief": ["commission"],
    "stranger": ["deputy"],
    **{f"desk-{unit}": [f"unit-desk:{unit}"] for unit in ("u1", "u2", "u3", "u4")},
    **{f"leader-{unit}": [f"unit-leader:{unit}"] for unit in ("u1", "u2", "u3", "u4")},
    "principal-u1": ["unit-principal:u1"],
    "handler-u1": ["unit-handler:u1"],
    "secrecy-u1": ["unit-secrecy:u1"],
}
UNITS = [
    *({"id": unit, "name": unit, "kind": "部委"} for unit in ("u1", "u2", "u3")),
    {"id": "u4", "name": "u4", "kind": "部委", "successors": [{"id": "u1", "on_date": "2018-03-17"}]},
]
DRAFT = {
    "title": "关于老旧小区加装电梯的建议", "proposer_type": "single", "session": "14-2", "channel": "recess",
    "facts": "老旧小区上下楼困难。", "proposal": "完善加装电梯的补助办法。", "consent_publish": "full",
}  # fmt: skip
FILING = {"one_matter": True, "not_excluded": True, "no_secret": True, "similar_seen": True}
PASSED = {"checks": ["one-matter", "real-content", "political", "quality"], "outcome": "pass"}
SIGNED = {"action": "sign", "leader_id": "leader-u1", "handler_id": "desk-u1", "contact_person": "张三", "phone": "010-1234"}
RETURN = {"reason": "本事项属于住房城乡建设管理职责，不属于本单位职责范围。", "duty_basis": "三定规定", "proposed_unit": "u3", "signed_by": "leader-u2"}
LEAD_AND_CO = [{"unit": "u1", "mode": "lead"}, {"unit": "u2", "mode": "co"}]


@pytest.fixture(name="world")
def _world(congress: Callable[..., Any]) -> Any:
    world = congress(files=FILES, people=PEOPLE)
    world.engine.execute(RegisterUnits(actor="admin", data=UNITS))
    return world


def _drafted(world: Any, **changed: Any) -> str:
    case = world.start("suggestion", "lead").case_id
    world.do("write-draft", "lead", **{**DRAFT, **changed})
    return str(case)


def _filed(world: Any, **changed: Any) -> str:
    case = _drafted(world, **changed)
    world.do("file-suggestion", "lead", **FILING)
    return case


def _classified(world: Any, **changed: Any) -> str:
    case = _filed(world, **changed)
    world.do("political-quality-check", "clerk", **PASSED)
    world.do("classify", "clerk", main_class="城乡建设")
    return case


def _assigned(world: Any, rows: list[Mapping[str, str]], **changed: Any) -> str:
    case = _classified(world, **changed)
    world.do("propose-allocation", "clerk", rows=rows)
    world.do("decide-allocation", "chief", approved=True)
    return case


def _stage(world: Any, case: str) -> str:
    return str(world.row("suggestion", id=case)["stage"])


def _import(world: Any, **data: Any) -> str:
    given = {"title": "关于建立高邮湖跨流域整治协同机制的建议", "proposer_type": "single", "session": "14-2", "channel": "recess", "lead_id": "lead"}
    command = StartInstance(actor="clerk", process="suggestion", element_id="start-import", data={**given, **data})
    case = world.engine.execute(command).case_id
    world.engine.drain()
    return str(case)


def _for_unit(world: Any, element: str, unit: str, **data: Any) -> None:
    """The unit's desk completes its own item, where several units have one each."""
    items = {row["item_id"] for row in world.rows("work_item_group", group_id=f"unit-desk:{unit}", status="open")}
    (item,) = [row["id"] for row in world.rows("work_item", element_id=element, status="open") if row["id"] in items]
    world.engine.execute(CompleteWorkItem(actor=f"desk-{unit}", item_id=item, data=data))
    world.engine.drain()
    assert world.rows("incident", status="open") == []


# -- draft and filing


def test_a_draft_is_seen_by_its_lead_alone(world: Any) -> None:
    """Until it is filed, neither another deputy nor the commission reads it; the lead and an auditor do."""
    case = _drafted(world)

    readers = {person for person in ("lead", "second", "clerk", "watcher") if _sees(world, person, case)}

    assert readers == {"lead", "watcher"}


def _sees(world: Any, person: str, case: str) -> bool:
    return bool(world.engine.select(person, Select(table="suggestion", where=(Where(column="id", value=case),))))


def test_filing_freezes_the_text(world: Any) -> None:
    """A filed suggestion has a hash of its text and waits for the screener, who may read it now."""
    case = _filed(world)

    row = world.row("suggestion", id=case)

    assert (row["stage"], row["filed_on"], row["received_on"]) == ("screening", "2026-04-01", "2026-04-01")
    assert len(row["text_hash"]) == 64
    assert _sees(world, "clerk", case)
    assert world.open_items() == ["political-quality-check"]


def test_only_confirmed_co_signers_propose(world: Any) -> None:
    """The lead may go on before all have answered; who did not confirm is dropped and no longer reads it."""
    case = _drafted(world, proposer_type="joint", cosigners=["second", "third"])
    (item,) = [row["id"] for row in world.rows("work_item", assignee="second", status="open")]
    world.engine.execute(CompleteWorkItem(actor="second", item_id=item, data={"answer": "confirm"}))

    world.act("close-cosigns", "lead")
    world.do("file-suggestion", "lead", **FILING)

    assert [(row["deputy_id"], row["role"]) for row in world.rows("proposer", suggestion_id=case)] == [("lead", "lead"), ("second", "cosigner")]
    assert (_sees(world, "second", case), _sees(world, "third", case)) == (True, False)


def test_a_co_signer_is_another_deputy(world: Any) -> None:
    """Neither the lead himself nor somebody who is no deputy can be invited."""
    world.start("suggestion", "lead")

    with pytest.raises(InvalidForm) as refused:
        world.do("write-draft", "lead", **{**DRAFT, "proposer_type": "joint", "cosigners": ["lead", "clerk"]})

    assert [problem.field for problem in refused.value.problems] == ["cosigners.0", "cosigners.1"]


def test_the_head_signs_for_a_delegation(world: Any) -> None:
    """A delegation's suggestion is filed after its head has signed; he is one of its proposers."""
    case = _drafted(world, proposer_type="delegation", delegation_id="d01")

    world.do("delegation-sign", "head", meeting_date="2026-03-30", discussed_by_all=True, head_id="head")
    world.do("file-suggestion", "lead", **FILING)

    assert world.row("proposer", suggestion_id=case, deputy_id="head")["role"] == "delegation-head"
    assert world.row("suggestion", id=case)["discussed_on"] == "2026-03-30"


# -- screening and registration


def test_a_good_suggestion_is_registered_with_the_next_number(world: Any) -> None:
    """Two registered suggestions of a session have the numbers 1 and 2."""
    first, second = _classified(world), _classified(world, title="关于加强无障碍环境建设的建议")

    shown = [world.row("suggestion", id=case)["display_number"] for case in (first, second)]

    assert shown == ["十四届二次0001号", "十四届二次0002号"]
    assert world.row("suggestion", id=first)["class"] == "城乡建设"
    assert world.row("screening", suggestion_id=first)["result"] == "registered"


def test_a_paper_keeps_its_number_and_takes_none_of_the_series(world: Any) -> None:
    """An imported suggestion with a number of its own shows it; the next one takes the first number of the series."""
    paper = _import(world, stated_number="0536", received_on="2024-03-08")
    world.do("political-quality-check", "clerk", **PASSED)
    world.do("classify", "clerk", main_class="生态环境")

    other = _classified(world)

    row = world.row("suggestion", id=paper)
    assert (row["display_number"], row["number"], row["stated_number"], row["received_on"]) == ("十四届二次0536号", 536, "0536", "2024-03-08")
    assert world.row("suggestion", id=other)["display_number"] == "十四届二次0001号"


def test_only_staff_take_in_paper(world: Any) -> None:
    """A deputy writes a draft; he does not import."""
    command = StartInstance(actor="lead", process="suggestion", element_id="start-import", data={})

    with pytest.raises(NotAllowed):
        world.engine.execute(command)


def test_every_outcome_but_pass_needs_a_second_person(world: Any) -> None:
    """The screener cannot confirm his own finding; another person can."""
    _filed(world)
    world.do("political-quality-check", "clerk", checks=[], outcome="refuse", reason="没有实际内容")

    with pytest.raises(InvalidForm, match="another person must confirm"):
        world.do("second-check", "clerk", second_agrees=True)
    world.do("second-check", "checker", second_agrees=True)

    assert world.open_items() == ["talk-to-deputy"]


def test_a_second_person_who_disagrees_sends_it_back(world: Any) -> None:
    """Then it is screened anew."""
    _filed(world)
    world.do("political-quality-check", "clerk", checks=[], outcome="refuse", reason="没有实际内容")

    world.do("second-check", "checker", second_agrees=False, reason="内容具体，应予登记")

    assert world.open_items() == ["political-quality-check"]


@pytest.mark.parametrize(
    ("outcome", "stage"), [("refuse", "refused"), ("letter", "as-letter"), ("reference", "for-reference")], ids=["refused", "letter", "reference"]
)
def test_what_is_not_registered_ends(world: Any, outcome: str, stage: str) -> None:
    """Refused, treated as a letter or passed on for reference: the suggestion ends without a number."""
    case = _screened_out(world, outcome, deputy_choice="agree")

    row = world.row("suggestion", id=case)
    assert (row["stage"], row["display_number"]) == (stage, None)
    assert world.row("instance", id=case)["status"] == "completed"


def _screened_out(world: Any, outcome: str, **explained: Any) -> str:
    case = _filed(world)
    world.do("political-quality-check", "clerk", checks=[], outcome=outcome, reason="见审核意见")
    world.do("second-check", "checker", second_agrees=True)
    world.do("talk-to-deputy", "clerk", explained=True, **explained)
    return case


def test_an_excluded_matter_is_never_passed(world: Any) -> None:
    """The rule table overrules a pass where an excluded matter was found."""
    _filed(world)

    world.do("political-quality-check", "clerk", checks=[], outcome="pass", excluded_codes=["court-case"])

    assert world.open_items() == ["second-check"]


def test_a_repaired_suggestion_is_filed_again_and_keeps_its_first_day(world: Any) -> None:
    """Sent back for repair it is written again; the first day of filing stays, the text has another hash."""
    case = _screened_out(world, "repair", deputy_choice="repair")
    before = world.row("suggestion", id=case)
    world.advance("2026-04-10T09:00+08:00")

    world.do("write-draft", "lead", **{**DRAFT, "proposal": "对加装电梯给予定额补助。"})
    world.do("file-suggestion", "lead", **FILING)

    after = world.row("suggestion", id=case)
    assert before["stage"] == "returned-for-repair"
    assert (after["stage"], after["filed_on"], after["received_on"]) == ("screening", "2026-04-01", "2026-04-10")
    assert after["text_hash"] != before["text_hash"]


def test_a_deputy_who_insists_is_registered_when_the_leader_accepts(world: Any) -> None:
    """The leader's name stands in the record."""
    case = _screened_out(world, "refuse", deputy_choice="insist", leader_accepts=True, leader_id="chief", remark="确有实际内容")

    assert _stage(world, case) == "registered"
    assert world.row("screening", suggestion_id=case)["leader_id"] == "chief"


def test_a_deputy_who_insists_in_vain_stays_refused(world: Any) -> None:
    """Where the leader does not accept, the outcome stands."""
    case = _screened_out(world, "refuse", deputy_choice="insist", leader_accepts=False, leader_id="chief", remark="维持")

    assert _stage(world, case) == "refused"


def test_the_same_title_is_found(world: Any) -> None:
    """A second suggestion with the same title points to the first."""
    first, second = _classified(world), _classified(world)

    found = [(row["other_id"], row["why"]) for row in world.rows("similar", suggestion_id=second)]

    assert found == [(first, "same-title")]


# -- assignment


def test_in_recess_a_suggestion_is_assigned_at_once(world: Any) -> None:
    """The day of the decision is the day of assignment; each unit has its own receipt and the answering one its due date."""
    case = _assigned(world, LEAD_AND_CO)

    assigned = [(row["id"], row["unit_id"], row["mode"], row["assigned_on"], row["reply_due_on"]) for row in world.rows("assignment")]

    assert assigned == [(f"{case}-a1", "u1", "lead", "2026-04-01", "2026-07-01"), (f"{case}-a2", "u2", "co", "2026-04-01", None)]
    assert _stage(world, case) == "assigned"
    assert world.open_items() == ["sign-in", "sign-in"]
    assert [(row["recipient_id"], row["kind"], row["delivered_on"]) for row in world.rows("letter")] == [("lead", "assignment", "2026-04-01")]
    assert _sees(world, "desk-u1", case)
    assert not _sees(world, "desk-u3", case)


def test_in_session_a_suggestion_waits_for_the_assignment_meeting(world: Any) -> None:
    """All suggestions that wait take the day of the meeting, whenever it is recorded."""
    first = _assigned(world, LEAD_AND_CO, channel="session")
    second = _assigned(world, [{"unit": "u3", "mode": "sole"}], channel="session")
    other = _assigned(world, [{"unit": "u3", "mode": "sole"}], channel="session", session="14-3")

    batch = world.start("assignment_meeting", "chief").case_id
    world.do("hold-assignment-meeting", "chief", session="14-2", held_on="2026-03-25", place="人民大会堂")

    assert [_stage(world, case) for case in (first, second, other)] == ["assigned", "assigned", "allocating"]
    assert {(row["suggestion_id"], row["assigned_on"], row["batch_id"]) for row in world.rows("assignment")} == {
        (first, "2026-03-25", batch),
        (second, "2026-03-25", batch),
    }
    assert world.row("meeting", batch_id=batch)["place"] == "人民大会堂"


def test_a_suggestion_that_missed_the_meeting_is_released_alone(world: Any) -> None:
    """The commission assigns it by hand, on the day of the act."""
    case = _assigned(world, LEAD_AND_CO, channel="session")

    world.act("release", "chief")

    assert world.row("suggestion", id=case)["assigned_on"] == "2026-04-01"


@pytest.mark.parametrize(
    "rows",
    [
        [{"unit": "u1", "mode": "lead"}],
        [{"unit": "u1", "mode": "co"}, {"unit": "u2", "mode": "co"}],
        [{"unit": "u1", "mode": "sole"}, {"unit": "u2", "mode": "co"}],
        [{"unit": "u1", "mode": "separate", "part": "一"}],
        [{"unit": "u1", "mode": "separate", "part": "一"}, {"unit": "u2", "mode": "separate"}],
        [{"unit": "u1", "mode": "lead"}, {"unit": "u1", "mode": "co"}],
        [{"unit": "u1", "mode": "lead"}, {"unit": "u4", "mode": "co"}],
        [{"unit": "u1", "mode": "reference"}],
        [{"unit": "u9", "mode": "sole"}],
    ],
    ids=["lead-alone", "no-lead", "sole-and-co", "one-separate", "no-part", "twice", "predecessor", "nobody-answers", "unknown"],
)
def test_an_invalid_set_is_refused(world: Any, rows: list[Mapping[str, str]]) -> None:
    """V4: what is no valid set is refused where it is typed, and nothing is saved."""
    _classified(world)

    with pytest.raises(InvalidForm):
        world.do("propose-allocation", "clerk", rows=rows)

    assert world.rows("allocation") == []


def test_who_proposed_the_units_does_not_decide(world: Any) -> None:
    """Four eyes; sent back it is proposed anew."""
    _classified(world)
    world.do("propose-allocation", "chief", rows=LEAD_AND_CO)

    with pytest.raises(InvalidForm, match="another person must decide"):
        world.do("decide-allocation", "chief", approved=True)
    world.do("decide-allocation", "checker", approved=False, reason="应由住建部门独办")

    assert world.open_items() == ["propose-allocation"]


# -- receipt and return


def test_a_signed_receipt_begins_the_handling(world: Any) -> None:
    """The unit names its people and handles the suggestion."""
    case = _assigned(world, [{"unit": "u1", "mode": "sole"}])

    world.do("sign-in", "desk-u1", **SIGNED)

    row = world.row("receipt", assignment_id=f"{case}-a1")
    assert (row["unit_id"], row["signed_in_on"], row["handler_id"], row["contact_person"]) == ("u1", "2026-04-01", "desk-u1", "张三")
    assert world.row("instance", process="handling", key=f"{case}-a1")["status"] == "running"


def _asked_back(world: Any, **changed: Any) -> str:
    case = _assigned(world, LEAD_AND_CO)
    _for_unit(world, "sign-in", "u2", action="ask-return")
    world.do("ask-return", "desk-u2", **{**RETURN, **changed})
    return case


def test_an_asked_return_leaves_the_unit_responsible(world: Any) -> None:
    """Until the commission has decided, the assignment stands as it is (V5)."""
    case = _asked_back(world)

    row = world.row("assignment", id=f"{case}-a2")
    assert (row["status"], row["ended_on"]) == ("active", None)
    assert world.open_items() == ["draft-return-decision", "sign-in"]
    assert world.row("return_request", assignment_id=f"{case}-a2")["times"] == 1


def test_an_accepted_return_ends_and_begins_in_one_commit(world: Any) -> None:
    """The old assignment ends and the new one begins in the same row of history; the lead goes on untouched."""
    case = _asked_back(world)
    world.advance("2026-04-08T09:00+08:00")
    world.do("draft-return-decision", "clerk", decision="accept-new-unit", new_rows=[{"unit": "u3", "mode": "co"}], reason="职责在 u3")

    receipt = world.do("decide-return", "chief", approved=True)

    kinds = [event.kind for event in receipt.events if type(event).__name__ == "FactStated"]
    assert kinds[:2] == ["AssignmentReturned", "UnitReassigned"]
    assert [(r["id"], r["unit_id"], r["mode"], r["status"], r["assigned_on"], r["predecessor_id"]) for r in world.rows("assignment")] == [
        (f"{case}-a1", "u1", "lead", "active", "2026-04-01", None),
        (f"{case}-a2", "u2", "co", "returned", "2026-04-01", None),
        (f"{case}-a3", "u3", "co", "active", "2026-04-08", f"{case}-a2"),
    ]
    decision = world.row("return_decision", id=f"{case}-a2")
    assert (decision["drafted_by"], decision["decided_by"], decision["new_unit_id"]) == ("clerk", "chief", "u3")
    assert (_sees(world, "desk-u2", case), _sees(world, "desk-u3", case)) == (False, True)
    ended = {row["key"]: row["status"] for row in world.rows("instance", process="receipt")}
    assert ended == {f"{case}-a1": "running", f"{case}-a2": "completed", f"{case}-a3": "running"}
    assert sorted(row["kind"] for row in world.rows("letter")) == ["assignment", "change"]


def test_a_returned_lead_leaves_a_new_lead_with_the_same_co_handlers(world: Any) -> None:
    """The new lead is told who helps it; its reply limit runs from its own assignment."""
    case = _assigned(world, LEAD_AND_CO)
    _for_unit(world, "sign-in", "u1", action="ask-return")
    world.do("ask-return", "desk-u1", **{**RETURN, "signed_by": "leader-u1"})
    world.advance("2026-04-08T09:00+08:00")

    world.do("draft-return-decision", "clerk", decision="accept-new-unit", new_rows=[{"unit": "u3", "mode": "lead"}], reason="职责在 u3")
    world.do("decide-return", "chief", approved=True)

    assert world.row("assignment", id=f"{case}-a3")["reply_due_on"] == "2026-07-08"
    told = world.row("delivery", name="msg-assigned", key=f"{case}-a3")["content"]
    assert told["co_assignments"] == [{"assignment_id": f"{case}-a2", "unit": "u2"}]


def test_a_lead_left_alone_is_sole(world: Any) -> None:
    """Where the co-handler is dropped without another, the lead handles alone."""
    case = _asked_back(world)

    world.do("draft-return-decision", "clerk", decision="accept-new-mode", new_rows=[], reason="无须协办")
    world.do("decide-return", "chief", approved=True)

    assert [(row["id"], row["mode"], row["status"]) for row in world.rows("assignment")] == [
        (f"{case}-a1", "sole", "active"),
        (f"{case}-a2", "co", "returned"),
    ]


def test_the_set_after_a_return_is_valid(world: Any) -> None:
    """V4 holds for what would stand: the lead cannot be its own co-handler, nor may two units lead."""
    _asked_back(world)

    for rows in ([{"unit": "u1", "mode": "co"}], [{"unit": "u3", "mode": "lead"}], [{"unit": "u4", "mode": "co"}]):
        with pytest.raises(InvalidForm):
            world.do("draft-return-decision", "clerk", decision="accept-new-unit", new_rows=rows, reason="改办")

    assert world.rows("return_decision") == []


def test_who_drafted_the_return_decision_does_not_decide(world: Any) -> None:
    """Four eyes; the decider may have it drafted anew."""
    _asked_back(world)
    world.do("draft-return-decision", "chief", decision="refuse", reason="属于本单位职责")

    with pytest.raises(InvalidForm, match="another person must decide"):
        world.do("decide-return", "chief", approved=True)
    world.do("decide-return", "checker", approved=False, remark="请说明理由")

    assert world.open_items() == ["draft-return-decision", "sign-in"]


def test_a_refused_return_comes_back_to_the_receipt(world: Any) -> None:
    """The unit signs for it or asks once more; nothing of the assignment has changed."""
    case = _asked_back(world)

    world.do("draft-return-decision", "clerk", decision="refuse", reason="属于本单位职责")
    world.do("decide-return", "chief", approved=True)

    assert world.row("assignment", id=f"{case}-a2")["status"] == "active"
    assert world.row("return_decision", id=f"{case}-a2")["decided_by"] == "chief"
    assert world.open_items() == ["sign-in", "sign-in"]


def test_a_third_return_is_not_possible(world: Any) -> None:
    """After two refusals the unit signs."""
    _asked_back(world)
    _refuse(world)
    _for_unit(world, "sign-in", "u2", action="ask-return")
    world.do("ask-return", "desk-u2", **RETURN)
    _refuse(world)

    with pytest.raises(InvalidForm, match="sign for it"):
        _for_unit(world, "sign-in", "u2", action="ask-return")


def _refuse(world: Any) -> None:
    world.do("draft-return-decision", "clerk", decision="refuse", reason="属于本单位职责")
    world.do("decide-return", "chief", approved=True)


def test_a_return_is_signed_by_a_leader_and_names_another_unit(world: Any) -> None:
    """A desk alone cannot send back, nor send back to itself."""
    _assigned(world, LEAD_AND_CO)
    _for_unit(world, "sign-in", "u2", action="ask-return")

    with pytest.raises(InvalidForm) as refused:
        world.do("ask-return", "desk-u2", **{**RETURN, "proposed_unit": "u2", "signed_by": "desk-u2"})

    assert sorted(problem.field for problem in refused.value.problems) == ["proposed_unit", "signed_by"]


def test_two_units_may_ask_at_once(world: Any) -> None:
    """Lead and co-handler ask before either is decided; each decision keeps the set valid and reaches its own unit."""
    case = _asked_back(world)
    _for_unit(world, "sign-in", "u1", action="ask-return")
    world.do("ask-return", "desk-u1", **{**RETURN, "signed_by": "leader-u1"})

    _decide(world, f"{case}-a1", [{"unit": "u3", "mode": "lead"}])
    _decide(world, f"{case}-a2", [{"unit": "u1", "mode": "co"}])

    active = [(row["unit_id"], row["mode"], row["predecessor_id"]) for row in world.rows("assignment", status="active")]
    assert active == [("u3", "lead", f"{case}-a1"), ("u1", "co", f"{case}-a2")]


def _decide(world: Any, assignment: str, rows: list[Mapping[str, str]]) -> None:
    """Draft and decide the return of this assignment, where several are open: the form says which."""
    drafts = [row["id"] for row in world.rows("work_item", element_id="draft-return-decision", status="open")]
    about = [item for item in drafts if world.engine.item("clerk", item).item.inputs["assignment_id"] == assignment]
    data = {"decision": "accept-new-unit", "new_rows": rows, "reason": "改办"}
    world.engine.execute(CompleteWorkItem(actor="clerk", item_id=about[0], data=data))
    world.do("decide-return", "chief", approved=True)


# -- reply, feedback, commitments, archive


def _replied(world: Any, number: str = "建办〔2026〕1号", signer: str = "leader-u1", **more: Any) -> None:
    """The unit plans, talks, drafts, reviews and signs one reply."""
    steps = [{"text": "调研", "due_on": "2026-05-01"}]
    world.do("make-plan", "handler-u1", points=["电梯"], bureau="城建司", leader_id="leader-u1", steps=steps, contact_plan="电话")
    contacted = {"stage": "before", "form": "phone", "at": "2026-04-01", "persons": ["lead"], "content": "听取意见", "more": False}
    world.do("contact-deputy", "handler-u1", **contacted)
    answer = {"points": [{"point": "电梯", "answer": "已加装"}], "reply_class": "A", "reply_form": "written", "publish_proposal": "full"}
    world.do("draft-reply", "handler-u1", **{**answer, **more})
    review = {"secret": False, "business_secret": False, "privacy": False, "publish_proposal": "full"}
    world.do("review-publication", "secrecy-u1", **review)
    world.do("sign-reply", signer, decision="sign", document_number=number)


def _signed_for(world: Any, **changed: Any) -> str:
    case = _assigned(world, [{"unit": "u1", "mode": "sole"}], **changed)
    world.do("sign-in", "desk-u1", **SIGNED)
    return case


def test_a_satisfied_deputy_closes_the_suggestion(world: Any) -> None:
    """Answered and rated, with nothing promised, it is closed and archived on the same day."""
    case = _signed_for(world)
    _replied(world)

    world.do("give-feedback", "lead", handling="S", result="B")

    row = world.row("suggestion", id=case)
    assert (row["stage"], row["closed_on"], row["archived_on"]) == ("archived", "2026-04-01", "2026-04-01")
    assert world.row("instance", id=case)["status"] == "completed"
    assert world.open_items() == []


def test_a_dissatisfied_deputy_is_answered_again(world: Any) -> None:
    """The order to handle again opens a second round; only its feedback closes the suggestion."""
    case = _signed_for(world)
    _replied(world)
    world.do("give-feedback", "lead", handling="S", result="N", text="没有解决")
    world.do("study-dissatisfaction", "clerk", decision="redo-same", reason="代表意见有理")
    assert _stage(world, case) == "assigned"

    _replied(world, "建办〔2026〕2号", "principal-u1")
    world.do("give-feedback", "lead", handling="S", result="S")

    assert _stage(world, case) == "archived"


def test_each_separate_unit_must_be_answered(world: Any) -> None:
    """With two separate units, the feedback on one reply leaves the suggestion open."""
    case = _assigned(world, [{"unit": "u1", "mode": "separate", "part": "补助"}, {"unit": "u2", "mode": "separate", "part": "规划"}])
    _for_unit(world, "sign-in", "u1", **SIGNED)
    _replied(world)

    world.do("give-feedback", "lead", handling="S", result="S")

    assert _stage(world, case) == "assigned"
    assert [row["part"] for row in world.rows("assignment")] == ["补助", "规划"]


def test_a_promise_keeps_the_case_open_after_closing(world: Any) -> None:
    """Closed with a commitment open, it is archived when the commitment has ended."""
    case = _signed_for(world)
    promise = {"text": "2026年9月30日前完成加装", "measure": "验收", "due_on": "2026-09-30"}
    _replied(world, reply_class="B", commitments=[promise])
    world.do("give-feedback", "lead", handling="S", result="S")
    assert _stage(world, case) == "closed-commitments-open"

    world.do("confirm-line", "desk-u1", matches=True)
    world.act("change", "leader-u1", cannot=True, reason_kind="policy", reason="规划调整")

    assert _stage(world, case) == "archived"


def test_a_promise_may_end_before_the_suggestion_closes(world: Any) -> None:
    """Its message is taken while the deputy has not rated yet; closing then finds nothing open."""
    case = _signed_for(world)
    _replied(world, reply_class="B", commitments=[{"text": "完成加装", "measure": "验收", "due_on": "2026-09-30"}])
    world.do("confirm-line", "desk-u1", matches=True)
    world.act("change", "leader-u1", cannot=True, reason_kind="policy", reason="规划调整")

    world.do("give-feedback", "lead", handling="S", result="S")

    assert _stage(world, case) == "archived"


def test_every_proposer_is_written_to(world: Any) -> None:
    """The lead and the co-signer each get a letter of their own about the assignment, each delivered once."""
    _drafted(world, proposer_type="joint", cosigners=["second"])
    world.do("collect-cosigns", "second", answer="confirm")
    world.do("file-suggestion", "lead", **FILING)
    world.do("political-quality-check", "clerk", **PASSED)
    world.do("classify", "clerk", main_class="城乡建设")
    world.do("propose-allocation", "clerk", rows=LEAD_AND_CO)
    world.do("decide-allocation", "chief", approved=True)

    letters = world.rows("letter", kind="assignment")

    assert [(row["recipient_id"], row["delivered_on"]) for row in letters] == [("lead", "2026-04-01"), ("second", "2026-04-01")]
    assert len({row["proof"] for row in letters}) == 2


# -- withdrawal


def test_the_lead_withdraws_before_assignment(world: Any) -> None:
    """Everything open ends; a number given before is kept."""
    case = _classified(world)

    world.act("withdraw", "lead", signed=True, reason="已解决")

    row = world.row("suggestion", id=case)
    assert (row["stage"], row["withdrawn_on"], row["display_number"]) == ("withdrawn", "2026-04-01", "十四届二次0001号")
    assert row["withdraw_reason"] == "已解决"
    assert world.open_items() == []
    assert world.row("instance", id=case)["status"] == "completed"


def test_nobody_else_withdraws_it(world: Any) -> None:
    """A co-signer cannot withdraw the whole suggestion."""
    _drafted(world, proposer_type="joint", cosigners=["second"])

    with pytest.raises(InvalidForm, match="only the lead"):
        world.act("withdraw", "second", signed=True)


def test_what_the_units_do_ends_with_a_withdrawal_after_assignment(world: Any) -> None:
    """Where it may be withdrawn at any time, lead and co have nothing to do any more, and history proves it."""
    _assigned(world, LEAD_AND_CO)

    world.act("withdraw", "lead", signed=True)

    assert world.open_items() == []
    assert {row["status"] for row in world.rows("assignment")} == {"withdrawn"}
    assert [report.findings for report in (world.engine.verify(), world.engine.replay(), world.engine.rebuild())] == [[], [], []]


def test_history_proves_the_whole_way(world: Any) -> None:
    """What was walked verifies, re-decides the same and folds to the same tables."""
    _asked_back(world)
    _decide(world, world.rows("assignment")[1]["id"], [{"unit": "u3", "mode": "co"}])

    reports = (world.engine.verify(), world.engine.replay(), world.engine.rebuild())

    assert [report.findings for report in reports] == [[], [], []]
