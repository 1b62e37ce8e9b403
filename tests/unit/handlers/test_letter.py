"""Letters: made as facts, delivered once into a folder."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.model import Actor, Job, Moment
from engine.registry import EffectFailed, Header, Registry
from handlers import letter

LETTER = {"letter_id": "7-assignment-lead", "kind": "assignment", "suggestion_id": "7", "recipient": "lead", "about": "7", "title": "正文不得外出"}
HEADER = Header(
    stream="7", position=3, instance_id="7", case_id="7", key="7", process="suggestion", actor_id="system",
    recorded_at=0, happened_on="2026-04-01", command="CompleteJob",
)  # fmt: skip


def _job(**variables: Any) -> Job:
    return Job(
        topic="t", element_id="e", instance_id="7", case_id="7", key="7", variables=variables,
        moment=Moment(now=datetime(2026, 4, 1, tzinfo=UTC), seed=1), happened_on=date(2026, 4, 1), actor=Actor(id="system"),
    )  # fmt: skip


def _deliver(folder: Path | None, key: str, **changed: Any) -> Any:
    registry = Registry()
    letter.declare(registry, letter_box=folder)
    return registry.effects["letter.deliver"].run({**LETTER, **changed}, key)


def test_a_letter_has_one_id_a_person_and_matter() -> None:
    """Made twice it is the same letter; of another kind or to another person it is another."""
    ids = [
        letter.make(_job(kind=kind, recipient=recipient, suggestion_id="7", about=about), {}).variables["letter_id"]
        for kind, recipient, about in (("reply", "lead", "7-a1-r1"), ("reply", "lead", "7-a1-r1"), ("reply", "second", "7-a1-r1"), ("change", "lead", None))
    ]

    assert ids == ["7-a1-r1-reply-lead", "7-a1-r1-reply-lead", "7-a1-r1-reply-second", "7-change-lead"]


def test_a_delivered_letter_is_one_file_of_ids(tmp_path: Path) -> None:
    """The file is named by the key and holds ids and the kind, no content."""
    _deliver(tmp_path / "box", "7.12")

    (file,) = (tmp_path / "box").iterdir()
    assert file.name == "7.12.json"
    assert json.loads(file.read_bytes()) == {name: value for name, value in LETTER.items() if name != "title"}


def test_delivering_again_changes_nothing(tmp_path: Path) -> None:
    """The same key gives the same proof and leaves the first file."""
    first = _deliver(tmp_path, "7.12")
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns

    again = _deliver(tmp_path, "7.12")

    assert again == first
    assert [entry.stat().st_mtime_ns for entry in tmp_path.iterdir()] == [written]


@pytest.mark.parametrize("key", ["../escape", "a/b", "a\\b", ".hidden", "信", "k" * 300])
def test_a_key_never_leaves_the_folder(tmp_path: Path, key: str) -> None:
    """Whatever the key, there is one plain file in the box, and another key another file."""
    _deliver(tmp_path / "box", key)
    _deliver(tmp_path / "box", key + "x")

    files = sorted(tmp_path.rglob("*.json"))
    assert len(files) == 2
    assert {file.parent for file in files} == {tmp_path / "box"}


def test_without_a_box_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The effect fails and says what to set; the engine tries again."""
    monkeypatch.delenv("JIANYI_LETTERBOX", raising=False)

    with pytest.raises(EffectFailed, match="JIANYI_LETTERBOX"):
        _deliver(None, "7.12")


def test_the_environment_names_the_box(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the registry was given no folder."""
    monkeypatch.setenv("JIANYI_LETTERBOX", str(tmp_path))

    _deliver(None, "7.12")

    assert [file.name for file in tmp_path.iterdir()] == ["7.12.json"]


def test_a_box_that_cannot_be_written_fails(tmp_path: Path) -> None:
    """A file where the folder should be: the effect fails with the reason."""
    (tmp_path / "box").write_text("")

    with pytest.raises(EffectFailed, match="cannot be written"):
        _deliver(tmp_path / "box", "7.12")


def test_the_proof_stands_beside_the_letter() -> None:
    """The row knows when it was made, when delivered, and by which proof."""
    registry = Registry()
    letter.declare(registry)
    made = letter.make(_job(kind="assignment", recipient="lead", suggestion_id="7", about="7"), {})
    delivered = letter.record_delivery(_job(letter_id="7-assignment-lead", proof="ab12"), {})

    changes = [change for fact in (*made.facts, *delivered.facts) for change in registry.folds[fact.kind](fact, HEADER)]

    assert {change.key["id"] for change in changes} == {"7-assignment-lead"}
    assert (changes[0].values["made_on"], changes[1].values["delivered_on"], changes[1].values["proof"]) == (date(2026, 4, 1), date(2026, 4, 1), "ab12")
