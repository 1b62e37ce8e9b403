"""YAML in which every mapping knows its line and little is guessed: null, true, false and whole numbers; dates and all else stay text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from engine.errors import DefinitionError, Problem, Rejected, said_with


class Located(dict[str, Any]):
    """A mapping of a file and the line on which it begins."""

    line: int = 0


class Report:
    """Everything wrong with one file, gathered so that it is said at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, line: int, rule: str, template: str, fix: str, **params: object) -> None:
        """Note a problem and its remedy, as templates with parameters."""
        self.problems.append(Problem(file=self.file, line=line, element_id=None, rule=rule, template=template, fix_template=fix, params=said_with(params)))

    def end(self) -> None:
        """Raises DefinitionError with all problems, if there are any."""
        if self.problems:
            raise DefinitionError(self.problems)


def read_mapping(path: Path, report: Report) -> Located:
    """The mapping that a file holds. Raises Rejected where it cannot be read, DefinitionError where it holds none."""
    import yaml

    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected("no_file", "{file} cannot be read: {text}", file=path, text=str(getattr(error, "strerror", None) or error)) from None
    value: Any = None
    try:
        value = _value(yaml.compose(text, Loader=_loader()), report, 0)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or " ".join(str(error).split())
        report.add(mark.line + 1 if mark else 1, "yaml", "the file is no YAML: {error}", "mend the line; texts with : or # stand in quotation marks", error=said)
    if not report.problems and not isinstance(value, Located):
        report.add(1, "shape", "the file holds no mapping", "write name: value, one a line")
    report.end()
    assert isinstance(value, Located)
    return value


DEPTH_MAX = 50


def _value(node: Any, report: Report, depth: int) -> Any:
    if node is None:
        return None
    if depth > DEPTH_MAX:
        report.add(node.start_mark.line + 1, "yaml", "more than {limit} levels stand within one another", "write it flatter", limit=DEPTH_MAX)
        return None
    if node.id == "mapping":
        return _of_mapping(node, report, depth)
    if node.id == "sequence":
        return [_value(inner, report, depth + 1) for inner in node.value]
    kind = node.tag.rpartition(":")[2]
    if kind == "int":
        return int(node.value)
    return {"null": None, "bool": node.value == "true"}.get(kind, node.value)


def _of_mapping(node: Any, report: Report, depth: int) -> Located:
    found = Located()
    found.line = node.start_mark.line + 1
    for key, inner in node.value:
        line = key.start_mark.line + 1
        if key.id != "scalar":
            report.add(line, "yaml", "a name is a list or a mapping", "write name: value")
        elif key.value in found:
            report.add(line, "yaml", "{name} stands here twice", "name each once", name=key.value)
        else:
            found[key.value] = _value(inner, report, depth + 1)
    return found


def _loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}

    Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
    Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
    return Loader
