"""Says everything wrong or doubtful about a whole set of diagrams, decision tables and forms at once. Pure; `check` is its door.

Beyond what cannot run (`kernel.examine`): what the drawing leaves open (`drawing`), messages that go nowhere (`letters`), and data
(`data`): names that nothing can write, texts that nobody offers, kinds that do not meet, fields that are read before they are asked.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from .. import kernel
from ..errors import Problem
from ..forms import Form, read_form
from ..registry import Registry

__all__ = ["Checked", "check"]

LIMITS_FILE = "time_limits.dmn"
SETTINGS_FILE = "settings.dmn"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found. `processes`: how many processes the files hold."""

    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    processes: int

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be mended before a deployment."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What an analyst should look at."""
        return tuple(problem for problem in self.problems if problem.severity != "error")


def check(
    files: Mapping[str, bytes],
    *,
    registry: Registry | None = None,
    beside: Mapping[str, bytes] | None = None,
    on_file: Callable[[str], None] | None = None,
) -> Checked:
    """Check a set of files (`*.bpmn`, `*.dmn`, `forms/*.json`) by path.

    `registry`: what handlers, checks, groups and settings there are; None: nothing is said about these. `beside`: files that the
    checked ones may name (processes they call, forms, decisions) and that are not told about. `on_file` is told each file when it is
    read.
    """
    # The parts know the kernel and FEEL from inside; who only holds a registry need not load them.
    from ..shipped import table_problems
    from .congregation import Congregation
    from .data import tell_data
    from .decisions import decisions_of
    from .drawing import tell_drawing
    from .letters import tell_messages
    from .report import Report
    from .sources import declared

    everything = {**_fitting(files, beside or {}), **files}
    problems: list[Problem] = []
    forms = _forms(everything, problems)
    limits = next((everything[path] for path in sorted(everything) if path.rsplit("/", 1)[-1] == LIMITS_FILE), None)
    sources = declared(registry, forms, limits)
    topics = None if sources.topics is None else sources.topics.keys()
    # The table of settings is no decision that a diagram calls: its rows are read and told by `table_problems`.
    diagrams = {path: data for path, data in everything.items() if not path.endswith(".json") and path.rsplit("/", 1)[-1] != SETTINGS_FILE}
    examined = kernel.examine(diagrams, topics=topics, forms=forms.keys(), on_file=on_file)
    problems += examined.problems

    report = Report()
    together = Congregation(examined.outlines, sources, decisions_of(diagrams))
    together.study()
    for outline in examined.outlines:
        tell_drawing(outline, sources, report)
    tell_messages(together, report)
    tell_data(together, report)
    problems += _added(problems, report.problems)
    problems += table_problems(everything, registry)

    told = [problem for problem in problems if problem.file in files]
    if not any(problem.severity == "error" for problem in problems):
        examined.assembled()
    told.sort(key=lambda one: (one.file, one.line or 0, one.element_id or "", one.severity, one.rule, one.message))
    return Checked(problems=tuple(told), files=tuple(sorted(files)), processes=sum(len(o.processes) for o in examined.outlines if o.file in files))


_PROCESS_ID = re.compile(rb"""<(?:[\w.-]+:)?process\b[^>]*?\sid\s*=\s*["']([^"']*)["']""")


def _fitting(files: Mapping[str, bytes], beside: Mapping[str, bytes]) -> dict[str, bytes]:
    """The neighbours that can be of the same set: none that has a process of the same id as a file that is checked."""
    own = {found for data in files.values() for found in _process_ids(data)}
    return {path: data for path, data in beside.items() if own.isdisjoint(_process_ids(data))}


def _process_ids(data: bytes) -> list[bytes]:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    return _PROCESS_ID.findall(data)


def _forms(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    for path in sorted(files):
        if path.endswith(".json"):
            form = read_form(path, files[path])
            if isinstance(form, Problem):
                problems.append(form)
                # A form that must be mended is there all the same: who names it is not told that it is missing.
                forms.setdefault(path.rsplit("/", 1)[-1].removesuffix(".json"), Form(path, {}))
            else:
                forms[form.id] = form
    return forms


_ONE_WORD = frozenset({"unreachable", "assignment"})


def _added(known: Collection[Problem], found: Collection[Problem]) -> list[Problem]:
    """What is new: the kernel tells the plainest cases of some rules itself."""
    told = {(problem.file, problem.element_id, problem.rule) for problem in known if problem.rule in _ONE_WORD}
    return [problem for problem in found if (problem.file, problem.element_id, problem.rule) not in told]
