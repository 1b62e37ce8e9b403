"""Numbers, screening and classification over plain rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.errors import Rejected
from engine.model import Actor, Job, Moment, WorkItem
from engine.registry import Header, Registry, Series
from handlers import registration, screening

HEADER = Header(
    stream="7", position=3, instance_id="7", case_id="7", key="7", process="suggestion", actor_id="clerk",
    recorded_at=0, happened_on="2026-04-01", command="CompleteWorkItem",
)  # fmt: skip


def _job(**variables: Any) -> Job:
    return Job(
        topic="t", element_id="e", instance_id="7", case_id="7", key="7", variables={"suggestion_id": "7", **variables},
        moment=Moment(now=datetime(2026, 4, 1, tzinfo=UTC), seed=1), happened_on=date(2026, 4, 1), actor=Actor(id="clerk"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("session", "value", "shown"),
    [("14-2", 536, "十四届二次0536号"), ("10-1", 7, "十届一次0007号"), ("20-11", 10234, "二十届十一次10234号"), ("14-2", "特1", "十四届二次特1")],
)
def test_a_number_is_shown_as_people_say_it(session: str, value: int | str, shown: str) -> None:
    """Term and meeting in Chinese numerals, four digits at least; a stated text stands as it is."""
    assert registration.display_number(session, value) == shown


@pytest.mark.parametrize("session", ["", "14", "14-", "0-2", "十四届二次", "14-2-1", "100-1"])
def test_what_is_no_session_is_refused(session: str) -> None:
    """A session is a term and a meeting below 100."""
    with pytest.raises(Rejected):
        registration.session_name(session)


def test_a_number_is_read_from_the_series_of_its_session() -> None:
    """The series is named by the session, and asked only where a number is to be given."""
    registry = Registry()
    registration.declare(registry)
    reads = registry.handlers["registration.number"].reads

    given, stated = reads(_job(session="14-2")), reads(_job(session="14-2", stated_number="0536"))

    assert given["number"] == Series(name="number:14-2")
    assert "number" not in stated


def test_no_number_is_taken_for_a_wrong_session() -> None:
    """What would fail afterwards fails before the series is touched, so that no number is lost."""
    registry = Registry()
    registration.declare(registry)

    with pytest.raises(Rejected, match="no session"):
        registry.handlers["registration.number"].reads(_job(session="2026"))


@pytest.mark.parametrize(
    ("stated", "number", "shown"), [("0536", 536, "十四届二次0536号"), ("第7947号", 7947, "十四届二次7947号"), ("特甲", None, "十四届二次特甲")]
)
def test_a_stated_number_stands(stated: str, number: int | None, shown: str) -> None:
    """Digits become the number; anything else is shown as it stands."""
    outcome = registration.number(_job(session="14-2", stated_number=stated), {"suggestion": [], "width": 4})

    assert (outcome.facts[0].keys["number"], outcome.facts[0].keys["display_number"]) == (number, shown)


def test_the_registered_text_is_named_by_its_hash() -> None:
    """The fact of registration carries the hash of the text that was registered, and the width of the setting."""
    row = {"title": "标题", "facts": None, "proposal": None}

    outcome = registration.number(_job(session="14-2"), {"suggestion": [row], "number": 12, "width": 5})

    assert len(outcome.facts[0].keys["text_hash"]) == 64
    assert outcome.variables == {"screen_result": "registered", "display_number": "十四届二次00012号"}


def test_a_new_finding_stands_without_an_old_confirmation() -> None:
    """Screened again, nothing of the earlier second check is left."""
    (change,) = screening.fold_screen({"checks": ["political"], "outcome": "pass"}, HEADER, "7.3")

    assert (change.values["screened_by"], change.values["second_by"], change.values["result"]) == ("clerk", None, None)


@pytest.mark.parametrize(("person", "faults"), [("clerk", 1), ("checker", 0)])
def test_the_second_person_is_another(person: str, faults: int) -> None:
    """Four eyes on every outcome but pass."""
    item = WorkItem(id="7.4", instance_id="7", element_id="second-check", name="复核", claimed_by=person)

    found = list(screening.second_person(item, {"second_agrees": True}, {"screening": [{"screened_by": "clerk"}]}))

    assert len(found) == faults


def test_a_suggestion_is_not_similar_to_itself() -> None:
    """Its own row is among those with its title; a same title counts more than a same lead."""
    rows = {"same_title": [{"id": "7"}, {"id": "3"}], "same_lead": [{"id": "7"}, {"id": "3"}, {"id": "5"}]}

    outcome = screening.find_similar(_job(lead_id="lead"), rows)

    assert outcome.facts[0].keys["found"] == [{"other_id": "3", "why": "same-title"}, {"other_id": "5", "why": "same-lead"}]


@pytest.mark.parametrize(
    ("result", "stage"),
    [("repair", "returned-for-repair"), ("letter", "as-letter"), ("reference", "for-reference"), ("refused", "refused"), ("registered", None)],
)
def test_the_stage_follows_from_the_result(result: str, stage: str | None) -> None:
    """A result that ends or sends back sets the stage; registration sets its own."""
    (fact,) = screening.conclude(_job(screen_result=result), {}).facts

    stages = [change.values["stage"] for change in screening.fold_concluded(fact, HEADER) if change.table == "suggestion"]

    assert stages == ([stage] if stage else [])


def test_a_class_makes_it_classified() -> None:
    """f-classify gives the one main class."""
    (change,) = registration.fold_classify({"main_class": "城乡建设"}, HEADER, "7.9")

    assert change.values == {"class": "城乡建设", "stage": "classified"}
