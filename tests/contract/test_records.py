"""What every store does with changes to records, selects and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from itertools import permutations
from typing import Any

import pytest

from engine.errors import StoreError
from engine.registry import AllOf, AnyOf, Change, Condition, Count, Select, Where, by_id
from engine.storage import Store

pytestmark = pytest.mark.contract


def insert(identifier: str, **values: Any) -> Change:
    """A new paper."""
    return Change(op="insert", table="paper", key={"id": identifier}, values=values)


def assigned(paper: str, unit: str, role: str = "sole") -> Change:
    """A new assignment of a paper."""
    return Change(op="insert", table="paper_unit", key={"paper_id": paper, "unit_id": unit}, values={"role": role})


def apply(store: Store, *changes: Change) -> None:
    """Write changes in one committed transaction."""
    with store.transaction(write=True) as transaction:
        transaction.apply(iter(changes))
        transaction.commit()


def select(store: Store, *where: Condition, table: str = "paper", **rest: Any) -> Sequence[Mapping[str, Any]]:
    """Rows that fulfil all conditions."""
    with store.transaction(write=False) as transaction:
        return transaction.select(Select(table=table, where=where, **rest))


def ids(store: Store, *where: Condition, **rest: Any) -> str:
    """The ids of papers that fulfil all conditions, in the order in which they came."""
    return "".join(row["id"] for row in select(store, *where, **rest))


def counts(store: Store, *where: Condition, **rest: Any) -> Sequence[Mapping[str, Any]]:
    """A count of papers."""
    with store.transaction(write=False) as transaction:
        return transaction.count(Count(table="paper", where=where, **rest))


# Values


def test_values_come_back_as_they_were_given(store):
    """Each kind of column has one form, in whatever store."""
    tags = {"领域": ["交通", "住房"], "n": 3, "none": None, "yes": True, "文": "a\u0000b"}
    apply(
        store,
        insert("a", title="加装电梯 🛗", due_on="2026-09-30", opened_at=1_790_000_000_000_001, urgent=True, pages=2**63 - 1, tags=tags),
        insert("b", title="", urgent=False, pages=-(2**63) + 1, tags=None),
    )

    first, second = select(store)

    assert first == {
        "id": "a",
        "case_id": None,
        "title": "加装电梯 🛗",
        "state": None,
        "due_on": "2026-09-30",
        "opened_at": 1_790_000_000_000_001,
        "urgent": True,
        "pages": 2**63 - 1,
        "tags": tags,
    }
    assert first["urgent"] is True
    assert (second["title"], second["urgent"], second["pages"], second["tags"]) == ("", False, -(2**63) + 1, None)
    assert second["urgent"] is False


def test_dates_and_instants_may_be_given_as_such(store):
    """A date is stored as ISO text, an aware instant as microseconds UTC, an enumeration's text as text."""

    class State(StrEnum):
        OPEN = "open"

    beijing = datetime(2026, 10, 1, 8, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    apply(store, insert("a", due_on=date(2026, 9, 30), opened_at=beijing, state=State.OPEN))

    (found,) = select(store, Where(column="opened_at", value=datetime(2026, 10, 1, 0, 0, 0, 5, tzinfo=UTC)))

    assert (found["due_on"], found["state"]) == ("2026-09-30", "open")
    assert found["opened_at"] == 1_790_812_800_000_005
    assert ids(store, Where(column="due_on", op="<=", value=date(2026, 9, 30))) == "a"


REFUSED_VALUES: list[dict[str, Any]] = [
    {"title": 1},
    {"title": b"bytes"},
    {"title": "a\x00b"},
    {"title": "\ud800"},
    {"pages": "1"},
    {"pages": 1.0},
    {"pages": True},
    {"pages": 2**63},
    {"due_on": "30.9.2026"},
    {"due_on": "2026-02-30"},
    {"due_on": datetime(2026, 9, 30, tzinfo=UTC)},
    {"opened_at": datetime(2026, 9, 30)},
    {"opened_at": "2026-09-30"},
    {"urgent": 1},
    {"tags": {1, 2}},
    {"tags": float("nan")},
    {"tags": "\ud800"},
    {"colour": "red"},
    {"id": "b"},
]


def test_a_value_of_another_kind_is_refused(store):
    """No store takes what another would refuse, and nothing of the transaction can be committed."""
    for values in REFUSED_VALUES:
        with store.transaction(write=True) as transaction:
            with pytest.raises(ValueError):
                transaction.apply([insert("z"), Change(op="insert", table="paper", key={"id": "a"}, values=values)])
            with pytest.raises(RuntimeError):
                transaction.commit()

    assert ids(store) == ""


REFUSED_CHANGES = [
    Change(op="insert", table="nowhere", key={"id": "a"}),
    Change(op="update", table="history", key={"place": 1}, values={"position": 2}),
    Change(op="insert", table="paper", key={"id": None}, values={"title": "t"}),
    Change(op="insert", table="paper", key={}, values={"title": "t"}),
    Change(op="delete", table="paper", key={}),
    Change(op="delete", table="paper", key={"id": "a"}, values={"title": "t"}),
    Change(op="update", table="paper", key={"id": "a"}),
    Change(op="update", table="paper_unit", key={"paper_id": "a"}, values={"unit_id": "u"}),
    Change(op="upsert", table="paper_unit", key={"paper_id": "a"}, values={"role": "sole"}),
    Change(op="raise", table="paper", key={"id": "a"}, values={"tags": [1]}),
]


def test_a_change_that_names_what_is_not_is_refused(store):
    """Unknown tables and columns, truth, missing keys and keys without a value are defects of the caller."""
    for change in REFUSED_CHANGES:
        with store.transaction(write=True) as transaction, pytest.raises(ValueError):
            transaction.apply([change])


REFUSED_SELECTS = [
    Select(table="nowhere"),
    Select(table="history"),
    Select(table="paper", columns=("colour",)),
    Select(table="paper", where=(Where(column="colour", value="red"),)),
    Select(table="paper", where=(Where(column="colour", op="is_null"),)),
    Select(table="paper", where=(Where(column="pages", value="1"),)),
    Select(table="paper", where=(Where(column="pages", op="contains", value="1"),)),
    Select(table="paper", where=(Where(column="state", op="in", value="open"),)),
    Select(table="paper", where=(Where(column="id", op="in_select", value=Select(table="paper_unit")),)),
    Select(table="paper", where=(Where(column="pages", op="in_select", value=Select(table="paper_unit", columns=("paper_id",))),)),
    Select(table="paper", order=("colour",)),
    Select(table="paper", limit=-1),
    Select(table="paper", offset=-1),
]


def test_a_select_that_names_what_is_not_is_refused(store):
    """Nothing is asked of the database that one store would answer and another not."""
    with store.transaction(write=False) as transaction:
        for wanted in REFUSED_SELECTS:
            with pytest.raises(ValueError):
                transaction.select(wanted)


# Changes


def test_an_insert_leaves_what_it_does_not_name_empty(store):
    """Columns that are not named have no value."""
    apply(store, insert("a", title="t"))

    assert {name for name, value in select(store)[0].items() if value is not None} == {"id", "title"}


def test_an_insert_of_a_key_that_stands_is_an_error(store):
    """Two events never make one row: folds and history disagree, and the command is not written."""
    apply(store, insert("a", title="first"))

    with store.transaction(write=True) as transaction, pytest.raises(StoreError) as caught:
        transaction.apply([insert("b"), insert("a", title="second")])

    assert caught.value.code == "row_exists"
    assert [row["title"] for row in select(store)] == ["first"]


def test_an_update_changes_the_named_columns(store):
    """Other columns and other rows stay; a value may be taken away."""
    apply(store, insert("a", title="t", state="open", pages=3), insert("b", state="open"))

    apply(store, Change(op="update", table="paper", key={"id": "a"}, values={"state": "closed", "title": None}))

    first, second = select(store)
    assert (first["title"], first["state"], first["pages"], second["state"]) == (None, "closed", 3, "open")


def test_an_update_of_a_missing_row_of_a_fold_is_an_error(store):
    """History speaks of a row that the fold has not: nothing is passed over in silence."""
    with store.transaction(write=True) as transaction, pytest.raises(StoreError) as caught:
        transaction.apply([insert("b", state="open"), Change(op="update", table="paper", key={"id": "a"}, values={"state": "closed"})])

    assert caught.value.code == "row_missing"
    assert ids(store) == ""


def test_an_update_of_a_missing_row_of_a_working_table_does_nothing(store):
    """A lease may have gone meanwhile."""
    apply(store, Change(op="update", table="lease", key={"id": "a"}, values={"until": 5}))

    assert select(store, table="lease") == []


def test_update_and_delete_may_touch_many_rows(store):
    """All rows that have the named values, of key or other columns; none is no error."""
    apply(store, assigned("a", "u1", "lead"), assigned("a", "u2", "co"), assigned("b", "u1", "lead"), assigned("c", "u3", "co"))

    apply(
        store,
        Change(op="update", table="paper_unit", key={"paper_id": "a"}, values={"role": "separate"}),
        Change(op="delete", table="paper_unit", key={"role": "co"}),
        Change(op="delete", table="paper_unit", key={"paper_id": "nowhere"}),
        Change(op="update", table="paper_unit", key={"role": "nobody"}, values={"role": "co"}),
    )

    assert [(row["paper_id"], row["unit_id"], row["role"]) for row in select(store, table="paper_unit")] == [
        ("a", "u1", "separate"),
        ("a", "u2", "separate"),
        ("b", "u1", "lead"),
    ]


def test_a_delete_of_a_missing_row_is_no_error(store):
    """What is gone is gone."""
    apply(store, insert("a"), Change(op="delete", table="paper", key={"id": "b"}), Change(op="delete", table="paper", key={"id": "a"}))

    assert ids(store) == ""


def test_an_upsert_makes_or_changes_a_row(store):
    """Where the row stands, only the named columns change."""
    apply(store, Change(op="upsert", table="paper", key={"id": "a"}, values={"title": "t", "pages": 1}))

    apply(store, Change(op="upsert", table="paper", key={"id": "a"}, values={"pages": 2}), Change(op="upsert", table="paper", key={"id": "a"}))

    assert [(row["title"], row["pages"]) for row in select(store)] == [("t", 2)]


def test_raise_gives_the_same_row_in_any_order(store):
    """Each column keeps the greatest value that was ever given; no value is less than any."""
    given = [{"pages": 5, "due_on": "2026-01-01"}, {"pages": None, "due_on": "2026-12-01"}, {"pages": 10, "title": "b"}, {"title": "𠮷", "urgent": False}]

    for n, order in enumerate(permutations(given)):
        apply(store, *(Change(op="raise", table="paper", key={"id": f"p{n:02}"}, values=values) for values in order))

    found = {(row["pages"], row["due_on"], row["title"], row["urgent"], row["state"]) for row in select(store)}
    assert found == {(10, "2026-12-01", "𠮷", False, None)}


def test_changes_happen_in_their_order(store):
    """A row may be made, changed, taken away and made again in one command, among changes of the same shape."""
    apply(
        store,
        insert("a", title="1"),
        insert("b", title="1"),
        Change(op="update", table="paper", key={"id": "a"}, values={"title": "2"}),
        Change(op="delete", table="paper", key={"id": "b"}),
        Change(op="update", table="paper", key={"id": "a"}, values={"title": "3"}),
        insert("b", title="4"),
        insert("c", title="5"),
    )

    assert [row["title"] for row in select(store)] == ["3", "4", "5"]


def test_a_transaction_selects_what_it_changed(store):
    """Before the commit, by key, by index, and no longer by what stood before."""
    apply(store, insert("a", case_id="1", state="open"), insert("b", case_id="1", state="open"), insert("c", case_id="2", state="open"))

    with store.transaction(write=True) as transaction:
        transaction.apply(
            [
                Change(op="update", table="paper", key={"id": "a"}, values={"case_id": "2"}),
                Change(op="delete", table="paper", key={"id": "b"}),
                insert("d", case_id="1"),
            ]
        )

        def found(*where: Condition) -> str:
            return "".join(row["id"] for row in transaction.select(Select(table="paper", where=where)))

        assert found(Where(column="case_id", value="2")) == "ac"
        assert found(Where(column="case_id", value="1")) == "d"
        assert found(Where(column="id", op="in", value=["b", "d"])) == "d"
        assert found() == "acd"
        assert transaction.count(Count(table="paper", by=("case_id",))) == [{"case_id": "1", "n": 1}, {"case_id": "2", "n": 2}]
        transaction.commit()

    assert ids(store, Where(column="case_id", value="2")) == "ac"


# Selects


@pytest.fixture
def papers(store: Store) -> Store:
    """Seven papers; `g` has no value but its id."""
    apply(
        store,
        insert("a", title="关于加快老旧小区加装电梯的建议", state="open", due_on="2026-09-30", pages=3, urgent=True, tags=["住房"]),
        insert("b", title="关于加强老年人照护的建议", state="open", due_on="2026-06-30", pages=10, urgent=False),
        insert("c", title="100% of Lifts_", state="closed", due_on="2026-09-30", pages=9),
        insert("d", title="100 of lifts", state="closed", pages=-1, urgent=True),
        insert("e", title="", state="Open", due_on="2025-12-31", pages=0),
        insert("f", title="𠮷野家\U0010ffff", state="returned", due_on="2027-01-01", pages=100),
        insert("g"),
        assigned("a", "u1"),
        assigned("b", "u1"),
        assigned("b", "u2"),
        assigned("f", "u3"),
    )
    return store


CONDITIONS = [
    ("state", "=", "open", "ab"),
    ("state", "=", None, ""),
    ("state", "!=", "open", "cdef"),
    ("state", "!=", None, ""),
    ("pages", "<", 9, "ade"),
    ("pages", "<=", 9, "acde"),
    ("pages", ">", 9, "bf"),
    ("pages", ">=", 9, "bcf"),
    ("due_on", "<", "2026-09-30", "be"),
    ("due_on", ">=", date(2026, 9, 30), "acf"),
    ("state", ">", "a", "abcdf"),
    ("urgent", "=", True, "ad"),
    ("urgent", "!=", True, "b"),
    ("tags", "=", ["住房"], "a"),
    ("state", "in", ["open", "returned", "nowhere"], "abf"),
    ("state", "in", ["open", None], "ab"),
    ("state", "in", [], ""),
    ("pages", "in", (3, 100), "af"),
    ("due_on", "is_null", None, "dg"),
    ("due_on", "not_null", None, "abcef"),
    ("title", "contains", "老年", "b"),
    ("title", "contains", "老", "ab"),
    ("title", "contains", "建议", "ab"),
    ("title", "contains", "%", "c"),
    ("title", "contains", "_", "c"),
    ("title", "contains", "lift", "d"),
    ("title", "contains", "", "abcdef"),
    ("title", "contains", None, ""),
    ("title", "starts", "关于加", "ab"),
    ("title", "starts", "关于加强", "b"),
    ("title", "starts", "100", "cd"),
    ("title", "starts", "100%", "c"),
    ("title", "starts", "", "abcdef"),
    ("title", "starts", "𠮷野家", "f"),
    ("title", "starts", "𠮷野家\U0010ffff", "f"),
    ("title", "starts", "\U0010ffff", ""),
    ("title", "starts", "\ud7ff", ""),
    ("due_on", "starts", "2026-0", "abc"),
]


def test_a_condition_holds_for_these_papers(papers):
    """Every operator answers alike; a paper without a value fulfils is_null alone."""
    found = [(column, op, value, ids(papers, Where(column=column, op=op, value=value))) for column, op, value, _ in CONDITIONS]

    assert found == CONDITIONS


def test_many_values_may_be_asked_for(papers):
    """However many values `in` has, it is one question."""
    assert ids(papers, Where(column="id", op="in", value=[f"no {n}" for n in range(40_000)] + ["c", "a"])) == "ac"


def of_units(*units: str) -> Select:
    """The papers of these units, as an inner select."""
    return Select(table="paper_unit", columns=("paper_id",), where=(Where(column="unit_id", op="in", value=units),))


def test_a_select_within_a_select(papers):
    """Papers are found by the rows of another table, or by the lack of them."""
    assert ids(papers, Where(column="id", op="in_select", value=of_units("u1", "u2"))) == "ab"
    assert ids(papers, Where(column="id", op="not_in_select", value=of_units("u1"))) == "cdefg"
    assert ids(papers, Where(column="id", op="in_select", value=of_units())) == ""
    assert ids(papers, Where(column="id", op="not_in_select", value=of_units())) == "abcdefg"


def test_a_select_within_a_select_of_the_same_table(papers):
    """The inner rows are not taken for the outer ones."""
    urgent = Select(table="paper", columns=("state",), where=(Where(column="urgent", value=True),))

    assert ids(papers, Where(column="state", op="in_select", value=urgent)) == "abcd"
    assert ids(papers, Where(column="state", op="not_in_select", value=urgent)) == "ef"


def test_an_inner_select_is_neither_cut_nor_confused_by_nulls(papers):
    """Its limit does not count, and rows without a value are no value."""
    apply(papers, *(assigned(f"x{n:04}", "u9") for n in range(1100)), assigned("g", "u9"))
    due = Select(table="paper", columns=("due_on",), limit=1)

    assert ids(papers, Where(column="id", op="in_select", value=of_units("u9"))) == "g"
    assert ids(papers, Where(column="due_on", op="in_select", value=due)) == "abcef"
    assert ids(papers, Where(column="due_on", op="not_in_select", value=due)) == ""


def test_conditions_nest(papers):
    """All of any of all, with values in every place."""
    mine = Where(column="id", op="in_select", value=of_units("u3"))
    open_and_long = AllOf(of=(Where(column="state", value="open"), Where(column="pages", op=">", value=5)))
    late = Where(column="due_on", op="<", value="2026-01-01")

    assert ids(papers, AnyOf(of=(mine, open_and_long, late))) == "bef"
    assert ids(papers, AnyOf(of=(mine, open_and_long, late)), Where(column="pages", op="!=", value=0)) == "bf"
    assert ids(papers, AllOf(of=(AnyOf(of=(mine, late)), Where(column="title", value="")))) == "e"
    assert ids(papers, AnyOf(of=()), Where(column="state", value="open")) == ""
    assert ids(papers, Where(column="state", value="open"), Where(column="due_on", value=None), limit=3, offset=0) == ""
    assert ids(papers, AnyOf(of=(Where(column="state", value="open"), AllOf(of=())))) == "abcdefg"
    assert ids(papers, AllOf(of=())) == "abcdefg"
    assert ids(papers, Where(column="id", value="a"), Where(column="id", value="b")) == ""


ORDERS = [
    ((), "abcdefg"),
    (("-id",), "gfedcba"),
    (("due_on",), "ebacfdg"),
    (("-due_on",), "facbedg"),
    (("state", "-pages"), "ecdbafg"),
    (("pages",), "deacbfg"),
    (("-urgent", "due_on"), "adbecfg"),
    (("title",), "edcbafg"),
]


def test_rows_come_in_one_order(papers):
    """By the named columns, those without a value last in either direction, then by key."""
    assert [(order, ids(papers, order=order)) for order, _ in ORDERS] == ORDERS


def test_text_is_ordered_by_code_point(store):
    """Neither the database's language nor UTF-16 decides."""
    titles = ["a", "B", "é", "z", "中", "一", "﹏", "𠮷", "10", "9", ""]
    apply(store, *(insert(str(n), title=title) for n, title in enumerate(titles)))

    assert [row["title"] for row in select(store, order=("title",))] == sorted(titles)


def test_pages_of_a_list_are_its_pieces(papers):
    """Read by limit and offset, each row comes once."""
    pages = [ids(papers, order=("-due_on",), limit=3, offset=offset) for offset in (0, 3, 6, 9)]

    assert pages == ["fac", "bed", "g", ""]
    assert ids(papers, limit=0) == ""


def test_only_the_asked_columns_come(papers):
    """In the asked order, decoded."""
    (row,) = select(papers, Where(column="id", value="a"), columns=("tags", "id", "urgent"))

    assert list(row.items()) == [("tags", ["住房"]), ("id", "a"), ("urgent", True)]


def test_by_id_finds_one_row_or_none(papers):
    """The commonest read of all."""
    with papers.transaction(write=False) as transaction:
        assert [row["id"] for row in transaction.select(by_id("paper", "c"))] == ["c"]
        assert transaction.select(by_id("paper", "nowhere")) == []
        assert transaction.select(by_id("paper", None)) == []


def test_counts_go_by_groups(papers):
    """In order of the groups, the group without a value last."""
    assert counts(papers, by=("state",)) == [
        {"state": "Open", "n": 1},
        {"state": "closed", "n": 2},
        {"state": "open", "n": 2},
        {"state": "returned", "n": 1},
        {"state": None, "n": 1},
    ]
    assert counts(papers, Where(column="pages", op=">", value=0), by=("urgent", "state")) == [
        {"urgent": False, "state": "open", "n": 1},
        {"urgent": True, "state": "open", "n": 1},
        {"urgent": None, "state": "closed", "n": 1},
        {"urgent": None, "state": "returned", "n": 1},
    ]


def test_a_count_without_groups_is_one_row(papers):
    """Also where nothing is counted; distinct counts values that are there."""
    assert counts(papers) == [{"n": 7}]
    assert counts(papers, Where(column="state", value="nowhere")) == [{"n": 0}]
    assert counts(papers, Where(column="state", value="nowhere"), by=("state",)) == []
    assert counts(papers, distinct="due_on") == [{"n": 4}]
    assert counts(papers, Where(column="due_on", op="not_null"), by=("urgent",), distinct="state") == [
        {"urgent": False, "n": 1},
        {"urgent": True, "n": 1},
        {"urgent": None, "n": 3},
    ]


# Whole tables


def test_fold_rows_are_every_row_by_key(store):
    """However many; the key's columns in their order."""
    apply(store, *(assigned(f"p{n % 50:02}", f"u{n // 50:03}") for n in reversed(range(2500))))

    with store.transaction(write=False) as transaction:
        found = [(row["paper_id"], row["unit_id"], row["role"]) for row in transaction.fold_rows("paper_unit")]

    assert found == [(f"p{p:02}", f"u{u:03}", "sole") for p in range(50) for u in range(50)]


def test_two_tables_are_read_side_by_side(papers):
    """A comparison may go through several tables at once."""
    with papers.transaction(write=False) as transaction:
        pairs = zip(transaction.fold_rows("paper"), transaction.fold_rows("paper_unit"), strict=False)

        assert [(paper["id"], unit["unit_id"]) for paper, unit in pairs] == [("a", "u1"), ("b", "u1"), ("c", "u2"), ("d", "u3")]


def test_an_emptied_table_has_no_rows_and_takes_new_ones(papers):
    """In one transaction, so that nobody sees it half filled; left without commit it is full again."""
    with papers.transaction(write=True) as transaction:
        transaction.empty(["paper"])
        transaction.apply([insert("a", title="new")])
    assert ids(papers) == "abcdefg"

    with papers.transaction(write=True) as transaction:
        transaction.empty(["paper"])
        assert transaction.select(Select(table="paper")) == []
        transaction.apply([insert("a", title="new")])
        transaction.commit()

    assert [row["title"] for row in select(papers)] == ["new"]
    assert len(select(papers, table="paper_unit")) == 4


def test_truth_is_never_emptied(store):
    """History is insert-only."""
    for table in ("history", "payload", "file", "meta"):
        with store.transaction(write=True) as transaction, pytest.raises(ValueError):
            transaction.empty([table])


def test_the_series_of_a_rebuild_goes_on_where_the_folds_end(store):
    """A series raised by folds, in any order, gives the number after the greatest."""
    apply(store, *(Change(op="raise", table="series", key={"name": "s"}, values={"value": value}) for value in (2, 7, 3)))

    with store.transaction(write=True) as transaction:
        assert transaction.next_in_series("s") == 8
