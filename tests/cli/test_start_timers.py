"""What analysts and operators see of a process that the clock begins: deploy says when, list says when next, tick begins it, show says why."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from engine.instants import instant

from .conftest import World

DAILY = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
  <bpmn:process id="daily" name="每日检查" isExecutable="true">
    <bpmn:startEvent id="morning" name="早晨"><bpmn:outgoing>f</bpmn:outgoing>
      <bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>
    <bpmn:endEvent id="done" name="完"><bpmn:incoming>f</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f" sourceRef="morning" targetRef="done" />
  </bpmn:process>
</bpmn:definitions>
"""


@pytest.fixture
def deployed(world: World, tmp_path):
    """A function that deploys this diagram at a moment."""

    def deploy(diagram: str, now: str, *more: str):
        (tmp_path / "daily.bpmn").write_text(diagram, "utf-8")
        return world("process", "deploy", "daily.bpmn", "--as", "p-admin", "--now", now, *more)

    return deploy


def test_deploy_says_when_it_will_begin(deployed):
    """In words and as data; a dry run says it too and sets nothing; where its time has passed, that is said."""
    dry = deployed(DAILY, "2026-03-07T09:00", "--dry-run", "--json")
    told = deployed(DAILY, "2026-03-07T09:00")
    again = deployed(DAILY, "2026-03-07T10:00", "--json")
    past = deployed(DAILY.replace("R/P1D", "R2/2025-01-01/P1D"), "2026-03-08T08:00")

    (timer,) = json.loads(dry.stdout)["start_timers"]
    assert (timer["process"], timer["element_id"]) == ("daily", "morning")
    assert "morning begins daily on 2026-03-08 09:00" in told.stdout
    assert json.loads(again.stdout)["start_timers"] == []
    assert "the time of morning has passed" in past.stdout


def test_list_tick_and_show_tell_of_it(world: World, deployed):
    """The list shows the next start, tick begins what is due, and the case says which timer began it."""
    deployed(DAILY, "2026-03-07T09:00")
    listed = world("process", "list", "--as", "p-admin", "--now", "2026-03-07T09:30", "--json", "process,next_start")

    ticked = world("tick", "--now", "2026-03-09T12:00", "--json")

    assert json.loads(listed.stdout) == [{"process": "daily", "next_start": instant(datetime.fromisoformat("2026-03-08T09:00+08:00"))}]
    assert json.loads(ticked.stdout)["done"] == 2
    after = world("process", "list", "--as", "p-admin", "--now", "2026-03-09T12:00")
    assert "begins next" in after.stdout
    assert "2026-03-10" in after.stdout
    shown = world("show", "5", "--all", "--as", "p-admin", "--now", "2026-03-09T12:00")
    assert "begun by the timer morning of daily, due 2026-03-08 09:00" in shown.stdout


def test_a_time_that_gives_none_is_refused_with_its_place(deployed):
    """Exit 1, the element, the reason and a remedy; nothing is deployed."""
    told = deployed(DAILY.replace("R/P1D", '="P" + null'), "2026-03-07T09:00")

    assert told.exit_code == 1
    assert "morning" in told.stderr
    assert "ISO 8601" in told.stderr
    assert "Traceback" not in told.output


@pytest.mark.parametrize("text", ["=wanted_on", '=due("reply", today())'])
def test_check_says_what_a_start_event_may_not_ask(world: World, tmp_path, text: str):
    """Its time is counted before any instance: a variable or a limit is named once, with a remedy that mends it; try refuses it too."""
    (tmp_path / "daily.bpmn").write_text(DAILY.replace("timeCycle", "timeDate").replace("R/P1D", text), "utf-8")

    (problem,) = json.loads(world("process", "check", "daily.bpmn", "--json").stdout)
    tried = json.loads(world("process", "try", "daily.bpmn", "--json").stdout)

    assert (problem["rule"], problem["element_id"], problem["severity"]) == ("timer", "morning", "error")
    assert (tried["outcome"], tried["problems"][0]["element_id"]) == ("refused", "morning")


def test_try_refuses_a_time_that_gives_none(world: World, tmp_path):
    """What only the evaluation shows is told by try as deploy tells it."""
    (tmp_path / "daily.bpmn").write_text(DAILY.replace("R/P1D", '="P" + "D"'), "utf-8")

    tried = json.loads(world("process", "try", "daily.bpmn", "--json").stdout)

    assert (tried["outcome"], tried["problems"][0]["rule"]) == ("refused", "timer")
