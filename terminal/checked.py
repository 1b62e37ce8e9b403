"""`process check` on the screen: which files are read, how far it is, what was found, grouped by file, in the reader's language."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output
from .language import mark, say
from .layout import bold, screen_width, shortened, wrapped

if TYPE_CHECKING:
    from engine.checking import Checked
    from engine.errors import Problem

    from .session import Session

MANY = 20
"""From so many files on, it is said how far the check is."""
INDENT = " " * 7
LINES_MAX = 8
"""A message that quotes more of the file than fits so many lines is cut on the screen."""
NEIGHBOURS_MAX = 200
"""A file is checked with those beside it, unless its folder is a heap of diagrams."""


# -- reading


def named_files(paths: Sequence[Path]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files that are named, folders with all they hold, and those beside named files that they may call. Raises Rejected."""
    from engine.errors import Rejected

    named: dict[str, bytes] = {}
    beside: dict[str, bytes] = {}
    for path in paths:
        found = _of_folder(path) if path.is_dir() else [path]
        if not found:
            raise Rejected("no_file", "{file} holds no diagrams", file=path, hint=mark("name a folder of .bpmn, .dmn and forms/*.json files"))
        named |= {_shown(each): _bytes(each) for each in found}
    for folder in sorted({_home(path) for path in paths if not path.is_dir()}):
        others = [each for each in _of_folder(folder) if _shown(each) not in named]
        if len(others) <= NEIGHBOURS_MAX:
            beside |= {_shown(each): _bytes(each) for each in others}
    return named, beside


def _shown(path: Path) -> str:
    """As it was named; without the working folder where it lies in it."""
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()


def _home(path: Path) -> Path:
    return path.parent.parent if path.parent.name == "forms" and path.suffix == ".json" else path.parent


def _of_folder(folder: Path) -> list[Path]:
    """The files of a deployment in a folder; in a folder that has none itself, those of all folders below."""
    own = [*folder.glob("*.bpmn"), *folder.glob("*.dmn"), *folder.glob("forms/*.json")]
    return sorted(own or [*folder.rglob("*.bpmn"), *folder.rglob("*.dmn"), *folder.rglob("forms/*.json")])


def _bytes(path: Path) -> bytes:
    from engine.errors import Rejected

    try:
        return path.read_bytes()
    except OSError as error:
        raise Rejected("no_file", "{file} cannot be read: {text}", file=path, text=error.strerror or "") from None


# -- progress


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], None] | None]:
    """Says how many files are read: a bar on a terminal, a line now and then elsewhere, nothing where there are few."""
    if total < MANY:
        yield None
        return
    if not sys.stderr.isatty():
        yield _lines(total)
        return
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(BarColumn(bar_width=24), TextColumn("{task.completed}/{task.total} {task.description}"), console=output.console(err=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda file: bar.update(task, advance=1, description=Path(file).name)


def _lines(total: int) -> Callable[[str], None]:
    done = [0]

    def tell(file: str) -> None:
        done[0] += 1
        if done[0] % 100 == 0 or done[0] == total:
            output.talk(say("{done} of {total} files read", done=done[0], total=total))

    return tell


@contextmanager
def without_collecting() -> Iterator[None]:
    """Python does not look for garbage meanwhile: a check makes little, and looking through all it has learnt of many files takes a third of its time."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


# -- telling


def said(problem: Problem) -> tuple[str, str]:
    """Message and remedy of a problem in the current language."""
    params: dict[str, object] = dict(problem.params)
    if isinstance(params.get("what"), str):
        params["what"] = _what(str(params["what"]))
    return say(problem.template, **params), say(problem.fix_template, **params)


WHATS = (
    mark("its condition"), mark("its time"), mark("its script"), mark("its groups"), mark("its assignee"), mark("its due date"), mark("its priority"),
    mark("its input collection"), mark("its input element"), mark("its output collection"), mark("its output element"), mark("its completion condition"),
    mark("its loop condition"), mark("its loop cardinality"), mark("its result variable"), mark("the correlation key of its message"), mark("its property"),
    mark("the name of its message"), mark("the name of its signal"), mark("the decision"), mark("its header"), mark("its input"), mark("its output"),
)  # fmt: skip
"""The parts of an element that a check names, some followed by a name."""


KINDS = (
    mark("process"), mark("sequenceFlow"), mark("task"), mark("userTask"), mark("manualTask"), mark("serviceTask"), mark("scriptTask"), mark("sendTask"),
    mark("receiveTask"), mark("businessRuleTask"), mark("callActivity"), mark("subProcess"), mark("transaction"), mark("adHocSubProcess"),
    mark("exclusiveGateway"), mark("parallelGateway"), mark("inclusiveGateway"), mark("eventBasedGateway"), mark("complexGateway"), mark("startEvent"),
    mark("endEvent"), mark("intermediateCatchEvent"), mark("intermediateThrowEvent"), mark("boundaryEvent"), mark("message"), mark("signal"), mark("timer"),
    mark("conditional"), mark("error"), mark("escalation"), mark("cancel"), mark("compensate"), mark("terminate"), mark("link"), mark("source"), mark("target"),
)  # fmt: skip
"""Elements and triggers as problems name them, by their names in BPMN."""


def _what(text: str) -> str:
    for words in sorted(WHATS, key=len, reverse=True):
        if text == words:
            return say(words)
        if text.startswith(words + " "):
            return f"{say(words)} {text[len(words) + 1 :]}"
    return text


def rows(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems as data: names in English, texts in the reader's language."""
    found = []
    for problem in problems:
        message, fix = said(problem)
        edit = {"old": problem.edit.old, "new": problem.edit.new} if problem.edit else None
        found.append(
            {
                "file": problem.file,
                "line": problem.line,
                "element_id": problem.element_id,
                "severity": problem.severity,
                "rule": problem.rule,
                "message": message,
                "fix": fix,
                "edit": edit,
            }
        )
    return found


def tell(session: Session, checked: Checked) -> None:
    """Print what was found: for people by file, or as the session asks."""
    found = rows(checked.problems)
    if session.wants_json or session.output != "table":
        columns = [output.Column(name=name, title=name) for name in ("file", "line", "element_id", "severity", "rule", "message", "fix")]
        output.emit(session, found, columns)
        return
    for_people(found)
    counts = {"files": len(checked.files), "processes": checked.processes, "errors": len(checked.errors), "warnings": len(checked.warnings)}
    if found:
        output.talk(say("{files} files, {processes} processes: {errors} errors, {warnings} warnings", **counts))
    else:
        output.talk(say("{files} files, {processes} processes, nothing wrong", **counts))


SEVERITIES = {"error": mark("error"), "warning": mark("warning")}


def for_people(found: Sequence[dict[str, Any]], *, err: bool = False) -> None:
    """Each file once, its problems below it by line, wrapped to the terminal; what quotes very much of the file is cut."""
    from rich.cells import cell_len

    stream = sys.stderr if err else sys.stdout
    width = max(30, screen_width() - len(INDENT))
    for file, group in groupby(found, key=lambda row: row["file"]):
        print(bold(file), file=stream)
        for row in group:
            place = str(row["line"] or "-")
            head = f"{place:>5}  {say(SEVERITIES.get(row['severity'], row['severity']))}  {row['rule']}  "
            print((head + shortened(row["element_id"] or "", max(12, screen_width() - cell_len(head)))).rstrip(), file=stream)
            for text in (row["message"], f"→ {row['fix']}"):
                for line in wrapped(shortened(text, width * LINES_MAX), width):
                    print(INDENT + line, file=stream)


def write_sarif(checked: Checked, place: str) -> None:
    """Write the SARIF log to a file, or to stdout for `-`. Raises Rejected."""
    from engine.errors import Rejected

    from .sarif import sarif

    text = json.dumps(sarif(checked.problems, [said(problem) for problem in checked.problems]), ensure_ascii=False, indent=1)
    if place == "-":
        print(text)
        return
    try:
        Path(place).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise Rejected("no_file", "{file} cannot be written: {text}", file=place, text=error.strerror or "") from None
