"""Collects problems while a file is checked."""

from __future__ import annotations

from typing import TypeAlias

from lxml import etree

from ...errors import Problem
from ...feel import FeelSyntaxError
from ..expressions import Formula, Formulas
from ..outline import OutlineFlow, OutlineNode, OutlineScope

Place: TypeAlias = OutlineNode | OutlineFlow | OutlineScope | etree._Element


class Report:
    """The problems of one file so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, place: Place | None, rule: str, message: str, fix: str, *, severity: str = "error") -> None:
        """Note one problem at a node, a flow, a scope or any other element (None: the file)."""
        line, element_id = _where(place)
        self.problems.append(Problem(file=self.file, line=line, element_id=element_id, rule=rule, message=message, fix=fix, severity=severity))

    def expression(self, place: Place, formulas: Formulas, text: str | None, what: str, *, must: bool = False) -> Formula | None:
        """Compile a text of this element; note what is wrong with it. `must`: it has to be an expression after `=`."""
        if text is None or not text.strip():
            if must:
                self.add(place, "expression", f"{what} is empty", "write a FEEL expression after =")
            return None
        if must and not text.strip().startswith("="):
            self.add(place, "expression", f"{what} {text.strip()[:60]!r} is no expression", "write FEEL after a leading =")
            return None
        try:
            formula = formulas.formula(text)
            unknown = formula.unknown_functions
            if unknown:
                self.add(place, "expression", f"{what} calls {', '.join(unknown)}, which is no function", "use a function of FEEL")
            return formula
        except FeelSyntaxError as error:
            self.add(place, "expression", f"{what}: {error}", "correct the FEEL expression")
            return None


def _where(place: Place | None) -> tuple[int | None, str | None]:
    if place is None:
        return None, None
    if isinstance(place, etree._Element):
        return place.sourceline, place.get("id")
    return place.line, place.id or None
