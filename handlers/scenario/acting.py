"""Does the steps of a scenario through the engine's door: people start, complete and act, time goes on, messages come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from engine import (
    CancelInstance,
    ChangeSetting,
    ClaimWorkItem,
    Command,
    CompleteWorkItem,
    EndMemberships,
    InvalidForm,
    JianyiError,
    MoveInstance,
    PerformAct,
    PublishCalendar,
    ReassignWorkItem,
    Rejected,
    ReleaseWorkItem,
    RepairIncident,
    RetryIncident,
    StartInstance,
)
from engine.commands import DeliverMessage
from engine.errors import Saying
from engine.instants import from_microseconds
from engine.worker import Drained

from .located import Located
from .looking import Tell, look_at
from .source import holds_in, word_of
from .world import ADMIN, WATCHER, Congress, Failed, moment_of, said_of


def take(world: Congress, steps: Sequence[Located], report: Tell, **more: Any) -> bool:
    """Do the steps that are for this jurisdiction, in order; false after the first that could not be done, which is reported."""
    for step in steps:
        if not holds_in(step, world.jurisdiction):
            continue
        word = word_of(step)
        try:
            if word == "way":
                if not _way(world, step, report):
                    return False
            elif word == "repeat":
                times = int(world.filled(step["repeat"], **more))
                if not all(take(world, step["steps"], report, **{**more, "i": i}) for i in range(1, times + 1)):
                    return False
            elif word == "then":
                look_at(world, step["then"], report, **more)
            else:
                _STEPS[word](world, world.filled(step, **more))
        except JianyiError as error:
            report(step, word, said_of(error))
            return False
    return True


def _way(world: Congress, step: Located, report: Tell) -> bool:
    """A named way of the common file; `with` says what is typed otherwise at which element."""
    before, world.unit = world.unit, world.filled(step.get("unit", world.unit))
    steps = _flat(world, step)
    failed: list[Saying] = []
    place = Path(world.common.file).name
    done = take(world, steps, lambda at, word, told: failed.append(Saying("{place}, {word}: {told}", place=f"{place}:{at.line}", word=word, told=told)))
    world.unit = before
    for told in failed:
        report(step, "way", told)
    return done


def _flat(world: Congress, step: Located) -> list[Located]:
    """The way's steps, those of ways within it in their place. Raises Failed where something would be typed at no step."""
    differing = dict(step.get("with") or {})
    plain: list[Located] = []
    for each in world.common.ways[step["way"]]:
        plain += _flat(world, each) if "way" in each else [each]
    steps = [_differing(each, differing) for each in plain]
    if differing:
        raise Failed(Saying("the way {name} has no {elements}", name=step["way"], elements=", ".join(differing)))
    return steps


def _differing(step: Located, differing: dict[str, Any]) -> Located:
    """The step with what is typed otherwise; each difference is used up by the first step that it is for."""
    target = step.get("complete") or step.get("start") or step.get("act")
    changed = differing.pop(target, None) if isinstance(target, str) else None
    if changed is None:
        return step
    merged = Located(step)
    merged.line = step.line
    for name, value in changed.items():
        merged[name] = {**step.get(name, {}), **value} if name == "data" else value
    return merged


# -- steps


def _at(world: Congress, step: Mapping[str, Any]) -> None:
    goal = moment_of(str(step["at"]))
    _settle(world)
    done = 0
    while (due := world.engine.worker.next_due()) is not None and from_microseconds(due) <= goal:
        world.clock.set(max(world.clock.now, from_microseconds(due)))
        done = _at_rest(done, world.engine.tick(limit=COMMANDS_MAX, seconds=SECONDS_MAX))
    world.clock.set(goal)
    _at_rest(done, world.engine.tick(limit=COMMANDS_MAX, seconds=SECONDS_MAX))


def _tick(world: Congress, step: Mapping[str, Any]) -> None:
    _at_rest(0, world.engine.tick(limit=COMMANDS_MAX, seconds=SECONDS_MAX))


def _start(world: Congress, step: Mapping[str, Any]) -> None:
    person, data = _usual(world, step, step["start"])

    def command() -> Command:
        return StartInstance(process=step["start"], element_id=step.get("element"), data=data, **_common(step, person))

    receipt = _do(world, step, command)
    if receipt is not None:
        world.case = receipt.case_id
        world.started.append(receipt.case_id)
        world.cases[step.get("case", step["start"])] = receipt.case_id


def _about(world: Congress, step: Mapping[str, Any]) -> None:
    world.case = world.case_id(step["about"])


def _complete(world: Congress, step: Mapping[str, Any]) -> None:
    ids = world.elements(step["complete"])
    person, data = _usual(world, step, *ids)

    def command() -> Command:
        return CompleteWorkItem(item_id=_item(world, step, ids, person), data=data, **_common(step, person))

    _do(world, step, command)


def _item(world: Congress, step: Mapping[str, Any], ids: Sequence[str], person: str) -> str:
    """The one open item of the elements: of the case that steps are about if that has any, then what the person may do, then by `where`."""
    found = [row for row in world.open_items(world.case_id(step["case"]) if "case" in step else None) if row["element_id"] in ids]
    here = [row for row in found if row["case_id"] == world.case]
    found = here or found
    if len(found) > 1:
        actor = world.engine.actor(person)
        found = [row for row in found if world.engine.item(WATCHER, row["id"]).item.is_for(actor)]  # type: ignore[union-attr]
    for name, value in step.get("where", {}).items():
        found = [row for row in found if world.engine.item(WATCHER, row["id"]).item.inputs.get(name) == value]  # type: ignore[union-attr]
    if len(found) != 1:
        waiting = sorted(row["element_id"] for row in world.open_items(world.case)) or ["–"]
        raise Failed(Saying("{count} such items are open for {person}; open in this case: {open}", count=len(found), person=person, open=", ".join(waiting)))
    return str(found[0]["id"])


def _on_item(command: Callable[..., Command]) -> Callable[[Congress, Mapping[str, Any]], None]:
    """A step on a work item that types nothing."""

    def done(world: Congress, step: Mapping[str, Any]) -> None:
        ids = world.elements(next(iter(step.values())))
        person, _ = _usual(world, step, *ids)
        more = {"person": step["to"]} if "to" in step else {}
        _do(world, step, lambda: command(item_id=_item(world, step, ids, person), **more, **_common(step, person)))

    return done


def _act(world: Congress, step: Mapping[str, Any]) -> None:
    named = step["act"]
    person, data = _usual(world, step, named)

    def command() -> Command:
        case_id = world.case_id(step.get("case"))
        offered = world.rows("subscription", {"case_id": case_id, "status": "open", **step.get("where", {})})
        found = [row for row in offered if row["act"] and named in (row["act"], row["act_name"], row["element_id"])]
        if len(found) > 1:
            for_person = {view.subscription_id for view in world.engine.acts(person, case_id) if view.for_me}
            found = [row for row in found if row["id"] in for_person]
        if len(found) != 1:
            acts = sorted({row["act"] for row in offered if row["act"]}) or ["–"]
            raise Failed(Saying("{name} is offered {count} times; offered: {acts}", name=named, count=len(found), acts=", ".join(acts)))
        return PerformAct(subscription_id=found[0]["id"], data=data, **_common(step, person))

    _do(world, step, command)


def _message(world: Congress, step: Mapping[str, Any]) -> None:
    where = {"name": step["message"], "status": "open", **({"key": step["key"]} if "key" in step else {})}
    found = world.rows("subscription", where)
    if not found:
        raise Failed(Saying("nobody waits for {name}", name=step["message"]))
    for row in found:
        world.engine.execute(DeliverMessage(actor="system:scenario", subscription_id=row["id"], variables=step.get("data", {})))
    _settle(world)


def _people(world: Congress, step: Mapping[str, Any]) -> None:
    world.register(step["people"])


def _leave(world: Congress, step: Mapping[str, Any]) -> None:
    today = world.engine.today.isoformat()
    data = [{"person": person, "group": group, "to_on": today} for person, groups in step["leave"].items() for group in groups]
    world.engine.execute(EndMemberships(actor=ADMIN, data=data))


def _units(world: Congress, step: Mapping[str, Any]) -> None:
    world.register_units(step["units"])


def _settings(world: Congress, step: Mapping[str, Any]) -> None:
    for name, value in step["settings"].items():
        if name not in world.engine.registry.settings:
            raise Failed(Saying("there is no setting {name}", name=name))
        from_on = _day(step["from"]) if "from" in step else world.engine.today
        world.engine.execute(ChangeSetting(actor=ADMIN, name=name, value=value, from_on=from_on, reason="scenario"))


def _calendar(world: Congress, step: Mapping[str, Any]) -> None:
    world.engine.execute(PublishCalendar(actor=ADMIN, years=step["calendar"], source="scenario"))
    _settle(world)


# -- what an operator does


def _incident(command: Callable[..., Command]) -> Callable[[Congress, Mapping[str, Any]], None]:
    def done(world: Congress, step: Mapping[str, Any]) -> None:
        element = next(iter(step.values()))
        found = [row for row in world.rows("incident", {"case_id": world.case_id(step.get("case")), "status": "open"}) if row["element_id"] in world.elements(element)]
        if len(found) != 1:
            raise Failed(Saying("{count} incidents are open at {name}", count=len(found), name=element))
        more = {"variables": step["data"]} if "data" in step else {}
        _do(world, step, lambda: command(incident_id=found[0]["id"], **more, **_order(step)))

    return done


def _order(step: Mapping[str, Any]) -> dict[str, Any]:
    return {"actor": step.get("as", ADMIN), "reason": step.get("reason", "scenario")}


def _move(world: Congress, step: Mapping[str, Any]) -> None:
    here, there = (world.elements(step[name]) for name in ("move", "to"))
    found = [row for row in world.open_items(world.case_id(step.get("case"))) if row["element_id"] in here]
    if len(found) != 1 or len(there) != 1:
        raise Failed(Saying("{count} work items are open at {name}", count=len(found), name=step["move"]))
    row = found[0]
    _do(world, step, lambda: MoveInstance(instance_id=row["instance_id"], from_element=row["element_id"], to_element=there[0], **_order(step)))


def _cancel(world: Congress, step: Mapping[str, Any]) -> None:
    found = world.rows("instance", {"case_id": world.case_id(step.get("case")), "process": step["cancel"], "status": "running"})
    if len(found) != 1:
        raise Failed(Saying("{count} instances of {name} are running", count=len(found), name=step["cancel"]))
    _do(world, step, lambda: CancelInstance(instance_id=found[0]["id"], **_order(step)))


_STEPS: Mapping[str, Callable[[Congress, Mapping[str, Any]], None]] = {
    "at": _at,
    "tick": _tick,
    "start": _start,
    "about": _about,
    "complete": _complete,
    "claim": _on_item(ClaimWorkItem),
    "release": _on_item(ReleaseWorkItem),
    "reassign": _on_item(ReassignWorkItem),
    "retry": _incident(RetryIncident),
    "repair": _incident(RepairIncident),
    "move": _move,
    "cancel": _cancel,
    "act": _act,
    "message": _message,
    "people": _people,
    "leave": _leave,
    "units": _units,
    "settings": _settings,
    "calendar": _calendar,
}


# -- what they share


def _usual(world: Congress, step: Mapping[str, Any], *names: str) -> tuple[str, dict[str, Any]]:
    """Who does it and what is typed: what is usual there, changed by what the step says; null takes a field out. Raises Failed."""
    asked = next(iter(step.values()))
    usual = next((world.common.usual[name] for name in (asked, *names) if name in world.common.usual), {})
    unit = step.get("unit", world.unit)
    person = step.get("as") or world.filled(usual.get("as"), unit=unit)
    if not person:
        raise Failed(Saying("nobody is named who does it; write as: PERSON"))
    data = {**world.filled(usual.get("data", {}), unit=unit), **step.get("data", {})}
    return person, {name: value for name, value in data.items() if value is not None}


def _common(step: Mapping[str, Any], person: str) -> dict[str, Any]:
    return {"actor": person, "happened_on": _day(step["on"]) if "on" in step else None, "reason": step.get("reason")}


def _day(text: str) -> date:
    return moment_of(str(text)).date()


def _do(world: Congress, step: Mapping[str, Any], command: Callable[[], Command]) -> Any:
    """Execute and bring everything to rest; or, where a refusal is expected, see that it comes and that nothing was written."""
    if "refused" not in step:
        receipt = world.engine.execute(command())
        _settle(world)
        return receipt
    wanted = command()
    with world.engine.store.transaction(write=False) as transaction:
        before = transaction.last()
    try:
        world.engine.execute(wanted)
    except Rejected as error:
        _as_expected(step["refused"], error)
        with world.engine.store.transaction(write=False) as transaction:
            if transaction.last() != before:
                raise Failed(Saying("it was refused, yet something was written")) from None
        return None
    raise Failed(Saying("it was accepted, though a refusal is expected: {wanted}", wanted=step["refused"]))


def _as_expected(refused: Any, error: Rejected) -> None:
    """`refused` is the code, or a mapping of `code`, `fields` and `rules`, of which what is given must be so. Raises Failed."""
    wanted = refused if isinstance(refused, Mapping) else {"code": refused}
    problems = error.problems if isinstance(error, InvalidForm) else ()
    found = {"code": error.code, "fields": sorted(p.field for p in problems), "rules": sorted({p.rule for p in problems})}
    for name, value in wanted.items():
        if found[name] != (sorted(value) if isinstance(value, list) else value):
            said = Saying(error.template, **error.params)
            raise Failed(Saying("it was refused with {name} {found}, expected {wanted}: {said}", name=name, found=found[name], wanted=value, said=said))


def _settle(world: Congress) -> None:
    """Everything that follows is done. Raises Failed where it does not end."""
    _at_rest(0, world.engine.drain(limit=COMMANDS_MAX, seconds=SECONDS_MAX))


COMMANDS_MAX, SECONDS_MAX = 10_000, 600.0
"""What may follow from one step of a scenario: a diagram that goes round for ever fails it."""


def _at_rest(done: int, drained: Drained) -> int:
    """How much has been done with what was just done. Raises Failed where that is more than a step may cause."""
    done += drained.done
    if done >= COMMANDS_MAX:
        raise Failed(Saying("it does not come to rest: {count} commands followed", count=done))
    return done
