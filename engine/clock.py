"""Where time and randomness come in: read once a command, never anywhere else."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Protocol

from .errors import Rejected
from .model import Moment


class Clock(Protocol):
    """Gives the moment of a command."""

    def read(self, zone: str) -> Moment:
        """The moment, with a fresh seed."""


class SystemClock:
    """The computer's clock and the operating system's randomness."""

    def read(self, zone: str) -> Moment:
        return Moment(now=datetime.now(UTC), seed=int.from_bytes(os.urandom(8)), zone=zone)


class SetClock:
    """A clock that stands until it is set; for databases created as simulated, and for tests. The seed counts from 1."""

    def __init__(self, now: datetime) -> None:
        self._now = _aware(now)
        self._seed = 0

    def read(self, zone: str) -> Moment:
        self._seed += 1
        return Moment(now=self._now, seed=self._seed, zone=zone)

    @property
    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime | str) -> None:
        """Set the clock forward. Raises Rejected `clock`: time does not go back."""
        moment = _aware(datetime.fromisoformat(now) if isinstance(now, str) else now)
        if moment < self._now:
            raise Rejected("clock", "the clock stands at {now} and cannot go back to {to}", now=self._now, to=moment)
        self._now = moment

    def advance(self, by: timedelta) -> None:
        """Set the clock forward by a span."""
        self.set(self._now + by)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise Rejected("clock", "the time {moment} has no offset", moment=moment, hint="write it as 2026-04-01T09:00+08:00")
    return moment
