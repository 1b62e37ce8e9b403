"""What a check costs, counted in calls: in proportion to the diagrams of a set and to the elements of a diagram, however these are written."""

from __future__ import annotations

import pytest

from engine.checking import check
from handlers import registry

from .copies import beside, copies, originals
from .growth import calls, returns, scripts

pytestmark = pytest.mark.language


@pytest.mark.parametrize("mistaken", [False, True], ids=["right", "mistaken"])
def test_a_set_costs_what_its_diagrams_cost(mistaken: bool) -> None:
    """Four times as many diagrams in one call take four times the work, and not more, though their messages and names are alike."""
    of, others = originals(14), beside()
    few, many = ({**others, **copies(of, number, mistaken=mistaken)} for number in (28, 112))
    found = check(many, registry=registry())

    at_first, in_the_end = calls(lambda: check(few, registry=registry())), calls(lambda: check(many, registry=registry()))

    assert bool(found.errors) is mistaken
    assert in_the_end <= 4 * 1.1 * at_first


@pytest.mark.parametrize(
    ("short", "long"),
    [(scripts(300), scripts(1_200)), (scripts(300, backwards=True), scripts(1_200, backwards=True)), (returns(150), returns(600))],
    ids=["onwards", "backwards", "with returns"],
)
def test_a_diagram_costs_what_its_elements_cost(short: bytes, long: bytes) -> None:
    """A diagram four times as long takes four times the work, and little more where every step can lead back."""
    check({"long.bpmn": long})

    at_first, in_the_end = calls(lambda: check({"short.bpmn": short})), calls(lambda: check({"long.bpmn": long}))

    assert in_the_end <= 4 * 1.25 * at_first


def test_the_order_of_the_file_costs_nothing() -> None:
    """A diagram whose last element stands first in its file takes no more work than one that is listed in the order of its flows."""
    onwards, backwards = (calls(lambda way=way: check({"one.bpmn": scripts(600, backwards=way)})) for way in (False, True))  # type: ignore[misc]

    assert backwards <= onwards * 1.1


def test_wrong_names_among_very_many_cost_little() -> None:
    """A diagram with a thousand names all of which are misspelt where they are read takes at most four times the work of a right one."""
    right, wrong = (calls(lambda slips=slips: check({"one.bpmn": scripts(1_000, mistaken=slips)})) for slips in (False, True))  # type: ignore[misc]

    assert wrong <= right * 4
