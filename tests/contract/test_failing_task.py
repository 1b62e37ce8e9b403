"""A task whose handler fails, on every store: its boundary timer stands in the tables and fires, and the incident is closed with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from engine import DeployDefinitions, RetryIncident, Select, StartInstance

from ..spine.clerks import HEAD, Desk, extension, flow, forms, item, properties, service
from .databases import Server

NEXT_DAY = datetime.fromisoformat("2026-01-06T09:00+08:00")


def guarded() -> bytes:
    """start → look → number, which has a day → end; when the day is over a clerk chases it."""
    day = '<bpmn:boundaryEvent id="late" attachedToRef="number"><bpmn:timerEventDefinition id="t"><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
    body = [
        extension(properties(key="petition_id")),
        '<bpmn:startEvent id="start">' + extension(properties(groups="clerk", form="f-petition")) + "</bpmn:startEvent>",
        item("look", "look at it", "clerk", "f-decide"),
        service("number", "petition.number"),
        day,
        item("chase", "chase it", "clerk", "f-decide"),
        '<bpmn:endEvent id="end"/><bpmn:endEvent id="chased"/>',
        flow("f0", "start", "look") + flow("f1", "look", "number") + flow("f2", "number", "end") + flow("f3", "late", "chase") + flow("f4", "chase", "chased"),
    ]
    return f'{HEAD}<bpmn:process id="guarded" isExecutable="true">{"".join(body)}</bpmn:process></bpmn:definitions>'.encode()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with the guarded process, on each store."""
    place: str | None = None
    if request.param == "sqlite":
        place = str(tmp_path_factory.mktemp("desk") / "desk.db")
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("server")
        place = server.url_of(server.new_database())
    desk = Desk(place)
    desk.engine.execute(DeployDefinitions(actor="root", command_id="guarded", files={"guarded.bpmn": guarded(), **forms()}))
    yield desk
    desk.engine.close()


def rows(desk: Desk, table: str) -> list[Mapping[str, Any]]:
    return list(desk.engine.select("root", Select(table=table, order=("id",))))


def start(desk: Desk, title: str) -> None:
    desk.engine.execute(StartInstance(actor="kim", process="guarded", data={"title": title}))
    desk.complete(desk.open("look")[0], "kim", answer="seen")


def assert_proved(desk: Desk) -> None:
    for report in (desk.engine.verify(), desk.engine.replay(), desk.engine.rebuild()):
        assert report.findings == []


def test_the_day_of_a_failing_task_runs_out(desk: Desk) -> None:
    """Its handler bursts; the next day the timer fires, a clerk is asked, and no incident is left; history proves it."""
    start(desk, "burst")
    assert [(row["element_id"], row["status"]) for row in rows(desk, "incident")] == [("number", "open")]
    assert [row["status"] for row in rows(desk, "timer")] == ["open"]

    desk.clock.set(NEXT_DAY)
    desk.engine.tick(seconds=30)

    assert [row["status"] for row in rows(desk, "incident")] == ["resolved"]
    assert len(desk.open("chase")) == 1
    assert_proved(desk)


def test_a_failing_task_is_tried_again_before_its_day_is_over(desk: Desk) -> None:
    """A retry that fails too leaves one open incident and the timer of the first day."""
    start(desk, "burst")
    (timer,) = rows(desk, "timer")

    desk.engine.execute(RetryIncident(actor="root", incident_id=rows(desk, "incident")[0]["id"], reason="once more"))

    assert [row["status"] for row in rows(desk, "incident")] == ["resolved", "open"]
    assert rows(desk, "timer") == [timer]
    assert_proved(desk)


def test_a_task_that_succeeds_at_once_writes_no_timer(desk: Desk) -> None:
    """The cheap way stays cheap: no row is written for a timer that nobody ever waited for."""
    start(desk, "a lift")

    assert rows(desk, "timer") == []
    assert_proved(desk)
