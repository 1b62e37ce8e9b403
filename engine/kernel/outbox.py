"""What a step reports, collected while it is made; a step that is undone takes its lines back."""

from __future__ import annotations

from typing import Any, Final

LISTS: Final = (
    "moves", "items_opened", "items_closed", "items_changed", "jobs_opened", "jobs_closed", "timers_set", "timers_closed", "subscriptions_opened",
    "subscriptions_closed", "thrown", "incidents_opened", "incidents_resolved", "facts", "notes",
)  # fmt: skip


class Outbox:
    """One list for each kind of thing in a `Step`."""

    __slots__ = LISTS

    def __init__(self) -> None:
        for name in LISTS:
            setattr(self, name, [])

    def mark(self) -> list[int]:
        """How long each list is now."""
        return [len(getattr(self, name)) for name in LISTS]

    def undo(self, mark: list[int]) -> None:
        """Cut every list back to what it was."""
        for name, length in zip(LISTS, mark, strict=True):
            del getattr(self, name)[length:]

    def frozen(self) -> dict[str, tuple[Any, ...]]:
        """The lists as tuples, by name."""
        return {name: tuple(getattr(self, name)) for name in LISTS}
