"""Every test is marked by its folder, so that `pytest -m processes` runs one kind."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The mark of the folder under `tests/`."""
    for item in items:
        if item.path.is_relative_to(TESTS):
            item.add_marker(item.path.relative_to(TESTS).parts[0])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say when the drawings of others are not there to be run."""
    if not (TESTS.parents[1] / "shared" / "conformance" / "human").is_dir():
        terminalreporter.write_line("tests/language/test_human.py is not collected: ../shared/conformance/human is not there")
