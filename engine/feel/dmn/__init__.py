"""DMN decision tables and literal expressions, from DMN 1.1 to 1.5 files as Camunda Modeler writes them. Pure.

What cannot be run rightly (boxed contexts, invocations, business knowledge models, imports) is refused on loading.
"""

from .evaluate import Decisions, load_decisions
from .model import DecisionError, DecisionResult, DecisionsRefused

__all__ = ["DecisionError", "DecisionResult", "Decisions", "DecisionsRefused", "load_decisions"]
