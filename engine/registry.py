"""What a domain tells the engine, as data: records and queries, handlers, checks, folds, effects and who may read.

`handlers/` fills one `Registry`; the engine never imports `handlers`. Nothing here touches a database: a `Record` says what a table
holds, a `Select` says what is wanted, and every store (SQL or in memory) answers it the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import field as dataclass_field
from typing import Any, Literal, TypeVar

from .errors import Saying
from .model import Actor, Fact, Job, Outcome, Rows, WorkItem

ColumnKind = Literal["text", "integer", "date", "instant", "boolean", "json", "bytes"]
"""How a column is stored: dates as ISO text, instants as microseconds UTC, booleans as 0/1, json as canonical text; bytes in truth only."""

TableKind = Literal["truth", "fold", "working"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """A table (记录) that folds write: one row belongs to one instance, and only its events write it.

    Raising `version` makes the engine refold the table from history. Every column used by a `Select` filter has an index.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, ColumnKind]
    indexes: tuple[tuple[str, ...], ...] = ()
    version: int = 1
    kind: TableKind = "fold"
    case_column: str | None = "case_id"
    """The column by which visibility is decided; None for tables that anyone may read (units, definitions)."""


Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "contains", "starts", "is_null", "not_null", "in_select", "not_in_select"]


@dataclass(frozen=True, kw_only=True)
class Where:
    """One condition. `value` is a plain value, a sequence for `in`, a `Select` of one column for `in_select`, unused for `is_null`."""

    column: str
    op: Operator = "="
    value: Any = None


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    """At least one of the conditions holds."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class AllOf:
    """All the conditions hold."""

    of: tuple[Condition, ...]


Condition = Where | AnyOf | AllOf


@dataclass(frozen=True, kw_only=True)
class Select:
    """Rows of one table: all conditions hold, in the given order (`-column` descends), at most `limit`. Empty `columns` = all."""

    table: str
    columns: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    order: tuple[str, ...] = ()
    limit: int = 1000
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many rows fulfil the conditions, by the values of `by` (rows `{*by, "n": int}`; one row when `by` is empty)."""

    table: str
    by: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    distinct: str | None = None


@dataclass(frozen=True, kw_only=True)
class Series:
    """The next number of a series without gaps. Taken last and held to the commit, so that a rollback gives it back."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The value of a setting in force at the moment, or its default."""

    name: str


Read = Select | Count | Series | Setting
Reads = Callable[[Job], Mapping[str, Read]]

Shape = Any
"""What a variable holds: "any", "text", "number", "boolean", "date" or "instant"; a tuple of all texts it can be; `[shape]` for a
list of these; `{name: shape}` for a context."""

Shapes = Mapping[str, Shape]
Names = Sequence[str] | Shapes
"""Variables by name, with their shapes where these are known."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One write to a fold table. `raise` sets each column to the greater of what stands and what is given, so order does not matter."""

    op: Literal["insert", "update", "delete", "upsert", "raise"]
    table: str
    key: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Header:
    """What every event of one row shares, for the folds: where it stands, who did it, when."""

    stream: str
    position: int
    instance_id: str
    case_id: str
    key: str
    process: str
    actor_id: str
    recorded_at: int
    happened_on: str
    command: str


@dataclass(frozen=True, kw_only=True)
class Handler:
    """The meaning of one topic (`commitment.open`), pure: `(job, rows) -> Outcome`. `version` is recorded with every outcome.

    `takes` must be there and `may_take` can; with either, the handler sees no other variable, so that a check of the diagrams may
    rely on it. `writes` are all variables that an outcome can have; one more is an incident. None: not declared, so not checked.
    """

    topic: str
    handle: Callable[[Job, Rows], Outcome]
    reads: Reads
    version: int = 1
    takes: Shapes | None = None
    may_take: Shapes = field(default_factory=dict)
    writes: Shapes | None = None

    def seen(self, job: Job) -> Job:
        """The job with the variables that the handler declares."""
        if self.takes is None:
            return job
        return replace(job, variables={name: job.variables[name] for name in (*self.takes, *self.may_take) if name in job.variables})

    def undeclared(self, outcome: Outcome) -> tuple[str, ...]:
        """The variables of an outcome that the handler does not declare."""
        return () if self.writes is None else tuple(sorted(outcome.variables.keys() - self.writes.keys()))


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Work on the world outside (a mail, a file): run after the commit, at least once, told its idempotency key.

    `run(job variables, key)` returns the variables of the completed job; it raises `EffectFailed` to be tried again.
    """

    topic: str
    run: Callable[[Mapping[str, Any], str], Mapping[str, Any]]
    retries: int = 3
    takes: Shapes | None = None
    may_take: Shapes = field(default_factory=dict)
    writes: Shapes | None = None


class EffectFailed(Exception):
    """The world outside did not take it. The engine tries again, then opens an incident for an operator. `saying` is why."""

    def __init__(self, template: str, **params: object) -> None:
        self.saying = Saying(template, **params)
        super().__init__(str(self.saying))


@dataclass(frozen=True, kw_only=True)
class FieldFault:
    """A fault a check found in one field; `template` is a message id of the catalogue with named parameters."""

    field: str
    rule: str
    template: str
    params: Mapping[str, str] = dataclass_field(default_factory=dict)


CheckReads = Callable[[WorkItem, Mapping[str, Any]], Mapping[str, Read]]
Checker = Callable[[WorkItem, Mapping[str, Any], Rows], Iterable[FieldFault]]


@dataclass(frozen=True, kw_only=True)
class Check:
    """A work item's domain rule (`zeebe:properties check = reply.valid`), pure: `(item, data, rows) -> faults`.

    `takes` and `may_take`: the work item's inputs that it looks at, as with handlers.
    """

    name: str
    check: Checker
    reads: CheckReads
    version: int = 1
    takes: Shapes | None = None
    may_take: Shapes = field(default_factory=dict)

    def seen(self, item: WorkItem) -> WorkItem:
        """The work item with the inputs that the check declares."""
        if self.takes is None:
            return item
        return replace(item, inputs={name: item.inputs[name] for name in (*self.takes, *self.may_take) if name in item.inputs})


FactFold = Callable[[Fact, Header], Iterable[Change]]
FormFold = Callable[[Mapping[str, Any], Header, str], Iterable[Change]]
"""`(form data, header, work item id or subscription id) -> changes`, for the fields marked `x-record`."""

Visibility = Callable[[Actor, str], tuple[Condition, ...]]
"""`(actor, table) -> conditions` laid over every read by a person: the one visibility function."""


@dataclass(kw_only=True)
class Registry:
    """All that a domain declares. Filled once at start, then only read."""

    records: dict[str, Record] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    effects: dict[str, Effect] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    folds: dict[str, FactFold] = field(default_factory=dict)
    form_folds: dict[str, FormFold] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    """Every setting that may be set, with the default that holds until then. A name that ends in a dot stands for all that begin so."""
    setting_shapes: dict[str, Shape] = field(default_factory=dict)
    """What the value of a setting is; a setting without one may be anything."""
    groups: set[str] = field(default_factory=set)
    """Every group that a diagram may name; `unit-desk:` stands for all that begin so. Empty: not declared, so not checked."""
    personal_groups: set[str] = field(default_factory=set)
    """Groups that no substitute acts for, such as a mandate."""
    visibility: Visibility = field(default=lambda actor, table: ())

    def record(self, record: Record) -> Record:
        """Declare a table; its name is unique."""
        return _add(self.records, record.name, record)

    def handler(
        self,
        topic: str,
        *,
        reads: Reads | None = None,
        takes: Names | None = None,
        may_take: Names = (),
        writes: Names | None = None,
        version: int = 1,
    ) -> Callable[[Callable[[Job, Rows], Outcome]], Callable[[Job, Rows], Outcome]]:
        """Declare the handler of a topic (decorator)."""

        def declare(handle: Callable[[Job, Rows], Outcome]) -> Callable[[Job, Rows], Outcome]:
            handler = Handler(
                topic=topic,
                handle=handle,
                reads=reads or _reads_nothing,
                version=version,
                takes=_shapes(takes),
                may_take=_shapes(may_take) or {},
                writes=_shapes(writes),
            )
            _add(self.handlers, topic, handler)
            return handle

        return declare

    def effect(
        self, topic: str, *, takes: Names | None = None, may_take: Names = (), writes: Names | None = None, retries: int = 3
    ) -> Callable[[Callable[..., Mapping[str, Any]]], Callable[..., Mapping[str, Any]]]:
        """Declare the effect of a topic (decorator)."""

        def declare(run: Callable[..., Mapping[str, Any]]) -> Callable[..., Mapping[str, Any]]:
            shapes = {"takes": _shapes(takes), "may_take": _shapes(may_take) or {}, "writes": _shapes(writes)}
            _add(self.effects, topic, Effect(topic=topic, run=run, retries=retries, **shapes))  # type: ignore[arg-type]
            return run

        return declare

    def check(
        self, name: str, *, reads: CheckReads | None = None, takes: Names | None = None, may_take: Names = (), version: int = 1
    ) -> Callable[[Checker], Checker]:
        """Declare a work item's check (decorator)."""

        def declare(check: Checker) -> Checker:
            shapes = {"takes": _shapes(takes), "may_take": _shapes(may_take) or {}}
            declared = Check(name=name, check=check, reads=reads or _check_reads_nothing, version=version, **shapes)  # type: ignore[arg-type]
            _add(self.checks, name, declared)
            return check

        return declare

    def setting(self, name: str, default: Any, shape: Shape = "any") -> None:
        """Declare a setting with its default and what its values are."""
        _add(self.settings, name, default)
        if shape != "any":
            self.setting_shapes[name] = shape

    def setting_name(self, name: str) -> str | None:
        """The declared name under which a setting stands; None where it is not declared."""
        if name in self.settings and not name.endswith("."):
            return name
        return next((prefix for prefix in self.settings if prefix.endswith(".") and name.startswith(prefix) and name != prefix), None)

    def fold(self, *kinds: str) -> Callable[[FactFold], FactFold]:
        """Declare what a fact does to the records (decorator)."""

        def declare(fold: FactFold) -> FactFold:
            for kind in kinds:
                _add(self.folds, kind, fold)
            return fold

        return declare

    def form_fold(self, *forms: str) -> Callable[[FormFold], FormFold]:
        """Declare what a completed form's `x-record` fields do to the records (decorator)."""

        def declare(fold: FormFold) -> FormFold:
            for form in forms:
                _add(self.form_folds, form, fold)
            return fold

        return declare

    @property
    def topics(self) -> frozenset[str]:
        """All topics that a diagram may name."""
        return frozenset(self.handlers) | frozenset(self.effects)


T = TypeVar("T")


def _add(table: dict[str, T], name: str, value: T) -> T:
    if name in table:
        raise ValueError(f"{name} is declared twice")
    table[name] = value
    return value


def _shapes(names: Names | None) -> Shapes | None:
    return names if names is None or isinstance(names, Mapping) else dict.fromkeys(names, "any")


def _reads_nothing(job: Job) -> Mapping[str, Read]:
    return {}


def _check_reads_nothing(item: WorkItem, data: Mapping[str, Any]) -> Mapping[str, Read]:
    return {}


def by_id(table: str, identifier: Any, *, column: str = "id") -> Select:
    """The one row with this id."""
    return Select(table=table, where=(Where(column=column, value=identifier),), limit=1)


def rows_of(rows: Rows, name: str) -> Sequence[Mapping[str, Any]]:
    """The rows that a declared read gave."""
    found: Sequence[Mapping[str, Any]] = rows[name]
    return found
