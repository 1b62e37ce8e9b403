"""Statements on truth: history, payloads, files, meta, the series. One property each, compiled when first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .sql_schema import Tables
from .sql_statements import Statement, among, binds_in_order, compiled, insert_into
from .tables import ENGINE_RECORDS, TRUTH_TABLES

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

# Without an offset SQLAlchemy gives SQLite one as a parameter of its own.
_NONE: sa.ColumnElement[int] = sa.literal_column("0")
_ONE: sa.ColumnElement[int] = sa.literal_column("1")


class TruthStatements:
    """Compiled statements for one dialect. Their values stand in the order of the named docstring."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect
        tables = Tables((*TRUTH_TABLES, *(record for record in ENGINE_RECORDS if record.name == "series")))
        self._history, self._payload, self._file, self._meta = (tables[name].c for name in ("history", "payload", "file", "meta"))
        self._series = tables["series"]

    def _sql(self, statement: sa.sql.ClauseElement) -> str:
        made: Statement = compiled(statement, self._dialect)
        assert made.is_straight, made.sql
        return made.sql

    def _insert(self, columns: sa.ColumnCollection[str, sa.Column[object]], names: tuple[str, ...]) -> postgresql.Insert:
        binds = binds_in_order()
        return insert_into(columns[names[0]].table, self._dialect.name).values({name: next(binds) for name in names}).inline()

    @cached_property
    def _row(self) -> sa.Select[tuple[object, ...]]:
        h = self._history
        return sa.select(h.stream, h.position, h.command_id, h.recorded_at, h.bytes, h.hash, h.place)

    @cached_property
    def head(self) -> str:
        """stream → position, hash"""
        h, binds = self._history, binds_in_order()
        return self._sql(sa.select(h.position, h.hash).where(h.stream == next(binds)).order_by(h.position.desc()).limit(_ONE).offset(_NONE))

    @cached_property
    def load(self) -> str:
        """stream → position, hash, bytes of the snapshot"""
        h, p, binds = self._history, self._payload, binds_in_order()
        snapshot = sa.and_(p.stream == h.stream, p.position == h.position, p.name == sa.literal_column("'snapshot'"))
        source = h.place.table.outerjoin(p.name.table, snapshot)
        statement = sa.select(h.position, h.hash, p.bytes).select_from(source).where(h.stream == next(binds))
        return self._sql(statement.order_by(h.position.desc()).limit(_ONE).offset(_NONE))

    @cached_property
    def command(self) -> str:
        """command_id → row"""
        return self._sql(self._row.where(self._history.command_id == next(binds_in_order())))

    @cached_property
    def history(self) -> str:
        """stream, after, limit → rows"""
        h, binds = self._history, binds_in_order()
        return self._sql(self._row.where(h.stream == next(binds), h.position > next(binds)).order_by(h.position).limit(next(binds)).offset(_NONE))

    @cached_property
    def places(self) -> str:
        """after, limit → rows"""
        h, binds = self._history, binds_in_order()
        return self._sql(self._row.where(h.place > next(binds)).order_by(h.place).limit(next(binds)).offset(_NONE))

    @cached_property
    def last(self) -> str:
        """nothing → the row with the greatest place"""
        return self._sql(self._row.order_by(self._history.place.desc()).limit(_ONE).offset(_NONE))

    @cached_property
    def payloads(self) -> str:
        """stream, positions → payloads"""
        p, binds = self._payload, binds_in_order()
        statement = sa.select(p.stream, p.position, p.name, p.salt, p.bytes, p.digest)
        statement = statement.where(p.stream == next(binds), among(p.position, next(binds), self._dialect.name))
        return self._sql(statement.order_by(p.position, p.name))

    @cached_property
    def streams(self) -> str:
        """after, limit → names"""
        h, binds = self._history, binds_in_order()
        return self._sql(sa.select(h.stream).where(h.stream > next(binds)).distinct().order_by(h.stream).limit(next(binds)).offset(_NONE))

    @cached_property
    def append(self) -> str:
        """stream, position, command_id, recorded_at, hash, bytes"""
        return self._sql(self._insert(self._history, ("stream", "position", "command_id", "recorded_at", "hash", "bytes")))

    @cached_property
    def put_payload(self) -> str:
        """stream, position, name, salt, digest, bytes"""
        return self._sql(self._insert(self._payload, ("stream", "position", "name", "salt", "digest", "bytes")))

    @cached_property
    def erase(self) -> str:
        """empty salt, stream, position, name"""
        p, binds = self._payload, binds_in_order()
        statement = sa.update(p.name.table).values(salt=next(binds), bytes=sa.null())
        return self._sql(statement.where(p.stream == next(binds), p.position == next(binds), p.name == next(binds)))

    @cached_property
    def file(self) -> str:
        """digest → bytes"""
        return self._sql(sa.select(self._file.bytes).where(self._file.digest == next(binds_in_order())))

    @cached_property
    def put_file(self) -> str:
        """digest, bytes"""
        return self._sql(self._insert(self._file, ("digest", "bytes")).on_conflict_do_nothing(index_elements=["digest"]))

    @cached_property
    def meta(self) -> str:
        """→ name, value"""
        return self._sql(sa.select(self._meta.name, self._meta.value).order_by(self._meta.name))

    @cached_property
    def put_meta(self) -> str:
        """name, value"""
        insert = self._insert(self._meta, ("name", "value"))
        return self._sql(insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value}))

    @cached_property
    def next_in_series(self) -> str:
        """name, 1 → value"""
        insert = self._insert(self._series.c, ("name", "value"))
        raised = {"value": self._series.c.value + _ONE}
        return self._sql(insert.on_conflict_do_update(index_elements=["name"], set_=raised).returning(self._series.c.value))
