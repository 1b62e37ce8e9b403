"""Reads scenario files and checks them before anything runs: every word known, every value of its kind, every name used. Says all that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import DefinitionError, Problem, Rejected, Saying

from . import vocabulary
from .located import Located, Report, read_mapping
from .vocabulary import IN, KINDS, LOOKS, NEEDED, STEPS, USED

COMMON = "common.yaml"
"""Beside the scenarios: people, units, what is usually typed at an element, and named ways that many scenarios begin with."""


@dataclass(frozen=True, kw_only=True)
class Common:
    """What all scenarios of a folder share."""

    people: Mapping[str, Sequence[str]]
    units: Mapping[str, Any]
    roles: Mapping[str, str]
    unit: str
    usual: Mapping[str, Mapping[str, Any]]
    ways: Mapping[str, Sequence[Located]]
    bare: Mapping[str, Sequence[str]] | None
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
            problems += [each for each in error.problems if each not in problems]
    if problems:
        raise DefinitionError(problems)
    return sorted(found, key=lambda scenario: (scenario.number, scenario.file))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = [each for each in sorted(path.glob("*.yaml")) if each.name != COMMON]
        if not found:
            raise Rejected("no_file", "{file} holds no scenarios", file=path, hint="name a folder of .yaml files, or one of them")
        yield from found


def _scenario(path: Path) -> Scenario:
    report = Report(str(path))
    top = _spelled(read_mapping(path, report), vocabulary.CHINESE_TOP)
    common = read_common(str(path.parent / COMMON))
    _only(report, top, vocabulary.TOP, Saying("a scenario"), line=1)
    for name in ("number", "title", "jurisdictions", "when"):
        if name not in top:
            report.add(1, "missing", "{name} is missing", "write {name}: …", name=name)
    report.end()
    given = _spelled(top.get("given") or Located(), vocabulary.CHINESE_GIVEN)
    _only(report, given, vocabulary.GIVEN, "given", line=1)
    jurisdictions = _jurisdictions(report, top)
    when = _steps(report, top.get("when"), 1, common, jurisdictions)
    then = _looks(report, top.get("then"), 1, jurisdictions)
    report.end()
    _check_used(report, {"given": given, "when": when, "then": then}, jurisdictions)
    _check_expects(report, jurisdictions, when, then)
    report.end()
    return Scenario(
        number=top["number"],
        title=str(top["title"]),
        file=str(path),
        text=str(top.get("text", "")),
        jurisdictions=jurisdictions,
        given=given,
        when=when,
        then=then,
        common=common,
    )


@cache
def read_common(file: str) -> Common:
    """What the scenarios beside this file share; nothing where there is no such file. Raises DefinitionError."""
    path, report = Path(file), Report(file)
    top = read_mapping(path, report) if path.exists() else Located()
    _only(report, top, vocabulary.COMMON, COMMON, line=1)
    report.end()
    common = Common(
        people=top.get("people", {}),
        units=top.get("units", {}),
        roles=top.get("roles", {}),
        unit=top.get("unit", ""),
        usual=top.get("usual", {}),
        ways={},
        bare=top.get("bare"),
        file=file,
    )
    ways: dict[str, Sequence[Located]] = {}
    for name, steps in (top.get("ways") or {}).items():
        # A way may begin with those before it, so that none goes round.
        known = Common(**{**vars(common), "ways": dict(ways)})
        ways[name] = _steps(report, steps, 1, known, None)
    report.end()
    return Common(**{**vars(common), "ways": ways})


# -- what may stand where


def _spelled(entry: Located, chinese: Mapping[str, str]) -> Located:
    """The entry with its Chinese words in English; a word that stands there in both is left, and is unknown."""
    found = Located()
    found.line = entry.line
    for name, value in entry.items():
        english = chinese.get(name, name)
        found[name if english in found else english] = value
    return found


def _only(report: Report, found: Any, allowed: Mapping[str, str], what: Saying | str, *, line: int) -> None:
    if not isinstance(found, Located):
        report.add(line, "shape", "{what} is no mapping", "write name: value, one a line", what=what)
        return
    for name, value in found.items():
        if name not in allowed:
            report.add(found.line or line, "unknown", "{name} is not known in {what}", "known are {known}", name=name, what=what, known=", ".join(allowed))
        else:
            _of_kind(report, found.line or line, name, value, allowed[name])


def _of_kind(report: Report, line: int, name: str, value: Any, kind: str) -> None:
    if not KINDS[kind].holds(value):
        report.add(line, "shape", "{name} cannot be {value}", "write it like {name}: {example}", name=name, value=_shown(value), example=KINDS[kind].example)


def _shown(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _jurisdictions(report: Report, top: Located) -> dict[str, Mapping[str, Any]]:
    given = top["jurisdictions"]
    if isinstance(given, list) and given and all(isinstance(each, str) for each in given):
        return {name: {} for name in given}
    if not isinstance(given, Located) or not given or not all(each is None or isinstance(each, Located) for each in given.values()):
        report.add(getattr(given, "line", 1) or 1, "shape", "jurisdictions names none", "write jurisdictions: [national], or a mapping with the values of each")
        return {}
    names = {name for values in given.values() for name in values or {}}
    for jurisdiction, values in given.items():
        missing = sorted(names - set(values or {}))
        if missing:
            line = getattr(values, "line", 0) or given.line
            report.add(line, "missing", "{jurisdiction} says nothing of {names}", "give every jurisdiction the same names", jurisdiction=jurisdiction, names=", ".join(missing))
    return {name: values or {} for name, values in given.items()}


def _entries(report: Report, found: Any, line: int) -> list[Located]:
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, Located) for each in found):
        report.add(line, "shape", "this is no list of steps", "begin each with a dash: - complete: …")
        return []
    return found


Table = Mapping[str, tuple[str, Mapping[str, str]]]


def _entry(report: Report, entry: Located, known: Table, chinese: Mapping[str, str], what: Saying, jurisdictions: Mapping[str, Any] | None) -> Located | None:
    """The step or expectation in English words, or None where it is not known what it is."""
    # A word may also be an option of another step; the first that is written says what the step is.
    first = next((name for name in entry if chinese.get(name, name) in known), None)
    if first is None:
        report.add(entry.line, "unknown", "no {what} has the words {names}", "known are {known}", what=what, names=", ".join(entry), known=", ".join(known))
        return None
    word = chinese.get(first, first)
    found = Located({word: entry[first]})
    found.line = entry.line
    rest = _spelled(entry, vocabulary.CHINESE_OPTIONS)
    found.update({name: value for name, value in rest.items() if name not in (first, vocabulary.CHINESE_OPTIONS.get(first, first))})
    kind, options = known[word]
    for name in ("refused", "open", "acts", "inbox", "reads", word):
        if isinstance(found.get(name), Located):
            found[name] = _parts(found[name])
    _of_kind(report, entry.line, word, found[word], kind)
    for name, value in found.items():
        if name == IN:
            _check_in(report, entry.line, value, jurisdictions)
        elif name != word and name not in options:
            report.add(entry.line, "unknown", "{name} cannot stand beside {word}", "it may have {known}", name=name, word=word, known=", ".join(sorted(options)) or IN)
        elif name != word:
            _of_kind(report, entry.line, name, value, options[name])
    for name in NEEDED.get(word, ()):
        if name not in found:
            report.add(entry.line, "missing", "{word} says nothing of {names}", "write {names}: … beneath {word}", word=word, names=name)
    return found


def _parts(value: Located) -> Located:
    """`有`, `无` and the like in English, on both levels where lists stand."""
    found = _spelled(value, vocabulary.CHINESE_PARTS)
    for name, inner in found.items():
        if isinstance(inner, Located):
            found[name] = _spelled(inner, vocabulary.CHINESE_PARTS)
    return found


def _check_in(report: Report, line: int, value: Any, jurisdictions: Mapping[str, Any] | None) -> None:
    if not KINDS["texts"].holds(value) or not value:
        report.add(line, "shape", "{name} cannot be {value}", "write it like {name}: {example}", name=IN, value=_shown(value), example="[national]")
        return
    unknown = [name for name in value if jurisdictions is not None and name not in jurisdictions]
    if unknown:
        report.add(line, "jurisdiction", "the scenario does not name {names}", "it has {known}", names=", ".join(unknown), known=", ".join(jurisdictions or ()))


def _steps(report: Report, found: Any, line: int, common: Common, jurisdictions: Mapping[str, Any] | None) -> list[Located]:
    steps: list[Located] = []
    for entry in _entries(report, found, line):
        step = _entry(report, entry, STEPS, vocabulary.CHINESE_STEPS, Saying("step"), jurisdictions)
        if step is None:
            continue
        if "way" in step and next(iter(step)) == "way" and step["way"] not in common.ways:
            report.add(step.line, "way", "there is no way {name}", "{file} has before it: {known}", name=_shown(step["way"]), file=COMMON, known=", ".join(common.ways) or "–")
        if "steps" in step:
            step["steps"] = _steps(report, step["steps"], step.line, common, jurisdictions)
        if "then" in step:
            step["then"] = _looks(report, step["then"], step.line, jurisdictions)
        steps.append(step)
    return steps


def _looks(report: Report, found: Any, line: int, jurisdictions: Mapping[str, Any] | None) -> list[Located]:
    looks: list[Located] = []
    for entry in _entries(report, found, line):
        look = _entry(report, entry, LOOKS, vocabulary.CHINESE_LOOKS, Saying("expectation"), jurisdictions)
        if look is None:
            continue
        if next(iter(look)) == "record" and "is" not in look and "count" not in look:
            report.add(look.line, "expects", "a record without is: or count: expects nothing", "write is: with columns and their values, or count: 0")
        looks.append(look)
    return looks


def _check_used(report: Report, parts: Mapping[str, Any], jurisdictions: Mapping[str, Mapping[str, Any]]) -> None:
    """A value that no step and no expectation names could never make a scenario fail."""
    used = {name for part in parts.values() for name in _names(part)}
    for name in sorted({name for values in jurisdictions.values() for name in values} - used):
        report.add(1, "unused", "nothing uses {name}", "use it in when or then, or take it out", name=f"${{{name}}}")


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from USED.findall(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _check_expects(report: Report, jurisdictions: Iterable[str], when: Sequence[Located], then: Sequence[Located]) -> None:
    """In each jurisdiction something is expected."""
    for jurisdiction in jurisdictions:
        if not any(holds_in(look, jurisdiction) for look in then) and not any(_expects(step, jurisdiction) for step in when):
            report.add(1, "expects", "nothing is expected in {jurisdiction}", "write then: …", jurisdiction=jurisdiction)


def _expects(step: Located, jurisdiction: str) -> bool:
    if not holds_in(step, jurisdiction):
        return False
    return "refused" in step or any(holds_in(look, jurisdiction) for look in step.get("then", ())) or any(_expects(each, jurisdiction) for each in step.get("steps", ()))


def holds_in(entry: Mapping[str, Any], jurisdiction: str) -> bool:
    """Whether a step or an expectation is for this jurisdiction: `in:` names those it is for, else all."""
    return jurisdiction in entry.get(IN, [jurisdiction])


def word_of(entry: Mapping[str, Any]) -> str:
    """The word of a step or an expectation that says what it is: the first."""
    return next(iter(entry))
