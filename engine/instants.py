"""Instants as whole microseconds UTC, exactly both ways. Imports nothing of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(value: datetime) -> int:
    """An aware datetime in microseconds UTC."""
    delta = value - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_microseconds(value: int) -> datetime:
    """The aware datetime (UTC) of microseconds."""
    return _EPOCH + timedelta(microseconds=value)
