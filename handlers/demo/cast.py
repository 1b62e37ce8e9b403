"""Who does which work item of the demonstration: the roll's people by their groups, another pair of eyes where the book asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

OTHER_EYES: Mapping[str, str] = {
    "second-check": "secretariat-2",
    "decide-allocation": "commission-2",
    "decide-return": "commission-2",
    "decide-extension": "commission-2",
    "verify-met": "commission-3",
}
"""Elements that another person does than the one who drafted, and who that is."""

_FIRST: Mapping[str, str] = {
    "secretariat": "secretariat-1",
    "commission": "commission-1",
    "chairpersons": "chairpersons-1",
    "secretary-general-office": "sgo-1",
}

_SUFFIX: Mapping[str, str] = {
    "unit-desk": "desk",
    "unit-handler": "handler",
    "unit-leader": "leader",
    "unit-principal": "principal",
    "unit-secrecy": "secrecy",
    "special-committee": "member-1",
    "assign-coordinator": "coordinator",
    "delegation": "head",
}


def actor_for(element_id: str, assignee: str | None, groups: Iterable[str]) -> str | None:
    """The person who does it: the assignee, else somebody of one of the groups; None where nobody of the demonstration is in them."""
    if assignee:
        return assignee
    offered = list(groups)
    other = OTHER_EYES.get(element_id)
    if other is not None and other.rpartition("-")[0] in offered:
        return other
    if other is not None and "commission" in offered:
        return "commission-2"
    for group in sorted(offered, key=_preference):
        role, _, body = group.partition(":")
        if group in _FIRST:
            return _FIRST[group]
        if body and role in _SUFFIX:
            return f"{body}-{_SUFFIX[role]}"
    return None


def _preference(group: str) -> tuple[bool, str]:
    """The motions group comes before the commission while a session is open."""
    return group != "secretariat", group
