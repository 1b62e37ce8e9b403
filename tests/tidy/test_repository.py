"""What the repository itself must keep: pinned requirements, no registry's name, files that a clone can use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.tidy

ROOT = Path(__file__).parents[2]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_hashes(path):
    """A locked file names one version and at least one hash for each package."""
    entries = re.split(r"\n(?=\S)", path.read_text().strip())

    assert entries
    assert [entry for entry in entries if not re.match(r"[\w.\[\]-]+==\S+.*\\\n\s+--hash=sha256:", entry)] == []


@pytest.mark.parametrize("path", [*REQUIREMENTS, ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_no_file_names_a_package_registry(path):
    """Which registry serves the packages is the machine's matter, not the project's."""
    assert re.findall(r"[a-z]+://\S+|index-url \w", path.read_text(), re.IGNORECASE) == []


def test_a_tests_requirements_agree_with_the_products():
    """Tests run on the very versions that users get."""
    pins = [dict(re.findall(r"^([\w.\[\]-]+)==(\S+)", path.read_text(), re.MULTILINE)) for path in (ROOT / "requirements" / "run.txt", ROOT / "requirements" / "test.txt")]

    assert {name: pins[1].get(name) for name in pins[0]} == pins[0]
