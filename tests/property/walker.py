"""A walk through the ways of a small congress: at each turn somebody does something, mostly sensible, sometimes wrong. One seed, one walk."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import (
    Actor,
    CancelInstance,
    ClaimWorkItem,
    Command,
    CompleteWorkItem,
    InvalidForm,
    ItemView,
    NotAllowed,
    PerformAct,
    ReassignWorkItem,
    Receipt,
    Rejected,
    ReleaseWorkItem,
    RetryIncident,
    StartInstance,
    WorkItem,
)

from .congress import ADMIN, DEPUTIES, OFFICES, WATCHER, Congress, people
from .hints import Desk, draw, hints
from .papers import Drafter, broken
from .rules import Rules

SUGGESTIONS_MAX = 8
_JOURNAL_SHOWN = 25


class Walk:
    """One walk. `accepted` are the commands that were done, with their receipts; `refused` counts the codes of refusals by what was tried."""

    def __init__(self, seed: int, letter_box: Path, database: Path | None = None) -> None:
        self.chance = random.Random(seed)
        self.congress = Congress(letter_box, database)
        self.drafter = Drafter(self.chance, draw(self.congress, self.chance))
        self.persons = {person: self.congress.engine.actor(person) for person in people()}
        self.journal: list[str] = []
        self.accepted: list[tuple[Command, Receipt]] = []
        self.refused: Counter[str] = Counter()
        self.visited: Counter[str] = Counter()
        self.rules = Rules(self.congress)
        self.congress.engine.runtime.before_step = self._look

    def _look(self, step: str) -> None:
        """Between any two commands, those of the engine itself too, the rules hold."""
        if step == "committed":
            self.rules.hold_now()

    # -- the walk

    def go(self, turns: int) -> None:
        """Walk so many turns, then let everything drain. Whatever fails names the last things that were done."""
        try:
            for _ in range(turns):
                move = self.chance.choices([move for move, _ in _MOVES], [weight for _, weight in _MOVES])[0]
                move(self)
            self.drain()
        except Exception as error:
            error.add_note("the last of the walk:\n" + "\n".join(self.journal[-_JOURNAL_SHOWN:]))
            raise

    def drain(self) -> None:
        """Deliver until nothing is under way."""
        drained = self.congress.engine.drain(limit=100_000, seconds=60)
        assert (drained.left, drained.failed) == (0, 0), drained

    def do(self, command: Command, doing: str) -> Receipt | None:
        """Execute it; None where it was refused, as somebody may be at any time."""
        self.journal.append(f"{self.congress.clock.now:%m-%d %H:%M} {doing}: {command}")
        try:
            receipt = self.congress.engine.execute(command)
        except Rejected as refusal:
            self.refused[f"{doing} {refusal.code}"] += 1
            self.journal[-1] += f"\n    refused: {refusal}"
            return None
        assert not receipt.repeated
        self.accepted.append((command, receipt))
        return receipt

    def command_id(self) -> str:
        return f"walk-{self.chance.getrandbits(64):016x}"

    # -- looks

    def item(self) -> ItemView | None:
        """Some open work item with its form, or None. Half of the time one of the newest."""
        rows = sorted(self.congress.rows("work_item", status="open"), key=lambda row: (row["opened_at"], row["id"]))
        if not rows:
            return None
        row = self.chance.choice(rows[-6:] if self.chance.random() < 0.5 else rows)
        view = self.congress.engine.item(WATCHER, row["id"])
        assert view.item is not None
        return view

    def for_whom(self, item: WorkItem) -> list[str]:
        """The people who may do it now."""
        if item.claimed_by:
            return [item.claimed_by]
        found = [person for person, actor in self.persons.items() if item.is_for(actor)]
        assert found, f"work item {item.id} of {item.element_id} is for nobody: {item.groups} {item.assignee}"
        return found

    def paper(self, form_id: str | None, person: str, element_id: str, inputs: Mapping[str, Any], instance_id: str) -> dict[str, Any]:
        """What the person types."""
        if form_id is None:
            return {}
        instance = self.congress.rows("instance", id=instance_id)[0] if instance_id else {}
        desk = Desk(congress=self.congress, chance=self.chance, person=person, element_id=element_id, inputs=inputs, instance=instance)
        return self.drafter.paper(self.congress.engine.form(form_id).schema, hints(form_id, desk))

    def completion(self, view: ItemView) -> CompleteWorkItem:
        """A sensible completion of the item."""
        item = view.item
        assert item is not None
        person = self.chance.choice(self.for_whom(item))
        data = self.paper(item.form_id, person, item.element_id, item.inputs, item.instance_id)
        if self.chance.random() > 0.06:
            return CompleteWorkItem(actor=person, item_id=item.id, data=data)
        earlier = self.congress.today - timedelta(days=self.chance.randint(1, 5))
        return CompleteWorkItem(actor=person, item_id=item.id, data=data, happened_on=earlier, reason="补录")


# -- sensible moves


def start(walk: Walk) -> None:
    """Somebody writes a suggestion, takes in a paper, proposes a key topic or calls the meeting."""
    kind = walk.chance.choice(("draft", "draft", "import", "import", "meeting", "topic"))
    if kind in ("draft", "import") and len(walk.congress.rows("suggestion")) >= SUGGESTIONS_MAX:
        return
    if kind == "topic" and len(walk.congress.rows("key_topic")) >= 2:
        return
    process = {"meeting": "assignment_meeting", "topic": "key_supervision"}.get(kind, "suggestion")
    element = {"import": "start-import", "draft": "start-draft"}.get(kind)
    form = {"import": "f-import", "topic": "f-topic-proposal"}.get(kind)
    person = walk.chance.choice(DEPUTIES) if kind == "draft" else walk.chance.choice(("clerk", "checker"))
    data = walk.paper(form, person, element or "", {}, "")
    walk.do(StartInstance(actor=person, command_id=walk.command_id(), process=process, element_id=element, data=data), f"start {kind}")


def complete(walk: Walk) -> None:
    """Somebody completes a work item of his."""
    view = walk.item()
    if view is None or view.item is None:
        return
    command = walk.completion(view)
    if walk.do(command, f"complete {view.item.element_id}"):
        walk.visited[view.item.element_id] += 1
    elif view.item.claimed_by:
        # Who may not (four eyes) leaves it to another.
        walk.do(ReleaseWorkItem(actor=command.actor, command_id=walk.command_id(), item_id=view.item.id), "release")


def act(walk: Walk) -> None:
    """Somebody does what a diagram offers by hand."""
    offered = [row for row in walk.congress.rows("subscription", status="open") if row["act"]]
    # Who may withdraw may always, so that nearly all would be withdrawn.
    offered = [row for row in offered if row["act"] != "withdraw" or walk.chance.random() < 0.1]
    if not offered:
        return
    row = walk.chance.choice(offered)
    groups = row["groups"] or []
    able = [person for person, actor in walk.persons.items() if (person == row["assignee"] if row["assignee"] else actor.is_in(groups))]
    assert able, f"the act {row['act']} {row['id']} is for nobody: {groups}"
    person = walk.chance.choice(able)
    data = walk.paper(row["form_id"], person, row["element_id"], {}, row["instance_id"])
    if walk.do(PerformAct(actor=person, command_id=walk.command_id(), subscription_id=row["id"], data=data), f"act {row['act']}"):
        walk.visited[row["element_id"]] += 1


def hand_about(walk: Walk) -> None:
    """Somebody claims a work item, gives it back, or gives it to another."""
    view = walk.item()
    if view is None or view.item is None:
        return
    item = view.item
    person = walk.chance.choice(walk.for_whom(item))
    if item.claimed_by:
        walk.do(ReleaseWorkItem(actor=person, command_id=walk.command_id(), item_id=item.id), "release")
    elif walk.chance.random() < 0.5 or item.assignee:
        walk.do(ClaimWorkItem(actor=person, command_id=walk.command_id(), item_id=item.id), "claim")
    else:
        to = walk.chance.choice(walk.for_whom(item))
        walk.do(ReassignWorkItem(actor=person, command_id=walk.command_id(), item_id=item.id, person=to, reason="分工"), "reassign")


def deliver(walk: Walk) -> None:
    """Something of what is under way arrives, or all of it."""
    if walk.chance.random() < 0.5:
        walk.drain()
    else:
        drained = walk.congress.engine.drain(limit=walk.chance.randint(1, 3), seconds=60)
        assert not drained.failed


def wait(walk: Walk) -> None:
    """Time goes on: hours, days, seldom months; what is due fires at its time."""
    span = walk.chance.choice([timedelta(hours=5), timedelta(days=1), timedelta(days=9), timedelta(days=40)])
    to: datetime = walk.congress.clock.now + span
    walk.journal.append(f"the clock goes on to {to}")
    walk.congress.engine.advance(to)


# -- wrong tries: each is refused, and nothing has changed


def wrong(walk: Walk) -> None:
    """Somebody tries what is not allowed; he is told so and nothing has changed."""
    attempt = walk.chance.choice(_WRONG)(walk)
    if attempt is None:
        return
    command, kind = attempt
    walk.journal.append(f"wrong: {command}")
    before = walk.congress.tables(), walk.congress.length()
    with pytest.raises(kind) as refusal:
        walk.congress.engine.execute(command)
    walk.refused[f"wrong {type(command).__name__} {refusal.value.code}"] += 1
    assert (walk.congress.tables(), walk.congress.length()) == before


Attempt = tuple[Command, type[Rejected]] | None


def _wrong_person(walk: Walk) -> Attempt:
    view = walk.item()
    if view is None or view.item is None:
        return None
    strangers: list[Actor] = [actor for actor in walk.persons.values() if not view.item.is_for(actor)]
    command = replace(walk.completion(view), actor=walk.chance.choice(strangers).id)
    return walk.chance.choice([command, ClaimWorkItem(actor=command.actor, item_id=view.item.id)]), NotAllowed


def _wrong_data(walk: Walk) -> Attempt:
    view = walk.item()
    if view is None or view.form is None:
        return None
    command = walk.completion(view)
    return replace(command, data=broken(walk.chance, view.form.schema, command.data)), InvalidForm


def _stale_version(walk: Walk) -> Attempt:
    view = walk.item()
    if view is None or view.item is None:
        return None
    return replace(walk.completion(view), item_version=view.item.version + walk.chance.choice((-1, 1))), Rejected


def _done_otherwise(walk: Walk) -> Attempt:
    """The same again, but with other words or by another person."""
    done = [command for command, _ in walk.accepted if isinstance(command, CompleteWorkItem)]
    if not done:
        return None
    command = walk.chance.choice(done)
    other = walk.chance.choice([person for person in walk.persons if person != command.actor])
    by_another = replace(command, actor=other)
    again = replace(command, command_id=walk.command_id())
    return walk.chance.choice([by_another, again, replace(command, data={**command.data, "x": 1})]), Rejected


def _unknown(walk: Walk) -> Attempt:
    """Ids that are none, people who are none, days to come."""
    person = walk.chance.choice(list(OFFICES))
    tomorrow = walk.congress.today + timedelta(days=1)
    start_draft = StartInstance(actor=DEPUTIES[0], process="suggestion", element_id="start-draft")
    attempts: list[Command] = [
        CompleteWorkItem(actor=person, item_id="999.1"),
        CompleteWorkItem(actor=person, item_id="一"),
        CompleteWorkItem(actor="nobody", item_id="1.1"),
        PerformAct(actor=person, subscription_id="1.99999"),
        StartInstance(actor=person, process="no-such-process"),
        replace(start_draft, actor="clerk"),
        replace(start_draft, happened_on=tomorrow),
        replace(start_draft, happened_on=walk.congress.today - timedelta(days=1)),
    ]
    return walk.chance.choice(attempts), Rejected


def _no_operator(walk: Walk) -> Attempt:
    """Repairs are for operators, with a reason, and of what is there."""
    running = walk.congress.rows("instance", status="running")
    if not running:
        return None
    instance = walk.chance.choice(running)["id"]
    attempts: list[Command] = [
        CancelInstance(actor="clerk", instance_id=instance, reason="无"),
        CancelInstance(actor=ADMIN, instance_id=instance),
        RetryIncident(actor=ADMIN, incident_id=f"{instance}.1", reason="无"),
    ]
    return walk.chance.choice(attempts), Rejected


_WRONG: tuple[Callable[[Walk], Attempt], ...] = (_wrong_person, _wrong_data, _stale_version, _done_otherwise, _unknown, _no_operator)
_MOVES: tuple[tuple[Callable[[Walk], None], int], ...] = ((start, 5), (complete, 55), (act, 6), (hand_about, 4), (deliver, 14), (wait, 4), (wrong, 12))
