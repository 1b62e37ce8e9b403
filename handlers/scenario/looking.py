"""Looks whether what a scenario expects is so: rows, open items, due dates, letters, who may see, read and do what, what history says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from engine import JianyiError, Select, Where
from engine.errors import Saying
from engine.events import TokensMoved

from .located import Located
from .reading import readable_text
from .source import holds_in, word_of
from .world import WATCHER, Congress, Failed, said_of

Tell = Callable[[Located, str, Saying], None]
"""Told of what does not hold: where, at which word, and how."""


def look_at(world: Congress, looks: Sequence[Located], report: Tell, **more: Any) -> None:
    """Report every expectation for this jurisdiction that is not so."""
    for look in looks:
        if not holds_in(look, world.jurisdiction):
            continue
        word = word_of(look)
        try:
            _LOOKS[word](world, world.filled(look, **more))
        except JianyiError as error:
            report(look, word, said_of(error))


def _differs(what: Saying | str, found: Any, wanted: Any) -> Failed:
    return Failed(Saying("{what}: found {found}, expected {wanted}", what=what, found=_shown(found), wanted=_shown(wanted)))


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _same(what: Saying | str, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise _differs(what, found, wanted)


def _record(world: Congress, look: Mapping[str, Any]) -> None:
    order = [look["order"]] if isinstance(look.get("order"), str) else look.get("order", ())
    found = world.rows(look["record"], look.get("where", {}), order)
    if "count" in look:
        _same(Saying("rows of {name}", name=look["record"]), len(found), look["count"])
    if "is" not in look:
        return
    wanted = look["is"] if isinstance(look["is"], list) else [look["is"]]
    world.rows(look["record"], {column: None for each in wanted for column in each})
    _same(Saying("rows of {name}", name=look["record"]), len(found), len(wanted))
    for row, each in zip(found, wanted, strict=True):
        _same(look["record"], {column: row[column] for column in each}, dict(each))


def _open(world: Congress, look: Mapping[str, Any]) -> None:
    found = Counter(row["element_id"] for row in world.open_items(world.case_id(look.get("case"))))
    _chosen(Saying("open work items"), list(found.elements()), look["open"], lambda name: _element(world, name))


def _chosen(what: Saying, found: Sequence[str], wanted: Any, name_of: Callable[[str], str] = str) -> None:
    """A list says all that there is, `has` and `lacks` what must and what must not be there."""
    if isinstance(wanted, list):
        _same(what, sorted(found), sorted(name_of(str(name)) for name in wanted))
        return
    for name in wanted.get("has", []):
        if name_of(str(name)) not in found:
            raise Failed(Saying("{what}: {name} is missing; there are {found}", what=what, name=name, found=", ".join(sorted(set(found))) or "–"))
    for name in wanted.get("lacks", []):
        if name_of(str(name)) in found:
            raise Failed(Saying("{what}: {name} is there", what=what, name=name))


def _element(world: Congress, name: str) -> str:
    ids = world.elements(name)
    if len(ids) != 1:
        raise Failed(Saying("{name} names several elements; say which by its id: {known}", name=name, known=", ".join(ids)))
    return ids[0]


def _due(world: Congress, look: Mapping[str, Any]) -> None:
    rows = world.open_items(world.case_id(look.get("case")))
    for name, wanted in look["due"].items():
        found = [row["due_on"] for row in rows if row["element_id"] == _element(world, name)]
        _same(Saying("due date of {name}", name=name), found, [wanted])


def _stage(world: Congress, look: Mapping[str, Any]) -> None:
    case_id = world.case_id(look.get("case"))
    _same(Saying("stage"), [row["stage"] for row in world.rows("suggestion", {"id": case_id})], [look["stage"]])


def _letters(world: Congress, look: Mapping[str, Any]) -> None:
    """All letters of the case, in any order, each with the given columns."""
    found = world.rows("letter", {"case_id": world.case_id(look.get("case")), **look.get("where", {})})
    columns = sorted({column for each in look["letters"] for column in each})
    world.rows("letter", dict.fromkeys(columns))
    for each in look["letters"]:
        if sorted(each) != columns:
            raise Failed(Saying("say the same columns of every letter"))
    shown = sorted([str(row[column]) for column in columns] for row in found)
    _same(Saying("letters"), shown, sorted([str(each[column]) for column in columns] for each in look["letters"]))


def _acts(world: Congress, look: Mapping[str, Any]) -> None:
    views = world.engine.acts(look.get("as", WATCHER), world.case_id(look.get("case")))
    offered = sorted({view.act for view in views if view.for_me or "as" not in look})
    names = {name: view.act for view in views for name in (view.act, view.name)}
    _chosen(Saying("acts by hand"), offered, look["acts"], lambda name: names.get(name, name))


def _inbox(world: Congress, look: Mapping[str, Any]) -> None:
    """What each person finds to do, in all cases."""
    for person, wanted in look["inbox"].items():
        actor = world.engine.actor(person)
        views = [world.engine.item(WATCHER, row["id"]) for row in world.open_items(None)]
        found = [view.row["element_id"] for view in views if view.item is not None and view.item.is_for(actor)]
        _chosen(Saying("inbox of {person}", person=person), found, wanted, lambda name: _element(world, name))


def _incidents(world: Congress, look: Mapping[str, Any]) -> None:
    _same(Saying("open incidents"), sorted(row["code"] for row in world.rows("incident", {"status": "open"})), sorted(look["incidents"]))


def _kept(world: Congress, look: Mapping[str, Any]) -> None:
    _same(Saying("messages that nobody took"), sorted(row["name"] for row in world.rows("delivery", {"status": "kept"})), sorted(look["kept"]))


def _sees(world: Congress, look: Mapping[str, Any]) -> None:
    table = look.get("record", "suggestion")
    where = look.get("where") or {"id" if table == "suggestion" else "case_id": world.case_id(look.get("case"))}
    world.rows(table, where)
    for person, wanted in look["sees"].items():
        found = world.engine.select(person, Select(table=table, where=tuple(Where(column=column, value=value) for column, value in where.items())))
        _same(Saying("whether {person} sees it", person=person), bool(found), wanted)


def _reads(world: Congress, look: Mapping[str, Any]) -> None:
    """Which texts stand anywhere in what a person can read: every record, every item, every history."""
    for person, wanted in look["reads"].items():
        text = readable_text(world, person)
        for each in wanted.get("has", []):
            if str(each) not in text:
                raise Failed(Saying("{person} can read {text} nowhere", person=person, text=each))
        for each in wanted.get("lacks", []):
            if str(each) in text:
                raise Failed(Saying("{person} can read {text}: {near}", person=person, text=each, near=_near(text, str(each))))


def _near(text: str, part: str) -> str:
    place = text.index(part)
    return text[max(0, place - 60) : place + len(part) + 20]


def _passed(world: Congress, look: Mapping[str, Any]) -> None:
    left = [element for _, element in world.left()]
    _chosen(Saying("elements passed"), left, {"has": look["passed"]}, lambda name: _element(world, name))


def _not_passed(world: Congress, look: Mapping[str, Any]) -> None:
    left = [element for _, element in world.left()]
    _chosen(Saying("elements passed"), left, {"lacks": look["not_passed"]}, lambda name: _element(world, name))


def _numbers(world: Congress, look: Mapping[str, Any]) -> None:
    """A column holds each whole number of a span once, beside rows without one."""
    rows = world.rows(look["numbers"], look.get("where", {}), [look["column"]])
    found = sorted(row[look["column"]] for row in rows if row[look["column"]] is not None)
    _same(Saying("numbers of {name}", name=look["numbers"]), found, list(range(look["from"], look["to"] + 1)))


def _limit(world: Congress, look: Mapping[str, Any]) -> None:
    """The last day of a limit that starts on a day; null where the limit is unset here."""
    working = world.engine.due(look["limit"], date.fromisoformat(look["from"]))
    counted: Mapping[str, Any] = working if isinstance(working, Mapping) else {}
    _same(Saying("limit {name} from {day}", name=look["limit"], day=look["from"]), counted.get("due_on"), look["is"])
    if "provisional" in look:
        _same(Saying("whether the date is provisional"), bool(counted.get("provisional")), look["provisional"])


def _done(world: Congress, look: Mapping[str, Any]) -> None:
    """What history says of an element that was passed: by whom, on which day, why, how often."""
    element = _element(world, look["done"])
    rows = [row for row in world.engine.history(WATCHER, world.case_id(look.get("case"))) if _leaves(row.events, element)]
    _same(Saying("how often {name} was done", name=look["done"]), len(rows), look["count"]) if "count" in look else None
    if not rows:
        if look.get("count") == 0:
            return
        raise Failed(Saying("{name} was never done", name=look["done"]))
    last = rows[-1]
    found = {"by": last.actor.id, "on": last.happened_on.isoformat(), "reason": last.reason}
    wanted = {name: look[name] for name in found if name in look}
    _same(Saying("history of {name}", name=look["done"]), {name: found[name] for name in wanted}, wanted)


def _leaves(events: Sequence[Any], element: str) -> bool:
    return any(isinstance(event, TokensMoved) and any(what == "leave" and moved == element for what, moved, _ in event.moves) for event in events)


_LOOKS: Mapping[str, Callable[[Congress, Mapping[str, Any]], None]] = {
    "record": _record,
    "open": _open,
    "due": _due,
    "stage": _stage,
    "letters": _letters,
    "acts": _acts,
    "inbox": _inbox,
    "incidents": _incidents,
    "kept": _kept,
    "sees": _sees,
    "reads": _reads,
    "passed": _passed,
    "not_passed": _not_passed,
    "numbers": _numbers,
    "limit": _limit,
    "done": _done,
}
