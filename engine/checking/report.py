"""Collects what a check finds, each with the place, the rule, the message and the remedy; messages are templates for the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Edit, Problem


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something stands."""

    file: str
    line: int | None = None
    element_id: str | None = None


class Report:
    """The problems so far, each once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._told: set[tuple[object, ...]] = set()

    def add(self, place: Place, rule: str, *, template: str, hint: str, severity: str = "error", edit: Edit | None = None, **params: object) -> None:
        """Note one problem; the same one at the same place is told once."""
        shown = {name: str(value) for name, value in params.items()}
        told = (place, rule, template, tuple(shown.items()))
        if told in self._told:
            return
        self._told.add(told)
        self.problems.append(
            Problem(
                file=place.file,
                line=place.line,
                element_id=place.element_id,
                rule=rule,
                severity=severity,
                template=template,
                fix_template=hint,
                params=tuple((name, text) for name, text in shown.items() if "{" + name + "}" in template + hint),
                edit=edit,
            )
        )
