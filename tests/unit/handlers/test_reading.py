"""Who reads what: the one visibility function, asked over rows in memory."""

from __future__ import annotations

from typing import Any

import pytest

from engine.model import Actor
from engine.registry import Change, Registry, Select
from engine.storage import MemoryStore
from handlers import reading, registry

STAGES = {"1": "draft", "2": "screening", "3": "assigned", "4": "returned-for-repair", "5": "cosigning"}
READERS = [("1", "lead"), ("2", "lead"), ("3", "lead"), ("3", "unit-desk:u1"), ("4", "lead"), ("5", "lead"), ("5", "second")]


@pytest.fixture(name="domain", scope="module")
def _domain() -> Registry:
    return registry()


@pytest.fixture(name="store", scope="module")
def _store(domain: Registry) -> MemoryStore:
    store = MemoryStore(domain.records.values(), simulated=True)
    changes = [
        *(_row("suggestion", {"id": case}, case_id=case, instance_id=case, stage=stage) for case, stage in STAGES.items()),
        *(_row("case_reader", {"case_id": case, "reader": reader, "instance_id": case}) for case, reader in READERS),
        *(_row("work_item", {"id": f"{case}.2"}, case_id=case, instance_id=case, status="open") for case in STAGES),
        *(_row("reply_draft", {"instance_id": f"8{n}"}, case_id="3", id=f"3-a{n}-r1", unit_id=f"u{n}") for n in (1, 2)),
        _row("meeting", {"batch_id": "9"}, case_id="9", instance_id="9"),
        _row("unit", {"id": "u1"}, name="水利部"),
    ]
    with store.transaction(write=True) as transaction:
        transaction.apply(changes)
        transaction.commit()
    return store


def _row(table: str, key: dict[str, Any], **values: Any) -> Change:
    return Change(op="upsert" if not values else "insert", table=table, key=key, values=values)


def _seen(domain: Registry, store: MemoryStore, table: str, *groups: str, person: str = "somebody") -> list[str]:
    where = domain.visibility(Actor(id=person, groups=frozenset(groups)), table)
    key = "batch_id" if table == "meeting" else "id"
    with store.transaction(write=False) as transaction:
        return sorted(row[key] for row in transaction.select(Select(table=table, where=where)))


def test_an_auditor_reads_everything(domain: Registry, store: MemoryStore) -> None:
    """Every case in every state, drafts of replies too."""
    assert _seen(domain, store, "suggestion", "auditor") == ["1", "2", "3", "4", "5"]
    assert _seen(domain, store, "reply_draft", "auditor") == ["3-a1-r1", "3-a2-r1"]


@pytest.mark.parametrize("group", ["commission", "secretariat"])
def test_the_congress_reads_what_is_filed(domain: Registry, store: MemoryStore, group: str) -> None:
    """Not a deputy's draft, nor one that is being co-signed; cases without a suggestion are theirs."""
    assert _seen(domain, store, "suggestion", group) == ["2", "3", "4"]
    assert _seen(domain, store, "work_item", group) == ["2.2", "3.2", "4.2"]
    assert _seen(domain, store, "meeting", group) == ["9"]


def test_who_is_both_reads_both(domain: Registry, store: MemoryStore) -> None:
    """A person of the commission who leads a draft reads it too."""
    assert _seen(domain, store, "suggestion", "commission", person="second") == ["2", "3", "4", "5"]


def test_others_read_their_own_cases(domain: Registry, store: MemoryStore) -> None:
    """By person or by group; nobody else's."""
    assert _seen(domain, store, "suggestion", person="lead") == ["1", "2", "3", "4", "5"]
    assert _seen(domain, store, "suggestion", "unit-desk:u1") == ["3"]
    assert _seen(domain, store, "suggestion", "deputy") == []


def test_an_operator_sees_no_content(domain: Registry, store: MemoryStore) -> None:
    """He sees that something is open, not what it says."""
    assert _seen(domain, store, "work_item", "operator") == ["1.2", "2.2", "3.2", "4.2", "5.2"]
    assert _seen(domain, store, "suggestion", "operator") == []


def test_a_draft_of_a_reply_is_its_units_own(domain: Registry, store: MemoryStore) -> None:
    """Neither the commission nor another unit reads it before it is signed."""
    assert _seen(domain, store, "reply_draft", "commission") == []
    assert _seen(domain, store, "reply_draft", "unit-handler:u1") == ["3-a1-r1"]


def test_units_are_for_all(domain: Registry, store: MemoryStore) -> None:
    """Tables that belong to no case are open."""
    assert _seen(domain, store, "unit") == ["u1"]


def test_every_record_with_a_case_is_guarded(domain: Registry) -> None:
    """No table of the domain is open by oversight: a stranger's reading is always conditioned."""
    stranger = Actor(id="stranger", groups=frozenset({"deputy"}))

    unguarded = [name for name, record in domain.records.items() if not domain.visibility(stranger, name) and record.case_column]

    assert unguarded == []
    assert "case_id" in reading.CASE_READER.columns
