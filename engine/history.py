"""One row of history (历史): what it holds, and how it becomes bytes and comes back. Pure; imports `canonical`, `events`, `model`.

A row holds ids, codes, dates and digests only. Texts, form values, what was read and the new snapshot stand in payloads beside it and
enter the row by their salted digests, so that a payload can be erased by order while the chain still holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from . import commands
from .canonical import canonical, digest, parse, sha256
from .commands import Command
from .events import Event, Json, join_event, split_event
from .feel import from_json, to_json
from .instants import from_microseconds, instant
from .model import Actor, Moment

RULES = 2
"""Raised when the same input would give other events or other snapshot bytes."""

ROW_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Row:
    """One command and what came of it. `payloads`: name -> digest; `handlers`: topic -> version; `limits`, `calendar`: versions read."""

    stream: str
    position: int
    previous: str
    command_id: str
    command: Command
    actor: Actor
    moment: Moment
    happened_on: date
    events: tuple[Event, ...]
    deployment: str | None = None
    rules: int = RULES
    handlers: Mapping[str, int]
    payloads: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A row in its stored form: bytes, hash, and the payloads as `(name, salt, bytes, digest)`."""

    data: bytes
    hash: bytes
    payloads: tuple[tuple[str, bytes, bytes, bytes], ...]


def write_row(row: Row, *, reads: Json, snapshot: Json, salts: Mapping[str, bytes]) -> Written:
    """The stored form of a row. `salts` gives 16 random bytes for each of content, reads, snapshot; an empty payload is left out."""
    keys, content = split_command(row.command)
    event_rows, event_contents = [], []
    for event in row.events:
        in_row, in_payload = split_event(event)
        event_rows.append(in_row)
        event_contents.append(in_payload)
    payloads = []
    for name, value in (("content", {"command": content, "events": event_contents}), ("reads", reads), ("snapshot", snapshot)):
        if value is None or value == []:
            continue
        data = canonical(value)
        payloads.append((name, salts[name], data, digest(salts[name], data)))
    body = _body(row, keys, event_rows, {name: value.hex() for name, _, _, value in payloads})
    data = canonical(body)
    return Written(data=data, hash=sha256(data), payloads=tuple(payloads))


def _body(row: Row, keys: Json, event_rows: Sequence[Json], payloads: Mapping[str, str]) -> dict[str, Json]:
    return {
        "version": ROW_VERSION,
        "stream": row.stream,
        "position": row.position,
        "previous": row.previous,
        "command_id": row.command_id,
        "command": keys,
        "actor": {
            "id": row.actor.id,
            "kind": row.actor.kind,
            "identity": row.actor.identity,
            "groups": sorted(row.actor.groups),
            "on_behalf_of": row.actor.on_behalf_of,
        },
        "recorded_at": instant(row.moment.now),
        "seed": str(row.moment.seed),
        "zone": row.moment.zone,
        "happened_on": row.happened_on.isoformat(),
        "deployment": row.deployment,
        "rules": row.rules,
        "handlers": dict(row.handlers),
        "events": list(event_rows),
        "payloads": dict(payloads),
    }


def read_row(data: bytes, content: bytes | None) -> Row:
    """The row again, from its bytes and its content payload (None: erased; texts are then empty)."""
    body = parse(data)
    inner = parse(content) if content is not None else {"command": {}, "events": [{}] * len(body["events"])}
    actor = body["actor"]
    return Row(
        stream=body["stream"],
        position=body["position"],
        previous=body["previous"],
        command_id=body["command_id"],
        command=join_command(body["command"], inner["command"], actor["id"], body["command_id"], body["happened_on"]),
        actor=Actor(**{**actor, "groups": frozenset(actor["groups"])}),
        moment=Moment(now=from_microseconds(body["recorded_at"]), seed=int(body["seed"]), zone=body["zone"]),
        happened_on=date.fromisoformat(body["happened_on"]),
        events=tuple(join_event(event, part) for event, part in zip(body["events"], inner["events"], strict=True)),
        deployment=body["deployment"],
        rules=body["rules"],
        handlers=body["handlers"],
        payloads={name: bytes.fromhex(value) for name, value in body["payloads"].items()},
    )


def split_command(command: Command) -> tuple[dict[str, Json], dict[str, Json]]:
    """The command as its keys for the row and its content for the payload."""
    name = type(command).__name__
    keys: dict[str, Json] = {"command": name}
    content: dict[str, Json] = {}
    for item in fields(command):
        if item.name in ("actor", "command_id", "happened_on"):
            continue
        value = getattr(command, item.name)
        if name == "DeployDefinitions" and item.name == "files":
            # A row read back holds digests already.
            value = {path: data if isinstance(data, str) else sha256(data).hex() for path, data in value.items()}
        if item.name in command.CONTENT:
            content[item.name] = to_json(_plain(value))
        else:
            keys[item.name] = to_json(_plain(value))
    return keys, content


def join_command(keys: Json, content: Json, actor: str, command_id: str, happened_on: str) -> Command:
    """The command again. Of a deployment the digests stand where its files stood."""
    kind = getattr(commands, keys["command"])
    values = {name: from_json(value) for name, value in keys.items() if name != "command"}
    values.update({name: from_json(value) for name, value in content.items()})
    for item in fields(kind):
        if item.name in kind.CONTENT and item.name not in values:
            values[item.name] = None if item.name == "reason" else {}
    command: Command = kind(actor=actor, command_id=command_id, happened_on=date.fromisoformat(happened_on), **values)
    return command


def with_id(command: Command, command_id: str) -> Command:
    """The same command under this id."""
    return replace(command, command_id=command_id)


def _plain(value: Any) -> Any:
    """The value with dicts and lists in the place of other mappings and sequences."""
    if type(value) is str:
        return value
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value

