"""Gathers every message of the product and compiles the catalogues: `make messages`.

A message is a literal given to `say`, `mark`, `require`, an error's class, `FieldProblem`, `FieldFault` or as `hint=`, or a command's
docstring. Needs Babel; writes `terminal/locale/*/LC_MESSAGES/jianyi.po` and `.mo`. Translations that stand in the `.po` are kept.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "terminal" / "locale"
SOURCES = ("cli.py", "terminal", "engine", "handlers")

POSITIONS = {"say": 0, "mark": 0, "require": 2, "JianyiError": 1, "Rejected": 1, "NotFound": 1, "NotAllowed": 1, "Conflict": 1, "IdentityNeeded": 1, "Busy": 1, "StoreError": 1, "VerificationFailed": 1, "group": 1, "__init__": 1, "_SAYINGS.get": 1}
"""Where the template stands among a call's arguments."""

KEYWORDS = ("template", "hint", "title")
"""Arguments that are messages wherever they are given by name (`title` only in the terminal's columns)."""

TABLES = ("_SAYINGS",)
"""Tables whose values are templates."""

CLICK = (
    "Usage:", "Options", "Commands", "Show this message and exit.", "Show the version and exit.", "Error: {message}", "default: {default}",
    "Missing argument", "Missing option", "Missing parameter", "No such command {name!r}.", "No such option: {name}", "[OPTIONS]", "required",
    "Invalid value for {param_hint}: {message}", "Invalid value: {message}", "Got unexpected extra argument ({args})",
)  # fmt: skip
"""Words of the command parser that our users meet."""


def messages() -> dict[str, list[tuple[str, int]]]:
    """Every message with the places that say it."""
    found: dict[str, list[tuple[str, int]]] = {}
    for source in SOURCES:
        path = ROOT / source
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            for text, line in _in_file(ast.parse(file.read_text("utf-8")), in_terminal=source in ("cli.py", "terminal")):
                found.setdefault(text, []).append((name, line))
    return found


def _in_file(tree: ast.Module, *, in_terminal: bool) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _in_call(node, in_terminal)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in TABLES and isinstance(node.value, ast.Dict):
            yield from ((text, value.lineno) for value in node.value.values for text in _literals(value))
        elif in_terminal and isinstance(node, ast.FunctionDef) and any(_is_command(decorator) for decorator in node.decorator_list):
            for paragraph in inspect.cleandoc(ast.get_docstring(node) or "").split("\n\n"):
                if not paragraph.startswith("\b"):
                    yield paragraph.replace("\n", " "), node.lineno


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and (getattr(decorator.func, "id", "") == "command" or ast.unparse(decorator.func) == "click.group")


def _in_call(node: ast.Call, in_terminal: bool) -> Iterator[tuple[str, int]]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    place = POSITIONS.get(name, POSITIONS.get(ast.unparse(node.func)))
    given = [node.args[place]] if place is not None and len(node.args) > place else []
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
        for text, places in [*sorted(gathered.items()), *((text, []) for text in CLICK)]:
            before = old.get(text)
            translated = str(before.string) if before and before.string else ""
            untranslated += not translated
            new.add(text, translated, locations=sorted({(name, 0) for name, _ in places}))
        with po.open("wb") as file:
            write_po(file, new, width=120, sort_output=False, include_lineno=False, omit_header=False)
        with po.with_suffix(".mo").open("wb") as file:
            write_mo(file, new)
    print(f"{len(gathered)} messages, {untranslated} without translation", file=sys.stderr)
    return 1 if untranslated else 0


if __name__ == "__main__":
    sys.exit(main())
