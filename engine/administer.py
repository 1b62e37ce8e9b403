"""`administer`: what a command on one of the engine's own streams means (people, deployment, settings, calendar). Pure.

Like `decide`, but without an instance: `reads` says which rows are needed, `administer` turns command and rows into events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import singledispatch
from typing import Any

from .canonical import sha256
from .commands import (
    AdminCommand,
    ChangeSetting,
    DeployDefinitions,
    EndMemberships,
    NameSubstitute,
    PublishCalendar,
    RegisterPersons,
    RegisterUnits,
)
from .counting import CALENDAR, COUNTED, calendar_of, counted_otherwise
from .deployment import Bundle
from .errors import NotAllowed, NotFound, Rejected, require
from .events import (
    CalendarPublished,
    DeploymentMade,
    Event,
    MembershipEnded,
    MembershipGranted,
    PersonRegistered,
    RecountAsked,
    SettingChanged,
    SubstituteNamed,
    UnitNamed,
    UnitRegistered,
    UnitSucceeded,
)
from .feel import to_json
from .model import Actor, Moment
from .registry import Select, Where
from .start_timers import READS, rearranged

EVERYTHING = 1_000_000
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def require_group(command: AdminCommand, actor: Actor) -> None:
    """Raise NotAllowed unless the actor is in one of the command's groups."""
    require(
        actor.identity == "engine" or actor.is_in(command.GROUPS),
        "not_yours",
        "this is for the group {groups}",
        error=NotAllowed,
        groups=", ".join(command.GROUPS),
        hint="jianyi whoami shows your groups",
    )


@singledispatch
def reads(command: AdminCommand) -> Mapping[str, Select]:
    """The rows that the decision needs."""
    return {}


@singledispatch
def administer(command: AdminCommand, rows: Rows, moment: Moment, bundle: Bundle | None) -> tuple[Event, ...]:
    """The events of the command; none where everything stands already. Raises Rejected."""
    raise TypeError(f"no rule for {type(command).__name__}")


@reads.register
def _(command: RegisterPersons) -> Mapping[str, Select]:
    ids = sorted({str(person["id"]) for person in command.data})
    return {
        "persons": Select(table="person", where=(Where(column="id", op="in", value=ids),), limit=EVERYTHING),
        "memberships": Select(table="membership", where=(Where(column="person_id", op="in", value=ids),), limit=EVERYTHING),
    }


@administer.register
def _(command: RegisterPersons, rows: Rows, moment: Moment, bundle: Bundle | None) -> tuple[Event, ...]:
    known = {row["id"]: row for row in rows["persons"]}
    held = {(row["person_id"], row["group_id"]) for row in rows["memberships"] if row["to_on"] is None}
    events: list[Event] = []
    for person in command.data:
        identifier = _identifier(person)
        name, kind = str(person.get("name") or identifier), str(person.get("kind") or "person")
        if identifier not in known or (known[identifier]["name"], known[identifier]["kind"]) != (name, kind):
            events.append(PersonRegistered(person=identifier, name=name, kind=kind))
        for group in person.get("groups") or ():
            if (identifier, group) not in held:
                held.add((identifier, group))
                from_on = _iso(person.get("from_on")) or moment.today.isoformat()
                events.append(MembershipGranted(person=identifier, group=group, from_on=from_on, to_on=_iso(person.get("to_on"))))
    return tuple(events)


@reads.register
def _(command: EndMemberships) -> Mapping[str, Select]:
    ids = sorted({str(row["person"]) for row in command.data})
    return {"memberships": Select(table="membership", where=(Where(column="person_id", op="in", value=ids),), limit=EVERYTHING)}


@administer.register
def _(command: EndMemberships, rows: Rows, moment: Moment, bundle: Bundle | None) -> tuple[Event, ...]:
    held = {(row["person_id"], row["group_id"]): row for row in rows["memberships"] if row["to_on"] is None}
    events: list[Event] = []
    for wanted in command.data:
        row = held.get((wanted["person"], wanted["group"]))
        if row is None:
            raise NotFound("not_found", "{person} is not in the group {group}", person=wanted["person"], group=wanted["group"])
        to_on = _iso(wanted.get("to_on")) or moment.today.isoformat()
        events.append(MembershipEnded(person=wanted["person"], group=wanted["group"], from_on=row["from_on"], to_on=to_on))
    return tuple(events)


@reads.register
def _(command: NameSubstitute) -> Mapping[str, Select]:
    return {
        "persons": Select(table="person", where=(Where(column="id", op="in", value=sorted({command.person, command.by})),), limit=2),
        "memberships": Select(table="membership", where=(Where(column="person_id", value=command.person),), limit=EVERYTHING),
    }


@administer.register
def _(command: NameSubstitute, rows: Rows, moment: Moment, bundle: Bundle | None) -> tuple[Event, ...]:
    known = {row["id"] for row in rows["persons"] if row["kind"] == "person"}
    for person in (command.person, command.by):
        require(person in known, "not_found", "there is no person {text}", error=NotFound, text=person, hint="jianyi person list")
    require(command.person != command.by, "same_person", "{person} cannot stand in for himself", person=command.person, hint="name another person")
    require(command.from_on <= command.to_on, "days", "{to_on} is before {from_on}", from_on=command.from_on, to_on=command.to_on, hint="write the first day, then the last")
    held = {row["group_id"] for row in rows["memberships"]}
    for group in command.groups:
        require(group in held, "not_found", "{person} is not in the group {group}", error=NotFound, person=command.person, group=group)
    named = SubstituteNamed(
        person=command.person, by=command.by, from_on=command.from_on.isoformat(), to_on=command.to_on.isoformat(), groups=sorted(set(command.groups))
    )
    return (named,)


@reads.register
def _(command: RegisterUnits) -> Mapping[str, Select]:
    ids = sorted({str(unit["id"]) for unit in command.data})
    return {
        "units": Select(table="unit", where=(Where(column="id", op="in", value=ids),), limit=EVERYTHING),
        "names": Select(table="unit_name", where=(Where(column="unit_id", op="in", value=ids),), limit=EVERYTHING),
        "successions": Select(table="unit_succession", where=(Where(column="unit_id", op="in", value=ids),), limit=EVERYTHING),
    }


@administer.register
def _(command: RegisterUnits, rows: Rows, moment: Moment, bundle: Bundle | None) -> tuple[Event, ...]:
    known = {row["id"]: dict(row) for row in rows["units"]}
    names = {(row["unit_id"], row["name"], row["kind"]): dict(row) for row in rows["names"]}
    successions = {(row["unit_id"], row["successor_id"]): row["on_date"] for row in rows["successions"]}
    seen: set[str] = set()
    events: list[Event] = []
    for unit in command.data:
        identifier = _identifier(unit)
        require(identifier not in seen, "twice", "unit {unit} stands twice in the list", unit=identifier, hint="remove one line")
        seen.add(identifier)
        told = _unit(identifier, unit)
        if known.get(identifier) != {"id": identifier, **_values(told)}:
            events.append(told)
        for name in unit.get("names") or ():
            named = UnitNamed(unit=identifier, name=name["name"], kind=name["kind"], **_span(name))
            if names.get((identifier, named.name, named.kind)) != {"unit_id": identifier, **_values(named)}:
                events.append(named)
        for successor in unit.get("successors") or ():
            if successions.get((identifier, successor["id"])) != _iso(successor["on_date"]):
                events.append(UnitSucceeded(unit=identifier, successor=successor["id"], on_date=_iso(successor["on_date"]) or ""))
    return tuple(events)


def _unit(identifier: str, unit: Mapping[str, Any]) -> UnitRegistered:
    return UnitRegistered(unit=identifier, name=str(unit["name"]), kind=str(unit["kind"]), **_span(unit))


def _span(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"from_on": _iso(value.get("from_on")), "to_on": _iso(value.get("to_on")), "confirmed": bool(value.get("confirmed", False))}


def _values(event: UnitRegistered | UnitNamed) -> dict[str, Any]:
    return {name: value for name, value in vars(event).items() if name != "unit"}


@reads.register
def _(command: DeployDefinitions) -> Mapping[str, Select]:
    return {"last": Select(table="deployment", columns=("id",), order=("-position",), limit=1), **READS}


@administer.register
def _(command: DeployDefinitions, rows: Rows, moment: Moment, bundle: Bundle | None) -> tuple[Event, ...]:
    assert bundle is not None
    if rows["last"] and rows["last"][0]["id"] == bundle.digest:
        return ()
    files = [[path, sha256(data).hex()] for path, data in sorted(command.files.items())]
    made = DeploymentMade(deployment=bundle.digest, files=files, processes=[list(row) for row in bundle.listing])
    return (made, *rearranged(bundle, command.files, rows, moment))


@administer.register
def _(command: ChangeSetting, rows: Rows, moment: Moment, bundle: Bundle | None) -> tuple[Event, ...]:
    require(command.reason, "reason_needed", "a setting changes for a reason", hint="add --reason")
    return (SettingChanged(name=command.name, value=to_json(command.value), from_on=command.from_on.isoformat()),)


@reads.register
def _(command: PublishCalendar) -> Mapping[str, Select]:
    return {"years": CALENDAR, **COUNTED}


@administer.register
def _(command: PublishCalendar, rows: Rows, moment: Moment, bundle: Bundle | None) -> tuple[Event, ...]:
    newest = {row["year"]: row for row in rows["years"]}
    events: list[CalendarPublished] = []
    for year, days in sorted(command.years.items()):
        holidays, workdays = _days(year, days, "holidays"), _days(year, days, "workdays")
        both = sorted(set(holidays) & set(workdays))
        require(not both, "calendar", "{day} is a holiday and a working day at once", day=both[0] if both else "", hint="correct the file")
        before = newest.get(int(year))
        if before is not None and (before["holidays"], before["workdays"]) == (holidays, workdays):
            continue
        version = before["version"] + 1 if before is not None else 1
        events.append(
            CalendarPublished(year=int(year), version=version, holidays=holidays, workdays=workdays, source=command.source)
        )
    if not events:
        return ()
    amended = calendar_of([*rows["years"], *(vars(event) for event in events)])
    otherwise = counted_otherwise([*rows["items"], *rows["timers"]], amended)
    moved = {row["instance_id"] for row, _ in otherwise}
    return (*events, RecountAsked(instances=sorted(moved))) if moved else tuple(events)


def _days(year: str, days: Mapping[str, Sequence[Any]], kind: str) -> list[str]:
    found = sorted({_iso(day) or "" for day in days.get(kind, ())})
    strange = [day for day in found if not day.startswith(f"{year}-")]
    require(not strange, "calendar", "{day} does not lie in {year}", day=strange[0] if strange else "", year=year, hint="correct the file")
    return found


def _identifier(row: Mapping[str, Any]) -> str:
    identifier = str(row.get("id") or "")
    if not identifier or identifier != identifier.strip() or ":" in identifier:
        raise Rejected("id", "“{id}” is no id", id=identifier, hint="an id is a text without spaces around it and without a colon")
    return identifier


def _iso(value: Any) -> str | None:
    if value in (None, ""):
        return None
    return value.isoformat() if isinstance(value, date) else date.fromisoformat(str(value)).isoformat()
