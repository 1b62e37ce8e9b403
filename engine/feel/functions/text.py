"""Functions on strings (DMN 1.3, 10.3.4.3). A position counts characters, not bytes, from 1."""

import re

from ..context import MAX_TEXT, Run
from ..errors import Undefined
from ..kinds import Value
from ..numbers import Number
from ..regex import Pattern, Span, compile_pattern
from .signature import function


@function("substring", "string: string, start position: number, length?: number")
def _substring(run: Run, text: str, start: Number, length: Number | None = None) -> str:
    # A fraction is cut off, as in XPath's counting.
    position, size = _whole(start, len(text) + 1), None if length is None else _whole(length, len(text))
    if position == 0 or (size is not None and size < 0):
        raise Undefined("the start position must not be 0, the length 0 or more")
    run.charge_text(len(text))
    first = position - 1 if position > 0 else max(0, len(text) + position)
    return text[first:] if size is None else text[first : first + size]


def _whole(number: Number, most: int) -> int:
    """The whole part of a number; what lies beyond `most` need not be written out."""
    return int(number) if -most <= number <= most else most if number > 0 else -most


@function("string length", "string: string")
def _string_length(run: Run, text: str) -> int:
    return len(text)


@function("upper case", "string: string")
def _upper_case(run: Run, text: str) -> str:
    run.charge_text(len(text))
    return text.upper()


@function("lower case", "string: string")
def _lower_case(run: Run, text: str) -> str:
    run.charge_text(len(text))
    return text.lower()


@function("substring before", "string: string, match: string")
def _substring_before(run: Run, text: str, match: str) -> str:
    run.charge_text(len(text))
    found = text.find(match)
    return text[:found] if found >= 0 else ""


@function("substring after", "string: string, match: string")
def _substring_after(run: Run, text: str, match: str) -> str:
    run.charge_text(len(text))
    found = text.find(match)
    return text[found + len(match) :] if found >= 0 else ""


@function("contains", "string: string, match: string")
def _contains(run: Run, text: str, match: str) -> bool:
    run.charge_text(len(text))
    return match in text


@function("starts with", "string: string, match: string")
def _starts_with(run: Run, text: str, match: str) -> bool:
    return text.startswith(match)


@function("ends with", "string: string, match: string")
def _ends_with(run: Run, text: str, match: str) -> bool:
    return text.endswith(match)


def _flags(flags: Value) -> str:
    """Flags that are null are none."""
    if flags is not None and type(flags) is not str:
        raise Undefined("flags must be a string")
    return flags or ""


@function("matches", "input: string, pattern: string, flags?: any")
def _matches(run: Run, text: str, pattern: str, flags: Value = None) -> bool:
    return compile_pattern(pattern, _flags(flags)).search(text, 0, run.charge) is not None


@function("split", "string: string, delimiter: string")
def _split(run: Run, text: str, delimiter: str) -> list[Value]:
    found: list[Value] = []
    end = 0
    for span in _spans(run, compile_pattern(delimiter, ""), text):
        found.append(text[end : span[0]])
        end = span[1]
    found.append(text[end:])
    run.charge_items(len(found))
    return found


@function("extract", "input: string, pattern: string")
def _extract(run: Run, text: str, pattern: str) -> list[Value]:
    found: list[Value] = [text[span[0] : span[1]] for span in _spans(run, compile_pattern(pattern, ""), text)]
    run.charge_items(len(found))
    return found


@function("replace", "input: string, pattern: string, replacement: string, flags?: any")
def _replace(run: Run, text: str, pattern: str, replacement: str, flags: Value = None) -> str:
    compiled = compile_pattern(pattern, _flags(flags))
    template = [replacement] if "q" in _flags(flags) else _template(replacement, compiled.groups)
    parts: list[str] = []
    end = length = 0
    for span in _spans(run, compiled, text):
        parts.append(text[end : span[0]])
        parts.extend(_part(part, span, text) for part in template)
        length += sum(map(len, parts[-1 - len(template) :]))
        if length > MAX_TEXT:
            break
        end = span[1]
    parts.append(text[end:])
    run.charge_text(length + len(parts[-1]))
    return "".join(parts)


def _spans(run: Run, pattern: Pattern, text: str) -> list[Span]:
    """All matches, one behind the other. Raises Undefined when one is empty (XPath, FORX0003)."""
    found: list[Span] = []
    place = 0
    while place <= len(text):
        span = pattern.search(text, place, run.charge)
        if span is None:
            break
        if span[0] == span[1]:
            raise Undefined("the pattern matches the empty text")
        found.append(span)
        place = span[1]
    return found


def _template(replacement: str, groups: int) -> list[str | int]:
    """Pieces of text and numbers of groups: $1 is a group, \\$ and \\\\ stand for signs."""
    parts: list[str | int] = []
    for piece in re.findall(r"\$\d+|\\[$\\]|[^$\\]+|.", replacement, re.DOTALL | re.ASCII):
        if piece[0] == "$" and len(piece) > 1:
            digits = piece[1:]
            # As many digits as make the number of a group; the rest is text.
            size = next((n for n in range(len(digits), 1, -1) if int(digits[:n]) <= groups), 1)
            parts.append(int(digits[:size]))
            parts.append(digits[size:])
        elif piece in ("$", "\\"):
            raise Undefined("in a replacement write \\$ and \\\\ for the signs themselves")
        else:
            parts.append(piece[1:] if piece[0] == "\\" else piece)
    return parts


def _part(part: str | int, span: Span, text: str) -> str:
    if type(part) is not int:
        return str(part)
    if 2 * part + 1 >= len(span) or span[2 * part] < 0 or span[2 * part + 1] < 0:
        return ""
    return text[span[2 * part] : span[2 * part + 1]]
