"""Problems as SARIF 2.1.0, the form in which editors and code hosts show what a check found. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from engine.errors import Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(problems: Sequence[Problem], texts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The log of one run. `texts`: message and remedy of each problem in the reader's language."""
    rules = sorted({problem.rule for problem in problems})
    results = [_result(problem, message, fix, rules.index(problem.rule)) for problem, (message, fix) in zip(problems, texts, strict=True)]
    driver = {"name": "jianyi", "semanticVersion": _version(), "rules": [{"id": rule, "shortDescription": {"text": rule.replace("_", " ")}} for rule in rules]}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}]}


def _version() -> str:
    try:
        found = version("jianyi")
    except PackageNotFoundError:
        return "0.0.0"
    return found if re.fullmatch(r"\d+\.\d+\.\d+", found) else "0.0.0"


def _result(problem: Problem, message: str, fix: str, index: int) -> dict[str, Any]:
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(problem.file)}}}
    if problem.line:
        place["physicalLocation"]["region"] = {"startLine": problem.line}
    if problem.element_id:
        place["logicalLocations"] = [{"name": problem.element_id, "kind": "element"}]
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": "error" if problem.severity == "error" else "warning",
        "message": {"text": f"{message} → {fix}" if fix else message},
        "locations": [place],
    }


def _uri(file: str) -> str:
    """The file as a URI: relative as it was named, absolute with its scheme."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
