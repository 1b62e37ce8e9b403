"""A deployment (部署): a whole set of diagrams, tables and forms, content-addressed. Pure: bytes in, a `Bundle` out, or all problems at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from . import kernel
from .canonical import canonical, sha256
from .errors import DefinitionError, NotFound, Problem, Rejected, require, said_with
from .forms import Form, read_form

LIMITS_FILE = "time_limits.dmn"
SETTINGS_FILE = "settings.dmn"
"""Both are stored by a deployment but never bound to an instance: limits and settings are read at the moment."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """All that an instance is bound to: the definitions, the forms, and their common digest."""

    digest: str
    definitions: kernel.Definitions
    forms: Mapping[str, Form]

    def process(self, process_id: str) -> kernel.ProcessDefinition:
        """The process definition (流程定义). Raises NotFound."""
        found = self.definitions.processes.get(process_id)
        if found is None:
            raise NotFound("not_found", "there is no process {process}", process=process_id, hint="jianyi process list")
        return found

    def form(self, form_id: str) -> Form:
        """The form. Raises Rejected: check should have refused a diagram that names none."""
        found = self.forms.get(form_id)
        if found is None:
            raise Rejected("no_form", "there is no form {form} in this deployment", form=form_id, hint="deploy the form")
        return found

    def start_by_hand(self, process: kernel.ProcessDefinition, element_id: str | None) -> kernel.Element | None:
        """The start event at which a person may start the process: the named one, or its only none start event; None where it has none drawn."""
        caught = {point.element_id for point in self.definitions.starts if point.process_id == process.id}
        tops = [e for e in process.elements.values() if e.type == "startEvent" and e.scope in (None, process.id)]
        # A start that waits for a message may also be offered to people: its properties then name their groups.
        by_hand = [start for start in tops if start.id not in caught or (start.id == element_id and "groups" in start.properties)]
        named = [start for start in by_hand if element_id in (None, start.id)]
        if not tops and element_id is None:
            return None
        require(named, "no_start", "{process} has no start by hand {element}", process=process.id, element=element_id or "")
        require(
            len(named) == 1,
            "which_start",
            "{process} can be started at {starts}",
            process=process.id,
            starts=", ".join(start.id for start in named),
            hint="name one of them",
        )
        return named[0]

    @cached_property
    def listing(self) -> tuple[tuple[str, str, str], ...]:
        """`(process id, file, name)` of every process, sorted."""
        return tuple(sorted((p.id, p.file, p.name) for p in self.definitions.processes.values()))


def digest_of(files: Mapping[str, bytes]) -> str:
    """The deployment's id: sha256 over the sorted paths and digests of its files, as hex."""
    return sha256(canonical([[path, sha256(files[path]).hex()] for path in sorted(files)])).hex()


def jurisdictions_of(files: Mapping[str, bytes]) -> Mapping[str, Mapping[str, str]]:
    """The jurisdictions that a set of files has settings for, with their names (`zh`, `en`). Raises DefinitionError."""
    from .settings import SettingTable

    data = files.get(SETTINGS_FILE)
    return SettingTable.read(data).jurisdictions if data is not None else {}


def bind(files: Mapping[str, bytes], topics: Collection[str] | None = None, checks: Collection[str] | None = None) -> Bundle:
    """Read and check a set of files. Raises DefinitionError with every problem of every file."""
    forms: dict[str, Form] = {}
    problems: list[Problem] = []
    for path in sorted(files):
        if path.startswith("forms/") and path.endswith(".json"):
            form = read_form(path, files[path])
            if isinstance(form, Problem):
                problems.append(form)
            else:
                forms[form.id] = form
    diagrams = {path: data for path, data in files.items() if path.endswith((".bpmn", ".dmn")) and path not in (LIMITS_FILE, SETTINGS_FILE)}
    try:
        definitions = kernel.load(diagrams, topics=topics, forms=None if problems else forms.keys())
    except DefinitionError as error:
        raise DefinitionError((*problems, *error.problems)) from None
    if checks is not None:
        problems += _unknown_checks(definitions, checks)
    if problems:
        raise DefinitionError(problems)
    return Bundle(digest=digest_of(files), definitions=definitions, forms=forms)


def _unknown_checks(definitions: kernel.Definitions, checks: Collection[str]) -> list[Problem]:
    return [
        Problem(
            file=process.file,
            line=element.line,
            element_id=element.id,
            rule="check",
            template="names the check {check}, which no handler file declares",
            fix_template="correct the property check, or declare it in handlers/",
            params=said_with({"check": element.properties["check"]}),
        )
        for process in definitions.processes.values()
        for element in process.elements.values()
        if element.properties.get("check", next(iter(checks), None)) not in checks and "check" in element.properties
    ]


def definition_files(paths: Mapping[str, bytes]) -> dict[str, bytes]:
    """Of a folder's files those that a deployment holds: diagrams, decision tables, forms."""
    return {
        path: data
        for path, data in paths.items()
        if path.endswith((".bpmn", ".dmn")) or (path.startswith("forms/") and path.endswith(".json"))
    }


