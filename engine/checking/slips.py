"""Slips of the pen: a name or text that stands only once in the whole set, one letter from another that stands in it. Pure."""

from __future__ import annotations

from collections import Counter

from ..errors import Edit
from .congregation import Congregation
from .report import Report
from .similar import Slips


def tell_slips(all_of_them: Congregation, report: Report) -> None:
    """A name or text that stands only once in the whole set, and one letter from another that stands in it."""
    names: Counter[str] = Counter(all_of_them.sources.names())
    texts: Counter[str] = Counter()
    offered: set[str] = set()
    for study in all_of_them.studies.values():
        seen: set[tuple[object, str]] = set()
        for use in study.uses:
            names.update(use.reading.names.keys())
            for text in use.reading.written_texts:
                # A table that several tasks ask, or an expression read twice, is one place.
                if (use.place, text) not in seen:
                    seen.add((use.place, text))
                    texts[text] += 1
        names.update(one.name for one in study.written)
        for found in study.types.values():
            offered |= found.texts or set()
    near_names = Slips(name for name in names if len(name) > 3)
    near_texts = Slips(text for text in {*texts, *offered} if len(text) > 3)
    for study in all_of_them.studies.values():
        for one in study.written:
            meant = near_names.near(one.name) if names[one.name] == 1 and len(one.name) > 3 else None
            if meant is not None and _letters_differ(one.name, meant):
                said = {"what": one.what, "name": one.name, "meant": meant}
                edit = Edit(old=one.name, new=meant)
                report.add(one.place, "unread", template="{what} gives {name}, which nothing reads", hint="write {meant}", severity="warning", edit=edit, **said)
        for use in study.uses:
            for text in use.reading.written_texts:
                meant = near_texts.near(text) if texts[text] == 1 and len(text) > 3 else None
                if meant is not None and _letters_differ(text, meant):
                    said = {"what": use.what, "name": text, "meant": meant}
                    edit = Edit(old=text, new=meant)
                    report.add(use.place, "value", template='{what} names "{name}", which stands nowhere else', hint="write {meant}", severity="warning", edit=edit, **said)


def _letters_differ(one: str, other: str) -> bool:
    """Whether two near texts differ in a letter: numbered names (`part1`, `part2`) are meant to be near."""
    mine, theirs = Counter(one), Counter(other)
    return all(letter.isalpha() or letter in "_-" for letter in (mine - theirs) + (theirs - mine))
