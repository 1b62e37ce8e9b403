"""What is asked of a database beyond the port: how it is made, opened, refused, migrated and copied."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.errors import StoreError
from engine.registry import Change, Select
from engine.storage import Contended, PositionTaken, Store, StoredRow, create_store, open_store, upgrade_store
from engine.storage.sql import SqlStore
from engine.storage.sql_migrate import SCRIPTS
from engine.storage.tables import SCHEMA, TRUTH_TABLES

from .databases import LEASE, PAPER, PAPER_UNIT, RECORDS, SETTINGS, Server

pytestmark = pytest.mark.contract


def refused(act: Callable[[], Any]) -> StoreError:
    """The error of an act; it says what, and what to do."""
    with pytest.raises(StoreError) as caught:
        act()
    assert caught.value.hint
    return caught.value


def sql(path: Path, statement: str) -> list[Any]:
    """Run a statement past the store."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def row(position: int, size: int = 10) -> StoredRow:
    """A history row of one stream."""
    return StoredRow(stream="1", position=position, command_id=f"c{position}", recorded_at=1, hash=b"h", bytes=b"x" * size)


def append(store: Store, position: int, size: int = 10) -> None:
    """Append and commit."""
    with store.transaction(write=True) as transaction:
        transaction.append(row(position, size), ())
        transaction.commit()


def positions(store: Store) -> list[int]:
    """What the stream holds."""
    with store.transaction(write=False) as transaction:
        return [found.position for found in transaction.history("1")]


def insert_paper(store: Store, title: str) -> None:
    """Insert one paper and commit."""
    with store.transaction(write=True) as transaction:
        transaction.apply([Change(op="insert", table="paper", key={"id": title}, values={"title": title})])
        transaction.commit()


# SQLite


def test_a_new_file_is_its_owner_s_alone(tmp_path):
    """Its folder is made, nobody else may read it, and it says what was fixed."""
    path = tmp_path / "new" / "folder" / "store.db"

    with closing(create_store(path, RECORDS, settings=SETTINGS)) as store:
        append(store, 1)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}

    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    with closing(open_store(f"sqlite:///{path}", RECORDS)) as store:
        assert (store.simulated, store.settings) == (False, {**SETTINGS, "schema": str(SCHEMA)})
        assert positions(store) == [1]


def test_a_commit_is_on_the_disk(sqlite_path):
    """Write-ahead log, full synchronisation and foreign keys are on in every connection."""
    with closing(open_store(sqlite_path, RECORDS)) as store, store._pooled() as pooled:
        found = [pooled.driver_connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]

    assert found == ["wal", 2, 1, 10_000]


def test_an_existing_file_is_never_made_anew(sqlite_path):
    """Whatever it is, it stays as it is."""
    before = sqlite_path.read_bytes()

    assert refused(lambda: create_store(sqlite_path, RECORDS)).code == "exists"

    assert sqlite_path.read_bytes() == before


def test_a_database_that_could_not_be_filled_leaves_no_file(tmp_path):
    """A half made database would be taken for one later."""
    with pytest.raises(UnicodeEncodeError):
        create_store(tmp_path / "store.db", RECORDS, settings={"zone": "\ud800"})

    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_not_made_by_opening(tmp_path):
    """A mistyped path is an error and not an empty database."""
    assert refused(lambda: open_store(tmp_path / "nowhere.db", RECORDS)).code == "missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"# notes\n" * 100, b"SQLite format 3\x00" + b"\xff" * 500], ids=["empty", "text", "broken"])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    """It is named and stays as it is."""
    path = tmp_path / "notes.md"
    path.write_bytes(content)

    error = refused(lambda: open_store(path, RECORDS))

    assert error.code == "not_a_database"
    assert str(path) in str(error)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path):
    """It is a database, but not ours."""
    path = tmp_path / "other.db"
    sql(path, "CREATE TABLE meta (title TEXT)")

    assert refused(lambda: open_store(path, RECORDS)).code == "not_a_database"
    assert sql(path, "SELECT name FROM sqlite_master") == [("meta",)]


def test_a_folder_is_no_database(tmp_path):
    """A path that is a folder is refused in words."""
    assert refused(lambda: open_store(tmp_path, RECORDS)).code == "unreachable"
    assert refused(lambda: create_store(tmp_path, RECORDS)).code == "exists"
    assert refused(lambda: create_store(Path(__file__) / "x" / "store.db", RECORDS)).code in ("exists", "unreachable")


def test_a_database_of_a_newer_release_is_refused(sqlite_path):
    """This release does not know what a newer one wrote, and does not touch it."""
    sql(sqlite_path, f"UPDATE meta SET value = '{SCHEMA + 1}' WHERE name = 'schema'")

    assert refused(lambda: open_store(sqlite_path, RECORDS)).code == "newer_schema"
    assert refused(lambda: upgrade_store(sqlite_path)).code == "newer_schema"


def test_a_database_of_an_older_release_is_upgraded_first(sqlite_path):
    """Opening says so; upgrading a database of this release changes nothing."""
    sql(sqlite_path, "UPDATE meta SET value = '0' WHERE name = 'schema'")
    assert refused(lambda: open_store(sqlite_path, RECORDS)).code == "older_schema"
    sql(sqlite_path, f"UPDATE meta SET value = '{SCHEMA}' WHERE name = 'schema'")

    upgrade_store(sqlite_path)

    open_store(sqlite_path, RECORDS).close()


def test_a_database_that_cannot_be_written_is_still_read(sqlite_path):
    """Readers work; a command is refused and says why."""
    with closing(open_store(sqlite_path, RECORDS)) as store:
        append(store, 1)

    with closing(open_store(f"sqlite:///file:{sqlite_path}?mode=ro&uri=true", RECORDS)) as store:
        assert positions(store) == [1]
        assert refused(lambda: append(store, 2)).code == "read_only"
        assert positions(store) == [1]


def test_a_full_disk_refuses_the_command_and_keeps_the_rest(sqlite_path):
    """What was committed stands, what did not fit is gone, and the store goes on when there is room."""
    with closing(SqlStore.open(sqlite_path, RECORDS)) as store:
        append(store, 1)
    pages = sql(sqlite_path, "PRAGMA page_count")[0][0]

    with closing(SqlStore.open(sqlite_path, RECORDS, pragmas={"max_page_count": pages + 5})) as store:
        assert refused(lambda: append(store, 2, size=1_000_000)).code == "disk_full"
        append(store, 2)
        assert positions(store) == [1, 2]
        assert store.integrity() == ()


def test_a_damaged_file_is_found(sqlite_path):
    """Integrity says what the database finds wrong with itself, and reading it is refused in words."""
    with closing(open_store(sqlite_path, RECORDS)) as store:
        for position in range(1, 200):
            append(store, position, size=2000)
        assert store.integrity() == ()
    content = bytearray(sqlite_path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40_000] = b"\xff" * 40_000
    sqlite_path.write_bytes(content)

    with closing(open_store(sqlite_path, RECORDS)) as store:
        assert store.integrity() != ()
        assert refused(lambda: positions(store)).code == "damaged"


def test_a_backup_is_a_database(sqlite_path, tmp_path):
    """It holds what was committed when it was made, is its owner's alone, and overwrites nothing."""
    with closing(open_store(sqlite_path, RECORDS)) as store:
        append(store, 1)
        with store.transaction(write=True) as transaction:
            transaction.append(row(2), ())
            store.backup(tmp_path / "copy.db")
            transaction.commit()
        assert refused(lambda: store.backup(tmp_path / "copy.db")).code == "exists"

    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    with closing(open_store(tmp_path / "copy.db", RECORDS)) as copy:
        assert (positions(copy), copy.simulated) == ([1], True)


def test_a_name_that_is_no_database_is_refused():
    """Other products, broken URLs and databases in memory are refused in words."""
    for name in ("mysql://host/name", "sqlite://", "sqlite:///:memory:", "nonsense://", "://"):
        assert refused(lambda name=name: open_store(name)).code == "unsupported"


def test_a_path_may_hold_anything_a_path_may_hold(tmp_path):
    """Chinese, blanks, per cent and question marks are parts of a name."""
    path = tmp_path / "全国人大 100%?.db"

    create_store(path, RECORDS).close()

    open_store(path, RECORDS).close()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_opening_loads_no_migrations(sqlite_path):
    """The port loads no database library, opening loads no alembic: both would be waited for at every command."""
    code = (
        "import sys, engine.storage\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        "engine.storage.open_store(sys.argv[1]).close()\n"
        "assert 'sqlalchemy' in sys.modules and 'alembic' not in sys.modules and 'psycopg' not in sys.modules\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(SCRIPTS).parent)}

    done = subprocess.run([sys.executable, "-c", code, str(sqlite_path)], capture_output=True, text=True, env=environment, check=False)

    assert done.stderr == ""


# Records


def test_a_changed_record_is_stale_until_it_is_made_anew(sqlite_path):
    """A new version, another column, a new record: each is told, and emptying it makes the table as it is now declared."""
    wider = dataclasses.replace(PAPER, columns={**PAPER.columns, "county": "text"}, indexes=(("county",),))
    newer = dataclasses.replace(PAPER_UNIT, version=2)
    added = dataclasses.replace(LEASE, name="added", kind="fold")
    with closing(open_store(sqlite_path, RECORDS)) as store:
        assert store.stale_folds() == ()
        insert_paper(store, "old")

    with closing(open_store(sqlite_path, (wider, newer, LEASE, added))) as store:
        assert store.stale_folds() == ("paper", "paper_unit", "added")
        with store.transaction(write=True) as transaction:
            transaction.empty(store.stale_folds())
            transaction.apply([Change(op="insert", table="paper", key={"id": "new"}, values={"county": "x"})])
        assert store.stale_folds() == ("paper", "paper_unit", "added")
        with store.transaction(write=True) as transaction:
            transaction.empty(store.stale_folds())
            transaction.apply([Change(op="insert", table="paper", key={"id": "new"}, values={"county": "x"})])
            transaction.commit()
        assert store.stale_folds() == ()
        with store.transaction(write=False) as transaction:
            assert [found["id"] for found in transaction.select(Select(table="paper", columns=("id", "county")))] == ["new"]


def test_a_record_contradicting_itself_is_refused(tmp_path):
    """Before anything is made."""
    for record in (
        dataclasses.replace(PAPER, name="history"),
        dataclasses.replace(PAPER, name="sequence"),
        dataclasses.replace(PAPER, key=("number",)),
        dataclasses.replace(PAPER, indexes=(("colour",),)),
        dataclasses.replace(PAPER, case_column="file_id"),
        dataclasses.replace(PAPER, columns={**PAPER.columns, "scan": "bytes"}),
    ):
        with pytest.raises(ValueError):
            create_store(tmp_path / "store.db", (record,))
    with pytest.raises(ValueError):
        create_store(tmp_path / "store.db", (PAPER, PAPER))
    assert list(tmp_path.iterdir()) == []


# Migrations


def test_the_migrations_make_the_declared_truth(sqlite_path):
    """Code and migrations agree on every column, and the last migration is the one that the code expects."""
    revisions = sorted(path.name for path in (SCRIPTS / "versions").glob("[0-9]*.py"))
    made = {record.name: {name for _, name, *_ in sql(sqlite_path, f"PRAGMA table_info({record.name})")} for record in TRUTH_TABLES}

    assert int(revisions[-1].partition("_")[0]) == len(revisions) == SCHEMA
    assert made == {record.name: set(record.columns) for record in TRUTH_TABLES}
    assert sql(sqlite_path, "SELECT version_num FROM alembic_version") == [(f"{SCHEMA:04}",)]


# PostgreSQL


@pytest.fixture
def postgresql(server: Server, postgresql_database: str) -> tuple[Server, str]:
    """A server and an empty database with our tables."""
    server.clear(postgresql_database)
    return server, postgresql_database


@pytest.fixture
def own_postgresql(server: Server) -> tuple[Server, str]:
    """A server and a database that this test alone may change."""
    name = server.new_database()
    create_store(server.url_of(name), RECORDS).close()
    return server, name


def test_postgresql_refuses_what_it_cannot_be(server):
    """A missing database, no server, another program's tables and our own are each told apart."""
    name = server.new_database()

    assert refused(lambda: open_store(server.url_of("nowhere"))).code == "missing"
    assert refused(lambda: open_store("postgresql://nobody:secret@127.0.0.1:1/none")).code == "unreachable"
    assert refused(lambda: open_store(server.url_of(name))).code == "not_a_database"
    server.run("CREATE TABLE song (title text)", database=name)
    assert refused(lambda: create_store(server.url_of(name))).code == "exists"


def test_a_password_is_never_said():
    """Neither in the message nor in its parameters."""
    error = refused(lambda: open_store("postgresql+psycopg://nobody:secret@127.0.0.1:1/none"))

    assert "secret" not in f"{error}{error.params}{error.hint}"


def test_postgresql_tells_schema_rights_and_a_full_disk(own_postgresql):
    """Each is refused in words, and what was committed stands."""
    server, name = own_postgresql
    url = server.url_of(name)
    server.run("CREATE ROLE stranger LOGIN")

    assert refused(lambda: open_store(server.url_of(name, user="stranger"), RECORDS)).code == "no_permission"
    with closing(open_store(url, RECORDS)) as store:
        append(store, 1)
    server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with closing(open_store(url, RECORDS)) as store:
        assert positions(store) == [1]
        assert refused(lambda: append(store, 2)).code == "read_only"
    server.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    server.run(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$;"
        "CREATE TRIGGER full_disk BEFORE INSERT ON history EXECUTE FUNCTION full_disk()",
        database=name,
    )
    with closing(open_store(url, RECORDS)) as store:
        assert refused(lambda: append(store, 2)).code == "disk_full"
        assert positions(store) == [1]
    server.run(f"UPDATE meta SET value = '{SCHEMA + 1}' WHERE name = 'schema'", database=name)
    assert refused(lambda: open_store(url, RECORDS)).code == "newer_schema"
    assert refused(lambda: create_store(url, RECORDS)).code == "exists"


def test_a_lost_session_is_replaced(postgresql):
    """Within a command it is an error and nothing is written; the next command has a new session."""
    server, name = postgresql
    with closing(open_store(server.url_of(name), RECORDS)) as store:

        def lose() -> None:
            server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()")

        def lost_within() -> None:
            with store.transaction(write=True) as transaction:
                transaction.append(row(1), ())
                lose()
                transaction.commit()

        assert refused(lost_within).code == "unreachable"
        with store.transaction(write=False), store.transaction(write=False), store.transaction(write=False):
            append(store, 1)
        lose()
        append(store, 2)
        assert positions(store) == [1, 2]


def test_a_serialization_failure_is_contended(postgresql):
    """PostgreSQL lets both begin; who comes second is told to try again, or that the position is taken."""
    server, name = postgresql
    with closing(open_store(server.url_of(name), RECORDS)) as store:
        append(store, 1)

        def second_of_two() -> None:
            with store.transaction(write=True) as slow:
                head = slow.head("1")
                append(store, 2)
                slow.append(row(head.position + 1), ())
                slow.commit()

        with pytest.raises((Contended, PositionTaken)):
            second_of_two()
        assert positions(store) == [1, 2]


def test_postgresql_commits_durably(postgresql):
    """Each session waits for the disk, and each command is serializable."""
    server, name = postgresql
    with closing(open_store(server.url_of(name), RECORDS)) as store, store.transaction(write=True) as transaction:
        found = [transaction.rows(f"SHOW {setting}", ())[0][0] for setting in ("synchronous_commit", "transaction_isolation", "lock_timeout")]

    assert found == ["on", "serializable", "10s"]


def test_postgresql_backups_are_the_server_s(postgresql):
    """The store says by what they are made."""
    server, name = postgresql
    with closing(open_store(server.url_of(name), RECORDS)) as store:
        assert refused(lambda: store.backup("copy.db")).code == "unsupported"
        assert store.integrity() == ()
