"""What a database product must bring to the SQL store: a pool, beginnings, batches, and the meaning of its errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from ..errors import StoreError
from .columns import Stored

Batch = tuple[str, Sequence[Sequence[Stored]]]
"""One statement with the values of each time it is to run."""


class Backend(Protocol):
    """SQLite or PostgreSQL, as far as they differ beyond the dialect of their SQL."""

    name: str
    keeps_connections: bool
    """Whether a connection that a transaction left is kept beside the pool: a file's does not go bad."""
    errors: tuple[type[Exception], ...]
    next_instance: str
    database: str
    """How messages name it, without a password."""

    def engine(self) -> sa.Engine:
        """SQLAlchemy's engine, for its pool and dialect."""

    def require_present(self) -> None:
        """There is such a database, or StoreError `missing`; a server says so itself when it is asked."""

    def make_place(self) -> None:
        """Make what must be there before tables can be made."""

    def unmake_place(self) -> None:
        """Take that away again after a failure."""

    def begin(self, *, write: bool) -> str:
        """The statement that begins a transaction."""

    def many(self, values: Sequence[Stored]) -> Any:
        """The values of an `in`, as one parameter."""

    def run_all(self, connection: Any, batches: Sequence[Batch]) -> list[int]:
        """Run each batch in order, in as few round trips as can be; how many rows each touched."""

    def stream(self, connection: Any, sql: str) -> Iterator[Sequence[Any]]:
        """The rows of a large answer, some at a time."""

    def leave(self, connection: Any) -> None:
        """Roll back what was not committed, where the pool does not."""

    def is_lost(self, connection: Any) -> bool:
        """The connection is of no more use."""

    def backup(self, connection: Any, path: Path) -> None:
        """Copy the database into a new file."""

    def integrity(self, connection: Any) -> tuple[str, ...]:
        """What the product's own check finds wrong."""

    def translate(self, error: Exception) -> Exception:
        """What a driver's error means to the engine."""


def complain(database: str, error: Exception) -> StoreError:
    """A driver's error that has no name of its own here."""
    reason = str(error).strip() or type(error).__name__
    return StoreError(
        "database", "the database {database} refused: {reason}", database=database, reason=reason, hint="an operator must look at it; nothing was changed"
    )
