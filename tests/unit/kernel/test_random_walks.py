"""Random walks through every diagram of the language kit: whatever is done in whatever order, the kernel keeps its promises."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine import kernel
from engine.errors import DefinitionError, Rejected
from engine.model import Json, Moment, Outcome, Pending

KIT = Path(__file__).parents[2] / "language" / "kit" / "language"
FILES = sorted(path for path in KIT.glob("*.bpmn") if "_size_" not in path.name)
STEPS = 12
VALUES: dict[str, Any] = {"case_no": "A-1", "units": ["a", "b"], "k": 1, "i": 0, "n": 2, "xs": [1, 2], "wait": "P2D", "amount": 3, "score": 85}
VALUES |= {"due": "2026-03-01T00:00:00+08:00", "on": date(2026, 3, 1), "price": Decimal("1.50"), "at": datetime(2026, 3, 1, 8, tzinfo=UTC)}


class Quiet:
    """Handlers that echo, throw, fail or come back later, by topic."""

    def handle(self, task: kernel.TaskCall) -> Outcome | Pending:
        if task.topic == "kit.throw":
            return Outcome(error=task.headers["code"])
        if task.topic == "kit.fail":
            return Pending()
        return Outcome(variables=dict(task.variables) if task.mapped else {})

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        return None


class Walk:
    """One instance, and the stimuli that could come next."""

    def __init__(self, definitions: kernel.Definitions, start: kernel.Start, chance: random.Random) -> None:
        self.definitions = definitions
        self.chance = chance
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)
        self.items: set[int] = set()
        self.jobs: set[int] = set()
        self.timers: dict[int, datetime] = {}
        self.subscriptions: set[int] = set()
        self.incidents: set[int] = set()
        self.snapshot: dict[str, Json] = {}
        self.take(None, start)

    def take(self, snapshot: dict[str, Json] | None, stimulus: kernel.Stimulus) -> kernel.Step:
        """Make one step twice, from the snapshot and from what JSON makes of it, and hold the kernel to its promises."""
        before = copy.deepcopy(snapshot)
        moment = Moment(now=self.now, seed=1, zone="Asia/Shanghai")

        step = kernel.step(self.definitions, snapshot, stimulus, moment, Quiet(), bounds=kernel.Bounds(steps=500))
        again = kernel.step(self.definitions, stored(snapshot), stimulus, moment, Quiet(), bounds=kernel.Bounds(steps=500))

        assert snapshot == before, "the snapshot that came in was changed"
        assert step == again, "the same input gave another step"
        assert json.loads(json.dumps(step.snapshot)) == step.snapshot, "the snapshot is no plain JSON value"
        check_whole(step.snapshot)
        self.remember(step)
        return step

    def remember(self, step: kernel.Step) -> None:
        self.snapshot = step.snapshot
        self.items = (self.items | {one.n for one in step.items_opened}) - {n for n, _ in step.items_closed}
        self.jobs = (self.jobs | {one.n for one in step.jobs_opened}) - {n for n, _ in step.jobs_closed}
        self.subscriptions = (self.subscriptions | {one.n for one in step.subscriptions_opened}) - {n for n, _ in step.subscriptions_closed}
        self.incidents = (self.incidents | {one.n for one in step.incidents_opened}) - {n for n, _ in step.incidents_resolved}
        closed = {n for n, _ in step.timers_closed}
        self.timers = {n: due for n, due in (self.timers | {t.n: t.due_at for t in step.timers_set}).items() if n not in closed}
        assert self.items | self.jobs == {int(k) for k, t in step.snapshot["tokens"].items() if t["s"] in ("item", "job")}
        assert self.subscriptions | set(self.timers) == {int(k) for k, w in step.snapshot["watches"].items() if w["k"] != "conditional"}
        assert self.incidents == {int(k) for k in step.snapshot["incidents"]}

    def choices(self) -> list[kernel.Stimulus]:
        values = {name: self.chance.choice([value, None]) for name, value in VALUES.items() if self.chance.random() < 0.2}
        found: list[kernel.Stimulus] = [kernel.CompleteItem(n, values) for n in sorted(self.items)]
        found += [kernel.CompleteJob(n, Outcome(variables=values)) for n in sorted(self.jobs)]
        found += [kernel.FailJob(n, "no") for n in sorted(self.jobs)]
        found += [kernel.CompleteJob(n, Outcome(error="E1")) for n in sorted(self.jobs)]
        found += [kernel.Deliver(n, values) for n in sorted(self.subscriptions)]
        found += [kernel.FireTimer(n, due) for n, due in sorted(self.timers.items())]
        found += [kernel.Retry(n) for n in sorted(self.incidents)]
        found += [kernel.Repair(dict(VALUES))]
        found += self.moves() if self.chance.random() < 0.1 else []
        if self.chance.random() < 0.05:
            found.append(kernel.Cancel("enough"))
        return found

    def moves(self) -> list[kernel.Stimulus]:
        """Moves of an operator, of any open element to any element that the kernel lets it go to."""
        found: list[kernel.Stimulus] = []
        for one in kernel.open_elements(self.snapshot):
            for process in self.definitions.processes.values():
                if one.element_id in process.elements:
                    found += [kernel.Move(one.element_id, other) for other in process.elements]
        return found

    def go(self) -> None:
        for _ in range(STEPS):
            if self.snapshot["status"] != "running":
                assert self.snapshot["tokens"] == self.snapshot["watches"] == self.snapshot["scopes"] == self.snapshot["incidents"] == {}
                return
            stimulus = self.chance.choice(self.choices())
            self.now += timedelta(hours=1)
            if isinstance(stimulus, kernel.FireTimer):
                self.now = max(self.now, stimulus.due_at)
            with suppress(Rejected) if isinstance(stimulus, kernel.Move) else nullcontext():
                self.take(self.snapshot, stimulus)


def stored(snapshot: dict[str, Json] | None) -> dict[str, Json] | None:
    """What a snapshot is after it was written in canonical form, which sorts its keys, and read again."""
    return json.loads(json.dumps(snapshot, sort_keys=True))


def check_whole(snapshot: dict[str, Json]) -> None:
    """Every record of a snapshot names only what exists, and every scope counts its tokens right."""
    scopes, tokens, watches = snapshot["scopes"], snapshot["tokens"], snapshot["watches"]
    live: Counter[str] = Counter()
    for record in tokens.values():
        assert record["in"] in scopes
        assert record.get("up") is None or record["up"] in tokens
        assert record.get("c") is None or record["c"] in scopes
        assert all(one in snapshot["incidents"] for one in record.get("inc", ()))
        live[record["in"]] += "up" not in record and "co" not in record
    for key, record in scopes.items():
        assert record["up"] is None or tokens[record["up"]]["c"] == key
        live[key] += sum(sum(filled.values()) for filled in record.get("joins", {}).values())
    for incident in snapshot["incidents"].values():
        assert incident["t"] in tokens
        for kind, subject, *_ in incident.get("more", ()):
            live[subject] += kind == "arrive"
    for watch in watches.values():
        assert watch["in"] in scopes
        assert watch["t"] is None or watch["t"] in tokens
    ends = snapshot["status"] != "running"
    assert all(key in tokens or key in scopes or ends for key in snapshot["vars"])
    assert {key: record["live"] for key, record in scopes.items()} == {key: live[key] for key in scopes}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_any_order_of_events_leaves_a_whole_snapshot(path: Path) -> None:
    """Whatever happens in whatever order: same input, same step; nothing that came in is changed; no record dangles."""
    decisions = KIT.parent / "dmn" / "01_unique_grade.dmn"
    try:
        definitions = kernel.load({path.name: path.read_bytes(), decisions.name: decisions.read_bytes()})
    except DefinitionError:
        return
    process = next(iter(definitions.processes))
    starts = [] if any(start.process_id == process for start in definitions.starts) else [kernel.Start(process, VALUES)]
    starts += [kernel.Start(start.process_id, VALUES, start.element_id) for start in definitions.starts]

    for seed in range(3):
        chance = random.Random(seed)
        Walk(definitions, chance.choice(starts), chance).go()
