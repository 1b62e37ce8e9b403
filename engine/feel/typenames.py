"""The token cursor of the parser, and the types after `instance of` and in parameter lists."""

from ..errors import Saying
from .errors import FeelSyntaxError
from .lexer import Token
from .nodes import Type

_WORDS = (
    ("days", "and", "time", "duration"),
    ("years", "and", "months", "duration"),
    ("date", "and", "time"),
)
_PLAIN = frozenset(["Any", "Null", "null", "number", "string", "boolean", "date", "time", "list", "context", "range", "function"])
_PARTS_MAX = 20


class TypeReader:
    """A cursor over tokens that can read a type."""

    text: str
    tokens: list[Token]
    index: int

    def type(self, depth: int = 0) -> Type:
        """A type: number, date and time, list<…>, range<…>, context<name: …>, function<…> -> …"""
        start = self.tokens[self.index].start
        if depth > _PARTS_MAX:
            raise self.fault("the type is nested too deeply")
        for words in _WORDS:
            if [token.text for token in self.tokens[self.index : self.index + len(words)]] == list(words):
                self.index += len(words)
                return Type(start, " ".join(words))
        name = self.next().text
        if name not in _PLAIN:
            self.index -= 1
            raise self.fault("there is no type {name}: {types}", name=name, types=", ".join(sorted(_PLAIN)))
        if name in ("list", "range", "context", "function") and self.is_op("<"):
            return self._parts(start, name, depth)
        return Type(start, name)

    def _parts(self, start: int, name: str, depth: int) -> Type:
        self.next()
        parts: list[Type] = []
        entries: list[str] = []
        while not self.is_op(">"):
            if name == "context":
                entries.append(self.next().text)
                self.op(":")
            parts.append(self.type(depth + 1))
            if not self.is_op(","):
                break
            self.next()
        self.op(">")
        if name == "function":
            self.op("->")
            if self.type(depth + 1).name != "Any":
                self.index -= 1
                raise self.fault("what a function gives is known only when it has run: write -> Any")
        elif name != "context" and len(parts) != 1:
            raise self.fault("{name}<…> has one part", name=name)
        return Type(start, name, tuple(parts), tuple(entries))

    def next(self) -> Token:
        """Take the next token; the closing one is never passed."""
        token = self.tokens[self.index]
        if token.kind == "end":
            raise self.fault("the expression ends too early")
        self.index += 1
        return token

    def is_op(self, text: str) -> bool:
        """Whether the next token is this sign."""
        token = self.tokens[self.index]
        return token.kind == "op" and token.text == text

    def op(self, text: str) -> None:
        """Take this sign. Raises FeelSyntaxError."""
        if not self.is_op(text):
            raise self.fault("{text} is expected here{but}", text=text, but=self._but())
        self.index += 1

    def keyword(self, text: str) -> None:
        """Take this word. Raises FeelSyntaxError."""
        token = self.tokens[self.index]
        if token.kind != "keyword" or token.text != text:
            raise self.fault("`{text}` is expected here{but}", text=text, but=self._but())
        self.index += 1

    def end(self) -> None:
        """Be at the end of the text. Raises FeelSyntaxError."""
        token = self.tokens[self.index]
        if token.kind == "end":
            return
        before = self.tokens[self.index - 1] if self.index else token
        if token.text == "=" and before.text == "=":
            raise self.fault("FEEL has one equals sign: write =")
        raise self.fault("{token} cannot stand here", token=token.text[:40])

    def fault(self, template: str, **params: object) -> FeelSyntaxError:
        """The error at the next token."""
        token = self.tokens[self.index]
        previous = self.tokens[self.index - 1] if self.index else token
        if token.text == "=" and previous.text == "=":
            template, params = "FEEL has one equals sign: write =", {}
        return FeelSyntaxError(Saying(template, **params), self.text, token.start)

    def _but(self) -> Saying:
        token = self.tokens[self.index]
        return Saying(", but the expression ends") if token.kind == "end" else Saying(", not {token}", token=token.text[:40])
