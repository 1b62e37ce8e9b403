"""Looks whether what a scenario expects is so: rows, open items, due dates, letters, refusals to see, numbers without gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import JianyiError, Select, Where

from .source import LOOKS, Located, holds_in, word_of
from .world import WATCHER, Congress, Failed


def look_at(world: Congress, looks: Sequence[Located], report: Callable[[Located, str], None], **more: Any) -> None:
    """Report every expectation for this jurisdiction that is not so."""
    for look in looks:
        if not holds_in(look, world.jurisdiction):
            continue
        word = word_of(look, LOOKS)
        try:
            _LOOKS[word](world, world.filled(look, **more))
        except JianyiError as error:
            report(look, f"{word}: {error}")


def _same(what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise Failed(f"{what} is {found}, not {wanted}")


def _record(world: Congress, look: Mapping[str, Any]) -> None:
    order = [look["order"]] if isinstance(look.get("order"), str) else look.get("order", ())
    found = world.rows(look["record"], look.get("where", {}), order)
    if "count" in look:
        _same(f"the number of rows of {look['record']}", len(found), look["count"])
    if "is" not in look:
        return
    wanted = look["is"] if isinstance(look["is"], list) else [look["is"]]
    world.rows(look["record"], {column: None for each in wanted for column in each})
    _same(f"the number of rows of {look['record']}", len(found), len(wanted))
    for row, each in zip(found, wanted, strict=True):
        _same(look["record"], {column: row[column] for column in each}, dict(each))


def _open(world: Congress, look: Mapping[str, Any]) -> None:
    found = Counter(row["element_id"] for row in world.open_items(world.case_id(look.get("case"))))
    wanted = look["open"]
    if isinstance(wanted, list):
        _same("what is open", sorted(found.elements()), sorted(_element(world, name) for name in wanted))
        return
    _has_and_lacks("what is open", set(found), wanted, lambda name: _element(world, name))


def _has_and_lacks(what: str, found: set[str], wanted: Any, name_of: Callable[[str], str] = str) -> None:
    if not isinstance(wanted, Mapping) or not wanted or set(wanted) - {"has", "lacks"}:
        raise Failed("write a list, or has: and lacks:")
    for name in wanted.get("has", []):
        if name_of(name) not in found:
            raise Failed(f"{what} lacks {name}; there are {', '.join(sorted(found)) or 'none'}")
    for name in wanted.get("lacks", []):
        if name_of(name) in found:
            raise Failed(f"{what} has {name}")


def _element(world: Congress, name: str) -> str:
    ids = world.elements(name)
    if len(ids) != 1:
        raise Failed(f"{name} names {', '.join(ids)}; say which by its id")
    return ids[0]


def _due(world: Congress, look: Mapping[str, Any]) -> None:
    rows = world.open_items(world.case_id(look.get("case")))
    for name, wanted in look["due"].items():
        found = [row["due_on"] for row in rows if row["element_id"] == _element(world, name)]
        _same(f"the due date of {name}", found, [wanted])


def _stage(world: Congress, look: Mapping[str, Any]) -> None:
    case_id = world.case_id(look.get("case"))
    _same("the stage", [row["stage"] for row in world.rows("suggestion", {"id": case_id})], [look["stage"]])


def _letters(world: Congress, look: Mapping[str, Any]) -> None:
    """All letters of the case, in any order, each with the given columns."""
    found = world.rows("letter", {"case_id": world.case_id(look.get("case")), **look.get("where", {})})
    columns = sorted({column for each in look["letters"] for column in each})
    world.rows("letter", dict.fromkeys(columns))
    for each in look["letters"]:
        if sorted(each) != columns:
            raise Failed("say the same columns of every letter")
    shown = sorted([str(row[column]) for column in columns] for row in found)
    _same("the letters", shown, sorted([str(each[column]) for column in columns] for each in look["letters"]))


def _acts(world: Congress, look: Mapping[str, Any]) -> None:
    views = world.engine.acts(look.get("as", WATCHER), world.case_id(look.get("case")))
    offered = {view.act for view in views if view.for_me or "as" not in look}
    wanted = look["acts"]
    if isinstance(wanted, list):
        _same("what can be done by hand", sorted(offered), sorted(wanted))
    else:
        _has_and_lacks("what can be done by hand", offered, wanted)


def _incidents(world: Congress, look: Mapping[str, Any]) -> None:
    _same("the open incidents", sorted(row["code"] for row in world.rows("incident", {"status": "open"})), sorted(look["incidents"]))


def _sees(world: Congress, look: Mapping[str, Any]) -> None:
    case_id = world.case_id(look.get("case"))
    for person, wanted in look["sees"].items():
        found = world.engine.select(person, Select(table="suggestion", where=(Where(column="id", value=case_id),)))
        _same(f"whether {person} sees it", bool(found), wanted)


def _passed(world: Congress, look: Mapping[str, Any]) -> None:
    left = {element for _, element in world.left()}
    _has_and_lacks("what was passed", left, {"has": look["passed"]}, lambda name: _element(world, name))


def _not_passed(world: Congress, look: Mapping[str, Any]) -> None:
    left = {element for _, element in world.left()}
    _has_and_lacks("what was passed", left, {"lacks": look["not_passed"]}, lambda name: _element(world, name))


def _numbers(world: Congress, look: Mapping[str, Any]) -> None:
    """A column holds each whole number of a span once, beside rows without one."""
    rows = world.rows(look["numbers"], {}, [look["column"]])
    found = sorted(row[look["column"]] for row in rows if row[look["column"]] is not None)
    _same(f"the numbers of {look['numbers']}", found, list(range(look["from"], look["to"] + 1)))


_LOOKS: Mapping[str, Callable[[Congress, Mapping[str, Any]], None]] = {
    "record": _record,
    "open": _open,
    "due": _due,
    "stage": _stage,
    "letters": _letters,
    "acts": _acts,
    "incidents": _incidents,
    "sees": _sees,
    "passed": _passed,
    "not_passed": _not_passed,
    "numbers": _numbers,
}
