"""An attachment is stored once, by its digest, and a changed one is named."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from engine import Engine, StartInstance

from .clerks import Desk


def test_an_attachment_is_stored_once_and_its_change_is_found(tmp_path: Path) -> None:
    """Two petitions name the same file: one copy stands; after a changed byte verify names both rows."""
    desk = Desk(tmp_path / "desk.db")
    named = [desk.engine.attach(name, b"the paper") for name in ("a.pdf", "b.pdf")]
    for title in named:
        desk.engine.execute(StartInstance(actor="kim", process="petition", data={"title": title}))
    assert desk.engine.verify().findings == []
    desk.engine.close()
    with sqlite3.connect(tmp_path / "desk.db") as connection:
        changed = connection.execute("UPDATE file SET bytes = CAST('another' AS BLOB) WHERE bytes = CAST('the paper' AS BLOB)").rowcount

    report = Engine.open(tmp_path / "desk.db", desk.engine.registry, clock=desk.clock).verify()

    assert changed == 1
    assert ["attachment" in finding.what for finding in report.findings] == [True, True]
