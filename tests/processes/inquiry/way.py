"""Runs the new process through its way: `python way.py DATABASE` in the root of a product to which it was added. Prints what came of it as JSON."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import (
    CompleteWorkItem,
    DeployDefinitions,
    Engine,
    InvalidForm,
    NotAllowed,
    PerformAct,
    RegisterPersons,
    RegisterUnits,
    Select,
    SetClock,
    StartInstance,
)
from handlers import registry

PEOPLE = {"asker": ["commission"], "desk": ["unit-desk:u1"], "other-desk": ["unit-desk:u2"]}
PAPER = {"unit": "u1", "answer_by": "2026-03-20", "questions": ["补助何时到位？", "进度如何？"]}


def founded(database: Path) -> Engine:
    """A simulated congress with all processes of this product deployed."""
    clock = SetClock(datetime.fromisoformat("2026-03-05T09:00+08:00"))
    engine = Engine.create(database, registry(letter_box=database.parent / "letters"), admin="root", clock=clock, simulated=True)
    people = [{"id": person, "name": person, "groups": groups} for person, groups in PEOPLE.items()]
    engine.execute(RegisterPersons(actor="root", data=people))
    engine.execute(RegisterUnits(actor="root", data=[{"id": unit, "name": unit, "kind": "部委"} for unit in ("u1", "u2")]))
    processes = Path("processes")
    wanted = [*processes.glob("*.bpmn"), *processes.glob("*.dmn"), *processes.glob("forms/*.json")]
    engine.execute(DeployDefinitions(actor="root", files={str(path.relative_to(processes)): path.read_bytes() for path in wanted}))
    return engine


def refused(engine: Engine, command: Any) -> str:
    """The code of the refusal."""
    try:
        engine.execute(command)
    except (NotAllowed, InvalidForm) as refusal:
        return refusal.code
    return "done"


def walk(engine: Engine) -> dict[str, Any]:
    """Ask, be refused, answer."""
    wrong = [refused(engine, StartInstance(actor="desk", process="inquiry"))]
    case = engine.execute(StartInstance(actor="asker", process="inquiry"))
    (item,) = case.opened
    wrong.append(refused(engine, CompleteWorkItem(actor="asker", item_id=item, data={**PAPER, "questions": []})))
    engine.execute(CompleteWorkItem(actor="asker", item_id=item, data=PAPER))
    (act,) = engine.acts("desk", case.case_id)
    wrong.append(refused(engine, PerformAct(actor="other-desk", subscription_id=act.subscription_id)))
    engine.execute(PerformAct(actor="desk", subscription_id=act.subscription_id))
    drained = engine.drain()
    return {
        "refused": wrong,
        "left": drained.left,
        "status": [row["status"] for row in engine.select("asker", Select(table="instance"))],
        "inquiry": [dict(row) for row in engine.select("desk", Select(table="inquiry"))],
        "unseen": len(engine.select("other-desk", Select(table="inquiry"))),
        "incidents": len(engine.select("root", Select(table="incident"))),
    }


def main(database: Path) -> None:
    """Walk, and let history prove itself in an engine that is opened anew."""
    engine = founded(database)
    said = walk(engine)
    engine.close()
    engine = Engine.open(database, registry(letter_box=database.parent / "letters"), clock=SetClock(datetime.fromisoformat("2026-03-06T09:00+08:00")))
    reports = [engine.verify(), engine.replay(), engine.replay(handlers=True), engine.rebuild(seed=1), engine.rebuild(seed=2)]
    said["findings"] = [str(finding) for report in reports for finding in report.findings]
    said["rows"] = reports[0].rows
    print(json.dumps(said, ensure_ascii=False))


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    main(Path(sys.argv[1]))
