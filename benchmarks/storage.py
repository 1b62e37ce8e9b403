"""How long the store takes: microseconds of CPU and of clock for each statement and for one whole command.

    python -m benchmarks.storage [--commands 2000] [--postgresql URL]

Beside the store in SQLite stands the bare driver doing the same statements, so that the store's own cost is seen.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from engine.registry import AnyOf, Change, Record, Select, Where, by_id
from engine.storage import MemoryStore, Payload, Store, StoredRow, Transaction, create_store

RECORDS = (
    Record(
        name="running",
        key=("id",),
        columns={"id": "text", "case_id": "text", "process": "text", "status": "text", "position": "integer"},
        indexes=(("case_id",), ("status", "process")),
    ),
    Record(
        name="item",
        key=("id",),
        columns={
            "id": "text",
            "instance_id": "text",
            "case_id": "text",
            "process": "text",
            "element_id": "text",
            "name": "text",
            "status": "text",
            "assignee": "text",
            "due_on": "date",
            "priority": "integer",
            "version": "integer",
            "opened_at": "instant",
            "closed_at": "instant",
            "closed_by": "text",
        },
        indexes=(("instance_id", "status"), ("case_id",), ("status", "due_on"), ("assignee", "status")),
    ),
    Record(
        name="item_group",
        key=("item_id", "group_id"),
        columns={"item_id": "text", "group_id": "text", "status": "text"},
        indexes=(("group_id", "status"),),
        case_column=None,
    ),
    Record(
        name="waiting",
        key=("id",),
        columns={"id": "text", "instance_id": "text", "case_id": "text", "kind": "text", "name": "text", "key": "text", "status": "text"},
        indexes=(("status", "kind", "name", "key"), ("instance_id", "status")),
    ),
)

GROUPS = ("unit-desk:u1", "unit-desk:u2", "secretariat")


def main() -> None:
    """Print one table for each store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=2000)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure("memory", MemoryStore(RECORDS), arguments.commands)
        measure("SQLite", create_store(Path(folder) / "store.db", RECORDS), arguments.commands)
        measure_driver(Path(folder) / "driver.db", arguments.commands)
        if arguments.postgresql:
            measure("PostgreSQL", create_store(arguments.postgresql, RECORDS), arguments.commands)


def measure(title: str, store: Store, commands: int) -> None:
    """One whole command many times, then single statements within one transaction."""
    numbers = count(1)
    fill(store, numbers, 200)
    print(f"\n{title}")
    report("one command, begin to commit", commands, lambda: command(store, next(numbers)))
    report("begin, nothing, leave (read)", commands, lambda: nothing(store, write=False))
    report("begin, nothing, leave (write)", commands, lambda: nothing(store, write=True))
    with store.transaction(write=False) as transaction:
        for name, statement in statements(transaction).items():
            report(name, commands, statement)
    with store.transaction(write=True) as transaction:
        report("append a row and 2 payloads", commands, lambda: append(transaction, next(numbers), 1))
        report("apply one update", commands, lambda: transaction.apply([change("update", "running", "7", {"position": 3, "status": "running"})]))
        report("next in series", commands, lambda: transaction.next_in_series("x"))
    store.close()


def statements(transaction: Transaction) -> dict[str, Callable[[], object]]:
    """Single reads."""
    return {
        "command": lambda: transaction.command("7/complete"),
        "load": lambda: transaction.load("7"),
        "select by id": lambda: transaction.select(by_id("item", "7.1")),
        "select an inbox": lambda: transaction.select(inbox()),
    }


def inbox() -> Select:
    """Open items for a person or the person's groups."""
    of_groups = Select(table="item_group", columns=("item_id",), where=(Where(column="group_id", op="in", value=GROUPS[:2]),))
    mine = AnyOf(of=(Where(column="id", op="in_select", value=of_groups), Where(column="assignee", value="p1")))
    return Select(table="item", where=(Where(column="status", value="open"), mine), order=("due_on",), limit=20)


def command(store: Store, number: int) -> None:
    """What a completed work item does to a store."""
    with store.transaction(write=True) as transaction:
        instance = str(number)
        transaction.command(f"{number}/complete")
        transaction.load(instance)
        transaction.select(by_id("item", f"{max(1, number - 1)}.1"))
        transaction.select(Select(table="waiting", where=(Where(column="instance_id", value=instance), Where(column="status", value="open"))))
        append(transaction, number, 1)
        transaction.apply(changes(number))
        transaction.commit()


def append(transaction: Transaction, number: int, position: int) -> None:
    """A history row of 1 KB with a snapshot of 2 KB and content of 200 bytes."""
    stream = str(number)
    row = StoredRow(stream=stream, position=position, command_id=f"{number}/complete", recorded_at=number, bytes=b"x" * 1000, hash=b"h" * 32)
    beside = [
        Payload(stream=stream, position=position, name=name, salt=b"s" * 16, digest=b"d" * 32, bytes=b"y" * size)
        for name, size in (("snapshot", 2000), ("content", 200))
    ]
    transaction.append(row, beside)


def changes(number: int) -> list[Change]:
    """Six writes: an instance, an item with its group, the item before closed, an open subscription."""
    instance, item = str(number), f"{number}.1"
    opened = {"instance_id": instance, "case_id": instance, "process": "suggestion", "element_id": "审查", "name": "审查登记", "status": "open"}
    written = [
        change("insert", "running", instance, {"case_id": instance, "process": "suggestion", "status": "running", "position": 1}),
        change("insert", "item", item, {**opened, "due_on": "2026-09-30", "priority": 50, "version": 1, "opened_at": number}),
        Change(op="insert", table="item_group", key={"item_id": item, "group_id": GROUPS[number % 3]}, values={"status": "open"}),
        change("insert", "waiting", item, {"instance_id": instance, "case_id": instance, "kind": "message", "name": "reply", "status": "open"}),
    ]
    if number > 1:
        written.append(change("update", "item", f"{number - 1}.1", {"status": "completed", "closed_at": number, "closed_by": "p1"}))
        written.append(Change(op="delete", table="item_group", key={"item_id": f"{number - 1}.1"}))
    return written


def change(op: str, table: str, identifier: str, values: dict[str, object]) -> Change:
    """A change of one row by its id."""
    return Change(op=op, table=table, key={"id": identifier}, values=values)  # type: ignore[arg-type]


def fill(store: Store, numbers: Iterator[int], commands: int) -> None:
    """Some rows, so that statements are compiled and trees have a depth."""
    for _ in range(commands):
        command(store, next(numbers))


def nothing(store: Store, *, write: bool) -> None:
    """A transaction without a statement."""
    with store.transaction(write=write):
        pass


def report(name: str, times: int, act: Callable[[], object]) -> None:
    """Run an act many times and print the mean."""
    act()
    cpu, clock = time.process_time(), time.perf_counter()
    for _ in range(times):
        act()
    print(f"  {name:<32}{(time.process_time() - cpu) / times * 1e6:10.1f} µs CPU {(time.perf_counter() - clock) / times * 1e6:10.1f} µs")


def measure_driver(path: Path, commands: int) -> None:
    """The same command by the bare driver, statements written by hand."""
    numbers = count(1)
    with driver(path) as connection:
        for _ in range(200):
            driver_command(connection, next(numbers))
        print("\nbare driver of SQLite")
        report("one command, begin to commit", commands, lambda: driver_command(connection, next(numbers)))
        by_key = "SELECT id, instance_id, name, status FROM item WHERE id = ?"
        report("select by id", commands, lambda: connection.execute(by_key, ("7.1",)).fetchall())


@contextmanager
def driver(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a database with the store's tables."""
    create_store(path, RECORDS).close()
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    yield connection
    connection.close()


def driver_command(connection: sqlite3.Connection, n: int) -> None:
    """The statements of `command`, by hand."""
    run, item, before = connection.execute, f"{n}.1", f"{n - 1}.1"
    run("BEGIN IMMEDIATE")
    run("SELECT position, hash FROM history WHERE command_id = ?", (f"{n}/complete",)).fetchone()
    run(
        "SELECT h.position, h.hash, p.bytes FROM history h LEFT JOIN payload p ON p.stream = h.stream AND p.position = h.position"
        " AND p.name = 'snapshot' WHERE h.stream = ? ORDER BY h.position DESC LIMIT 1",
        (str(n),),
    ).fetchone()
    run("SELECT id, instance_id, name, status FROM item WHERE id = ?", (before,)).fetchall()
    run("SELECT id, name FROM waiting WHERE instance_id = ? AND status = ?", (str(n), "open")).fetchall()
    run(
        "INSERT INTO history (stream, position, command_id, recorded_at, hash, bytes) VALUES (?, 1, ?, ?, ?, ?)",
        (str(n), f"{n}/complete", n, b"h" * 32, b"x" * 1000),
    )
    beside = [(str(n), name, b"s" * 16, b"d" * 32, b"y" * size) for name, size in (("snapshot", 2000), ("content", 200))]
    connection.executemany("INSERT INTO payload (stream, position, name, salt, digest, bytes) VALUES (?, 1, ?, ?, ?, ?)", beside)
    run("INSERT INTO running (id, case_id, process, status, position) VALUES (?, ?, 'suggestion', 'running', 1)", (str(n), str(n)))
    run(
        "INSERT INTO item (id, instance_id, case_id, process, element_id, name, status, due_on, priority, version, opened_at)"
        " VALUES (?, ?, ?, 'suggestion', '审查', '审查登记', 'open', '2026-09-30', 50, 1, ?)",
        (item, str(n), str(n), n),
    )
    run("INSERT INTO item_group (item_id, group_id, status) VALUES (?, ?, 'open')", (item, GROUPS[n % 3]))
    waiting = "INSERT INTO waiting (id, instance_id, case_id, kind, name, status) VALUES (?, ?, ?, 'message', 'reply', 'open')"
    run(waiting, (item, str(n), str(n)))
    run("UPDATE item SET status = 'completed', closed_at = ?, closed_by = 'p1' WHERE id = ?", (n, before))
    run("DELETE FROM item_group WHERE item_id = ?", (before,))
    run("COMMIT")


if __name__ == "__main__":
    main()
