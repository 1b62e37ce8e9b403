"""What a person types becomes JSON of the form's types, or is refused by name."""

from __future__ import annotations

from datetime import date

import pytest

from engine.errors import InvalidForm, Rejected
from terminal.fields import date_of, merged, moment_of, read_data, read_set, without_empty

pytestmark = pytest.mark.cli


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("reply_class=A", {"reply_class": "A"}),
        ("reply_class=已解决", {"reply_class": "A"}),
        ("reply_class=planned", {"reply_class": "B"}),
        ("signed_on=2026-09-30", {"signed_on": "2026-09-30"}),
        ("signed_on=2026年9月30日", {"signed_on": "2026-09-30"}),
        ("copies=3", {"copies": 3}),
        ("published=是", {"published": True}),
        ("published=no", {"published": False}),
        ("tags=养老，住房", {"tags": ["养老", "住房"]}),
        ('tags=["a,b"]', {"tags": ["a,b"]}),
        ("text=a=b", {"text": "a=b"}),
    ],
)
def test_set_is_typed_by_the_schema(form, typed, value):
    """`--set` gives each value the type that its field has; choices are taken by code or by words."""
    assert read_set([typed], form) == value


def test_set_reaches_inside_lists_and_objects(form):
    """Dots and numbers reach the parts of a list, entry by entry."""
    typed = ["commitments.0.text=加装电梯", "commitments.0.due_on=2026/9/30", "commitments.1.text=绿化"]

    assert read_set(typed, form) == {"commitments": [{"text": "加装电梯", "due_on": "2026-09-30"}, {"text": "绿化"}]}


def test_every_bad_assignment_is_named(form):
    """What cannot be read is refused at once and by field: nothing is guessed and nothing is dropped."""
    typed = ["reply_class=C", "signed_on=2026-02-30", "copies=1.5", "published=maybe", "nothing=1", "commitments.1.text=x", "text"]

    with pytest.raises(InvalidForm) as refused:
        read_set(typed, form)

    assert [problem.field for problem in refused.value.problems] == ["reply_class", "signed_on", "copies", "published", "nothing", "commitments.1.text", "text"]


def test_data_may_be_json_or_yaml(tmp_path):
    """`--data` takes JSON or YAML from a file; dates stay as they are written, empty fields are left out."""
    file = tmp_path / "reply.yaml"
    file.write_text("reply_class: A\nsigned_on: 2026-09-30\ntext:\ncommitments:\n  -\n    text:\n", "utf-8")

    assert read_data(f"@{file}") == {"reply_class": "A", "signed_on": "2026-09-30", "commitments": []}
    assert read_data('{"reply_class": "B"}') == {"reply_class": "B"}


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "just words"])
def test_data_that_is_no_object_is_refused(text):
    """A list, broken YAML or plain words are no form."""
    with pytest.raises(Rejected):
        read_data(text)


def test_a_missing_file_is_named(tmp_path):
    """`--data @file` that is not there says which file."""
    with pytest.raises(Rejected, match=r"absent\.yaml"):
        read_data(f"@{tmp_path / 'absent.yaml'}")


def test_later_values_win_inside_objects():
    """`--set` over `--data` changes only what it names."""
    assert merged({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}) == {"a": {"b": 3, "c": 2}}
    assert without_empty({"a": None, "b": {"c": ""}, "d": 0, "e": False}) == {"d": 0, "e": False}


def test_dates_and_moments_are_read_as_people_write_them():
    """A day has several spellings; a moment without an offset is civil time of the congress."""
    assert date_of("2026.9.3") == date(2026, 9, 3)
    assert moment_of("2026-09-30").isoformat() == "2026-09-30T00:00:00+08:00"
    assert moment_of("2026-09-30T01:00Z").isoformat() == "2026-09-30T01:00:00+00:00"
    with pytest.raises(Rejected):
        date_of("30.9.2026")
