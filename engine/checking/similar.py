"""What was probably meant: the known name nearest to a wrong one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from operator import ne

MAX_NAMES = 300
"""Among more names than these, only one letter off is looked for: the nearest of all would cost too much."""
MAX_LENGTH = 60


def nearest(wrong: str, known: Iterable[str], *, within: int | None = None) -> str | None:
    """The known name with the fewest letters changed, left out, added or swapped; None where all are too far off."""
    if len(wrong) > MAX_LENGTH:
        return None
    names = set(known)
    return _closest(wrong, sorted(names), within) if len(names) <= MAX_NAMES else one_off(wrong, names)


class Known:
    """Known names, put in order once, to be asked for the nearest to many wrong ones."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(set(names))
        self._slips = Slips(self._names) if len(self._names) > MAX_NAMES else None

    def nearest(self, wrong: str) -> str | None:
        """As `nearest`."""
        if len(wrong) > MAX_LENGTH:
            return None
        return _closest(wrong, self._names, None) if self._slips is None else self._slips.near(wrong)


def _closest(wrong: str, names: Iterable[str], within: int | None) -> str | None:
    most = within if within is not None else 1 if len(wrong) < 4 else 2 if len(wrong) < 9 else 3
    best: tuple[int, str] | None = None
    for name in names:
        if name == wrong or abs(len(name) - len(wrong)) > most:
            continue
        away = distance(wrong, name, most)
        if away <= most and away < len(name) and (best is None or away < best[0]):
            best = (away, name)
    return best[1] if best else None


def one_off(wrong: str, known: Iterable[str]) -> str | None:
    """The first of the known words that is one letter off, as `Slips.near`, for who asks once: no index is built."""
    # Wherever the letter is, the half before it or the half after it is the same.
    half = (len(wrong) - 1) // 2
    start, end = wrong[:half], wrong[len(wrong) - half :]
    return min((name for name in known if (name.startswith(start) or name.endswith(end)) and is_one_off(wrong, name)), default=None)


class Slips:
    """Known words, to be asked for those one letter off: changed, left out, added, or two swapped."""

    def __init__(self, known: Iterable[str]) -> None:
        self._by_less: dict[str, list[str]] = {}
        for word in sorted(set(known)):
            for less in _with_one_less(word):
                self._by_less.setdefault(less, []).append(word)

    def near(self, word: str) -> str | None:
        """The first known word that is one letter off; None where there is none."""
        # Two words one letter off become the same when one letter is left out of either.
        found = {other for less in _with_one_less(word) for other in self._by_less.get(less, ())}
        return min((other for other in found if is_one_off(word, other)), default=None)


def _with_one_less(word: str) -> set[str]:
    cut = word[:MAX_LENGTH]
    return {cut, *(cut[:place] + cut[place + 1 :] for place in range(len(cut)))}


def is_one_off(one: str, other: str) -> bool:
    """Whether one letter is changed, left out, added, or two neighbours are swapped."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    if len(one) == len(other):
        changed = sum(map(ne, one, other))
        return changed == 1 or (changed == 2 and _are_swapped(one, other))
    short, long = sorted((one, other), key=len)
    place = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    return short[place:] == long[place + 1 :]


def _are_swapped(one: str, other: str) -> bool:
    place = next(place for place, letter in enumerate(one) if letter != other[place])
    return one[place : place + 2] == other[place : place + 2][::-1]


def distance(one: str, other: str, most: int) -> int:
    """How many letters differ (changed, left out, added, or two swapped); anything above `most` counts as `most + 1`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, mine in enumerate(one, 1):
        older, before = before, row
        row = [i]
        for j, theirs in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (mine != theirs))
            if i > 1 and j > 1 and mine == other[j - 2] and one[i - 2] == theirs:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
