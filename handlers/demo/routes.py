"""Which suggestion of the demonstration goes which way: who proposes it, who handles it, when it is answered, what is promised.

Derived from the rolls and the plans. Of a real row only title, session, units, reply date and numbers are real.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ..roll import Session, SuggestionRow, TopicRow
from .data import DemoData
from .plans import ADDED, REAL, TOPICS, Plan, TopicPlan, plan_by_rule, topic_plan_by_rule

REPLY_DAYS = 60
"""A reply whose date no row states goes out some two months after the assignment."""

LAST_DAYS = 540
"""So long after the last assignment all promises but those left open have met their fate."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One unit of the allocation (分办)."""

    unit: str
    mode: str
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One suggestion and its whole way. `key` names it for ever: `r` or `a` with the line of its roll."""

    key: str
    row: SuggestionRow
    plan: Plan
    session: Session
    is_real: bool
    shares: tuple[Share, ...]
    filed_on: date

    @property
    def proposer_type(self) -> str:
        """single, joint (联名) or delegation (代表团)."""
        return "delegation" if self.plan.delegation else "joint" if self.plan.cosigners else "single"

    @property
    def channel(self) -> str:
        """session (会议期间) or recess (闭会期间)."""
        return "recess" if self.plan.recess_on else "session"

    @property
    def session_is_made_up(self) -> bool:
        """Whether the row does not state its session, or states one that the demonstration does not know."""
        return self.row.session != self.session.name

    def reply_day(self, assigned_on: date) -> date:
        """When the answering unit signs: the row's own date, else some two months after the assignment."""
        return self.row.reply_on or assigned_on + timedelta(days=REPLY_DAYS + self.row.line % 20)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One bundle under key supervision (重点督办)."""

    key: str
    row: TopicRow
    plan: TopicPlan
    session: Session


def routes(data: DemoData) -> tuple[Route, ...]:
    """Every suggestion of the demonstration whose unit is known, in the order of filing."""
    own = {row.title: REAL[row.line] for row in data.own.rows}
    found = [*_routes(data, data.real.rows, own, "r"), *_routes(data, data.added.rows, {row.title: ADDED[row.line] for row in data.added.rows}, "a")]
    return tuple(sorted(found, key=lambda route: (route.filed_on, route.key)))


def left_out(data: DemoData) -> tuple[SuggestionRow, ...]:
    """Rows whose answering unit is not known: nobody could be asked to handle them."""
    return tuple(row for row in data.real.rows if row.unit_id is None)


def topics(data: DemoData) -> tuple[Topic, ...]:
    """The bundles of the roll that have suggestions."""
    known = routes(data)
    keys = {route.key for route in known}
    own = {row.title: TOPICS[row.line] for row in data.own.topics}
    found = []
    for row in data.real.topics:
        session = _session(data, row.session, None)
        plan = own.get(row.title)
        if plan is None or not set(plan.members) <= keys:
            plan = topic_plan_by_rule(session, _members(row, session, known))
        if plan.members and row.lead_unit_id:
            found.append(Topic(key=f"t{row.line:02d}", row=row, plan=plan, session=session))
    return tuple(found)


def units_of(data: DemoData) -> tuple[str, ...]:
    """Every unit that gets something to do, in the order of the directory."""
    used = {share.unit for route in routes(data) for share in route.shares}
    used |= {route.plan.first_unit for route in routes(data) if route.plan.first_unit}
    used |= {topic.row.lead_unit_id for topic in topics(data) if topic.row.lead_unit_id}
    return tuple(unit for unit in data.directory.units if unit in used)


def begins_on(data: DemoData) -> date:
    """The first day: some days before the first suggestion is filed."""
    return min(route.filed_on for route in routes(data)) - timedelta(days=5)


def ends_on(data: DemoData) -> date:
    """The last day: long enough after the last assignment."""
    return max(route.session.assigned_on for route in routes(data)) + timedelta(days=LAST_DAYS)


def _routes(data: DemoData, rows: tuple[SuggestionRow, ...], plans: Mapping[str, Plan], prefix: str) -> Iterator[Route]:
    for row in rows:
        if row.unit_id is None:
            continue
        plan = plans.get(row.title)
        session = data.session(plan.session) if plan and plan.session else _session(data, row.session, row.reply_on)
        plan = plan or plan_by_rule(row, session)
        yield Route(
            key=f"{prefix}{row.line:02d}",
            row=row,
            plan=plan,
            session=session,
            is_real=prefix == "r",
            shares=_shares(row.unit_id, row, plan),
            filed_on=plan.recess_on or session.opened_on + timedelta(days=1 + row.line % 4),
        )


def _session(data: DemoData, name: str, reply_on: date | None) -> Session:
    """The session that the row names, else the last one whose suggestions could be answered by then, else the one with most to see."""
    named = [session for session in data.sessions if session.name == name]
    before = [session for session in data.sessions if reply_on is not None and session.assigned_on < reply_on]
    return (named or before or [data.session("14-2")])[-1]


def _members(row: TopicRow, session: Session, known: tuple[Route, ...]) -> tuple[str, ...]:
    return tuple(route.key for route in known if route.session == session and route.row.unit_id == row.lead_unit_id and route.plan.screening == "pass")


def _shares(unit_id: str, row: SuggestionRow, plan: Plan) -> tuple[Share, ...]:
    reference = tuple(Share(unit=unit, mode="reference") for unit in plan.reference)
    if plan.separate:
        return (*(Share(unit=unit, mode="separate", part=f"第{n}部分（演示）") for n, unit in enumerate(plan.separate, start=1)), *reference)
    others = [unit for unit in row.co_unit_ids if unit != unit_id]
    lead = Share(unit=unit_id, mode="lead" if others else "sole")
    return (lead, *(Share(unit=unit, mode="co") for unit in others), *reference)
