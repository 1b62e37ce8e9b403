"""All that a person can read, as one text: so that a scenario can say that a name or a secret is nowhere in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine import JianyiError, Select

from .world import Congress, engine_tables


def readable_text(world: Congress, person: str) -> str:
    """Every row of every table, every work item, act and history that the engine gives this person, and what it says where it refuses."""
    return "\n".join(json.dumps(each, ensure_ascii=False, default=str) for each in _all(world, person))


def _all(world: Congress, person: str) -> Iterator[Any]:
    for table in (*world.engine.registry.records, *engine_tables()):
        try:
            yield from (dict(row) for row in world.engine.select(person, Select(table=table, limit=100_000)))
        except JianyiError as error:
            yield str(error)
    for row in world.rows("work_item", {}):
        try:
            view = world.engine.item(person, row["id"])
            yield [dict(view.row), str(view.item)]
        except JianyiError as error:
            yield str(error)
    for case_id in sorted({row["case_id"] for row in world.rows("instance", {})}):
        try:
            yield from (str(act) for act in world.engine.acts(person, case_id))
            yield from (str(row) for row in world.engine.history(person, case_id))
        except JianyiError as error:
            yield str(error)
