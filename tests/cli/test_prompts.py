"""Asking for a form on a terminal: re-asked with a message, kept at every answer, taken up again."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from engine.errors import FieldProblem, InvalidForm
from terminal.drafts import Draft
from terminal.prompts import Asker, fill

pytestmark = pytest.mark.cli


def asked(asker: Asker, *answers: str, send=lambda data: data):
    """What comes of the form when a person types these answers, and what was said."""
    taken = []

    @click.command()
    def command() -> None:
        taken.append(fill(asker, send))

    result = CliRunner().invoke(command, input="\n".join(answers) + "\n")
    return (taken[0] if taken else None), result.output, result.exception


def test_every_field_is_asked_and_typed(form):
    """Choices by number, code or words; dates as people write them; lists entry by entry."""
    answers = ["2", "将加装电梯。", "2026年9月30日", "", "是", "养老，住房", "y", "加装", "2026-12-31", "n"]

    data, _, _ = asked(Asker(root=form), *answers)

    assert data == {
        "reply_class": "B",
        "text": "将加装电梯。",
        "signed_on": "2026-09-30",
        "published": True,
        "tags": ["养老", "住房"],
        "commitments": [{"text": "加装", "due_on": "2026-12-31"}],
    }


def test_a_bad_answer_is_asked_again_with_a_message(form):
    """What does not fit its field is refused at that field, in words."""
    data, said, _ = asked(Asker(root=form), "C", "A", "好的", "tomorrow", "2026-09-30", "0", "2", "", "", "n")

    assert data == {"reply_class": "A", "text": "好的", "signed_on": "2026-09-30", "copies": 2}
    assert "C is not one of: A" in said
    assert "tomorrow is not a date" in said
    assert "may not be less than 1" in said


def test_a_form_that_the_engine_refuses_is_asked_again_where_it_is_wrong(form):
    """Only the named fields are asked again; the other answers stand."""
    sent = []

    def send(data):
        sent.append(dict(data))
        if len(sent) == 1:
            raise InvalidForm([FieldProblem(field="commitments", rule="planned", template="class B needs a commitment")], form="f-reply")
        return data

    data, said, _ = asked(Asker(root=form), "B", "好的", "", "", "", "", "n", "加装", "2026-12-31", "n", send=send)

    assert len(sent) == 2
    assert data["commitments"] == [{"text": "加装", "due_on": "2026-12-31"}]
    assert "Commitments: class B needs a commitment" in said


def test_an_interrupted_form_goes_on_where_it_stopped(form, tmp_path):
    """The draft holds every answer given before the interruption, and is gone when the form is taken."""
    draft = Draft(folder=tmp_path / "drafts", database="x.db", subject="1042.3", actor="li")

    _, _, stopped = asked(Asker(root=form, keep=draft.keep), "A", "好的")
    data, said, _ = asked(Asker(root=form, data=draft.read(), keep=draft.keep), "2026-09-30", "", "", "", "n")

    assert stopped is not None
    assert data == {"reply_class": "A", "text": "好的", "signed_on": "2026-09-30"}
    assert "Class" not in said
    draft.drop()
    assert draft.read() == {}


def test_a_draft_is_for_its_owners_eyes(tmp_path):
    """Drafts may be confidential: nobody else on the computer reads them."""
    draft = Draft(folder=tmp_path / "drafts", database="x.db", subject="1042.3", actor="li")

    draft.keep({"text": "秘密"})

    assert draft.path.stat().st_mode & 0o077 == 0
