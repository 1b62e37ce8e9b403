"""Text of an expression → tokens. Hand-written after the lexical grammar of DMN 1.3 (10.3.1.2); never raises but FeelSyntaxError.

One deviation: full-width punctuation such as ，（）“” is refused with a hint, though DMN would take some of it as part
of a name. Who types it means the half-width sign.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from ..errors import Saying
from .errors import FeelSyntaxError
from .kinds import Value
from .numbers import canonical

KEYWORDS = frozenset(
    ["true", "false", "null", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "function", "and", "or", "between"]
)

# DMN 1.3 rules 28 and 29, without U+3001-3003, U+3008-3020 and the full-width signs.
_NAME_START = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3005-\u3007\u3021-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"
    "\U00010000-\U000effff"
)
_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_TOKEN = re.compile(
    rf"(?P<space>[{_SPACE}]+|//[^\n\r]*|/\*.*?\*/)"
    rf"|(?P<name>[{_NAME_START}][{_NAME_START}0-9\u00b7\u0300-\u036f\u203f-\u2040]*|\?)"
    r"|(?P<op>\.\.|\*\*|!=|<=|>=|->|/(?!\*)|(?!\.[0-9])[-+*=<>()\[\]{},.:])"
    r"|(?P<quoted>`[^`\n]+`)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r'|(?P<at>@"(?:[^"\\]|\\.)*")',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_PLAIN_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t", "'": "'"}
_HINTS = {
    "`": "the name is not closed by a backtick",
    "/": "the remark is not closed by */",
    "'": 'texts stand in double quotes: "…"',
    "!": "write not(…), or != for unequal",
    "&": "write `and`",
    "|": "write `or`",
    '"': "the text is not closed by a quote",
    "@": '@ needs a quoted date, time or duration: @"2026-01-05"',
}
_FULL_WIDTH = dict(zip("，（）：；＝＜＞＋－＊／．［］｛｝“”‘’、。？！", ",():;=<>+-*/.[]{}\"\"'',.?!", strict=True))


class Token(NamedTuple):
    """One token: kind is name, quoted (`a name`), keyword, op, number, string, at or end; `value` is that of a literal."""

    kind: str
    text: str
    start: int
    end: int
    value: Value = None


def tokens(text: str) -> list[Token]:
    """The tokens of the text, closed by one of kind `end`. Raises FeelSyntaxError."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise FeelSyntaxError(_unknown(text[position]), text, position)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_token(kind, match.group(), position, match.end(), text))
        position = match.end()
    found.append(Token("end", "", position, position))
    return found


def _token(kind: str, piece: str, start: int, end: int, text: str) -> Token:
    if kind == "name":
        return Token("keyword" if piece in KEYWORDS else "name", piece, start, end)
    if kind == "quoted":
        return Token(kind, " ".join(piece[1:-1].split()), start, end)
    if kind == "number":
        return Token(kind, piece, start, end, _number(piece, text, start))
    if kind == "string":
        return Token(kind, piece, start, end, _unescape(piece[1:-1], text, start))
    if kind == "at":
        return Token(kind, piece, start, end, _unescape(piece[2:-1], text, start))
    return Token(kind, piece, start, end)


def _number(piece: str, text: str, start: int) -> Value:
    try:
        return canonical(Decimal(piece))
    except ArithmeticError:
        raise FeelSyntaxError("the number lies outside the range of numbers", text, start) from None


def _unescape(piece: str, text: str, start: int) -> str:
    if "\\" in piece:
        # An unknown escape stays as it is, so that patterns such as "\s" need no doubled backslash.
        piece = _ESCAPE.sub(_unescape_one, piece)
        if any("\ud800" <= character <= "\udfff" for character in piece):
            piece = piece.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if "\ufffd" in piece:
                raise FeelSyntaxError("the text holds half of a surrogate pair", text, start)
    elif any("\ud800" <= character <= "\udfff" for character in piece):
        raise FeelSyntaxError("the text holds half of a surrogate pair", text, start)
    return piece


def _unescape_one(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else "\ud800"
    return _PLAIN_ESCAPES.get(code, match.group())


def _unknown(character: str) -> Saying:
    if character in _FULL_WIDTH:
        return Saying("{sign} is a full-width sign: write {plain}", sign=character, plain=_FULL_WIDTH[character])
    hint = _HINTS.get(character)
    if hint is None:
        return Saying("{sign} has no meaning here", sign=repr(character))
    return Saying("{sign} has no meaning here: {hint}", sign=repr(character), hint=Saying(hint))
