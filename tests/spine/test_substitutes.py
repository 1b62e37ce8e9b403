"""A substitute does what another person's groups may, between two days, and it is recorded for whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from engine import EndMemberships, NameSubstitute, NotAllowed, NotFound, RegisterPersons, Rejected, SetClock

from .clerks import Desk

FIRST, LAST = date(2026, 1, 5), date(2026, 1, 9)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def name(desk: Desk, person: str = "ann", by: str = "zoe", **more: Any) -> None:
    desk.engine.execute(NameSubstitute(**{"actor": "root", "person": person, "by": by, "from_on": FIRST, "to_on": LAST, **more}))


def to_decide(desk: Desk) -> str:
    desk.file()
    desk.complete(desk.open("check")[0], "kim", result="pass")
    return desk.open("decide")[0]


def later(desk: Desk, day: int) -> None:
    assert isinstance(desk.engine.clock, SetClock)
    desk.engine.advance(datetime.fromisoformat(f"2026-01-{day:02}T09:00+08:00"))


def test_the_act_is_recorded_for_whom(desk: Desk) -> None:
    """Who acted is the natural person; the row says on whose behalf, and it is decided so again when it is over and the group is left."""
    item = to_decide(desk)
    name(desk)

    receipt = desk.complete(item, "zoe", answer="yes")
    later(desk, 12)
    desk.engine.execute(EndMemberships(actor="root", data=[{"person": "ann", "group": "chief"}]))

    row = next(row for row in desk.engine.history("kim", receipt.case_id) if row.position == receipt.position and row.stream == receipt.stream)
    assert (row.actor.id, row.actor.on_behalf_of, row.actor.groups) == ("zoe", "ann", {"chief"})
    assert desk.engine.replay().findings == []
    assert desk.engine.replay(handlers=True).findings == []
    assert desk.engine.verify().findings == []
    assert desk.engine.rebuild(seed=3).findings == []


def test_what_is_ones_own_is_nobodys_else(desk: Desk) -> None:
    """What one may oneself is not done for another."""
    item = to_decide(desk)
    name(desk, person="ann", by="kim")
    desk.engine.execute(RegisterPersons(actor="root", data=[{"id": "kim", "name": "Kim", "groups": ["chief"]}]))

    receipt = desk.complete(item, "kim", answer="yes")

    assert desk.engine.history("kim", receipt.case_id)[-1].actor.on_behalf_of is None


@pytest.mark.parametrize(("day", "may"), [(6, True), (9, True), (10, False)])
def test_it_runs_to_its_last_day(desk: Desk, day: int, may: bool) -> None:
    """The last day is one of its days; the day after, he may do and read nothing of it."""
    item = to_decide(desk)
    name(desk)
    later(desk, day)

    assert ("chief" in desk.engine.actor("zoe").groups) is may
    if may:
        desk.complete(item, "zoe", answer="yes")
        return
    with pytest.raises(NotAllowed):
        desk.complete(item, "zoe", answer="yes")


def test_only_the_named_groups_are_lent(desk: Desk) -> None:
    """Of a person in two groups one is lent; a personal group never is; nor what that person holds as a substitute."""
    desk.engine.execute(RegisterPersons(actor="root", data=[{"id": "ann", "name": "Ann", "groups": ["clerk", "member"]}]))
    desk.engine.registry.personal_groups.add("member")
    name(desk, by="kim")
    name(desk, groups=("clerk",))
    name(desk, person="kim", by="lee")

    assert desk.engine.actor("zoe").groups == {"clerk"}
    assert desk.engine.actor("kim").groups == {"clerk", "chief"}
    assert desk.engine.actor("lee").groups == {"clerk"}


def test_it_ends_early(desk: Desk) -> None:
    """Named again with an earlier last day it ends then."""
    item = to_decide(desk)
    name(desk)
    name(desk, to_on=date(2026, 1, 6))
    later(desk, 7)

    with pytest.raises(NotAllowed):
        desk.complete(item, "zoe", answer="yes")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"by": "ann"}, Rejected),
        ({"by": "nobody-known"}, NotFound),
        ({"person": "nobody-known"}, NotFound),
        ({"to_on": date(2026, 1, 4)}, Rejected),
        ({"groups": ("clerk",)}, NotFound),
        ({"actor": "kim"}, NotAllowed),
    ],
)
def test_a_wrong_naming_changes_nothing(desk: Desk, wrong: dict[str, Any], refusal: type[Exception]) -> None:
    """Oneself, a stranger, days the wrong way round, a group not held, or named by one who is no operator."""
    with pytest.raises(refusal):
        name(desk, **wrong)

    assert desk.engine.actor("zoe").groups == frozenset()
