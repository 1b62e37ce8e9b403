"""Why one step of an instance cannot be made. Never leaves the kernel: the machine turns it into an incident."""

from __future__ import annotations

from ..errors import Saying, said_of


class StepError(Exception):
    """The step stops here and its token stays. `code` is stable; `expression` is the text that failed, or empty; `saying` is why."""

    def __init__(self, code: str, reason: str | Saying, *, expression: str = "") -> None:
        self.code = code
        self.saying = said_of(reason)
        self.expression = expression
        super().__init__(code)

    def __str__(self) -> str:
        return str(self.saying)


class Exhausted(StepError):
    """A bound of the whole command is reached: nothing moves any more until an operator has looked."""
