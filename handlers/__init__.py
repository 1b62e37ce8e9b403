"""What the diagrams' tasks mean for the domain's records: one module a domain noun, gathered into one `Registry`.

A module has `declare(registry)`, which declares everything of its noun: records, handlers, checks, folds, effects. Modules are imported
when the registry is asked for, so that `import handlers` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.registry import Registry

MODULES: tuple[str, ...] = (
    "reading",
    "proposer",
    "suggestion",
    "screening",
    "registration",
    "allocation",
    "assignment",
    "return_decision",
    "receipt",
    "meeting",
    "plan",
    "contact",
    "opinion",
    "extension",
    "reply",
    "feedback",
    "recipient",
    "commitment",
    "key_supervision",
)
"""The nouns, by module name. `letter` stands apart: it alone is told where the letter box is."""


def registry(*, letter_box: Path | None = None) -> Registry:
    """A new registry with everything that the domain declares.

    `letter_box`: the folder into which letters are delivered; without it the environment's `JIANYI_LETTERBOX`.
    """
    from engine.registry import Registry

    from . import letter

    filled = Registry()
    for name in MODULES:
        import_module(f"{__name__}.{name}").declare(filled)
    letter.declare(filled, letter_box=letter_box)
    return filled
