"""Every way to misspell the shipped diagrams by one letter: each name and each text in each expression and mapping, one at a time."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import tokens

PROCESSES = Path(__file__).parents[2] / "processes"
WORDS = frozenset({"item", "partial", "true", "false", "null"})
BPMN_FEEL = re.compile(r'(?:source|target|expression|resultVariable|inputCollection|inputElement|outputCollection|outputElement|correlationKey|candidateGroups|assignee|dueDate)="([^"]*)"|<zeebe:header key="key" value="([^"]*)"|<zeebe:property name="(?:groups|assignee|key)" value="([^"]*)"|>(=[^<]*)</bpmn:(?:condition|conditionExpression|time\w+|completionCondition)>')
DMN_FEEL = re.compile(r"<text>([^<]+)</text>")


@dataclass(frozen=True)
class Mutant:
    """One file with one letter changed."""

    file: str
    line: int
    kind: str
    before: str
    after: str
    data: bytes

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.kind} {self.before} → {self.after}"


def deployment() -> dict[str, bytes]:
    """The shipped diagrams, tables and forms by path."""
    paths = [*PROCESSES.glob("*.bpmn"), *PROCESSES.glob("*.dmn"), *PROCESSES.glob("forms/*.json")]
    return {path.relative_to(PROCESSES).as_posix(): path.read_bytes() for path in sorted(paths)}


def mutants(files: dict[str, bytes], *, letters: tuple[int, ...] = (0,)) -> Iterator[Mutant]:
    """One mutant for each occurrence of a name or text and each place in `letters` (counted from the middle of the word)."""
    for file, data in files.items():
        if file.endswith(".bpmn") or (file.endswith(".dmn") and file not in ("time_limits.dmn", "settings.dmn")):
            text = data.decode()
            for start, word, kind in _words(file, text):
                for place in sorted({(len(word) // 2 + offset) % len(word) for offset in letters}):
                    changed = word[:place] + _other(word[place]) + word[place + 1 :]
                    whole = text[:start] + changed + text[start + len(word) :]
                    yield Mutant(file, text.count("\n", 0, start) + 1, kind, word, changed, whole.encode())


def _other(letter: str) -> str:
    """Another letter of the same sort."""
    return {"z": "y", "Z": "Y", "9": "8"}.get(letter) or (chr(ord(letter) + 1) if letter.isalnum() else "x")


def _words(file: str, text: str) -> Iterator[tuple[int, str, str]]:
    """`(offset, word, name | text)` of each word that an expression or a mapping holds."""
    body = text.split("<bpmndi:BPMNDiagram")[0].split("<dmndi:DMNDI")[0]
    for found in (BPMN_FEEL if file.endswith(".bpmn") else DMN_FEEL).finditer(body):
        group = next(number for number, value in enumerate(found.groups(), 1) if value is not None)
        yield from _in_expression(found.group(group), found.start(group), is_feel=file.endswith(".dmn"))


def _in_expression(raw: str, offset: int, *, is_feel: bool) -> Iterator[tuple[int, str, str]]:
    if not is_feel and not raw.startswith("="):
        # A plain target, result variable or list of groups.
        for word in re.finditer(r"[\w-]+", raw):
            yield offset + word.start(), word.group(), "name"
        return
    # Entities are one character to FEEL and several in the file.
    plain, places, at = "", [], 0
    for piece in re.finditer(r"&[#\w]+;|.", raw, re.DOTALL):
        plain += html.unescape(piece.group())
        places.append(offset + at)
        at += len(piece.group())
    start = 0 if is_feel else 1
    try:
        read = tokens(plain[start:])
    except FeelSyntaxError:
        return
    for number, token in enumerate(read):
        follows = read[number + 1].text if number + 1 < len(read) else ""
        if token.kind == "name" and token.text not in WORDS and follows != "(" and token.text != "?":
            yield places[start + token.start], token.text, "name"
        elif token.kind == "string" and _is_code(read, number):
            inner = plain[start + token.start + 1 :].split('"')[0]
            yield places[start + token.start + 1], inner, "text"


def _is_code(read: list, number: int) -> bool:
    """Whether a text is a code: neither empty nor the argument of a conversion such as `duration("P1D")`."""
    called = read[number - 2].text if number > 1 and read[number - 1].text == "(" else ""
    return called not in ("duration", "date", "time") and bool(re.search(r"\w", read[number].text))
