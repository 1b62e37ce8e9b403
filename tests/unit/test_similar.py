"""The name that was probably meant: the same answer however it is looked for."""

from __future__ import annotations

import random

from engine.checking.similar import MAX_NAMES, Known, Slips, distance, is_one_off, nearest, one_off


def test_one_letter_off_is_a_distance_of_one() -> None:
    """A letter changed, left out or added, or two neighbours swapped: what the full distance counts as one."""
    words = _words(300)

    assert any(is_one_off(one, other) for one in words for other in words)
    assert all(is_one_off(one, other) == (distance(one, other, 3) == 1) for one in words for other in words)


def test_who_asks_once_and_who_asks_often_are_told_the_same() -> None:
    """Looking through all words and looking into an index find the same one."""
    words = _words(400)
    slips = Slips(words[:200])

    assert any(slips.near(word) for word in words)
    assert all(one_off(word, words[:200]) == slips.near(word) for word in words)


def test_the_nearest_of_few_and_of_many() -> None:
    """Among few names the nearest within three letters is found, among very many the one that is one letter off."""
    few = ["applicant_name", "reply_due_on"]
    many = [*few, *(f"x{n}" for n in range(MAX_NAMES))]

    assert nearest("aplicant_nam", few) == Known(few).nearest("aplicant_nam") == "applicant_name"
    assert nearest("aplicant_name", many) == Known(many).nearest("aplicant_name") == "applicant_name"
    assert nearest("aplicant_nam", many) is Known(many).nearest("aplicant_nam") is None


def test_a_very_long_name_is_not_looked_for() -> None:
    """What is longer than any name is not compared with all of them."""
    long = "a" * 61

    assert nearest(long, [long[1:]]) is Known([long[1:]]).nearest(long) is None


def _words(count: int) -> list[str]:
    """Short words of few letters, many of which are near one another."""
    chance = random.Random(7)
    return ["".join(chance.choices("abc", k=chance.randint(1, 6))) for _ in range(count)]
