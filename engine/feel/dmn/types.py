"""What a typeRef asks of a value, and the conversions that DMN makes by itself (1.3, 10.3.2.9.4). Pure."""

from dataclasses import replace

from ..coercion import converted
from ..errors import Undefined
from ..kinds import Value, kind
from .model import Kind


def typed(value: Value, wanted: Kind) -> Value:
    """The value as its type asks for; null fits every type. Raises Undefined."""
    if value is None or (not wanted.name and not wanted.is_list):
        return value
    if not wanted.is_list:
        return _item(value, wanted)
    items, one = value if type(value) is list else [value], replace(wanted, is_list=False)
    return [None if item is None else _item(item, one) for item in items]


def _conforms(value: Value, wanted: Kind) -> bool:
    if wanted.is_list:
        return type(value) is list and all(item is None or _conforms(item, replace(wanted, is_list=False)) for item in value)
    if wanted.name and kind(value) != wanted.name:
        return False
    parts = value if type(value) is dict else {}
    return all(name in parts and (parts[name] is None or _conforms(parts[name], part)) for name, part in wanted.entries)


def _item(value: Value, wanted: Kind) -> Value:
    try:
        found = converted(value, wanted.name, lambda candidate: _conforms(candidate, wanted)) if wanted.name else value
    except Undefined as reason:
        raise Undefined(f"expected {wanted.title}, with each of its parts: {', '.join(name for name, _ in wanted.entries)}") if wanted.title else reason from None
    if wanted.is_whole and type(found) is not int:
        raise Undefined("expected a whole number")
    return found
