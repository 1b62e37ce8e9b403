"""What was probably meant: the known name nearest to a wrong one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

MAX_NAMES = 2_000
MAX_LENGTH = 60


def nearest(wrong: str, known: Iterable[str], *, within: int | None = None) -> str | None:
    """The known name with the fewest letters changed, left out, added or swapped; None where all are too far off."""
    most = within if within is not None else 1 if len(wrong) < 4 else 2 if len(wrong) < 9 else 3
    if len(wrong) > MAX_LENGTH:
        return None
    best: tuple[int, str] | None = None
    for count, name in enumerate(sorted(set(known))):
        if count >= MAX_NAMES:
            break
        if name == wrong or abs(len(name) - len(wrong)) > most:
            continue
        away = distance(wrong, name, most)
        if away <= most and away < len(name) and (best is None or away < best[0]):
            best = (away, name)
    return best[1] if best else None


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
