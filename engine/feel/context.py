"""What an expression is evaluated in: variables, the moment, the host's functions, budgets, notes.

Pure data. `Context` is what callers build; `Run` is the state of one evaluation; `Frame` holds local names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from ..errors import Saying, said_of
from .errors import FeelError, Undefined
from .kinds import Function, Value

BUDGET = 100_000
MAX_TEXT = 1_000_000
MAX_ITEMS = 100_000
MAX_NOTES = 100
MAX_PARTS = 200_000
MAX_DEPTH = 100
_FREE_TEXT = 1024


class NoteKind(Enum):
    """The kinds of reason for a null."""

    UNKNOWN_VARIABLE = "unknown variable"
    UNKNOWN_FUNCTION = "unknown function"
    UNKNOWN_ENTRY = "unknown entry"
    UNDEFINED = "undefined"


class Note(NamedTuple):
    """One reason why something became null. `name` is the variable, function or entry that is missing, else empty."""

    kind: NoteKind
    saying: Saying
    offset: int
    name: str = ""

    @property
    def reason(self) -> str:
        """The reason in English."""
        return str(self.saying)


@dataclass(slots=True)
class Context:
    """What an expression may see. Notes are appended to `notes`; everything else is read only.

    `now` is an aware instant, `zone` the jurisdiction's zone in which `today()` is a civil date.
    `functions` are the host's own, called with positional values. `budget` counts steps of one evaluation.
    """

    variables: Mapping[str, Value] = field(default_factory=dict)
    now: datetime | None = field(default=None, kw_only=True)
    zone: str = field(default="Asia/Shanghai", kw_only=True)
    functions: Mapping[str, Callable[..., Value]] = field(default_factory=dict, kw_only=True)
    budget: int = field(default=BUDGET, kw_only=True)
    notes: list[Note] = field(default_factory=list, kw_only=True)

    @property
    def unknown_names(self) -> tuple[str, ...]:
        """The variables that were read and do not exist, in order of reading, each once."""
        return tuple(dict.fromkeys(note.name for note in self.notes if note.kind is NoteKind.UNKNOWN_VARIABLE))


class Frame:
    """One level of local names: `values` maps them, or is the item that a filter looks at."""

    __slots__ = ("parent", "values")

    def __init__(self, parent: "Frame | None", values: Value) -> None:
        self.parent = parent
        self.values = values


class Run:
    """The state of one evaluation: what is left of its budgets, and where its notes go."""

    __slots__ = ("context", "depth", "steps", "text", "variables")

    def __init__(self, context: Context, text: str) -> None:
        self.context = context
        self.variables = context.variables
        self.steps = context.budget
        self.depth = 0
        self.text = text

    def charge(self, steps: int) -> None:
        """Take steps from the budget. Raises FeelError when it is used up."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelError(Saying("the expression takes more than {most} steps", most=self.context.budget), self.text)

    def charge_text(self, length: int) -> None:
        """Take steps for work on a text of this length. Raises FeelError when it is too long."""
        if length > _FREE_TEXT:
            if length > MAX_TEXT:
                raise FeelError(Saying("a text would have more than {most} characters", most=MAX_TEXT), self.text)
            self.charge(length // _FREE_TEXT)

    def charge_items(self, count: int) -> None:
        """Take steps for a list of this length. Raises FeelError when it is too long."""
        if count > MAX_ITEMS:
            raise FeelError(Saying("a list would have more than {most} items", most=MAX_ITEMS), self.text)
        self.charge(1 + (count >> 4))

    def null(self, offset: int, reason: object, kind: NoteKind = NoteKind.UNDEFINED, name: str = "") -> bool | None:
        """Note why something is null, and be that null; typed so that a test may return it."""
        notes = self.context.notes
        if len(notes) < MAX_NOTES:
            notes.append(Note(kind, said_of(reason), offset, name))
        return None

    def bounded(self, value: Value) -> Value:
        """The result, if it is a tree that can be gone through: lists that share parts may unfold without end."""
        parts, level, depth = 0, [value], 0
        while level:
            following: list[Value] = []
            for container in level:
                items = container if type(container) is list else container.values()  # type: ignore[attr-defined]
                parts += len(items)
                if parts > MAX_PARTS or depth > MAX_DEPTH:
                    raise FeelError(Saying("the result has more than {parts} parts or {levels} levels", parts=MAX_PARTS, levels=MAX_DEPTH), self.text)
                following += [item for item in items if type(item) is list or type(item) is dict]
            level, depth = following, depth + 1
        return value

    def call(self, function: Value, arguments: list[Value]) -> Value:
        """Call a function value. Raises Undefined when it is none or has other parameters."""
        if type(function) is not Function:
            raise Undefined("this is no function")
        return function.invoke(self, arguments)
