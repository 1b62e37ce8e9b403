"""What staff look up: the desk's queries over the domain's records, as data.

Pure builders of `Select` and `Count`, and answers joined from several selects as plain dicts without formatting. Who may see which rows
is laid over every select by the engine; nothing here knows the reader but where a question is about him.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.errors import NotFound, Rejected
from engine.model import Actor
from engine.registry import AnyOf, Condition, Count, Select, Where

Row = Mapping[str, Any]
Read = Callable[[Select], Sequence[Row]]
"""Runs one select with the reader's eyes."""

STAGES = (
    "draft", "cosigning", "filed", "screening", "returned-for-repair", "refused", "as-letter", "for-reference", "registered", "classified",
    "allocating", "assigned", "closed", "closed-commitments-open", "archived", "withdrawn",
)  # fmt: skip
"""Stages that stand in the suggestion's record."""

PART_STATES = ("handling", "replied", "feedback-pending", "second-handling")
"""Finer states of an assigned suggestion: each is a question about its parts."""

STATES = STAGES + PART_STATES

SUGGESTION_COLUMNS = (
    "id", "session", "session_demo", "channel", "proposer_type", "lead_id", "delegation_id", "title", "stated_number", "stated_units", "number", "display_number",
    "class", "stage", "filed_on", "received_on", "assigned_on", "closed_on", "withdrawn_on", "archived_on", "demo",
)  # fmt: skip

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SESSION = re.compile(r"(?:第)?([一二三四五六七八九十〇零\d]+)届(?:全国人大)?(?:第)?([一二三四五六七八九十\d]+)次(?:会议)?\Z")
_NUMBERED = re.compile(r"(.*?[次议\-])\s*第?\s*(\d{1,6})\s*号?\Z")


LONGEST_NUMBER = 18
"""Digits beyond this are no number of a suggestion, and no store could hold them as one."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is looked for; empty parts do not count. `late` is late on `today`; the due range is of open work items."""

    words: tuple[str, ...] = ()
    number: str | None = None
    session: str | None = None
    deputies: tuple[str, ...] | None = None
    units: tuple[str, ...] | None = None
    state: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    late: bool = False
    today: date | None = None


def session_id(text: str) -> str:
    """`14-2` for 十四届二次, 第十四届第二次会议 or 14-2; other text as it stands."""
    found = _SESSION.match(text.strip())
    return f"{_numeral(found[1])}-{_numeral(found[2])}" if found else text.strip()


def session_name(identifier: str) -> str:
    """十四届二次 for 14-2; other text as it stands."""
    term, dash, meeting = identifier.partition("-")
    return f"{_in_words(int(term))}届{_in_words(int(meeting))}次" if dash and term.isdecimal() and meeting.isdecimal() else identifier


def _in_words(number: int) -> str:
    digits, (tens, ones) = "零一二三四五六七八九", divmod(number, 10)
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")


def _numeral(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS[text]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def find(finding: Finding, *, limit: int = 50) -> Select:
    """The suggestions that fulfil all that was said, the newest first."""
    return Select(table="suggestion", columns=SUGGESTION_COLUMNS, where=conditions(finding), order=("-session", "-number", "-id"), limit=limit)


def count_of(table: str, where: tuple[Condition, ...] = ()) -> Count:
    """How many rows there are, whatever is shown."""
    return Count(table=table, where=where)


def conditions(finding: Finding) -> tuple[Condition, ...]:
    """The conditions of `find`, each on a column with an index or on a part's."""
    made: list[Condition] = [_said(word) for word in finding.words]
    if finding.number:
        made.append(_numbered(finding.number))
    if finding.session:
        made.append(Where(column="session", value=session_id(finding.session)))
    if finding.deputies is not None:
        made.append(_part("proposer", Where(column="deputy_id", op="in", value=list(finding.deputies))))
    if finding.units is not None:
        made.append(_part("assignment", Where(column="unit_id", op="in", value=list(finding.units))))
    if finding.state:
        made.extend(in_state(finding.state))
    made.extend(_due(finding))
    return tuple(made)


def _said(word: str) -> Condition:
    """A word of the title or of the text, of which two Chinese characters are enough; or a number."""
    within = tuple(Where(column=column, op="contains", value=word) for column in ("title", "facts", "proposal"))
    return AnyOf(of=(*within, *_numbers(word)))


def _numbered(text: str) -> Condition:
    """A number: ours with or without its session, as shown, or the one it had elsewhere (原编号)."""
    bare = _bare(text)
    case = (Where(column="id", value=bare),) if bare.isdecimal() else ()
    return AnyOf(of=(*_numbers(text), *case))


def _numbers(text: str) -> tuple[Condition, ...]:
    """What a number may stand for but the id of a case."""
    bare = _bare(text)
    shown = tuple(Where(column=column, value=text) for column in ("display_number", "stated_number"))
    if not bare.isdecimal() or len(bare) > LONGEST_NUMBER:
        return shown
    # A number that was stated elsewhere was written with or without its leading zeros.
    written = [bare, bare.lstrip("0") or "0", bare.zfill(4)]
    return (*shown, Where(column="number", value=int(bare)), Where(column="stated_number", op="in", value=written))


def _bare(text: str) -> str:
    return text.strip().removeprefix("第").removesuffix("号")


def _part(table: str, *where: Condition, column: str = "id", of: str = "suggestion_id") -> Condition:
    return Where(column=column, op="in_select", value=Select(table=table, columns=(of,), where=where))


def _no_part(table: str, *where: Condition) -> Condition:
    return Where(column="id", op="not_in_select", value=Select(table=table, columns=("suggestion_id",), where=where))


def in_state(state: str) -> tuple[Condition, ...]:
    """The conditions of a state. Raises Rejected for a word that is none."""
    assigned = Where(column="stage", value="assigned")
    if state in STAGES:
        return (Where(column="stage", value=state),)
    if state == "handling":
        return (assigned, _part("receipt"), _no_part("reply"))
    if state == "replied":
        return (assigned, _part("reply"))
    if state == "feedback-pending":
        answered = Select(table="feedback", columns=("reply_id",))
        return (assigned, _part("reply", Where(column="id", op="not_in_select", value=answered)))
    if state == "second-handling":
        ordered = Select(table="rehandling", columns=("reply_id",), where=(Where(column="ordered_on", op="not_null"),))
        return (assigned, _part("reply", Where(column="id", op="in_select", value=ordered)), _no_part("reply", Where(column="round", value=2)))
    raise Rejected("unknown_state", "there is no state {state}", state=state, states=", ".join(STATES), hint="one of: {states}")


def _due(finding: Finding) -> Iterable[Condition]:
    window: list[Condition] = [Where(column="status", value="open")]
    if finding.due_from:
        window.append(Where(column="due_on", op=">=", value=finding.due_from))
    if finding.due_to:
        window.append(Where(column="due_on", op="<=", value=finding.due_to))
    if finding.late and finding.today:
        window.append(Where(column="due_on", op="<", value=finding.today))
    if len(window) > 1:
        yield _part("work_item", *window, of="case_id")


# -- one case, named as people name it


def named(text: str, *, limit: int = 10) -> tuple[Select, ...]:
    """Selects that may find the case a person names, the surest first: id, number, part of a title."""
    text = text.strip()
    exact: list[Condition] = [Where(column=column, value=text) for column in ("id", "display_number", "stated_number")]
    parted = _NUMBERED.match(text)
    selects = [
        Select(table="suggestion", columns=SUGGESTION_COLUMNS, where=(AnyOf(of=of),), order=("id",), limit=limit)
        for of in (tuple(exact), _numbers(text))
    ]
    if parted:
        session = session_id(parted[1].removesuffix("-"))
        where = (Where(column="session", value=session), Where(column="number", value=int(parted[2])))
        selects.append(Select(table="suggestion", columns=SUGGESTION_COLUMNS, where=where, order=("id",), limit=limit))
    selects.append(Select(table="key_topic", where=(Where(column="id", value=text),), order=("id",), limit=limit))
    if len(text) > 1:
        part = (Where(column="title", op="contains", value=text),)
        selects.append(Select(table="suggestion", columns=SUGGESTION_COLUMNS, where=part, order=("-session", "-number", "id"), limit=limit))
        selects.append(Select(table="key_topic", where=part, order=("id",), limit=limit))
    return tuple(selects)


def case_named(text: str, read: Read) -> list[dict[str, Any]]:
    """The cases that the text may mean: one, or several to choose from. Raises NotFound."""
    for select in named(text):
        found = [{**row, "kind": "key topic" if select.table == "key_topic" else "suggestion"} for row in read(select)]
        if found:
            return found
    found = [dict(row) for row in read(instances_of(text, column="id"))]
    if found:
        return [{"id": found[0]["case_id"], "kind": "instance", "title": None}]
    raise NotFound("not_found", "there is no case {text} that you may see", text=text, hint="jianyi find WORDS")


# -- work items and due dates


def mine(actor: Actor) -> Condition:
    """The work items that the actor may do: named for him, claimed by him, or open to one of his groups."""
    groups = Select(table="work_item_group", columns=("item_id",), where=(Where(column="group_id", op="in", value=sorted(actor.groups)),))
    return AnyOf(
        of=(
            Where(column="assignee", value=actor.id),
            Where(column="claimed_by", value=actor.id),
            Where(column="id", op="in_select", value=groups),
        )
    )


def on_behalf_of(item: Row, groups: Sequence[str], alone: Actor, others: Sequence[Actor]) -> str | None:
    """For whom the actor would do the item as a substitute; None where it is his own."""
    if alone.id in (item["assignee"], item["claimed_by"]) or alone.is_in(groups):
        return None
    return next((other.on_behalf_of for other in others if other.is_in(groups)), None)


def inbox(actor: Actor, *, case_id: str | None = None) -> tuple[Condition, ...]:
    """The conditions of the actor's open work items (待办)."""
    case = (Where(column="case_id", value=case_id),) if case_id else ()
    return (Where(column="status", value="open"), *case, mine(actor))


def items(where: tuple[Condition, ...], *, limit: int = 50) -> Select:
    """Work items by due date, then priority."""
    return Select(table="work_item", where=where, order=("due_on", "-priority", "opened_at"), limit=limit)


def due_until(until: date, *, after: date | None = None, actor: Actor | None = None) -> tuple[Condition, ...]:
    """The conditions of open work items that fall due up to a day (from `after` on)."""
    made: list[Condition] = [Where(column="status", value="open"), Where(column="due_on", op="<=", value=until)]
    if after:
        made.append(Where(column="due_on", op=">=", value=after))
    return (*made, mine(actor)) if actor else tuple(made)


def groups_of(item_ids: Sequence[str]) -> Select:
    """Who may do these items."""
    return Select(table="work_item_group", where=(Where(column="item_id", op="in", value=list(item_ids)),), order=("item_id", "group_id"), limit=5_000)


def titles(case_ids: Iterable[str]) -> tuple[Select, Select]:
    """Titles and numbers of these cases: suggestions and key topics."""
    wanted = (Where(column="id", op="in", value=sorted(set(case_ids))),)
    return (
        Select(table="suggestion", columns=("id", "title", "display_number", "stage", "lead_id"), where=wanted, limit=5_000),
        Select(table="key_topic", columns=("id", "title", "state"), where=wanted, limit=5_000),
    )


def titled(rows: Sequence[Row], read: Read) -> list[dict[str, Any]]:
    """The rows, each with its case's title and number."""
    known = {row["id"]: row for select in titles(row["case_id"] for row in rows) for row in read(select)} if rows else {}
    return [{**row, "title": known.get(row["case_id"], {}).get("title"), "number": known.get(row["case_id"], {}).get("display_number")} for row in rows]


# -- persons and units


def persons_called(text: str) -> Select:
    """Persons by id or by a part of the name."""
    return Select(table="person", where=(AnyOf(of=(Where(column="id", value=text), Where(column="name", op="contains", value=text))),), order=("id",), limit=200)


def units_called(text: str) -> tuple[Select, Select]:
    """Units by id or by a part of the name, and by their other names."""
    name = Where(column="name", op="contains", value=text)
    return (
        Select(table="unit", where=(AnyOf(of=(Where(column="id", value=text), name)),), order=("id",), limit=200),
        Select(table="unit_name", where=(name,), order=("unit_id",), limit=200),
    )


def unit_ids(text: str, read: Read) -> tuple[str, ...]:
    """The units that a text names. An exact name wins over parts of names. Raises NotFound."""
    units, names = (list(read(select)) for select in units_called(text))
    exact = {row["id"] for row in units if text in (row["id"], row["name"])} | {row["unit_id"] for row in names if row["name"] == text}
    found = exact or {row["id"] for row in units} | {row["unit_id"] for row in names}
    if not found:
        raise NotFound("not_found", "there is no unit {text}", text=text, hint="jianyi unit list")
    return tuple(sorted(found))


def person_ids(text: str, read: Read) -> tuple[str, ...]:
    """The persons that a text names. An exact name wins. Raises NotFound."""
    rows = list(read(persons_called(text)))
    found = [row["id"] for row in rows if text in (row["id"], row["name"])] or [row["id"] for row in rows]
    if not found:
        raise NotFound("not_found", "there is no person {text}", text=text, hint="jianyi person list")
    return tuple(sorted(found))


def by_ids(table: str, ids: Iterable[str]) -> Select:
    """The rows of a table with these ids."""
    return Select(table=table, where=(Where(column="id", op="in", value=sorted(set(ids))),), order=("id",), limit=5_000)


def person_conditions(text: str | None, group_id: str | None, today: date) -> tuple[Condition, ...]:
    """The conditions of persons by id or part of the name, and by a group they are in today."""
    made: list[Condition] = list(persons_called(text).where) if text else []
    if group_id:
        members = Select(table="membership", columns=("person_id",), where=(Where(column="group_id", value=group_id), *_in_force(today)))
        made.append(Where(column="id", op="in_select", value=members))
    return tuple(made)


def _in_force(today: date) -> tuple[Condition, ...]:
    begun = Where(column="from_on", op="<=", value=today)
    return (begun, AnyOf(of=(Where(column="to_on", op="is_null"), Where(column="to_on", op=">", value=today))))


def persons(where: tuple[Condition, ...], *, limit: int = 50) -> Select:
    """Persons by id."""
    return Select(table="person", where=where, order=("id",), limit=limit)


def memberships(person_ids: Sequence[str], today: date) -> Select:
    """The groups that these persons are in today."""
    where = (Where(column="person_id", op="in", value=list(person_ids)), *_in_force(today))
    return Select(table="membership", where=where, order=("person_id", "group_id"), limit=20_000)


def unit_conditions(ids: Sequence[str] | None) -> tuple[Condition, ...]:
    """The conditions of these units, or of all."""
    return () if ids is None else (Where(column="id", op="in", value=list(ids)),)


def units(where: tuple[Condition, ...], *, limit: int = 50) -> Select:
    """Units by id."""
    return Select(table="unit", where=where, order=("id",), limit=limit)


def unit_names(unit_ids: Sequence[str]) -> Select:
    """The other names of these units."""
    return Select(table="unit_name", where=(Where(column="unit_id", op="in", value=list(unit_ids)),), order=("unit_id", "name"), limit=20_000)


def grouped(rows: Sequence[Row], key: str, value: str) -> dict[str, list[Any]]:
    """The values of one column by the values of another."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row[value])
    return found


# -- deployments, incidents


def newest_deployment() -> Select:
    """The deployment that new instances are bound to."""
    return Select(table="deployment", columns=("id", "made_at"), order=("-position",), limit=1)


def definitions(deployment: str) -> Select:
    """The processes of a deployment."""
    return Select(table="definition", where=(Where(column="deployment", value=deployment),), order=("process",))


def running_elsewhere(deployment: str) -> Count:
    """Instances that are not over and bound to another deployment."""
    where = (Where(column="status", op="in", value=("running", "suspended")), Where(column="deployment", op="!=", value=deployment))
    return Count(table="instance", by=("deployment", "process"), where=where)


def definition(process: str, deployment: str) -> Select:
    """One process of a deployment."""
    where = (Where(column="process", value=process), Where(column="deployment", value=deployment))
    return Select(table="definition", where=where, order=("process",), limit=1)


def incidents(where: tuple[Condition, ...], *, limit: int = 50) -> Select:
    """Incidents, oldest first."""
    return Select(table="incident", where=where, order=("opened_at", "id"), limit=limit)


# -- the parts of a case


def part(table: str, case_id: str, *order: str) -> Select:
    """All rows of one record of a case."""
    return Select(table=table, where=(Where(column="case_id", value=case_id),), order=order, limit=500)


def instances_of(text: str, *, column: str = "case_id") -> Select:
    """The process instances of a case, oldest first."""
    return Select(table="instance", where=(Where(column=column, value=text),), order=("started_at", "id"), limit=500)


def open_items(case_id: str) -> Select:
    """What must be done in a case now, by due date."""
    return items((Where(column="status", value="open"), Where(column="case_id", value=case_id)), limit=200)


def open_incidents(case_id: str | None = None) -> tuple[Condition, ...]:
    """The conditions of incidents that wait for an operator."""
    return (Where(column="status", value="open"), *((Where(column="case_id", value=case_id),) if case_id else ()))


# -- ledgers

COMMITMENT_STATES = ("open", "met_claimed", "kept", "not_met", "lapsed", "withdrawn")


def commitment_conditions(
    *, state: str | None = None, units: Sequence[str] | None = None, late_on: date | None = None, due_from: date | None = None, due_to: date | None = None
) -> tuple[Condition, ...]:
    """The conditions of lines of the commitment ledger (承诺台账). Late: still open after its due date."""
    made: list[Condition] = []
    if state:
        made.append(Where(column="state", value=state))
    if units is not None:
        made.append(Where(column="unit_id", op="in", value=list(units)))
    if late_on:
        made += [Where(column="state", op="in", value=["open", "met_claimed"]), Where(column="due_on", op="<", value=late_on)]
    if due_from:
        made.append(Where(column="due_on", op=">=", value=due_from))
    if due_to:
        made.append(Where(column="due_on", op="<=", value=due_to))
    return tuple(made)


def commitments(where: tuple[Condition, ...], *, limit: int = 50) -> Select:
    """Lines of the commitment ledger, the soonest first."""
    return Select(table="commitment_state", where=where, order=("due_on", "id"), limit=limit)


def commitment_rows(rows: Sequence[Row], read: Read, today: date) -> list[dict[str, Any]]:
    """Ledger lines with their words, their suggestion's title, and whether they are late."""
    words = {row["id"]: row for row in read(by_ids("commitment", (row["id"] for row in rows)))} if rows else {}
    titles_of = {row["id"]: row for row in read(titles(row["suggestion_id"] for row in rows)[0])} if rows else {}
    return [
        {
            **row,
            "text": words.get(row["id"], {}).get("text"),
            "measure": words.get(row["id"], {}).get("measure"),
            "reply_id": words.get(row["id"], {}).get("reply_id"),
            "title": titles_of.get(row["suggestion_id"], {}).get("title"),
            "number": titles_of.get(row["suggestion_id"], {}).get("display_number"),
            "late": is_late(row, today),
        }
        for row in rows
    ]


def is_late(row: Row, today: date) -> bool:
    """Whether a ledger line is late today: derived from its due date and state, never from a timer."""
    due_on = row.get("due_on")
    ended = row.get("state") not in ("open", "met_claimed")
    if due_on is None:
        return False
    return (row.get("met_on") or "") > str(due_on) if ended else str(due_on) < today.isoformat()


def key_topics(where: tuple[Condition, ...] = (), *, limit: int = 50) -> Select:
    """Topics under key supervision (重点督办), newest first."""
    return Select(table="key_topic", where=where, order=("-decided_on", "-id"), limit=limit)


def topic_rows(rows: Sequence[Row], read: Read) -> list[dict[str, Any]]:
    """Topics with how many suggestions each bundles and how many of its supervision events were held."""
    ids = (Where(column="topic_id", op="in", value=sorted(row["id"] for row in rows)),)
    bundled = _by_topic(read(Select(table="key_item", where=ids, limit=10_000))) if rows else {}
    held = _by_topic(read(Select(table="supervision_event", where=ids, limit=10_000))) if rows else {}
    return [{**row, "suggestions": [item["suggestion_id"] for item in bundled.get(row["id"], ())], "events": len(held.get(row["id"], ()))} for row in rows]


def bundle(topic_id: str, read: Read) -> list[dict[str, Any]]:
    """The suggestions of a topic, as far as the reader may see them; none for a case that is no topic."""
    rows = read(Select(table="key_item", where=(Where(column="topic_id", value=topic_id),), order=("suggestion_id",), limit=500))
    return [dict(row) for row in read(titles(row["suggestion_id"] for row in rows)[0])] if rows else []


def _by_topic(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["topic_id"], []).append(row)
    return found
