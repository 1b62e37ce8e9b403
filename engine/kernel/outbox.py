"""What a step reports, collected while it is made; a step that is undone takes its lines back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

KINDS: Final = (
    "moves", "items_opened", "items_closed", "items_changed", "jobs_opened", "jobs_closed", "timers_set", "timers_moved", "timers_closed",
    "subscriptions_opened", "subscriptions_closed", "thrown", "incidents_opened", "incidents_resolved", "facts", "notes",
)  # fmt: skip


class Outbox:
    """Lines of every kind in one list, so that taking back is one cut. A kind is the name of a field of `Step`."""

    __slots__ = ("_begun", "_last", "lines")

    def __init__(self) -> None:
        self.lines: list[tuple[str, Any]] = []
        self._begun = 0
        self._last = 0

    def begin(self, last: int) -> None:
        """A step of the machine begins; `last` is the last id that was given."""
        self._begun = len(self.lines)
        self._last = last

    def since_begin(self) -> list[tuple[str, Any]]:
        """What the step told until now."""
        return self.lines[self._begun :]

    def restore(self, told: list[tuple[str, Any]]) -> None:
        """Have told in this step only these lines."""
        self.lines[self._begun :] = told

    def close(self, n: int, how: str, opened: str, closed: str) -> None:
        """Report that what was waited for is so no more. What opened in the same step was never waited for, and is not told at all."""
        if n > self._last:
            for at in range(len(self.lines) - 1, self._begun - 1, -1):
                kind, line = self.lines[at]
                if kind == opened and line.n == n:
                    del self.lines[at]
                    return
        self.lines.append((closed, (n, how)))

    def add(self, kind: str, line: Any) -> None:
        """Report one thing."""
        self.lines.append((kind, line))

    def extend(self, kind: str, lines: Iterable[Any]) -> None:
        """Report several things."""
        self.lines.extend((kind, line) for line in lines)

    def frozen(self) -> dict[str, tuple[Any, ...]]:
        """The lines by kind, in order."""
        found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        for kind, line in self.lines:
            found[kind].append(line)
        return {kind: tuple(lines) for kind, lines in found.items()}
