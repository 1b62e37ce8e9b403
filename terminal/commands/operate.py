"""What operators do: let due work run, mend incidents (异常)."""

from __future__ import annotations

import click

from .. import output
from ..carrying import carry_out, counted
from ..command import command, group
from ..language import mark, say
from ..output import Column
from ..session import Session


@command("tick", click.Option(["--limit"], type=click.IntRange(1), default=100_000, help=mark("At most so many commands.")), click.Option(["--seconds"], type=float, default=600.0, help=mark("At most so long.")))
def tick(session: Session, limit: int, seconds: float) -> None:
    """Fire what is due and what follows, once (for cron).

    \b
    Example:
      jianyi tick
    """
    drained = session.engine().tick(limit=limit, seconds=seconds)
    row = {"done": drained.done, "left": drained.left, "failed": drained.failed}
    if not output.one(session, row):
        print(say("{done} done, {left} left, {failed} became incidents", **row))
    if drained.failed:
        raise click.exceptions.Exit(10)


@command("worker", click.Option(["--every"], type=click.FloatRange(0.05), default=1.0, show_default=True, help=mark("Seconds between looks.")))
def worker(session: Session, every: float) -> None:
    """Keep firing what is due until interrupted.

    \b
    Example:
      jianyi worker --every 5
    """
    ending = Ending()
    engine = session.engine()
    output.talk(say("working; Ctrl-C ends it with nothing half done"))
    while True:
        drained = engine.tick(limit=1_000, seconds=1.0)
        if drained.done or drained.failed:
            output.talk(say("{done} done, {left} left, {failed} became incidents", done=drained.done, left=drained.left, failed=drained.failed))
        ending.wait(0.0 if drained.done else every)


class Ending:
    """Ctrl-C and a service manager's SIGTERM, taken between commands: raised amid one, the interruption may be lost in a library's callback.

    Said outright, since a shell starts what it puts in the background with Ctrl-C ignored. Asked twice, it ends at once.
    """

    def __init__(self) -> None:
        import signal

        self._asked = self._waits = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._take)

    def _take(self, number: int, frame: object) -> None:
        if self._waits or self._asked:
            raise KeyboardInterrupt
        self._asked = True

    def wait(self, seconds: float) -> None:
        """Let so much time pass. Raises KeyboardInterrupt when somebody asked to end, before or meanwhile."""
        import time

        self._waits = True
        if self._asked:
            raise KeyboardInterrupt
        time.sleep(seconds)
        self._waits = False


@command("list", click.Option(["--case"], metavar="CASE", help=mark("Only this case's.")), click.Option(["--limit"], type=click.IntRange(1, 5000), default=50, help=mark("How many to show.")))
def incident_list(session: Session, case: str | None, limit: int) -> None:
    """Steps that could not be made.

    \b
    Example:
      jianyi incident list --as p-admin
    """
    from handlers import desk

    from ..words import incident, instant

    engine = session.engine()
    me = session.person()
    where = desk.open_incidents(case)
    columns = [
        Column(name="id", title=mark("incident"), whole=True),
        Column(name="case_id", title=mark("case"), whole=True),
        Column(name="element_id", title=mark("element")),
        Column(name="code", title=mark("code")),
        Column(name="reason", title=mark("why")),
        Column(name="opened_at", title=mark("since"), show=instant),
    ]
    rows = [incident(row) for row in engine.select(me, desk.incidents(where, limit=limit))]
    output.emit(session, rows, columns, total=counted(engine, me, desk.count_of("incident", where)), empty=say("no incident is open"))


@command("retry", click.Argument(["incident"]))
def incident_retry(session: Session, incident: str) -> None:
    """Try an incident's step again.

    Needs --reason.

    \b
    Example:
      jianyi incident retry 1042.7 --reason 信箱已恢复 --as p-admin
    """
    from engine import RetryIncident

    carry_out(session, session.engine(), RetryIncident(incident_id=incident, **session.common()))


@command("repair", click.Argument(["incident"]), click.Option(["--set", "sets"], multiple=True, metavar="VARIABLE=VALUE", help=mark("A variable's right value, as JSON or text.")))
def incident_repair(session: Session, incident: str, sets: tuple[str, ...]) -> None:
    """Write right values, then try the step again.

    Needs --reason.

    \b
    Example:
      jianyi incident repair 1042.7 --set unit='"u003"' --reason 更正 --as p-admin
    """
    from engine import RepairIncident

    carry_out(session, session.engine(), RepairIncident(incident_id=incident, variables=variables_of(sets), **session.common()))


def variables_of(sets: tuple[str, ...]) -> dict[str, object]:
    """`name=value` as variables: dates, JSON, else text."""
    import json

    from ..fields import read_set

    found: dict[str, object] = {}
    for assignment in sets:
        name, _, text = assignment.partition("=")
        try:
            found[name] = json.loads(text)
        except ValueError:
            found |= read_set([assignment], {"properties": {name: {"type": "string"}}})
    return found


COMMANDS = {"tick": tick, "worker": worker, "incident": group("incident", mark("Steps that wait for an operator."), [incident_list, incident_retry, incident_repair])}

