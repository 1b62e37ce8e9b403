"""The engine itself is held to the same on every store: a petition's whole way, a clash, the audit, a fold made anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from engine import CompleteWorkItem, Conflict, Engine, Select, SetClock, StartInstance, Where

from ..spine.clerks import Desk, registry
from .databases import Server


def _way(desk: Desk) -> str:
    case = desk.file(command_id="one").case_id
    desk.complete(desk.open("check")[0], "kim", result="pass", day="2026-01-09")
    desk.complete(desk.open("decide")[0], "ann", answer="是")
    desk.engine.drain(seconds=30)
    return case


def test_a_whole_way_and_its_audit(desk: Desk) -> None:
    """Start, work, message, letter; then verify, replay and rebuild find nothing, and the same commands again change nothing."""
    case = _way(desk)
    before = desk.engine.verify().rows

    again = desk.engine.execute(StartInstance(actor="kim", process="petition", command_id="one", data={"title": "a lift"}))

    assert again.repeated
    assert again.case_id == case
    assert len(desk.letters) == 1
    assert desk.open("read")
    assert desk.engine.verify().rows == before
    for report in (desk.engine.verify(), desk.engine.replay(), desk.engine.replay(handlers=True), desk.engine.rebuild()):
        assert report.findings == []


def test_who_comes_second_is_told_who_was_first(desk: Desk) -> None:
    """The item that another has completed is a clash that names the person."""
    desk.file()
    item = desk.open("check")[0]
    desk.complete(item, "kim", result="pass")

    with pytest.raises(Conflict, match="kim"):
        desk.engine.execute(CompleteWorkItem(actor="lee", item_id=item, data={"result": "pass"}))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_fold_of_another_version_is_made_anew(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Raising a record's version refolds its table from history when the database is opened."""
    if kind == "sqlite":
        place = str(tmp_path_factory.mktemp("desk") / "desk.db")
    else:
        server: Server = request.getfixturevalue("server")
        place = server.url_of(server.new_database())
    desk = Desk(place)
    _way(desk)
    desk.engine.close()
    changed = registry()
    record = changed.records["petition"]
    changed.records["petition"] = replace(record, version=2, columns={**record.columns, "note": "text"})

    engine = Engine.open(place, changed, clock=SetClock(datetime.fromisoformat("2026-01-06T09:00+08:00")))

    (row,) = engine.select("kim", Select(table="petition", where=(Where(column="title", value="a lift"),)))
    assert (row["number"], row["note"]) == (1, None)
    assert engine.rebuild().findings == []
    engine.close()


