"""Follows what happened with every state that can explain it, stimulus by stimulus and step by step.

A stimulus makes one step; what is thrown in it makes further ones, in the order thrown: messages find who waits, else begin an instance,
else are kept; of a signal each hearer's step is one, in any order. What was kept arrives before anything else at who begins to wait for it.
When time passes, what is due fires, the earliest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .model import Model, Value
from .oracle import MANY, Play
from .standing import Began, State

Move = tuple[str, str]


class Disagreement(AssertionError):
    """No state of the oracle explains what happened."""


class TooMany(Exception):
    """More states explain it than are worth following."""


class Story:
    """All states in which everything may stand, given what was seen so far."""

    def __init__(self, model: Model) -> None:
        state = State(model)
        for scope in model.scopes.values():
            for node in map(model.nodes.__getitem__, scope.nodes if scope.owner is None else ()):
                if node.kind == "startEvent" and node.triggers and node.triggers[0].kind == "timer":
                    state.starts.append((scope.id, node.id, 9 + node.triggers[0].hours))
        self.states = [state]
        self.seen = 0

    # ------------------------------------------------------------------ stimuli
    def start(self, process: str, at: str | None, values: dict[str, Value], steps: Sequence[Sequence[Move]]) -> None:
        """An instance is started plainly, or by hand at its start event."""
        self.change(lambda play: [lambda play: begin(play, process, at, "", values)])
        self.tell(steps, is_begun=True)

    def complete(self, node: str, counter: Value, values: dict[str, Value], steps: Sequence[Sequence[Move]]) -> None:
        """A work item is done; `counter`: the loopCounter that it sees."""

        def ways(play: Play) -> list[Callable[[Play], None]]:
            tokens = [t for t in play.s.tokens.values() if t.node == node and t.state == "waits" and play.seen(t, t.scope)("loopCounter") == counter]
            return [lambda play, key=token.id: done(play, key, values) for token in tokens]

        self.change(ways)
        self.tell(steps, is_begun=True)

    def message(self, name: str, key: str, values: dict[str, Value], steps: Sequence[Sequence[Move]]) -> None:
        """A message comes from outside."""
        for state in self.states:
            state.under_way.append(("message", name, key, values))
        self.tell(steps)

    def signal(self, name: str, values: dict[str, Value], steps: Sequence[Sequence[Move]]) -> None:
        """A signal comes from outside."""
        for state in self.states:
            state.under_way.append(("signal", Play(state).hearers(name), values))
            state.under_way += [("begin", process, node, values) for process, node in starts(state.model, "signal", name)]
        self.tell(steps)

    def advance(self, hours: int, steps: Sequence[Sequence[Move]]) -> None:
        """Time passes."""
        until = self.states[0].now + hours
        self.tell(steps, until=until)
        for state in self.states:
            state.now = until

    # ------------------------------------------------------------------ following
    def tell(self, steps: Sequence[Sequence[Move]], *, is_begun: bool = False, until: int | None = None) -> None:
        """Follow the steps that a stimulus made, until nothing is under way. `is_begun`: the first step's cause is known already."""
        for number, moves in enumerate(steps):
            if number or not is_begun:
                self.states = [state for before in self.states for state in following(before, until)]
                self.explained(f"step {number + 1}: nothing more was to happen", moves)
            self.follow(moves)
        self.states = [state for state in self.states if is_over(state, until)]
        self.explained("something more was to happen", ())

    def follow(self, moves: Sequence[Move]) -> None:
        """Follow one step, move by move; then everything must be at rest."""
        for state in self.states:
            Play(state).settle()
        for place, (what, name) in enumerate(moves):
            if what in ("enter", "leave"):
                self.pass_by()
                self.change(lambda play, what=what, name=name: getattr(play, what)(name))  # type: ignore[misc]
                self.explained(f"{what} {name}", moves[: place + 1])
        self.pass_by()
        taken = Counter(name for what, name in moves if what == "take")
        self.states = [state for state in self.states if Counter(state.taken) == taken]
        self.explained("the flows taken are others", moves)
        cancelled = Counter(name for what, name in moves if what == "cancel")
        self.states = [state for state in self.states if is_cancelled(state, cancelled)]
        self.explained("the elements cancelled are others", moves)
        self.states = [state for state in self.states if Play(state).is_at_rest()]
        self.explained("something could still move", moves)
        for state in self.states:
            ended(state)

    def change(self, ways: Callable[[Play], list[Callable[[Play], None]]]) -> None:
        """Each state by each of its ways."""
        found = [(state, way) for state in self.states for way in ways(Play(state))]
        self.states = []
        for place, (state, way) in enumerate(found):
            is_last = all(other is not state for other, _ in found[place + 1 :])
            chosen = state if is_last else state.copied()
            way(Play(chosen))
            Play(chosen).settle()
            self.states.append(chosen)
        if len(self.states) > 1:
            self.states = list({state.form(): state for state in self.states}.values())
        if len(self.states) > MANY:
            raise TooMany

    def pass_by(self) -> None:
        """What nobody sees may have happened or not: add the states in which it has."""
        for state in self.states:
            for token in Play(state).idle():
                other = state.copied()
                Play(other).pass_by(other.tokens[token.id])
                Play(other).settle()
                self.states.append(other)
            if len(self.states) > MANY:
                raise TooMany

    def explained(self, what: str, moves: Sequence[Move]) -> None:
        if not self.states:
            raise Disagreement(f"no state of the oracle explains: {what}; the step was {' '.join(f'{kind}:{name}' for kind, name in moves)}")

    def keep(self, fits: Callable[[Play], bool], what: str) -> None:
        """Keep the states that fit what is seen at rest."""
        kept = [state for state in self.states if fits(Play(state))]
        if not kept:
            raise Disagreement(what)
        self.states = kept


# ---------------------------------------------------------------------- what happens between steps
def begin(play: Play, process: str, node: str | None, key: str, values: dict[str, Value]) -> None:
    """An instance begins, plainly or at an event."""
    here = play.open(process, None, len(play.s.instances), dict(values))
    play.s.instances.append(Began(process=process, key=key, root=here.id, at=node))
    if node is None:
        play.begin(here)
    else:
        # The event has happened already; what guards the instance begins after it.
        play.new(here.id, node, is_fresh=True)


def done(play: Play, key: int, values: dict[str, Value]) -> None:
    """The outside has answered."""
    play.s.tokens[key].state, play.s.tokens[key].result = "done", values


def starts(model: Model, kind: str, name: str) -> list[tuple[str, str]]:
    """The start events of processes for a message or signal."""
    found = []
    for scope in model.scopes.values():
        for node in map(model.nodes.__getitem__, scope.nodes if scope.owner is None else ()):
            found += [(scope.id, node.id)] if node.kind == "startEvent" and any((t.kind, t.name) == (kind, name) for t in node.triggers) else []
    return found


def following(state: State, until: int | None) -> list[State]:
    """The states in which the next step of what is under way has its cause; none when nothing more happens."""
    while state.under_way:
        kind, *more = state.under_way[0]
        if kind == "signal":
            open_ones = {one[:4] for one in Play(state).waiting()}
            left = [place for place in more[0] if place in open_ones]
            if not left:
                state.under_way.pop(0)
                continue
            return [_heard(state.copied(), place, [other for other in left if other != place], more[1]) for place in left]
        state.under_way.pop(0)
        if kind == "letter":
            found = _given(state, more[0])
            if found:
                return found
            continue
        if kind == "begin":
            begin(Play(state), more[0], more[1], "", more[2])
            return [state]
        found = _correlated(state, *more)
        if found:
            return found
    due = min((timer[0] for timer in Play(state).timers()), default=None)
    first = min((start[2] for start in state.starts), default=None)
    times = [one for one in (due, first) if one is not None]
    if until is None or not times or min(times) > until:
        return []
    state.now = max(state.now, min(times))
    return list(_fired(state, min(times)))


def _heard(state: State, place: tuple[bool, int, str, int], left: list[Any], values: dict[str, Value]) -> State:
    state.under_way[0] = ("signal", left, values)
    Play(state).hit(*place, values)
    return state


def _correlated(state: State, name: str, key: str, values: dict[str, Value]) -> list[State]:
    """Whoever waits gets it, else it begins an instance, else it is kept."""
    places = Play(state).listening(name, key)
    if places:
        found = []
        for place in places:
            other = state.copied()
            Play(other).hit(*place, values)
            found.append(other)
        return found
    for process, node in starts(state.model, "message", name):
        if not key or not any((one.process, one.key, one.status) == (process, key, "running") for one in state.instances):
            begin(Play(state), process, node, key, values)
            return [state]
    state.kept.append((name, key, values, False))
    return []


def _given(state: State, letter: tuple[str, str, dict[str, Value]]) -> list[State]:
    """A kept message is on its way to who waits for it; where nobody does any more, it stays kept."""
    place = state.kept.index((*letter, True))
    if Play(state).listening(*letter[:2]):
        del state.kept[place]
        return _correlated(state, *letter)
    state.kept[place] = (*letter, False)
    return []


def _fired(state: State, due: int) -> Iterable[State]:
    for start in [start for start in state.starts if start[2] == due]:
        other = state.copied()
        other.starts.remove(start)
        begin(Play(other), start[0], start[1], "", {})
        yield other
    for _, *place in [timer for timer in Play(state).timers() if timer[0] == due]:
        other = state.copied()
        Play(other).fire(*place)  # type: ignore[arg-type]
        yield other


def is_over(state: State, until: int | None) -> bool:
    """Whether nothing more is to happen."""
    return not following(state.copied(), until) and _drained(state)


def _drained(state: State) -> bool:
    # What made no step (a signal that nobody hears, a message that is kept) is still to be worked off.
    following(state, None)
    return True


def is_cancelled(state: State, cancelled: Counter[str]) -> bool:
    """Whether just these elements were cancelled in the step."""
    gone = Counter(state.gone)
    return gone <= cancelled and cancelled - gone <= Counter(state.maybe_gone)


def known(state: State) -> list[tuple[bool, int, str, int]]:
    """Who waits for messages now, in the order in which they began to."""
    return sorted((one[:4] for one in Play(state).waiting() if one[4].kind == "message"), key=lambda place: place[1])


def ended(state: State) -> None:
    """A step is over: what it threw goes out, and who now waits for a kept message will get it, before anything else arrives."""
    state.taken, state.gone, state.maybe_gone = [], [], []
    state.under_way += state.sent
    state.sent = []
    waiting, chosen = known(state), []
    for place in [place for place in waiting if place not in state.old]:
        found = next((n for n, letter in enumerate(state.kept) if not letter[3] and place in Play(state).listening(*letter[:2])), None)
        if found is not None:
            state.kept[found] = (*state.kept[found][:3], True)
            chosen.append(found)
    state.under_way = [("letter", state.kept[found][:3]) for found in sorted(chosen)] + state.under_way
    state.old = waiting
