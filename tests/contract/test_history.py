"""What every store does with history, payloads, files and numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from engine.registry import Change, by_id
from engine.storage import CommandKnown, Contended, Head, MemoryStore, Payload, PositionTaken, Store, StoredRow, Transaction

pytestmark = pytest.mark.contract


def row(stream: str, position: int, command_id: str | None = None, *, data: bytes = b"{}") -> StoredRow:
    """A history row; its command is named after its place unless told."""
    command = command_id or f"{stream}/{position}"
    return StoredRow(stream=stream, position=position, command_id=command, recorded_at=1_790_000_000_000_000, hash=b"\x01" * 32, bytes=data)


def payload(stream: str, position: int, name: str, data: bytes = b"content") -> Payload:
    """Content beside a row."""
    return Payload(stream=stream, position=position, name=name, salt=b"salt", digest=b"digest", bytes=data)


def append(store: Store, *rows: StoredRow, payloads: tuple[Payload, ...] = ()) -> None:
    """Append rows in one committed transaction; payloads belong to the last."""
    with store.transaction(write=True) as transaction:
        for each in rows[:-1]:
            transaction.append(each, ())
        transaction.append(rows[-1], payloads)
        transaction.commit()


def test_an_unknown_stream_has_no_head(store):
    """Where nothing was written, head, load and command are None and lists are empty."""
    with store.transaction(write=False) as transaction:
        assert transaction.head("1") is None
        assert transaction.load("1") is None
        assert transaction.command("1/start") is None
        assert list(transaction.history("1")) == []
        assert list(transaction.places()) == []
        assert list(transaction.streams()) == []
        assert list(transaction.payloads("1", [1])) == []


def test_a_row_is_read_as_it_was_written(store):
    """Every byte of a row and its columns come back; only its place is the store's own."""
    every_byte = bytes(range(256)) * 40
    append(store, row("1", 1, "命令/一", data=every_byte))

    with store.transaction(write=False) as transaction:
        found = transaction.command("命令/一")

    assert found is not None
    assert found.place > 0
    assert (found.stream, found.position, found.bytes, found.hash) == ("1", 1, every_byte, b"\x01" * 32)
    assert found.recorded_at == 1_790_000_000_000_000


def test_the_head_is_the_last_row(store):
    """Head and load speak of the greatest position."""
    append(store, row("1", 1), row("1", 2), row("2", 1))

    with store.transaction(write=False) as transaction:
        assert transaction.head("1") == Head(stream="1", position=2, hash=b"\x01" * 32)
        assert transaction.load("1") == (Head(stream="1", position=2, hash=b"\x01" * 32), None)


def test_load_gives_the_snapshot_that_stands_at_the_head(store):
    """An older row's snapshot and other payloads of the head are not taken for it."""
    append(store, row("1", 1), payloads=(payload("1", 1, "snapshot", b"old"),))
    append(store, row("1", 2), payloads=(payload("1", 2, "content", b"words"), payload("1", 2, "snapshot", b"new")))
    append(store, row("1", 3), payloads=(payload("1", 3, "content", b"words"),))

    with store.transaction(write=False) as transaction:
        third = transaction.load("1")
    append(store, row("1", 4), payloads=(payload("1", 4, "snapshot", b""),))
    with store.transaction(write=False) as transaction:
        fourth = transaction.load("1")

    assert third is not None
    assert third[1] is None
    assert fourth is not None
    assert fourth[1] == b""


def test_history_is_read_in_pieces(store):
    """Rows of a stream come by position, after a position, at most so many."""
    append(store, *(row("1", position) for position in range(1, 6)), row("2", 1))

    with store.transaction(write=False) as transaction:
        pieces = [[found.position for found in transaction.history("1", after=after, limit=2)] for after in (0, 2, 4, 5)]

    assert pieces == [[1, 2], [3, 4], [5], []]


def test_places_run_through_all_streams(store):
    """All rows come by place, once each, however they are cut into pieces."""
    append(store, row("1", 1), row("2", 1))
    append(store, row("1", 2), row("3", 1))

    with store.transaction(write=False) as transaction:
        whole = transaction.places()
        first = transaction.places(limit=3)
        rest = transaction.places(after=first[-1].place)

    assert [(found.stream, found.position) for found in whole] == [("1", 1), ("2", 1), ("1", 2), ("3", 1)]
    assert [*first, *rest] == list(whole)


def test_streams_are_sorted_by_code_point(store):
    """Names of streams come in the order of code points, whatever the database's own language."""
    append(store, *(row(stream, 1) for stream in ("中", "b", "a", "Z", "é", "10", "9", "𠮷", "﹏")))

    with store.transaction(write=False) as transaction:
        assert list(transaction.streams()) == ["10", "9", "Z", "a", "b", "é", "中", "﹏", "𠮷"]
        assert list(transaction.streams(after="b", limit=2)) == ["é", "中"]


def test_a_position_is_taken_once(store):
    """Who decided from an older head is told so and can write nothing in that transaction."""
    append(store, row("1", 1))

    with store.transaction(write=True) as transaction:
        with pytest.raises(PositionTaken):
            transaction.append(row("1", 1, "another command"), ())
        with pytest.raises(RuntimeError):
            transaction.commit()


def test_a_command_is_known_by_its_id(store):
    """A command id stands once in the whole history, in whichever stream."""
    append(store, row("1", 1, "complete 1.3"))

    with store.transaction(write=True) as transaction, pytest.raises(CommandKnown):
        transaction.append(row("2", 1, "complete 1.3"), ())


def test_after_a_clash_nothing_of_the_command_stands(store):
    """What the command wrote before it clashed is gone too."""
    append(store, row("1", 1))

    with store.transaction(write=True) as transaction:
        transaction.apply([Change(op="insert", table="paper", key={"id": "p"}, values={"title": "t"})])
        with pytest.raises(PositionTaken):
            transaction.append(row("1", 1, "second"), ())

    with store.transaction(write=False) as transaction:
        assert transaction.select(by_id("paper", "p")) == []


def test_leaving_without_commit_rolls_everything_back(store):
    """History, payloads, records, files and numbers are as before."""
    with store.transaction(write=True) as transaction:
        transaction.append(row("1", 1), (payload("1", 1, "snapshot"),))
        transaction.apply([Change(op="insert", table="paper", key={"id": "p"}, values={"title": "t"})])
        transaction.put_file(b"digest", b"file")
        assert transaction.next_in_series("第一次会议") == 1

    with store.transaction(write=True) as transaction:
        assert transaction.head("1") is None
        assert transaction.command("1/1") is None
        assert list(transaction.payloads("1", [1])) == []
        assert transaction.select(by_id("paper", "p")) == []
        assert transaction.file(b"digest") is None
        assert transaction.next_in_series("第一次会议") == 1


def test_an_error_inside_rolls_back(store):
    """An exception of the caller leaves nothing behind and passes on."""

    def fail() -> None:
        with store.transaction(write=True) as transaction:
            transaction.append(row("1", 1), ())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with store.transaction(write=False) as transaction:
        assert transaction.head("1") is None


def test_a_transaction_sees_its_own_writes(store):
    """Before the commit, the writer reads what it wrote."""
    with store.transaction(write=True) as transaction:
        transaction.append(row("1", 1), (payload("1", 1, "snapshot", b"state"),))

        assert transaction.load("1") == (Head(stream="1", position=1, hash=b"\x01" * 32), b"state")
        assert transaction.command("1/1") is not None
        assert [found.position for found in transaction.history("1")] == [1]
        assert [found.stream for found in transaction.places()] == ["1"]
        assert list(transaction.streams()) == ["1"]
        assert [found.name for found in transaction.payloads("1", [1])] == ["snapshot"]


def test_what_is_not_committed_is_seen_by_nobody(database):
    """A reader beside a writer sees the state before it."""
    store, other = database.open(), database.open()
    with store.transaction(write=True) as writer:
        writer.append(row("1", 1), ())
        writer.apply([Change(op="insert", table="paper", key={"id": "p"}, values={"title": "t"})])

        with other.transaction(write=False) as reader:
            assert reader.head("1") is None
            assert reader.select(by_id("paper", "p")) == []
        writer.commit()

    with other.transaction(write=False) as reader:
        assert reader.head("1") is not None


def test_a_reader_keeps_the_state_of_its_first_read(database):
    """What others commit meanwhile is not seen before the next transaction."""
    store, other = database.open(), database.open()
    append(store, row("1", 1), payloads=(payload("1", 1, "content"),))
    with other.transaction(write=False) as reader:
        assert reader.head("1").position == 1
        with store.transaction(write=True) as writer:
            writer.append(row("1", 2), ())
            writer.erase("1", 1, "content")
            writer.apply([Change(op="insert", table="paper", key={"id": "p"}, values={"title": "t"})])
            writer.put_file(b"digest", b"file")
            writer.commit()

        assert reader.head("1").position == 1
        assert len(reader.places()) == 1
        assert reader.payloads("1", [1])[0].bytes == b"content"
        assert reader.select(by_id("paper", "p")) == []
        assert reader.file(b"digest") is None

    with other.transaction(write=False) as reader:
        assert reader.head("1").position == 2
        assert reader.payloads("1", [1])[0].bytes is None
        assert len(reader.select(by_id("paper", "p"))) == 1


def test_an_ended_transaction_is_refused(store):
    """After the commit nothing more is read or written in it."""
    with store.transaction(write=True) as transaction:
        transaction.append(row("1", 1), ())
        transaction.commit()

        with pytest.raises(RuntimeError):
            transaction.commit()
        with pytest.raises(RuntimeError):
            transaction.append(row("1", 2), ())
        with pytest.raises(RuntimeError):
            transaction.head("1")


def test_a_read_writes_nothing(store):
    """A transaction begun for reading refuses every write."""
    with store.transaction(write=False) as transaction:
        writes: list[Callable[[], object]] = [
            lambda: transaction.append(row("1", 1), ()),
            lambda: transaction.apply([Change(op="delete", table="paper", key={"id": "p"})]),
            lambda: transaction.erase("1", 1, "content"),
            lambda: transaction.put_file(b"digest", b"file"),
            lambda: transaction.next_instance(),
            lambda: transaction.next_in_series("s"),
            lambda: transaction.empty(["paper"]),
        ]
        for write in writes:
            with pytest.raises(RuntimeError):
                write()


def test_payloads_come_by_position_and_name(store):
    """Only those of the asked rows, whatever the order in which they were written."""
    append(store, row("1", 1), payloads=(payload("1", 1, "snapshot"), payload("1", 1, "content")))
    append(store, row("1", 2), payloads=(payload("1", 2, "content"),))
    append(store, row("1", 3), payloads=(payload("1", 3, "content"),))

    with store.transaction(write=False) as transaction:
        found = transaction.payloads("1", [3, 1])
        none = transaction.payloads("1", [])

    assert [(each.position, each.name) for each in found] == [(1, "content"), (1, "snapshot"), (3, "content")]
    assert found[0] == payload("1", 1, "content")
    assert list(none) == []


def test_an_erased_payload_keeps_its_digest_alone(store):
    """Content and salt are gone, the other payloads stay, and erasing again does no harm."""
    append(store, row("1", 1), payloads=(payload("1", 1, "content"), payload("1", 1, "snapshot")))

    for _ in range(2):
        with store.transaction(write=True) as transaction:
            transaction.erase("1", 1, "content")
            transaction.erase("1", 9, "content")
            transaction.commit()

    with store.transaction(write=False) as transaction:
        content, snapshot = transaction.payloads("1", [1])
    assert content == Payload(stream="1", position=1, name="content", salt=b"", digest=b"digest", bytes=None)
    assert snapshot == payload("1", 1, "snapshot")


def test_an_erased_snapshot_loads_as_none(store):
    """The head stands; its state must be found another way."""
    append(store, row("1", 1), payloads=(payload("1", 1, "snapshot"),))
    with store.transaction(write=True) as transaction:
        transaction.erase("1", 1, "snapshot")
        transaction.commit()

    with store.transaction(write=False) as transaction:
        assert transaction.load("1") == (Head(stream="1", position=1, hash=b"\x01" * 32), None)


def test_a_file_is_stored_once(store):
    """The first content under a digest stands; storing it again is no error."""
    with store.transaction(write=True) as transaction:
        transaction.put_file(b"digest", b"<bpmn/>")
        transaction.put_file(b"digest", b"<bpmn/>")
        transaction.put_file(b"empty", b"")
        transaction.commit()
    with store.transaction(write=True) as transaction:
        transaction.put_file(b"digest", b"something else")
        transaction.commit()

    with store.transaction(write=False) as transaction:
        assert transaction.file(b"digest") == b"<bpmn/>"
        assert transaction.file(b"empty") == b""
        assert transaction.file(b"other") is None


def test_a_series_counts_from_one(store):
    """Each series has its own numbers."""
    with store.transaction(write=True) as transaction:
        assert [transaction.next_in_series("建议") for _ in range(3)] == [1, 2, 3]
        assert transaction.next_in_series("议案") == 1
        transaction.commit()

    with store.transaction(write=True) as transaction:
        assert transaction.next_in_series("建议") == 4


def test_an_instance_number_comes_once(store):
    """Instance numbers rise from 1 and none comes twice."""
    numbers = []
    for _ in range(2):
        with store.transaction(write=True) as transaction:
            numbers += [transaction.next_instance(), transaction.next_instance()]
            transaction.commit()

    assert numbers == [1, 2, 3, 4]


def retried(store: Store, act: Callable[[Transaction], None]) -> None:
    """Run an act to its commit, again whenever another was first."""
    for _ in range(200):
        try:
            with store.transaction(write=True) as transaction:
                act(transaction)
                transaction.commit()
            return
        except (Contended, PositionTaken):
            continue
    raise AssertionError("never came through")


def in_threads(work: Callable[[int], None], *, threads: int = 4) -> None:
    """Run the same work in several threads at once; their errors are ours."""
    errors: list[BaseException] = []
    start = threading.Barrier(threads)

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    started = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    assert errors == []


def test_a_series_has_no_gaps_under_concurrent_writers(store):
    """Four writers, some of whom turn back, leave numbers 1 to n, each in one row of history."""

    def work(number: int) -> None:
        for turn in range(6):
            if turn % 3 == 2:
                turned_back(number, turn)
            else:
                retried(store, lambda transaction, turn=turn: take(transaction, number, turn))

    def take(transaction: Transaction, number: int, turn: int) -> None:
        taken = transaction.next_in_series("s")
        transaction.append(row(f"{number}.{turn}", 1, data=str(taken).encode()), ())

    def turned_back(number: int, turn: int) -> None:
        with suppress(Contended), store.transaction(write=True) as transaction:
            take(transaction, number, turn)

    in_threads(work)

    with store.transaction(write=False) as transaction:
        assert sorted(int(found.bytes) for found in transaction.places()) == list(range(1, 17))


def test_writers_of_one_stream_take_turns(store):
    """Each decides from the head it read; together they leave positions without a gap."""

    def work(number: int) -> None:
        for turn in range(5):
            retried(store, lambda transaction, turn=turn: append_next(transaction, f"{number}/{turn}"))

    def append_next(transaction: Transaction, command_id: str) -> None:
        head = transaction.head("1")
        transaction.append(row("1", 1 if head is None else head.position + 1, command_id), ())

    in_threads(work)

    with store.transaction(write=False) as transaction:
        assert [found.position for found in transaction.history("1")] == list(range(1, 21))


def test_instance_numbers_differ_under_concurrent_writers(store):
    """No two commands start an instance with one number."""
    taken: list[int] = []

    def work(number: int) -> None:
        for _ in range(5):
            retried(store, lambda transaction: taken.append(transaction.next_instance()))

    in_threads(work)

    assert len(set(taken)) == len(taken) == 20


def test_two_commands_that_read_what_the_other_writes_do_not_both_stand(database):
    """A rule over rows that two commands read and each then breaks alone is kept: one of them must decide again."""
    store = database.open()
    with store.transaction(write=True) as transaction:
        transaction.apply([Change(op="insert", table="paper", key={"id": name}, values={"state": "open"}) for name in ("a", "b")])
        transaction.commit()

    def work(number: int) -> None:
        mine = "ab"[number]

        def act(transaction: Transaction) -> None:
            still = [found for found in transaction.select(by_id("paper", "a")) + transaction.select(by_id("paper", "b")) if found["state"] == "open"]
            if len(still) == 2:
                transaction.apply([Change(op="update", table="paper", key={"id": mine}, values={"state": "closed"})])

        retried(store, act)

    in_threads(work, threads=2)

    with store.transaction(write=False) as transaction:
        assert sorted(transaction.select(by_id("paper", name))[0]["state"] for name in "ab") == ["closed", "open"]


def test_who_waits_too_long_is_contended(database):
    """A writer that cannot get what another holds is told to try again, and nothing is lost."""
    if database.kind == "memory":
        store = other = MemoryStore(busy_seconds=0.05)
    else:
        store, other = database.open(), database.open(busy_seconds=0.05)
    with store.transaction(write=True) as first:
        first.next_in_series("s")

        with pytest.raises(Contended), other.transaction(write=True) as second:
            second.next_in_series("s")

        first.commit()
    with other.transaction(write=True) as second:
        assert second.next_in_series("s") == 2


def test_a_store_says_for_ever_that_it_is_simulated(database):
    """What was fixed at creation is read at every opening."""
    store = database.open()

    assert store.simulated is True
    assert store.settings == {"jurisdiction": "全国", "zone": "Asia/Shanghai", "schema": "1"}


def test_every_table_has_a_kind(store):
    """Truth, folds and working tables are told apart; a domain's records stand beside the engine's."""
    kinds = {name: record.kind for name, record in store.tables().items()}

    assert {kinds[name] for name in ("history", "payload", "file", "meta")} == {"truth"}
    assert kinds["series"] == kinds["paper"] == "fold"
    assert kinds["lease"] == "working"


def test_the_last_row_is_the_one_written_last(store):
    """None in an empty database; afterwards the row with the greatest place, a transaction's own rows included."""
    with store.transaction(write=True) as transaction:
        assert transaction.last() is None
        transaction.append(row("a", 1), [])
        transaction.append(row("b", 1), [])
        assert transaction.last().stream == "b"
        transaction.commit()
    append(store, row("a", 2))

    with store.transaction(write=False) as transaction:
        last = transaction.last()

    assert (last.stream, last.position) == ("a", 2)
