"""Whatever is asked, the three stores give one answer: generated selects and counts over the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.registry import AllOf, AnyOf, Change, Condition, Count, Select, Where
from engine.storage import MemoryStore, Store
from engine.storage.sql import SqlStore

from .databases import RECORDS, Server

pytestmark = pytest.mark.contract

TEXTS = ["", "a", "A", "ab", "b", "中", "中文", "文", "é", "z\U0010ffff", "𠮷", "﹏", "%", "_", "'", "10", "9"]
NUMBERS = [-(2**63) + 1, -1, 0, 1, 9, 10, 2**63 - 1]
DAYS = ["2025-12-31", "2026-01-01", "2026-09-30"]
VALUES: Mapping[str, Sequence[Any]] = {
    "id": [f"p{n}" for n in range(40)],
    "case_id": TEXTS[:5],
    "title": TEXTS,
    "state": ["open", "closed"],
    "due_on": DAYS,
    "opened_at": NUMBERS,
    "urgent": [True, False],
    "pages": NUMBERS,
    "tags": [[], ["a"], {"b": 1, "a": None}, "中", 0],
}
TEXTUAL = ("id", "case_id", "title", "state", "due_on")
COLUMNS = st.sampled_from(sorted(VALUES))


def value_of(column: str) -> st.SearchStrategy[Any]:
    """A value of this column, or none."""
    return st.sampled_from([*VALUES[column], None])


PAPERS = st.lists(st.fixed_dictionaries({column: value_of(column) for column in VALUES if column != "id"}), max_size=40)
"""Rows beside their id."""


@st.composite
def wheres(draw: st.DrawFn) -> Where:
    """One condition on a paper."""
    column = draw(COLUMNS)
    op = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "in", "is_null", "not_null", "contains", "starts", "in_select", "not_in_select"]))
    if op in ("contains", "starts"):
        return Where(column=draw(st.sampled_from(TEXTUAL)), op=op, value=draw(st.sampled_from(TEXTS)))
    if op in ("in_select", "not_in_select"):
        outer, inner = (TEXTUAL, "paper_id") if draw(st.booleans()) else (("urgent", "pages", "opened_at"), "pages")
        return Where(column=draw(st.sampled_from(outer)), op=op, value=draw(inner_selects(inner)))
    value = draw(st.lists(value_of(column), max_size=3)) if op == "in" else draw(value_of(column))
    return Where(column=column, op=op, value=value)


@st.composite
def inner_selects(draw: st.DrawFn, column: str) -> Select:
    """A select of one column, of the other table or of the same."""
    if column == "paper_id":
        where = draw(st.lists(st.builds(Where, column=st.just("unit_id"), op=st.sampled_from(["=", "!="]), value=st.sampled_from("uvw")), max_size=1))
        return Select(table="paper_unit", columns=(column,), where=tuple(where))
    return Select(table="paper", columns=(column,), where=tuple(draw(st.lists(wheres(), max_size=1))))


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    wheres(),
    lambda inner: st.lists(inner, max_size=3).flatmap(lambda of: st.sampled_from([AnyOf(of=tuple(of)), AllOf(of=tuple(of))])),
    max_leaves=4,
)


@st.composite
def selects(draw: st.DrawFn) -> Select:
    """A select of papers, often cut."""
    order = draw(st.lists(COLUMNS, max_size=3, unique=True))
    return Select(
        table="paper",
        columns=tuple(draw(st.lists(COLUMNS, max_size=3, unique=True))),
        where=tuple(draw(st.lists(CONDITIONS, max_size=3))),
        order=tuple(draw(st.sampled_from(["", "-"])) + column for column in order),
        limit=draw(st.sampled_from([0, 1, 5, 1000])),
        offset=draw(st.sampled_from([0, 0, 1, 7])),
    )


COUNTS = st.builds(
    Count,
    table=st.just("paper"),
    by=st.lists(COLUMNS, max_size=2, unique=True).map(tuple),
    where=st.lists(CONDITIONS, max_size=2).map(tuple),
    distinct=st.none() | COLUMNS,
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, server: Server, postgresql_database: str) -> Iterator[Sequence[Store]]:
    """One store of each kind."""
    path: Path = tmp_path_factory.mktemp("agree") / "store.db"
    server.clear(postgresql_database)
    made: list[Store] = [MemoryStore(RECORDS), SqlStore.create(path, RECORDS), SqlStore.open(server.url_of(postgresql_database), RECORDS)]
    yield made
    for store in made:
        store.close()


def fill(store: Store, papers: Sequence[Mapping[str, Any]]) -> None:
    """Take all rows out and put these in."""
    with store.transaction(write=True) as transaction:
        changes = [Change(op="delete", table=table, key=dict(row)) for table in ("paper", "paper_unit") for row in keys(transaction.fold_rows(table))]
        transaction.apply(changes)
        transaction.apply(Change(op="insert", table="paper", key={"id": f"p{n}"}, values=values) for n, values in enumerate(papers))
        units = [{"paper_id": f"p{n * 3}", "unit_id": "uvw"[n % 3]} for n in range(12)]
        transaction.apply(Change(op="insert", table="paper_unit", key=key) for key in units)
        transaction.commit()


def keys(rows: Iterator[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The keys of rows."""
    return [{name: row[name] for name in ("id", "paper_id", "unit_id") if name in row} for row in rows]


@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(papers=PAPERS, asked=st.lists(selects() | COUNTS, min_size=5, max_size=12))
@example(papers=[], asked=[Count(table="paper"), Select(table="paper")])
def test_stores_agree(stores, papers, asked):
    """Rows, their order, their cut, their groups and their numbers are the same everywhere."""
    for store in stores:
        fill(store, papers)

    answers = []
    for store in stores:
        with store.transaction(write=False) as transaction:
            found = [transaction.select(one) if isinstance(one, Select) else transaction.count(one) for one in asked]
            answers.append([*found, list(transaction.fold_rows("paper"))])

    assert answers[0] == answers[1]
    assert answers[0] == answers[2]
