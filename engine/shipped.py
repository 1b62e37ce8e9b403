"""Says what is wrong with the rows of `settings.dmn` and `time_limits.dmn`, each with the row named. Pure.

Refused: a jurisdiction that has no name, a limit without law or article, two rows for the same jurisdiction, name and date, a setting
that nobody declares, a value of the wrong kind, a row of law or plan that names no article.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from .checking.similar import nearest
from .deployment import LIMITS_FILE, SETTINGS_FILE, jurisdictions_of
from .errors import Problem, Rejected, Saying, listed, require
from .feel import DecisionsRefused
from .feel.dmn.xml import Element, child, children, parse, text_of
from .model import Json
from .registry import Registry, Shape
from .settings import JURISDICTION_NAME, Shipped, bad_row, read_rows

_KINDS: Mapping[str, type | tuple[type, ...]] = {"text": str, "boolean": bool, "date": str, "instant": str, "number": (int, float)}

_SAYINGS = {"text": "a text", "boolean": "true or false", "date": "a date", "instant": "an instant", "number": "a number", "any": "any value"}


def table_problems(files: Mapping[str, bytes], registry: Registry | None) -> Sequence[Problem]:
    """Every bad row of both tables, as far as the files hold them. `registry`: which settings there are; None: nothing is said of these."""
    problems: list[Problem] = []
    known: frozenset[str] | None = None
    for path, data in sorted(files.items()):
        if path.rsplit("/", 1)[-1] == SETTINGS_FILE:
            rows, unreadable = read_rows(data)
            known = frozenset(row.jurisdiction for row in rows if row.name == JURISDICTION_NAME)
            problems += _at(path, [*unreadable, *_settings(rows, known, registry)])
    for path, data in sorted(files.items()):
        if path.rsplit("/", 1)[-1] == LIMITS_FILE:
            problems += _at(path, _limits(data, known))
    return problems


def jurisdiction_problems(files: Mapping[str, bytes], jurisdiction: str) -> Sequence[Problem]:
    """A deployment with a table of settings has rows for the database's own jurisdiction."""
    return tuple(_unknown(jurisdiction, frozenset(jurisdictions_of(files)), None, None)) if SETTINGS_FILE in files else ()


def require_setting(name: str, value: Json, registry: Registry) -> None:
    """A person may set only what is declared, to a value of its kind. Raises Rejected: setting, setting_value."""
    if not registry.settings:
        return
    declared = registry.setting_name(name)
    if declared is None:
        meant = nearest(name, registry.settings)
        raise Rejected(
            "setting",
            "there is no setting {name}",
            name=name,
            meant=meant,
            hint="did you mean {meant}? jianyi setting list shows all" if meant else "jianyi setting list shows all",
        )
    shape = registry.setting_shapes.get(declared, "any")
    require(fits(value, shape), "setting_value", "{name} cannot be {value}: it is {kind}", name=name, value=json.dumps(value, ensure_ascii=False), kind=named(shape))


def fits(value: Json, shape: Shape) -> bool:
    """Is the value of this shape?"""
    if isinstance(shape, tuple):
        return isinstance(value, str) and value in shape
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    if isinstance(shape, Mapping):
        return isinstance(value, Mapping) and value.keys() == shape.keys() and all(fits(value[name], shape[name]) for name in shape)
    if shape == "number" and isinstance(value, bool):
        return False
    return shape == "any" or isinstance(value, _KINDS[shape])


def named(shape: Shape) -> str | Saying:
    """A shape in words."""
    if isinstance(shape, tuple):
        return Saying("one of {options}", options=", ".join(shape))
    if isinstance(shape, list):
        return Saying("a list, each {kind}", kind=named(shape[0]))
    if isinstance(shape, Mapping):
        return Saying("a context of {entries}", entries=listed(Saying("{name}: {kind}", name=name, kind=named(inner)) for name, inner in shape.items()))
    return Saying(_SAYINGS[shape])


def _at(path: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    for one in problems:
        yield replace(one, file=path)


def _settings(rows: Sequence[Shipped], known: frozenset[str], registry: Registry | None) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], str] = {}
    for row in rows:
        yield from _unknown(row.jurisdiction, known, row.line, row.row)
        yield from _twice(seen, (row.jurisdiction, row.name, row.from_on), row.line, row.row)
        if row.source != "unconfirmed" and not (row.law and row.article):
            yield bad_row(row.line, row.row, "setting-source", "names no law or plan with its article", "write both, or the source unconfirmed")
        if registry is not None:
            yield from _declared(row, registry)


def _declared(row: Shipped, registry: Registry) -> Iterator[Problem]:
    name = registry.setting_name(row.name)
    if name is None:
        meant = nearest(row.name, registry.settings)
        yield bad_row(
            row.line,
            row.row,
            "setting",
            "names the setting {name}, which is not declared",
            "write {meant}" if meant else "declare it in handlers/",
            name=row.name,
            meant=meant,
        )
        return
    shape = registry.setting_shapes.get(name, "any")
    if not fits(row.value, shape):
        yield bad_row(row.line, row.row, "setting-value", "gives {name} a value of the wrong kind", "write {kind}", name=row.name, kind=named(shape))


def _unknown(jurisdiction: str, known: frozenset[str], line: int | None, row: str | None) -> Iterator[Problem]:
    if jurisdiction not in known:
        meant = nearest(jurisdiction, known)
        yield bad_row(
            line,
            row,
            "jurisdiction",
            "names the jurisdiction {jurisdiction}, which is not known",
            "write {meant}" if meant else "add its row {name} to {file}",
            jurisdiction=jurisdiction,
            meant=meant,
            name=JURISDICTION_NAME,
            file=SETTINGS_FILE,
        )


def _twice(seen: dict[tuple[object, ...], str], key: tuple[object, ...], line: int | None, row: str) -> Iterator[Problem]:
    if key in seen:
        first = {"first": seen[key], "jurisdiction": key[0], "name": key[1], "from_on": key[2]}
        template = (
            "says again what {first} says: {jurisdiction}, {name}, from {from_on}"
            if key[2]
            else "says again what {first} says: {jurisdiction}, {name}, since ever"
        )
        yield bad_row(line, row, "twice", template, "remove one, or give it its own date", **first)
    seen.setdefault(key, row)


def _limits(data: bytes, known: frozenset[str] | None) -> Iterator[Problem]:
    """What is wrong with rows of limits; cells are read as they stand, since they are texts, numbers and dates."""
    try:
        root = parse(data, LIMITS_FILE)
    except DecisionsRefused as refused:
        yield from refused.problems
        return
    seen: dict[tuple[object, ...], str] = {}
    for table in (child(decision, "decisionTable") for decision in children(root, "decision")):
        for rule in children(table, "rule") if table is not None else ():
            cells, row = _cells(table, rule), rule.get("id") or ""
            if not {"jurisdiction", "limit_id", "law", "article"} <= cells.keys():
                continue
            if known is not None:
                yield from _unknown(cells["jurisdiction"], known, rule.sourceline, row)
            yield from _twice(seen, (cells["jurisdiction"], cells["limit_id"], cells.get("effective_from")), rule.sourceline, row)
            if not cells["law"] or not cells["article"]:
                yield bad_row(
                    rule.sourceline,
                    row,
                    "limit-source",
                    "sets the limit {limit} without a law and its article",
                    "write both, or leave the limit unset",
                    limit=cells["limit_id"],
                )


def _cells(table: Element | None, rule: Element) -> dict[str, str]:
    assert table is not None
    names = [text_of(child(column, "inputExpression")) for column in children(table, "input")]
    names += [str(column.get("name")) for column in children(table, "output")]
    return dict(zip(names, (text_of(cell).strip().strip('"') for cell in children(rule, "inputEntry", "outputEntry")), strict=False))
