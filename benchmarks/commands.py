"""How quickly the command line answers, as whole processes that begin and end: help, the inbox, and finding among 10,000 cases.

Each command and what it is compared with run in turn, several rounds, so that a machine that drifts does not tell for one. Printed are
the medians of wall and CPU time, the median of the ratios (or differences) of neighbours, and the target beside each. All run from compiled
bytecode, as an installation leaves it; the first round compiles it into the folder.

The cases are taken in once through the engine, which takes a minute or two, and are kept in the folder for the next time.

    python benchmarks/commands.py [--rounds 9] [--cases 10000] [--folder build/benchmarks]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine import DeployDefinitions, Engine, JianyiError, RegisterPersons, StartInstance  # noqa: E402
from engine.registry import Count  # noqa: E402
from engine.storage import create_store  # noqa: E402
from engine.storage.sql import SqlStore  # noqa: E402
from handlers import registry  # noqa: E402

READER = "commission-1"
DRAFTER = "deputy-1"
DRAFTS = 20
LINES_APART = 1_000
HELP_SECONDS = 0.15
INBOX_RATIO = 1.5
FIND_SECONDS = 0.3
SUBJECTS = ("医疗保障", "义务教育", "乡村道路", "生态环境", "社区养老", "食品安全", "老旧小区", "科技创新", "粮食安全", "文物保护")
ASPECTS = ("加强立法", "加大投入", "完善标准", "试点改革", "强化监管", "优化服务", "统筹规划")


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One process from its start to its end, in seconds."""

    wall: float
    cpu: float


@dataclass(kw_only=True)
class Contender:
    """A command line that is measured, in the environment that all share."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    timings: list[Timing] = field(default_factory=list)

    def run(self) -> Timing:
        """Run it once. Raises SystemExit where it fails: a command that does not work is not quick."""
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(self.arguments, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise SystemExit(f"{self.name} ends with {done.returncode}: {done.stderr}")
        return Timing(wall=wall, cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    @property
    def walls(self) -> list[float]:
        return [timing.wall for timing in self.timings]

    @property
    def cpus(self) -> list[float]:
        return [timing.cpu for timing in self.timings]


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of every command: one language, compiled bytecode, nothing of the settings of whoever measures."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIANYI_", "PYTHON"))}
    own = folder.absolute()
    return {**kept, "JIANYI_LANG": "zh", "XDG_CONFIG_HOME": str(own / "no-profile"), "PYTHONPYCACHEPREFIX": str(own / "bytecode")}


def jianyi(*arguments: str) -> list[str]:
    """The program as it is installed beside this interpreter, else as it lies in this folder."""
    script = Path(sys.executable).with_name("jianyi")
    return [str(script), *arguments] if script.exists() else [sys.executable, "-c", "from cli import main; main()", *arguments]


def python(code: str) -> list[str]:
    """The interpreter with one line."""
    return [sys.executable, "-c", code]


# -- ten thousand cases


def cases_in(folder: Path, wanted: int) -> Path:
    """The database of so many cases, made where it is not there yet or cannot be used by this release."""
    path = folder / f"cases-{wanted}.db"
    if path.exists() and stands(path, wanted):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    part = path.with_suffix(".part")
    for suffix in ("", "-wal", "-shm"):
        Path(f"{part}{suffix}").unlink(missing_ok=True)
    take_in(part, wanted)
    part.rename(path)
    return path


def stands(path: Path, wanted: int) -> bool:
    """Whether the database can be opened and holds so many cases; folds of another version are made anew by opening it."""
    try:
        engine = Engine.open(path, registry())
    except JianyiError:
        return False
    try:
        found = (engine.count(READER, Count(table="suggestion")), engine.count(DRAFTER, Count(table="instance")))
        return [int(rows[0]["n"]) for rows in found] == [wanted, wanted + DRAFTS]
    finally:
        engine.close()


def take_in(path: Path, wanted: int) -> None:
    """Take in so many suggestions on paper, each with a work item for the reader, and begin some drafts, through the engine."""
    processes = ROOT / "processes"
    create_store(path, registry().records.values(), settings={"jurisdiction": "national", "zone": "Asia/Shanghai"}).close()
    # Nothing of worth is lost with this file, so it need not wait for the disk.
    store = SqlStore.open(path, registry().records.values(), pragmas={"synchronous": "OFF"})
    engine = Engine.found(store, registry(), admin="operator-1")
    engine.execute(
        RegisterPersons(
            actor="operator-1",
            data=[{"id": READER, "name": "演示", "groups": ["commission"]}, {"id": DRAFTER, "name": "演示", "groups": ["deputy"]}],
        )
    )
    files = {file.relative_to(processes).as_posix(): file.read_bytes() for file in processes.rglob("*") if file.suffix in (".bpmn", ".dmn", ".json")}
    engine.execute(DeployDefinitions(actor="operator-1", files=files))
    started = time.monotonic()
    for number in range(wanted):
        engine.execute(StartInstance(actor=READER, process="suggestion", element_id="start-import", command_id=f"case/{number}", data=paper(number)))
        if (number + 1) % LINES_APART == 0 or number + 1 == wanted:
            print(f"{number + 1} of {wanted} cases, {time.monotonic() - started:.0f} s", file=sys.stderr)
    for number in range(DRAFTS):
        engine.execute(StartInstance(actor=DRAFTER, process="suggestion", element_id="start-draft", command_id=f"draft/{number}"))
    engine.close()


def paper(number: int) -> dict[str, object]:
    """The form of one suggestion on paper: the words differ, and each has a few pages of text."""
    subject, aspect = SUBJECTS[number % len(SUBJECTS)], ASPECTS[number % len(ASPECTS)]
    return {
        "title": f"关于{subject}{aspect}的建议（第{number + 1}件）",
        "proposer_type": "single",
        "session": "14-4",
        "channel": "session",
        "lead_id": DRAFTER,
        "facts": f"{subject}方面还有一些困难。" * 20,
        "proposal": f"建议{aspect}。" * 20,
        "stated_number": f"B{number + 1:05}",
        "demo": True,
    }


# -- measuring and telling


def measure(contenders: Sequence[Contender], rounds: int) -> None:
    """Run all in turn, once to warm up and then so many rounds."""
    for number in range(rounds + 1):
        for contender in contenders:
            timing = contender.run()
            if number:
                contender.timings.append(timing)


def tell(contender: Contender) -> None:
    """The medians of one command, with the quartiles of its wall time."""
    low, middle, high = statistics.quantiles(contender.walls, n=4)
    print(f"{contender.name:<34}wall {middle:6.3f} s ({low:.3f}–{high:.3f})   CPU {statistics.median(contender.cpus):6.3f} s")


def ratio(of: Sequence[float], to: Sequence[float]) -> float:
    """The median of how many times longer the one took than its neighbour."""
    return statistics.median(one / other for one, other in zip(of, to, strict=True))


def difference(of: Sequence[float], to: Sequence[float]) -> float:
    """The median of how much longer the one took than its neighbour."""
    return statistics.median(one - other for one, other in zip(of, to, strict=True))


def verdict(name: str, wall: float, cpu: float, target: float, unit: str) -> None:
    """One measure with its target, which counts for wall time."""
    print(f"{name:<34}wall {wall:6.3f} {unit:<1}   CPU {cpu:6.3f} {unit:<1}   target {target:g}{unit}: {'met' if wall <= target else 'missed'}")


def main() -> int:
    """Make the cases if need be, measure, print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--cases", type=int, default=10_000)
    arguments.add_argument("--folder", type=Path, default=ROOT / "build" / "benchmarks", help="where the database of cases is kept")
    given = arguments.parse_args()
    database = str(cases_in(given.folder, given.cases))
    around = surroundings(given.folder)
    click = Contender(name='python -c "import click"', arguments=python("import click"), environment=around)
    helped = Contender(name="jianyi --help", arguments=jianyi("--help"), environment=around)
    sqlalchemy = Contender(name='python -c "import sqlalchemy"', arguments=python("import sqlalchemy"), environment=around)
    inbox = Contender(name=f"jianyi inbox, {DRAFTS} items", arguments=jianyi("inbox", "--as", DRAFTER, "--db", database), environment=around)
    full = Contender(name=f"jianyi inbox, {given.cases} items", arguments=jianyi("inbox", "--as", READER, "--db", database), environment=around)
    find = Contender(name="jianyi find 医", arguments=jianyi("find", "医", "--as", READER, "--db", database), environment=around)
    everything = (click, helped, sqlalchemy, inbox, full, find)
    measure(everything, max(2, given.rounds))
    print(f"whole processes, median (quartiles) of {len(click.timings)} rounds; {given.cases} cases")
    for contender in everything:
        tell(contender)
    print()
    verdict("--help", statistics.median(helped.walls), statistics.median(helped.cpus), HELP_SECONDS, "s")
    verdict("inbox : import sqlalchemy", ratio(inbox.walls, sqlalchemy.walls), ratio(inbox.cpus, sqlalchemy.cpus), INBOX_RATIO, "×")
    verdict("full inbox : import sqlalchemy", ratio(full.walls, sqlalchemy.walls), ratio(full.cpus, sqlalchemy.cpus), INBOX_RATIO, "×")
    verdict("find − inbox", difference(find.walls, inbox.walls), difference(find.cpus, inbox.cpus), FIND_SECONDS, "s")
    print(f"{'--help : import click':<34}wall {ratio(helped.walls, click.walls):6.3f} ×   CPU {ratio(helped.cpus, click.cpus):6.3f} ×")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
