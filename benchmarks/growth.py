"""Whether what one completion costs grows with what is over: `python -m benchmarks.growth` prints the table. CPU time of the kernel alone.

Exit 1 when a ratio is above 1.5, or 500 parallel instances take more than 5 s.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from engine import kernel
from tests.language.growth import Run, circle, line, parallel

SAMPLE = 40
RATIO, SECONDS = 1.5, 5.0


def cpu(act: Callable[[], object]) -> float:
    """Milliseconds of CPU."""
    begun = time.process_time_ns()
    act()
    return (time.process_time_ns() - begun) / 1e6


def compared(run: Run, early: int, late: int) -> tuple[float, float, int, int]:
    """One completion after `early` and after `late` ones: the medians around each, and the bytes stored."""
    run.complete(early)
    first, first_bytes = statistics.median(cpu(run.complete) for _ in range(SAMPLE)), run.bytes
    run.complete(late - early - SAMPLE)
    last, last_bytes = statistics.median(cpu(run.complete) for _ in range(SAMPLE)), run.bytes
    return first, last, first_bytes, last_bytes


def main() -> int:
    """Print the table."""
    fine = True
    print(f"{'one completion, CPU ms':38} {'at 10':>9} {'later':>9} {'ratio':>6}   bytes stored")
    for name, run, late in (("1,000 finished tasks in a line", Run(line(1_100)), 1_000), ("2,000 turns of a loop", Run(circle(), {"i": 0}), 2_000)):
        first, last, first_bytes, last_bytes = compared(run, 10, late)
        print(f"{name:38} {first:9.4f} {last:9.4f} {last / first:6.2f}   {first_bytes:,} → {last_bytes:,}")
        fine = fine and last <= first * RATIO
    short, long = (cpu(lambda tasks=tasks: kernel.load({"line.bpmn": line(tasks, "task")})) for tasks in (300, 1_200))  # type: ignore[misc]
    print(f"{'1,200 tasks in a line load, per task':38} {short / 300:9.4f} {long / 1200:9.4f} {long / 1200 / (short / 300):6.2f}   ({long:,.0f} ms in all; first column: 300)")
    run = Run(parallel(500))
    whole = cpu(lambda: run.complete(500)) / 1000
    print(f"{'500 parallel instances finish':38} {whole:9.2f} s in all, {whole * 2:.2f} ms each")
    return 0 if fine and whole <= SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
