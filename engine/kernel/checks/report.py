"""Collects problems while a file is checked."""

from __future__ import annotations

from typing import TypeAlias

from lxml import etree

from ...errors import Problem, Saying, said_with
from ...feel import FeelSyntaxError
from ..expressions import Formula, Formulas
from ..outline import Outline, OutlineFlow, OutlineNode, OutlineScope
from ..read import BPMN

Place: TypeAlias = OutlineNode | OutlineFlow | OutlineScope | etree._Element


class Report:
    """The problems of one file so far. What is wrong with a pool that is only drawn stops nothing: there it is a warning."""

    def __init__(self, outline: Outline) -> None:
        self.file = outline.file
        self.problems: list[Problem] = []
        self._drawn = outline.only_drawn

    def add(self, place: Place | None, rule: str, template: str, fix: str, *, severity: str = "error", **params: object) -> None:
        """Note one problem at a node, a flow, a scope or any other element (None: the file)."""
        line, element_id = _where(place)
        if self._drawn and _process_of(place) in self._drawn:
            severity = "warning"
        self.problems.append(Problem(file=self.file, line=line, element_id=element_id, rule=rule, template=template, fix_template=fix, params=said_with(params), severity=severity))

    def expression(self, place: Place, formulas: Formulas, text: str | None, what: str | Saying, *, must: bool = False) -> Formula | None:
        """Compile a text of this element; note what is wrong with it. `must`: it has to be an expression after `=`."""
        what = what if isinstance(what, Saying) else Saying(what)
        if text is None or not text.strip():
            if must:
                self.add(place, "expression", "{what} is empty", "write a FEEL expression after =", what=what)
            return None
        if must and not text.strip().startswith("="):
            self.add(place, "expression", "{what} {text} is no expression", "write FEEL after a leading =", what=what, text=repr(text.strip()[:60]))
            return None
        try:
            formula = formulas.formula(text)
            unknown = formula.unknown_functions
            if unknown:
                self.add(place, "expression", "{what} calls {functions}, which is no function", "use a function of FEEL", what=what, functions=", ".join(unknown))
            return formula
        except FeelSyntaxError as error:
            self.add(place, "expression", "{what}: {error}", "correct the FEEL expression", what=what, error=error.saying)
            return None


def _where(place: Place | None) -> tuple[int | None, str | None]:
    if place is None:
        return None, None
    if isinstance(place, etree._Element):
        return place.sourceline, place.get("id")
    return place.line, place.id or None


def _process_of(place: Place | None) -> str | None:
    if isinstance(place, OutlineScope):
        return place.process_id
    if isinstance(place, (OutlineNode, OutlineFlow)):
        return place.scope.process_id
    element: etree._Element | None = place
    while element is not None and element.tag != BPMN + "process":
        element = element.getparent()
    return element.get("id") if element is not None else None
