"""What one durable completion costs: ours, and in the same run SpiffWorkflow stored as its documentation shows.

The case: 1 KB of form data, five work items, one exclusive gateway, one parallel split and join, a 30-day boundary timer, one handler
after each item; history on; every completion committed with `synchronous=FULL`. Prints CPU and wall milliseconds a completion (median
and quartiles over cases), bytes a case, and the ratio; then replays our history and says whether it is equal.

    python benchmarks/completion.py [--cases 40]
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine import (
    Change,
    CompleteWorkItem,
    DeployDefinitions,
    Engine,
    Fact,
    Header,
    Job,
    Outcome,
    Record,
    RegisterPersons,
    Registry,
    Select,
    SetClock,
    StartInstance,
    Where,
)

ITEMS = ("a", "b", "c", "d", "e")
WARM_UP = 10
BLOCK = 10
"""So many cases of one side, then of the other: often enough that a drifting machine tells for neither, seldom enough that caches are warm."""
Figure = tuple[float, float]
"""CPU and wall milliseconds."""
FORM_DATA = {f"field_{n}": "建议内容" * 8 + f"{n}" for n in range(9)} | {"amount": 7}
BPMN = 'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def diagram(*, ours: bool) -> bytes:
    """start → a → gateway → b → fork → c, d → join → e → end; a handler after each item; a timer on a."""
    flows = iter(range(1, 100))

    def flow(source: str, target: str, condition: str = "") -> str:
        inner = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>' if condition else ""
        return f'<bpmn:sequenceFlow id="f{next(flows)}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'

    def item(name: str) -> str:
        if not ours:
            return f'<bpmn:userTask id="{name}"/><bpmn:scriptTask id="h_{name}"><bpmn:script>done_{name} = True</bpmn:script></bpmn:scriptTask>'
        groups = '<zeebe:assignmentDefinition candidateGroups="clerk"/>'
        extension = f'<bpmn:extensionElements><zeebe:userTask/><zeebe:formDefinition formId="f-bench"/>{groups}</bpmn:extensionElements>'
        topic = '<bpmn:extensionElements><zeebe:taskDefinition type="bench.note"/></bpmn:extensionElements>'
        return f'<bpmn:userTask id="{name}" name="{name}">{extension}</bpmn:userTask><bpmn:serviceTask id="h_{name}" name="h">{topic}</bpmn:serviceTask>'

    condition = "=amount &gt; 5" if ours else "amount &gt; 5"
    duration = "P30D" if ours else "&quot;P30D&quot;"
    body = "".join(map(item, ITEMS))
    body += '<bpmn:startEvent id="s"/><bpmn:endEvent id="z"/><bpmn:endEvent id="late"/><bpmn:exclusiveGateway id="x" default="fd"/>'
    body += '<bpmn:parallelGateway id="p"/><bpmn:parallelGateway id="j"/>'
    body += f'<bpmn:boundaryEvent id="t" attachedToRef="a"><bpmn:timerEventDefinition id="td"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">{duration}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
    body += "".join(flow(name, f"h_{name}") for name in ITEMS)
    body += flow("s", "a") + flow("h_a", "x") + flow("x", "b", condition) + flow("h_b", "p") + flow("p", "c") + flow("p", "d")
    body += flow("h_c", "j") + flow("h_d", "j") + flow("j", "e") + flow("h_e", "z") + flow("t", "late")
    body += '<bpmn:sequenceFlow id="fd" sourceRef="x" targetRef="late"/>'
    zeebe = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    head = f'<bpmn:definitions {BPMN} {zeebe} id="d" targetNamespace="http://bpmn.io/schema/bpmn">'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<bpmn:process id="bench" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'.encode()


def form() -> bytes:
    fields: dict[str, object] = {f"field_{n}": {"type": "string", "x-record": "bench"} for n in range(9)}
    fields["amount"] = {"type": "integer"}
    return json.dumps({"type": "object", "properties": fields, "required": ["amount"], "additionalProperties": False}).encode()


def registry() -> Registry:
    domain = Registry()
    columns = {"id": "text", "case_id": "text", "done": "integer"}
    domain.record(Record(name="bench", key=("id",), columns=columns))  # type: ignore[arg-type]

    @domain.handler("bench.note")
    def note(job: Job, rows: object) -> Outcome:
        return Outcome(facts=(Fact(kind="Noted", keys={"element": job.element_id}),))

    @domain.fold("Noted")
    def fold(fact: Fact, header: Header) -> Iterator[Change]:
        key = {"id": f"{header.instance_id}/{fact.keys['element']}"}
        yield Change(op="upsert", table="bench", key=key, values={"case_id": header.case_id, "done": 1})

    return domain


class Ours:
    """The case in this engine, on a SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ours.db"
        clock = SetClock(datetime(2026, 1, 5, tzinfo=UTC))
        self.engine = Engine.create(self.path, registry(), admin="admin", clock=clock, simulated=True)
        self.engine.execute(RegisterPersons(actor="admin", data=[{"id": "p1", "name": "P", "groups": ["clerk"]}]))
        self.engine.execute(DeployDefinitions(actor="admin", files={"bench.bpmn": diagram(ours=True), "forms/f-bench.json": form()}))
        self.size_before = _size(self.path)

    def case(self, number: int) -> list[Figure]:
        """`(cpu ms, wall ms)` of each completion of one case."""
        instance = self.engine.execute(StartInstance(actor="p1", process="bench", command_id=f"start-{number}")).instance_id
        return [self._complete(instance) for _ in ITEMS]

    def _complete(self, instance: str) -> Figure:
        where = (Where(column="instance_id", value=instance), Where(column="status", value="open"))
        item = self.engine.select("p1", Select(table="work_item", where=where, order=("id",)))[0]["id"]
        command = CompleteWorkItem(actor="p1", item_id=item, data=FORM_DATA)
        return _timed(lambda: self.engine.execute(command))

    def size(self) -> int:
        """Bytes that all cases left on disk."""
        return _size(self.path) - self.size_before


class Spiff:
    """The same case by SpiffWorkflow: its serializer's JSON in one row, written anew at each completion."""

    def __init__(self, folder: Path) -> None:
        from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer

        self.database = sqlite3.connect(folder / "spiff.db", isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE workflow (id INTEGER PRIMARY KEY, state TEXT)"):
            self.database.execute(statement)
        self.file = folder / "spiff.bpmn"
        self.file.write_bytes(diagram(ours=False))
        self.serializer = BpmnWorkflowSerializer(registry=BpmnWorkflowSerializer.configure())
        self.written = 0

    def case(self, number: int) -> list[Figure]:
        """`(cpu ms, wall ms)` of each completion of one case."""
        from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
        from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

        parser = BpmnParser()
        parser.add_bpmn_file(str(self.file))
        workflow = BpmnWorkflow(parser.get_spec("bench"), parser.get_subprocess_specs("bench"))
        workflow.do_engine_steps()
        self._save(number, workflow)
        return [_timed(lambda: self._complete(number)) for _ in ITEMS]

    def _complete(self, number: int) -> None:
        from SpiffWorkflow.util.task import TaskState

        state = self.database.execute("SELECT state FROM workflow WHERE id = ?", (number,)).fetchone()[0]
        workflow = self.serializer.deserialize_json(state)
        workflow.refresh_waiting_tasks()
        task = next(t for t in workflow.get_tasks(state=TaskState.READY, manual=True))
        task.data.update(FORM_DATA)
        task.run()
        workflow.do_engine_steps()
        self._save(number, workflow)

    def _save(self, number: int, workflow: object) -> None:
        state = self.serializer.serialize_json(workflow)
        self.database.execute("INSERT OR REPLACE INTO workflow VALUES (?, ?)", (number, state))
        self.written += len(state.encode())

    def size(self) -> int:
        """Bytes that all cases wrote."""
        return self.written


def _timed(act: Callable[[], object]) -> Figure:
    cpu, wall = time.process_time(), time.perf_counter()
    act()
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def _size(path: Path) -> int:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(file.stat().st_size for file in path.parent.glob(path.name + "*"))


def _line(name: str, figures: list[Figure], size: float) -> None:
    cpu, wall = zip(*figures, strict=True)
    low, middle, high = statistics.quantiles(cpu, n=4)
    print(f"{name:14} cpu {middle:7.3f} ms ({low:.3f}–{high:.3f})   wall {statistics.median(wall):7.3f} ms   {size / 1024:7.1f} KB a case")


def _ratio(mine: list[Figure], theirs: list[Figure]) -> float:
    """The median, over cases measured in turn, of how many times more CPU the other takes."""
    size = len(ITEMS)
    pairs = [(sum(c for c, _ in mine[n : n + size]), sum(c for c, _ in theirs[n : n + size])) for n in range(0, len(mine), size)]
    return statistics.median(other / own for own, other in pairs)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=40)
    cases = arguments.parse_args().cases
    with tempfile.TemporaryDirectory() as name:
        sides = (Ours(Path(name)), Spiff(Path(name)))
        figures: tuple[list[Figure], list[Figure]] = ([], [])
        for first in range(0, WARM_UP + cases, BLOCK):
            for side, measured in zip(sides, figures, strict=True):
                for number in range(first, min(first + BLOCK, WARM_UP + cases)):
                    found = side.case(number)
                    measured.extend(found if number >= WARM_UP else ())
        print(f"one durable completion, median (quartiles) of {cases * len(ITEMS)}; 1 KB of form data, five items a case")
        _line("jianyi", figures[0], sides[0].size() / (WARM_UP + cases))
        _line("SpiffWorkflow", figures[1], sides[1].size() / (WARM_UP + cases))
        print(f"ratio of CPU   {_ratio(*figures):.1f}")
        report = sides[0].engine.replay()
        print(f"replay         {report.rows} rows, {'equal' if not report.findings else report.findings[0]}")
        sides[0].engine.close()
    return 0 if not report.findings else 1


if __name__ == "__main__":
    raise SystemExit(main())
