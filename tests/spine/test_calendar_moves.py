"""A calendar that is amended within its year moves the open due dates that were counted by it, each by an event of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from engine import ChangeSetting, DeployDefinitions, PublishCalendar, Select, StartInstance, Where

from .clerks import HEAD, Desk, flow, forms, item

LIMITS = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n"><decision id="time_limits" name="limits">'
    '<decisionTable id="t" hitPolicy="COLLECT"><input id="i1"><inputExpression id="e1" typeRef="string"><text>jurisdiction</text></inputExpression></input>'
    '<input id="i2"><inputExpression id="e2" typeRef="string"><text>limit_id</text></inputExpression></input>'
    + "".join(f'<output id="o-{name}" name="{name}" />' for name in ("amount", "unit", "starts_at", "law", "article", "effective_from"))
    + "".join(
        f'<rule id="r-{limit}"><inputEntry id="a-{limit}"><text>-</text></inputEntry><inputEntry id="b-{limit}"><text>"{limit}"</text></inputEntry>'
        + "".join(
            f'<outputEntry id="c-{limit}-{at}"><text>{cell}</text></outputEntry>'
            for at, cell in enumerate((amount, f'"{unit}"', '"received"', '"rule"', '"1"', 'date("2000-01-01")'))
        )
        + "</rule>"
        for limit, amount, unit in (("look", 3, "working_day"), ("wait", 3, "working_day"), ("year", 12, "month"), ("day", 5, "day"))
    )
    + "</decisionTable></decision></definitions>"
).encode()

WAITING = (
    HEAD
    + '<bpmn:process id="waiting" name="waiting" isExecutable="true"><bpmn:startEvent id="s"/>'
    + item("look", "look at it", "clerk", "f-decide", due="=due(&quot;look&quot;, today())")
    + '<bpmn:boundaryEvent id="late" attachedToRef="look" cancelActivity="false"><bpmn:timerEventDefinition>'
    + '<bpmn:timeDate>=due_at("wait", today())</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
    + item("hurry", "hurry", "clerk", "f-decide", due="=due(&quot;day&quot;, today())")
    + item("plan", "plan it", "clerk", "f-decide", due="=due(&quot;year&quot;, today())")
    + '<bpmn:parallelGateway id="fork"/><bpmn:endEvent id="e"/><bpmn:endEvent id="e2"/><bpmn:endEvent id="e3"/>'
    + flow("f1", "s", "fork")
    + flow("f2", "fork", "look")
    + flow("f3", "look", "e")
    + flow("f4", "late", "hurry")
    + flow("f5", "hurry", "e2")
    + flow("f6", "fork", "plan")
    + flow("f7", "plan", "e3")
    + "</bpmn:process></bpmn:definitions>"
).encode()


def year(holidays: list[str], workdays: list[str], of: str = "2026") -> dict[str, dict[str, list[str]]]:
    return {of: {"holidays": holidays, "workdays": workdays}}


@pytest.fixture(params=["memory", "file"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Monday 5 January 2026, an item to be looked at within three working days and its timer, by the plain week."""
    desk = Desk(tmp_path / "desk.db") if request.param == "file" else Desk()
    desk.engine.execute(PublishCalendar(actor="root", years=year(["2026-01-01"], [])))
    desk.engine.execute(DeployDefinitions(actor="root", files={"here.bpmn": WAITING, "time_limits.dmn": LIMITS, **forms()}))
    desk.engine.execute(StartInstance(actor="kim", process="waiting"))
    yield desk
    desk.engine.close()


def due_dates(desk: Desk) -> dict[str, str]:
    """Each open item and timer by its element, with its day or instant."""
    running = (Where(column="status", value="open"),)
    items = desk.engine.select("kim", Select(table="work_item", where=running))
    return {row["element_id"]: str(row["due_on"]) for row in items}


def test_an_amended_calendar_moves_the_items_that_were_counted_by_it(desk: Desk) -> None:
    """Wednesday and Thursday become holidays, Saturday is made up: three working days after Monday end on Saturday."""
    assert due_dates(desk) == {"look": "2026-01-08", "plan": "2027-01-05"}

    desk.engine.execute(PublishCalendar(actor="root", years=year(["2026-01-01", "2026-01-07", "2026-01-08"], ["2026-01-10"])))
    desk.engine.drain()

    assert due_dates(desk)["look"] == "2026-01-10"
    row = next(row for row in desk.engine.select("kim", Select(table="work_item")) if row["element_id"] == "look")
    assert row["due"]["skipped"] == ["2026-01-07", "2026-01-08"]
    assert row["due"]["calendar"] == {"2026": 2}
    assert [desk.engine.verify().findings, desk.engine.replay().findings, desk.engine.rebuild().findings] == [[], [], []]


def test_the_timer_counted_by_the_calendar_moves_with_it(desk: Desk) -> None:
    """The timer of the third working day does not ring on the old day, and does on the new one."""
    desk.engine.execute(PublishCalendar(actor="root", years=year(["2026-01-01", "2026-01-07"], [])))
    desk.engine.drain()

    desk.engine.advance(datetime.fromisoformat("2026-01-09T08:00+08:00"))
    assert "hurry" not in due_dates(desk)
    desk.engine.advance(datetime.fromisoformat("2026-01-10T00:00+08:00"))

    assert due_dates(desk)["hurry"] == "2026-01-15"
    assert [desk.engine.verify().findings, desk.engine.replay().findings, desk.engine.rebuild().findings] == [[], [], []]


def test_what_was_counted_through_an_unpublished_year_is_provisional_until_it_is_published(desk: Desk) -> None:
    """The twelve months end in 2027, of which no calendar is known; when it is, the day stays and is firm."""
    plan = next(row for row in desk.engine.select("kim", Select(table="work_item")) if row["element_id"] == "plan")
    assert plan["due"]["provisional"]

    desk.engine.execute(PublishCalendar(actor="root", years=year(["2027-01-01"], [], of="2027")))
    desk.engine.drain()

    plan = next(row for row in desk.engine.select("kim", Select(table="work_item")) if row["element_id"] == "plan")
    assert (str(plan["due_on"]), plan["due"]["provisional"]) == ("2027-01-05", False)


def test_a_preview_changes_nothing_and_lists_what_would_move(desk: Desk) -> None:
    """Each open due date that would be another, with the old day and the new one."""
    moved = desk.engine.due_moves(year(["2026-01-01", "2026-01-07"], []))

    assert [(row["what"], row["element_id"], row["due_on"], row["new_due_on"]) for row in moved] == [
        ("work_item", "look", "2026-01-08", "2026-01-09"),
        ("timer", "late", "2026-01-08", "2026-01-09"),
    ]
    assert due_dates(desk)["look"] == "2026-01-08"


def test_an_instance_that_ended_meanwhile_has_nothing_to_move(desk: Desk) -> None:
    """The recount finds it closed, and nothing is left under way."""
    desk.engine.execute(PublishCalendar(actor="root", years=year(["2026-01-01", "2026-01-07"], [])))
    for element in ("look", "plan"):
        identifier = next(row["id"] for row in desk.engine.select("kim", Select(table="work_item")) if row["element_id"] == element)
        desk.complete(identifier, "kim", answer="seen")

    drained = desk.engine.drain()

    assert (drained.left, drained.failed) == (0, 0)


def test_a_calendar_that_moves_nothing_asks_nobody(desk: Desk) -> None:
    """Another year's days: no instance counts again."""
    receipt = desk.engine.execute(PublishCalendar(actor="root", years=year(["2024-01-01"], [], of="2024")))

    assert [type(event).__name__ for event in receipt.events] == ["CalendarPublished"]


@pytest.mark.parametrize(("first_day", "roll", "day"), [(False, "none", "2026-01-10"), (True, "none", "2026-01-09"), (False, "next-working-day", "2026-01-12")])
def test_how_days_are_counted_is_a_setting(desk: Desk, first_day: bool, roll: str, day: str) -> None:
    """Five days after Monday 5 January end on Saturday; with the first day counted on Friday; rolled to the next working day on Monday."""
    for name, value in (("cfg.countFirstDay", first_day), ("cfg.dueDateRoll", roll)):
        desk.engine.execute(ChangeSetting(actor="root", name=name, value=value, from_on=date(2026, 1, 1), reason="decided"))

    counted = desk.engine.due("day", date(2026, 1, 5))

    assert counted["due_on"] == day
