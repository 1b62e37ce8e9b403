"""What an auditor can find: nothing in an untouched history, and each thing that was changed by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from engine import ChangeSetting, DeployDefinitions, EndMemberships, Engine, Outcome, PerformAct, PublishCalendar, RegisterPersons, SetClock
from engine.replay import Report

from .clerks import Desk, forms, petition


def busy_desk(database: Path) -> Desk:
    """Petitions in every state: done, refused, withdrawn, burst, open; a person moved, a setting and a form changed."""
    desk = Desk(database)
    for title in ("one", "two", "three", "burst", "five"):
        desk.file(title=title)
    one, two, three, burst, _ = desk.open("check")
    desk.complete(one, "kim", result="pass", note="fine")
    desk.complete(two, "lee", result="refuse", note="not ours")
    desk.complete(burst, "kim", result="pass")
    act = desk.engine.acts("kim", three.partition(".")[0])[0]
    desk.engine.execute(PerformAct(actor="kim", subscription_id=act.subscription_id, data={"why": "moved"}))
    desk.complete(desk.open("decide")[0], "ann", answer="yes")
    desk.engine.drain()
    desk.engine.execute(PublishCalendar(actor="root", years={"2026": {"holidays": ["2026-01-01"], "workdays": []}}))
    desk.engine.execute(ChangeSetting(actor="root", name="colour", value="red", from_on=date(2026, 1, 5), reason="wanted"))
    return desk


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "desk.db"
    busy_desk(path).engine.close()
    return path


def audit(database: Path) -> Engine:
    desk = Desk()
    clock = SetClock(datetime.fromisoformat("2026-01-06T09:00+08:00"))
    return Engine.open(database, desk.engine.registry, clock=clock)


def test_an_untouched_history_holds(database: Path) -> None:
    """verify, replay (with handlers run anew, too) and rebuild find nothing."""
    engine = audit(database)

    reports = [engine.verify(), engine.replay(), engine.replay(handlers=True), engine.rebuild(seed=1), engine.rebuild(seed=2)]

    assert [report.findings for report in reports] == [[]] * 5
    assert reports[0].rows == reports[1].rows == reports[3].rows >= 15


def test_rows_decided_before_a_change_still_replay(tmp_path: Path) -> None:
    """A person moves, a setting, a form and a handler change: what was decided before is decided so again."""
    desk = busy_desk(tmp_path / "desk.db")
    engine = desk.engine
    engine.execute(EndMemberships(actor="root", data=[{"person": "kim", "group": "clerk"}]))
    engine.execute(RegisterPersons(actor="root", data=[{"id": "kim", "name": "Kim", "groups": ["chief"]}]))
    engine.execute(ChangeSetting(actor="root", name="x", value=3, from_on=date(2026, 1, 5), reason="r"))
    engine.execute(PublishCalendar(actor="root", years={"2026": {"holidays": ["2026-01-01", "2026-01-02"], "workdays": []}}))
    changed = forms() | {"forms/f-check.json": b'{"type": "object", "properties": {}, "additionalProperties": false}'}
    engine.execute(DeployDefinitions(actor="root", files={"petition.bpmn": petition(), **changed}))
    handler = engine.registry.handlers["petition.number"]
    engine.registry.handlers["petition.number"] = type(handler)(
        topic=handler.topic, handle=lambda job, rows: Outcome(variables={"new": 1}), reads=lambda job: {}, version=2
    )

    assert engine.replay().findings == []
    assert engine.rebuild().findings == []
    assert engine.replay(handlers=True).decided_otherwise


Tamper = tuple[str, Callable[[Engine], Report], str]
TAMPERINGS: dict[str, Tamper] = {
    "a byte of a row": ("UPDATE history SET bytes = CAST(replace(CAST(bytes AS TEXT), 'kim', 'lee') AS BLOB) WHERE place = 9", Engine.verify, "hash"),
    "a column": ("UPDATE history SET command_id = 'x' WHERE place = 9", Engine.verify, "column"),
    "a row dropped": ("DELETE FROM history WHERE stream = '1' AND position = 2", Engine.verify, "missing|before it"),
    "a payload": ("UPDATE payload SET bytes = CAST(bytes || ' ' AS BLOB) WHERE name = 'content' AND stream = '1' AND position = 2", Engine.verify, "content"),
    "a snapshot": ("UPDATE payload SET bytes = CAST(bytes || ' ' AS BLOB) WHERE name = 'snapshot' AND stream = '1' AND position = 2", Engine.verify, "snapshot"),
    "what was read": ("UPDATE payload SET bytes = CAST(bytes || ' ' AS BLOB) WHERE name = 'reads' AND stream = '1'", Engine.verify, "reads"),
    "a payload dropped": ("DELETE FROM payload WHERE name = 'content' AND stream = 'people'", Engine.verify, "people.*missing"),
    "the stream of people": ("UPDATE payload SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Kim', 'Kin') AS BLOB) WHERE stream = 'people' AND name = 'content'", Engine.verify, "people"),
    "the stream of the calendar": ("UPDATE history SET bytes = CAST(replace(CAST(bytes AS TEXT), '2026-01-01', '2026-01-07') AS BLOB) WHERE stream = 'calendar'", Engine.verify, "calendar"),
    "the stream of deployments": ("UPDATE payload SET salt = CAST('0123456789abcdef' AS BLOB) WHERE stream = 'deployment' AND name = 'content'", Engine.verify, "deployment #1"),
    "the calendar's table": ("UPDATE calendar_year SET holidays = '[]'", Engine.rebuild, "calendar_year.*holidays"),
    "a setting": ("UPDATE setting SET value = '3'", Engine.rebuild, "setting.*value"),
    "a file": ("UPDATE file SET bytes = CAST(bytes || ' ' AS BLOB)", Engine.verify, "deployment.*file"),
    "a record": ("UPDATE petition SET title = 'other' WHERE id = '1'", Engine.rebuild, "petition 1: title"),
    "a record inserted": ("INSERT INTO petition (id, case_id) VALUES ('77', '77')", Engine.rebuild, "petition 77: no event"),
    "a record dropped": ("DELETE FROM petition WHERE id = '2'", Engine.rebuild, "petition 2: the row is missing"),
    "a membership": ("UPDATE membership SET group_id = 'chief' WHERE person_id = 'kim'", Engine.rebuild, "membership"),
    "a work item": ("UPDATE work_item SET closed_by = 'ann' WHERE id = '2.1' OR closed_by = 'lee'", Engine.rebuild, "work_item.*closed_by"),
    "a series": ("UPDATE series SET value = 9", Engine.rebuild, "series petition: value"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_named(database: Path, name: str) -> None:
    """Whatever is changed by hand is found by the tool that claims it, with its place."""
    statement, look, said = TAMPERINGS[name]
    with sqlite3.connect(database) as connection:
        assert connection.execute(statement).rowcount >= 1

    report = look(audit(database))

    assert report.tampered
    assert any(_says(str(finding), said) for finding in report.findings), list(map(str, report.findings))


def _says(text: str, said: str) -> bool:
    import re

    return re.search(said, text) is not None


def test_a_handler_that_fails_today_is_found(database: Path) -> None:
    """Newer code that cannot decide what was decided then is a finding with its place, not a crash of the audit."""
    engine = audit(database)
    handler = engine.registry.handlers["petition.number"]
    engine.registry.handlers["petition.number"] = replace(handler, handle=lambda job, rows: Outcome(variables={"new": rows["no such read"]}))

    findings = engine.replay(handlers=True).findings

    assert findings
    assert all("petition.number fails on what was read then: KeyError" in str(finding) for finding in findings)


def test_what_differs_is_named_where_it_differs(database: Path) -> None:
    """The place that a finding names has two values that differ, whatever else a snapshot holds."""
    engine = audit(database)
    handler = engine.registry.handlers["petition.number"]
    engine.registry.handlers["petition.number"] = replace(handler, handle=lambda job, rows: Outcome(variables={"number": 99}))

    said = [str(finding) for finding in engine.replay(handlers=True).findings]

    assert said
    assert all(then != now for then, now in (text.partition(" was ")[2].split(", today ") for text in said))


def test_a_row_put_right_in_its_chain_does_not_replay(database: Path) -> None:
    """Who changes an event and mends every hash is found by replay: nothing decides such a row."""
    with sqlite3.connect(database) as connection:
        _forge(connection)

    engine = audit(database)

    assert engine.verify().findings == []
    assert [finding.stream for finding in engine.replay().findings] == ["1"]


def _forge(connection: sqlite3.Connection) -> None:
    """Let the last row of stream 1 say that another element was reached, and mend its hash."""
    import hashlib

    place, data = connection.execute("SELECT place, bytes FROM history WHERE stream = '1' ORDER BY position DESC LIMIT 1").fetchone()
    forged = data.replace(b'"end"', b'"enx"', 1)
    assert forged != data
    connection.execute("UPDATE history SET bytes = ?, hash = ? WHERE place = ?", (forged, hashlib.sha256(forged).digest(), place))


def test_a_row_whose_content_was_erased_still_verifies_and_says_so(database: Path) -> None:
    """The chain holds without the payload's bytes; replay says that the row cannot be decided again; the history can be read."""
    engine = audit(database)
    with engine.store.transaction(write=True) as transaction:
        transaction.erase("2", 2, "content")
        transaction.commit()

    assert engine.verify().findings == []
    assert [(finding.kind, finding.stream, finding.position) for finding in engine.replay().findings] == [("not_re_decidable", "2", 2)]
    assert [row.position for row in engine.history("kim", "2")] == [1, 2]
