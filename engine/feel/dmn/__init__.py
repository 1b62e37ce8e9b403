"""DMN decisions from DMN 1.1 to 1.5 files: tables, literal and boxed expressions, business knowledge models. Pure.

What cannot be run rightly (imports, decision services that are called, functions in other languages) is refused on loading.
"""

from .evaluate import Decisions, load_decisions
from .model import DecisionError, DecisionResult, DecisionsRefused

__all__ = ["DecisionError", "DecisionResult", "Decisions", "DecisionsRefused", "load_decisions"]
