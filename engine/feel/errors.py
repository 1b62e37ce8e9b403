"""What can go wrong in an expression. Imports nothing of ours.

`FeelSyntaxError`: the text is no expression; the analyst mends the diagram.
`FeelError`: an evaluation went over a budget or met a value that is none of FEEL's; the step becomes an incident.
`Undefined` never leaves this package: it says why one operation gives null.
"""

_EXCERPT = 60


class _Located(ValueError):
    """A fault at one place of an expression: `reason`, `text`, `offset` (characters from 0)."""

    def __init__(self, reason: str, text: str = "", offset: int = 0) -> None:
        super().__init__(reason, text, offset)
        self.reason = reason
        self.text = text
        self.offset = offset

    def __str__(self) -> str:
        if not self.text:
            return self.reason
        start = max(0, self.offset - _EXCERPT // 2)
        excerpt = self.text[start : start + _EXCERPT].replace("\n", " ")
        if self.offset >= len(self.text):
            return f"{self.reason} (at the end of: {excerpt})"
        return f"{self.reason} (character {self.offset + 1} of {len(self.text)}, near: {excerpt})"


class FeelSyntaxError(_Located):
    """The text is no FEEL expression. The analyst must mend it."""


class FeelError(_Located):
    """The evaluation was stopped: a budget was used up, or a value is none that FEEL knows."""


class NotAValue(FeelError):
    """A Python object, or a JSON form, that is no FEEL value and cannot be stored."""


class Undefined(Exception):
    """Why an operation has no result. Caught inside the package, where it becomes null with a note."""
