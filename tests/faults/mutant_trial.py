"""Tries mutants: `python -m tests.faults.mutant_trial MUTANTS.toml DATABASE…` in the root of the project prints one JSON line each.

What is costly to import and not ours is imported once; then each mutant has a forked process of its own, in which the one module is loaded
from its changed text. It opens the stored histories, replays them with their handlers and rebuilds them; or it runs the tests that the mutant
names. Before them come the controls, which are the same without a mutant.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
import traceback
from contextlib import redirect_stdout
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import Any

Mutant = dict[str, Any]

AT_ONCE = 2
NOT_OURS = ("SpiffWorkflow.bpmn.parser", "alembic", "jsonschema_rs", "lxml.etree", "pytest", "sqlalchemy.dialects.sqlite")
"""Imported once, before the forks."""


class Changed(SourceFileLoader):
    """Loads a module from a text that is not the one in its file."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self.text = text

    def get_code(self, fullname: str) -> Any:
        return compile(self.text, self.path, "exec", dont_inherit=True)


class Swap(MetaPathFinder):
    """Gives the changed module to whoever imports it; `used` says that somebody did."""

    def __init__(self, mutant: Mutant) -> None:
        path = Path(mutant["file"])
        self.module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        self.text = mutated(path.read_text("utf-8"), mutant)
        self.used = False

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        spec = PathFinder.find_spec(fullname, path)
        assert spec is not None
        assert spec.origin is not None
        self.used = True
        spec.loader = Changed(fullname, spec.origin, self.text)
        return spec


def mutated(text: str, mutant: Mutant) -> str:
    """The text with the one line changed. Raises ValueError unless it stands there exactly once."""
    lines = text.split("\n")
    found = [number for number, line in enumerate(lines) if line.strip() == mutant["old"]]
    if len(found) != 1:
        raise ValueError(f"{mutant['file']} has the line {len(found)} times: {mutant['old']}")
    line = lines[found[0]]
    lines[found[0]] = line[: len(line) - len(line.lstrip())] + mutant["new"]
    return "\n".join(lines)


def by_tests(names: str) -> str | None:
    """What the named tests find, None where they pass."""
    import pytest

    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        code = pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *names.split()])
    if code not in (0, 1):
        raise RuntimeError(f"the tests did not run: exit code {code}")
    return f"a test of {names} fails" if code else None


def by_history(database: str) -> str | None:
    """What replay or rebuild of a stored history finds first, None where they find nothing."""
    from datetime import datetime

    from engine import Engine, SetClock
    from engine.replay import Audit
    from handlers import registry

    clock = SetClock(datetime.fromisoformat("2099-01-01T00:00+08:00"))
    engine = Engine.open(database, registry(letter_box=Path(database).parent / "letters"), clock=clock)
    with engine.store.transaction(write=False) as transaction:
        streams = transaction.streams()
    if len(streams) < 10:
        raise RuntimeError("the history is nearly empty")
    audit = Audit(engine.runtime)
    for stream in streams:  # One by one, since the first finding is enough.
        for finding in audit.replay([stream], handlers=True).findings:
            return f"replay: {finding}"
    return next((f"rebuild: {finding}" for finding in audit.rebuild(seed=1).findings), None)


def trial(mutant: Mutant, databases: list[str]) -> dict[str, Any]:
    """Whether the mutant is found and how. `broke`: it did not run at all, which is no finding."""
    try:
        swap = Swap(mutant) if "file" in mutant else None
        if swap is not None:
            sys.meta_path.insert(0, swap)
        looks = [by_tests(mutant["tests"])] if "tests" in mutant else (by_history(database) for database in databases)
        found = next((finding for finding in looks if finding), None)
        if swap is not None and not swap.used:
            return {"broke": "the module was not loaded"}
        return {"found": found}
    except Exception:
        return {"broke": traceback.format_exc(limit=-3)}


def controls(mutants: list[Mutant]) -> list[Mutant]:
    """The code as it is, under the histories and under each of the named tests."""
    named = sorted({mutant["tests"] for mutant in mutants if "tests" in mutant})
    return [{}, *({"tests": tests} for tests in named)]


def main(mutants: list[Mutant], databases: list[str]) -> None:
    """Try all, some at once; each result is one line, in any order, with what was tried."""
    for name in NOT_OURS:
        import_module(name)
    ours = {name for name in sys.modules if name.partition(".")[0] in ("engine", "handlers")}
    assert not ours, ours
    running = 0
    for mutant in [*controls(mutants), *mutants]:
        if running == AT_ONCE:
            os.wait()
            running -= 1
        if os.fork() == 0:
            result = {"tried": mutant, **trial(mutant, databases)}
            os.write(1, (json.dumps(result, ensure_ascii=False) + "\n").encode())
            os._exit(0)
        running += 1
    for _ in range(running):
        os.wait()


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    main(tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))["mutant"], sys.argv[2:])
