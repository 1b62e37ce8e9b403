"""Reading a snapshot from outside: the variables of an instance, and where its tokens stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..feel import from_json
from ..model import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenElement:
    """A token: the element it stands on, its number, and whether it waits, is done by someone, or is stopped by an incident.

    Tokens that wait at a join for others have no number of their own: `n` is 0 and `state` is "joining".
    """

    n: int
    element_id: str
    state: str
    scope: int
    incidents: tuple[int, ...] = ()


def variables(snapshot: dict[str, Json], place: str | int | None = None) -> dict[str, Any]:
    """The variables of the process, or everything seen from a place: a token by its number, or the oldest one on an element."""
    held = snapshot["vars"]
    if place is None:
        return {name: from_json(value) for name, value in held.get(snapshot["root"], {}).items()}
    tokens, scopes = snapshot["tokens"], snapshot["scopes"]
    places = [place] if isinstance(place, int) else sorted(int(key) for key, record in tokens.items() if record["e"] == place)
    seen: dict[str, Any] = {}
    holder: str | None = str(places[0]) if places else snapshot["root"]
    while holder is not None:
        for name, value in held.get(holder, {}).items():
            seen.setdefault(name, from_json(value))
        if holder in tokens:
            holder = tokens[holder].get("up") or tokens[holder]["in"]
        else:
            scope = scopes.get(holder, {})
            holder = None if scope.get("root") else scope.get("up")
    return seen


def open_elements(snapshot: dict[str, Json]) -> tuple[OpenElement, ...]:
    """Every token, oldest first, those that wait at a join before all. A repeated activity shows its instances, not itself."""
    found = []
    for key, record in snapshot["tokens"].items():
        if record["s"] not in ("multi", "loop", "scope") or record.get("inc"):
            incidents = tuple(int(one) for one in record.get("inc", ()))
            state = "incident" if incidents else record["s"]
            found.append(OpenElement(n=int(key), element_id=record["e"], state=state, scope=int(record["in"]), incidents=incidents))
    for key, scope in snapshot["scopes"].items():
        for gateway, filled in scope.get("joins", {}).items():
            found += [OpenElement(n=0, element_id=gateway, state="joining", scope=int(key))] * sum(filled.values())
    return tuple(sorted(found, key=lambda one: one.n))
