"""Why one step of an instance cannot be made. Never leaves the kernel: the machine turns it into an incident."""

from __future__ import annotations


class StepError(Exception):
    """The step stops here and its token stays. `code` is stable; `expression` is the text that failed, or empty."""

    def __init__(self, code: str, reason: str, *, expression: str = "") -> None:
        self.code = code
        self.reason = reason
        self.expression = expression
        super().__init__(reason)


class Exhausted(StepError):
    """A bound of the whole command is reached: nothing moves any more until an operator has looked."""
