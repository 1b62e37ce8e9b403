"""Expressions of a diagram: texts compiled once per load, told apart from plain text by their leading `=`."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from ..errors import Saying
from ..feel import Context, Expression, FeelSyntaxError, compile_expression

HOST_FUNCTIONS = frozenset({"due", "due_at", "day_after", "setting"})
"""Functions of FEEL that the caller offers through `Call.function`."""
MAX_EXPRESSION = 200_000
_CLOCK = re.compile(r"\b(now|today)\s*\(")


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression (`compiled` is set) or plain text (`text` is the value)."""

    text: str
    compiled: Expression | None

    @property
    def reads_clock(self) -> bool:
        """Whether the value may change with time alone."""
        return self.compiled is not None and bool(_CLOCK.search(self.text))

    def reads(self, names: Set[str]) -> bool:
        """Whether the value may depend on one of these variables."""
        return self.compiled is not None and not names.isdisjoint(self.compiled.names | self.compiled.filter_names)

    @property
    def unknown_functions(self) -> tuple[str, ...]:
        """What the expression calls although neither FEEL nor the host offers it."""
        return () if self.compiled is None else tuple(sorted(self.compiled.function_names - HOST_FUNCTIONS))

    def constant(self, now: datetime, zone: str, reasons: list[str]) -> object:
        """The value without any variables, for what is evaluated outside an instance; `reasons` gets why it is null. Raises FeelError."""
        if self.compiled is None:
            return self.text
        context = Context({}, now=now, zone=zone)
        value = self.compiled.evaluate(context)
        reasons += [note.reason for note in context.notes] if value is None else []
        return value


class Formulas:
    """Compiles texts of one load and remembers them, so that checks and elements share the result."""

    def __init__(self) -> None:
        self._known: dict[str, Formula | FeelSyntaxError] = {}

    def formula(self, text: str) -> Formula:
        """Plain text, or an expression after `=`. Raises FeelSyntaxError."""
        stripped = text.strip()
        if not stripped.startswith("="):
            return Formula(stripped, None)
        known = self._known.get(stripped)
        if known is None:
            known = self._known[stripped] = _compiled(stripped)
        if isinstance(known, FeelSyntaxError):
            raise known
        return known

    def optional(self, text: str | None) -> Formula | None:
        """As `formula`; None for an absent or empty text."""
        return self.formula(text) if text is not None and text.strip() else None


def _compiled(text: str) -> Formula | FeelSyntaxError:
    body = text[1:].strip()
    if not body:
        return FeelSyntaxError("there is nothing after the =", text, 0)
    if len(body) > MAX_EXPRESSION:
        return FeelSyntaxError(Saying("the expression has more than {limit} characters", limit=MAX_EXPRESSION), body[:80], 0)
    try:
        return Formula(text, compile_expression(body))
    except FeelSyntaxError as error:
        return error
