"""Everything that can go wrong, as one tree.

The docstring of each class says who must act. A message is a template and its parameters, so that the command line can say it in
the reader's language; `str(error)` is the English text. Imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, init=False)
class Saying:
    """A sentence, or a part of one, as a template and its parameters, which may be sayings themselves. `str` is the English."""

    template: str
    params: tuple[tuple[str, str | Saying], ...]

    def __init__(self, template: str, /, **params: object) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "params", said_with(params))

    def __str__(self) -> str:
        return self.template.format(**dict(self.params)) if self.params else self.template

    def to_json(self) -> dict[str, Any]:
        """As it is recorded: the template and its parameters, in no language."""
        params = {name: value.to_json() if isinstance(value, Saying) else value for name, value in self.params}
        return {"template": self.template, "params": params} if params else {"template": self.template}

    @staticmethod
    def from_json(value: Any) -> Saying:
        """As it was recorded; what was recorded as a text says itself."""
        if not isinstance(value, Mapping):
            return Saying(str(value or ""))
        params = {name: Saying.from_json(one) if isinstance(one, Mapping) else one for name, one in value.get("params", {}).items()}
        return Saying(value.get("template", ""), **params)


def said_of(what: object) -> Saying:
    """What an error says, as a saying; any other thing by its text."""
    if isinstance(what, JianyiError):
        return Saying(what.template, **what.params)
    saying = what if isinstance(what, Saying) else getattr(what, "saying", None)
    return saying if isinstance(saying, Saying) else Saying(str(what))


def said_of_any(error: Exception) -> Saying:
    """What any exception says; that of a bug is named by its class, in no language."""
    known = isinstance(error, JianyiError) or isinstance(getattr(error, "saying", None), Saying)
    return said_of(error) if known else Saying("{error}", error=f"{type(error).__name__}: {error}")


def said_with(params: Mapping[str, object]) -> tuple[tuple[str, str | Saying], ...]:
    """Parameters as texts; what is a saying stays one."""
    return tuple((name, value if isinstance(value, Saying) else str(value)) for name, value in params.items())


def listed(parts: Iterable[str | Saying], joint: str = "") -> str | Saying:
    """The parts one after another; `joint` is the template of two, by a comma unless given."""
    *before, said = parts
    for part in reversed(before):
        said = Saying(joint, first=part, rest=said) if joint else Saying("{first}, {rest}", first=part, rest=said)
    return said


class JianyiError(Exception):
    """Root of all errors. `code` is stable and machine-readable; `hint` says what to do next."""

    exit_code = 1

    def __init__(self, code: str, template: str, *, hint: str = "", **params: object) -> None:
        self.code = code
        self.template = template
        self.hint = hint
        self.params = params
        super().__init__(template.format(**params) if params else template)


class Rejected(JianyiError):
    """What was asked is not allowed now. Nothing was changed. The caller decides what to do."""


class InvalidForm(Rejected):
    """What was typed does not fit the form or the item's check. The person who typed it mends it; `problems` names each field."""

    exit_code = 8

    def __init__(self, problems: Iterable[FieldProblem], *, form: str) -> None:
        self.problems = tuple(problems)
        text = "; ".join(f"{p.field}: {p.text}" for p in self.problems)
        super().__init__("invalid_form", "form {form}: {text}", form=form, text=text, hint="correct the named fields and send again")


class IdentityNeeded(Rejected):
    """Nobody said who acts. The caller names the person (`--as`, `JIANYI_ACTOR`, a profile)."""

    exit_code = 4


class NotFound(Rejected):
    """No such thing, or not for this actor's eyes. The caller checks the id."""

    exit_code = 5


class NotAllowed(Rejected):
    """The actor may not do this. Somebody in the named groups may."""

    exit_code = 6


class Conflict(Rejected):
    """Someone else changed it first. The caller reads who did what when, and decides again."""

    exit_code = 7


class Busy(JianyiError):
    """The database stayed locked or contended past the bound. The caller tries again later; nothing was changed."""

    exit_code = 7


class StoreError(JianyiError):
    """The database cannot be used (read-only, full, newer schema, not ours). An operator must act; nothing was changed."""


class VerificationFailed(JianyiError):
    """History, records or payloads are not what they must be. An auditor must act."""

    exit_code = 9


class DefinitionError(JianyiError):
    """The diagram must be fixed by its analyst. `problems` carries file, line, element id, rule and remedy of each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0] if self.problems else None
        super().__init__(
            "definition",
            "{count} problem(s); the first: {first}",
            count=len(self.problems),
            first=first.saying if first else "",
            hint="fix each named element and check again",
        )


@dataclass(frozen=True, kw_only=True)
class FieldProblem:
    """One field that does not fit. `field` is a dotted path (`commitments.0.due_on`), empty for the whole form."""

    field: str
    rule: str
    template: str
    params: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        return self.template.format(**dict(self.params))


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A remedy that a machine can carry out: in the element, write `new` for every whole word `old`."""

    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with a file of a deployment: where, which rule, and how to mend it.

    `template` and `fix_template` say it with `params` in any language; `message` and `fix` are the English.
    """

    file: str
    line: int | None
    element_id: str | None
    rule: str
    template: str
    fix_template: str
    params: tuple[tuple[str, str | Saying], ...] = ()
    severity: str = "error"
    edit: Edit | None = None

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return str(self._saying(self.template))

    @property
    def fix(self) -> str:
        """How to mend it, in English."""
        return str(self._saying(self.fix_template))

    @property
    def saying(self) -> Saying:
        """All of it in one line."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        place = f"{where} {self.element_id}" if self.element_id else where
        return Saying("{place} [{rule}] {message} → {fix}", place=place, rule=self.rule, message=self._saying(self.template), fix=self._saying(self.fix_template))

    def _saying(self, template: str) -> Saying:
        return Saying(template, **dict(self.params))

    def __str__(self) -> str:
        return str(self.saying)


def require(condition: object, code: str, template: str, *, error: type[Rejected] = Rejected, hint: str = "", **params: object) -> None:
    """Raise `error` unless the condition holds."""
    if not condition:
        raise error(code, template, hint=hint, **params)
