"""What reading any part of a DMN file needs: noting problems, types, known names, compiling texts."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from ...errors import Problem, said_with
from ..errors import FeelSyntaxError
from ..expression import compile_unary_tests
from .model import Kind
from .xml import Element, child, children, text_of

Compiled = TypeVar("Compiled")
MAX_TYPES = 50
_KINDS = {
    "": Kind(),
    "any": Kind(),
    "string": Kind(name="string"),
    "boolean": Kind(name="boolean"),
    "number": Kind(name="number"),
    "double": Kind(name="number"),
    "integer": Kind(name="number", is_whole=True),
    "long": Kind(name="number", is_whole=True),
    "date": Kind(name="date"),
    "time": Kind(name="time"),
    "datetime": Kind(name="date and time"),
    "date and time": Kind(name="date and time"),
    "daytimeduration": Kind(name="days and time duration"),
    "days and time duration": Kind(name="days and time duration"),
    "yearmonthduration": Kind(name="years and months duration"),
    "years and months duration": Kind(name="years and months duration"),
    "context": Kind(name="context"),
    "list": Kind(name="list"),
}


def one_line(name: str | None) -> str:
    """A name as FEEL reads it: its words joined by single blanks."""
    return " ".join((name or "").split())


def known_names(root: Element) -> frozenset[str]:
    """What all expressions of the file can name though it holds blanks or signs: inputs, decisions, models; and parts of types made of words."""
    owners = list(children(root, "decision", "inputData", "businessKnowledgeModel"))
    found = [one_line(owner.get("name")) for owner in owners]
    found += [one_line(variable.get("name")) for owner in owners if (variable := child(owner, "variable")) is not None]
    parts = [one_line(part.get("name")) for item in children(root, "itemDefinition") for part in item.iter("{*}itemComponent")]
    found += [part for part in parts if all(word.isalnum() for word in part.split())]
    return frozenset(name for name in found if name)


class FileReader:
    """Reads one file; `problems` grows as it goes."""

    def __init__(self, root: Element, file: str) -> None:
        self.root = root
        self.file = file
        self.problems: list[Problem] = []
        self.names = known_names(root)
        self._types = {element.get("name") or "": element for element in reversed(list(children(root, "itemDefinition")))}
        self._kinds: dict[str, Kind | None] = {}
        self._open: list[str] = []

    def problem(self, element: Element, rule: str, template: str, fix: str, **params: object) -> None:
        """Note a fault of this element; it is named by its own id or that of the nearest element around it."""
        owner: Element | None = element
        while owner is not None and not owner.get("id"):
            owner = owner.getparent()
        element_id = None if owner is None else str(owner.get("id"))
        line = int(element.sourceline or 0)
        self.problems.append(Problem(file=self.file, line=line, element_id=element_id, rule=rule, template=template, fix_template=fix, params=said_with(params)))

    @contextmanager
    def knowing(self, names: Iterable[str]) -> Iterator[None]:
        """Expressions read meanwhile know these names too."""
        outer = self.names
        self.names = outer | frozenset(names)
        yield
        self.names = outer

    def read_kinds(self) -> None:
        """Look at every type of the file, so that what is wrong in one that nobody uses is said too."""
        for name, element in self._types.items():
            self.kind(element, name)

    def kind(self, element: Element, reference: str) -> Kind:
        """What the typeRef of an element asks for."""
        name = reference.rpartition(":")[2]
        if name in self._types:
            return self._defined(element, name)
        kind = _KINDS.get(name.lower())
        if kind is None:
            self.problem(element, "type", "there is no type {reference}", "Use a type of FEEL such as string or number.", reference=reference)
            return Kind()
        return kind

    def _defined(self, element: Element, name: str) -> Kind:
        if name not in self._kinds:
            if len(self._open) >= MAX_TYPES:
                self.problem(element, "type", "types are built one upon another more than {limit} times", "Shorten the chain.", limit=MAX_TYPES)
                return Kind()
            self._kinds[name] = None
            self._open.append(name)
            self._kinds[name] = self._definition(self._types[name])
            self._open.pop()
        kind = self._kinds[name]
        if kind is None:
            self.problem(element, "type", "the type {name} is made of itself", "Break the circle.", name=name)
            return Kind()
        return kind

    def _definition(self, element: Element) -> Kind:
        base = child(element, "typeRef")
        parts = tuple((one_line(part.get("name")), self._part(part)) for part in children(element, "itemComponent"))
        kind = Kind(name="context", title=one_line(element.get("name")), entries=parts) if parts else Kind()
        if base is not None:
            kind = self.kind(element, (base.text or "").strip())
        allowed = self.compile(compile_unary_tests, child(element, "allowedValues"))
        constraint = self.compile(compile_unary_tests, child(element, "typeConstraint"))
        is_list = element.get("isCollection") == "true"
        if is_list and kind.is_list:
            # What the inner lists hold is not looked at.
            return Kind(name="list", is_list=True, allowed=allowed, constraint=constraint)
        return replace(kind, is_list=is_list or kind.is_list, allowed=allowed or kind.allowed, constraint=constraint or kind.constraint)

    def _part(self, element: Element) -> Kind:
        base = child(element, "typeRef")
        name = "" if base is None else (base.text or "").strip().rpartition(":")[2]
        # A type may be a part of itself, as of a tree: what lies deeper is not looked at.
        return Kind() if name in self._kinds and self._kinds[name] is None else self._definition(element)

    def compile(self, compiler: Callable[[str, frozenset[str]], Compiled], element: Element | None) -> Compiled | None:
        """The compiled text of the element; None when it has none or is wrong."""
        text = text_of(element)
        if element is None or not text:
            return None
        language = element.get("expressionLanguage") or ""
        if language and "feel" not in language.lower():
            self.problem(element, "expression", "the expression language {language} is not supported", "Use FEEL.", language=language)
            return None
        try:
            return compiler(text, self.names)
        except FeelSyntaxError as fault:
            self.problem(element, "expression", "{error}", "Mend the expression.", error=fault.saying)
            return None
