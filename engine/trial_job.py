"""One trial as data: a job (files, variables, steps) in, a reply out. Pure: files come as bytes, times as texts in the job.

A job is `{"process", "variables", "start", "steps", "clock", "zone", "handlers"}`, all optional; its steps are done in order, the
processes coming to rest after each:
`{"complete": ID | "all", "variables", "where"}` · `{"message": NAME, "key", "variables"}` · `{"signal": NAME, "variables"}` ·
`{"advance": DURATION}` · `{"start_other": PROCESS, "variables"}`. A value in JSON is read as `feel.from_json` reads it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import kernel
from .errors import DefinitionError, JianyiError, Problem, Rejected, Saying, require
from .feel import FeelError, from_json, to_json
from .model import Json, Outcome
from .trial import STAND_INS, ZONE, Handler, Trial, TrialInstance

Speak = Callable[[Saying], str]
"""Puts a saying into words."""
CLOCK = "2026-01-05T09:00:00Z"
MAX_SHELVED = 64
WAITING = frozenset({"item", "wait", "job"})
FIELDS = frozenset({"process", "variables", "start", "steps", "clock", "zone", "handlers"})


@dataclass(frozen=True, kw_only=True)
class TrialJob:
    """What to try. `process` None: the one that starts plainly; `begins` False: nothing is started but by the steps."""

    process: str | None
    variables: Mapping[str, Any]
    begins: bool
    steps: Sequence[Mapping[str, Any]]
    now: datetime
    zone: str
    handlers: Mapping[str, Handler]


class Shelf:
    """Compiled definitions of the last few sets of files, by their digest. A refusal is kept too."""

    def __init__(self, size: int = MAX_SHELVED) -> None:
        self._size = size
        self._kept: OrderedDict[bytes, kernel.Definitions | DefinitionError] = OrderedDict()

    def load(self, files: Mapping[str, bytes]) -> kernel.Definitions:
        """As `kernel.load`. Raises DefinitionError."""
        digest = hashlib.sha256()
        for name in sorted(files):
            digest.update(f"{len(name)}:{len(files[name])}:{name}".encode() + files[name])
        key = digest.digest()
        found = self._kept.pop(key, None)
        if found is None:
            try:
                found = kernel.load(files)
            except DefinitionError as error:
                found = error
        self._kept[key] = found
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        if isinstance(found, DefinitionError):
            raise found
        return found


def load(files: Mapping[str, bytes]) -> kernel.Definitions:
    """What the files define, to be tried without a database. Raises DefinitionError."""
    return kernel.load(files)


def job_of(data: Mapping[str, Json]) -> TrialJob:
    """A job as it stands in JSON. Raises Rejected for what is none."""
    unknown = sorted(data.keys() - FIELDS)
    require(not unknown, "job", "a job has no {names}", names=", ".join(unknown), hint="it has: process variables start steps clock zone handlers")
    steps = data.get("steps", [])
    require(isinstance(steps, list) and all(isinstance(one, dict) for one in steps), "job", "the steps of a job are a list of objects")
    zone = data.get("zone", ZONE)
    require(isinstance(zone, str) and _is_zone(zone), "job", "{zone} is no time zone", zone=zone, hint="such as Asia/Shanghai or UTC")
    return TrialJob(
        process=data.get("process"),
        variables=values(data.get("variables")),
        begins=bool(data.get("start", True)),
        steps=steps,
        now=_moment(data.get("clock", CLOCK), zone),
        zone=zone,
        handlers=handlers_of(data.get("handlers") or {}),
    )


def values(given: Any) -> dict[str, Any]:
    """Variables from a JSON object. Raises Rejected."""
    require(given is None or isinstance(given, dict), "job", "variables are an object, not {given}", given=repr(given)[:80])
    try:
        return {str(name): from_json(value) for name, value in (given or {}).items()}
    except FeelError as error:
        raise Rejected("job", "a variable has no value of FEEL: {reason}", reason=error.saying) from None


def handlers_of(given: Mapping[str, Json]) -> dict[str, Handler]:
    """Stand-ins: an object is what the handler answers, a text the code of the BPMN error that it throws. Raises Rejected."""
    require(isinstance(given, dict), "job", "handlers are an object: topic to answer")
    found = dict(STAND_INS)
    for topic, answer in given.items():
        outcome = Outcome(error=answer) if isinstance(answer, str) else Outcome(variables=values(answer))
        found[topic] = lambda task, outcome=outcome: outcome  # type: ignore[misc]
    return found


def run(
    definitions: kernel.Definitions, job: TrialJob, tell: Callable[[JianyiError], dict[str, Json]] | None = None, speak: Speak = str
) -> dict[str, Json]:
    """Do the job and tell what came of it. A step that cannot be done ends it; `error` names the step (0 is the start).

    `tell` puts such an error into words, `speak` what incidents and notes say; else both are English.
    """
    trial = Trial(definitions, job.now, job.handlers, zone=job.zone)
    at = 0
    try:
        if job.begins:
            process = job.process or the_one_to_start(definitions)
            if process is not None:
                trial.start(process, job.variables)
        for at, step in enumerate(job.steps, 1):  # noqa: B007
            play(trial, step)
    except JianyiError as error:
        begun = bool(trial.instances)
        reply = told(trial, job.begins, speak)
        return {**reply, "outcome": reply["outcome"] if begun else "refused", "error": {"step": at, **(tell or error_of)(error)}}
    return told(trial, job.begins, speak)


def error_of(error: JianyiError) -> dict[str, Json]:
    """An error as data."""
    params = error.params if "{" in error.hint else {}
    return {"code": error.code, "message": str(error), "hint": error.hint.format(**params) if params else error.hint}


def the_one_to_start(definitions: kernel.Definitions) -> str | None:
    """The process that starts plainly and that no other calls; None when all start by an event. Raises Rejected when there are several."""
    called = {element.called for process in definitions.processes.values() for element in process.elements.values()}
    plain = [name for name in definitions.processes if definitions.starts_plainly(name)]
    outer = [name for name in plain if name not in called] or plain
    require(len(outer) <= 1, "which", "several processes can be started: {names}", names=", ".join(outer), hint="name one as the process")
    return outer[0] if outer else None


def play(trial: Trial, step: Mapping[str, Any]) -> None:
    """Do one step. Raises Rejected, NotFound."""
    given = values(step.get("variables"))
    kind = next((name for name in _PLAY if name in step), None)
    require(kind is not None, "job", "{step} is no step", step=repr(dict(step))[:80], hint="complete, message, signal, advance or start_other")
    assert kind is not None
    require(isinstance(step[kind], str), "job", "{kind} takes a text, not {given}", kind=kind, given=repr(step[kind])[:80])
    _PLAY[kind](trial, step, given)


def _complete(trial: Trial, step: Mapping[str, Any], given: dict[str, Any]) -> None:
    element = step["complete"]
    if element == "all" and not any("all" in process.elements for process in trial.definitions.processes.values()):
        trial.complete_all()
    else:
        trial.complete(element, given, values(step.get("where")))


def _advance(trial: Trial, step: Mapping[str, Any], given: dict[str, Any]) -> None:
    try:
        until = kernel.parse_span(step["advance"]).after(trial.now, trial.zone)
    except kernel.TimerError as error:
        raise Rejected("job", "{reason}", reason=error.saying) from None
    trial.advance(until)


_PLAY: dict[str, Callable[[Trial, Mapping[str, Any], dict[str, Any]], object]] = {
    "complete": _complete,
    "message": lambda trial, step, given: trial.message(step["message"], str(step.get("key") or ""), given),
    "signal": lambda trial, step, given: trial.signal(step["signal"], given),
    "advance": _advance,
    "start_other": lambda trial, step, given: trial.start(step["start_other"], given),
}


# ---------------------------------------------------------------------- the reply
def told(trial: Trial, begun: bool, speak: Speak = str) -> dict[str, Json]:
    """What happened, as data: of the first instance the outcome and variables, of all instances the rest."""
    outcomes = [instance.outcome for instance in trial.instances]
    first = trial.instances[0] if trial.instances else None
    return {
        "outcome": _outcome(outcomes, begun),
        "trace": trial.left,
        "flows": [flow for what, flow in trial.moves if what == "take"],
        "variables": variables_of(first) if first is not None else {},
        "waiting": [one.element_id for instance in trial.instances for one in waiting(trial, instance)],
        "open": [one for instance in trial.instances for one in _open(instance)],
        "incidents": [
            {"instance": instance.number, "element_id": one.element_id, "code": one.code, "expression": one.expression, "reason": speak(one.saying)}
            for instance in trial.instances
            for one in instance.incidents.values()
        ],
        "defaults_taken": [{"element_id": element, "text": speak(said)} for kind, element, said in trial.notes if kind == "default_taken"],
        "notes": [{"kind": kind, "element_id": element, "text": speak(said)} for kind, element, said in trial.notes],
        "kept": [{"message": one.name, "key": one.key} for one in trial.kept],
        "instances": [
            {"number": one.number, "process": one.process_id, "outcome": one.outcome, "status": one.status, "variables": variables_of(one)}
            for one in trial.instances
        ],
        "clock": trial.now.astimezone(ZoneInfo(trial.zone)).isoformat(),
        "problems": [problem_of(one) for one in trial.definitions.warnings],
        "error": None,
    }


def refused(problems: Sequence[Problem]) -> dict[str, Json]:
    """The reply for files that cannot be run."""
    empty: dict[str, Json] = {name: [] for name in ("trace", "flows", "waiting", "open", "incidents", "defaults_taken", "notes", "kept", "instances")}
    return {"outcome": "refused", **empty, "variables": {}, "clock": None, "problems": [problem_of(one) for one in problems], "error": None}


def problem_of(problem: Problem) -> dict[str, Json]:
    """A problem as data."""
    names = ("severity", "file", "line", "element_id", "rule", "message", "fix")
    return {name: getattr(problem, name) for name in names}


def waiting(trial: Trial, instance: TrialInstance) -> list[kernel.OpenElement]:
    """The work items, receive tasks and catch events that are open; an event-based gateway waits for the events behind it."""
    elements: dict[str, kernel.Element] = {}
    for process in trial.definitions.processes.values():
        elements |= process.elements
    return [one for one in kernel.open_elements(instance.snapshot) if one.state in WAITING and elements[one.element_id].type != "eventBasedGateway"]


def variables_of(instance: TrialInstance) -> dict[str, Json]:
    """The variables of an instance's process, as plain JSON."""
    return {name: plain(value) for name, value in kernel.variables(instance.snapshot).items()}


def plain(value: Any) -> Json:
    """A FEEL value as JSON without tags: numbers as numbers where JSON can hold them exactly, times as ISO 8601 texts."""
    return _untagged(to_json(value))


def _untagged(form: Any) -> Json:
    if isinstance(form, list):
        return [_untagged(one) for one in form]
    if not isinstance(form, dict):
        return form
    if len(form) == 1:
        ((tag, inner),) = form.items()
        if tag == "$map":
            return {name: _untagged(one) for name, one in inner.items()}
        if tag == "$int":
            return int(inner)
        if tag == "$decimal":
            number = float(inner)
            return number if to_json(from_json(number)) == form else inner
        if tag in ("$date", "$time", "$datetime", "$duration"):
            return inner
    return {name: _untagged(one) for name, one in form.items()}


def _open(instance: TrialInstance) -> list[dict[str, Json]]:
    where = {"instance": instance.number}
    found: list[dict[str, Json]] = []
    for item in instance.items.values():
        people = [*item.groups, *([item.assignee] if item.assignee else [])]
        due_on = item.due_on.isoformat() if item.due_on else None
        found.append({**where, "element_id": item.element_id, "what": "work item", "name": item.name, "for": people, "due_at": due_on})
    for waits in instance.subscriptions.values():
        found.append({**where, "element_id": waits.element_id, "what": waits.kind, "name": waits.name, "key": waits.key})
    for timer in instance.timers.values():
        found.append({**where, "element_id": timer.element_id, "what": "timer", "due_at": timer.due_at.isoformat()})
    return found


def _outcome(outcomes: list[str], begun: bool) -> str:
    """Of the first instance; where none was started plainly, of all: the worst of them."""
    if not outcomes:
        return "not_started"
    return outcomes[0] if begun else next((one for one in ("incident", "waiting", "cancelled") if one in outcomes), "completed")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _moment(text: Any, zone: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Rejected("job", "{text} is no date and time", text=repr(text), hint="such as 2026-01-05T09:00:00+08:00") from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
