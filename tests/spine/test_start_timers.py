"""Timer start events begin instances: once, after a span, in turns; a deployment sets, keeps, replaces and ends them, or is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine import Conflict, DefinitionError, Rejected, Select, Where, kernel
from engine.commands import StartByTimer
from engine.events import DeploymentMade, InstanceStarted, StartTimerFired
from engine.trial import Trial

from .clerks import Desk, service
from .clocks import BEGIN, advance, beginning, begun, civil, deploy, due, timer


@pytest.fixture
def desk() -> Iterator[Desk]:
    """The petitions' desk; whatever a test did there, its history proves itself."""
    desk = Desk()
    yield desk
    for report in (desk.engine.verify(), desk.engine.replay(), desk.engine.replay(handlers=True), desk.engine.rebuild()):
        assert report.findings == []


@pytest.mark.parametrize(
    ("kind", "text", "starts"),
    [
        ("timeDate", "2026-01-07T10:00", ["01-07 10:00"]),
        ("timeDate", "=date(&quot;2026-01-07&quot;)", ["01-07 00:00"]),
        ("timeDate", "2025-12-31", ["01-05 09:00"]),
        ("timeDuration", "PT36H", ["01-06 21:00"]),
        ("timeDuration", "=duration(&quot;P2D&quot;)", ["01-07 09:00"]),
        ("timeCycle", "R3/PT1H", ["01-05 10:00", "01-05 11:00", "01-05 12:00"]),
        ("timeCycle", "=&quot;R2/P1D&quot;", ["01-06 09:00", "01-07 09:00"]),
        ("timeCycle", "R3/2026-01-04T08:00/P1D", ["01-06 08:00"]),
        ("timeCycle", "R2/2026-01-07T08:00/P1D", ["01-07 08:00", "01-08 08:00"]),
        ("timeCycle", "R/2025-01-01T00:30/P3D", ["01-08 00:30"]),
        ("timeCycle", "R/2025-01-01T00:30/PT72H", ["01-08 00:30"]),
        ("timeCycle", "R2/2020-01-01/P1D", []),
    ],
)
def test_each_turn_begins_an_instance_when_it_is_due(desk: Desk, kind: str, text: str, starts: list[str]) -> None:
    """A date once (a past one at once), a span once counted from the deployment, a cycle each turn that does not lie before it."""
    deploy(desk, beginning(timer(kind, text)))

    advance(desk, days=4, hours=12)

    assert begun(desk) == starts
    assert len(desk.open("work")) == len(starts)
    tried = Trial(kernel.load({"d.bpmn": beginning(timer(kind, text))}), BEGIN, zone="Asia/Shanghai")
    tried.advance(desk.clock.now)
    assert len(tried.instances) == len(starts), "process try agrees"


def test_a_cycle_without_end_goes_on(desk: Desk) -> None:
    """R/P1D begins an instance each day, and its next turn is known."""
    deploy(desk, beginning(timer("timeCycle", "=duration(&quot;P1D&quot;)")))

    advance(desk, days=5)

    assert len(begun(desk)) == 5
    assert due(desk) == ["01-11 09:00"]


def test_every_timer_of_a_start_event_begins_instances(desk: Desk) -> None:
    """A start event with several triggers begins one instance for each that happens."""
    deploy(desk, beginning(timer("timeDate", "2026-01-06T08:00"), timer("timeDuration", "P2D")))

    advance(desk, days=3)

    assert begun(desk) == ["01-06 08:00", "01-07 09:00"]


def test_an_instance_is_a_case_of_its_own_and_says_why_it_began(desk: Desk) -> None:
    """History names the process, the start event and when the turn was due; the day is that on which it was due."""
    deploy(desk, beginning(timer("timeCycle", "R2/P1D")))
    desk.clock.advance(timedelta(days=1, hours=20))

    desk.engine.tick()

    (row,) = desk.engine.select("kim", Select(table="instance"))
    (line,) = desk.engine.history("kim", row["id"])
    started, fired = line.events[:2]
    assert isinstance(started, InstanceStarted)
    assert isinstance(fired, StartTimerFired)
    assert (row["case_id"], started.case_id, started.element_id) == (row["id"], row["id"], "start")
    assert (fired.process, fired.element_id, fired.turn) == ("review", "start", 1)
    assert (civil(fired.due_at), civil(fired.next_at or 0)) == ("01-06 09:00", "01-07 09:00")
    assert (line.command, str(line.happened_on), civil(row["started_at"])) == ("StartByTimer", "2026-01-06", "01-07 05:00")


def test_the_same_files_again_change_nothing(desk: Desk) -> None:
    """No second clock, and the one that stands counts on from the first deployment."""
    diagram = beginning(timer("timeDuration", "P1D"))
    deploy(desk, diagram)
    advance(desk, hours=12)

    assert deploy(desk, diagram).repeated

    assert due(desk) == ["01-06 09:00"]
    advance(desk, days=3)
    assert len(begun(desk)) == 1


def test_a_deployment_of_other_files_leaves_a_start_timer_alone(desk: Desk) -> None:
    """A process whose diagram is the same goes on in its turns; the instance runs by the newest deployment."""
    deploy(desk, beginning(timer("timeCycle", "R3/P1D")))
    advance(desk, days=1, hours=12)

    second = deploy(desk, beginning(timer("timeCycle", "R3/P1D")), beginning(timer("timeDuration", "P9D"), process="other"))
    advance(desk, days=4)

    assert begun(desk) == ["01-06 09:00", "01-07 09:00", "01-08 09:00"]
    (made,) = (event for event in second.events if isinstance(event, DeploymentMade))
    rows = desk.engine.select("kim", Select(table="instance", where=(Where(column="deployment", value=made.deployment),)))
    assert len(rows) == 2


def test_a_turn_that_a_deployment_took_away_meanwhile_is_a_conflict(desk: Desk) -> None:
    """A worker that saw it before the deployment begins nothing."""
    deploy(desk, beginning(timer("timeDuration", "PT1H")))
    advance(desk, minutes=30)
    (turn,) = desk.engine.start_turns("kim")
    deploy(desk, beginning())
    desk.clock.advance(timedelta(hours=1))

    with pytest.raises(Conflict):
        desk.engine.execute(StartByTimer(actor="system:engine", command_id=f"{turn.timer}/1", **vars(turn)))

    assert begun(desk) == []


def test_a_date_begins_one_instance_whatever_the_versions(desk: Desk) -> None:
    """A date that began an instance does not begin another when a mended diagram is deployed after it; a date that was missed does."""
    deploy(desk, beginning(timer("timeDate", "2026-01-06"), name="first"))
    advance(desk, days=2)
    deploy(desk, beginning(timer("timeDate", "2026-01-06"), name="second"))
    advance(desk, days=1)
    assert begun(desk) == ["01-06 00:00"]
    assert due(desk) == ["none"]

    deploy(desk, beginning(timer("timeDate", "2026-01-07"), name="third"))
    advance(desk, days=1)

    assert begun(desk) == ["01-06 00:00", "01-08 09:00"]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("timeDate", "=day", "asks for day"),
        ("timeDate", "=null", "null"),
        ("timeDate", "=date(&quot;2026-02-30&quot;)", "2026-02-30"),
        ("timeDuration", "=1 + 1", "no duration"),
        ("timeDuration", "=due(&quot;reply&quot;, today())", "asks for due"),
        ("timeCycle", "=&quot;every day&quot;", "every day"),
        ("timeCycle", "R/1600-01-01/P1D", "turns ago"),
    ],
)
def test_a_time_that_gives_none_refuses_the_deployment(desk: Desk, kind: str, text: str, said: str) -> None:
    """All or nothing: each such start event is named with its file and a remedy, and what stood goes on."""
    deploy(desk, beginning(timer("timeCycle", "R/P1D")))
    bad = beginning(timer(kind, text))

    with pytest.raises(DefinitionError, match=said) as caught:
        deploy(desk, bad, beginning(timer(kind, text), process="other"))

    told = sorted((problem.file, problem.element_id, problem.rule) for problem in caught.value.problems)
    assert told == [("d0.bpmn", "start", "timer"), ("d1.bpmn", "start", "timer")]
    assert all("ISO 8601" in problem.fix for problem in caught.value.problems)
    assert due(desk) == ["01-06 09:00"]


def test_a_start_that_is_refused_holds_up_nothing_else(desk: Desk) -> None:
    """The process whose beginning loses a number is told, again and again; the other timers fire; the mended version makes up for it."""
    stuck = service("work", "petition.number").replace("</bpmn:extensionElements>", '<zeebe:ioMapping><zeebe:output source="=1 + &quot;a&quot;" target="x"/></zeebe:ioMapping></bpmn:extensionElements>')
    deploy(desk, beginning(timer("timeDuration", "PT1H"), middle=stuck), beginning(timer("timeCycle", "R2/PT2H"), process="other"))
    desk.clock.advance(timedelta(hours=5))

    with pytest.raises(Rejected, match="took a number"):
        desk.engine.tick()

    assert begun(desk, "other") == ["01-05 14:00", "01-05 14:00"]
    assert begun(desk) == []
    deploy(desk, beginning(timer("timeDuration", "PT1H")), beginning(timer("timeCycle", "R2/PT2H"), process="other"))
    advance(desk, hours=2)
    assert begun(desk) == ["01-05 14:00", "01-05 15:00"]


@pytest.mark.parametrize(
    ("first", "second", "starts"),
    [
        (("timeCycle", "R/PT1H"), ("timeCycle", "R/PT6H"), ["10:00", "11:00", "12:00", "18:00"]),
        (("timeCycle", "R/2026-01-05T10:00/PT1H"), ("timeCycle", "R4/2026-01-05T10:00/PT1H"), ["10:00", "11:00", "12:00", "13:00"]),
        (("timeDuration", "PT1H"), ("timeDuration", "PT2H"), ["10:00", "14:00"]),
        (("timeDate", "2026-01-05T10:00"), ("timeDate", "2026-01-05T10:00"), ["10:00"]),
        (("timeDate", "2026-01-05T10:00"), ("timeDate", "2026-01-05T11:30"), ["10:00", "11:30"]),
        (("timeDate", "2026-01-05T10:00"), ("timeDate", "2026-01-05T20:00"), ["10:00", "20:00"]),
        (("timeCycle", "R/P1D"), ("timeCycle", "R/PT12H"), []),
    ],
)
@pytest.mark.parametrize("runs", [True, False])
def test_what_a_new_version_begins_does_not_hang_on_when_a_worker_ran(
    desk: Desk, first: tuple[str, str], second: tuple[str, str], starts: list[str], runs: bool
) -> None:
    """Turns that were due by the deployment come, each once, whether a worker made them before it or makes up for them after it."""
    deploy(desk, beginning(timer(*first)))
    desk.clock.advance(timedelta(hours=3))
    if runs:
        desk.engine.tick()

    deploy(desk, beginning(timer(*second), name="second"))
    advance(desk, hours=11, minutes=59)

    turns = sorted(desk.engine.select("kim", Select(table="start_turn")), key=lambda row: row["due_at"])
    assert [civil(row["due_at"])[6:] for row in turns] == starts
    assert len(begun(desk)) == len(starts)


def test_what_was_missed_ends_with_its_start_event(desk: Desk) -> None:
    """A deployment that takes the start event away takes what it still had to make up for, also of a version before; a date brought back is due."""
    dated = timer("timeDate", "2026-01-05T10:00")
    deploy(desk, beginning(dated))
    desk.clock.advance(timedelta(hours=3))
    deploy(desk, beginning(dated, name="second"))

    deploy(desk, beginning())
    desk.engine.tick()

    assert begun(desk) == []
    deploy(desk, beginning(dated, name="third"))
    desk.engine.tick()
    assert begun(desk) == ["01-05 12:00"]
