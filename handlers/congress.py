"""What a congress may settle for itself (设置): every setting with its default and the kind of its values.

The values of each jurisdiction stand in `settings.dmn` with law and article; these defaults hold where it has no row.
"""

from __future__ import annotations

from typing import Any

from engine.registry import Registry

EXCLUDED = ("personal", "court-case", "tender", "accusation-appeal", "passed-on-letter", "academic-product", "enquiry", "personal-interest", "outside-powers", "no-content", "other")
"""Matters that no local text wants as a suggestion, together (不宜作为建议提出的情形)."""

BODIES = ("commission", "general-office", "standing-committee", "secretary-general-office", "chairpersons", "government-office", "electing-unit")

_SETTINGS: tuple[tuple[str, Any, Any], ...] = (
    ("cfg.jurisdictionName", None, {"zh": "text", "en": "text"}),
    ("cfg.commissionName", "常委会代表工作机构", "text"),
    ("cfg.excludedMatters", list(EXCLUDED), [EXCLUDED]),
    ("cfg.classScheme", None, "any"),
    ("cfg.extensionConsent", "consent", ("consent", "notify-deputy", "none")),
    ("cfg.signatory", "unit-leader", ("unit-leader", "unit-principal")),
    ("cfg.signatorySeal", False, "boolean"),
    ("cfg.replyCopies", ["commission"], [BODIES]),
    ("cfg.jointReply", "every-signer", ("every-signer", "lead-by-consent", "lead")),
    ("cfg.solvedOrPlanned", ["A", "B"], ["text"]),
    ("cfg.feedbackAxes", ["handling", "result"], [("handling", "result")]),
    ("cfg.feedbackScale", ["S", "B", "N"], [("S", "B", "N")]),
    ("cfg.noFeedbackRule", "exclude-after-reminder", ("exclude-after-reminder", "count-as-none")),
    ("cfg.redoDecision", "commission-decides", ("commission-decides", "automatic")),
    ("cfg.afterSecond", "convene", ("convene", "expert-assessment")),
    ("cfg.withdrawRule", "any-time", ("before-assignment", "any-time")),
    ("cfg.withdrawJoint", "unanimous", ("unanimous", "lead")),
    ("cfg.keyProposingBody", "commission", BODIES),
    ("cfg.keyDecidingBody", "chairpersons", BODIES),
    ("cfg.publicationScope", {"content": True, "reply": True, "feedback": False, "deputy_wish": False}, dict.fromkeys(("content", "reply", "feedback", "deputy_wish"), "boolean")),
    ("cfg.colours", {"yellow_from": 30, "red_from": 0}, {"yellow_from": "number", "red_from": "number"}),
    ("cfg.countFirstDay", False, "boolean"),
    ("cfg.dueDateRoll", "none", ("none", "next-working-day")),
    ("cfg.clockOnReassign", "restart-unit-keep-total", ("restart-unit-keep-total", "keep")),
    ("cfg.internalTarget.", None, "number"),
    ("cfg.returnUnset", "plan-approved", ("plan-approved", "reply-signed")),
    ("cfg.delegationCheck", False, "boolean"),
    ("cfg.yearReport", ["12"], ["text"]),
    ("cfg.evaluation", None, "any"),
    ("cfg.specialReportPeriod", None, "any"),
    ("cfg.reminders", [], ["number"]),
)


def declare(registry: Registry) -> None:
    """Declare the settings that no other handler file declares, and the kinds of all."""
    for name, default, shape in _SETTINGS:
        registry.setting(name, default, shape)
    registry.setting_shapes["cfg.numberFormat"] = "number"
    registry.setting_shapes["cfg.letterTo"] = ("every-proposer", "lead-only")
    registry.setting_shapes["cfg.replyClasses"] = ["text"]
    registry.setting_shapes["cfg.plannedClasses"] = ["text"]

