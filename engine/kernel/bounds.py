"""The bounds of one instance. Beyond each of them is an incident, never a hang."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Steps of one command, open tokens of an instance, nesting of calls, items of a multi-instance."""

    steps: int = 100_000
    tokens: int = 20_000
    call_depth: int = 50
    items: int = 10_000


DEFAULT = Bounds()
