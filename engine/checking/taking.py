"""What handlers and checks ask of the elements that name them, and what these give: names, kinds, texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import Edit
from ..kernel.outline import OutlineNode
from . import types
from .naming import SEND
from .report import Report
from .similar import nearest
from .sources import Takes
from .study import Study, carried_by
from .types import Type


def tell_takes(study: Study, severity: str, report: Report) -> None:
    """Every element of a process that names a handler or a check."""
    sources = study.around.sources
    for node in study.nodes:
        topic, check = node.extensions.topic or "", node.extensions.properties.get("check", "")
        handler, checker = (sources.topics or {}).get(topic), (sources.checks or {}).get(check)
        if handler is not None and handler.must is not None and topic != SEND:
            one = _Taking(study=study, node=node, what=topic, takes=handler, severity=severity, report=report)
            if node.extensions.inputs:
                one.tell_mapped()
                one.tell_strangers(all_of_them=True)
            else:
                one.tell_unmapped()
        if checker is not None and checker.must is not None:
            one = _Taking(study=study, node=node, what=check, takes=checker, severity=severity, report=report)
            one.tell_mapped()
            # A person sees inputs that no check looks at; one that the check could have meant is a slip.
            one.tell_strangers(all_of_them=False)


@dataclass(frozen=True, kw_only=True)
class _Taking:
    """One element with the handler or check (`what`) that it names."""

    study: Study
    node: OutlineNode
    what: str
    takes: Takes
    severity: str
    report: Report

    @property
    def _must(self) -> Mapping[str, Type]:
        return self.takes.must or {}

    @property
    def _mapped(self) -> frozenset[str]:
        return carried_by(self.node)

    def tell_mapped(self) -> None:
        """Inputs that are missing, and those that are of another kind."""
        mapped = self._mapped
        for name in sorted(self._must.keys() - mapped):
            meant = nearest(name, mapped - self._must.keys() - self.takes.may.keys(), within=2)
            self.report.add(
                self.study.place(self.node),
                "input",
                template="{what} needs the input {name}, which is not mapped",
                hint="write {name} for {meant}" if meant else "map an input to {name}",
                edit=Edit(old=meant, new=name) if meant else None,
                what=self.what,
                name=name,
                meant=meant or "",
            )
        own = self.study.held.get(self.node.id, {})
        for name in sorted(mapped & own.keys()):
            asked = self.takes.asked(name)
            if asked is not None:
                self._tell_fit(name, own[name], asked)

    def tell_strangers(self, *, all_of_them: bool) -> None:
        """Inputs that are not looked at; without `all_of_them` only those that were surely meant otherwise."""
        mapped = self._mapped
        free = {*self._must, *self.takes.may} - mapped
        for name in sorted(name for name in mapped if self.takes.asked(name) is None):
            meant = nearest(name, free, within=2 if all_of_them else 1)
            if meant or all_of_them:
                self.report.add(
                    self.study.place(self.node),
                    "input",
                    template="{what} does not look at the input {name}",
                    hint="write {meant}" if meant else "leave the input out",
                    severity="error" if meant else "warning",
                    edit=Edit(old=name, new=meant) if meant else None,
                    what=self.what,
                    name=name,
                    meant=meant or "",
                )

    def tell_unmapped(self) -> None:
        """Without input mappings a handler sees the variables themselves."""
        env = self.study.env(self.node.scope).inner(self.study.held.get(self.node.id, {}))
        for name, asked in {**self._must, **self.takes.may}.items():
            found = env.lookup(name)
            if found is not None:
                self._tell_fit(name, found, asked)
            elif name in self._must:
                self.report.add(
                    self.study.place(self.node),
                    "unknown_name",
                    template="{what} needs the variable {name}, which nothing can write",
                    hint="let a form, mapping, handler or message write it",
                    severity=self.severity,
                    what=self.what,
                    name=name,
                )

    def _tell_fit(self, name: str, given: Type, asked: Type) -> None:
        place = self.study.place(self.node)
        if not types.fits(given, asked):
            self.report.add(
                place,
                "types",
                template="{what} takes {name} as {asked}, and it is {given}",
                hint="map a value of that kind",
                severity=self.severity,
                what=self.what,
                name=name,
                asked=_shown(asked),
                given=_shown(given),
            )
        for text in sorted(types.strange_texts(given, asked)):
            meant = nearest(text, asked.texts or ())
            self.report.add(
                place,
                "value",
                template='{what} does not know "{text}" as {name}',
                hint="write {meant}" if meant else "give one of {offered}",
                severity=self.severity,
                edit=Edit(old=text, new=meant) if meant and self._writes(text) else None,
                what=self.what,
                text=text,
                name=name,
                meant=meant or "",
                offered=", ".join(sorted(asked.texts or ())),
            )

    def _writes(self, text: str) -> bool:
        """Does the element itself hold the text? Another element, form or decision may, and then there is nothing to write here."""
        return any(use.node is self.node and text in use.reading.written_texts for use in self.study.uses)


def _shown(found: Type) -> str:
    inner = f" of {_shown(found.items)}" if found.items is not None else ""
    return (" or ".join(sorted(found.kinds or ())) or "null") + inner
