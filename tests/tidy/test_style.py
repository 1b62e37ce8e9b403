"""The rules of style that a machine can check, over all code that ships."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.tidy

ROOT = Path(__file__).parents[2]
ROOMS = ("engine", "handlers", "terminal", "packaging")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")) + [ROOT / "cli.py"]
TREES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in FILES}
TESTS = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "tests").rglob("test_*.py"))}

MODULE_LINES, FUNCTION_LINES = 500, 70
VAGUE = {"util", "utils", "helper", "helpers", "service", "services", "manager", "misc", "common"}
EDGES = {"engine/worker.py", "terminal/command.py", "terminal/commands/trial.py", "engine/answers.py"}
"""Where any exception is caught: the worker's edge, the command line's, and where a handler is called (it becomes an incident)."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(trees=TREES) -> Iterator[tuple[str, Function]]:
    """Every function with its file."""
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield name, node


def test_modules_have_one_idea():
    """No module is longer than 500 lines."""
    assert [name for name in TREES if (ROOT / name).read_text("utf-8").count("\n") > MODULE_LINES] == []


def test_functions_fit_on_a_screen():
    """No function is longer than 70 lines."""
    assert [f"{name}:{node.lineno} {node.name}" for name, node in functions() if (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES] == []


def test_no_module_is_named_vaguely():
    """No `utils`, `helpers`, `service`, `manager`."""
    assert [name for name in TREES if VAGUE & set(Path(name).stem.split("_"))] == []


def test_every_module_and_public_name_says_what_it_is():
    """Modules, public classes and public top-level functions have a docstring."""
    silent = [name for name, tree in TREES.items() if not ast.get_docstring(tree)]
    silent += [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in TREES.items()
        for node in tree.body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]

    assert silent == []


def test_everything_is_caught_at_the_edges_only():
    """`except Exception` stands at the edges alone; elsewhere everything may be caught only to be raised again after tidying up."""
    caught = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
        if not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    }

    assert caught - EDGES == set()


def test_no_code_is_made_from_text():
    """No `eval` and no `exec`."""
    assert [f"{name}:{node.lineno}" for name, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec")] == []


def test_the_wall_clock_is_read_in_one_place():
    """`datetime.now`, `date.today` and their like stand in engine/clock.py alone."""
    read = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today") and getattr(node.value, "id", "") in ("datetime", "date")
    ]

    assert [place for place in read if not place.startswith("engine/clock.py")] == []


def test_every_test_states_what_must_be_true():
    """A test has a docstring; nothing is skipped or expected to fail."""
    silent = [f"{name}:{node.lineno} {node.name}" for name, node in functions(TESTS) if node.name.startswith("test_") and not ast.get_docstring(node)]
    skipped = [f"{name}:{node.lineno}" for name, tree in TESTS.items() for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "xfail", "importorskip")]

    assert silent + skipped == []
