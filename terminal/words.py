"""The product's codes in people's words: groups, states, dates, and an event of history as a phrase.

Names of persons and units come from the database; `Names` looks them up once for all rows of an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .language import current, mark, say, spoken

Row = Mapping[str, Any]

GROUPS: Mapping[str, str] = {
    "deputy": mark("deputies"),
    "delegation": mark("delegation {name}"),
    "secretariat": mark("secretariat"),
    "commission": mark("deputies' work commission"),
    "chairpersons": mark("chairpersons' meeting"),
    "presidium": mark("presidium"),
    "standing-committee": mark("standing committee"),
    "secretary-general-office": mark("secretary-general's office meeting"),
    "assign-coordinator": mark("assignment coordinator {name}"),
    "unit": mark("{name}"),
    "unit-desk": mark("{name}, desk"),
    "unit-handler": mark("{name}, handlers"),
    "unit-leader": mark("{name}, leader"),
    "unit-principal": mark("{name}, principal"),
    "unit-secrecy": mark("{name}, secrecy review"),
    "special-committee": mark("special committee {name}"),
    "working-committee": mark("working committee {name}"),
    "electing-unit": mark("electing unit {name}"),
    "secrecy-officer": mark("secrecy officer"),
    "analyst": mark("analyst"),
    "auditor": mark("auditor"),
    "operator": mark("operator"),
    "process-owner": mark("process owner"),
    "sealer": mark("sealer"),
    "platform-admin": mark("platform administrator"),
}

STATES: Mapping[str, str] = {
    "draft": mark("draft"),
    "cosigning": mark("cosigning"),
    "filed": mark("filed"),
    "screening": mark("screening"),
    "returned-for-repair": mark("returned for repair"),
    "refused": mark("refused"),
    "as-letter": mark("passed on as a letter"),
    "for-reference": mark("passed on for reference"),
    "registered": mark("registered"),
    "classified": mark("classified"),
    "allocating": mark("allocating"),
    "assigned": mark("assigned"),
    "handling": mark("handling"),
    "replied": mark("replied"),
    "feedback-pending": mark("feedback pending"),
    "second-handling": mark("second handling"),
    "closed": mark("closed"),
    "closed-commitments-open": mark("closed, commitments open"),
    "archived": mark("archived"),
    "withdrawn": mark("withdrawn"),
    "open": mark("open"),
    "met_claimed": mark("claimed met"),
    "kept": mark("kept"),
    "not_met": mark("not met"),
    "lapsed": mark("lapsed"),
    "proposed": mark("proposed"),
    "active": mark("active"),
    "returned": mark("returned"),
    "running": mark("running"),
    "completed": mark("completed"),
    "cancelled": mark("cancelled"),
    "terminated": mark("terminated"),
    "suspended": mark("suspended"),
}

MODES: Mapping[str, str] = {
    "sole": mark("sole"),
    "lead": mark("lead"),
    "co": mark("co-handling"),
    "separate": mark("separate"),
    "reference": mark("for reference"),
}

RATINGS: Mapping[str, str] = {
    "S": mark("satisfied"),
    "B": mark("basically satisfied"),
    "N": mark("dissatisfied"),
    "satisfied": mark("satisfied"),
    "basically": mark("basically satisfied"),
    "dissatisfied": mark("dissatisfied"),
    "none": mark("no feedback"),
    "not-applicable": mark("not applicable"),
}

LIMITS: Mapping[str, str] = {
    "accept-notice": mark("notice of acceptance"),
    "assign-recess": mark("assignment in recess"),
    "assignment-meeting": mark("assignment meeting"),
    "co-opinion": mark("co-handler's opinion"),
    "co-opinion-redo": mark("co-handler's opinion once more"),
    "commitment-rating": mark("rating of a kept commitment"),
    "feedback": mark("deputy's feedback"),
    "first-contact": mark("first contact"),
    "member-contact-reply": mark("reply to an opinion given in contact"),
    "reassign": mark("reassignment"),
    "reply": mark("reply"),
    "reply-extended": mark("extended reply"),
    "return-ask": mark("asking to return"),
    "second-reply": mark("second reply"),
    "session-hand-over": mark("hand-over at the end of the session"),
}

STARTS: Mapping[str, str] = {
    "accepted": mark("acceptance"),
    "assigned": mark("assignment"),
    "co-redo-asked": mark("the request to write it again"),
    "commitment-report-received": mark("receipt of the report on the commitment"),
    "dissatisfied": mark("the deputy's dissatisfaction"),
    "received-by-congress": mark("receipt by the congress"),
    "received-by-unit": mark("receipt by the unit"),
    "redo-ordered": mark("the order to handle again"),
    "redo-received-by-unit": mark("receipt of the order to handle again"),
    "reply-limit-ended": mark("the end of the reply limit"),
    "reply-received": mark("receipt of the reply"),
    "return-received": mark("receipt of the return"),
    "session-closed": mark("the close of the session"),
}

SPANS: Mapping[str, tuple[str, str]] = {
    "day": (mark("{count} day"), mark("{count} days")),
    "working_day": (mark("{count} working day"), mark("{count} working days")),
    "month": (mark("{count} month"), mark("{count} months")),
}


def limit(code: Any) -> str:
    """A limit (期限) in words; one that only analysts know stands as it is."""
    return say(LIMITS[code]) if code in LIMITS else str(code or "")


def start(code: Any) -> str:
    """What a limit counts from (起算) in words."""
    return say(STARTS[code]) if code in STARTS else str(code or "")


def span(amount: int, unit: str) -> str:
    """So many days, working days or months."""
    return say(SPANS[unit][amount != 1], count=amount)


def state(code: Any) -> str:
    """A state in words; a code that is not known stands as it is."""
    return say(STATES[code]) if code in STATES else str(code or "")


def mode(code: Any) -> str:
    """How a unit handles it (独办 …) in words."""
    return say(MODES[code]) if code in MODES else str(code or "")


def rating(code: Any) -> str:
    """A deputy's judgement in words."""
    return say(RATINGS[code]) if code in RATINGS else str(code or "")


def instant(value: Any, zone: str = "Asia/Shanghai") -> str:
    """An instant (microseconds UTC or aware) as civil time of the congress, to the minute."""
    if value is None:
        return ""
    moment = datetime.fromtimestamp(value / 1_000_000, UTC) if isinstance(value, int) else value
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if isinstance(moment, datetime) else str(moment)


def day(value: Any, zone: str = "Asia/Shanghai") -> str:
    """The civil day of an instant or a date."""
    return instant(value, zone)[:10] if isinstance(value, int | datetime) else str(value or "")


def due(value: Any, today: date | None) -> str:
    """A due date; marked when it has passed."""
    if not value:
        return ""
    return f"{value} {say('late')}" if today and str(value) < today.isoformat() else str(value)


@dataclass
class Names:
    """Names of persons and units by id, read at first need. `read(table, ids)` gives their rows."""

    read: Callable[[str, Iterable[str]], Sequence[Row]]
    known: dict[str, dict[str, str]] = field(default_factory=lambda: {"person": {}, "unit": {}})

    def learn(self, table: str, ids: Iterable[Any]) -> None:
        """Read these names at once instead of one by one."""
        wanted = {str(each) for each in ids if each} - self.known[table].keys()
        if wanted:
            self.known[table].update({row["id"]: row["name"] for row in self.read(table, wanted)})
            self.known[table].update({each: each for each in wanted - self.known[table].keys()})

    def person(self, identifier: Any) -> str:
        """The person's name; a system or an unknown id as it stands."""
        if not identifier:
            return ""
        if str(identifier).startswith("system:"):
            return say("the system")
        self.learn("person", [identifier])
        return self.known["person"][str(identifier)]

    def unit(self, identifier: Any) -> str:
        if not identifier:
            return ""
        self.learn("unit", [identifier])
        return self.known["unit"][str(identifier)]

    def group(self, group: str) -> str:
        """A group in words, its unit by name: 国家卫生健康委员会 综合处."""
        kind, _, of = group.partition(":")
        template = GROUPS.get(kind)
        if template is None:
            return group
        return say(template, name=self.unit(of)) if "{name}" in template else say(template)

    def who(self, row: Row, groups: Sequence[str] = ()) -> str:
        """Who may do a work item: the named or claiming person, else its groups."""
        person = row.get("claimed_by") or row.get("assignee")
        return self.person(person) if person else (" / " if current() == "en" else "、").join(self.group(each) for each in groups)


def recorded(reason: Any) -> str:
    """What history holds of a reason, in the reader's language: a saying as it is recorded, or the text of an older release."""
    from engine.errors import Saying

    return spoken(Saying.from_json(reason))


def incident(row: Row) -> Row:
    """A row of an incident (异常) with its reason in the reader's language."""
    return {**{name: value for name, value in row.items() if name != "said"}, "reason": recorded(row["said"] or row["reason"])}
