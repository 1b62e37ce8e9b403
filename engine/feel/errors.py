"""What can go wrong in an expression. Imports only `Saying`.

`FeelSyntaxError`: the text is no expression; the analyst mends the diagram.
`FeelError`: an evaluation went over a budget or met a value that is none of FEEL's; the step becomes an incident.
`Undefined` never leaves this package: it says why one operation gives null.
"""

from ..errors import Saying

_EXCERPT = 60


class _Located(ValueError):
    """A fault at one place of an expression: `reason`, `text`, `offset` (characters from 0)."""

    def __init__(self, reason: str | Saying, text: str = "", offset: int = 0) -> None:
        super().__init__(reason, text, offset)
        self.reason = str(reason)
        self.text = text
        self.offset = offset

    @property
    def saying(self) -> Saying:
        """The whole message, with the place, in any language."""
        reason = self.args[0] if isinstance(self.args[0], Saying) else Saying(self.args[0])
        if not self.text:
            return reason
        start = max(0, self.offset - _EXCERPT // 2)
        excerpt = self.text[start : start + _EXCERPT].replace("\n", " ")
        if self.offset >= len(self.text):
            return Saying("{reason} (at the end of: {excerpt})", reason=reason, excerpt=excerpt)
        template = "{reason} (character {character} of {count}, near: {excerpt})"
        return Saying(template, reason=reason, character=self.offset + 1, count=len(self.text), excerpt=excerpt)

    def __str__(self) -> str:
        return str(self.saying)


class FeelSyntaxError(_Located):
    """The text is no FEEL expression. The analyst must mend it."""


class FeelError(_Located):
    """The evaluation was stopped: a budget was used up, or a value is none that FEEL knows."""


class NotAValue(FeelError):
    """A Python object, or a JSON form, that is no FEEL value and cannot be stored."""


class Undefined(Exception):
    """Why an operation has no result. Caught inside the package, where it becomes null with a note."""

    def __init__(self, template: str = "", **params: object) -> None:
        self.saying = Saying(template, **params)
        super().__init__(template)

    def __str__(self) -> str:
        return str(self.saying)
