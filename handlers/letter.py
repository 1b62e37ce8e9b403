"""Letters (一人一函): one letter a person, made as a fact, delivered by the letter box as the one effect on the world outside.

The letter box is a folder: one JSON file a letter, named by the idempotency key, written whole or not at all. A file holds ids and the
kind of the letter, never a word of its content: who collects it asks for the letter by its id.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.model import Fact, Job, Outcome, Rows
from engine.registry import Change, EffectFailed, Header, Record, Registry

LETTER = Record(
    name="letter",
    key=("id",),
    columns={
        "id": "text",
        "suggestion_id": "text",
        "case_id": "text",
        "instance_id": "text",
        "kind": "text",
        "recipient_id": "text",
        "about": "text",
        "made_on": "date",
        "delivered_on": "date",
        "proof": "text",
    },
    indexes=(("case_id",), ("recipient_id", "made_on"), ("suggestion_id",)),
)

LETTER_BOX_VARIABLE = "JIANYI_LETTERBOX"


@dataclass(frozen=True, kw_only=True)
class LetterBox:
    """A folder into which letters are put. Without a folder the environment names it."""

    folder: Path | None = None

    def put(self, letter: Mapping[str, Any], key: str) -> str:
        """Put a letter in once, however often it is tried; answer the SHA-256 of the file as proof. Raises EffectFailed."""
        data = json.dumps(letter, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        place = self._place() / f"{_file_name(key)}.json"
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                _write_whole(place, data)
            return hashlib.sha256(place.read_bytes()).hexdigest()
        except OSError as error:
            raise EffectFailed("the letter box {folder} cannot be written: {reason}", folder=place.parent, reason=error.strerror) from error

    def _place(self) -> Path:
        folder = self.folder or os.environ.get(LETTER_BOX_VARIABLE)
        if not folder:
            raise EffectFailed("there is no letter box: set {variable} to a folder", variable=LETTER_BOX_VARIABLE)
        return Path(folder)


KINDS = ("assignment", "change", "extension", "reply", "explanation", "commitment-change", "commitment-met", "commitment-not-met", "key-selected")
"""What a letter is about: each kind has a wording of its own."""


def declare(registry: Registry, *, letter_box: Path | None = None) -> None:
    """The record, the handlers, the effect and the folds of letters. `letter_box`: the folder, else the environment names it."""
    box = LetterBox(folder=letter_box)
    registry.record(LETTER)
    registry.handler(
        "letter.make",
        takes={"kind": KINDS, "recipient": "text", "suggestion_id": "text"},
        may_take={"about": "text"},
        writes={"letter_id": "text"},
    )(make)
    registry.handler("letter.record_delivery", takes={"letter_id": "text"}, may_take={"proof": "text"}, writes=())(record_delivery)
    registry.fold("LetterMade")(fold_made)
    registry.fold("LetterDelivered")(fold_delivered)

    @registry.effect("letter.deliver", takes={"letter_id": "text", "kind": KINDS, "suggestion_id": "text", "recipient": "text"}, may_take={"about": "text"}, writes={"proof": "text"})
    def deliver(variables: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Hand one letter over; the proof comes back as a variable."""
        names = ("letter_id", "kind", "suggestion_id", "recipient", "about")
        letter = {name: variables[name] for name in names if variables.get(name) is not None}
        return {"proof": box.put(letter, key)}


def make(job: Job, rows: Rows) -> Outcome:
    """One letter to one person. Variables: kind, recipient, suggestion_id, about (the id that it is about, else the suggestion)."""
    given = job.variables
    about = given.get("about") or given["suggestion_id"]
    letter_id = f"{about}-{given['kind']}-{given['recipient']}"
    keys = {
        "letter_id": letter_id,
        "kind": given["kind"],
        "suggestion_id": given["suggestion_id"],
        "recipient_id": given["recipient"],
        "about": about,
        "made_on": job.happened_on,
    }
    return Outcome(variables={"letter_id": letter_id}, facts=(Fact(kind="LetterMade", keys=keys),))


def record_delivery(job: Job, rows: Rows) -> Outcome:
    """The letter was delivered (送达); the proof stands beside it. Variables: letter_id, proof."""
    keys = {
        "letter_id": job.variables["letter_id"],
        "delivered_on": job.happened_on,
        "proof": job.variables.get("proof"),
    }
    return Outcome(facts=(Fact(kind="LetterDelivered", keys=keys),))


def fold_made(fact: Fact, header: Header) -> Iterable[Change]:
    """The letter exists."""
    names = ("suggestion_id", "kind", "recipient_id", "about", "made_on")
    yield _letter(fact, header, **{name: fact.keys[name] for name in names})


def fold_delivered(fact: Fact, header: Header) -> Iterable[Change]:
    """The letter reached the box."""
    yield _letter(fact, header, delivered_on=fact.keys["delivered_on"], proof=fact.keys["proof"])


def _letter(fact: Fact, header: Header, **values: Any) -> Change:
    owned = {"case_id": header.case_id, "instance_id": header.instance_id}
    return Change(op="upsert", table="letter", key={"id": fact.keys["letter_id"]}, values=owned | values)


def _file_name(key: str) -> str:
    """The key as a file name: what might leave the folder is replaced, and a digest keeps two keys apart."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", key).lstrip(".")[:100]
    return plain if plain == key else f"{plain}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _write_whole(place: Path, data: bytes) -> None:
    """Write beside and rename, so that a reader never sees half a letter."""
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    with open(beside, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(beside, place)
