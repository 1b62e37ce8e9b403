"""Ids as texts that sort as people count: `1.9` before `1.10`, and instance 9 before instance 10. Imports nothing of ours.

Ids begin with the number of their instance, and what is opened later has the greater number; so of what was opened at one instant,
the first by its ordinal is the oldest, on every store alike.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[0-9]+")


def ordinal(identifier: str) -> str:
    """The id with the count of its digits before each number: `10.8` gives `0210.018`."""
    return _NUMBER.sub(lambda found: f"{len(found[0]):02}{found[0]}", identifier)
