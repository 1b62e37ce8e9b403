"""Reads scenario files: YAML in which every mapping knows its line, checked before anything runs. Dates stay text, only true and false are truth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import DefinitionError, Problem, Rejected

COMMON = "common.yaml"
"""Beside the scenarios: people, units, what is usually typed at an element, and named ways that many scenarios begin with."""

STEPS: Mapping[str, frozenset[str]] = {
    "at": frozenset(),
    "tick": frozenset(),
    "start": frozenset({"as", "unit", "data", "element", "case", "on", "reason", "refused"}),
    "complete": frozenset({"as", "unit", "data", "case", "where", "on", "reason", "refused"}),
    "act": frozenset({"as", "unit", "data", "case", "where", "on", "reason", "refused"}),
    "message": frozenset({"key", "data"}),
    "people": frozenset(),
    "leave": frozenset(),
    "units": frozenset(),
    "settings": frozenset(),
    "calendar": frozenset(),
    "way": frozenset({"unit", "with"}),
    "repeat": frozenset({"steps"}),
    "then": frozenset(),
}
"""What can be done: the word of a step, and what may stand beside it."""

LOOKS: Mapping[str, frozenset[str]] = {
    "record": frozenset({"where", "is", "count", "order"}),
    "open": frozenset({"case"}),
    "due": frozenset({"case"}),
    "stage": frozenset({"case"}),
    "letters": frozenset({"where", "case"}),
    "acts": frozenset({"as", "case"}),
    "incidents": frozenset(),
    "sees": frozenset({"case"}),
    "passed": frozenset(),
    "not_passed": frozenset(),
    "numbers": frozenset({"column", "from", "to"}),
}
"""What can be looked at: the word of an expectation, and what may stand beside it."""

TOP = ("number", "title", "text", "jurisdictions", "given", "when", "then")
GIVEN = ("at", "calendars", "people", "units", "settings")
USED = re.compile(r"\$\{([^}]*)\}")


class Located(dict[str, Any]):
    """A mapping of a file and the line on which it begins."""

    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Common:
    """What all scenarios of a folder share."""

    people: Mapping[str, Sequence[str]]
    units: Mapping[str, Any]
    roles: Mapping[str, str]
    unit: str
    usual: Mapping[str, Mapping[str, Any]]
    ways: Mapping[str, Sequence[Located]]
    file: str


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One scenario (情形): `jurisdictions` gives for each what `${name}` stands for in it."""

    number: int
    title: str
    file: str
    text: str
    jurisdictions: Mapping[str, Mapping[str, Any]]
    given: Mapping[str, Any]
    when: Sequence[Located]
    then: Sequence[Located]
    common: Common


def read_scenarios(paths: Iterable[Path]) -> list[Scenario]:
    """The scenarios of files and folders by number and file. Raises DefinitionError with everything wrong, Rejected for an unreadable file."""
    problems: list[Problem] = []
    found: list[Scenario] = []
    for path in _files(paths):
        try:
            found.append(_scenario(path))
        except DefinitionError as error:
            problems += error.problems
    if problems:
        raise DefinitionError(problems)
    return sorted(found, key=lambda scenario: (scenario.number, scenario.file))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (each for each in sorted(path.glob("*.yaml")) if each.name != COMMON)
        else:
            yield path


def problem(file: str, line: int, rule: str, message: str, fix: str) -> DefinitionError:
    """One thing wrong with a scenario file, ready to be raised."""
    return DefinitionError([Problem(file=file, line=line, element_id=None, rule=rule, message=message, fix=fix)])


def _scenario(path: Path) -> Scenario:
    file, top = str(path), _mapping(path)
    _only(file, top, TOP, "a scenario")
    for name in ("number", "title", "jurisdictions", "when"):
        if name not in top:
            raise problem(file, top.line, "missing", f"{name} is missing", f"write {name}: …")
    given = top.get("given") or Located()
    _only(file, given, GIVEN, "given", line=top.line)
    common = read_common(str(path.parent / COMMON))
    when, then = _list(file, top, "when"), _list(file, top, "then")
    _check_steps(file, when, common)
    _check_looks(file, then)
    jurisdictions = _jurisdictions(file, top)
    _check_used(file, top, jurisdictions)
    _check_expects(file, top, jurisdictions, when, then)
    return Scenario(
        number=top["number"],
        title=str(top["title"]),
        file=file,
        text=str(top.get("text", "")),
        jurisdictions=jurisdictions,
        given=given,
        when=when,
        then=then,
        common=common,
    )


@cache
def read_common(file: str) -> Common:
    """What the scenarios beside this file share; nothing where there is no such file."""
    path = Path(file)
    top = _mapping(path) if path.exists() else Located()
    _only(file, top, ("people", "units", "roles", "unit", "usual", "ways"), COMMON)
    common = Common(
        people=top.get("people", {}),
        units=top.get("units", {}),
        roles=top.get("roles", {}),
        unit=top.get("unit", ""),
        usual=top.get("usual", {}),
        ways={name: _list(file, top["ways"], name) for name in top.get("ways", {})},
        file=file,
    )
    for steps in common.ways.values():
        _check_steps(file, steps, common)
    return common


# -- what may stand where


def _only(file: str, found: Any, allowed: Iterable[str], what: str, *, line: int = 0) -> None:
    if not isinstance(found, Located):
        raise problem(file, line, "shape", f"{what} is no mapping", "write name: value, one a line")
    for name in found:
        if name not in allowed:
            raise problem(file, found.line, "unknown", f"{name} is not known in {what}", f"known are {', '.join(allowed)}")


def _list(file: str, holder: Located, name: str) -> list[Located]:
    found = holder.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, Located) for each in found):
        raise problem(file, holder.line, "shape", f"{name} is no list of steps", "begin each with a dash: - complete: …")
    return found


def _jurisdictions(file: str, top: Located) -> dict[str, Mapping[str, Any]]:
    given = top["jurisdictions"]
    if isinstance(given, list) and given:
        return {str(name): {} for name in given}
    if not isinstance(given, Located) or not given:
        raise problem(file, top.line, "shape", "jurisdictions names none", "write jurisdictions: [national], or a mapping with the values of each")
    names = {name for values in given.values() for name in values or {}}
    for jurisdiction, values in given.items():
        missing = sorted(names - set(values or {}))
        if missing:
            raise problem(file, given.line, "missing", f"{jurisdiction} says nothing of {', '.join(missing)}", "give every jurisdiction the same names")
    return {str(name): values or {} for name, values in given.items()}


def _check_used(file: str, top: Located, jurisdictions: Mapping[str, Mapping[str, Any]]) -> None:
    """A value that no step and no expectation names could never make a scenario fail."""
    used = {name for part in ("given", "when", "then") for name in _names(top.get(part))}
    for name in {name for values in jurisdictions.values() for name in values} - used:
        raise problem(file, top.line, "unused", f"nothing uses ${{{name}}}", "use it in when or then, or take it out")


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from USED.findall(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _check_expects(file: str, top: Located, jurisdictions: Iterable[str], when: Sequence[Located], then: Sequence[Located]) -> None:
    """In each jurisdiction something is expected."""
    for jurisdiction in jurisdictions:
        looks = [look for look in then if holds_in(look, jurisdiction)]
        steps = [step for step in when if holds_in(step, jurisdiction) and ("then" in step or "refused" in step)]
        if not looks and not steps:
            raise problem(file, top.line, "expects", f"nothing is expected in {jurisdiction}", "write then: …")


def holds_in(entry: Mapping[str, Any], jurisdiction: str) -> bool:
    """Whether a step or an expectation is for this jurisdiction: `in:` names those it is for, else all."""
    return jurisdiction in entry.get("in", [jurisdiction])


def word_of(entry: Mapping[str, Any], known: Mapping[str, frozenset[str]]) -> str:
    """The one word of a step or an expectation that says what it is."""
    return next(name for name in entry if name in known)


def _check_entry(file: str, entry: Located, known: Mapping[str, frozenset[str]], what: str) -> str:
    # A word may also be an option of another step; the first that is written says what the step is.
    words = [name for name in entry if name in known]
    if not words:
        raise problem(file, entry.line, "unknown", f"no {what} has the words {', '.join(entry)}", f"known are {', '.join(known)}")
    for name in entry:
        if name not in ("in", words[0]) and name not in known[words[0]]:
            raise problem(file, entry.line, "unknown", f"{name} cannot stand beside {words[0]}", f"it may have {', '.join(sorted(known[words[0]])) or 'nothing'}")
    return words[0]


def _check_steps(file: str, steps: Sequence[Located], common: Common) -> None:
    for step in steps:
        word = _check_entry(file, step, STEPS, "step")
        if word == "way" and step["way"] not in common.ways:
            raise problem(file, step.line, "way", f"there is no way {step['way']}", f"{COMMON} has {', '.join(common.ways) or 'none'}")
        if word == "repeat":
            _check_steps(file, _list(file, step, "steps"), common)
        if word == "then":
            _check_looks(file, _list(file, step, "then"))


def _check_looks(file: str, looks: Sequence[Located]) -> None:
    for look in looks:
        word = _check_entry(file, look, LOOKS, "expectation")
        if word == "record" and "is" not in look and "count" not in look:
            raise problem(file, look.line, "expects", "a record without is: or count: expects nothing", "write is: {column: value} or count: 0")


# -- YAML


def _mapping(path: Path) -> Located:
    """The file's mapping. Raises Rejected where it cannot be read, DefinitionError where it is no YAML mapping."""
    import yaml

    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected("no_file", "{file} cannot be read: {text}", file=path, text=str(getattr(error, "strerror", None) or error)) from None
    try:
        node = yaml.compose(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise problem(str(path), line, "yaml", str(error.problem), "write it as YAML") from None
    except yaml.YAMLError as error:
        raise problem(str(path), 1, "yaml", " ".join(str(error).split()), "write it as YAML") from None
    value = _value(str(path), node)
    if not isinstance(value, Located):
        raise problem(str(path), 1, "shape", "the file holds no mapping", "write number: …, title: …")
    return value


def _value(file: str, node: Any) -> Any:
    if node is None:
        return None
    if node.id == "mapping":
        found = Located()
        found.line = node.start_mark.line + 1
        for key, inner in node.value:
            if key.id != "scalar" or key.value in found:
                raise problem(file, key.start_mark.line + 1, "yaml", f"{key.value} stands here twice or is no name", "name each once")
            found[key.value] = _value(file, inner)
        return found
    if node.id == "sequence":
        return [_value(file, inner) for inner in node.value]
    kind = node.tag.rpartition(":")[2]
    if kind == "int":
        return int(node.value)
    return {"null": None, "bool": node.value == "true"}.get(kind, node.value)


def _loader() -> Any:
    """A safe loader that guesses little: null, true, false and whole numbers; all else is text."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}

    Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
    Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
    return Loader
