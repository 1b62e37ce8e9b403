"""What must hold of a congress at every moment, and at the end of a walk: stated here anew, without the product's own words for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from engine import Select, Where
from engine.events import (
    Event,
    FactStated,
    IncidentOpened,
    InstanceStarted,
    JobOpened,
    MessageThrown,
    NumberTaken,
    SubscriptionOpened,
    TimerSet,
    WorkItemOpened,
)
from engine.storage.port import Transaction

from .congress import SUCCEEDED, UNITS, Congress

Row = Mapping[str, Any]

_IDS: dict[type, str] = {
    InstanceStarted: "instance_id",
    WorkItemOpened: "item_id",
    SubscriptionOpened: "subscription_id",
    TimerSet: "timer_id",
    JobOpened: "job_id",
    MessageThrown: "delivery_id",
    IncidentOpened: "incident_id",
}
_FACT_IDS = {"CommitmentMade": "commitment_id", "ReplySigned": "reply_id", "SuggestionRegistered": "suggestion_id"}
_ASSIGNING = ("SuggestionAssigned", "UnitReassigned")


class Rules:
    """What is looked at after every command, the engine's own ones too."""

    def __init__(self, congress: Congress) -> None:
        self.congress = congress
        self._seen: set[str] = set()
        self._awaited: set[str] = set()

    def hold_now(self) -> None:
        """No incident is open; every set of assignments is valid (V4); whoever was assigned once is answered by somebody (V5)."""
        with self.congress.engine.store.transaction(write=False) as transaction:
            self._note_thrown(transaction)
            incidents = [row for row in transaction.select(_open("incident")) if not self._crossed(row)]
            rows = transaction.select(Select(table="assignment", limit=100_000))
        assert not incidents, [dict(row) for row in incidents]
        sets: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            sets[row["suggestion_id"]] += [row] if row["status"] == "active" else []
        for suggestion, active in sets.items():
            fault = set_fault(active)
            assert not fault, (suggestion, fault, [(row["unit_id"], row["mode"], row["part"]) for row in active])

    def _note_thrown(self, transaction: Transaction) -> None:
        """Remember of each new message whether somebody waited for it when it was thrown."""
        waiting = {row["id"] for row in transaction.select(Select(table="outbox", limit=100_000))} - self._seen
        self._seen |= waiting
        for row in transaction.select(Select(table="delivery", where=(Where(column="id", op="in", value=sorted(waiting)),), limit=100_000)):
            heard = (Where(column="name", value=row["name"]), Where(column="key", value=row["key"]))
            self._awaited |= {row["id"]} if transaction.select(_open("subscription", *heard)) else set()

    def _crossed(self, incident: Row) -> bool:
        """A message that somebody waited for when it was thrown, and who had stopped waiting when it came: people's acts may cross.

        It is kept, expires and is shown to an operator. A message that nobody waited for in the first place is a fault of the diagrams.
        """
        return incident["code"] == "message_expired" and incident["delivery_id"] in self._awaited


def _open(table: str, *more: Where) -> Select:
    return Select(table=table, where=(Where(column="status", value="open"), *more), limit=100_000)


def set_fault(active: Iterable[Row]) -> str | None:
    """What the book's rules V4 and V5 say against the assignments that stand."""
    rows = list(active)
    modes = Counter(row["mode"] for row in rows)
    units = [row["unit_id"] for row in rows]
    sole, lead, co, separate = (modes[mode] for mode in ("sole", "lead", "co", "separate"))
    if not sole + lead + separate:
        return "V5: nobody answers"
    one_way = [sole == 1 and not lead + co + separate, lead == 1 and co >= 1 and not sole + separate, separate >= 2 and not sole + lead + co]
    if sum(one_way) != 1:
        return "V4: no valid modes"
    if any(row["mode"] == "separate" and not row["part"] for row in rows):
        return "V4: a separate unit without its part"
    if len({SUCCEEDED.get(unit, unit) for unit in units}) != len(units):
        return "V4: a unit stands twice"
    return None if set(units) <= set(UNITS) else "a unit that nobody knows"


def ids_are_unique(congress: Congress) -> None:
    """Whatever was given an id was given one that nothing else of its kind ever had."""
    seen: Counter[tuple[str, str]] = Counter()
    for _, event in congress.events():
        for identifier in _identifiers(event):
            seen[identifier] += 1
    twice = [identifier for identifier, times in seen.items() if times > 1]
    assert not twice, twice


def _identifiers(event: Event) -> Iterable[tuple[str, str]]:
    field = _IDS.get(type(event))
    if field:
        yield field, getattr(event, field)
    if isinstance(event, FactStated):
        if event.kind in _FACT_IDS:
            yield event.kind, event.keys[_FACT_IDS[event.kind]]
        if event.kind in _ASSIGNING:
            yield from (("assignment", row["assignment_id"]) for row in event.keys["assignments"])


def numbers_have_no_gap(congress: Congress) -> None:
    """Each session's numbers are 1, 2, 3 … in the order in which they were given, and each stands on one suggestion (V3)."""
    taken: dict[str, list[int]] = defaultdict(list)
    for _, event in congress.events():
        if isinstance(event, NumberTaken):
            taken[event.series].append(event.value)
    for series, values in taken.items():
        assert values == list(range(1, len(values) + 1)), (series, values)
    given = [(row["session"], row["number"]) for row in congress.rows("suggestion") if row["number"] and not row["stated_number"]]
    assert sorted(given) == sorted((series.partition(":")[2], value) for series, values in taken.items() for value in values)


def history_proves_itself(congress: Congress) -> None:
    """Chains hold, every row is decided so again (with handlers, too), and the tables follow from the events in any order of streams."""
    engine = congress.engine
    reports = [engine.verify(), engine.replay(), engine.replay(handlers=True), engine.rebuild(seed=1), engine.rebuild(seed=2)]
    found = [str(finding) for report in reports for finding in report.findings]
    assert not found, found[:5]
    assert len({report.rows for report in reports}) == 1
    assert reports[0].rows == congress.length()
