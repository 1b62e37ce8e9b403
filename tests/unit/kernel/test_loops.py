"""Standard loops: what their conditions see."""

from __future__ import annotations

import pytest

from .drawing import Instance, line, task


@pytest.mark.parametrize(("before", "turns"), [("true", 2), ("false", 3)])
def test_a_loop_condition_sees_the_number_of_its_turn(before: str, turns: int) -> None:
    """Tested before a turn, the condition sees the number of the turn to come, each time; tested after, that of the turn just over."""
    marker = f'<bpmn:standardLoopCharacteristics testBefore="{before}"><bpmn:loopCondition>=loopCounter &lt;= 2</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'

    instance = Instance(line(task("task", "a", loop=marker)))

    assert [element for what, element, _ in instance.last.moves if (what, element) == ("leave", "a")] == ["a"] * turns
