"""Snapshots: plain, canonical, and as large as the open work."""

from __future__ import annotations

import json

from engine import kernel

from .drawing import Instance, drawn, event, line, path, task

LOOP = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=for i in 1..n return i" inputElement="i" outputCollection="out" outputElement="=i"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)


def canonical(instance: Instance) -> str:
    return json.dumps(instance.snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def test_a_snapshot_does_not_grow_with_history() -> None:
    """After four hundred turns of a loop it is as large as after two, but for the digits of its counter."""
    gateway = '<bpmn:exclusiveGateway id="m"/>'
    back = '<bpmn:sequenceFlow id="back" sourceRef="u" targetRef="m"/>'
    instance = Instance(drawn(event("startEvent", "s"), gateway, task("userTask", "u"), path("s", "m", "u"), back))
    instance.complete("u")
    before = len(canonical(instance))

    for _ in range(400):
        instance.complete("u")

    assert len(canonical(instance)) <= before + 12


def test_a_snapshot_is_as_large_as_the_open_work() -> None:
    """Ten times the open items take about ten times the room, and completed ones give it back."""
    small, large = (Instance(line(task("userTask", "u", loop=LOOP)), {"n": n}) for n in (20, 200))
    assert len(canonical(large)) < 11 * len(canonical(small))

    for item in large.last.items_opened[:180]:
        large.do(kernel.CompleteItem(item.n))

    assert len(canonical(large)) < 2 * len(canonical(small))


def test_what_was_reached_by_another_way_is_the_same_snapshot() -> None:
    """Two instances in the same state have the same bytes, whichever of two parallel items was completed first."""
    fork = '<bpmn:parallelGateway id="g"/><bpmn:parallelGateway id="j"/>'
    data = drawn(
        event("startEvent", "s"), fork, task("userTask", "a"), task("userTask", "b"), task("userTask", "c"), path("s", "g", "a", "j", "c"), path("g", "b", "j")
    )
    first, second = Instance(data), Instance(data)

    for instance, order in ((first, "ab"), (second, "ba")):
        for element_id in order:
            instance.complete(element_id)

    assert canonical(first) == canonical(second)


def test_five_hundred_items_complete_one_by_one() -> None:
    """Each completion of many parallel items shares what it does not change with the snapshot before it."""
    instance = Instance(line(task("userTask", "u", loop=LOOP)), {"n": 500})
    items = [item.n for item in instance.last.items_opened]

    for n in items[:-1]:
        before = instance.snapshot
        instance.do(kernel.CompleteItem(n))
        assert before is not None
        assert instance.snapshot is not None
        assert instance.snapshot["tokens"][str(items[-1])] is before["tokens"][str(items[-1])]

    assert instance.do(kernel.CompleteItem(items[-1])).status == "completed"
    assert instance.variables["out"] == list(range(1, 501))
