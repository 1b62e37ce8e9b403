"""Tells what is wrong with the data of a set: names without a writer, texts that nobody offers, kinds that do not meet, too early reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ..errors import Edit
from . import types
from .congregation import CallSite, Congregation, Throw
from .inference import Finding
from .naming import SEND, caught
from .order import Order, begins
from .report import Report
from .similar import nearest
from .sources import Takes
from .study import Study, Use, carried_by

MEANT_ONE = 1


def tell_data(all_of_them: Congregation, report: Report) -> None:
    """Every problem of data in every process."""
    orders = {name: Order(study) for name, study in all_of_them.studies.items()}
    for name, study in all_of_them.studies.items():
        severity = "warning" if all_of_them.is_open(study) else "error"
        for use in study.uses:
            for finding in use.reading.findings:
                _tell_finding(use, finding, severity, report)
        _tell_takes(all_of_them, study, severity, report)
        _tell_order(orders[name], severity, report)
    _tell_calls(all_of_them, orders, report)
    _tell_messages(all_of_them, orders, report)
    _tell_slips(all_of_them, report)


# ---------------------------------------------------------------------- what an expression shows by itself


def _tell_finding(use: Use, finding: Finding, severity: str, report: Report) -> None:
    said = {"what": use.what, "name": finding.wrong, "meant": finding.meant or "", "offered": finding.other}
    edit = Edit(old=finding.wrong, new=finding.meant) if finding.meant else None
    meant = "write {meant}" if finding.meant else ""
    if finding.kind == "unknown":
        other = "let a form, mapping, handler or message write it, or declare it: start event property variables = {name}"
        report.add(use.place, "unknown_name", template="{what} reads {name}, which nothing can write", hint=meant or other, severity=severity, edit=edit, **said)
    elif finding.kind == "entry":
        report.add(use.place, "unknown_name", template="{what} reads the entry {name}; there are only {offered}", hint=meant or "read one of {offered}", severity=severity, edit=edit, **said)
    elif finding.kind == "texts":
        template = "{what} compares with \"{name}\"; it can only be {offered}"
        report.add(use.place, "value", template=template, hint=meant or "compare with one of {offered}, or offer it in the form or decision", severity=severity, edit=edit, **said)
    elif finding.kind == "kinds":
        report.add(use.place, "types", template="{what} cannot be worked out: {name}", hint="compare and add values of one kind; convert with date(), number(), string()", severity=severity, **said)
    elif finding.kind == "limit":
        report.add(use.place, "limit", template="{what} names the limit {name}, which time_limits.dmn does not have", hint=meant or "add its row to time_limits.dmn", edit=edit, **said)
    else:
        report.add(use.place, "setting", template="{what} names the setting {name}, which is not declared", hint=meant or "declare it in handlers/", edit=edit, **said)


# ---------------------------------------------------------------------- what handlers, checks and forms ask


def _tell_takes(all_of_them: Congregation, study: Study, severity: str, report: Report) -> None:
    topics, checks = all_of_them.sources.topics or {}, all_of_them.sources.checks or {}
    for node in study.nodes:
        takes = topics.get(node.extensions.topic or "")
        own = study.held.get(node.id, {})
        mapped = carried_by(node)
        place = study.place(node)
        if takes is not None and takes.must is not None and node.extensions.topic != SEND:
            what = node.extensions.topic or ""
            if node.extensions.inputs:
                _tell_inputs(what, takes, mapped, own, study, node, severity, report)
                for name in sorted(name for name in mapped if takes.asked(name) is None):
                    _tell_stranger(place, what, name, takes, mapped, report)
            else:
                seen = study.env(node.scope)
                wanted = {name: seen.lookup(name) or own.get(name) for name in (*takes.must, *takes.may)}
                _tell_unmapped(what, takes, {name: found for name, found in wanted.items() if found is not None}, study, node, severity, report)
        check = checks.get(node.extensions.properties.get("check", ""))
        if check is not None and check.must is not None:
            what = node.extensions.properties["check"]
            _tell_inputs(what, check, mapped, own, study, node, severity, report)
            # A person sees inputs that no check looks at; one that a check could have meant is a slip.
            for name in sorted(name for name in mapped if check.asked(name) is None):
                if nearest(name, {*check.must, *check.may} - mapped, within=1):
                    _tell_stranger(place, what, name, check, mapped, report)


def _tell_inputs(
    what: str, takes: Takes, mapped: frozenset[str], own: Mapping[str, types.Type], study: Study, node: object, severity: str, report: Report
) -> None:
    place = study.place(node)  # type: ignore[arg-type]
    for name in sorted((takes.must or {}).keys() - mapped):
        meant = nearest(name, mapped - (takes.must or {}).keys() - takes.may.keys(), within=2)
        hint = "write {name} for {meant}" if meant else "map an input to {name}"
        edit = Edit(old=meant, new=name) if meant else None
        report.add(place, "input", template="{what} needs the input {name}, which is not mapped", hint=hint, edit=edit, what=what, name=name, meant=meant or "")
    for name in sorted(mapped):
        asked, given = takes.asked(name), own.get(name)
        if asked is not None and given is not None:
            _tell_fit(what, name, given, asked, study, node, severity, report)


def _tell_stranger(place: object, what: str, name: str, takes: Takes, mapped: frozenset[str], report: Report) -> None:
    free = {*(takes.must or {}), *takes.may} - mapped
    meant = nearest(name, free, within=2)
    report.add(
        place,  # type: ignore[arg-type]
        "input",
        template="{what} does not look at the input {name}",
        hint="write {meant}" if meant else "leave the input out",
        severity="error" if meant else "warning",
        edit=Edit(old=name, new=meant) if meant else None,
        what=what,
        name=name,
        meant=meant or "",
    )


def _tell_unmapped(what: str, takes: Takes, seen: Mapping[str, types.Type], study: Study, node: object, severity: str, report: Report) -> None:
    place = study.place(node)  # type: ignore[arg-type]
    for name, asked in {**(takes.must or {}), **takes.may}.items():
        if name in seen:
            _tell_fit(what, name, seen[name], asked, study, node, severity, report)
        elif name not in takes.may:
            meant = nearest(name, study.types)
            template, hint = "{what} needs the variable {name}, which nothing can write", "let a form, mapping, handler or message write it"
            report.add(place, "unknown_name", template=template, hint=hint, severity=severity, what=what, name=name, meant=meant or "")


def _tell_fit(what: str, name: str, given: types.Type, asked: types.Type, study: Study, node: object, severity: str, report: Report) -> None:
    place = study.place(node)  # type: ignore[arg-type]
    if not types.fits(given, asked):
        template = "{what} takes {name} as {asked}, and it is {given}"
        said = {"asked": _shown(asked), "given": _shown(given)}
        report.add(place, "types", template=template, hint="map a value of that kind", severity=severity, what=what, name=name, **said)
    for text in sorted(types.strange_texts(given, asked)):
        meant = nearest(text, asked.texts or ())
        report.add(
            place,
            "value",
            template="{what} does not know \"{text}\" as {name}",
            hint="write {meant}" if meant else "give one of {offered}",
            severity=severity,
            edit=Edit(old=text, new=meant) if meant else None,
            what=what,
            text=text,
            name=name,
            meant=meant or "",
            offered=", ".join(sorted(asked.texts or ())),
        )


def _shown(found: types.Type) -> str:
    return " or ".join(sorted(found.kinds or ())) + (f" of {_shown(found.items)}" if found.items is not None else "") or "null"


# ---------------------------------------------------------------------- before it is asked


def _tell_order(order: Order, severity: str, report: Report) -> None:
    study = order.study
    reached = order.reached(study.given)
    for use, name in _process_reads(study):
        bit = order.bits.get(name, 0)
        if use.node is None or use.node.id not in reached or not bit:
            continue
        there = reached[use.node.id] | (order.mask(study.gives.get(use.node.id, ())) | order._inside[use.node.id] if use.after else 0)
        if not there & bit:
            writers = sorted(node.id for node in study.nodes if name in study.gives.get(node.id, ()))
            report.add(
                use.place,
                "too_early",
                template="{what} reads {name} before it can be there: it is written at {writers}",
                hint="move it behind {writers}, or ask whether it is null",
                severity=severity,
                what=use.what,
                name=name,
                writers=", ".join(writers[:3]),
            )


def _process_reads(study: Study) -> Iterable[tuple[Use, str]]:
    """Each variable of the process that is read without asking whether it is null."""
    for use in study.uses:
        for name, asks_null in use.reading.names.items():
            if not (asks_null or use.optional or name in use.own):
                yield use, name


def needs(order: Order, given: Iterable[str], starts: frozenset[str] | None = None) -> dict[str, str]:
    """Names that are read, on every way from these starts, before the process itself can have written them; with a place that reads."""
    study = order.study
    reached = order.reached(frozenset(given), starts)
    found: dict[str, str] = {}
    for use, name in _process_reads(study):
        if use.node is None or use.node.id not in reached or use.reading.lookup(name) is None:
            continue
        there = reached[use.node.id] | (order._inside[use.node.id] if use.after else 0)
        if not there & order.bits.get(name, 0):
            found.setdefault(name, use.place.element_id or "")
    return found


def _tell_calls(all_of_them: Congregation, orders: Mapping[str, Order], report: Report) -> None:
    wanted: dict[str, dict[str, str]] = {}
    for site in all_of_them.calls.values():
        if site.process_id not in wanted:
            key = all_of_them.key_of(all_of_them.studies[site.process_id])
            plain = frozenset(node.id for node in _beginnings(all_of_them.studies[site.process_id]) if not node.triggers)
            wanted[site.process_id] = needs(orders[site.process_id], [key] if key else [], plain)
        for name, reader in wanted[site.process_id].items():
            if name not in site.given:
                _tell_missing(site, name, reader, report)


def _beginnings(study: Study) -> list[object]:  # type: ignore[type-arg]
    return [node for node in study.process.nodes.values() if begins(node, study.process)]


def _tell_missing(site: CallSite, name: str, reader: str, report: Report) -> None:
    meant = nearest(name, carried_by(site.node), within=2)
    report.add(
        site.study.place(site.node),
        "call_input",
        template="the called process {process} reads {name} at {reader}, and this call does not give it",
        hint="write {name} for {meant}" if meant else "map an input to {name}",
        edit=Edit(old=meant, new=name) if meant else None,
        process=site.process_id,
        name=name,
        reader=reader,
        meant=meant or "",
    )


def _tell_messages(all_of_them: Congregation, orders: Mapping[str, Order], report: Report) -> None:
    """A message that starts a process carries what the process reads before it can have written it."""
    for study in all_of_them.studies.values():
        for start in study.process.nodes.values():
            if start.kind != "startEvent" or not start.triggers or "form" in start.extensions.properties:
                continue
            key = all_of_them.key_of(study)
            own = study.gives.get(start.id, set()) if start.extensions.outputs else set()
            wanted = needs_of_start(orders[study.process.process_id], start.id, [key] if key else [])
            for told in caught(study.outline, start):
                for throw in all_of_them.thrown(told):
                    for name, reader in wanted.items():
                        if name not in throw.carried and name not in own:
                            _tell_not_carried(throw, study, name, reader, report)


def needs_of_start(order: Order, start: str, given: Iterable[str]) -> dict[str, str]:
    """As `needs`, for a process that this event begins: what the event itself brings is left out."""
    kept, order._inside[start] = order._inside.get(start, 0), 0
    try:
        return needs(order, given, frozenset({start}))
    finally:
        order._inside[start] = kept


def _tell_not_carried(throw: Throw, study: Study, name: str, reader: str, report: Report) -> None:
    meant = nearest(name, carried_by(throw.node), within=2)
    report.add(
        throw.study.place(throw.node),
        "message_input",
        template="the process {process}, which this message starts, reads {name} at {reader}, and the message does not carry it",
        hint="write {name} for {meant}" if meant else "map an input to {name}",
        edit=Edit(old=meant, new=name) if meant else None,
        process=study.process.process_id,
        name=name,
        reader=reader,
        meant=meant or "",
    )


# ---------------------------------------------------------------------- slips of the pen


def _tell_slips(all_of_them: Congregation, report: Report) -> None:
    """A name or text that stands only once in the whole set, and one letter from another that stands in it."""
    names: Counter[str] = Counter(all_of_them.sources.names())
    texts: Counter[str] = Counter()
    offered: set[str] = set()
    for study in all_of_them.studies.values():
        seen: set[tuple[object, str]] = set()
        for use in study.uses:
            names.update(use.reading.names.keys())
            for text in use.reading.written_texts:
                # A table that several tasks ask, or an expression read twice, is one place.
                if (use.place, text) not in seen:
                    seen.add((use.place, text))
                    texts[text] += 1
        names.update(one.name for one in study.written)
        for found in study.types.values():
            offered |= found.texts or set()
    for study in all_of_them.studies.values():
        for one in study.written:
            if names[one.name] == 1 and len(one.name) > 3:
                meant = nearest(one.name, (name for name in names if len(name) > 3), within=MEANT_ONE)
                if meant is not None and _letters_differ(one.name, meant):
                    template = "{what} gives {name}, which nothing reads"
                    edit = Edit(old=one.name, new=meant)
                    report.add(one.place, "unread", template=template, hint="write {meant}", severity="warning", edit=edit, what=one.what, name=one.name, meant=meant)
        for use in study.uses:
            for text in use.reading.written_texts:
                if texts[text] == 1 and len(text) > 3:
                    meant = nearest(text, (other for other in {*texts, *offered} if len(other) > 3), within=MEANT_ONE)
                    if meant is not None and _letters_differ(text, meant):
                        template = "{what} names \"{name}\", which stands nowhere else"
                        edit = Edit(old=text, new=meant)
                        report.add(use.place, "value", template=template, hint="write {meant}", severity="warning", edit=edit, what=use.what, name=text, meant=meant)


def _letters_differ(one: str, other: str) -> bool:
    """Whether two near texts differ in a letter: numbered names (`part1`, `part2`) are meant to be near."""
    mine, theirs = Counter(one), Counter(other)
    return all(letter.isalpha() or letter in "_-" for letter in (mine - theirs) + (theirs - mine))
