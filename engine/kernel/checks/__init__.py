"""Says everything wrong with a diagram at once: what the kernel cannot run right is refused here, with a remedy.

*It runs right or it is refused.* The rooms: `words` (what is known at all), `places` (where it may stand), `structure` (ids, flows, scopes),
`events`, `activities` (tasks, loops, mappings, expressions), `deployment` (what only the whole set of files shows).
"""

from __future__ import annotations

from ...errors import Problem
from ..expressions import Formulas
from ..outline import Outline
from .activities import check_activities
from .events import check_events
from .report import Report
from .structure import check_structure
from .words import check_words

__all__ = ["check_file"]


def check_file(outline: Outline, formulas: Formulas) -> list[Problem]:
    """All problems and warnings of one file, in the order of its lines."""
    report = Report(outline)
    check_words(outline, report)
    check_structure(outline, formulas, report)
    check_events(outline, formulas, report)
    check_activities(outline, formulas, report)
    return sorted(report.problems, key=lambda problem: (problem.line or 0, problem.element_id or "", problem.rule, problem.message))
