"""Variables: where they are seen from, where they are written to, and expressions evaluated among them.

Scopes hold variables, and so do tokens of activities (inputs of a task, the item of a multi-instance). What is inside sees outwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..errors import Saying, listed, said_of
from ..feel import Context, FeelError, NoteKind, from_json, to_json
from .expressions import Formula
from .faults import StepError
from .graph import Assignment

if TYPE_CHECKING:
    from .machine import Machine

_PLAIN = (str, int, bool, type(None))


class Sight(Mapping[str, Any]):
    """All variables seen from one place, as FEEL values, decoded when they are read."""

    __slots__ = ("_extra", "_tables")

    def __init__(self, tables: list[Mapping[str, Any]], extra: Mapping[str, Any] | None = None) -> None:
        self._tables = tables
        self._extra = extra

    def __getitem__(self, name: str) -> Any:
        if self._extra is not None and name in self._extra:
            return self._extra[name]
        for table in self._tables:
            if name in table:
                value = table[name]
                return value if isinstance(value, _PLAIN) else from_json(value)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        if self._extra is not None and name in self._extra:
            return True
        return any(name in table for table in self._tables)

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or the default."""
        try:
            return self[name]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        names: dict[str, None] = dict.fromkeys(self._extra or ())
        for table in self._tables:
            names.update(dict.fromkeys(table))
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def holders(m: Machine, holder: str) -> list[str]:
    """The tokens and scopes that may hold variables seen from here, inner ones first, up to the process that is run."""
    tokens, scopes = m.state.tokens, m.state.scopes
    found = []
    while True:
        token = tokens.get(holder)
        while token is not None:
            found.append(holder)
            holder = token["up"] if "up" in token else token["in"]
            token = tokens.get(holder)
        found.append(holder)
        scope = scopes[holder]
        up = scope["up"]
        if up is None or "root" in scope:
            return found
        holder = up


def sight(m: Machine, holder: str, extra: Mapping[str, Any] | None = None) -> Sight:
    """Everything seen from a token or scope; `extra` hides what has the same name."""
    held = m.state.vars
    return Sight([held[one] for one in holders(m, holder) if one in held], extra)


def write(m: Machine, holder: str, values: Mapping[str, Any]) -> None:
    """Write each value to the nearest scope that holds the name, else to the process."""
    if not values:
        return
    held = m.state.vars
    places = holders(m, holder)
    for name, value in values.items():
        place = next((one for one in places if one in held and name in held[one]), places[-1])
        put_local(m, place, {name: value})
        scope = m.state.scopes.get(place)
        if scope is not None and scope.get("root") and scope["up"] is not None and name not in scope["written"]:
            m.state.change(m.state.scopes, place, written=sorted([*scope["written"], name]))
    m.written.update(values)


def put_local(m: Machine, holder: str, values: Mapping[str, Any]) -> None:
    """Make these variables of the token or scope itself."""
    if values:
        encoded = {name: encode(value) for name, value in values.items()}
        m.state.put(m.state.vars, holder, {**m.state.vars.get(holder, {}), **encoded})


def encode(value: Any) -> Any:
    """A FEEL value as it stands in a snapshot. Raises StepError when it is none."""
    if isinstance(value, _PLAIN) and (type(value) is not int or -(2**53) < value < 2**53):
        return value
    try:
        return to_json(value)
    except FeelError as error:
        raise StepError("no_value", error.saying) from None


def evaluate(m: Machine, formula: Formula, holder: str, extra: Mapping[str, Any] | None = None, *, strict: bool = False) -> Any:
    """The value of a formula seen from a token or scope.

    `strict`: a null that comes from an operation which is not defined (a missing operand, a wrong type) is a StepError,
    since a value that silently becomes null is worse than a stop.
    """
    if formula.compiled is None:
        return formula.text
    context = Context(sight(m, holder, extra), now=m.moment.now, zone=m.moment.zone, functions=m.functions)
    try:
        value = formula.compiled.evaluate(context)
    except FeelError as error:
        raise StepError("expression", error.saying, expression=formula.text) from None
    m.null_reasons = [note.saying for note in context.notes] if value is None else []
    m.null_is_unknown = value is None and any(note.kind is not NoteKind.UNDEFINED for note in context.notes)
    if strict and value is None and any(note.kind in (NoteKind.UNDEFINED, NoteKind.UNKNOWN_FUNCTION) for note in context.notes):
        raise StepError("expression", reasons(m.null_reasons), expression=formula.text)
    return value


def holds(m: Machine, formula: Formula, holder: str, extra: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition is true. Anything but true is not, and `m.doubts` then says why it was no boolean."""
    value = evaluate(m, formula, holder, extra)
    if not isinstance(value, bool):
        reason = reasons(m.null_reasons) if m.null_reasons else Saying("it gives {value}", value=repr(value)[:110])
        template = "condition was null: {condition} ({reason})" if value is None else "condition was no boolean: {condition} ({reason})"
        m.doubts.append(Saying(template, condition=formula.text, reason=reason))
    return value is True


def reasons(found: Sequence[Saying]) -> Saying:
    """The first three reasons in one saying; there is at least one."""
    return said_of(listed(found[:3], joint="{first}; {rest}"))


def because(said: Saying, found: Sequence[Saying]) -> Saying:
    """What is said, with its reasons where there are any."""
    return Saying("{said} ({reasons})", said=said, reasons=reasons(found)) if found else said


def assign(m: Machine, assignments: tuple[Assignment, ...], holder: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """The values of mapping lines, in order; a later line sees the earlier ones and `result`."""
    values: dict[str, Any] = {}
    seen: dict[str, Any] = dict(result)
    for line in assignments:
        value = evaluate(m, line.formula, holder, seen, strict=True)
        first, *rest = line.path
        if rest:
            base = values.get(first, sight(m, holder).get(first))
            value = _nested(base if isinstance(base, dict) else {}, rest, value)
        values[first] = seen[first] = value
    return values


def map_inputs(m: Machine, holder: str, assignments: tuple[Assignment, ...]) -> None:
    """Make the input mapping's results variables of the token itself; each line sees the ones before it."""
    if assignments:
        put_local(m, holder, assign(m, assignments, holder, {}))


def text_of(value: Any) -> str | None:
    """A correlation key or name as text; None when the value gives none."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return None


def names_of(value: Any) -> tuple[str, ...]:
    """Groups: comma separated text or a list of texts."""
    if value is None:
        return ()
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    names = (text_of(part.strip() if isinstance(part, str) else part) for part in parts)
    return tuple(name for name in names if name)


def _nested(base: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    first, *rest = path
    inner = base.get(first)
    return {**base, first: _nested(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}
