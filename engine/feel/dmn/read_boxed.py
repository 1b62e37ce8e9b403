"""Boxed expressions as they stand in the file → what is evaluated. Tables are left to who reads whole files."""

from collections.abc import Callable, Mapping

from ..expression import compile_expression
from .model import Choice, Definition, Entries, Filtering, Formula, Invocation, Items, Kind, Logic, Table, Turns
from .read_base import FileReader, one_line
from .xml import Element, child, children, local_name, text_of


class BoxedReader(FileReader):
    """Reads expressions of every kind; None where something is wrong, which has then been noted."""

    def table(self, element: Element) -> Table | None:
        """A decision table."""
        raise NotImplementedError

    def expression_in(self, owner: Element, kind: Kind | None = None) -> Logic | None:
        """The one expression that an element holds; `kind` is what a literal without a type of its own must give."""
        found = next((element for element in children(owner, *_READERS)), None)
        if found is None:
            self.problem(owner, "logic", "{part} has no logic", "Give it a decision table or another expression.", part=_titled(owner))
            return None
        return self.expression(found, kind)

    def expression(self, element: Element, kind: Kind | None = None) -> Logic | None:
        """An expression of any kind."""
        if local_name(element) == "literalExpression":
            return self._formula(element, kind)
        return _READERS[local_name(element)](self, element)

    def _formula(self, element: Element, kind: Kind | None) -> Formula | None:
        own = self.kind(element, element.get("typeRef") or "") if element.get("typeRef") or kind is None else kind
        expression = self.compile(compile_expression, element)
        if expression is None:
            if not text_of(element):
                self.problem(element, "expression", "the literal expression is empty", "Write an expression.")
            return None
        return Formula(expression=expression, kind=own)

    def _context(self, element: Element) -> Entries | None:
        entries: list[tuple[str, Logic | None, Kind]] = []
        result: list[Logic | None] = []
        names: list[str] = []
        for found in children(element, "contextEntry"):
            variable = child(found, "variable")
            name = one_line(None if variable is None else variable.get("name"))
            if name in names or result:
                self.problem(found, "logic", "the boxed context has two entries {name}, or one behind its result", "Name each entry once; the result stands last.", name=name)
            kind = self.kind(found, "" if variable is None else variable.get("typeRef") or "")
            with self.knowing(names):
                logic = self.expression_in(found)
            if name:
                names.append(name)
                entries.append((name, logic, kind))
            else:
                result.append(logic)
        whole = [(name, logic, kind) for name, logic, kind in entries if logic is not None]
        if len(whole) < len(entries) or None in result:
            return None
        return Entries(entries=tuple(whole), result=result[0] if result else None)

    def _list(self, element: Element) -> Items | None:
        return _whole([self.expression(found) for found in children(element, *_READERS)])

    def _relation(self, element: Element) -> Items | None:
        columns = [one_line(column.get("name")) for column in children(element, "column")]
        rows: list[Logic | None] = []
        for row in children(element, "row"):
            cells = [self.expression(cell) for cell in children(row, *_READERS)]
            if len(cells) != len(columns) or "" in columns or len(set(columns)) != len(columns):
                self.problem(row, "logic", "the row of a relation has {cells} cells for {columns} named columns", "Complete it in the modeler.", cells=len(cells), columns=len(columns))
                return None
            whole = [(name, cell, Kind()) for name, cell in zip(columns, cells, strict=True) if cell is not None]
            rows.append(Entries(entries=tuple(whole), result=None) if len(whole) == len(cells) else None)
        return _whole(rows)

    def _invocation(self, element: Element) -> Invocation | None:
        called = self.expression_in(element)
        bindings: list[tuple[str, Logic]] = []
        for found in children(element, "binding"):
            parameter = child(found, "parameter")
            name = one_line(None if parameter is None else parameter.get("name"))
            logic = self.expression_in(found)
            if logic is None:
                return None
            if not name or name in dict(bindings):
                self.problem(found, "logic", "a binding of the invocation names no parameter, or one twice", "Complete it in the modeler.")
                return None
            bindings.append((name, logic))
        return None if called is None else Invocation(called=called, bindings=tuple(bindings))

    def definition(self, element: Element, name: str = "") -> Definition | None:
        """A boxed function; `name` is that of a business knowledge model."""
        code = element.get("kind") or "FEEL"
        if code != "FEEL":
            self.problem(element, "logic", "functions in {code} are not supported: a decision runs no code of others", "Write it in FEEL.", code=code)
            return None
        formal = list(children(element, "formalParameter"))
        names = [one_line(parameter.get("name")) for parameter in formal]
        if "" in names or len(set(names)) != len(names):
            self.problem(element, "logic", "each parameter of the function needs a name of its own", "Complete it in the modeler.")
        kinds = [self.kind(parameter, parameter.get("typeRef") or "") for parameter in formal]
        with self.knowing(names):
            body = self.expression_in(element)
        return None if body is None else Definition(name=name, parameters=tuple(zip(names, kinds, strict=True)), body=body)

    def _choice(self, element: Element) -> Choice | None:
        parts = self._parts(element, "if", "then", "else")
        return None if parts is None else Choice(condition=parts["if"], then=parts["then"], otherwise=parts["else"])

    def _filter(self, element: Element) -> Filtering | None:
        parts = self._parts(element, "in", "match")
        return None if parts is None else Filtering(domain=parts["in"], match=parts["match"])

    def _turns(self, element: Element) -> Turns | None:
        word, name = local_name(element), one_line(element.get("iteratorVariable"))
        if not name:
            self.problem(element, "logic", "the boxed {word} names no variable", "Complete it in the modeler.", word=word)
        inner = "return" if word == "for" else "satisfies"
        with self.knowing([name] if name else []):
            parts = self._parts(element, "in", inner)
        return None if parts is None else Turns(word=word, name=name, domain=parts["in"], body=parts[inner])

    def _parts(self, element: Element, *names: str) -> Mapping[str, Logic] | None:
        found: dict[str, Logic] = {}
        for name in names:
            part = child(element, name)
            if part is None:
                self.problem(element, "logic", "the boxed {word} has no {part}", "Complete it in the modeler.", word=local_name(element), part=name)
                continue
            logic = self.expression_in(part)
            if logic is not None:
                found[name] = logic
        return found if len(found) == len(names) else None


def _whole(items: list[Logic | None]) -> Items | None:
    whole = [item for item in items if item is not None]
    return Items(items=tuple(whole)) if len(whole) == len(items) else None


def _titled(element: Element) -> str:
    """How a part without logic is called: its kind, and its name or id."""
    variable = child(element, "variable")
    name = element.get("name") or element.get("id") or ("" if variable is None else variable.get("name") or "")
    return f"{local_name(element)} {name}".strip()


_READERS: dict[str, Callable[..., Logic | None]] = {
    "decisionTable": lambda reader, element: reader.table(element),
    "literalExpression": BoxedReader.expression,
    "context": BoxedReader._context,
    "list": BoxedReader._list,
    "relation": BoxedReader._relation,
    "invocation": BoxedReader._invocation,
    "functionDefinition": BoxedReader.definition,
    "conditional": BoxedReader._choice,
    "filter": BoxedReader._filter,
    "for": BoxedReader._turns,
    "some": BoxedReader._turns,
    "every": BoxedReader._turns,
}
