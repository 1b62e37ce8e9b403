"""What a call or a message must bring along: names that the process it begins reads before it can have written them itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import Edit
from .congregation import CallSite, Congregation, Throw
from .order import Order, begins, process_reads
from .report import Report
from .similar import nearest
from .study import Study, carried_by

Orders = Mapping[str, Order]


def needs(order: Order, given: Iterable[str], starts: frozenset[str], *, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Names that are read, on every way from these starts, before the process can have written them; with an element that reads each.

    `given`: names that are there. `without`: elements whose own writing is not counted.
    """
    study = order.study
    reached = order.reached(frozenset(given), starts, without=without)
    found: dict[str, str] = {}
    for use, name in process_reads(study):
        if use.node is None or use.node.id not in reached or use.reading.lookup(name) is None:
            continue
        there = reached[use.node.id] | (order.inside[use.node.id] if use.after else 0)
        if not there & order.bits.get(name, 0):
            found.setdefault(name, use.place.element_id or "")
    return found


def tell_calls(all_of_them: Congregation, orders: Orders, report: Report) -> None:
    """A call gives what the called process reads."""
    wanted: dict[str, dict[str, str]] = {}
    for site in all_of_them.calls.values():
        called = all_of_them.studies[site.process_id]
        if site.process_id not in wanted:
            plain = frozenset(node.id for node in called.process.nodes.values() if begins(node, called.process) and not node.triggers)
            wanted[site.process_id] = needs(orders[site.process_id], _key(all_of_them, called), plain)
        for name, reader in wanted[site.process_id].items():
            if name not in site.given:
                _tell_not_given(site, name, reader, report)


def _key(all_of_them: Congregation, study: Study) -> list[str]:
    key = all_of_them.key_of(study)
    return [key] if key else []


def _tell_not_given(site: CallSite, name: str, reader: str, report: Report) -> None:
    meant = nearest(name, carried_by(site.node), within=2)
    report.add(
        site.study.place(site.node),
        "call_input",
        template="the called process {process} reads {name} at {reader}, and this call does not give it",
        hint="write {name} for {meant}" if meant else "map an input to {name}",
        edit=Edit(old=meant, new=name) if meant else None,
        process=site.process_id,
        name=name,
        reader=reader,
        meant=meant or "",
    )


def tell_messages_that_start(all_of_them: Congregation, orders: Orders, report: Report) -> None:
    """A message that starts a process carries what the process reads."""
    for study in all_of_them.studies.values():
        for start in study.process.nodes.values():
            if start.kind != "startEvent" or not start.triggers or "form" in start.extensions.properties:
                continue
            # What the event writes is what the message carries; only its output mappings make something else of it.
            own = study.gives.get(start.id, set()) if start.extensions.outputs else set()
            one = frozenset({start.id})
            wanted = needs(orders[study.process.process_id], _key(all_of_them, study), one, without=one)
            for throw in (throw for told in study.names(start).caught for throw in all_of_them.thrown(told)):
                for name in wanted.keys() - throw.carried.keys() - own:
                    _tell_not_carried(throw, study, name, wanted[name], report)


def _tell_not_carried(throw: Throw, study: Study, name: str, reader: str, report: Report) -> None:
    meant = nearest(name, carried_by(throw.node), within=2)
    report.add(
        throw.study.place(throw.node),
        "message_input",
        template="the process {process}, which this message starts, reads {name} at {reader}, and the message does not carry it",
        hint="write {name} for {meant}" if meant else "map an input to {name}",
        edit=Edit(old=meant, new=name) if meant else None,
        process=study.process.process_id,
        name=name,
        reader=reader,
        meant=meant or "",
    )
