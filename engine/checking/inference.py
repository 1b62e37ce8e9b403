"""What an expression reads, what it can give, and what in it can surely never be right.

Walks the syntax tree of FEEL with the types of the variables that are seen; it evaluates nothing. A finding is told only where what is
known leaves no way in which the expression could be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..feel import BUILTIN_NAMES
from ..feel import nodes as n
from . import types
from .similar import nearest
from .types import ANY, BOOLEAN, NEVER, Type

FindingKind = Literal["unknown", "entry", "texts", "kinds", "limit", "start", "no_start", "setting"]
MAX_JOINED_TEXTS = 50


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong in an expression. `wrong` is the name or text as written, `meant` what was probably meant."""

    kind: FindingKind
    wrong: str
    other: str = ""
    meant: str | None = None


@dataclass(frozen=True, kw_only=True)
class Host:
    """What functions of the host are asked by a fixed text: None where it is not known what there is."""

    limits: Mapping[str, Collection[str]] | None = None
    settings: Mapping[str, object] | None = None

    def has_setting(self, name: str) -> bool:
        """Is it declared, or does a declared name that ends in a dot stand for it?"""
        return any(name == one or (one.endswith(".") and name.startswith(one)) for one in self.settings or ())


@dataclass(frozen=True)
class _Level:
    """Local names; for a filter (`is_filter`) the entries of its item, None where these are not known."""

    names: Mapping[str, Type] | None
    parent: _Level | None
    is_filter: bool = False


@dataclass
class Reading:
    """One expression as it is read."""

    lookup: Callable[[str], Type | None]
    """The type of a variable; None where there is none."""
    known: Callable[[], Iterable[str]]
    """All names that a reader could have meant."""
    host: Host = field(default_factory=Host)
    findings: list[Finding] = field(default_factory=list)
    names: dict[str, bool] = field(default_factory=dict)
    """The variables read; True where the expression asks whether they are null."""
    written_texts: list[str] = field(default_factory=list)
    tells: bool = True
    """Whether what is wrong is looked for."""
    _asked_null: frozenset[str] = frozenset()

    def expression(self, node: n.Node, asked: frozenset[str] | None = None) -> Type:
        """The type of an expression. `asked`: what `asked_null` says of it, where it is known."""
        self._asked_null = asked_null(node) if asked is None else asked
        return self._of(node, None)

    def tests(self, tests: n.Tests, value: Type) -> None:
        """Unary tests of a cell against the value that they test."""
        self._asked_null = asked_null(tests)
        self._tests(tests, value, None)

    # ------------------------------------------------------------------ the tree
    def _of(self, node: n.Node, level: _Level | None) -> Type:
        way = _WAYS.get(type(node))
        return way(self, node, level) if way is not None else ANY

    def _literal(self, node: n.Literal, level: _Level | None) -> Type:
        if isinstance(node.value, str):
            self.written_texts.append(node.value)
        return types.of_value(node.value)

    def _name(self, node: n.Name, level: _Level | None) -> Type:
        within_unknown = False
        unfit: list[str] = []
        while level is not None:
            if level.names is None:
                within_unknown = True
            elif node.name in level.names:
                return level.names[node.name]
            elif level.is_filter:
                unfit += level.names
            level = level.parent
        found = self.lookup(node.name)
        if found is not None:
            if not within_unknown:
                self.names[node.name] = self.names.get(node.name, False) or node.name in self._asked_null
            return types.join(found, ANY) if within_unknown else found
        if within_unknown or node.name in BUILTIN_NAMES or node.name == "?":
            return ANY
        self.names[node.name] = self.names.get(node.name, False)
        if self.tells:
            self._tell("unknown", node.name, nearest(node.name, [*self.known(), *unfit]))
        return ANY

    def _path(self, node: n.Path, level: _Level | None) -> Type:
        base = self._of(node.base, level)
        if base.kinds == types.LIST.kinds and base.items is not None:
            return types.list_of(self._entry(base.items, node.name))
        return self._entry(base, node.name)

    def _entry(self, base: Type, name: str) -> Type:
        if not base.may_be("context") and base.kinds == NEVER.kinds:
            return NEVER
        if base.entries is None or base.kinds != frozenset({"context"}):
            return ANY
        if name not in base.entries:
            if self.tells:
                self._tell("entry", name, nearest(name, base.entries), other=", ".join(sorted(base.entries)))
            return ANY
        return base.entries[name]

    def _filter(self, node: n.Filter, level: _Level | None) -> Type:
        base = self._of(node.base, level)
        item = _item_of(base)
        names = {**item.entries, "item": item} if item.entries is not None else None if item.may_be("context") else {"item": item}
        where = self._of(node.where, _Level(names, level, is_filter=True))
        if where.kinds == types.NUMBER.kinds:
            return item
        return types.list_of(item) if where.kinds == BOOLEAN.kinds and item is not NEVER else item if item is NEVER else ANY

    def _call(self, node: n.Call, level: _Level | None) -> Type:
        arguments = [self._of(argument, level) for argument in node.arguments]
        if not isinstance(node.callee, n.Name):
            self._of(node.callee, level)
            return ANY
        name = node.callee.name
        for text in sorted(arguments[0].texts or ()) if arguments and name in _HOST else ():
            self._ask_host(name, text)
        if name in ("due", "due_at") and len(arguments) == 2 and arguments[1].entries is not None:
            self._starts(sorted(arguments[0].texts or ()), arguments[1].entries)
        if name in ("append", "concatenate", "union") and arguments:
            return _together(name, arguments)
        return _RESULTS.get(name, ANY)

    def _ask_host(self, function: str, text: str) -> None:
        if not self.tells:
            return
        if function in ("due", "due_at") and self.host.limits is not None and text not in self.host.limits:
            self._tell("limit", text, nearest(text, self.host.limits))
        if function == "setting" and self.host.settings is not None and not self.host.has_setting(text):
            self._tell("setting", text, nearest(text, self.host.settings))

    def _starts(self, limits: Sequence[str], given: Collection[str]) -> None:
        """The days by event are those at which some clock starts, and none at which one of these starts is missing."""
        rows = self.host.limits or {}
        known = frozenset(start for starts in rows.values() for start in starts)
        for start in sorted(set(given) - known) if known else ():
            self._tell("no_start", start, nearest(start, known), other=", ".join(sorted(known)))
        for limit in limits:
            for start in sorted(set(rows.get(limit, ())) - set(given)):
                self._tell("start", limit, None, other=start)

    def _negate(self, node: n.Negate, level: _Level | None) -> Type:
        found = self._of(node.operand, level)
        return found if found.kinds is not None and "string" not in found.kinds else ANY

    def _chain(self, node: n.Chain, level: _Level | None) -> Type:
        so_far = self._of(node.first, level)
        for op, _, operand in node.rest:
            other = self._of(operand, level)
            kinds = types.results(op, so_far, other)
            if NEVER.kinds in (so_far.kinds, other.kinds):
                so_far = NEVER
            elif kinds is not None and not kinds:
                self._misfit(op, so_far, other)
                so_far = ANY
            else:
                so_far = ANY if kinds is None else Type(kinds=kinds, texts=_added(op, so_far, other) if "string" in kinds else frozenset())
        return so_far

    def _logic(self, node: n.Logic, level: _Level | None) -> Type:
        for operand in node.operands:
            self._of(operand, level)
        return BOOLEAN

    def _compare(self, node: n.Compare, level: _Level | None) -> Type:
        self._compared(node.op, self._of(node.left, level), self._of(node.right, level))
        return BOOLEAN

    def _between(self, node: n.Between, level: _Level | None) -> Type:
        value = self._of(node.value, level)
        self._compared(">=", value, self._of(node.low, level))
        self._compared("<=", value, self._of(node.high, level))
        return BOOLEAN

    def _in(self, node: n.In, level: _Level | None) -> Type:
        self._tests(node.tests, self._of(node.value, level), level)
        return BOOLEAN

    def _if(self, node: n.If, level: _Level | None) -> Type:
        found = NEVER
        for condition, then in node.branches:
            self._of(condition, level)
            found = types.join(found, self._of(then, level))
        return types.join(found, self._of(node.otherwise, level))

    def _for(self, node: n.For, level: _Level | None) -> Type:
        inner = self._iterate(node.iterators, level)
        return types.list_of(self._of(node.body, _Level({"partial": types.LIST}, inner)))

    def _quantified(self, node: n.Quantified, level: _Level | None) -> Type:
        self._of(node.condition, self._iterate(node.iterators, level))
        return BOOLEAN

    def _iterate(self, iterators: tuple[n.Iterator, ...], level: _Level | None) -> _Level | None:
        for iterator in iterators:
            domain = self._of(iterator.domain, level)
            if iterator.end is not None:
                self._of(iterator.end, level)
            item = ANY if iterator.end is not None else _item_of(domain)
            level = _Level({iterator.name: item}, level)
        return level

    def _list(self, node: n.ListOf, level: _Level | None) -> Type:
        return types.list_of(types.join_all([self._of(item, level) for item in node.items]))

    def _context(self, node: n.ContextOf, level: _Level | None) -> Type:
        entries: dict[str, Type] = {}
        for name, value in node.entries:
            entries[name] = self._of(value, _Level(dict(entries), level))
        return types.context_of(entries)

    def _range(self, node: n.RangeOf, level: _Level | None) -> Type:
        for end in (node.low, node.high):
            if end is not None:
                self._of(end, level)
        return types.of_kind("range")

    def _function(self, node: n.FunctionOf, level: _Level | None) -> Type:
        self._of(node.body, _Level(dict.fromkeys(node.parameters, ANY), level))
        return types.of_kind("function")

    def _instance_of(self, node: n.InstanceOf, level: _Level | None) -> Type:
        self._of(node.value, level)
        return BOOLEAN

    # ------------------------------------------------------------------ comparing
    def _tests(self, tests: n.Tests, value: Type, level: _Level | None) -> None:
        for test in tests.tests:
            if isinstance(test, n.OpTest):
                self._compared(test.op, value, self._of(test.operand, level))
            elif isinstance(test, n.ValueTest):
                inner = self._of(test.operand, _Level({"?": value}, level))
                if not test.uses_input and not isinstance(test.operand, _CONDITIONS):
                    self._tested(value, inner)

    def _tested(self, value: Type, expected: Type) -> None:
        if expected.kinds == types.LIST.kinds:
            if expected.items is not None and not value.may_be("list"):
                self._compared("=", value, expected.items)
        elif expected.kinds != frozenset({"range"}):
            self._compared("=", value, expected)

    def _compared(self, op: str, one: Type, other: Type) -> None:
        if not self.tells:
            return
        kinds = types.results(op, one, other)
        if kinds is not None and not kinds:
            self._misfit(op, one, other)
        elif op in ("=", "!=") and one.texts and other.texts and one.kinds == other.kinds == types.TEXT.kinds and one.texts.isdisjoint(other.texts):
            wrong, offered = (one.texts, other.texts) if len(one.texts) <= len(other.texts) else (other.texts, one.texts)
            for text in sorted(wrong):
                self._tell("texts", text, nearest(text, offered), other=", ".join(sorted(offered)))

    def _misfit(self, op: str, one: Type, other: Type) -> None:
        if self.tells:
            self._tell("kinds", f"{_kinds(one)} {op} {_kinds(other)}", None)

    def _tell(self, kind: FindingKind, wrong: str, meant: str | None, other: str = "") -> None:
        finding = Finding(kind=kind, wrong=wrong, meant=meant, other=other)
        if finding not in self.findings:
            self.findings.append(finding)


def _item_of(found: Type) -> Type:
    """What a list holds; what is only null yet holds nothing."""
    if found.kinds == NEVER.kinds:
        return NEVER
    return found.items if found.kinds == types.LIST.kinds and found.items is not None else ANY


def _kinds(found: Type) -> str:
    return " or ".join(sorted(found.kinds or ()))


def _added(op: str, one: Type, other: Type) -> frozenset[str] | None:
    """All texts that joining two can give, where they are few."""
    if op != "+" or one.texts is None or other.texts is None or len(one.texts) * len(other.texts) > MAX_JOINED_TEXTS:
        return None
    return frozenset(mine + theirs for mine in one.texts for theirs in other.texts)


def _together(name: str, arguments: list[Type]) -> Type:
    """The list that `append` and `concatenate` give."""
    lists, items = (arguments[:1], arguments[1:]) if name == "append" else (arguments, [])
    if any(each.kinds is None or not each.kinds <= {"list"} for each in lists):
        return types.LIST
    known = [each.items or (NEVER if each is NEVER else ANY) for each in lists]
    return types.list_of(types.join_all([*known, *items]))


def asked_null(node: object) -> frozenset[str]:
    """Names that an expression compares with null or asks whether they are defined."""
    found: set[str] = set()
    pending: list[object] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, n.Compare):
            for one, other in ((current.left, current.right), (current.right, current.left)):
                if isinstance(one, n.Name) and isinstance(other, n.Literal) and other.value is None:
                    found.add(one.name)
        elif isinstance(current, n.Call) and isinstance(current.callee, n.Name) and current.callee.name in ("is defined", "get or else"):
            found |= {argument.name for argument in current.arguments[:1] if isinstance(argument, n.Name)}
        pending.extend(_inside(current))
    return frozenset(found)


def _inside(node: object) -> Iterable[object]:
    """The parts of a node that are nodes, through tuples."""
    if isinstance(node, tuple):
        return node
    return [getattr(node, name) for name in node.__dataclass_fields__] if isinstance(node, (n.Node, n.Iterator)) else ()


def texts_of_group(node: n.Node) -> list[tuple[str, bool]] | None:
    """The texts that a groups expression can give: `(text, whole)`, where one that is not whole is only its beginning. None: not known."""
    if isinstance(node, n.Literal):
        return [(part.strip(), True) for part in node.value.split(",") if part.strip()] if isinstance(node.value, str) else []
    if isinstance(node, n.Chain) and node.rest[0][0] == "+":
        begin = texts_of_group(node.first)
        return None if begin is None else [(text, False) for text, _ in begin]
    if isinstance(node, (n.If, n.ListOf)):
        parts = [*(then for _, then in node.branches), node.otherwise] if isinstance(node, n.If) else list(node.items)
        found = [texts_of_group(part) for part in parts]
        return [text for texts in found if texts is not None for text in texts]
    return None


_HOST = frozenset({"due", "due_at", "setting"})
_CONDITIONS = (n.Compare, n.Logic, n.Between, n.In, n.InstanceOf, n.Quantified, n.Call)
_WAYS: Mapping[type, Callable[..., Type]] = {
    n.Literal: Reading._literal,
    n.Name: Reading._name,
    n.Path: Reading._path,
    n.Filter: Reading._filter,
    n.Call: Reading._call,
    n.Negate: Reading._negate,
    n.Chain: Reading._chain,
    n.Logic: Reading._logic,
    n.Compare: Reading._compare,
    n.Between: Reading._between,
    n.In: Reading._in,
    n.If: Reading._if,
    n.For: Reading._for,
    n.Quantified: Reading._quantified,
    n.ListOf: Reading._list,
    n.ContextOf: Reading._context,
    n.RangeOf: Reading._range,
    n.FunctionOf: Reading._function,
    n.InstanceOf: Reading._instance_of,
}

_TEXTS = ("string", "substring", "upper case", "lower case", "substring before", "substring after", "replace", "string join", "day of week", "month of year", "trim")
_NUMBERS = (
    "number", "count", "sum", "product", "mean", "median", "stddev", "floor", "ceiling", "abs", "modulo", "sqrt", "log", "exp", "decimal",
    "string length", "round up", "round down", "round half up", "round half down", "day of year", "week of year",
)  # fmt: skip
_BOOLEANS = ("not", "contains", "starts with", "ends with", "matches", "all", "any", "list contains", "is defined", "odd", "even", "is", "before", "after")
_RESULTS: Mapping[str, Type] = {
    **dict.fromkeys(_TEXTS, types.TEXT),
    **dict.fromkeys(_NUMBERS, types.NUMBER),
    **dict.fromkeys(_BOOLEANS, BOOLEAN),
    **dict.fromkeys(("today", "date", "due"), types.DATE),
    **dict.fromkeys(("now", "date and time", "due_at", "day_after"), types.INSTANT),
    "time": types.of_kind("time"),
    "duration": types.of_kind("days and time duration", "years and months duration"),
    "years and months duration": types.of_kind("years and months duration"),
    "split": types.list_of(types.TEXT),
}
