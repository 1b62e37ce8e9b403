"""Tokens → syntax tree: a Pratt parser after the grammar of DMN 1.3 (10.3.1.2). Never raises but FeelSyntaxError.

Names: `known_names` are tried first, longest first, so that names with signs or keywords inside can be read. See
names.py for names with spaces. Operators bind from the left, `**` too;
a sign binds tighter than `**`. Comparisons do not chain. Depth is bounded; chains of operators are flat.
"""

from ..errors import Saying
from .errors import FeelSyntaxError, Undefined
from .lexer import Token
from .names import NameReader
from .nodes import (
    Between,
    Call,
    Chain,
    Compare,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    Iterator,
    ListOf,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    OpTest,
    Path,
    Quantified,
    RangeOf,
    Tests,
    Type,
    ValueTest,
)
from .temporal import parse_any

MAX_LENGTH = 10_000
MAX_NESTING = 60
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _POSTFIX = range(10, 80, 10)
_BINDING = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "between", "in"), _COMPARE),
    **dict.fromkeys("+-", _ADD),
    **dict.fromkeys("*/", _MULTIPLY),
    "**": _POWER,
    **dict.fromkeys((".", "[", "(", "instance"), _POSTFIX),
}
_COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_SIGNS_IN_NAMES = frozenset(("-", "+", "*", "/", ".", "**"))
_CALLABLE = (Name, Path, Call, Filter, FunctionOf)


def parse_expression(text: str, known_names: frozenset[str] = frozenset()) -> Node:
    """The tree of an expression. Raises FeelSyntaxError."""
    parser = Parser(text, known_names)
    node = parser.expression()
    parser.end()
    return node


def parse_unary_tests(text: str, known_names: frozenset[str] = frozenset()) -> Tests:
    """The tree of a decision table's cell: `-`, `not(…)` or alternatives. Raises FeelSyntaxError."""
    parser = Parser(text, known_names, has_input=True)
    node = parser.cell()
    parser.end()
    return node


class Parser(NameReader):
    """Reads one text. `tokens[index]` is the next token."""

    def __init__(self, text: str, known_names: frozenset[str], *, has_input: bool = False) -> None:
        if len(text) > MAX_LENGTH:
            raise FeelSyntaxError(Saying("an expression has at most {limit} characters", limit=MAX_LENGTH), text, MAX_LENGTH)
        super().__init__(text, known_names, has_input=has_input)
        self._depth = 0
        # Inside the upper end of a range `[` may close it: [1..10[
        self._in_range_end = False

    # Expressions

    def expression(self, binding: int = 0) -> Node:
        """An expression whose operators bind at least as tightly as `binding`."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self.fault("more than {limit} levels of nesting: use intermediate variables", limit=MAX_NESTING)
        node = self._infix(self._prefix(), binding)
        self._depth -= 1
        return node

    def _inner(self) -> Node:
        """An expression inside brackets of its own."""
        outer, self._in_range_end = self._in_range_end, False
        node = self.expression()
        self._in_range_end = outer
        return node

    def _infix(self, left: Node, least: int) -> Node:
        while True:
            token = self.tokens[self.index]
            binding = _BINDING.get(token.text, 0) if token.kind in ("op", "keyword", "name") else 0
            if binding == 0 or binding < least:
                return left
            if binding == _POSTFIX:
                extended = self._postfix(left, token)
                if extended is None:
                    return left
                left = extended
            elif binding == _COMPARE:
                left = self._comparison(left, token)
            elif binding <= _AND:
                left = self._logic(left, token.text, binding)
            else:
                left = self._chain(left, binding)

    def _chain(self, first: Node, binding: int) -> Node:
        rest = []
        while self._binding() == binding:
            sign = self.next()
            rest.append((sign.text, sign.start, self.expression(binding + 1)))
        return Chain(first.at, first, tuple(rest))

    def _logic(self, first: Node, op: str, binding: int) -> Node:
        operands = [first]
        while self._binding() == binding:
            self.next()
            operands.append(self.expression(binding + 1))
        return Logic(first.at, op, tuple(operands))

    def _binding(self) -> int:
        token = self.tokens[self.index]
        return _BINDING.get(token.text, 0) if token.kind in ("op", "keyword") else 0

    def _comparison(self, left: Node, token: Token) -> Node:
        self.next()
        node: Node
        if token.text == "between":
            low = self.expression(_ADD)
            self.keyword("and")
            node = Between(token.start, left, low, self.expression(_ADD))
        elif token.text == "in":
            node = In(token.start, left, self._in_tests())
        else:
            node = Compare(token.start, token.text, left, self.expression(_ADD))
        if self._binding() >= _COMPARE:
            raise self.fault("comparisons do not chain: join them by `and`, or use brackets")
        return node

    def _postfix(self, left: Node, token: Token) -> Node | None:
        if token.text == "instance":
            if token.kind != "name" or not self._is_at(1, "of"):
                return None
            self.index += 2
            return InstanceOf(token.start, left, self.type())
        if token.kind != "op":
            return None
        if token.text == ".":
            self.next()
            return Path(token.start, left, self._path_name())
        if token.text == "[":
            if self._in_range_end and not self._starts_expression(1):
                return None
            self.next()
            where = self._inner()
            self.op("]")
            return Filter(token.start, left, where)
        if not isinstance(left, _CALLABLE):
            raise self.fault("this cannot be called")
        return self._call(left)

    def _call(self, callee: Node) -> Node:
        at = self.next().start
        arguments: list[Node] = []
        names: list[str] = []
        while not self.is_op(")"):
            name = self._parameter_name()
            if name is not None:
                names.append(name)
            arguments.append(self._inner())
            if not self.is_op(","):
                break
            self.next()
            if self.is_op(")"):
                raise self.fault("a value is missing after the comma")
        self.op(")")
        if names and (len(names) != len(arguments) or len(set(names)) != len(names)):
            raise self.fault("name all parameters once each, or none")
        return Call(at, callee, tuple(arguments), tuple(names) if names else None)

    def _parameter_name(self) -> str | None:
        """The words before a colon, when what follows is a named parameter."""
        end = self.index
        while self.tokens[end].kind == "name":
            end += 1
        if end == self.index or self.tokens[end].text != ":" or self.tokens[end].kind != "op":
            return None
        words = [token.text for token in self.tokens[self.index : end]]
        self.index = end + 1
        return " ".join(words)

    # What an expression starts with

    def _prefix(self) -> Node:
        token = self.tokens[self.index]
        known = self._known_name()
        if known is not None:
            return Name(token.start, known)
        if token.kind in ("number", "string"):
            self.next()
            return Literal(token.start, token.value)
        if token.kind == "name":
            return self._name(token)
        if token.kind == "quoted":
            self.next()
            return Name(token.start, token.text)
        if token.kind == "keyword":
            return self._keyword(token)
        if token.kind == "at":
            self.next()
            try:
                return Literal(token.start, parse_any(str(token.value)))
            except Undefined as fault:
                raise FeelSyntaxError(fault.saying, self.text, token.start) from None
        if token.kind == "op" and token.text in ("(", "[", "]", "{", "-"):
            return self._sign_or_bracket(token)
        raise self.fault("an expression is expected here{but}", but=self._but())

    def _sign_or_bracket(self, token: Token) -> Node:
        self.next()
        if token.text == "-":
            is_literal = self.tokens[self.index].kind == "number"
            return self._negative(token) if is_literal else Negate(token.start, self.expression(_POSTFIX))
        if token.text == "(":
            return self._parenthesis(token)
        if token.text == "{":
            return self._context(token)
        outer, self._in_range_end = self._in_range_end, False
        if token.text == "]":
            low = self.expression(_ADD)
            node: Node = self._range(token, low, low_included=False)
        else:
            node = self._list(token)
        self._in_range_end = outer
        return node

    def _negative(self, sign: Token) -> Node:
        """A number with its sign is a literal, so that `-1 instance of number` holds."""
        number = self.next()
        value = number.value
        return self._infix(Literal(sign.start, -value), _POSTFIX)  # type: ignore[operator]

    def _parenthesis(self, token: Token) -> Node:
        outer, self._in_range_end = self._in_range_end, False
        sign = self.tokens[self.index]
        if sign.kind == "op" and sign.text in _COMPARISONS and sign.text != "!=":
            self.next()
            node = _half_range(token.start, sign.text, self.expression(_ADD))
            self.op(")")
        else:
            node = self.expression()
            if self.is_op(".."):
                node = self._range(token, node, low_included=False)
            else:
                self.op(")")
        self._in_range_end = outer
        return node

    def _range(self, opening: Token, low: Node, *, low_included: bool) -> Node:
        self.op("..")
        self._in_range_end = True
        high = self.expression(_ADD)
        self._in_range_end = False
        closing = self.next()
        if closing.kind != "op" or closing.text not in ("]", ")", "["):
            self.index -= 1
            raise self.fault("a range ends with ], ) or [{but}", but=self._but())
        return RangeOf(opening.start, low, high, low_included, closing.text == "]")

    def _list(self, opening: Token) -> Node:
        items: list[Node] = []
        if not self.is_op("]"):
            items.append(self._item())
            if self.is_op(".."):
                return self._range(opening, items[0], low_included=True)
            while self.is_op(","):
                self.next()
                items.append(self._item())
        self.op("]")
        return ListOf(opening.start, tuple(items))

    def _item(self) -> Node:
        """An item of a list: an expression, or a comparison with a right side only."""
        sign = self.tokens[self.index]
        if sign.kind != "op" or sign.text not in ("<", "<=", ">", ">="):
            return self.expression()
        self.next()
        return _half_range(sign.start, sign.text, self.expression(_ADD))

    def _context(self, opening: Token) -> Node:
        outer, self._in_range_end = self._in_range_end, False
        known = list(self._known)
        entries: list[tuple[str, Node]] = []
        while not self.is_op("}"):
            key = self._key()
            if any(key == earlier for earlier, _ in entries):
                raise self.fault('the context has two entries "{key}"', key=key)
            entries.append((key, self.expression()))
            self._learn(key)
            if not self.is_op(","):
                break
            self.next()
        self.op("}")
        self._entries += [entry for entry in self._known if entry not in known]
        self._known = known
        self._in_range_end = outer
        return ContextOf(opening.start, tuple(entries))

    def _key(self) -> str:
        token = self.tokens[self.index]
        if token.kind in ("string", "quoted"):
            self.next()
            self.op(":")
            return str(token.value) if token.kind == "string" else token.text
        start = self.index
        while self.tokens[self.index].kind in ("name", "keyword", "number") or (
            self.tokens[self.index].kind == "op" and self.tokens[self.index].text in _SIGNS_IN_NAMES
        ):
            self.index += 1
        if start == self.index or token.kind not in ("name", "keyword"):
            raise self.fault("the name of an entry is expected here{but}", but=self._but())
        end = self.tokens[self.index - 1].end
        self.op(":")
        return " ".join(self.text[token.start : end].split())

    def _keyword(self, token: Token) -> Node:
        self.next()
        if token.text in ("true", "false", "null"):
            return Literal(token.start, {"true": True, "false": False, "null": None}[token.text])
        if token.text == "if":
            return self._if(token)
        if token.text == "for":
            iterators = self._iterators()
            self.keyword("return")
            outer, self._partial_seen = self._partial_seen, False
            body = self.expression()
            node = For(token.start, iterators, body, self._partial_seen)
            self._partial_seen = outer
            return node
        if token.text in ("some", "every"):
            iterators = self._iterators()
            self.keyword("satisfies")
            return Quantified(token.start, token.text == "some", iterators, self.expression())
        if token.text == "function":
            return self._function(token)
        self.index -= 1
        raise self.fault("`{word}` is a word of FEEL and cannot stand here", word=token.text)

    def _if(self, token: Token) -> Node:
        branches: list[tuple[Node, Node]] = []
        while True:
            condition = self.expression()
            self.keyword("then")
            branches.append((condition, self.expression()))
            self.keyword("else")
            if not (self.tokens[self.index].kind == "keyword" and self.tokens[self.index].text == "if"):
                return If(token.start, tuple(branches), self.expression())
            self.next()

    def _iterators(self) -> tuple[Iterator, ...]:
        found: list[Iterator] = []
        while True:
            token = self.tokens[self.index]
            name = self._new_name()
            self.keyword("in")
            domain = self.expression()
            end = None
            if self.is_op(".."):
                self.next()
                end = self.expression(_ADD)
            found.append(Iterator(token.start, name, domain, end))
            if not self.is_op(","):
                return tuple(found)
            self.next()

    def _function(self, token: Token) -> Node:
        self.op("(")
        parameters: list[str] = []
        types: list[Type | None] = []
        while not self.is_op(")"):
            parameters.append(self._new_name())
            types.append(None)
            if self.is_op(":"):
                self.next()
                types[-1] = self.type()
            if not self.is_op(","):
                break
            self.next()
        self.op(")")
        if len(set(parameters)) != len(parameters):
            raise self.fault("two parameters have one name")
        if self.tokens[self.index].text == "external" and self._is_op_at(1, "{"):
            raise self.fault("external functions are not supported: an expression runs no code of others")
        return FunctionOf(token.start, tuple(parameters), tuple(types), self._inner())

    # Unary tests

    def cell(self) -> Tests:
        """A whole cell of a decision table."""
        first = self.tokens[self.index]
        if first.text == "-" and self.tokens[self.index + 1].kind == "end":
            self.next()
            return Tests(first.start, ())
        if first.text == "not" and self._is_op_at(1, "(") and self._closes_at_end(self.index + 1):
            self.index += 2
            tests = self._alternatives()
            self.op(")")
            return Tests(first.start, tests, negated=True)
        return Tests(first.start, self._alternatives())

    def _closes_at_end(self, opening: int) -> bool:
        depth = 0
        for index in range(opening, len(self.tokens)):
            token = self.tokens[index]
            if token.kind == "op" and token.text in "()":
                depth += 1 if token.text == "(" else -1
                if depth == 0:
                    return self.tokens[index + 1].kind == "end"
        return False

    def _alternatives(self) -> tuple[Node, ...]:
        tests = [self._test()]
        while self.is_op(","):
            self.next()
            tests.append(self._test())
        return tuple(tests)

    def _test(self, binding: int = 0) -> Node:
        token = self.tokens[self.index]
        if token.kind == "op" and token.text in _COMPARISONS:
            self.next()
            return OpTest(token.start, token.text, self.expression(_ADD))
        outer, self._input_seen = self._input_seen, False
        operand = self.expression(binding)
        test = ValueTest(token.start, operand, self._input_seen)
        self._input_seen = outer or self._input_seen
        return test

    def _in_tests(self) -> Tests:
        """What follows `in`: one test, or alternatives in brackets."""
        token = self.tokens[self.index]
        if token.kind != "op" or token.text != "(":
            return Tests(token.start, (self._test(_ADD),))
        outer = self._in_range_end, self._has_input
        self._in_range_end, self._has_input = False, True
        self.next()
        tests = self._alternatives()
        if self.is_op("..") and len(tests) == 1 and isinstance(tests[0], ValueTest):
            # It was the bracket of an open range: (1..10]
            tests = (ValueTest(token.start, self._range(token, tests[0].operand, low_included=False), False),)
        else:
            self.op(")")
        self._in_range_end, self._has_input = outer
        return Tests(token.start, tests)


def _half_range(at: int, sign: str, end: Node) -> Node:
    """(< 5) as a value."""
    if sign == "=":
        return RangeOf(at, end, end, True, True)
    if sign in (">", ">="):
        return RangeOf(at, end, None, sign == ">=", False)
    return RangeOf(at, None, end, False, sign == "<=")
