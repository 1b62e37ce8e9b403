"""What stands beside the diagrams: forms, handlers, checks, groups, limits, settings. Pure.

None stands for what is not known; nothing is then said about it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..feel import DecisionsRefused, FeelSyntaxError
from ..feel import nodes as n
from ..feel.dmn.xml import child, children, parse, text_of
from ..feel.parser import parse_unary_tests
from ..forms import Form
from ..registry import Check, Effect, Handler, Registry
from . import types
from .types import Type

Types = Mapping[str, Type]


@dataclass(frozen=True, kw_only=True)
class Takes:
    """The variables that a handler or check must find, may find and, for a handler, gives. None: not declared."""

    must: Types | None = None
    may: Types = field(default_factory=dict)
    gives: Types | None = None

    def asked(self, name: str) -> Type | None:
        """What is asked of the variable; None where it is not looked at."""
        return (self.must or {}).get(name, self.may.get(name))


@dataclass(frozen=True, kw_only=True)
class Sources:
    """All that diagrams may name beside each other."""

    forms: Mapping[str, Form] = field(default_factory=dict)
    topics: Mapping[str, Takes] | None = None
    checks: Mapping[str, Takes] | None = None
    groups: Collection[str] | None = None
    limits: Mapping[str, Collection[str]] | None = None
    settings: Mapping[str, object] | None = None

    def form_types(self, form_id: str | None) -> dict[str, Type]:
        """The variables that a form gives: its fields but those that go to a record."""
        form = self.forms.get(form_id or "")
        if form is None:
            return {}
        return {name: types.of_schema(schema) for name, schema in form.fields.items() if name not in form.record_fields}

    def form_inputs(self, form_id: str | None) -> frozenset[str]:
        """The inputs of the work item from which a form fills fields by itself."""
        form = self.forms.get(form_id or "")
        return frozenset(str(schema["x-input"]) for schema in form.fields.values() if "x-input" in schema) if form is not None else frozenset()

    def names(self) -> set[str]:
        """Every variable that a form, handler or check names."""
        found = {name for form in self.forms.values() for name in form.fields}
        for takes in [*(self.topics or {}).values(), *(self.checks or {}).values()]:
            found |= {*(takes.must or {}), *takes.may, *(takes.gives or {})}
        return found


def declared(registry: Registry | None, forms: Mapping[str, Form], limits: bytes | None) -> Sources:
    """The sources of a domain's registry and of the files of a deployment. `limits`: the bytes of `time_limits.dmn`."""
    if registry is None:
        return Sources(forms=forms, limits=_limits(limits))
    offered: list[Handler | Effect] = [*registry.handlers.values(), *registry.effects.values()]
    return Sources(
        forms=forms,
        topics={one.topic: _takes(one) for one in offered},
        checks={one.name: _takes(one) for one in registry.checks.values()},
        groups=frozenset(registry.groups) or None,
        limits=_limits(limits),
        settings=registry.settings,
    )


def _takes(one: Handler | Effect | Check) -> Takes:
    gives = None if isinstance(one, Check) else one.writes
    return Takes(must=_types(one.takes), may=_types(one.may_take) or {}, gives=_types(gives))


def _types(shapes: Mapping[str, object] | None) -> dict[str, Type] | None:
    return None if shapes is None else {name: types.of_shape(shape) for name, shape in shapes.items()}


def _limits(data: bytes | None) -> Mapping[str, frozenset[str]] | None:
    """The limit ids that the limit table names in any row, with the events at which their clocks start."""
    if data is None:
        return None
    try:
        root = parse(data, "time_limits.dmn")
    except DecisionsRefused:
        return None
    found: dict[str, frozenset[str]] = {}
    for decision in children(root, "decision"):
        table = child(decision, "decisionTable")
        columns = [] if table is None else [text_of(child(column, "inputExpression")) for column in children(table, "input")]
        columns += [] if table is None else [str(column.get("name")) for column in children(table, "output")]
        if table is None or "limit_id" not in columns:
            continue
        for rule in children(table, "rule"):
            cells = dict(zip(columns, (text_of(cell) for cell in children(rule, "inputEntry", "outputEntry")), strict=False))
            for limit in _texts(cells.get("limit_id", "")):
                found[limit] = found.get(limit, frozenset()) | _texts(cells.get("starts_at", ""))
    return found or None


def _texts(cell: str) -> set[str]:
    try:
        tests = parse_unary_tests(cell).tests
    except FeelSyntaxError:
        return set()
    return {t.operand.value for t in tests if isinstance(t, n.ValueTest) and isinstance(t.operand, n.Literal) and isinstance(t.operand.value, str)}
