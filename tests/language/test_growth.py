"""Growth is flat: what one completion costs, counted in calls and bytes, does not grow with what is over."""

from __future__ import annotations

import pytest

from engine import kernel

from .growth import Run, calls, circle, line, parallel


@pytest.mark.parametrize(("diagram", "variables", "finished"), [(line(1_100), {}, 1_000), (circle(), {"i": 0}, 2_000)], ids=["tasks in a line", "turns of a loop"])
def test_a_completion_costs_the_same_after_a_thousand_tasks_or_two_thousand_turns(diagram: bytes, variables: dict[str, int], finished: int) -> None:
    """One completion after 1,000 finished tasks, or 2,000 turns of a loop, takes as many calls and as many bytes as after 10."""
    run = Run(diagram, variables)
    run.complete(10)
    early, early_bytes = calls(run.complete), run.bytes

    run.complete(finished - 11)
    late, late_bytes = calls(run.complete), run.bytes

    assert late <= early * 1.1
    assert late_bytes <= early_bytes + 30


def test_twelve_hundred_tasks_in_a_line_load_and_run() -> None:
    """A line of 1,200 tasks loads with work in proportion to its length, and runs in one step."""
    short, long = (calls(lambda tasks=tasks: kernel.load({"grows.bpmn": line(tasks, "task")})) for tasks in (300, 1_200))  # type: ignore[misc]

    assert Run(line(1_200, "task")).status == "completed"
    assert long <= short * 5


def test_five_hundred_at_once_finish() -> None:
    """Of 500 parallel instances each completion takes calls that do not depend on how many are over, and all come to an end."""
    run = Run(parallel(500))
    first = calls(run.complete)
    run.complete(498)
    last = calls(run.complete)

    assert run.status == "completed"
    assert last <= first * 3


def test_state_is_in_proportion_to_open_work() -> None:
    """Half of the parallel work done, half of the bytes are left."""
    run = Run(parallel(400))
    whole = run.bytes

    run.complete(200)

    assert run.bytes <= whole * 0.6
