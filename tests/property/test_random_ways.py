"""Whatever people do on the real diagrams, in whatever order, right or wrong: the rules hold and history proves itself.

Each walk has one seed, which is the test's name; a walk that fails is walked again by `pytest -k 'seed_7]'` and tells its last steps.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from engine import Command, Receipt
from engine.commands import AdminCommand

from . import rules
from .congress import deployed_files
from .walker import Walk

SEEDS, TURNS = range(1, 9), 300
MORE_SEEDS, MORE_TURNS = range(100, 160), 700


def walked(seed: int, turns: int, folder: Path) -> Walk:
    """A walk to its end, in which the rules held after every single command."""
    walk = Walk(seed, folder)
    walk.go(turns)
    return walk


def proves_itself(walk: Walk) -> None:
    """Ids, numbers, chains, decisions and tables of a walk's whole history."""
    rules.ids_are_unique(walk.congress)
    rules.numbers_have_no_gap(walk.congress)
    rules.history_proves_itself(walk.congress)


def name(seed: int) -> str:
    """How a walk is called."""
    return f"seed_{seed}"


@pytest.mark.parametrize("seed", SEEDS, ids=name)
def test_whatever_people_do_the_rules_hold(seed: int, tmp_path: Path) -> None:
    """V4, V5 and no incident after each command; at the end nothing waits, and verify, replay and rebuild find nothing."""
    walk = walked(seed, TURNS, tmp_path)

    assert walk.congress.rows("outbox") == []
    proves_itself(walk)
    sensible = sum(times for doing, times in walk.refused.items() if not doing.startswith("wrong"))
    assert len(walk.accepted) > 2 * sensible, walk.refused


@pytest.mark.parametrize("seed", SEEDS[:3], ids=name)
def test_every_command_again_answers_as_the_first_time(seed: int, tmp_path: Path) -> None:
    """Each command of a walk, the engine's own ones too, is given once more: the receipt is the first one's, and nothing changes."""
    walk = walked(seed, TURNS, tmp_path)
    engine, before = walk.congress.engine, (walk.congress.tables(), walk.congress.length())

    for command, first in [*((command, None) for command in walk.congress.founding), *walk.accepted, *_engines_own(walk)]:
        again = engine.execute(command)

        assert again.repeated
        assert first is None or _said(again) == _said(first)
    assert (walk.congress.tables(), walk.congress.length()) == before


def _said(receipt: Receipt) -> tuple[object, ...]:
    """What a receipt says. Its events are compared as history has them, where a tuple is a list."""
    return receipt.stream, receipt.position, receipt.hash, receipt.case_id, receipt.instance_id, list(map(type, receipt.events))


def _engines_own(walk: Walk) -> list[tuple[Command, None]]:
    """What deliveries, timers and effects became, as history has it."""
    found: list[tuple[Command, None]] = []
    for stored in walk.congress.history():
        with walk.congress.engine.store.transaction(write=False) as transaction:
            row, _ = walk.congress.engine.runtime.read(transaction, stored)
        if not isinstance(row.command, AdminCommand):
            found.append((replace(row.command, command_id=row.command_id), None))
    return found


def test_the_same_seed_is_the_same_walk(tmp_path: Path) -> None:
    """A walk can be walked again: same commands, same refusals, same tables."""
    one, two = (walked(4, 150, tmp_path / which) for which in ("one", "two"))

    assert [command for command, _ in one.accepted] == [command for command, _ in two.accepted]
    assert one.refused == two.refused
    assert one.congress.tables() == two.congress.tables()


@pytest.mark.long
@pytest.mark.parametrize("seed", MORE_SEEDS, ids=name)
def test_longer_walks_hold_too(seed: int, tmp_path: Path) -> None:
    """More seeds and longer walks than the usual run has time for."""
    proves_itself(walked(seed, MORE_TURNS, tmp_path))


@pytest.mark.long
def test_walks_come_to_every_work_item_and_act(tmp_path: Path) -> None:
    """No work item and no act of the diagrams is never done by the walks: they test all ways, not a few."""
    visited: Counter[str] = Counter()
    for seed in MORE_SEEDS[:25]:
        visited += walked(seed, MORE_TURNS, tmp_path / str(seed)).visited

    assert _done_by_people() - set(visited) == set()


def _done_by_people() -> set[str]:
    """The elements of all diagrams at which a person does something."""
    from engine.kernel import load

    definitions = load({path: data for path, data in deployed_files().items() if not path.startswith("forms/")})
    elements = [element for process in definitions.processes.values() for element in process.elements.values()]
    return {element.id for element in elements if element.type == "userTask" or "act" in element.properties}

