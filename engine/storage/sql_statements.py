"""SQL as text, built once for each shape by SQLAlchemy Core and then run by the driver alone.

Measured: a Core statement costs four times its execution each time it is executed, so only its compiled text is kept. A shape is what a
statement depends on apart from its values: table, columns, operators, order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count as counter
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from ..registry import AllOf, Condition, Count, Record, Select, Where
from .columns import Columns, Shape, Stored, counted, only_column, selected, text_after, window
from .sql_schema import Tables

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Form = tuple[Any, ...]
"""A shape of conditions: columns, operators and nesting, without values."""

Many = Callable[[Sequence[Stored]], Any]
"""How a driver is given the values of an `in`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Compiled text and the places of its values: the driver gets `values[i] for i in order`."""

    sql: str
    order: tuple[int, ...]
    is_straight: bool

    def parameters(self, values: Sequence[Stored]) -> Sequence[Stored]:
        """The values in the order in which the text names them.

        It need not name all: SQLAlchemy leaves out what stands beside a condition that never holds.
        """
        return values if self.is_straight and len(values) == len(self.order) else [values[i] for i in self.order]


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with the names of what it answers and how stored values become values."""

    statement: Statement
    names: tuple[str, ...]
    decoders: tuple[tuple[str, Callable[[Stored], Any]], ...]

    def rows(self, found: Iterable[Sequence[Stored]]) -> list[dict[str, Any]]:
        """What the driver answered, as rows by column."""
        names = self.names
        rows = [dict(zip(names, row, strict=True)) for row in found]
        for name, decode in self.decoders:
            for row in rows:
                if row[name] is not None:
                    row[name] = decode(row[name])
        return rows


class Statements:
    """All statements on records for one dialect, compiled when first needed."""

    def __init__(self, dialect: sa.Dialect, records: Iterable[Record], many: Many) -> None:
        chosen = [record for record in records if record.kind != "truth"]
        self._dialect = dialect
        self._many = many
        self._columns = {record.name: Columns(record) for record in chosen}
        self.tables = Tables(chosen)
        self._queries: dict[Form, Query] = {}
        self._writes: dict[Shape, Statement] = {}

    def columns(self, table: str) -> Columns:
        """The record of a fold or working table."""
        try:
            return self._columns[table]
        except KeyError:
            raise ValueError(f"no fold or working table {table}") from None

    def write(self, shape: Shape) -> Statement:
        """The statement of a change; it takes the change's values in their order."""
        statement = self._writes.get(shape)
        if statement is None:
            built = write_statement(self.tables[shape.table], self._columns[shape.table].record, shape, self._dialect.name)
            statement = self._writes[shape] = compiled(built, self._dialect)
        return statement

    def select(self, select: Select) -> tuple[Query, Sequence[Stored]]:
        """The statement of a select and its values."""
        values: list[Stored] = []
        shape = (select.table, select.columns, self._shapes(select.table, select.where, values), select.order)
        query = self._queries.get(shape)
        if query is None:
            query = self._queries[shape] = self._select_query(select, shape[2])
        values += window(select)
        return query, query.statement.parameters(values)

    def count(self, count: Count) -> tuple[Query, Sequence[Stored]]:
        """The statement of a count and its values."""
        values: list[Stored] = []
        shape = ("count", count.table, count.by, count.distinct, self._shapes(count.table, count.where, values))
        query = self._queries.get(shape)
        if query is None:
            query = self._queries[shape] = self._count_query(count, shape[4])
        return query, query.statement.parameters(values)

    def every(self, table: str) -> Query:
        """The statement of all rows by key, without values."""
        shape = ("every", table)
        if shape not in self._queries:
            columns, named = self.columns(table), self.tables[table]
            statement = sa.select(*named.c).order_by(*(named.c[name] for name in columns.record.key))
            self._queries[shape] = Query(compiled(statement, self._dialect), columns.names, columns.decoders(columns.names))
        return self._queries[shape]

    def _select_query(self, select: Select, where: Form) -> Query:
        columns, table, binds = self.columns(select.table), self.tables[select.table], binds_in_order()
        names = selected(columns, select)
        statement = sa.select(*(table.c[name] for name in names)).where(*self._conditions(table, where, binds))
        statement = statement.order_by(*_ordered(table, columns, columns.order(select))).limit(next(binds)).offset(next(binds))
        return Query(compiled(statement, self._dialect), names, columns.decoders(names))

    def _count_query(self, count: Count, where: Form) -> Query:
        columns, table = self.columns(count.table), self.tables[count.table]
        by = counted(columns, count)
        groups = [table.c[name] for name in by]
        amount = sa.func.count(sa.distinct(table.c[count.distinct])) if count.distinct else sa.func.count()
        statement = sa.select(*groups, amount).select_from(table).where(*self._conditions(table, where, binds_in_order()))
        if groups:
            statement = statement.group_by(*groups).order_by(*_ordered(table, columns, [(name, False) for name in by]))
        return Query(compiled(statement, self._dialect), (*by, "n"), columns.decoders(by))

    # A shape and its values are walked in the same order: the n-th value belongs to the n-th bind.

    def _shapes(self, table: str, conditions: Iterable[Condition], values: list[Stored]) -> Form:
        columns = self.columns(table)
        return tuple([self._shape(columns, condition, values) for condition in conditions])

    def _shape(self, columns: Columns, condition: Condition, values: list[Stored]) -> Form:
        if isinstance(condition, Where):
            return self._where_shape(columns, condition, values)
        joined = "all" if isinstance(condition, AllOf) else "any"
        return (joined, tuple([self._shape(columns, each, values) for each in condition.of]))

    def _where_shape(self, columns: Columns, where: Where, values: list[Stored]) -> Form:
        op, column = where.op, where.column
        if op in ("is_null", "not_null"):
            columns.require((column,))
            return (op, column)
        if op in ("in_select", "not_in_select"):
            columns.require((column,))
            inner: Select = where.value
            name = only_column(columns, where, self.columns(inner.table))
            return (op, column, inner.table, name, self._shapes(inner.table, inner.where, values))
        if op == "in":
            values.append(self._many(columns.among(where)))
            return (op, column)
        value = columns.compared(where)
        if value is None:
            return ("never", column)
        if op == "starts":
            return _starts_shape(column, value, values)
        values.append(value)
        return (op, column)

    def _conditions(self, table: sa.FromClause, shapes: Form, binds: Binds) -> list[sa.ColumnElement[bool]]:
        return [self._condition(table, shape, binds) for shape in shapes]

    def _condition(self, table: sa.FromClause, shape: Form, binds: Binds) -> sa.ColumnElement[bool]:
        op = shape[0]
        if op in ("all", "any"):
            inner = self._conditions(table, shape[1], binds)
            return sa.and_(sa.true(), *inner) if op == "all" else sa.or_(sa.false(), *inner)
        column = table.c[shape[1]]
        if op in ("in_select", "not_in_select"):
            _, _, other, name, where = shape
            # An alias, so that a select on the same table is not taken for the outer one.
            source = self.tables[other].alias()
            found = sa.select(source.c[name]).where(source.c[name].is_not(None), *self._conditions(source, where, binds))
            return column.in_(found) if op == "in_select" else sa.and_(column.is_not(None), column.not_in(found))
        if op == "in":
            return among(column, next(binds), self._dialect.name)
        return _COMPARISONS[op](column, binds, self._dialect.name)


Binds = Iterator[sa.BindParameter[Any]]

_PREFIX = "v__"


def binds_in_order() -> Binds:
    """Binds named by the place of their value."""
    return (sa.bindparam(f"{_PREFIX}{n}") for n in counter())


def compiled(statement: sa.sql.ClauseElement, dialect: sa.Dialect) -> Statement:
    """The text of a statement whose binds are `binds_in_order`."""
    made = statement.compile(dialect=dialect)
    order = tuple(int(name.removeprefix(_PREFIX)) for name in getattr(made, "positiontup", None) or ())
    return Statement(str(made), order, order == tuple(range(len(order))))


def among(column: sa.ColumnElement[Any], bind: sa.BindParameter[Any], dialect: str) -> sa.ColumnElement[bool]:
    """The column has one of the values of the one bind, however many they are: one shape, one text."""
    if dialect == "sqlite":
        values = sa.func.json_each(bind).table_valued("value")
        return column.in_(sa.select(values.c.value))
    plain = sa.BigInteger() if isinstance(column.type, sa.BigInteger) else sa.Text()
    return column == sa.any_(sa.bindparam(bind.key, type_=sa.ARRAY(plain)))


def _contains(column: sa.ColumnElement[Any], binds: Binds, dialect: str) -> sa.ColumnElement[bool]:
    # Neither LIKE: its case and wildcards differ between databases.
    place = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    return place(column, sa.bindparam(next(binds).key, type_=sa.Text())) > sa.literal_column("0")


_COMPARISONS: Mapping[str, Callable[[sa.ColumnElement[Any], Binds, str], sa.ColumnElement[bool]]] = {
    "=": lambda column, binds, dialect: column == next(binds),
    "!=": lambda column, binds, dialect: column != next(binds),
    "<": lambda column, binds, dialect: column < next(binds),
    "<=": lambda column, binds, dialect: column <= next(binds),
    ">": lambda column, binds, dialect: column > next(binds),
    ">=": lambda column, binds, dialect: column >= next(binds),
    "between": lambda column, binds, dialect: sa.and_(column >= next(binds), column < next(binds)),
    "is_null": lambda column, binds, dialect: column.is_(None),
    "not_null": lambda column, binds, dialect: column.is_not(None),
    "contains": _contains,
    "never": lambda column, binds, dialect: sa.false(),
}


def _starts_shape(column: str, prefix: str, values: list[Stored]) -> Form:
    # A range, which an index answers; LIKE would not be answered by one.
    end = text_after(prefix)
    values.append(prefix)
    if end is None:
        return (">=", column)
    values.append(end)
    return ("between", column)


def _ordered(table: sa.Table, columns: Columns, order: Iterable[tuple[str, bool]]) -> list[sa.ColumnElement[Any]]:
    clauses: list[sa.ColumnElement[Any]] = []
    for name, descends in order:
        clause = table.c[name].desc() if descends else table.c[name].asc()
        clauses.append(clause if name in columns.record.key else clause.nulls_last())
    return clauses


def insert_into(table: Any, dialect: str) -> postgresql.Insert:
    """The dialect's own insert, which knows `ON CONFLICT`. SQLite's has the methods of PostgreSQL's, by whose type it goes here."""
    # The other dialect's package takes a tenth of a second to import.
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return cast("postgresql.Insert", sqlite.insert(table))
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def write_statement(table: sa.Table, record: Record, shape: Shape, dialect: str) -> sa.sql.ClauseElement:
    """The statement of a change, with binds in the order key columns, value columns."""
    binds = binds_in_order()
    key = {name: next(binds) for name in shape.key_columns}
    values = {name: next(binds) for name in shape.value_columns}
    matches = [table.c[name] == bind for name, bind in key.items()]
    if shape.op == "delete":
        return sa.delete(table).where(*matches)
    if shape.op == "update":
        return sa.update(table).where(*matches).values(values)
    insert = insert_into(table, dialect).values({**key, **values}).inline()
    if shape.op == "insert":
        return insert
    if not values:
        return insert.on_conflict_do_nothing(index_elements=list(record.key))
    given: dict[str, sa.ColumnElement[Any]] = {name: insert.excluded[name] for name in values}
    if shape.op == "raise":
        given = {name: _greater(table.c[name], value) for name, value in given.items()}
    return insert.on_conflict_do_update(index_elements=list(record.key), set_=given)


def _greater(standing: sa.ColumnElement[Any], given: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    # Where nothing stands the comparison is null, and what is given stands from then on.
    return sa.case((sa.or_(given.is_(None), standing >= given), standing), else_=given)
