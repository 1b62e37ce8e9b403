"""One case (案卷) on one 80-column screen: where it stands, who must do what by when, what was promised, its history in words.

`gather` reads everything with the reader's eyes and gives plain data (what `--json` prints); `paint` puts it on the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import words
from .language import say
from .layout import bold, hanging
from .telling import told
from .words import Names

if TYPE_CHECKING:
    from engine import Engine

Row = Mapping[str, Any]

PARTS = (
    "proposer", "assignment", "receipt", "opinion", "extension", "reply", "feedback", "commitment", "commitment_state",
)  # fmt: skip
"""Records of a case that its screen uses."""

SHOWN_HISTORY = 12


def gather(engine: Engine, me: str, case: Row, *, whole: bool = False) -> dict[str, Any]:
    """Everything about the case that the reader may see."""
    from handlers import desk

    def read(select: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in engine.select(me, select)]

    names = Names(read=lambda table, ids: read(desk.by_ids(table, ids)))
    parts = {table: read(desk.part(table, case["id"])) for table in PARTS}
    items = read(desk.open_items(case["id"]))
    groups = desk.grouped(read(desk.groups_of([item["id"] for item in items])), "item_id", "group_id") if items else {}
    stated = case.get("stated_units") or []
    names.learn("unit", stated)
    names.learn("unit", (row.get("unit_id") for table in ("assignment", "reply", "commitment_state") for row in parts[table]))
    rows = engine.history(me, case["id"])
    names.learn("person", [*(row.actor.id for row in rows), *(row["deputy_id"] for row in parts["proposer"])])
    named = {row["id"]: row["name"] for row in read(desk.part("work_item", case["id"], "id"))}
    named |= {row["id"]: row["act_name"] for row in read(desk.part("subscription", case["id"], "id")) if row["act_name"]}
    history = told(rows, names, named)
    acts = [{"act": act.act, "name": act.name, "for_me": act.for_me} for act in engine.acts(me, case["id"])]
    today = engine.today
    titled = dict(case) if case.get("title") else _untitled(case, read)
    return {
        "case": titled,
        "today": today,
        "proposers": [{**row, "name": names.person(row["deputy_id"])} for row in parts["proposer"]],
        "stated_units": [names.unit(unit) for unit in stated],
        "units": [_unit(row, parts, names) for row in parts["assignment"]],
        "bundle": desk.bundle(case["id"], read),
        "lead_unit": names.unit(case.get("lead_unit_id")),
        "items": [{**item, "who": names.who(item, groups.get(item["id"], ())), "groups": groups.get(item["id"], [])} for item in items],
        "commitments": _commitments(parts, names, today),
        "incidents": [words.incident(row) for row in read(desk.incidents(desk.open_incidents(case["id"])))],
        "acts": [act for act in acts if act["for_me"]],
        "history": history if whole else history[-SHOWN_HISTORY:],
        "history_lines": len(history),
    }


def _untitled(case: Row, read: Any) -> dict[str, Any]:
    """A case without a record of its own is called by the process that began it."""
    from handlers import desk

    first = read(desk.instances_of(case["id"]))[0]
    definition = read(desk.definition(first["process"], first["deployment"]))
    return {**case, "title": definition[0]["name"] if definition else first["process"], "state": first["status"]}


def _unit(assignment: Row, parts: Mapping[str, Sequence[Row]], names: Names) -> dict[str, Any]:
    """One assignment with all that came of it."""

    def of(table: str) -> Row:
        found = [row for row in parts[table] if row.get("assignment_id") == assignment["id"]]
        return found[-1] if found else {}

    receipt, reply = of("receipt"), of("reply")
    feedback = next((row for row in reversed(parts["feedback"]) if row.get("reply_id") == reply.get("id")), {})
    return {
        "id": assignment["id"],
        "unit_id": assignment["unit_id"],
        "unit": names.unit(assignment["unit_id"]),
        "mode": assignment.get("mode"),
        "round": assignment.get("round"),
        "status": assignment.get("status"),
        "assigned_on": assignment.get("assigned_on"),
        "reply_due_on": of("extension").get("new_due_on") if of("extension").get("decision") in ("granted", "agree", "accept") else assignment.get("reply_due_on"),
        "signed_in_on": receipt.get("signed_in_on"),
        "opinion_on": of("opinion").get("sent_on"),
        "replied_on": reply.get("sent_on") or reply.get("signed_on"),
        "reply_class": reply.get("reply_class"),
        "document_number": reply.get("document_number"),
        "late": bool(reply.get("late")),
        "handling": feedback.get("handling"),
        "result": feedback.get("result"),
        "feedback": feedback.get("status"),
    }


def _commitments(parts: Mapping[str, Sequence[Row]], names: Names, today: Any) -> list[dict[str, Any]]:
    from handlers import desk

    states = {row["id"]: row for row in parts["commitment_state"]}
    return [
        {
            "id": row["id"],
            "unit": names.unit(row["unit_id"]),
            "text": row.get("text"),
            "due_on": states.get(row["id"], {}).get("due_on") or row.get("due_on_first"),
            "state": states.get(row["id"], {}).get("state") or "open",
            "late": desk.is_late(states.get(row["id"], {}), today),
        }
        for row in parts["commitment"]
    ]


# -- painting

UNDER_TEXT, UNDER_DATE = 2, 14
"""Where the continuation of a long line begins."""


def paint(gathered: Mapping[str, Any]) -> None:
    """The screen."""
    for line in (*_head(gathered), *_units(gathered), *_bundle(gathered), *_items(gathered), *_promised(gathered)):
        print(hanging(line, UNDER_TEXT) if line.startswith("  ") else line)
    hidden = gathered["history_lines"] - len(gathered["history"])
    if gathered["history"]:
        print(bold(say("History")))
    if hidden > 0:
        print("  " + say("… {count} earlier lines: --all", count=hidden))
    for line in gathered["history"]:
        print(hanging(f"  {line['on']}  {' '.join(part for part in (line['who'], line['what']) if part)}", UNDER_DATE))


def _head(gathered: Mapping[str, Any]) -> Iterator[str]:
    case = gathered["case"]
    number = case.get("display_number") or (case.get("stated_number") and say("stated number {number}", number=case["stated_number"])) or ""
    yield bold(" ".join(part for part in (number, case.get("title") or "") if part))
    marks = [say("case {id}", id=case["id"]), words.state(case.get("stage") or case.get("state"))]
    if case.get("session"):
        from handlers import desk

        marks.append(f"{desk.session_name(case['session'])}{'（演示）' if case.get('session_demo') else ''}")
    lead = next((row["name"] for row in gathered["proposers"] if row.get("role") in ("lead", "delegation-head")), "")
    if lead:
        total = len(gathered["proposers"])
        marks.append(say("{name}, {total} proposers in all", name=lead, total=total) if total > 1 else lead)
    if case.get("demo"):
        marks.append(say("demo"))
    yield "  " + " · ".join(mark for mark in marks if mark)


def _units(gathered: Mapping[str, Any]) -> Iterator[str]:
    if gathered["stated_units"] and not gathered["units"]:
        yield "  " + say("units named on the paper: {units}", units=", ".join(gathered["stated_units"]))
    if gathered["units"]:
        yield bold(say("Units"))
    for row in gathered["units"]:
        told = [f"{words.mode(row['mode'])} {row['unit']}"]
        if row["status"] not in (None, "active"):
            told.append(words.state(row["status"]))
        elif row["replied_on"]:
            told.append(say("replied {day}", day=row["replied_on"]) + (f" {row['reply_class']}" if row["reply_class"] else "") + (f" {say('late')}" if row["late"] else ""))
        elif row["opinion_on"]:
            told.append(say("opinion {day}", day=row["opinion_on"]))
        else:
            told.append(say("signed for {day}", day=row["signed_in_on"]) if row["signed_in_on"] else say("not signed for"))
            told.append(say("reply due {day}", day=words.due(row["reply_due_on"], gathered["today"])) if row["reply_due_on"] else "")
        if row["handling"] or row["result"]:
            told.append(f"{words.rating(row['handling'])}/{words.rating(row['result'])}")
        yield "  " + "  ".join(part for part in told if part)


def _bundle(gathered: Mapping[str, Any]) -> Iterator[str]:
    """The suggestions that a topic under key supervision bundles."""
    if gathered["lead_unit"]:
        yield "  " + say("lead unit {unit}", unit=gathered["lead_unit"])
    if gathered["bundle"]:
        yield bold(say("Bundle"))
    for row in gathered["bundle"]:
        yield "  " + "  ".join(part for part in (row["id"], row.get("display_number") or "", row.get("title") or "", words.state(row.get("stage"))) if part)


def _items(gathered: Mapping[str, Any]) -> Iterator[str]:
    if gathered["items"]:
        yield bold(say("To do"))
    for item in gathered["items"]:
        by = say("by {day}", day=words.due(item["due_on"], gathered["today"])) if item.get("due_on") else ""
        yield "  " + "  ".join(part for part in (item["id"], item["name"], item["who"], by) if part)
    for incident in gathered["incidents"]:
        yield "  " + say("incident {id}: {reason}", id=incident["id"], reason=incident.get("reason") or "")
    if gathered["acts"]:
        yield "  " + say("by hand: {acts}", acts=", ".join(f"{act['act']} ({act['name']})" for act in gathered["acts"]))


def _promised(gathered: Mapping[str, Any]) -> Iterator[str]:
    if gathered["commitments"]:
        yield bold(say("Commitments"))
    for row in gathered["commitments"]:
        yield "  " + "  ".join(part for part in (row["unit"], row["text"] or "", str(row["due_on"] or ""), words.state(row["state"]), say("late") if row["late"] else "") if part)
