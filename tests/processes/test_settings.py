"""Settings at work: what a person set wins over the row of the jurisdiction, that over the default; each read is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine import ChangeSetting, DefinitionError, DeployDefinitions, Rejected

from .conftest import PROCESSES, WATCHER

ASKS = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
  <bpmn:process id="asks" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="answer"/>
    <bpmn:userTask id="answer">
      <bpmn:extensionElements>
        <zeebe:userTask/>
        <zeebe:assignmentDefinition candidateGroups="=setting(&quot;cfg.afterSecond&quot;)"/>
      </bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f2" sourceRef="answer" targetRef="end"/>
    <bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>"""
"""The work item is for the group that has the setting's value as its name."""

PEOPLE = {"ann": ["convene"]}


@pytest.fixture(name="made")
def _made(congress: Callable[..., Any]) -> Callable[..., Any]:
    def make(jurisdiction: str, *, shipped: bool = True) -> Any:
        files = ("settings.dmn",) if shipped else ()
        return congress(files=files, more={"asks.bpmn": ASKS}, people=PEOPLE, jurisdiction=jurisdiction)

    return make


def _answer(world: Any) -> str:
    """The value that a diagram reads now."""
    instance = world.start("asks", "ann").instance_id
    (item,) = world.rows("work_item", instance_id=instance)
    (group,) = world.engine.item(WATCHER, item["id"]).item.groups
    return str(group)


def _set(world: Any, value: Any, from_on: str, name: str = "cfg.afterSecond", why: str = "试行") -> None:
    world.engine.execute(ChangeSetting(actor="admin", name=name, value=value, from_on=date.fromisoformat(from_on), reason=why))


def _told(world: Any, name: str) -> list[Any]:
    return [view for view in world.engine.settings("ann") if view.name == name]


def test_a_row_wins_over_the_default_and_what_a_person_set_over_the_row(made: Callable[..., Any]) -> None:
    """Without a table the default holds; in Henan the row of its regulation; once an operator has set it, his value."""
    assert _answer(made("henan", shipped=False)) == "convene"
    world = made("henan")
    assert _answer(world) == "expert-assessment"

    _set(world, "convene", "2026-04-01")

    assert _answer(world) == "convene"


def test_a_setting_holds_from_its_day_on(made: Callable[..., Any]) -> None:
    """Set for the first of May it does not hold on the last of April; a later value replaces it on its own day."""
    world = made("national")
    _set(world, "expert-assessment", "2026-05-01")
    _set(world, "convene", "2026-06-01")

    seen = []
    for moment in ("2026-04-30T23:59+08:00", "2026-05-01T00:01+08:00", "2026-06-01T00:01+08:00"):
        world.advance(moment)
        seen.append(_answer(world))

    assert seen == ["convene", "expert-assessment", "convene"]


def test_what_was_read_is_recorded(made: Callable[..., Any]) -> None:
    """A later change of the setting and another table leave every earlier row as it was decided."""
    world = made("henan")
    _answer(world)

    _set(world, "convene", "2026-04-01")
    changed = (PROCESSES / "settings.dmn").read_bytes().replace(b'"expert-assessment"', b'"convene"')
    world.engine.execute(DeployDefinitions(actor="admin", files={"asks.bpmn": ASKS, "settings.dmn": changed}))
    _answer(world)

    for report in (world.engine.replay(), world.engine.replay(handlers=True), world.engine.rebuild(), world.engine.verify()):
        assert report.findings == []


def test_each_setting_says_what_or_who_says_so(made: Callable[..., Any]) -> None:
    """Law with its article; a plan as a plan; what no text says as unconfirmed; a person with his reason; what is to come beside it."""
    world = made("national")
    _set(world, "lead-only", "2026-04-01", name="cfg.letterTo")
    _set(world, "every-proposer", "2026-09-01", name="cfg.letterTo", why="试行期满")

    (redo,) = _told(world, "cfg.redoDecision")
    assert (redo.source, redo.article, redo.from_on) == ("law", "第三十二条", date(2021, 3, 11))
    (proposing,) = _told(world, "cfg.keyProposingBody")
    assert (proposing.source, proposing.article) == ("plan", "第26项")
    (consent,) = _told(world, "cfg.extensionConsent")
    assert (consent.source, consent.state) == ("unconfirmed", "in-force")
    now, later = _told(world, "cfg.letterTo")
    assert (now.value, now.source, now.set_by, now.reason, now.state) == ("lead-only", "set", "admin", "试行", "in-force")
    assert (later.value, later.from_on, later.reason, later.state) == ("every-proposer", date(2026, 9, 1), "试行期满", "to-come")


def test_every_setting_is_told(made: Callable[..., Any]) -> None:
    """Also where no table is deployed each declared setting is told once, as the product's default."""
    world = made("shanghai", shipped=False)

    told = world.engine.settings("ann")

    assert [view.name for view in told] == sorted(name for name in world.engine.registry.settings if not name.endswith("."))
    assert {view.source for view in told} == {"default"}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("cfg.afterSecnd", "convene", "no setting cfg.afterSecnd"),
        ("cfg.afterSecond", "meet", "one of convene, expert-assessment"),
        ("cfg.numberFormat", "four", "a number"),
        ("cfg.numberFormat", True, "a number"),
        ("cfg.delegationCheck", "yes", "true or false"),
        ("cfg.reminders", [10, "five"], "a list, each a number"),
        ("cfg.colours", {"yellow_from": 30}, "yellow_from: a number, red_from: a number"),
        ("cfg.internalTarget.co-opinion", "ten", "a number"),
        ("cfg.internalTarget.", 10, "no setting"),
    ],
)
def test_a_setting_that_is_none_is_refused(made: Callable[..., Any], name: str, value: Any, says: str) -> None:
    """An unknown name and a value of another kind change nothing; the right kind is named."""
    world = made("national")

    with pytest.raises(Rejected) as refused:
        _set(world, value, "2026-04-01", name=name)

    assert says in str(refused.value)
    assert world.rows("setting") == []


def test_an_internal_target_is_a_setting_of_its_limit(made: Callable[..., Any]) -> None:
    """What begins with cfg.internalTarget. is declared together, and told once it is set."""
    world = made("national")

    _set(world, 10, "2026-04-01", name="cfg.internalTarget.co-opinion")

    (view,) = _told(world, "cfg.internalTarget.co-opinion")
    assert (view.value, view.source) == (10, "set")


def test_a_table_without_the_databases_own_jurisdiction_is_not_deployed(made: Callable[..., Any]) -> None:
    """Rows for others only would leave this congress to defaults in silence."""
    world = made("henan")
    others = (PROCESSES / "settings.dmn").read_bytes().replace(b'"henan"', b'"hunan"')

    with pytest.raises(DefinitionError, match="names the jurisdiction henan, which is not known"):
        world.engine.execute(DeployDefinitions(actor="admin", files={"asks.bpmn": ASKS, "settings.dmn": others}))
