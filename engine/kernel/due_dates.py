"""Due dates of open work items: evaluated when the item opens, and again after every write, so that a granted extension moves them."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ..errors import Saying
from .data import evaluate
from .faults import StepError
from .state import by_id
from .steps import ChangedItem

if TYPE_CHECKING:
    from .machine import Machine


def look_at_due_dates(m: Machine, written: Set[str]) -> None:
    """After a write: every open item whose due date is now another is told. One that can no longer be told keeps its date.

    Only a due date that reads one of the written variables is looked at: one that reads the clock must not move with the days.
    """
    if not written:
        return
    for token in by_id(key for key, record in m.state.tokens.items() if "due" in record and record["s"] == "item"):
        record = m.state.tokens[token]
        element = m.element_of(token)
        assert element.due_date is not None
        if not element.due_date.reads(written):
            continue
        calls = m.host_calls
        try:
            due_on = civil_date(evaluate(m, element.due_date, token), m.moment.zone)
        except StepError as error:
            m.out.add("notes", ("due_date", element.origin, error.saying))
            continue
        told = due_on.isoformat() if due_on else None
        if told != record["due"]:
            m.state.change(m.state.tokens, token, due=told)
            m.out.add("items_changed", ChangedItem(n=int(token), due_on=due_on, counted_by=range(calls, m.host_calls)))


def civil_date(value: Any, zone: str) -> date | None:
    """The civil date of a due date; a date and time is cut to its day in the zone. Raises StepError."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            raise StepError("due_date", Saying("its due date {value} is no ISO 8601 date", value=repr(value))) from None
    if isinstance(value, datetime):
        return (value.astimezone(ZoneInfo(zone)) if value.tzinfo else value).date()
    if value is None or isinstance(value, date):
        return value
    raise StepError("due_date", Saying("its due date gives {value}, no date", value=repr(value)))
