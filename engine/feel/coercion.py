"""Fitting a value to a type where FEEL converts by itself (DMN 1.3, 10.3.2.9.4): the arguments of functions, and what a typeRef asks for. Pure."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

from ..errors import Saying
from .context import Run
from .errors import Undefined
from .kinds import Value, kind
from .nodes import Type
from .operators import is_instance


def converted(value: Value, name: str, conforms: Callable[[Value], bool]) -> Value:
    """The value, a list of it, its only item, or the midnight in UTC of a date, whichever conforms. Raises Undefined."""
    if conforms(value):
        return value
    candidate = value
    if name == "list" and type(value) is not list:
        candidate = [value]
    elif name != "list" and type(value) is list:
        while type(candidate) is list and len(candidate) == 1:
            candidate = candidate[0]
    elif name == "date and time" and type(value) is date:
        candidate = datetime.combine(value, time(), UTC)
    if candidate is value or not conforms(candidate):
        raise Undefined("expected {wanted}, got {kind}", wanted=name, kind=kind(value))
    return candidate


def fitted(run: Run, value: Value, wanted: Type | None) -> Value:
    """The value as a parameter of this type takes it: null, with a note, when it does not fit."""
    if value is None or wanted is None:
        return value
    try:
        return converted(value, wanted.name, lambda candidate: is_instance(run, candidate, wanted))
    except Undefined as reason:
        return run.null(wanted.at, Saying("a parameter became null: {reason}", reason=reason.saying))
