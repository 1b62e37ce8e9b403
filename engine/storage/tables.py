"""The engine's own tables as data, each marked by its kind: truth, fold or working.

Truth is made and changed by the migrations alone and is never rebuilt. Folds and working tables are `Record`s like those of a domain:
made from this declaration, and made anew and refolded when their `version` rises. Imports only `registry`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..registry import Record

SCHEMA = 1
"""The number of the newest migration: what `meta.schema` must say for this code to open a database."""

TRUTH_TABLES: tuple[Record, ...] = (
    Record(
        name="history",
        kind="truth",
        case_column=None,
        key=("place",),
        columns={
            "place": "integer",
            "stream": "text",
            "position": "integer",
            "command_id": "text",
            "recorded_at": "instant",
            "hash": "bytes",
            "bytes": "bytes",
        },
    ),
    Record(
        name="payload",
        kind="truth",
        case_column=None,
        key=("stream", "position", "name"),
        columns={"stream": "text", "position": "integer", "name": "text", "salt": "bytes", "digest": "bytes", "bytes": "bytes"},
    ),
    Record(name="file", kind="truth", case_column=None, key=("digest",), columns={"digest": "bytes", "bytes": "bytes"}),
    Record(name="meta", kind="truth", case_column=None, key=("name",), columns={"name": "text", "value": "text"}),
)

ENGINE_RECORDS: tuple[Record, ...] = (
    Record(
        name="instance",
        key=("id",),
        columns={
            "id": "text",
            "case_id": "text",
            "process": "text",
            "key": "text",
            "deployment": "text",
            "status": "text",
            "started_at": "instant",
            "ended_at": "instant",
            "delivery_id": "text",
        },
        indexes=(("case_id",), ("process", "key"), ("status", "process"), ("deployment",)),
    ),
    Record(
        name="work_item",
        key=("id",),
        columns={
            "id": "text",
            "instance_id": "text",
            "case_id": "text",
            "process": "text",
            "element_id": "text",
            "name": "text",
            "form_id": "text",
            "status": "text",
            "assignee": "text",
            "claimed_by": "text",
            "due_on": "date",
            "due": "json",
            "priority": "integer",
            "version": "integer",
            "opened_at": "instant",
            "closed_at": "instant",
            "closed_by": "text",
            "basis": "text",
        },
        indexes=(("instance_id",), ("case_id",), ("due_on", "status"), ("assignee", "status"), ("claimed_by", "status")),
    ),
    Record(
        name="work_item_group",
        key=("item_id", "group_id"),
        columns={"item_id": "text", "group_id": "text", "status": "text"},
        indexes=(("group_id", "status"),),
        case_column=None,
    ),
    Record(
        name="timer",
        key=("id",),
        columns={
            "id": "text",
            "instance_id": "text",
            "case_id": "text",
            "element_id": "text",
            "due_at": "instant",
            "due": "json",
            "ordinal": "text",
            "status": "text",
        },
        indexes=(("status", "due_at"), ("instance_id",), ("case_id",)),
        version=2,
    ),
    Record(
        name="job",
        key=("id",),
        columns={
            "id": "text",
            "instance_id": "text",
            "case_id": "text",
            "element_id": "text",
            "topic": "text",
            "status": "text",
            "retries": "integer",
            "content": "json",
        },
        indexes=(("status",),),
    ),
    Record(
        name="subscription",
        key=("id",),
        columns={
            "id": "text",
            "instance_id": "text",
            "case_id": "text",
            "element_id": "text",
            "kind": "text",
            "name": "text",
            "key": "text",
            "status": "text",
            "opened_at": "instant",
            "ordinal": "text",
            "act": "text",
            "act_name": "text",
            "form_id": "text",
            "assignee": "text",
            "groups": "json",
        },
        indexes=(("name", "key", "status"), ("case_id",)),
    ),
    Record(
        name="delivery",
        key=("id",),
        columns={
            "id": "text",
            "sender_id": "text",
            "case_id": "text",
            "element_id": "text",
            "happened_on": "date",
            "kind": "text",
            "name": "text",
            "key": "text",
            "receiver_id": "text",
            "subscription_id": "text",
            "status": "text",
            "content": "json",
            "kept_until": "instant",
            "sent_at": "instant",
            "ordinal": "text",
        },
        indexes=(("status", "name", "key"), ("sender_id",), ("receiver_id",), ("case_id",)),
    ),
    Record(
        name="delivery_taken",
        key=("id",),
        columns={"id": "text", "receiver_id": "text"},
        indexes=(("receiver_id",),),
        case_column=None,
    ),
    Record(
        name="incident",
        key=("id",),
        columns={
            "id": "text",
            "instance_id": "text",
            "case_id": "text",
            "element_id": "text",
            "code": "text",
            "expression": "text",
            "reason": "text",
            "said": "json",
            "status": "text",
            "opened_at": "instant",
            "delivery_id": "text",
        },
        indexes=(("status",), ("instance_id", "status"), ("case_id",)),
    ),
    Record(name="series", key=("name",), columns={"name": "text", "value": "integer"}, case_column=None),
    Record(
        name="deployment",
        key=("id",),
        columns={"id": "text", "position": "integer", "made_at": "instant", "files": "json"},
        indexes=(("position",),),
        case_column=None,
    ),
    Record(
        name="definition",
        key=("process", "deployment"),
        columns={"process": "text", "deployment": "text", "file": "text", "name": "text"},
        indexes=(("deployment",),),
        case_column=None,
    ),
    Record(
        name="start_timer",
        key=("id",),
        columns={
            "id": "text",
            "process": "text",
            "element_id": "text",
            "n": "integer",
            "file": "text",
            "due_at": "instant",
            "every": "text",
            "left": "integer",
            "status": "text",
            "closed_at": "instant",
        },
        indexes=(("status", "due_at"),),
        case_column=None,
    ),
    Record(
        name="start_turn",
        key=("id",),
        columns={
            "id": "text",
            "timer": "text",
            "turn": "integer",
            "process": "text",
            "element_id": "text",
            "due_at": "instant",
            "next_at": "instant",
            "instance_id": "text",
        },
        indexes=(("timer", "turn"), ("next_at",)),
        case_column=None,
    ),
    Record(
        name="person",
        key=("id",),
        columns={"id": "text", "name": "text", "kind": "text"},
        indexes=(("name",),),
        case_column=None,
    ),
    Record(
        name="membership",
        key=("person_id", "group_id", "from_on"),
        columns={"person_id": "text", "group_id": "text", "from_on": "date", "to_on": "date"},
        indexes=(("group_id",),),
        case_column=None,
    ),
    Record(
        name="substitute",
        key=("person_id", "by_id", "from_on"),
        columns={"person_id": "text", "by_id": "text", "from_on": "date", "to_on": "date", "groups": "json"},
        indexes=(("by_id",),),
        case_column=None,
    ),
    Record(
        name="unit",
        key=("id",),
        columns={"id": "text", "name": "text", "kind": "text", "from_on": "date", "to_on": "date", "confirmed": "boolean"},
        indexes=(("name",), ("kind",)),
        case_column=None,
    ),
    Record(
        name="unit_name",
        key=("unit_id", "name", "kind"),
        columns={"unit_id": "text", "name": "text", "kind": "text", "from_on": "date", "to_on": "date", "confirmed": "boolean"},
        indexes=(("name",),),
        case_column=None,
    ),
    Record(
        name="unit_succession",
        key=("unit_id", "successor_id"),
        columns={"unit_id": "text", "successor_id": "text", "on_date": "date"},
        indexes=(("successor_id",),),
        case_column=None,
    ),
    Record(
        name="setting",
        key=("name", "from_on"),
        columns={"name": "text", "from_on": "date", "value": "json"},
        case_column=None,
    ),
    Record(
        name="calendar_year",
        key=("year", "version"),
        columns={"year": "integer", "version": "integer", "holidays": "json", "workdays": "json", "source": "text"},
        case_column=None,
    ),
    Record(
        name="backdated",
        key=("stream", "position"),
        columns={
            "stream": "text",
            "position": "integer",
            "case_id": "text",
            "actor_id": "text",
            "groups": "json",
            "command": "text",
            "happened_on": "date",
            "recorded_on": "date",
        },
        indexes=(("case_id",), ("actor_id",), ("recorded_on",)),
    ),
    Record(
        name="outbox",
        kind="working",
        key=("id",),
        columns={"id": "text", "kind": "text", "due_at": "instant", "ordinal": "text", "attempts": "integer", "leased_until": "instant"},
        indexes=(("due_at",),),
        case_column=None,
    ),
)


def all_tables(records: Iterable[Record]) -> Mapping[str, Record]:
    """Truth, the engine's records and the domain's, by name. Raises ValueError where two have one name or a declaration contradicts itself."""
    tables: dict[str, Record] = {}
    for record in (*TRUTH_TABLES, *ENGINE_RECORDS, *records):
        if record.name in tables or record.name in RESERVED_NAMES:
            raise ValueError(f"table {record.name} is declared twice or belongs to the store")
        _check(record)
        tables[record.name] = record
    return tables


RESERVED_NAMES = frozenset({"sequence", "alembic_version"})
"""Tables that a store keeps for itself."""


def _check(record: Record) -> None:
    named = {*record.key, *(column for index in record.indexes for column in index)}
    if record.case_column is not None:
        named.add(record.case_column)
    unknown = named - set(record.columns)
    if not record.key or unknown:
        raise ValueError(f"record {record.name}: no key, or columns that it does not declare: {sorted(unknown)}")
    if record.kind == "truth" or "bytes" not in record.columns.values():
        return
    raise ValueError(f"record {record.name}: bytes stand in truth only")
