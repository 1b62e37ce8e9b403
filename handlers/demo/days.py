"""When the actors of the demonstration do what lies before them: days after it opened, or a day of the route. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from .papers import Desk

NEVER = None

DELAYS: Mapping[str, int] = {
    "write-draft": 0,
    "file-suggestion": 0,
    "sign-in": 2,
    "ask-return": 2,
    "draft-return-decision": 3,
    "decide-return": 2,
    "make-plan": 3,
    "contact-deputy": 7,
    "read-reference": 10,
    "write-co-opinion": 20,
    "sign-co-opinion": 3,
    "decide-extension": 3,
    "give-feedback": 7,
    "study-dissatisfaction": 5,
    "convene-both": 10,
    "confirm-line": 3,
    "claim-met": 15,
    "verify-met": 5,
    "rate-commitment": 7,
    "proposing-body": 5,
    "deciding-body": 7,
    "assign-supervisor": 5,
    "write-plan": 7,
    "handling-plan-units": 10,
    "committee-report": 10,
    "close-topic": 10,
}
"""Days after a work item opened; one day where an element is not named."""

BEFORE_REPLY: Mapping[str, int] = {"draft-reply": 10, "review-publication": 4, "sign-reply": 0}
"""Days before the day on which the reply is signed."""

EARLY_CLAIM_DAYS, CHANGE_DAYS, PROGRESS_DAYS, PUT_OFF_DAYS = 20, 30, 60, 120


def item_day(desk: Desk, opened_on: date, assigned_on: date | None) -> date | None:
    """The day on which a work item is done; None where it is left open."""
    special = _special_day(desk, opened_on)
    if special is not False:
        return special if isinstance(special, date) else None
    if desk.element_id in BEFORE_REPLY and assigned_on is not None:
        return max(opened_on, desk.of_route.reply_day(assigned_on) - timedelta(days=BEFORE_REPLY[desk.element_id]))
    return opened_on + timedelta(days=DELAYS.get(desk.element_id, 1))


def _special_day(desk: Desk, opened_on: date) -> date | bool | None:
    """A day that the route rules, None for never, False where nothing special holds."""
    element = desk.element_id
    if element == "propose-allocation" and desk.of_route.plan.withdrawn:
        return NEVER
    if element == "write-co-opinion" and desk.of_route.plan.waives_co:
        return opened_on + timedelta(days=100)
    if element == "claim-met" and desk.promise.fate in ("given_up", "open"):
        return NEVER
    if element == "hold-symposium":
        return max(opened_on, desk.of_topic.plan.survey_on - timedelta(days=20))
    if element == "do-survey":
        return max(opened_on, desk.of_topic.plan.survey_on)
    if element == "unit-report":
        return max(opened_on, desk.of_topic.session.assigned_on + timedelta(days=180))
    return False


def act_day(act: str, desk: Desk, opened_on: date, assigned_on: date | None) -> date | None:
    """The day on which an act that the diagram offers is done; None where this route does not do it."""
    if desk.topic is not None:
        return desk.topic.plan.survey_on + timedelta(days=5) if act == "report-up" and desk.topic.plan.reports_up else None
    plan = desk.of_route.plan
    if act == "withdraw" and plan.withdrawn:
        return desk.of_route.filed_on + timedelta(days=5)
    if act == "extension" and assigned_on is not None and desk.round == 1:
        return _extension_day(desk, assigned_on)
    if act == "go-on-without" and plan.waives_co:
        return opened_on + timedelta(days=30)
    if desk.process == "commitment":
        return _promise_day(act, desk, opened_on)
    return None


def _extension_day(desk: Desk, assigned_on: date) -> date | None:
    """Some days before the reply falls due, where it will be signed after that."""
    due_on = desk.due("reply", assigned_on)
    if due_on is None or desk.of_route.reply_day(assigned_on) <= due_on or desk.look("extension", assignment_id=desk.key):
        return None
    return due_on - timedelta(days=15)


def _promise_day(act: str, desk: Desk, opened_on: date) -> date | None:
    fate, due_on = desk.promise.fate, desk.promise.due_on
    changed = bool(desk.look("commitment_change", commitment_id=desk.key))
    if act == "claim" and fate == "early":
        return max(opened_on, due_on - timedelta(days=EARLY_CLAIM_DAYS))
    if act == "claim" and fate == "changed" and changed:
        return due_on + timedelta(days=PUT_OFF_DAYS - EARLY_CLAIM_DAYS)
    if act == "change" and fate == "changed" and not changed:
        return max(opened_on, due_on - timedelta(days=CHANGE_DAYS))
    if act == "change" and fate == "given_up" and desk.element_id == "change-late":
        return opened_on + timedelta(days=10)
    if act == "progress" and fate in ("changed", "open"):
        return max(opened_on, due_on - timedelta(days=PROGRESS_DAYS))
    return None
