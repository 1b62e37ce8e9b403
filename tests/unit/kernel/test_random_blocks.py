"""Random block-structured diagrams with known answers: splits, joins and loops of every kind, nested in each other."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from .drawing import Instance, drawn, event, script, task


class Drawing:
    """A diagram under construction: elements, flows, and how often each task must run."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.parts: list[str] = []
        self.expected: Counter[str] = Counter()
        self.number = 0

    def name(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def add(self, part: str) -> None:
        self.parts.append(part)

    def flow(self, source: str, target: str, condition: str | None = None) -> str:
        name = self.name("f")
        inside = f"<bpmn:conditionExpression>={condition}</bpmn:conditionExpression>" if condition else ""
        self.add(f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>')
        return name

    def block(self, depth: int, times: int) -> tuple[str, str]:
        """Draw one block that runs `times` times; its first and last element."""
        kinds = ["task"] if depth == 0 else ["task", "sequence", "exclusive", "parallel", "inclusive", "loop", "scope"]
        return getattr(self, "draw_" + self.chance.choice(kinds))(depth, times)

    def draw_task(self, depth: int, times: int) -> tuple[str, str]:
        name = self.name("t")
        self.add(task("task", name))
        self.expected[name] += times
        return name, name

    def draw_sequence(self, depth: int, times: int) -> tuple[str, str]:
        first, middle = self.block(depth - 1, times)
        second, last = self.block(depth - 1, times)
        self.flow(middle, second)
        return first, last

    def draw_exclusive(self, depth: int, times: int) -> tuple[str, str]:
        return self.branches("exclusiveGateway", depth, times)

    def draw_parallel(self, depth: int, times: int) -> tuple[str, str]:
        return self.branches("parallelGateway", depth, times)

    def draw_inclusive(self, depth: int, times: int) -> tuple[str, str]:
        return self.branches("inclusiveGateway", depth, times)

    def branches(self, kind: str, depth: int, times: int) -> tuple[str, str]:
        count = self.chance.randint(2, 3)
        chosen = self.chosen(kind, count)
        split, join = self.name("g"), self.name("j")
        default = None
        for number in range(count):
            first, last = self.block(depth - 1, times if number in chosen else 0)
            is_default = kind != "parallelGateway" and chosen == {number} and self.chance.random() < 0.5 and default is None
            condition = None if kind == "parallelGateway" or is_default else str(number in chosen).lower()
            name = self.flow(split, first, condition)
            default = name if is_default else default
            self.flow(last, join)
        self.add(f'<bpmn:{kind} id="{split}"' + (f' default="{default}"/>' if default else "/>"))
        self.add(f'<bpmn:{kind} id="{join}"/>')
        return split, join

    def chosen(self, kind: str, count: int) -> set[int]:
        if kind == "parallelGateway":
            return set(range(count))
        if kind == "exclusiveGateway":
            return {self.chance.randrange(count)}
        return set(self.chance.sample(range(count), self.chance.randint(1, count)))

    def draw_loop(self, depth: int, times: int) -> tuple[str, str]:
        turns = self.chance.randint(1, 3)
        counter = self.name("n")
        begin, merge, count, split = (self.name(prefix) for prefix in ("b", "m", "c", "x"))
        first, last = self.block(depth - 1, times * turns)
        self.add(script(begin, "0", counter))
        self.add(script(count, f"{counter} + 1", counter))
        self.flow(begin, merge)
        self.flow(merge, first)
        self.flow(last, count)
        self.flow(count, split)
        self.flow(split, merge, f"{counter} &lt; {turns}")
        after = self.name("a")
        leave = self.flow(split, after)
        self.add(f'<bpmn:exclusiveGateway id="{merge}"/><bpmn:exclusiveGateway id="{split}" default="{leave}"/>{task("task", after)}')
        return begin, after

    def draw_scope(self, depth: int, times: int) -> tuple[str, str]:
        outer, self.parts = self.parts, []
        name, start = self.name("q"), self.name("s")
        first, _ = self.block(depth - 1, times)
        self.add(event("startEvent", start))
        self.flow(start, first)
        outer.append(f'<bpmn:subProcess id="{name}">{"".join(self.parts)}</bpmn:subProcess>')
        self.parts = outer
        return name, name


@pytest.mark.parametrize("seed", range(60))
def test_a_block_structured_diagram_runs_each_task_as_often_as_it_must(seed: int) -> None:
    """Every task runs exactly as often as its splits and loops say, and the instance completes."""
    drawing = Drawing(random.Random(seed))
    first, last = drawing.block(4, 1)
    drawing.add(event("startEvent", "start") + event("endEvent", "end"))
    drawing.flow("start", first)
    drawing.flow(last, "end")

    instance = Instance(drawn(*drawing.parts))

    ran = Counter(element for what, element, _ in instance.last.moves if what == "leave" and element in drawing.expected)
    assert instance.last.status == "completed", instance.open
    assert ran == +drawing.expected
