"""What the actors of the demonstration write: the data of each form, from the route and from what stands. Texts are marked 演示.

`PAPERS` maps a form's id to the function that fills it. Each is given a `Desk`: the item or act, the day, and a look into the records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .plans import Promise
from .routes import Route, Topic

MARK = "（演示）"
Look = Callable[..., Sequence[Mapping[str, Any]]]
"""`look(table, **column=value) -> rows`, as the auditor sees them."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What lies on an actor's desk: whose case, which element, which instance (its process and key), which unit, today."""

    person: str
    element_id: str
    process: str
    key: str
    case_id: str
    unit: str
    today: date
    look: Look
    due: Callable[[str, date], date | None] = lambda limit, start: None
    """The last day by a limit counted from a day, None where it is unset."""
    route: Route | None = None
    topic: Topic | None = None

    @property
    def of_route(self) -> Route:
        """The route of the suggestion that this is about."""
        assert self.route is not None
        return self.route

    @property
    def of_topic(self) -> Topic:
        """The bundle that this is about."""
        assert self.topic is not None
        return self.topic

    @property
    def round(self) -> int:
        """The round of a reply instance (its key ends in -r<n>); of a handling: one more than the replies already signed."""
        if self.process == "reply":
            return int(self.key.rpartition("-r")[2])
        return 1 + len(self.look("reply", assignment_id=self.key))

    @property
    def promise(self) -> Promise:
        """The promise that a commitment instance is about (its key ends in -c<n>)."""
        return self.of_route.plan.promises[int(self.key.rpartition("-c")[2]) - 1]


def fill(form_id: str, desk: Desk) -> dict[str, Any]:
    """The data of the form. Raises KeyError for a form that the demonstration does not know."""
    return PAPERS[form_id](desk)


def import_paper(route: Route) -> dict[str, Any]:
    """f-import: a real suggestion as its row states it. Text was not published, so there is none."""
    data: dict[str, Any] = {
        "title": route.row.title,
        "proposer_type": route.proposer_type,
        "session": route.session.id,
        "channel": route.channel,
        "lead_id": route.plan.lead,
        "filed_on": route.filed_on.isoformat(),
        "received_on": route.filed_on.isoformat(),
        "session_demo": route.session_is_made_up,
        "demo": not route.is_real,
    }
    if route.plan.cosigners:
        data["cosigners"] = list(route.plan.cosigners)
    if route.plan.delegation:
        data["delegation_id"] = route.plan.delegation
    if route.row.stated_number:
        data["stated_number"] = route.row.stated_number
    return data


def topic_paper(topic: Topic, members: Sequence[str]) -> dict[str, Any]:
    """f-topic-proposal: a bundle with the cases of its members."""
    data: dict[str, Any] = {
        "title": topic.row.title,
        "grounds": list(topic.plan.grounds),
        "items": list(members),
        "lead_unit_id": topic.row.lead_unit_id,
        "participants": list(topic.row.participant_ids),
        "committee_id": topic.plan.committee,
        "demo": False,
    }
    return data | ({"stated_count": topic.row.stated_count} if topic.row.stated_count else {})


# -- proposing, screening, assigning


def _draft(desk: Desk) -> dict[str, Any]:
    route = desk.of_route
    again = bool(desk.look("screening", suggestion_id=desk.case_id))
    data: dict[str, Any] = {
        "title": route.row.title,
        "proposer_type": route.proposer_type,
        "session": route.session.id,
        "channel": route.channel,
        "facts": f"情况和问题{'，已按审核意见修改' if again else ''}{MARK}",
        "proposal": f"具体建议{MARK}",
        "consent_publish": "full",
    }
    if route.plan.cosigners:
        data["cosigners"] = list(route.plan.cosigners)
    if route.plan.delegation:
        data["delegation_id"] = route.plan.delegation
    return data


def _delegation_sign(desk: Desk) -> dict[str, Any]:
    return {"meeting_date": desk.today.isoformat(), "discussed_by_all": True, "head_id": f"{desk.of_route.plan.delegation}-head"}


def _file(desk: Desk) -> dict[str, Any]:
    return {"one_matter": True, "not_excluded": True, "no_secret": True, "similar_seen": True}


def _screen(desk: Desk) -> dict[str, Any]:
    wanted = desk.of_route.plan.screening
    screened = any(row["outcome"] for row in desk.look("screening", suggestion_id=desk.case_id))
    outcome = "pass" if wanted == "repair" and screened else wanted
    data: dict[str, Any] = {"checks": ["one-matter", "real-content", "political", "quality", "no-secret"], "outcome": outcome}
    if outcome == "letter":
        data["excluded_codes"] = ["personal"]
    return data if outcome == "pass" else data | {"reason": f"审核意见{MARK}"}


def _explain(desk: Desk) -> dict[str, Any]:
    return {"explained": True, "deputy_choice": "agree"}


def _allocation(desk: Desk) -> dict[str, Any]:
    route = desk.of_route
    if route.plan.first_unit:
        return {"rows": [{"unit": route.plan.first_unit, "mode": "sole"}], "reason": f"按内容分办{MARK}"}
    rows = [{"unit": s.unit, "mode": s.mode} | ({"part": s.part} if s.part else {}) for s in route.shares]
    return {"rows": rows, "reason": f"按职责分办{MARK}"}


def _meeting(desk: Desk) -> dict[str, Any]:
    raise KeyError("f-meeting is filled by the walk, which knows the session")


def _sign_in(desk: Desk) -> dict[str, Any]:
    if desk.unit == desk.of_route.plan.first_unit:
        return {"action": "ask-return"}
    unit = desk.unit
    return {
        "action": "sign",
        "leader_id": f"{unit}-leader",
        "handler_id": f"{unit}-handler",
        "contact_person": f"联系人{MARK}",
        "phone": "010-00000000",
    }


def _return(desk: Desk) -> dict[str, Any]:
    return {
        "reason": f"该建议主要内容不属于本单位职责范围，请改由有关部门研究办理{MARK}",
        "duty_basis": f"部门职责规定{MARK}",
        "proposed_unit": desk.of_route.shares[0].unit,
        "signed_by": f"{desk.unit}-leader",
    }


def _return_decision(desk: Desk) -> dict[str, Any]:
    asked = [row["assignment_id"] for row in desk.look("return_request", suggestion_id=desk.case_id)]
    decided = {row["id"] for row in desk.look("return_decision", suggestion_id=desk.case_id) if row["decided_on"]}
    rows = [{"unit": share.unit, "mode": share.mode} for share in desk.of_route.shares]
    open_one = next(identifier for identifier in asked if identifier not in decided)
    return {"assignment_id": open_one, "decision": "accept-new-unit", "new_rows": rows, "reason": f"同意改办{MARK}"}


# -- handling, reply, feedback


def _plan(desk: Desk) -> dict[str, Any]:
    return {
        "points": [f"逐点研究{MARK}"],
        "bureau": f"有关司局{MARK}",
        "leader_id": f"{desk.unit}-leader",
        "steps": [{"text": f"与代表沟通后起草答复{MARK}", "due_on": (desk.today + timedelta(days=7)).isoformat()}],
        "contact_plan": f"电话和座谈{MARK}",
    }


def _contact(desk: Desk) -> dict[str, Any]:
    return {
        "stage": "during",
        "form": "phone",
        "at": desk.today.isoformat(),
        "persons": [desk.of_route.plan.lead],
        "content": f"听取代表意见{MARK}",
        "more": False,
    }


def _co_opinion(desk: Desk) -> dict[str, Any]:
    return {"points": [{"point": "协办部分", "answer": f"协办意见{MARK}"}], "opinion_class": "A"}


def _sign_co_opinion(desk: Desk) -> dict[str, Any]:
    return {"decision": "sign", "document_number": f"演示协〔{desk.today.year}〕{desk.key}号"}


def _reply(desk: Desk) -> dict[str, Any]:
    route, first = desk.of_route, desk.round == 1
    promises = route.plan.promises if first and desk.unit == route.shares[0].unit else ()
    data: dict[str, Any] = {
        "points": [{"point": "建议所提问题", "answer": f"逐点答复{MARK}"}],
        "reply_class": "B" if promises else route.plan.reply_class if route.plan.reply_class != "B" else "A",
        "reply_form": "written",
        "publish_proposal": "full",
    }
    if promises:
        data["commitments"] = [{"text": promise.text, "measure": f"有关部门验收{MARK}", "due_on": promise.due_on.isoformat()} for promise in promises]
    return data | _co_statements(desk)


def _co_statements(desk: Desk) -> dict[str, Any]:
    """V8: each co-handler's opinion, or that it was not received."""
    own = desk.look("assignment", id=desk.key)
    if not own or own[0]["mode"] != "lead":
        return {}
    sent = {row["assignment_id"] for row in desk.look("opinion", suggestion_id=desk.case_id) if row["sent_on"]}
    others = [row for row in desk.look("assignment", suggestion_id=desk.case_id) if row["mode"] == "co" and row["status"] == "active"]
    return {
        "co_statements": [
            {
                "unit": row["unit_id"],
                "received": row["id"] in sent,
                "statement": f"{'已采纳协办意见' if row['id'] in sent else '至今未收到协办意见'}{MARK}",
            }
            for row in others
        ]
    }


def _review(desk: Desk) -> dict[str, Any]:
    return {"secret": False, "business_secret": False, "privacy": False, "publish_proposal": "full"}


def _sign_reply(desk: Desk) -> dict[str, Any]:
    row = desk.of_route.row
    own_number = row.document_number if desk.round == 1 and desk.unit == desk.of_route.shares[0].unit else ""
    made_up = f"演示复〔{desk.today.year}〕{desk.key}{'-2' if desk.round > 1 else ''}号"
    return {"decision": "sign", "document_number": own_number or made_up}


def _feedback(desk: Desk) -> dict[str, Any]:
    ratings = desk.of_route.plan.ratings
    handling, result = ratings[min(desk.round, len(ratings)) - 1]
    data: dict[str, Any] = {"handling": handling, "result": result}
    return data | ({"text": f"希望进一步研究{MARK}"} if "N" in (handling, result) else {})


def _extension(desk: Desk) -> dict[str, Any]:
    return {
        "reason": f"涉及部门多、办理难度大，需要进一步会商和实地调研后答复{MARK}",
        "work_done": f"已会商一次{MARK}",
        "new_due_on": extended_to(desk).isoformat(),
    }


def extended_to(desk: Desk) -> date:
    """The date asked for: some days after the day on which the reply will be signed, and never past the longest time."""
    assigned = date.fromisoformat(desk.look("assignment", id=desk.key)[0]["assigned_on"])
    wanted, latest = desk.of_route.reply_day(assigned) + timedelta(days=12), desk.due("reply-extended", assigned)
    return min(wanted, latest) if latest else wanted


def _extension_decision(desk: Desk) -> dict[str, Any]:
    return {"decision": "granted", "granted_due_on": extended_to(desk).isoformat()}


def _redo(desk: Desk) -> dict[str, Any]:
    return {"decision": "redo-same", "reason": f"请进一步研究代表意见{MARK}"}


def _dispute(desk: Desk) -> dict[str, Any]:
    return {"participants": [desk.of_route.plan.lead, f"{desk.unit}-leader"], "opinion": f"双方交换意见{MARK}", "no_further": True}


# -- commitments


def _met(desk: Desk) -> dict[str, Any]:
    return {"done_on": desk.today.isoformat(), "text": f"已经落实{MARK}", "evidence": [f"验收材料{MARK}"]}


def _change(desk: Desk) -> dict[str, Any]:
    if desk.promise.fate == "given_up":
        return {"cannot": True, "reason_kind": "policy", "reason": f"政策调整，不再实施{MARK}"}
    later = (desk.promise.due_on + timedelta(days=120)).isoformat()
    return {"cannot": False, "new_due_on": later, "reason_kind": "funds", "reason": f"资金安排推迟{MARK}"}


def _rating(desk: Desk) -> dict[str, Any]:
    return {"rating": "S"}


# -- key supervision


def _topic_decision(desk: Desk) -> dict[str, Any]:
    body = "秘书长办公会议" if desk.element_id == "proposing-body" else desk.of_topic.plan.body
    return {"decision": "agreed", "body": body, "decided_on": desk.today.isoformat(), "minutes": f"会议纪要{MARK}"}


def _supervision_plan(desk: Desk) -> dict[str, Any]:
    survey_on = desk.of_topic.plan.survey_on
    return {
        "aims": f"督办目标和步骤{MARK}",
        "symposium_on": (survey_on - timedelta(days=20)).isoformat(),
        "survey_on": survey_on.isoformat(),
        "report_on": (survey_on + timedelta(days=60)).isoformat(),
        "persons": [f"督办组成员{MARK}"],
    }


def _event(desk: Desk) -> dict[str, Any]:
    is_survey = desk.element_id == "do-survey"
    return {
        "kind": "survey" if is_survey else "symposium",
        "held": True,
        "held_on": desk.today.isoformat(),
        "place": desk.of_topic.plan.survey_place if is_survey else f"北京{MARK}",
        "units": [desk.of_topic.row.lead_unit_id],
        "minutes": f"{'调研报告' if is_survey else '座谈纪要'}{MARK}",
        "again": False,
    }


def _plain(**data: Any) -> Callable[[Desk], dict[str, Any]]:
    return lambda desk: dict(data)


PAPERS: Mapping[str, Callable[[Desk], dict[str, Any]]] = {
    "f-draft": _draft,
    "f-cosign": _plain(answer="confirm"),
    "f-delegation-sign": _delegation_sign,
    "f-file": _file,
    "f-withdraw": _plain(reason=f"与往年建议重复{MARK}", signed=True),
    "f-screen": _screen,
    "f-second-check": _plain(second_agrees=True),
    "f-explain": _explain,
    "f-classify": _plain(main_class=f"综合{MARK}"),
    "f-allocation": _allocation,
    "f-decide-allocation": _plain(approved=True),
    "f-meeting": _meeting,
    "f-sign-in": _sign_in,
    "f-return": _return,
    "f-return-decision": _return_decision,
    "f-decide-return": _plain(approved=True),
    "f-read-reference": _plain(note=f"已阅{MARK}"),
    "f-plan": _plan,
    "f-contact": _contact,
    "f-co-opinion": _co_opinion,
    "f-sign-co-opinion": _sign_co_opinion,
    "f-go-on-without": _plain(reason=f"协办意见迟迟未到{MARK}"),
    "f-reply": _reply,
    "f-publication-review": _review,
    "f-sign-reply": _sign_reply,
    "f-feedback": _feedback,
    "f-extension": _extension,
    "f-extension-decision": _extension_decision,
    "f-redo-decision": _redo,
    "f-dispute-opinion": _dispute,
    "f-confirm-line": _plain(matches=True),
    "f-progress": _plain(text=f"正在推进{MARK}"),
    "f-met": _met,
    "f-verify-met": _plain(verified="accepted"),
    "f-commitment-change": _change,
    "f-commitment-rating": _rating,
    "f-topic-decision": _topic_decision,
    "f-assign-supervisor": _plain(contact_persons=[f"联系人{MARK}"]),
    "f-supervision-plan": _supervision_plan,
    "f-unit-plan": _plain(text=f"联合办理方案{MARK}"),
    "f-event": _event,
    "f-unit-report": _plain(text=f"办理情况报告{MARK}"),
    "f-supervision-report": _plain(text=f"督办报告{MARK}", good_case=False),
    "f-close-topic": _plain(outcome="closed"),
    "f-report-up": _plain(kind="important", text=f"重要情况{MARK}"),
}
