"""Reading names: of one word, known beforehand, of built-in functions, or in backticks (as Camunda has them).

Words beside each other that no one knows as one name are refused: read as a variable that does not exist, a slip such
as `status is open` would be null without anybody's notice.
"""

from collections.abc import Collection
from functools import lru_cache

from .errors import FeelSyntaxError
from .functions import BUILTINS
from .lexer import Token, tokens
from .nodes import Name, Node
from .typenames import TypeReader

_AND_FUNCTIONS = (("date", "and", "time"), ("years", "and", "months", "duration"))
_PROPERTIES = frozenset(("time offset", "start included", "end included"))
_WORDS_MAX = 6


Known = tuple[tuple[str, ...], str]


@lru_cache(maxsize=4096)
def _by_words(name: str) -> Known | None:
    """A name with the tokens that it is made of; None when it can be read without help."""
    try:
        words = tuple(token.text for token in tokens(name[:200]) if token.kind != "end")
    except FeelSyntaxError:
        return None
    return (words, name) if words and (len(words) > 1 or tokens(words[0])[0].kind == "keyword") else None


@lru_cache(maxsize=64)
def _known_by_words(names: frozenset[str]) -> tuple[Known, ...]:
    """Of these names those that need help, the longest first. Cached: all cells of a file know the same names."""
    found = [known for name in sorted(names) if (known := _by_words(name)) is not None]
    return tuple(sorted(found, key=lambda entry: -len(entry[0])))


class NameReader(TypeReader):
    """A cursor over tokens that can read names."""

    def __init__(self, text: str, known_names: frozenset[str], *, has_input: bool) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.index = 0
        self._known: list[Known] = list(_known_by_words(known_names))
        # Names of entries that the expression itself gives, which can be read behind a dot.
        self._entries: list[Known] = []
        self._has_input = has_input
        self._input_seen = False
        self._partial_seen = False

    def _name(self, token: Token) -> Node:
        for words in _AND_FUNCTIONS:
            if all(self._is_at(hop, word) for hop, word in enumerate(words)) and self._is_op_at(len(words), "("):
                self.index += len(words)
                return Name(token.start, " ".join(words))
        if token.text == "?":
            self.next()
            if not self._has_input:
                raise FeelSyntaxError("? has a meaning in a decision table's cell only", self.text, token.start)
            self._input_seen = True
            return Name(token.start, "?")
        name = self._words(BUILTINS)
        if name == "partial":
            self._partial_seen = True
        return Name(token.start, name)

    def _words(self, known: Collection[str]) -> str:
        """One word, or as many neighbours as form a name of `known`. Raises FeelSyntaxError for other neighbours."""
        end = self.index
        while self.tokens[end].kind == "name" and self.tokens[end].text != "?":
            end += 1
        words = [token.text for token in self.tokens[self.index : end]]
        for count in range(min(len(words), _WORDS_MAX), 1, -1):
            name = " ".join(words[:count])
            if name in known:
                self.index += count
                return name
        self.index += 1
        if len(words) > 1 and not (words[1] == "instance" and self._is_at(1, "of")):
            raise self.fault("two words beside each other: if they are one name, write it in backticks: `{name}`", name=" ".join(words[:4]))
        return words[0]

    def _new_name(self) -> str:
        """A name that is given here: all words up to the next sign or keyword; it can be read as one from here on."""
        token = self.tokens[self.index]
        if token.kind == "quoted":
            return self.next().text
        if token.kind != "name" or token.text == "?":
            raise self.fault("a name is expected here{but}", but=self._but())
        words = [self.next().text]
        while self.tokens[self.index].kind == "name":
            words.append(self.next().text)
        self._learn(" ".join(words))
        return " ".join(words)

    def _path_name(self) -> str:
        known = self._known_name() or self._one_of(self._entries)
        if known is not None:
            return known
        token = self.tokens[self.index]
        if token.kind in ("keyword", "quoted"):
            return self.next().text
        if token.kind != "name" or token.text == "?":
            raise self.fault("a name is expected after the dot{but}", but=self._but())
        return self._words(_PROPERTIES)

    def _learn(self, name: str) -> None:
        """Let a name be read as one where its tokens follow each other; plain names need no help."""
        known = _by_words(name)
        if known is not None:
            self._known.append(known)
            self._known.sort(key=lambda entry: -len(entry[0]))

    def _known_name(self) -> str | None:
        return self._one_of(self._known)

    def _one_of(self, names: list[Known]) -> str | None:
        token = self.tokens[self.index]
        if not names or token.kind not in ("name", "keyword"):
            return None
        for words, name in names:
            if words[0] == token.text and all(self._is_at(hop, word) for hop, word in enumerate(words)):
                self.index += len(words)
                return name
        return None

    # Tokens

    def _is_at(self, hop: int, text: str) -> bool:
        index = self.index + hop
        return index < len(self.tokens) and self.tokens[index].text == text and self.tokens[index].kind != "string"

    def _is_op_at(self, hop: int, text: str) -> bool:
        return self._is_at(hop, text) and self.tokens[self.index + hop].kind == "op"

    def _starts_expression(self, hop: int) -> bool:
        token = self.tokens[min(self.index + hop, len(self.tokens) - 1)]
        if token.kind == "keyword":
            return token.text in ("true", "false", "null", "if", "for", "some", "every", "function")
        return token.kind in ("name", "quoted", "number", "string", "at") or token.text in ("(", "[", "{", "-")
