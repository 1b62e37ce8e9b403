"""The limit table (期限表): `time_limits.dmn`, read once, asked by jurisdiction and limit id. Pure.

The decision `time_limits` has the inputs `jurisdiction` and `limit_id`, collects its rows, and gives for each amount, unit, starts_at,
law, article, effective_from. What has no row is unset: no clock runs and nothing is late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from . import feel
from .calendar import TimeLimit
from .errors import DefinitionError, Problem, said_with

DECISION = "time_limits"
UNITS = ("day", "working_day", "month")


@dataclass
class LimitTable:
    """The table of one deployment, with the rows already asked for."""

    decisions: feel.Decisions | None = None
    _asked: dict[tuple[str, str], tuple[TimeLimit, ...]] = field(default_factory=dict)

    @staticmethod
    def empty() -> LimitTable:
        """No limit is set."""
        return LimitTable()

    @staticmethod
    def read(data: bytes) -> LimitTable:
        """The table of a DMN file. Raises DefinitionError."""
        return LimitTable(decisions=feel.load_decisions(data, "time_limits.dmn"))

    def rows(self, jurisdiction: str, limit_id: str) -> Sequence[TimeLimit]:
        """The rows of a limit in a jurisdiction, of all dates from which they hold."""
        if self.decisions is None:
            return ()
        asked = (jurisdiction, limit_id)
        if asked not in self._asked:
            found: Any = self.decisions.evaluate(DECISION, {"jurisdiction": jurisdiction, "limit_id": limit_id}).value
            self._asked[asked] = tuple(_limit(limit_id, row) for row in found or ())
        return self._asked[asked]


def _limit(limit_id: str, row: Mapping[str, Any]) -> TimeLimit:
    if row["unit"] not in UNITS:
        raise DefinitionError(
            [
                Problem(
                    file="time_limits.dmn",
                    line=None,
                    element_id=DECISION,
                    rule="limit-unit",
                    template="limit {limit} has the unit {unit}",
                    fix_template="write one of {units}",
                    params=said_with({"limit": limit_id, "unit": row["unit"], "units": ", ".join(UNITS)}),
                )
            ]
        )
    from_on = row["effective_from"]
    return TimeLimit(
        limit_id=limit_id,
        amount=int(row["amount"]),
        unit=row["unit"],
        starts_at=row["starts_at"],
        law=row["law"],
        article=row["article"],
        effective_from=from_on if isinstance(from_on, date) else date.fromisoformat(from_on),
    )
