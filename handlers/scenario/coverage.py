"""Which elements of the diagrams some scenario left, and which none did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.deployment import bind

from ..clause import Place


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One element, and how many walks left it."""

    file: str
    process: str
    element_id: str
    name: str
    walks: int


def coverage(files: Mapping[str, bytes], walks: Iterable[frozenset[Place]]) -> list[Covered]:
    """Every element of the deployment in the order of the diagrams with the number of walks that left it. Raises DefinitionError."""
    found = list(walks)
    return [
        Covered(
            file=process.file,
            process=process.id,
            element_id=element.id,
            name=element.name or "",
            walks=sum((process.id, element.id) in left for left in found),
        )
        for process in bind(files).definitions.processes.values()
        for element in sorted(process.elements.values(), key=lambda each: each.line or 0)
    ]
