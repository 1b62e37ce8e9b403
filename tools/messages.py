"""Gathers every message of the product and compiles the catalogues: `make messages`.

A message is a literal given to `say`, `mark`, `require`, `Saying`, an error's class, `FieldProblem`, `FieldFault`, what notes a problem or as
`hint=`, or a command's docstring; and what the vocabulary says of an element that is not run. Needs Babel; writes `terminal/locale/*/LC_MESSAGES/jianyi.po` and `.mo`. Translations that stand in the `.po` are kept.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
CATALOGUES = ROOT / "terminal" / "locale"
SOURCES = ("cli.py", "terminal", "engine", "handlers")

POSITIONS: dict[str, int | tuple[int, ...]] = {"say": 0, "mark": 0, "require": 2, "JianyiError": 1, "Rejected": 1, "NotFound": 1, "NotAllowed": 1, "Conflict": 1, "IdentityNeeded": 1, "Busy": 1, "StoreError": 1, "VerificationFailed": 1, "group": 1, "__init__": 1, "_SAYINGS.get": 1, "Saying": 0, "FeelSyntaxError": 0, "FeelError": 0, "NotAValue": 0, "Undefined": 0, "DecisionError": 0, "null": 1, "StepError": 1, "Exhausted": 1, "EffectFailed": 0, "fault": 0, "TimerError": 0, "report.add": (2, 3), "self.add": (2, 3), "report.expression": 3, "_unreadable": (2, 3), "_unusable": (2, 3), "self.problem": (2, 3), "_bad_form": (1, 2), "bad_row": (3, 4), "_problem": (3, 4), "_require": (3, 4)}
"""Where the template stands among a call's arguments."""

KEYWORDS = ("template", "fix_template", "joint", "hint", "title")
"""Arguments that are messages wherever they are given by name (`title` only in the terminal's columns)."""

TABLES = ("_SAYINGS", "_HINTS", "XML_FAULTS")
"""Tables whose values are templates."""

CLICK: tuple[str | tuple[str, str], ...] = (
    "Usage:", "Options", "Commands", "Show this message and exit.", "Show the version and exit.", "Error: {message}", "default: {default}",
    "Missing argument", "Missing option", "Missing parameter", "Missing command.", "[OPTIONS]", "required", "file", "directory", "path",
    "No such command {name!r}.", "No such option {name!r}.", "Option {name!r} does not take a value.", "Argument {name!r} takes {nargs} values.",
    "Invalid value for {param_hint}: {message}", "Invalid value: {message}", "Choose from:\n\t{choices}",
    "{value!r} is not a valid {number_type}.", "{value} is not in the range {range}.",
    "{name} {filename!r} does not exist.", "{name} {filename!r} is a file.", "{name} {filename!r} is a directory.", "{name} {filename!r} is not readable.",
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)  # fmt: skip
"""Words of the command parser that our users meet; a pair is said of one and of several."""


LIBRARIES = (
    "Expecting value", "Expecting ',' delimiter", "Expecting ':' delimiter", "Expecting property name enclosed in double quotes", "Extra data",
    "Unterminated string starting at", "Invalid control character at", "Invalid \\escape", "Invalid \\uXXXX escape", "Illegal trailing comma before end of object",
    "Illegal trailing comma before end of array", "invalid start byte", "invalid continuation byte", "unexpected end of data", "illegal multibyte sequence",
    "incomplete multibyte sequence", "truncated data", "illegal encoding", "illegal UTF-16 surrogate", "character maps to <undefined>",
    "month must be in 1..12", "day is out of range for month", "year 0 is out of range", "hour must be in 0..23", "minute must be in 0..59", "second must be in 0..59",
)  # fmt: skip
"""What Python's readers of JSON, bytes and dates say of a broken text, where a problem passes it on."""


def _vocabulary() -> Iterator[str]:
    """Why an element or attribute of a diagram is refused or ignored."""
    from engine.kernel.vocabulary import ELEMENTS, ZEEBE_ELEMENTS

    for word in (*ELEMENTS.values(), *ZEEBE_ELEMENTS.values()):
        for each in (word, *word.attributes.values()):
            if each.verdict in ("refused", "ignored") and each.says:
                yield each.says


def messages() -> dict[str, list[tuple[str, int]]]:
    """Every message with the places that say it."""
    found: dict[str, list[tuple[str, int]]] = {}
    for source in SOURCES:
        path = ROOT / source
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            for text, line in _in_file(ast.parse(file.read_text("utf-8")), in_terminal=source in ("cli.py", "terminal")):
                found.setdefault(text, []).append((name, line))
    for text in _vocabulary():
        found.setdefault(text, []).append(("engine/kernel/vocabulary.py", 0))
    return found


def _in_file(tree: ast.Module, *, in_terminal: bool) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _in_call(node, in_terminal)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in TABLES and isinstance(node.value, (ast.Dict, ast.Tuple)):
            values = node.value.values if isinstance(node.value, ast.Dict) else node.value.elts
            yield from ((text, value.lineno) for value in values for text in _literals(value))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "template":
            yield from ((text, node.lineno) for text in _literals(node.value))
        elif in_terminal and isinstance(node, ast.FunctionDef) and any(_is_command(decorator) for decorator in node.decorator_list):
            for paragraph in inspect.cleandoc(ast.get_docstring(node) or "").split("\n\n"):
                if not paragraph.startswith("\b"):
                    yield paragraph.replace("\n", " "), node.lineno


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and (getattr(decorator.func, "id", "") == "command" or ast.unparse(decorator.func) == "click.group")


def _in_call(node: ast.Call, in_terminal: bool) -> Iterator[tuple[str, int]]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    place = POSITIONS.get(name, POSITIONS.get(ast.unparse(node.func)))
    given = [node.args[each] for each in ((place,) if isinstance(place, int) else place or ()) if len(node.args) > each]
    given += [keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS and (in_terminal or keyword.arg != "title")]
    for value in given:
        for text in _literals(value):
            if text:
                yield text, value.lineno


def _literals(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _literals(value.body)
        yield from _literals(value.orelse)


def main() -> int:
    """Bring the catalogues up to date. Exit 1 when a message has no translation."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po

    gathered = messages()
    untranslated = 0
    for po in sorted(CATALOGUES.glob("*/LC_MESSAGES/jianyi.po")):
        with po.open("rb") as file:
            old = read_po(file, locale=po.parts[-3])
        # The date is fixed, so that gathering twice gives the same bytes.
        new = Catalog(locale=po.parts[-3], project="jianyi", creation_date=datetime(2026, 1, 1, tzinfo=UTC), revision_date=datetime(2026, 1, 1, tzinfo=UTC), fuzzy=False)
        for text, places in [*sorted(gathered.items()), *((text, []) for text in (*CLICK, *LIBRARIES))]:
            before = old.get(text if isinstance(text, str) else text[0])
            translated = "".join(before.string) if before and before.string else ""
            untranslated += not translated
            # Chinese has one form for one and several.
            new.add(text, translated if isinstance(text, str) else (translated,), locations=sorted({(name, 0) for name, _ in places}))
        with po.open("wb") as file:
            write_po(file, new, width=120, sort_output=False, include_lineno=False, omit_header=False)
        with po.with_suffix(".mo").open("wb") as file:
            write_mo(file, new)
    print(f"{len(gathered)} messages, {untranslated} without translation", file=sys.stderr)
    return 1 if untranslated else 0


if __name__ == "__main__":
    sys.exit(main())
