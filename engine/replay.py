"""What an auditor asks of history: do the chains hold (`verify`), was each row decided so (`replay`), do the tables follow (`rebuild`).

Reads only. `verify` recomputes hashes and digests and compares the copied columns. `replay` re-decides each row from its stored
predecessor with what was recorded then. `rebuild` folds all events into an empty store, streams in shuffled order, and compares every
fold; it never calls the kernel.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .administer import administer
from .answers import Diverged, RecordedAnswers
from .canonical import canonical, digest, parse, sha256
from .commands import AdminCommand, DeployDefinitions, InstanceCommand
from .decide import decide
from .deployment import bind
from .errors import JianyiError
from .events import Event, Json, split_event
from .history import RULES, Row
from .runtime import NO_ROW, Runtime, header_of
from .situation import Decision, Situation
from .state import InstanceState, state_from_json, state_to_json
from .storage.memory import MemoryStore
from .storage.port import Transaction
from .streams import Stored, rows_of_stream, streams

Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it must be. `kind`: tampered | decided_otherwise | not_re_decidable | fold."""

    kind: str
    stream: str
    position: int
    what: str

    def __str__(self) -> str:
        where = f"{self.stream} #{self.position}" if self.position else self.stream
        return f"{where}: {self.what}"


@dataclass(kw_only=True)
class Report:
    """How much was looked at, and all findings."""

    rows: int = 0
    streams: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def tampered(self) -> bool:
        """Whether anything is wrong that newer code does not explain."""
        return any(finding.kind in ("tampered", "fold") for finding in self.findings)

    @property
    def decided_otherwise(self) -> bool:
        return any(finding.kind == "decided_otherwise" for finding in self.findings)


class Audit:
    """Looks at the history of one runtime's store."""

    def __init__(self, runtime: Runtime, on_progress: Progress | None = None) -> None:
        self.runtime = runtime
        self.on_progress = on_progress or (lambda rows: None)

    # -- verify

    def verify(self) -> Report:
        """Chains, hashes, payload digests and copied columns of all streams."""
        report = Report()
        with self.runtime.store.transaction(write=False) as transaction:
            for stream in streams(transaction):
                report.streams += 1
                self._verify_stream(transaction, stream, report)
            self._verify_files(transaction, report)
        return report

    def _verify_stream(self, transaction: Transaction, stream: str, report: Report) -> None:
        previous, expected = NO_ROW, 1
        for stored in rows_of_stream(transaction, stream):
            report.rows += 1
            row = stored.row
            for what in (*_faults(stored, previous, expected), *_attachment_faults(stored, transaction)):
                report.findings.append(Finding(kind="tampered", stream=stream, position=row.position, what=what))
            previous, expected = row.hash.hex(), row.position + 1
            self.on_progress(report.rows)

    def _verify_files(self, transaction: Transaction, report: Report) -> None:
        for stored in rows_of_stream(transaction, "deployment"):
            for event in parse(stored.row.bytes)["events"]:
                for path, name in event.get("files", ()):
                    data = transaction.file(bytes.fromhex(name))
                    if data is None or sha256(data).hex() != name:
                        what = f"the file {path} is missing or not what was deployed"
                        report.findings.append(
                            Finding(kind="tampered", stream="deployment", position=stored.row.position, what=what)
                        )

    # -- replay

    def replay(self, wanted: Sequence[str] | None = None, *, handlers: bool = False) -> Report:
        """Re-decide the rows of these streams (None: all). With `handlers`, handlers and checks run anew over what was read."""
        report = Report()
        with self.runtime.store.transaction(write=False) as transaction:
            for stream in wanted if wanted is not None else list(streams(transaction)):
                report.streams += 1
                self._replay_stream(transaction, stream, handlers, report)
        return report

    def _replay_stream(self, transaction: Transaction, stream: str, handlers: bool, report: Report) -> None:
        before: Json = None
        previous, expected = NO_ROW, 1
        for stored in rows_of_stream(transaction, stream):
            report.rows += 1
            faults = list(_faults(stored, previous, expected))
            findings = [Finding(kind="tampered", stream=stream, position=stored.row.position, what=what) for what in faults]
            if not findings:
                findings = list(self._replay_row(transaction, stored, before, handlers))
            report.findings += findings
            before = stored.value("snapshot")
            previous, expected = stored.row.hash.hex(), stored.row.position + 1
            self.on_progress(report.rows)

    def _replay_row(self, transaction: Transaction, stored: Stored, before: Json, handlers: bool) -> Iterator[Finding]:
        content = stored.payloads.get("content")
        stream, position = stored.row.stream, stored.row.position
        if content is None or content.bytes is None:
            yield Finding(kind="not_re_decidable", stream=stream, position=position, what="its content was erased")
            return
        row = stored.read()
        record = stored.value("reads") or []
        try:
            events, snapshot = self._decide_again(transaction, row, record, before, handlers)
        except JianyiError as error:
            yield _otherwise(row, f"today it is refused: {error}")
            return
        told, now = [_whole(event) for event in row.events], [_whole(event) for event in events]
        if canonical(told) != canonical(now):
            yield _otherwise(row, f"other events: {_difference(told, now)}")
        elif snapshot is not None and canonical(snapshot) != canonical(stored.value("snapshot")):
            yield _otherwise(row, f"another snapshot: {_difference(stored.value('snapshot'), snapshot)}")

    def _decide_again(
        self, transaction: Transaction, row: Row, record: Sequence[Json], before: Json, handlers: bool
    ) -> tuple[Sequence[Event], Json]:
        if isinstance(row.command, AdminCommand):
            return self._administer_again(transaction, row, record), None
        assert isinstance(row.command, InstanceCommand)
        assert row.deployment is not None
        state: InstanceState | None = state_from_json(before) if before is not None else None
        situation = Situation(
            state=state,
            bundle=self.runtime.shelf.bundle(transaction, row.deployment),
            instance_id=row.stream,
            position=row.position,
            actor=row.actor,
            moment=row.moment,
            happened_on=row.happened_on,
        )
        answers = RecordedAnswers(record, self.runtime.registry if handlers else None)
        decision: Decision = decide(situation, row.command, answers)
        if answers.asked != len(record):
            raise Diverged("diverged", "asks {n} thing(s) fewer than then", n=len(record) - answers.asked)
        return decision.events, state_to_json(decision.state)

    def _administer_again(self, transaction: Transaction, row: Row, record: Sequence[Json]) -> Sequence[Event]:
        assert isinstance(row.command, AdminCommand)
        rows = record[0][2] if record else {}
        if not isinstance(row.command, DeployDefinitions):
            return administer(row.command, rows, row.moment, None)
        names = dict(row.command.files.items())
        files = {path: transaction.file(bytes.fromhex(str(name))) or b"" for path, name in names.items()}
        command = DeployDefinitions(actor=row.actor.id, files=files)
        return administer(command, rows, row.moment, bind(files))

    # -- rebuild

    def rebuild(self, seed: int = 0) -> Report:
        """Fold all events into an empty store, streams in an order shuffled by `seed`, and compare every fold."""
        report = Report()
        store = self.runtime.store
        records = list(self.runtime.registry.records.values())
        fresh = MemoryStore(records, simulated=store.simulated)
        with store.transaction(write=False) as transaction:
            order = list(streams(transaction))
            random.Random(seed).shuffle(order)
            report.streams = len(order)
            for stream in order:
                with fresh.transaction(write=True) as target:
                    for stored in rows_of_stream(transaction, stream):
                        report.rows += 1
                        target.apply(self._changes(stored))
                        self.on_progress(report.rows)
                    target.commit()
            with fresh.transaction(write=False) as folded:
                for name, table in store.tables().items():
                    if table.kind == "fold":
                        report.findings += _compare(name, table.key, transaction.fold_rows(name), folded.fold_rows(name))
        return report

    def _changes(self, stored: Stored) -> Iterator[Any]:
        row = stored.read()
        return self.runtime.changes(row, header_of(row, stored.state()))


def _faults(stored: Stored, previous: str, expected: int) -> Iterator[str]:
    """All that does not hold of one row: its hash, its place in the chain, its columns, its payloads."""
    row = stored.row
    if sha256(row.bytes) != row.hash:
        yield "the bytes do not give the hash"
        return
    body = parse(row.bytes)
    if row.position != expected:
        yield f"position {expected} is missing before it"
    elif body["previous"] != previous:
        yield "the hash of the row before it is another"
    columns = (row.stream, row.position, row.command_id, row.recorded_at)
    if columns != (body["stream"], body["position"], body["command_id"], body["recorded_at"]):
        yield "a column differs from the row"
    for name, wanted in body["payloads"].items():
        payload = stored.payloads.get(name)
        if payload is None:
            yield f"the payload {name} is missing"
        elif payload.digest.hex() != wanted or (payload.bytes is not None and digest(payload.salt, payload.bytes).hex() != wanted):
            yield f"the payload {name} is not what the row says"
    for name in stored.payloads.keys() - body["payloads"].keys():
        yield f"the payload {name} does not belong to it"


_ATTACHED = re.compile(rb"sha256:([0-9a-f]{64}) ")


def _attachment_faults(stored: Stored, transaction: Transaction) -> Iterator[str]:
    """Attachments that the row's form values name and that are missing or changed."""
    content = stored.payloads.get("content")
    if content is None or content.bytes is None or b"sha256:" not in content.bytes:
        return
    for name in sorted({match.decode() for match in _ATTACHED.findall(content.bytes)}):
        data = transaction.file(bytes.fromhex(name))
        if data is None or sha256(data).hex() != name:
            yield f"the attachment {name[:16]} is missing or not what was attached"


def _whole(event: Event) -> Json:
    keys, content = split_event(event)
    return {**keys, **content}


def _otherwise(row: Row, what: str) -> Finding:
    """A difference: newer rules explain it; under the same rules it is a fault of the history or of the code."""
    if row.rules != RULES:
        what = f"decided by rules {row.rules}, by rules {RULES} {what}"
    return Finding(kind="decided_otherwise", stream=row.stream, position=row.position, what=what)


def _difference(then: Json, now: Json) -> str:
    """Where two values differ first as JSON has them, where a tuple is a list."""
    return _first_difference(parse(canonical(then)), parse(canonical(now)))


def _first_difference(then: Json, now: Json, path: str = "") -> str:
    """Where two values differ first, in words."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted({*then, *now}):
            if then.get(key) != now.get(key):
                return _first_difference(then.get(key), now.get(key), f"{path}.{key}" if path else key)
    if isinstance(then, list) and isinstance(now, list):
        for index, (left, right) in enumerate(zip(then, now, strict=False)):
            if left != right:
                return _first_difference(left, right, f"{path}[{index}]")
        return f"{path} has {len(then)} entries, today {len(now)}"
    return f"{path} was {_short(then)}, today {_short(now)}"


def _short(value: Json) -> str:
    text = canonical(value).decode()
    return text if len(text) <= 80 else text[:77] + "…"


def _compare(
    table: str, key: Sequence[str], then: Iterator[Mapping[str, Any]], now: Iterator[Mapping[str, Any]]
) -> Iterator[Finding]:
    """The rows of a fold that differ, by key; both sides come sorted by key."""
    stored = {tuple(row[name] for name in key): dict(row) for row in then}
    folded = {tuple(row[name] for name in key): dict(row) for row in now}
    for identifier in sorted({*stored, *folded}, key=lambda k: tuple(map(str, k))):
        left, right = stored.get(identifier), folded.get(identifier)
        if left == right:
            continue
        if left is None:
            what = "the row is missing"
        elif right is None:
            what = "no event wrote the row"
        else:
            names = sorted(name for name in right if left.get(name) != right[name])
            what = f"{', '.join(names)} differ(s) from what the events say"
        yield Finding(kind="fold", stream=f"{table} {'/'.join(map(str, identifier))}", position=0, what=what)
