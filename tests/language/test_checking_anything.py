"""Whatever the file, the check answers: problems with a place and a remedy, and never an exception."""

from __future__ import annotations

from pathlib import Path

import pytest

import handlers
from engine.checking import check

from .test_bad_input import GENERATED

pytestmark = pytest.mark.language

HERE = Path(__file__).parent
HUMAN = HERE.parents[2] / "shared" / "conformance" / "human"
FILES = [*sorted((HERE / "kit").glob("*/*.bpmn")), *sorted((HERE / "kit").glob("*/*.dmn")), *(sorted(HUMAN.glob("*.bpmn")) if HUMAN.is_dir() else [])]
REGISTRY = handlers.registry()


def explained(name: str, data: bytes) -> None:
    found = check({name: data}, registry=REGISTRY)

    for problem in found.problems:
        assert problem.file == name
        assert problem.message
        assert problem.fix
        assert problem.severity in ("error", "warning")
        for template in (problem.template, problem.fix_template):
            # With values that hold no brace: one that is left is a placeholder without a value.
            assert "{" not in template.format(**dict.fromkeys(dict(problem.params), ""))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_any_file_is_explained(path: Path) -> None:
    """Every diagram and table of the kits, right, odd or hostile."""
    explained(path.name, path.read_bytes())


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_too_large_is_explained(name: str) -> None:
    """Blow-ups, deep nesting, long lines and large files."""
    explained("made.bpmn", GENERATED[name]())


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff\xfe", b"<", b"{}", b"<a/>", "建议".encode("gb18030")], ids=repr)
@pytest.mark.parametrize("name", ["x.bpmn", "x.dmn", "forms/x.json", "time_limits.dmn", "x.xml"])
def test_any_bytes_are_explained(name: str, data: bytes) -> None:
    """Under any name, bytes that are nothing of the kind are an error and no exception."""
    found = check({name: data}, registry=REGISTRY)

    assert found.errors


def test_many_diagrams_are_checked_in_one_call() -> None:
    """Two hundred diagrams of the kit at once: each is read once, and told when it is."""
    files = {f"{number:03}-{path.name}": path.read_bytes() for number, path in enumerate([p for p in FILES if p.suffix == ".bpmn" and p.parent.name == "language"][:200])}
    seen: list[str] = []

    found = check(files, registry=REGISTRY, on_file=seen.append)

    assert seen == sorted(files)
    assert found.files == tuple(sorted(files))
