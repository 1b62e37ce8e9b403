"""Timer start events are the same on every store: turns that were missed, a retry, versions, tables that are rebuilt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine import Change, Conflict, Select
from engine.commands import StartByTimer
from engine.events import StartTimerFired

from ..spine.clerks import Desk
from ..spine.clocks import advance, beginning, begun, civil, deploy, due, timer
from .databases import Server


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The petitions' desk on each store."""
    place: str | None = None
    if request.param == "sqlite":
        place = str(tmp_path_factory.mktemp("desk") / "desk.db")
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("server")
        place = server.url_of(server.new_database())
    desk = Desk(place)
    yield desk
    for report in (desk.engine.verify(), desk.engine.replay(), desk.engine.replay(handlers=True), desk.engine.rebuild()):
        assert report.findings == []
    desk.engine.close()


def test_missed_turns_begin_instances_each_in_due_order(desk: Desk) -> None:
    """What fell due while no worker ran is made up for, turn by turn, among all the timers of the congress in the order they were due."""
    hourly, once = timer("timeCycle", "R/PT1H"), timer("timeDuration", "PT150M")
    deploy(desk, beginning(hourly), beginning(once, process="other"))
    desk.clock.advance(timedelta(hours=4))

    drained = desk.engine.tick()

    rows = desk.engine.select("kim", Select(table="instance"))
    assert [row["process"] for row in sorted(rows, key=lambda row: int(row["id"]))] == ["review", "review", "other", "review", "review"]
    assert drained.done == 5
    fired = [event for row in rows for line in desk.engine.history("kim", row["id"]) for event in line.events if isinstance(event, StartTimerFired)]
    assert sorted(civil(event.due_at) for event in fired) == ["01-05 10:00", "01-05 11:00", "01-05 11:30", "01-05 12:00", "01-05 13:00"]


def test_the_same_again_begins_nothing_twice(desk: Desk) -> None:
    """The same turn again answers as the first time; a turn out of its order, or before it is due, is a conflict."""
    deploy(desk, beginning(timer("timeCycle", "R3/PT1H")))
    (turn,) = desk.engine.start_turns("kim")
    command = StartByTimer(actor="system:engine", command_id=f"{turn.timer}/1", **vars(turn))
    with pytest.raises(Conflict, match="not due"):
        desk.engine.execute(command)
    desk.clock.advance(timedelta(hours=2))
    first = desk.engine.execute(command)

    again = desk.engine.execute(command)

    assert (again.repeated, again.instance_id) == (True, first.instance_id)
    with pytest.raises(Conflict, match="not the next"):
        desk.engine.execute(StartByTimer(actor="system:engine", **vars(turn)))
    with pytest.raises(Conflict, match="not the next"):
        desk.engine.execute(StartByTimer(actor="system:engine", **{**vars(turn), "turn": 3}))
    assert len(begun(desk)) == 1


def test_a_new_version_replaces_the_clock(desk: Desk) -> None:
    """It counts from its own deployment, and of the older version's turns none comes any more."""
    deploy(desk, beginning(timer("timeCycle", "R/P1D")))
    advance(desk, hours=12)

    deploy(desk, beginning(timer("timeCycle", "R2/PT2H"), name="review, second version"))

    assert due(desk) == ["01-05 23:00"]
    advance(desk, days=3)
    assert begun(desk) == ["01-05 23:00", "01-06 01:00"]
    assert due(desk) == ["none"]


def test_a_deployment_without_the_start_event_ends_its_clock(desk: Desk) -> None:
    """The process is gone, or begins otherwise: nothing is due any more; brought back, it counts anew."""
    diagram = beginning(timer("timeDuration", "P1D"))
    deploy(desk, diagram)
    advance(desk, hours=1)

    deploy(desk, beginning())

    assert due(desk) == []
    advance(desk, days=2)
    assert begun(desk) == []
    deploy(desk, diagram)
    assert due(desk) == ["01-08 10:00"]


def test_what_the_clock_began_is_in_the_tables_that_are_rebuilt(desk: Desk) -> None:
    """A start timer and a turn changed by hand are found."""
    deploy(desk, beginning(timer("timeCycle", "R3/P1D")))
    advance(desk, days=1)
    (timer_row,) = desk.engine.select("kim", Select(table="start_timer"))
    (turn_row,) = desk.engine.select("kim", Select(table="start_turn"))

    with desk.engine.store.transaction(write=True) as transaction:
        transaction.apply([Change(op="update", table="start_timer", key={"id": timer_row["id"]}, values={"due_at": 0})])
        transaction.apply([Change(op="update", table="start_turn", key={"id": turn_row["id"]}, values={"next_at": None})])
        transaction.commit()

    said = sorted(str(finding) for finding in desk.engine.rebuild().findings)
    assert [text.partition(":")[0].split()[0] for text in said] == ["start_timer", "start_turn"]
    with desk.engine.store.transaction(write=True) as transaction:
        transaction.apply([Change(op="update", table="start_timer", key={"id": timer_row["id"]}, values={"due_at": timer_row["due_at"]})])
        transaction.apply([Change(op="update", table="start_turn", key={"id": turn_row["id"]}, values={"next_at": turn_row["next_at"]})])
        transaction.commit()
