"""How a built-in function is declared: its name, parameters with kinds, and what it does.

`@function("substring", "string: string, start position: number, length?: number")` registers the function below it.
`?` marks what may be left out, `...` what may be repeated. Kinds: those of `KIND_NAMES`, `any`, `temporal`. A list of
one item stands for the item, and anything but null for a list of one (DMN 1.3, 10.3.2.9.4).
The Python function takes the Run and the values; it raises Undefined where FEEL has null.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ...errors import Saying, listed
from ..context import Run
from ..errors import Undefined
from ..kinds import KIND_NAMES, NUMBERS, TEMPORAL, Function, Value, kind

Body = Callable[..., Value]
_TYPES: dict[str, frozenset[type]] = {
    **{name: frozenset((python,)) for python, name in KIND_NAMES.items()},
    "number": NUMBERS,
    "temporal": TEMPORAL,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a built-in function."""

    name: str
    kind: str
    optional: bool
    repeated: bool

    def fit(self, value: Value) -> Value:
        """The value as this parameter takes it. Raises Undefined."""
        if self.kind == "any":
            return value
        if value is None:
            raise Undefined("{name} is null", name=self.name)
        if self.kind == "list":
            return value if type(value) is list else [value]
        types = _TYPES[self.kind]
        if type(value) in types:
            return value
        if type(value) is list and len(value) == 1 and type(value[0]) in types:
            return value[0]
        raise Undefined("{name} must be a {wanted}, not a {kind}", name=self.name, wanted=self.kind, kind=kind(value))


@dataclass(frozen=True, slots=True)
class Overload:
    """One form of a built-in function."""

    parameters: tuple[Parameter, ...]
    body: Body

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many values by position."""
        required = sum(not parameter.optional for parameter in self.parameters)
        return required <= count and (count <= len(self.parameters) or self.repeats)

    @property
    def repeats(self) -> bool:
        """Whether its last parameter may be repeated."""
        return bool(self.parameters) and self.parameters[-1].repeated

    def order(self, names: tuple[str, ...]) -> tuple[int | None, ...] | None:
        """For each parameter the place of its name in the call; None overall when the names do not fit."""
        own = [parameter.name for parameter in self.parameters]
        if not set(names) <= set(own):
            return None
        if any(not p.optional and p.name not in names for p in self.parameters):
            return None
        return tuple(names.index(name) if name in names else None for name in own)

    def fitters(self, count: int) -> tuple[Callable[[Value], Value], ...]:
        """One function for each of `count` values that fits it to its parameter."""
        last = len(self.parameters) - 1
        return tuple(self.parameters[min(index, last)].fit for index in range(count))


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function with all its forms, first the one to prefer."""

    name: str
    overloads: tuple[Overload, ...]

    def overload(self, count: int) -> Overload | None:
        """The form for so many values by position."""
        return next((overload for overload in self.overloads if overload.takes(count)), None)

    def usage(self) -> str | Saying:
        """How it is called, for messages."""
        return listed([f"{self.name}({', '.join(p.name for p in o.parameters)})" for o in self.overloads], joint="{first} or {rest}")

    def as_value(self) -> Function:
        """The function as a value that can be passed on."""

        def invoke(run: Run, values: list[Value]) -> Value:
            overload = self.overload(len(values))
            if overload is None:
                raise Undefined("it is called as {usage}", usage=self.usage())
            run.charge(1)
            fitted = [fit(value) for fit, value in zip(overload.fitters(len(values)), values, strict=True)]
            return overload.body(run, *fitted)

        return Function(self.name, None, invoke)


BUILTINS: dict[str, Builtin] = {}


def function(name: str, parameters: str = "") -> Callable[[Body], Body]:
    """Register the decorated function under this FEEL name; a second registration adds a form."""

    def register(body: Body) -> Body:
        overload = Overload(tuple(_parameter(text) for text in parameters.split(",") if text), body)
        earlier = BUILTINS[name].overloads if name in BUILTINS else ()
        BUILTINS[name] = Builtin(name, (*earlier, overload))
        return body

    return register


def _parameter(text: str) -> Parameter:
    name, _, kind_name = (part.strip() for part in text.partition(":"))
    assert kind_name in _TYPES or kind_name in ("any", "list"), kind_name
    repeated = name.endswith("...")
    optional = name.endswith("?")
    return Parameter(name.rstrip("?."), kind_name, optional, repeated)
