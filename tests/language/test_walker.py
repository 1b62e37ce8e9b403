"""Random diagrams walked at random: the kernel tells no story that the token game of BPMN 2.0.2 could not tell."""

from __future__ import annotations

import statistics
import zlib
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .walker.generator import grown
from .walker.story import TooMany
from .walker.tape import Tape
from .walker.walk import Walk

DRAWN, WALKED = 300, 100
"""Bytes of a tape that draw the diagram, and that choose the way through it."""

CONSTRUCTS = (
    "task", "manualTask", "userTask", "scriptTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask",
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "inclusive in a loop", "way back",
    "subProcess", "transaction", "adHocSubProcess", "callActivity", "eventSubProcess",
    *(f"event sub-process {kind}" for kind in ("message", "signal", "timer", "conditional", "error", "escalation", "compensate", "multiple")),
    *(f"event sub-process {kind} beside" for kind in ("message", "signal", "timer", "conditional", "escalation")),
    *(f"boundary {kind}" for kind in ("message", "signal", "timer", "conditional", "error", "escalation", "cancel", "multiple")),
    *(f"boundary {kind} beside" for kind in ("message", "signal", "timer", "conditional", "escalation", "multiple")),
    "timer text", "timer feel", "timer date", "timer cycle",
    *(f"catch {kind}" for kind in ("message", "signal", "timer", "conditional", "multiple")), "needs all",
    *(f"throw {kind}" for kind in ("none", "message", "signal", "escalation", "compensate")),
    *(f"end {kind}" for kind in ("none", "message", "signal", "error", "escalation", "terminate", "compensate", "cancel")),
    "start message", "start signal", "start timer", "message start", "pools talk", "pools", "lanes",
    "link", "compensation", "error", "standard loop", "parallel loop", "sequential loop", "completion condition", "mapping",
    "uncontrolled split", "uncontrolled merge", "implicit start", "implicit end", "condition is null", "no flow",
)  # fmt: skip
"""What is drawn in at least one of fifty diagrams."""


TWINS = 20
"""Of so many walks one is also walked on the engine, in the quick tests."""


class Sample:
    """Walks, counted. One walk of `twins` is done again on the engine."""

    def __init__(self, twins: int) -> None:
        self.twins = twins
        self.tags: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self.gateways: list[int] = []
        self.endless = 0
        self.too_many = 0
        self.chosen = self.impossible = self.deeds = self.beside = 0

    def walk(self, tape: bytes) -> None:
        """Walk once and count what was drawn and what was come to."""
        model = grown(tape[:DRAWN])
        self.tags.update(model.tags)
        self.gateways.append(model.gateways)
        walk = Walk(model, Tape(tape[DRAWN:]))
        try:
            self.endless += not walk.go()
            if zlib.crc32(tape) % self.twins == 0:
                self.walk_on_engine(Walk(model, Tape(tape[DRAWN:]), is_by_hand=True))
        except TooMany:
            self.too_many += 1
        self.seen.update({model.nodes[element].kind for element in walk.trial.left if element in model.nodes})

    def walk_on_engine(self, walk: Walk) -> None:
        """Walk as a person begins it, and the same way again on the engine."""
        if not walk.go():
            return
        self.chosen += 1
        beside = walk.again()
        if beside is None:
            self.impossible += 1
        else:
            self.deeds += len(walk.deeds)
            self.beside += beside

    def check(self) -> None:
        """The sample has what it must have."""
        size = len(self.gateways)
        assert statistics.median(self.gateways) >= 3
        assert {name: self.tags[name] for name in CONSTRUCTS if self.tags[name] * 50 < size} == {}
        assert {name: self.seen[name] for name in CONSTRUCTS if name in self.seen and self.seen[name] * 50 < size} == {}
        assert self.endless * 100 < size
        assert self.too_many * 100 < size
        assert self.chosen * self.twins * 2 > size
        assert self.impossible * 4 < self.chosen
        assert self.beside * 100 > self.deeds * 95


def walked(number: int, examples: int, twins: int) -> Sample:
    """So many walks, by one seed."""
    sample = Sample(twins)

    @seed(number)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink))
    @given(st.binary(min_size=DRAWN + WALKED, max_size=DRAWN + WALKED))
    def walk(tape: bytes) -> None:
        sample.walk(tape)

    walk()
    return sample


@pytest.mark.parametrize("number", [1, 2])
def test_the_kernel_tells_only_what_the_oracle_can_tell(number: int) -> None:
    """Every walk ends; in each, what was entered, left and taken, what is open, waits and was written is what BPMN says."""
    walked(number, 1_000, TWINS).check()


@pytest.mark.long
@pytest.mark.parametrize("number", range(100, 150))
def test_the_kernel_tells_only_what_the_oracle_can_tell_in_many_walks(number: int) -> None:
    """The same in fifty thousand walks."""
    walked(number, 1_000, 1).check()
