"""A suggestion and its promises: the case is archived only when it has heard the end of each of them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine import CompleteWorkItem, Engine, PerformAct, RegisterPersons, Select, SetClock, Where
from engine.storage import MemoryStore
from handlers import registry
from handlers.demo.data import read
from handlers.demo.routes import begins_on
from handlers.demo.walk import WATCHER, Walk, prepare

PROCESSES = Path(__file__).parents[2] / "processes"
ONE_ROW = """number,session,title,answering_unit,co_handling_units,reply_date,document_number
0536,十四届二次,关于建立高邮湖跨流域整治协同机制的建议,生态环境部,水利部,2024-08-19,
"""
CANNOT = {"cannot": True, "reason_kind": "policy", "reason": "不再实施"}


def _rows(engine: Engine, table: str, **equal: Any) -> list[Any]:
    where = tuple(Where(column=column, value=value) for column, value in equal.items())
    return list(engine.select(WATCHER, Select(table=table, where=where, limit=10_000)))


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Engine:
    """A suggestion that is closed, with one promise kept but not rated yet and one still open."""
    data = read(PROCESSES, ONE_ROW)
    filled = registry(letter_box=tmp_path)
    store = MemoryStore(filled.records.values(), simulated=True, settings={"jurisdiction": "national", "zone": "Asia/Shanghai"})
    engine = Engine(store, filled, SetClock(datetime.fromisoformat(f"{begins_on(data)}T09:00+08:00")))
    admin = {"id": "operator-1", "name": "operator-1", "groups": ["operator", "process-owner"]}
    engine.execute(RegisterPersons(actor="system:init", data=[admin]))
    prepare(engine, data, admin="operator-1")
    Walk(engine=engine, data=data).run(date(2024, 12, 20))
    return engine


def _give_up_the_second(engine: Engine) -> None:
    offered = [row for row in _rows(engine, "subscription", act="change", status="open") if row["key"].endswith("-c2")]
    engine.execute(PerformAct(actor="u015-leader", subscription_id=offered[0]["id"], data=CANNOT))


def _rate_the_first(engine: Engine) -> None:
    item = _rows(engine, "work_item", element_id="rate-commitment", status="open")[0]
    engine.execute(CompleteWorkItem(actor=item["assignee"], item_id=item["id"], data={"rating": "S"}))


def _stage(engine: Engine) -> str:
    return str(_rows(engine, "suggestion")[0]["stage"])


def test_a_promise_that_is_not_rated_keeps_the_case_open(engine: Engine) -> None:
    """One promise has ended, the other is kept but not rated: the case waits, and no message is left unheard."""
    _give_up_the_second(engine)
    engine.drain()
    assert _stage(engine) == "closed-commitments-open"

    _rate_the_first(engine)
    engine.drain()

    assert _stage(engine) == "archived"
    engine.advance(datetime.fromisoformat("2025-03-01T09:00+08:00"))
    assert _rows(engine, "incident") == []


def test_two_promises_that_end_at_once_are_both_heard(engine: Engine) -> None:
    """Two promises end before either message is delivered: the case takes both, and none is left unheard."""
    _give_up_the_second(engine)
    _rate_the_first(engine)

    engine.drain()

    assert _stage(engine) == "archived"
    engine.advance(datetime.fromisoformat("2025-03-01T09:00+08:00"))
    assert _rows(engine, "incident") == []
