"""What a typeRef asks of a value, and the conversions that DMN makes by itself (1.3, 10.3.2.9.4). Pure."""

from dataclasses import replace

from ..coercion import converted
from ..context import Run
from ..errors import Undefined
from ..expression import UnaryTests
from ..kinds import Value, kind
from .model import Kind


def typed(run: Run, value: Value, wanted: Kind) -> Value:
    """The value as its type asks for; null fits every type. Raises Undefined."""
    if value is None or not wanted.asks:
        return value
    try:
        return _whole(run, value, wanted)
    except RecursionError:
        raise Undefined("the value is nested too deeply to be held against its type") from None


def _whole(run: Run, value: Value, wanted: Kind) -> Value:
    if wanted.is_list:
        items, one = value if type(value) is list else [value], replace(wanted, is_list=False, constraint=None)
        found: Value = [None if item is None else _item(run, item, one) for item in items]
    else:
        found = _item(run, value, wanted)
    if not _holds(run, found, wanted.constraint):
        raise _not_allowed(wanted.constraint)
    return found


def _item(run: Run, value: Value, wanted: Kind) -> Value:
    try:
        found = converted(value, wanted.name, lambda candidate: _fits(run, candidate, wanted)) if wanted.name else value
    except Undefined as reason:
        if not wanted.title:
            raise reason from None
        parts = ", ".join(name for name, _ in wanted.entries)
        raise Undefined("expected {wanted}, with each of its parts: {parts}", wanted=wanted.title, parts=parts) from None
    if wanted.is_whole and type(found) is not int:
        raise Undefined("expected a whole number")
    if not _holds(run, found, wanted.allowed):
        raise _not_allowed(wanted.allowed)
    return found


def _not_allowed(allowed: UnaryTests | None) -> Undefined:
    return Undefined("the value is none of the allowed values {values}", values=allowed.text if allowed else "")


def _fits(run: Run, value: Value, wanted: Kind) -> bool:
    """Whether the value is of the kind, with the parts of it."""
    if wanted.name and kind(value) != wanted.name:
        return False
    parts = value if type(value) is dict else {}
    return all(name in parts and _conforms(run, parts[name], part) for name, part in wanted.entries)


def _conforms(run: Run, value: Value, wanted: Kind) -> bool:
    """Whether a part is as its type asks for, without being turned into it."""
    if value is None:
        return True
    if wanted.is_list:
        one = replace(wanted, is_list=False, constraint=None)
        return type(value) is list and all(_conforms(run, item, one) for item in value) and _holds(run, value, wanted.constraint)
    whole = not wanted.is_whole or type(value) is int
    return whole and _fits(run, value, wanted) and _holds(run, value, wanted.allowed) and _holds(run, value, wanted.constraint)


def _holds(run: Run, value: Value, tests: UnaryTests | None) -> bool:
    if tests is None:
        return True
    text = run.text
    held = tests.run(run, value)
    run.text = text
    return held is True
