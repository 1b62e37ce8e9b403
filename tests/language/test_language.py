"""The language kit: each case is one small diagram, what is done to it, and what must come of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine import kernel
from engine.errors import DefinitionError, Rejected
from engine.feel import from_json
from engine.kernel.timers import parse_span
from engine.model import Outcome

from .host import Host, HostInstance

HERE = Path(__file__).parent
KIT = HERE / "kit" / "language"
CASES: list[dict[str, Any]] = json.loads((KIT / "expected.json").read_text("utf-8"))
MORE = HERE / "more"
"""Cases of ours beside the kit, in its format: constructs that meet, which the kit has one by one."""
MORE_CASES: list[dict[str, Any]] = json.loads((MORE / "expected.json").read_text("utf-8"))
REFUSED: dict[str, str] = tomllib.loads((HERE / "refused.toml").read_text("utf-8")).get("refused", {})
WAITING = frozenset({"item", "wait"})
GATEWAYS = frozenset({"eventBasedGateway"})


def name_of(case: Mapping[str, Any]) -> str:
    """The id of a case: its file, what is tried, and the rule."""
    label = f" · {case['case']}" if case.get("case") else ""
    return f"{case['file'].removesuffix('.bpmn')}{label} · {case['rule']}"


def fail(task: kernel.TaskCall) -> Outcome:
    raise Rejected("kit_fail", "the service failed")


HANDLERS = {
    "kit.echo": lambda task: Outcome(variables=dict(task.variables) if task.mapped else {}),
    "kit.throw": lambda task: Outcome(error=task.headers["code"]),
    "kit.fail": fail,
}


def load(case: Mapping[str, Any]) -> kernel.Definitions:
    folder = MORE if case in MORE_CASES else KIT
    files = {case["file"]: (folder / case["file"]).read_bytes()}
    for decision in case["given"].get("decisions", ()):
        files[Path(decision).name] = (KIT / decision).resolve().read_bytes()
    return kernel.load(files)


def play(host: Host, step: Mapping[str, Any]) -> None:
    if "complete" in step:
        host.complete(step["complete"], values(step.get("variables")), values(step.get("where")))
    elif "message" in step:
        host.message(step["message"], step["key"], values(step.get("variables")))
    elif "signal" in step:
        host.signal(step["signal"])
    elif "start_other" in step:
        host.start(step["start_other"], values(step.get("variables")))
    else:
        host.advance(parse_span(step["advance"]).after(host.now, "UTC"))


def values(given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: from_json(value) for name, value in (given or {}).items()}


@pytest.mark.parametrize("case", [*CASES, *MORE_CASES], ids=name_of)
def test_the_language_is_run_as_the_standard_says(case: dict[str, Any]) -> None:
    """The diagram gives exactly what the rule of its case says, or, where the kit allows it, is refused."""
    given, expect = case["given"], case["expect"]

    try:
        definitions = load(case)
    except DefinitionError as refusal:
        text = "\n".join(str(problem) for problem in refusal.problems)
        assert expect["outcome"] == "refused" or case["file"] in REFUSED, text
        assert case.get("may_refuse") or expect["outcome"] == "refused", text
        assert all(mention in text for mention in expect.get("refused_mentions", ())), text
        return
    host = Host(definitions, datetime.fromisoformat(given.get("clock", "2026-01-05T09:00:00+00:00")).astimezone(UTC), HANDLERS)
    if given.get("start", True):
        host.start(case["process"], values(given["variables"]))
    for step in given["steps"]:
        play(host, step)

    check_outcome(host, case)
    if first_outcome(host, case) == expect["outcome"]:
        check_what_happened(host, expect)


def first_outcome(host: Host, case: Mapping[str, Any]) -> str:
    if case["given"].get("start", True):
        return host.instances[0].outcome
    outcomes = {instance.outcome for instance in host.instances}
    return outcomes.pop() if len(outcomes) == 1 else str(sorted(outcomes))


def check_outcome(host: Host, case: Mapping[str, Any]) -> None:
    outcome = first_outcome(host, case)
    texts = "\n".join(f"{i.element_id}: {i.reason}" for instance in host.instances for i in instance.incidents.values())
    assert outcome == case["expect"]["outcome"] or (case.get("may_incident") and outcome == "incident"), texts
    if outcome == "incident":
        assert all(mention in texts for mention in case["expect"].get("refused_mentions", ())), texts


def check_what_happened(host: Host, expect: Mapping[str, Any]) -> None:
    trace = [element for element in host.left if element in expect["watched"]]
    if "trace" in expect:
        assert trace == expect["trace"]
    if "orders" in expect:
        assert trace in expect["orders"]
    if "trace_any_order" in expect:
        assert sorted(trace) == sorted(expect["trace_any_order"])
    for first, second in expect.get("before", ()):
        assert len(trace) - 1 - trace[::-1].index(first) < trace.index(second), trace
    check_variables(host.instances[0], expect)
    if "waiting_at" in expect:
        assert sorted(waiting_at(host)) == sorted(expect["waiting_at"])
    if "instances" in expect:
        assert len(host.instances) == expect["instances"]
    others = [{"process": instance.process_id, "outcome": instance.outcome} for instance in host.instances[1:]]
    assert others == expect.get("others", others)


def check_variables(instance: HostInstance, expect: Mapping[str, Any]) -> None:
    seen = kernel.variables(instance.snapshot)
    for name, value in values(expect.get("variables")).items():
        assert seen.get(name) == value, name
    assert not [name for name in expect.get("absent", ()) if name in seen]


def waiting_at(host: Host) -> list[str]:
    found = []
    for instance in host.instances:
        for one in kernel.open_elements(instance.snapshot):
            types = {p.elements[one.element_id].type for p in host.definitions.processes.values() if one.element_id in p.elements}
            if one.state in WAITING and not types & GATEWAYS:
                found.append(one.element_id)
    return found


def test_at_most_a_tenth_of_the_kit_is_refused_where_it_may_be() -> None:
    """What the kernel refuses although it could be run is listed with a reason, and is at most a tenth of the cases."""
    listed = [case for case in CASES if case["file"] in REFUSED]

    assert len(listed) <= len(CASES) / 10
    assert all(case.get("may_refuse") for case in listed)
    assert set(REFUSED) <= {case["file"] for case in CASES}
