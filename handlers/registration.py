"""Registration (登记编号): one number a suggestion, ascending within its session, without gaps, never used again (V3).

A suggestion taken in from paper with a number of its own keeps that number and takes none from the series.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import require
from engine.model import Fact, Job, Outcome, Rows
from engine.registry import Change, Header, Read, Registry, Series, Setting, by_id, rows_of

from .suggestion import text_hash

NUMBER_WIDTH = 4
"""Digits of a number, with leading zeros: the default of the setting `cfg.numberFormat`."""

_DIGITS = "零一二三四五六七八九"


def declare(registry: Registry) -> None:
    """The handler that gives the number, its width as a setting, and the folds of registration and classification."""
    registry.settings["cfg.numberFormat"] = NUMBER_WIDTH
    registry.handler(
        "registration.number",
        reads=_text_and_number,
        takes=("suggestion_id", "session"),
        may_take={"stated_number": "text"},
        writes={"screen_result": ("registered",), "display_number": "text"},
    )(number)
    registry.fold("SuggestionRegistered")(fold_registered)
    registry.form_fold("f-classify")(fold_classify)


def number(job: Job, rows: Rows) -> Outcome:
    """Give the number, in the same commit as the registration."""
    given = job.variables
    session = str(given.get("session") or "")
    require(session, "no_session", "suggestion {id} names no session", id=given["suggestion_id"], hint="repair with --set session=…")
    stated = given.get("stated_number")
    value = _stated(stated) if stated else int(rows["number"])
    found = rows_of(rows, "suggestion")
    keys = {
        "suggestion_id": given["suggestion_id"],
        "session": session,
        "number": value,
        "stated_number": stated,
        "display_number": display_number(session, str(stated) if value is None else value, int(rows["width"] or NUMBER_WIDTH)),
        "registered_on": job.happened_on,
        "text_hash": text_hash(found[0]) if found else None,
    }
    variables = {"screen_result": "registered", "display_number": keys["display_number"]}
    return Outcome(variables=variables, facts=(Fact(kind="SuggestionRegistered", keys=keys),))


def _stated(text: str) -> int | None:
    """The number that a paper states, None when it is more than digits."""
    digits = text.strip().removeprefix("第").removesuffix("号")
    return int(digits) if digits.isdecimal() else None


def display_number(session: str, value: int | str, width: int = NUMBER_WIDTH) -> str:
    """The number as people say it: 十四届二次0536号."""
    text = f"{value:0{width}d}号" if isinstance(value, int) else value
    return f"{session_name(session)}{text}"


def session_name(session: str) -> str:
    """The session as people say it: `14-2` is 十四届二次. Raises Rejected: bad_session."""
    term, _, meeting = session.partition("-")
    require(
        term.isdecimal() and meeting.isdecimal() and 0 < int(term) < 100 and 0 < int(meeting) < 100,
        "bad_session",
        "{session} is no session",
        session=session,
        hint="write term and meeting, such as 14-2",
    )
    return f"{_numeral(int(term))}届{_numeral(int(meeting))}次"


def _numeral(value: int) -> str:
    """A Chinese numeral below 100."""
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def fold_registered(fact: Fact, header: Header) -> Iterable[Change]:
    """The suggestion has its number, and its text is the one that was registered."""
    names = ("session", "number", "display_number", "registered_on", "text_hash")
    values = {name: fact.keys[name] for name in names}
    suggestion_id = fact.keys["suggestion_id"]
    yield Change(op="update", table="suggestion", key={"id": suggestion_id}, values={**values, "stage": "registered"})
    concluded = {"result": "registered", "concluded_on": fact.keys["registered_on"]}
    yield Change(op="update", table="screening", key={"suggestion_id": suggestion_id}, values=concluded)


def fold_classify(data: Mapping[str, Any], header: Header, item_id: str) -> Iterable[Change]:
    """f-classify: exactly one main class (分类)."""
    yield Change(op="update", table="suggestion", key={"id": header.key}, values={"class": data["main_class"], "stage": "classified"})


def _text_and_number(job: Job) -> Mapping[str, Read]:
    reads: dict[str, Read] = {
        "suggestion": by_id("suggestion", job.variables["suggestion_id"]),
        "width": Setting(name="cfg.numberFormat"),
    }
    session = job.variables.get("session")
    if session and not job.variables.get("stated_number"):
        session_name(session)  # A session that is none is refused before a number is taken for it.
        reads["number"] = Series(name=f"number:{session}")
    return reads
