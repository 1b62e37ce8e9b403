"""Where truth and folds are kept: one port, two stores (SQL and memory). Only this package knows SQLAlchemy.

Importing it loads no database library; `create_store` and `open_store` load what the given database needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..registry import Record
from .port import CommandKnown, Contended, Head, Payload, PositionTaken, Store, StoredRow, Transaction

if TYPE_CHECKING:
    from .memory import MemoryStore
    from .sql import SqlStore

__all__ = [
    "CommandKnown",
    "Contended",
    "Head",
    "MemoryStore",
    "Payload",
    "PositionTaken",
    "Store",
    "StoredRow",
    "Transaction",
    "create_store",
    "open_store",
    "upgrade_store",
]


def create_store(url_or_path: str | Path, records: Iterable[Record] = (), *, simulated: bool = False, settings: Mapping[str, str] | None = None) -> SqlStore:
    """A new database at a path, `sqlite:///path` or `postgresql://…`. Raises StoreError; a database that exists stays as it is."""
    from .sql import SqlStore

    return SqlStore.create(url_or_path, records, simulated=simulated, settings=settings)


def open_store(url_or_path: str | Path, records: Iterable[Record] = ()) -> SqlStore:
    """An existing database. Raises StoreError where it is missing, unreachable, not ours, or of another schema."""
    from .sql import SqlStore

    return SqlStore.open(url_or_path, records)


def upgrade_store(url_or_path: str | Path) -> None:
    """Bring an older database to this release's schema, all or nothing."""
    from .sql import SqlStore

    SqlStore.upgrade(url_or_path)


def __getattr__(name: str) -> object:
    """`MemoryStore`, which a database in a file or on a server has no use for, from its room."""
    if name != "MemoryStore":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .memory import MemoryStore

    return MemoryStore
