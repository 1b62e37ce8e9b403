"""Names of persons, units and cases typed into a form become their ids, or are refused with the candidates: never guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .fields import Resolve, Schema
from .language import mark

if TYPE_CHECKING:
    from engine import Engine


def resolver(engine: Engine, me: str) -> Resolve:
    """Looks up what is typed into a field whose widget is `person` or `unit`; anything else stays as it is."""

    def read(select: Any) -> Any:
        return engine.select(me, select)

    def resolve(text: str, schema: Schema) -> str:
        from handlers import desk

        hint = schema.get("x-ui", {})
        find = {"person": desk.person_ids, "unit": desk.unit_ids}.get(hint.get("widget", "") if hasattr(hint, "get") else "")
        return _only(find, text.strip(), read) if find else text

    return resolve


def _only(find: Callable[..., tuple[str, ...]], text: str, read: Any) -> str:
    """The one id that the text names. Raises NotFound, and Rejected where it may mean several."""
    from engine.errors import Rejected

    found = find(text, read)
    if len(found) > 1:
        raise Rejected("which", "{text} may mean {candidates}", text=text, candidates=", ".join(found[:10]), hint=mark("name one by its id"))
    return found[0]
