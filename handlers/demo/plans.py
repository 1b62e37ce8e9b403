"""What the demonstration adds to a suggestion (演示): proposers, ratings, promises and their fate, detours. Pure data.

The rows that come with it have plans of their own; any other row gets one by rule, so that every way is seen among some dozen rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ..roll import Session, SuggestionRow

Fate = Literal["early", "late", "changed", "given_up", "open"]
"""What becomes of a promise: kept early, kept after its day, put off and kept, given up with a reason, still open at the end."""

FATES: tuple[Fate, ...] = ("early", "late", "changed", "given_up", "open")
DEPUTIES = 40
"""How many deputies `people.csv` has: deputy-01 to deputy-40."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What the reply promises (承诺事项), its day and its fate."""

    text: str
    due_on: date
    fate: Fate


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the demonstration adds to a row. `separate` and `reference` name units; `ratings`: (handling, result) of each round."""

    lead: str
    cosigners: tuple[str, ...] = ()
    delegation: str = ""
    session: str = ""
    first_unit: str = ""
    separate: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()
    reply_class: str = "A"
    promises: tuple[Promise, ...] = ()
    ratings: tuple[tuple[str, str], ...] = (("S", "S"),)
    screening: Literal["pass", "repair", "letter"] = "pass"
    withdrawn: bool = False
    recess_on: date | None = None
    waives_co: bool = False


@dataclass(frozen=True, kw_only=True)
class TopicPlan:
    """What the demonstration adds to a bundle: its committee, the body that decided it, its members, the survey."""

    committee: str
    body: str
    members: tuple[str, ...]
    survey_on: date
    survey_place: str
    reports_up: bool = False
    grounds: tuple[str, ...] = ("concentrated", "vital-interests")


def plan_by_rule(row: SuggestionRow, session: Session) -> Plan:
    """A plan for a row that has none: each line of a roll differs from its neighbours."""
    line = row.line
    promises = (_promise_by_rule(row, session),) if line % 4 == 0 else ()
    return Plan(
        lead=_deputy(line * 7 % DEPUTIES + 1),
        cosigners=(_deputy((line * 7 + 3) % DEPUTIES + 1),) if line % 5 == 0 else (),
        first_unit="u028" if line % 10 == 7 and row.unit_id != "u028" else "",
        reply_class="B" if promises else ("A", "A", "C", "A", "D")[line % 5],
        promises=promises,
        ratings=(("B", "N"), ("S", "B")) if line % 9 == 4 else (("S", "SB"[line % 2]),),
    )


def topic_plan_by_rule(session: Session, members: tuple[str, ...]) -> TopicPlan:
    """A plan for a bundle that has none."""
    return TopicPlan(
        committee="u121", body="委员长会议（演示）", members=members, survey_on=session.assigned_on + timedelta(days=100), survey_place="北京市（演示）"
    )


def _promise_by_rule(row: SuggestionRow, session: Session) -> Promise:
    replied_on = row.reply_on or session.assigned_on + timedelta(days=80)
    return Promise(text="按答复意见推进落实（演示）", due_on=replied_on + timedelta(days=150), fate=FATES[row.line // 4 % len(FATES)])


def _promise(text: str, due_on: str, fate: Fate) -> Promise:
    return Promise(text=f"{text}（演示）", due_on=date.fromisoformat(due_on), fate=fate)


def _deputy(number: int) -> str:
    return f"deputy-{number:02d}"


REAL: Mapping[int, Plan] = {
    2: Plan(lead=_deputy(5), session="13-2"),
    3: Plan(
        lead=_deputy(13), cosigners=(_deputy(17),), session="12-5", reply_class="B", promises=(_promise("建立闽浙边界联防联控机制", "2017-12-31", "late"),)
    ),
    4: Plan(lead="u229-head", delegation="u229", reply_class="B", promises=(_promise("印发支持改革的意见", "2010-06-30", "early"),)),
    5: Plan(lead=_deputy(29), cosigners=(_deputy(30), _deputy(25))),
    6: Plan(lead=_deputy(25)),
    7: Plan(lead=_deputy(26), reply_class="C", ratings=(("B", "N"), ("S", "B"))),
    8: Plan(lead=_deputy(6), reply_class="C", ratings=(("S", "B"),)),
    9: Plan(lead=_deputy(27), ratings=(("S", "S"),)),
    10: Plan(lead=_deputy(33), cosigners=(_deputy(7),), reply_class="B", promises=(_promise("编制农业农村现代化规划", "2021-06-30", "changed"),)),
    11: Plan(lead=_deputy(21)),
    13: Plan(lead=_deputy(10), ratings=(("S", "B"),)),
    14: Plan(lead=_deputy(22), reply_class="B", promises=(_promise("修订老旧小区加装电梯指导意见", "2022-12-31", "early"),)),
    15: Plan(lead=_deputy(1)),
    16: Plan(lead=_deputy(18), ratings=(("B", "B"),)),
    17: Plan(lead=_deputy(23), reply_class="B", promises=(_promise("设立传输通道城市专项资金", "2018-03-10", "given_up"),)),
    18: Plan(lead=_deputy(34), reply_class="D", ratings=(("S", "B"),)),
    19: Plan(lead=_deputy(24), cosigners=(_deputy(35),)),
    20: Plan(lead=_deputy(2)),
    21: Plan(lead=_deputy(8), cosigners=(_deputy(36), _deputy(23)), ratings=(("S", "B"),)),
    22: Plan(lead=_deputy(28)),
    23: Plan(lead=_deputy(3), reply_class="C", ratings=(("B", "B"),)),
    24: Plan(lead=_deputy(37), reply_class="B", promises=(_promise("开展智慧农业试点", "2024-06-30", "early"),)),
    25: Plan(lead=_deputy(4), reply_class="B", promises=(_promise("印发入河排污口监测技术规范", "2024-12-31", "late"),)),
    27: Plan(lead=_deputy(11), first_unit="u056"),
    28: Plan(
        lead=_deputy(1),
        cosigners=(_deputy(38),),
        reply_class="B",
        promises=(_promise("建立高邮湖联合巡查机制", "2024-12-31", "early"), _promise("完成高邮湖水生态修复一期工程", "2025-06-30", "open")),
    ),
    29: Plan(lead=_deputy(12)),
    30: Plan(lead=_deputy(39), ratings=(("S", "S"),)),
}
"""What the demonstration adds to each row of `suggestions.csv`, by its line."""

ADDED: Mapping[int, Plan] = {
    2: Plan(lead=_deputy(14)),
    3: Plan(lead="u221-head", delegation="u221"),
    4: Plan(lead=_deputy(31), cosigners=(_deputy(32), _deputy(40)), reply_class="B", promises=(_promise("下达土壤污染防治资金", "2020-03-31", "late"),)),
    5: Plan(lead=_deputy(9)),
    6: Plan(lead=_deputy(15), reply_class="B", promises=(_promise("发布五项土壤标准", "2019-12-31", "early"),)),
    7: Plan(lead=_deputy(16)),
    8: Plan(lead=_deputy(19), cosigners=(_deputy(20),)),
    9: Plan(lead=_deputy(33), ratings=(("S", "B"),)),
    10: Plan(lead=_deputy(30)),
    11: Plan(lead=_deputy(36)),
    12: Plan(lead=_deputy(11), cosigners=(_deputy(12),)),
    13: Plan(lead=_deputy(7), waives_co=True),
    14: Plan(lead=_deputy(17), separate=("u004", "u031"), reference=("u022",)),
    15: Plan(lead=_deputy(25), withdrawn=True),
    16: Plan(lead=_deputy(40), recess_on=date(2023, 9, 5), reply_class="C", ratings=(("S", "B"),)),
    17: Plan(lead=_deputy(21), reply_class="C", ratings=(("N", "N"), ("B", "N"))),
    18: Plan(lead=_deputy(32), screening="repair"),
    19: Plan(lead=_deputy(35), screening="letter"),
}
"""The suggestions that the demonstration adds, by their line of `added.csv`."""

TOPICS: Mapping[int, TopicPlan] = {
    12: TopicPlan(
        committee="u124",
        body="全国人大常委会办公厅（演示）",
        members=tuple(f"a{line:02d}" for line in range(2, 12)),
        survey_on=date(2019, 7, 26),
        survey_place="甘肃省",
    ),
    26: TopicPlan(
        committee="u121",
        body="委员长会议",
        members=("r27", "a12", "a13"),
        survey_on=date(2024, 7, 20),
        survey_place="四川省（演示）",
        reports_up=True,
    ),
}
"""The bundles, by the line of `suggestions.csv`: members are keys of routes. Of the survey of 2019 place and days are real."""
