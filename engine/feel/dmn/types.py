"""What a typeRef asks of a value, and the conversions that DMN makes by itself (1.3, 10.3.2.9.4). Pure."""

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
    items = value if type(value) is list else [value]
    return [None if item is None else _item(item, wanted) for item in items]


def _item(value: Value, wanted: Kind) -> Value:
    found = converted(value, wanted.name, lambda candidate: kind(candidate) == wanted.name) if wanted.name else value
    if wanted.is_whole and type(found) is not int:
        raise Undefined("expected a whole number")
    return found
