"""What a step reports, collected while it is made; a step that is undone takes its lines back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

KINDS: Final = (
    "moves", "items_opened", "items_closed", "items_changed", "jobs_opened", "jobs_closed", "timers_set", "timers_closed", "subscriptions_opened",
    "subscriptions_closed", "thrown", "incidents_opened", "incidents_resolved", "facts", "notes",
)  # fmt: skip


class Outbox:
    """Lines of every kind in one list, so that taking back is one cut. A kind is the name of a field of `Step`."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: list[tuple[str, Any]] = []

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
