"""What deployments hold, read from the store once a process: bundles, forms, the limit table."""

from __future__ import annotations

from dataclasses import replace

from .calendar import Calendar
from .counting import CALENDAR, calendar_of
from .deployment import LIMITS_FILE, SETTINGS_FILE, Bundle, bind
from .errors import NotFound
from .forms import Form, read_form
from .limits import LimitTable
from .registry import Select, Where
from .settings import SettingTable
from .storage.port import Transaction


class Shelf:
    """Bundles by the digest of their deployment, limit tables by the digest of their file."""

    def __init__(self) -> None:
        self._bundles: dict[str, Bundle] = {}
        self._limits: dict[str, LimitTable] = {}
        self._calendars: dict[tuple[tuple[int, int], ...], Calendar] = {}
        self._settings: dict[str, SettingTable] = {}

    def newest_bundle(self, transaction: Transaction) -> Bundle:
        """The deployment that new instances are bound to. Raises NotFound."""
        rows = transaction.select(Select(table="deployment", columns=("id",), order=("-position",), limit=1))
        if not rows:
            raise NotFound("no_deployment", "no process is deployed yet", hint="jianyi process deploy")
        return self.bundle(transaction, rows[0]["id"])

    def bundle(self, transaction: Transaction, digest: str) -> Bundle:
        """A deployment by its digest, read once a process."""
        if digest not in self._bundles:
            self._bundles[digest] = replace(bind(self.files(transaction, digest)), digest=digest)
        return self._bundles[digest]

    def form(self, transaction: Transaction, digest: str, form_id: str) -> Form:
        """One form of a deployment, without reading its diagrams. Raises NotFound."""
        if digest in self._bundles:
            return self._bundles[digest].form(form_id)
        path = f"forms/{form_id}.json"
        rows = transaction.select(
            Select(table="deployment", columns=("files",), where=(Where(column="id", value=digest),), limit=1)
        )
        name = rows[0]["files"].get(path) if rows else None
        data = transaction.file(bytes.fromhex(name)) if name else None
        form = read_form(path, data) if data is not None else None
        if not isinstance(form, Form):
            raise NotFound("not_found", "there is no {what}", what=f"form {form_id}", hint="jianyi process list")
        return form

    def files(self, transaction: Transaction, digest: str) -> dict[str, bytes]:
        """The files of a deployment by path."""
        rows = transaction.select(
            Select(table="deployment", columns=("files",), where=(Where(column="id", value=digest),), limit=1)
        )
        if not rows:
            raise NotFound("not_found", "there is no {what}", what=f"deployment {digest[:16]}")
        found = {path: transaction.file(bytes.fromhex(name)) for path, name in rows[0]["files"].items()}
        return {path: data for path, data in found.items() if data is not None}

    def calendar(self, transaction: Transaction) -> Calendar:
        """The calendar in force, read again only when a year of it has a newer version."""
        rows = transaction.select(Select(table="calendar_year", columns=("year", "version"), order=("year", "version"), limit=CALENDAR.limit))
        versions = tuple((row["year"], row["version"]) for row in rows)
        if versions not in self._calendars:
            self._calendars = {versions: calendar_of(transaction.select(CALENDAR))}
        return self._calendars[versions]

    def limits(self, transaction: Transaction) -> LimitTable:
        """The limit table of the newest deployment: stored by it, never bound to an instance."""
        name = self._newest(transaction, LIMITS_FILE)
        if name is None:
            return LimitTable.empty()
        if name not in self._limits:
            data = transaction.file(bytes.fromhex(name))
            self._limits[name] = LimitTable.read(data or b"")
        return self._limits[name]

    def settings(self, transaction: Transaction) -> SettingTable:
        """The shipped settings of the newest deployment: stored by it, never bound to an instance."""
        name = self._newest(transaction, SETTINGS_FILE)
        if name is None:
            return SettingTable()
        if name not in self._settings:
            data = transaction.file(bytes.fromhex(name))
            self._settings[name] = SettingTable.read(data or b"")
        return self._settings[name]

    def _newest(self, transaction: Transaction, path: str) -> str | None:
        """The digest of a file of the newest deployment."""
        rows = transaction.select(Select(table="deployment", columns=("files",), order=("-position",), limit=1))
        return rows[0]["files"].get(path) if rows else None
