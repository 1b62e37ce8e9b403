"""The machine that moves tokens: a queue of small steps, each made whole or undone.

Elements (`elements/`) hold the meaning of their kind; this module holds what they share: tokens, scopes, the queue, bounds.
No recursion over flows, no clock, no randomness; ids come from the counter in the state.

A queue entry is a JSON list, so that a step which cannot be made is kept in its incident and tried again:
`["arrive", scope, element, flow]` · `["activate", token]` · `["throw", token]` · `["finish", token]` · `["end", scope]` ·
`["hit", watch, variables]` · `["open", scope, element, variables]` · `["compensate", token]`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import Rejected, Saying, said_of
from ..feel import from_json
from ..model import Moment
from . import activity, compensation, due_dates, handlers, joins, starting, undo_log, watches
from .bounds import DEFAULT, Bounds
from .data import because, holds, put_local
from .expressions import HOST_FUNCTIONS
from .faults import Exhausted, StepError
from .graph import Container, Flow, ProcessGraph
from .outbox import Outbox
from .state import Record, State, by_id
from .steps import Call, IncidentOpened

if TYPE_CHECKING:
    from .elements.base import Node

Entry = list[Any]
Savepoint = tuple[int, list[tuple[str, Any]], int, deque[Entry], int, deque[Entry], int]
"""How much of the journal there was, what the step had told, the last id, both queues and their lengths."""
_NOTHING_TOLD: list[tuple[str, Any]] = []
_HOSTS = frozenset({"multi", "loop", "scope", "compensating"})
"""States of tokens that others live and die with."""


class Machine:
    """One instance in motion, for one stimulus."""

    def __init__(self, graphs: Mapping[str, ProcessGraph], decisions: Any, state: State, moment: Moment, call: Call, bounds: Bounds = DEFAULT) -> None:
        self.graphs = graphs
        self.decisions = decisions
        self.state = state
        self.moment = moment
        self.call = call
        self.bounds = bounds
        self.functions: dict[str, Callable[..., Any]] = {name: partial(_host, self, name) for name in HOST_FUNCTIONS}
        self.host_calls = 0
        self.out = Outbox()
        self.ready: deque[Entry] = deque()
        self.throws: deque[Entry] = deque()
        # What was written since conditions and due dates were last looked at, and whether a condition was set since.
        self.written: set[str] = set()
        self.armed = False
        self.touched: dict[str, None] = {}
        # Of the last evaluation that gave null: why, and whether something it names is not there at all.
        self.null_reasons: list[Saying] = []
        self.null_is_unknown = False
        self.doubts: list[Saying] = []
        self.steps = 0

    # ------------------------------------------------------------------ looking up
    def graph(self, scope: str) -> ProcessGraph:
        """The process that a scope runs."""
        return self.graphs[self.state.scopes[scope]["p"]]

    def container(self, scope: str) -> Container:
        """What a scope is an execution of."""
        return self.graph(scope).containers[self.state.scopes[scope]["e"]]

    def element(self, scope: str, element_id: str) -> Node:
        """An element of the process that a scope runs."""
        return self.graph(scope).elements[element_id]

    def element_of(self, token: str) -> Node:
        """The element a token stands on."""
        record = self.state.tokens[token]
        return self.element(record["in"], record["e"])

    # ------------------------------------------------------------------ the queue
    def run(self) -> None:
        """Move everything that can move: ready tokens first, then joins that need wait for nobody, then what is thrown."""
        while self.state.status == "running":
            if self.written or self.armed:
                names, self.written, self.armed = self.written, set(), False
                watches.look_at_conditions(self)
                due_dates.look_at_due_dates(self, names)
            if self.ready:
                queue = self.ready
            elif joins.fire_one(self):
                continue
            elif self.throws:
                queue = self.throws
            else:
                return
            if not self._one(queue):
                return

    def _one(self, queue: deque[Entry]) -> bool:
        """Make the next step or park it. False: a bound of the whole command is reached, and everything is parked."""
        entry = queue.popleft()
        self.steps += 1
        self.state.journal.clear()
        self.out.begin(self.state.last)
        # `savepoint` of a step that has done nothing yet, written out: this is the one place that is always passed.
        point = 0, _NOTHING_TOLD, self.state.last, self.ready, len(self.ready), self.throws, len(self.throws)
        try:
            if self.steps > self.bounds.steps:
                raise Exhausted("steps", Saying("the command took more than {most} steps; is there an endless loop?", most=self.bounds.steps))
            if len(self.state.tokens) + len(self.ready) > self.bounds.tokens:
                raise Exhausted("tokens", Saying("the instance has more than {most} open tokens", most=self.bounds.tokens))
            _DO[entry[0]](self, *entry[1:])
            return True
        except StepError as error:
            self.back_to(point)
            self.park(entry, error)
            return not isinstance(error, Exhausted)

    def savepoint(self) -> Savepoint:
        """What stands now, to come back to within the same step."""
        ready, throws = self.ready, self.throws
        return len(self.state.journal), self.out.since_begin(), self.state.last, ready, len(ready), throws, len(throws)

    def back_to(self, point: Savepoint) -> None:
        """Undo what was done since the savepoint. Within one step nothing leaves the queues but by `clear`, which makes new ones."""
        done, told, self.state.last, self.ready, ready, self.throws, throws = point
        self.state.undo(done)
        self.out.restore(told)
        for changed, length in ((self.ready, ready), (self.throws, throws)):
            while len(changed) > length:
                changed.pop()
        self.written.clear()
        self.doubts.clear()

    def park(self, entry: Entry, error: StepError) -> None:
        """Keep a step that cannot be made as an incident; its token stays where it is."""
        token = self._token_of(entry)
        incident = self.state.new_id()
        element_id = self.state.tokens[token]["e"]
        record: Record = {"t": token, "do": entry}
        if isinstance(error, Exhausted):
            record["more"] = [*self.ready, *self.throws]
            self.ready.clear()
            self.throws.clear()
        self.state.put(self.state.incidents, incident, record)
        self.state.change(self.state.tokens, token, inc=[*self.state.tokens[token].get("inc", ()), incident])
        self.out.add(
            "incidents_opened",
            IncidentOpened(
                n=int(incident),
                element_id=element_id,
                code=error.code,
                expression=error.expression,
                saying=Saying("{element}: {reason}", element=element_id, reason=error.saying),
            ),
        )

    def _token_of(self, entry: Entry) -> str:
        """The token a parked step belongs to; one that was between elements gets a record at the element it came to."""
        kind: str = entry[0]
        subject: str = entry[1]
        if kind == "arrive":
            return self.add_token(subject, entry[2], s="stuck")
        if kind == "end":
            host: str = self.state.scopes[subject]["up"]
            return host
        if kind == "open":
            self.count(subject, 1)
            return self.add_token(subject, entry[2], s="stuck", extra=True)
        if kind == "hit":
            watch = self.state.watches[subject]
            waiting: str | None = watch["t"]
            if waiting is not None:
                return waiting
            self.count(watch["in"], 1)
            return self.add_token(watch["in"], watch["e"], s="stuck", extra=True)
        return subject

    def resume(self, incident: str) -> None:
        """Take an incident away and put its step back into the queue."""
        record = self.state.incidents[incident]
        token = record["t"]
        self.forget_incident(incident, "retried")
        self.ready.append(record["do"])
        self.ready.extend(record.get("more", ()))
        if self.state.tokens[token]["s"] == "stuck":
            stuck = self.state.drop(self.state.tokens, token) or {}
            if stuck.get("extra"):
                # Counted off last, so that a scope without other tokens does not end before the step is made.
                self.count(stuck["in"], -1)

    def forget_incident(self, incident: str, how: str) -> None:
        """Take an incident away without making its step."""
        record = self.state.drop(self.state.incidents, incident)
        if record is None:
            return
        token = self.state.tokens.get(record["t"])
        if token is not None:
            left = [one for one in token.get("inc", ()) if one != incident]
            changed = {key: value for key, value in token.items() if key != "inc"}
            self.state.put(self.state.tokens, record["t"], {**changed, "inc": left} if left else changed)
        self.out.add("incidents_resolved", (int(incident), how))

    # ------------------------------------------------------------------ tokens
    def add_token(self, scope: str, element_id: str, **fields: Any) -> str:
        """A new token record on an element; who adds it accounts for it in the scope's `live`."""
        token = self.state.new_id()
        self.state.put(self.state.tokens, token, {"in": scope, "e": element_id, **fields})
        self.touched[scope] = None
        return token

    def drop_token(self, token: str) -> Record:
        """Take a token away with its own variables."""
        record = self.state.drop(self.state.tokens, token)
        assert record is not None, f"token {token} is gone"
        self.state.drop(self.state.vars, token)
        self.touched[record["in"]] = None
        return record

    def enter(self, scope: str, element_id: str) -> None:
        """Note that a token came to an element."""
        self.out.add("moves", ("enter", element_id, int(scope)))

    def left(self, scope: str, element_id: str) -> None:
        """Note that an element is done with a token."""
        self.out.add("moves", ("leave", element_id, int(scope)))

    def take(self, scope: str, flows: tuple[Flow, ...] | list[Flow], *, consumed: int = 1) -> None:
        """Put one token on each flow in place of `consumed` tokens."""
        for flow in flows:
            self.out.add("moves", ("take", flow.id, int(scope)))
            self.ready.append(["arrive", scope, flow.target, flow.id])
        self.count(scope, len(flows) - consumed)

    def count(self, scope: str, change: int) -> None:
        """Account for tokens that came or went; a scope without any ends."""
        self.touched[scope] = None
        record = self.state.scopes[scope]
        live = record["live"] + change
        if change:
            self.state.put(self.state.scopes, scope, {**record, "live": live})
        if live == 0:
            self.ready.append(["end", scope])

    def leave(self, scope: str, node: Node) -> None:
        """Take every outgoing flow whose condition is true or absent; the default flow only when no condition is true.

        Raises StepError when every flow has a condition and none is true: a path that is drawn on does not end unseen.
        """
        flows = node.outflows
        if node.is_conditional:
            chosen = [flow for flow in flows if flow.condition is not None and holds(self, flow.condition, scope)]
            plain = [flow for flow in flows if flow.condition is None and flow.id != node.default_flow]
            fallback = [] if chosen else [flow for flow in flows if flow.id == node.default_flow]
            picked = {flow.id for flow in (*chosen, *plain, *fallback)}
            if not picked:
                raise StepError("no_flow", because(Saying("no condition is true and there is no default flow"), self.doubts))
            flows = tuple(flow for flow in flows if flow.id in picked)
            self.note_doubts(node, took_default=bool(fallback))
        self.take(scope, flows)

    def note_doubts(self, node: Node, *, took_default: bool) -> None:
        """Say in the notes why a default flow was taken although a condition had no value."""
        if took_default:
            self.out.extend("notes", (("default_taken", node.origin, doubt) for doubt in self.doubts))
        self.doubts.clear()

    # ------------------------------------------------------------------ scopes
    def open_scope(self, container: Container, host: str | None, own: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """A new scope with variables of its `own` and the listeners of its event sub-processes, which may read them; nothing moves yet."""
        scope = self.state.new_id()
        self.state.put(self.state.scopes, scope, {"p": container.process_id, "e": container.id, "up": host, "live": 0, **fields})
        self.touched[scope] = None
        if own:
            put_local(self, scope, own)
        watches.arm_scope(self, scope, container)
        return scope

    def begin(self, scope: str, entries: tuple[str, ...]) -> None:
        """Put a token on each element that begins the scope."""
        for element_id in entries:
            self.ready.append(["arrive", scope, element_id, None])
        self.count(scope, len(entries))

    def end_scope(self, scope: str) -> None:
        """A scope without tokens is over; its host goes on."""
        record = self.state.scopes.get(scope)
        if record is None or record["live"]:
            return
        container = self.container(scope)
        host = record["up"]
        if container.until is not None and not record.get("shut") and not record.get("done"):
            raise StepError("ad_hoc", "nothing is left to do and the completion condition is not true", expression=container.until.text)
        watches.close_all(self, record, "cancelled")
        self.out.add("moves", ("end", container.id or container.process_id, int(scope)))
        if host is None:
            self.state.status = self.state.ended_by
            self.state.drop(self.state.scopes, scope)
            return
        result = activity.returned(self, scope, record)
        undo_log.hand_up(self, scope, record)
        self.state.drop(self.state.scopes, scope)
        self.state.drop(self.state.vars, scope)
        activity.finish(self, host, result)

    def clear(self, scope: str) -> None:
        """Take every token out of a scope: what is open inside is cancelled, what was on its way is dropped."""
        self.cancel_tokens(by_id(key for key, record in self.state.tokens.items() if record["in"] == scope and "up" not in record))
        self.ready = deque(entry for entry in self.ready if not self._concerns(entry, scope))
        self.throws = deque(entry for entry in self.throws if not self._concerns(entry, scope))
        record = {key: value for key, value in self.state.scopes[scope].items() if key not in ("joins", "rest")}
        self.state.put(self.state.scopes, scope, {**record, "live": 0})
        self.touched[scope] = None

    def _concerns(self, entry: Entry, scope: str) -> bool:
        return entry[0] in ("arrive", "end") and entry[1] == scope

    def cancel_tokens(self, tokens: Iterable[str]) -> None:
        """Take tokens away with everything below them: instances, inner scopes, work items, what they wait for."""
        below: dict[str, list[str]] | None = None
        pending = list(tokens)[::-1]
        while pending:
            current = pending.pop()
            record = self.state.tokens.get(current)
            if record is None:
                continue
            if record["s"] in _HOSTS:
                below = below if below is not None else self._below()
                pending.extend(reversed(below.get(current, ())))
            inner = record.get("c")
            if inner is not None:
                closed = self.state.drop(self.state.scopes, inner) or {}
                self.state.drop(self.state.vars, inner)
                watches.close_all(self, closed, "cancelled")
            self._close(current, record)
            self.out.add("moves", ("cancel", record["e"], int(record["in"])))

    def _below(self) -> dict[str, list[str]]:
        """Token → the tokens that live and die with it, oldest first."""
        below: dict[str, list[str]] = {}
        scopes = self.state.scopes
        for key in by_id(self.state.tokens):
            record = self.state.tokens[key]
            host = record.get("up") or record.get("co") or scopes[record["in"]]["up"]
            if host is not None:
                below.setdefault(host, []).append(key)
        return below

    def _close(self, token: str, record: Record) -> None:
        for incident in record.get("inc", ()):
            more = self.state.incidents[incident].get("more", ())
            self.forget_incident(incident, "cancelled")
            self.ready.extend(more)
        watches.close_all(self, record, "cancelled")
        if record["s"] == "item":
            self.out.add("items_closed", (int(token), "cancelled"))
        elif record["s"] == "job":
            self.out.add("jobs_closed", (int(token), "cancelled"))
        self.drop_token(token)


def _host(m: Machine, name: str, *arguments: Any) -> Any:
    m.host_calls += 1
    try:
        return m.call.function(name, arguments)
    except Rejected as error:
        raise StepError(error.code, said_of(error)) from None


def _arrive(m: Machine, scope: str, element_id: str, flow: str | None) -> None:
    if scope in m.state.scopes:
        m.element(scope, element_id).arrive(m, scope, flow)


def _activate(m: Machine, token: str) -> None:
    if token in m.state.tokens:
        activity.activate(m, token)


def _throw(m: Machine, token: str) -> None:
    if token in m.state.tokens:
        m.element_of(token).throw(m, token)


def _finish(m: Machine, token: str) -> None:
    record = m.state.tokens.get(token)
    if record is not None:
        activity.finish(m, token, {name: from_json(value) for name, value in record.get("res", {}).items()})


def _end(m: Machine, scope: str) -> None:
    m.end_scope(scope)


def _hit(m: Machine, watch: str, variables: Mapping[str, Any]) -> None:
    if watch in m.state.watches:
        handlers.hit(m, watch, {name: from_json(value) for name, value in variables.items()})


def _open(m: Machine, scope: str, at: str, given: Mapping[str, Any] | None) -> None:
    starting.open_instance(m, scope, at, None if given is None else {name: from_json(value) for name, value in given.items()})


def _compensate(m: Machine, token: str) -> None:
    if token in m.state.tokens:
        compensation.proceed(m, token)


_DO: dict[str, Callable[..., None]] = {
    "arrive": _arrive,
    "activate": _activate,
    "throw": _throw,
    "finish": _finish,
    "end": _end,
    "hit": _hit,
    "open": _open,
    "compensate": _compensate,
}
