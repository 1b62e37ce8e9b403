"""The built-in functions of DMN 1.3 (10.3.4), some of 1.4, by their FEEL names.

Each module registers the functions of one kind. Pure: the moment comes from the Context of the run.
"""

from . import contexts, conversion, dates, lists, numeric, ranges, statistics, text  # noqa: F401  They register.
from .signature import BUILTINS, Builtin

__all__ = ["BUILTINS", "Builtin"]
