"""Choices read from bytes: the same bytes give the same choices, and where they end every choice is the first, simplest one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Tape:
    """A source of choices. Smaller bytes are simpler choices, so that what shrinks bytes shrinks diagrams."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, below: int) -> int:
        """A number from 0, less than `below`."""
        if self._at >= len(self._data):
            return 0
        self._at += 1
        return self._data[self._at - 1] * below >> 8

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases; False when the bytes have ended."""
        return self.number(100) >= 100 - percent

    def pick(self, choices: Sequence[T]) -> T:
        """One of them; the first when the bytes have ended."""
        return choices[self.number(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """One of them by weight (in all at most 256); the first when the bytes have ended."""
        at = self.number(sum(weight for _, weight in choices))
        for choice, weight in choices:
            at -= weight
            if at < 0:
                return choice
        raise AssertionError("weights are positive")
