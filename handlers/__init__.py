"""What the diagrams' tasks mean for the domain's records: one module a domain noun, gathered into one `Registry`.

A module with a function `declare(registry)` is a noun: it declares its records, handlers, checks, folds, effects. Whoever adds one names it
nowhere else. Modules are found and imported when the registry is asked for, so that `import handlers` costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.registry import Registry


def registry(*, letter_box: Path | None = None) -> Registry:
    """A new registry with everything that the domain declares.

    `letter_box`: the folder into which letters are delivered; without it the environment's `JIANYI_LETTERBOX`.
    """
    from engine.registry import Registry

    filled = Registry()
    for module in nouns():
        if module.__name__ == f"{__name__}.letter":
            module.declare(filled, letter_box=letter_box)
        else:
            module.declare(filled)
    return filled


def nouns() -> Iterator[ModuleType]:
    """The modules of this folder that declare something, by name."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        module = import_module(f"{__name__}.{path.stem}")
        if hasattr(module, "declare"):
            yield module
