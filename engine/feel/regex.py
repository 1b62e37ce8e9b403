"""Regular expressions without backtracking: a subset of XPath's language run as a Pike machine.

Time is bounded by length of text × size of pattern, whatever the pattern, and each step is charged to the budget.
Taken: . [..] [^..] \\d \\D \\s \\S \\w \\W \\p{L} \\P{L} \\n \\r \\t, escaped signs, ( ) (?: ) | ^ $ * + ? {n} {n,} {n,m} and
their lazy forms, [a-z-[aeiou]], \\p{IsBasicLatin} and some more blocks, flags s m i x q. Not taken, and refused: references
back, looking around.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from .errors import Undefined

MAX_PROGRAM = 2_000
MAX_PATTERN = 1_000
MAX_DEPTH = 50
MAX_REPEAT = 1_000
_STEPS_EACH = 4
_META = frozenset("\\.[]{}()*+?^$|")

Predicate = Callable[[str], bool]
Span = tuple[int, ...]
# Instructions: ("char", predicate) · ("split", first, second) · ("jump", target) · ("save", slot) ·
# ("start", multiline) · ("end", multiline) · ("match",)
Instruction = tuple[str, object, object]


class NotTaken(Undefined):
    """The pattern is none that this machine runs, though XPath has it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; `literal` is its text when it has no signs of the language."""

    program: tuple[Instruction, ...]
    groups: int
    literal: str | None

    def search(self, text: str, start: int, charge: Callable[[int], None]) -> Span | None:
        """The first match at or after `start`: begin and end of the whole, then of each group (-1 = unset)."""
        if self.literal is not None:
            found = text.find(self.literal, start)
            charge(1 + ((len(text) if found < 0 else found) - start) // 4096)
            return None if found < 0 else (found, found + len(self.literal))
        return _run(self.program, 2 + 2 * self.groups, text, start, charge)


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """The pattern, compiled. Raises Undefined for what is wrong, too large or not taken."""
    if len(pattern) > MAX_PATTERN:
        raise Undefined("a pattern has at most {most} characters", most=MAX_PATTERN)
    if not set(flags) <= set("smixq"):
        raise Undefined("the flags {flags} are not all of s, m, i, x, q", flags=flags[:10])
    if "x" in flags and "q" not in flags:
        pattern = _without_blanks(pattern)
    if "i" not in flags and ("q" in flags or not _META & set(pattern)):
        return Pattern((), 0, pattern)
    reader = _Reader(re.sub(r"(\W)", r"\\\1", pattern) if "q" in flags else pattern, flags)
    return reader.pattern()


def _without_blanks(pattern: str) -> str:
    """The pattern without blanks, but for those inside a class."""
    kept: list[str] = []
    is_inside = is_escaped = False
    for sign in pattern:
        if sign in " \t\r\n" and not is_inside:
            continue
        kept.append(sign)
        if is_escaped or sign == "\\":
            is_escaped = not is_escaped
        elif sign in "[]":
            is_inside = sign == "["
    return "".join(kept)


class _Reader:
    """Reads one pattern into a program by recursive descent."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.text = pattern
        self.index = 0
        self.flags = flags
        self.groups = 0
        self.depth = 0
        self.size = 0

    def pattern(self) -> Pattern:
        body = self._alternatives()
        if self.index < len(self.text):
            raise Undefined("the pattern has a ) too many at {place}", place=self.index + 1)
        program = [("save", 0, None), *body, ("save", 1, None), ("match", None, None)]
        return Pattern(_linked(program), self.groups, None)

    def _peek(self) -> str:
        return self.text[self.index] if self.index < len(self.text) else ""

    def _next(self) -> str:
        sign = self._peek()
        if not sign:
            raise Undefined("the pattern ends too early")
        self.index += 1
        return sign

    # Programs are lists with relative targets, so that parts can be put together and repeated.

    def _alternatives(self) -> list[Instruction]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Undefined("the pattern is nested too deeply")
        branches = [self._sequence()]
        while self._peek() == "|":
            self.index += 1
            branches.append(self._sequence())
        self.depth -= 1
        program = branches.pop()
        while branches:
            branch = branches.pop()
            program = [("split", 1, len(branch) + 2), *branch, ("jump", len(program) + 1, None), *program]
        return self._sized(program)

    def _sequence(self) -> list[Instruction]:
        program: list[Instruction] = []
        while self._peek() not in ("", "|", ")"):
            program.extend(self._repeated(self._atom()))
        return self._sized(program)

    def _sized(self, program: list[Instruction]) -> list[Instruction]:
        if len(program) > MAX_PROGRAM:
            raise Undefined("the pattern is too large")
        return program

    def _repeated(self, atom: list[Instruction]) -> list[Instruction]:
        sign = self._peek()
        if sign == "" or sign not in "*+?{":
            return atom
        self.index += 1
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or self._counts()
        lazy = self._peek() == "?"
        if lazy:
            self.index += 1
        if self._peek() and self._peek() in "*+?{":
            raise Undefined("a repetition is repeated")
        if (len(atom) + 1) * (most or least + 1) > MAX_PROGRAM:
            raise Undefined("the pattern is too large")
        program = atom * least
        if most is None:
            program += [_split(len(atom) + 2, lazy), *atom, ("jump", -len(atom) - 1, None)]
        else:
            optional: list[Instruction] = []
            for _ in range(most - least):
                optional = [_split(len(atom) + len(optional) + 1, lazy), *atom, *optional]
            program += optional
        return self._sized(program)

    def _counts(self) -> tuple[int, int | None]:
        match = re.compile(r"(\d{1,4})(,(\d{1,4})?)?\}", re.ASCII).match(self.text, self.index)
        if match is None:
            raise Undefined("{…} must hold one or two numbers")
        self.index = match.end()
        least = int(match[1])
        most = least if match[2] is None else int(match[3]) if match[3] else None
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise Undefined("{…} is out of order or too large")
        return least, most

    def _atom(self) -> list[Instruction]:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign == ".":
            dot_all = "s" in self.flags
            return [("char", lambda character: dot_all or character not in "\n\r", None)]
        if sign == "^":
            return [("start", "m" in self.flags, None)]
        if sign == "$":
            return [("end", "m" in self.flags, None)]
        if sign == "[":
            return [("char", self._class(), None)]
        if sign == "\\":
            return [("char", self._folded(self._escape()), None)]
        if sign in "*+?{}])":
            raise Undefined("{sign} cannot stand at {place} of the pattern", sign=sign, place=self.index)
        return [("char", self._folded(sign.__eq__), None)]

    def _group(self) -> list[Instruction]:
        slot = None
        if self._peek() == "?":
            if self.text[self.index : self.index + 2] != "?:":
                raise NotTaken(template="in a pattern (? is taken as (?: only: it cannot look around")
            self.index += 2
        else:
            self.groups += 1
            slot = 2 * self.groups
        body = self._alternatives()
        if self._next() != ")":
            raise Undefined("a bracket is not closed in the pattern")
        return body if slot is None else [("save", slot, None), *body, ("save", slot + 1, None)]

    def _folded(self, holds: Predicate) -> Predicate:
        if "i" not in self.flags:
            return holds
        return lambda character: holds(character) or holds(character.lower()) or holds(character.upper())

    def _class(self) -> Predicate:
        negated = self._peek() == "^"
        self.index += negated
        parts: list[Predicate] = []
        without: Predicate | None = None
        first = True
        while first or self._peek() != "]":
            if not first and self._peek() == "-" and self.text[self.index + 1 : self.index + 2] == "[":
                without = self._subtracted()
                break
            first = False
            parts.append(self._class_part())
        if self._next() != "]":
            raise Undefined("a class that is subtracted stands last")
        # Upper and lower case are made equal before the class is negated.
        holds = tuple(self._folded(part) for part in parts)
        if without is not None:
            taken = without
            return lambda character: any(part(character) for part in holds) is not negated and not taken(character)
        if negated:
            return lambda character: not any(part(character) for part in holds)
        return lambda character: any(part(character) for part in holds)

    def _subtracted(self) -> Predicate:
        self.index += 2
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Undefined("the pattern is nested too deeply")
        found = self._class()
        self.depth -= 1
        return found

    def _class_part(self) -> Predicate:
        low = self._class_sign()
        if callable(low):
            return low
        if self._peek() != "-" or self.text[self.index + 1 : self.index + 2] in ("]", "["):
            return low.__eq__
        self.index += 1
        high = self._class_sign()
        if callable(high) or high < low:
            raise Undefined("a range in [ ] is out of order")
        return lambda character: low <= character <= high

    def _class_sign(self) -> "str | Predicate":
        sign = self._next()
        if sign == "[":
            raise Undefined("[ inside [ ] must be escaped")
        if sign != "\\":
            return sign
        following = self._peek()
        if following in _SIGNS:
            self.index += 1
            return _SIGNS[following]
        if following and not following.isalnum():
            return self._next()
        return self._escape()

    def _escape(self) -> Predicate:
        sign = self._next()
        if sign in _SIGNS:
            return _SIGNS[sign].__eq__
        if sign in _CLASSES:
            return _CLASSES[sign]
        if not sign.isalnum():
            return sign.__eq__
        if sign in "pP":
            match = re.compile(r"\{(?:([A-Z][a-z]?)|Is([\w-]+))\}", re.ASCII).match(self.text, self.index)
            if match is None:
                raise Undefined("\\p needs a category such as \\p{Lu}")
            self.index = match.end()
            category, wanted = match[1], sign == "p"
            if match[2]:
                if match[2] not in _BLOCKS:
                    raise NotTaken(template="in a pattern the block {block} is not known: {blocks}", block=match[2], blocks=", ".join(_BLOCKS))
                low, high = _BLOCKS[match[2]]
                return lambda character: (low <= character <= high) is wanted
            return lambda character: unicodedata.category(character).startswith(category) is wanted
        raise NotTaken(template="{sign} is not taken in a pattern", sign=f"\\{sign}")


_BLOCKS = {
    "BasicLatin": ("\0", "\x7f"),
    "Latin-1Supplement": ("\x80", "\xff"),
    "GreekandCoptic": ("\u0370", "\u03ff"),
    "Cyrillic": ("\u0400", "\u04ff"),
    "GeneralPunctuation": ("\u2000", "\u206f"),
    "CJKSymbolsandPunctuation": ("\u3000", "\u303f"),
    "Hiragana": ("\u3040", "\u309f"),
    "Katakana": ("\u30a0", "\u30ff"),
    "CJKUnifiedIdeographs": ("\u4e00", "\u9fff"),
    "HalfwidthandFullwidthForms": ("\uff00", "\uffef"),
}


def _split(behind: int, lazy: bool) -> Instruction:
    return ("split", behind, 1) if lazy else ("split", 1, behind)


_SIGNS = {**{sign: sign for sign in "\\.[]{}()*+?^$|-/#&~'\"@!%,:;<>=_` "}, "n": "\n", "r": "\r", "t": "\t"}


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] not in "PZC"


_CLASSES: dict[str, Predicate] = {
    "d": str.isdecimal,
    "D": lambda character: not character.isdecimal(),
    "s": " \t\n\r".__contains__,
    "S": lambda character: character not in " \t\n\r",
    "w": _is_word,
    "W": lambda character: not _is_word(character),
}


def _linked(program: list[Instruction]) -> tuple[Instruction, ...]:
    """The program with absolute targets."""
    linked: list[Instruction] = []
    for place, (op, first, second) in enumerate(program):
        if op == "split":
            linked.append((op, place + int(first), place + int(second)))  # type: ignore[call-overload]
        elif op == "jump":
            linked.append((op, place + int(first), None))  # type: ignore[call-overload]
        else:
            linked.append((op, first, second))
    return tuple(linked)


Thread = tuple[int, Span]


def _run(
    program: tuple[Instruction, ...], slots: int, text: str, start: int, charge: Callable[[int], None]
) -> Span | None:
    matched: Span | None = None
    threads: list[Thread] = []
    unset = (-1,) * slots
    owed = 0
    for place in range(start, len(text) + 1):
        seen: set[int] = set()
        ready: list[Thread] = []
        for thread in threads:
            _follow(program, text, place, thread, seen, ready)
        if matched is None:
            _follow(program, text, place, (0, unset), seen, ready)
        owed += len(seen) + 1
        if owed > 512:
            charge(owed // _STEPS_EACH)
            owed = 0
        threads = []
        character = text[place : place + 1]
        for counter, saved in ready:
            op, holds, _ = program[counter]
            if op == "match":
                # Threads behind this one have a lower priority.
                matched = saved
                break
            if character and holds(character):  # type: ignore[operator]
                threads.append((counter + 1, saved))
        if matched is not None and not threads:
            break
    charge(1 + owed // _STEPS_EACH)
    return matched


def _follow(
    program: tuple[Instruction, ...], text: str, place: int, thread: Thread, seen: set[int], ready: list[Thread]
) -> None:
    """Add the threads that wait for a character, in order of priority."""
    pending = [thread]
    while pending:
        counter, saved = pending.pop()
        if counter in seen:
            continue
        seen.add(counter)
        op, first, second = program[counter]
        if op == "char" or op == "match":
            ready.append((counter, saved))
        elif op == "jump":
            pending.append((first, saved))  # type: ignore[arg-type]
        elif op == "split":
            pending.append((second, saved))  # type: ignore[arg-type]
            pending.append((first, saved))  # type: ignore[arg-type]
        elif op == "save":
            slot = int(first)  # type: ignore[call-overload]
            pending.append((counter + 1, (*saved[:slot], place, *saved[slot + 1 :])))
        elif _holds_here(op, bool(first), text, place):
            pending.append((counter + 1, saved))


def _holds_here(op: str, multiline: bool, text: str, place: int) -> bool:
    if op == "start":
        return place == 0 or (multiline and text[place - 1] == "\n")
    return place == len(text) or (multiline and text[place] == "\n")
