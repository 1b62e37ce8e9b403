"""Names of messages and signals as far as they are known before anything runs: whole, or by their beginning. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from ..feel import FeelSyntaxError
from ..feel.parser import parse_expression
from ..kernel.outline import Outline, OutlineNode
from ..kernel.read import local_name
from .inference import texts_of_group

SEND = "message.send"
THROWS = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})


@dataclass(frozen=True, order=True)
class Pattern:
    """A name (`whole`) or what a name begins with."""

    text: str
    whole: bool

    def meets(self, other: Pattern) -> bool:
        """Whether both can be the same name."""
        if self.whole and other.whole:
            return self.text == other.text
        if self.whole or other.whole:
            name, begin = (self, other) if self.whole else (other, self)
            return name.text.startswith(begin.text)
        return self.text.startswith(other.text) or other.text.startswith(self.text)


T = TypeVar("T")


class Meeting(Generic[T]):
    """Something for each kind and pattern, found by all patterns that can be the same name without a look at every one."""

    def __init__(self) -> None:
        self._whole: dict[tuple[str, str], T] = {}
        self._begun: dict[str, dict[Pattern, T]] = {}
        self._of_kind: dict[str, dict[Pattern, T]] = {}

    def at(self, kind: str, pattern: Pattern, new: T) -> T:
        """What is kept for this very pattern; `new` from now on where nothing is yet."""
        found = self._of_kind.setdefault(kind, {}).setdefault(pattern, new)
        if pattern.whole:
            self._whole[kind, pattern.text] = found
        else:
            self._begun.setdefault(kind, {})[pattern] = found
        return found

    def met(self, kind: str, pattern: Pattern) -> Iterator[T]:
        """What is kept for every pattern that meets this one."""
        if pattern.whole:
            same = self._whole.get((kind, pattern.text))
            if same is not None:
                yield same
        # A beginning can meet any name; few names are known by their beginning only.
        among = self._begun if pattern.whole else self._of_kind
        for other, kept in among.get(kind, {}).items():
            if other.meets(pattern):
                yield kept

    def meets(self, kind: str, pattern: Pattern) -> bool:
        """Whether anything is kept for a pattern that meets this one."""
        return next((True for _ in self.met(kind, pattern)), False)


@lru_cache(maxsize=8192)
def pattern_of(text: str) -> Pattern:
    """The pattern of a name as written: plain text or FEEL after `=`."""
    if not text.strip().startswith("="):
        return Pattern(text.strip(), True)
    try:
        found = texts_of_group(parse_expression(text.strip()[1:].strip()))
    except FeelSyntaxError:
        found = None
    return Pattern(*found[0]) if found and len(found) == 1 else Pattern("", False)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A message or signal that an element throws or waits for. `key`: the correlation key as written, where it has one."""

    kind: str
    text: str
    key: str | None = None

    @property
    def pattern(self) -> Pattern:
        """Its name as far as it is known."""
        return pattern_of(self.text)


def thrown(outline: Outline, node: OutlineNode) -> list[Told]:
    """The messages and signals that an element throws."""
    if node.kind not in THROWS:
        return []
    if node.extensions.topic is not None:
        headers = node.extensions.headers
        return [Told(kind="message", text=headers.get("message", ""), key=headers.get("key"))] if node.extensions.topic == SEND else []
    return _named(outline, node)


def caught(outline: Outline, node: OutlineNode) -> list[Told]:
    """The messages and signals that an element waits for."""
    return [] if node.kind in THROWS else _named(outline, node)


def _named(outline: Outline, node: OutlineNode) -> list[Told]:
    found = []
    for holder in (node.element, *node.triggers):
        for kind in ("message", "signal"):
            named = outline.referenced(holder, kind + "Ref")
            if named is not None and local_name(named) == kind and named.get("name"):
                subscription = named.find("{*}extensionElements/{*}subscription")
                key = None if subscription is None else subscription.get("correlationKey")
                found.append(Told(kind=kind, text=named.get("name") or "", key=key))
    return found
