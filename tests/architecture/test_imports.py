"""Which room may import which: the contracts of pyproject.toml hold, and they bite."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports())"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """The contracts checked on the rooms in this folder."""
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_run_down_only():
    """Every contract of pyproject.toml is kept."""
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("engine/decide.py", "import sqlalchemy"),
        ("engine/apply.py", "from .storage import port"),
        ("engine/runtime.py", "import handlers"),
        ("engine/door.py", "import SpiffWorkflow"),
        ("engine/model.py", "from . import decide"),
        ("handlers/desk.py", "import terminal"),
        ("terminal/output.py", "import sqlite3"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path, room, line):
    """One line in the wrong room breaks a contract."""
    for name in ("engine", "handlers", "terminal"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / room
    path.write_text(path.read_text("utf-8") + f"\n\n{line}\n", "utf-8")

    assert "BROKEN" in lint(tmp_path).stdout


def test_importing_the_engine_and_the_handlers_loads_no_database_and_no_parser():
    """`import engine, handlers` and the registry load neither SQLAlchemy nor SpiffWorkflow: they are loaded where they are used."""
    code = "import engine, handlers, sys; handlers.registry(); print(sorted({'sqlalchemy', 'SpiffWorkflow', 'psycopg', 'alembic', 'rich', 'click'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_command_line_imports_click_and_its_own_room_only():
    """At its top `cli.py` imports nothing costly; commands import what they need when they run."""
    tree = ast.parse((ROOT / "cli.py").read_text("utf-8"))
    imported = {name.name.split(".")[0] for node in tree.body if isinstance(node, ast.Import) for name in node.names}
    imported |= {(node.module or "").split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom)}

    assert imported <= {"__future__", "click", "terminal"}


@pytest.mark.parametrize("path", sorted((ROOT / "terminal").rglob("*.py")), ids=lambda path: path.stem)
def test_the_terminal_uses_the_engine_by_its_door(path):
    """Beside the door, the terminal knows the engine's errors, its forms, how a deployment is checked, how a diagram is tried and
    how a store is upgraded; nothing deeper."""
    allowed = {"engine", "engine.trial_job", "engine.storage", "engine.errors", "engine.forms", "engine.deployment", "engine.checking"}
    tree = ast.parse(path.read_text("utf-8"))
    used = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "engine"}

    assert used <= allowed
