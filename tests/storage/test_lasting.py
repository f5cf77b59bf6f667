"""What is waited for until it is on the disk, and what may follow with the next that is."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.connection import Connection
from storage.hosts import Rest
from tests.storage.samples import KEY, START, after, make_capture, make_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storage.sqlite import SqliteStore

MINUTE = timedelta(minutes=1)
FULL, NORMAL = 2, 1


@contextmanager
def watched(connection: Connection) -> Iterator[list[str]]:
    """Give how hard each commit of a write is, as it comes."""
    commits: list[str] = []
    level = ["FULL"]

    def hear(statement: str) -> None:
        if statement.startswith("PRAGMA synchronous = "):
            level[0] = statement.rpartition(" ")[2]
        elif statement == "BEGIN IMMEDIATE":
            commits.append(level[0])

    connection.db.conn.set_trace_callback(hear)
    try:
        yield commits
    finally:
        connection.db.conn.set_trace_callback(None)


def level_of(connection: Connection) -> int:
    found: int = connection.db.execute("PRAGMA synchronous").fetchone()[0]
    return found


def is_well(store: SqliteStore) -> None:
    store.record_check(KEY, START)


def fails(store: SqliteStore) -> None:
    store.record_check(KEY, START, "dns", "no such name")


@pytest.mark.parametrize(
    ("before", "write", "expected"),
    [
        (None, lambda store: store.add_capture(make_capture()), "NORMAL"),
        (None, lambda store: store.hosts.take("shop.example", START, MINUTE, MINUTE), "NORMAL"),
        (None, lambda store: store.hosts.leave("shop.example", START), "NORMAL"),
        (None, lambda store: store.hosts.let_rest(Rest("shop.example", after(9), "it answered 429")), "FULL"),
        (None, lambda store: store.add_version(make_version("We keep logs."), [], []), "FULL"),
        (None, is_well, "FULL"),
        (is_well, is_well, "NORMAL"),
        (is_well, fails, "FULL"),
        (fails, fails, "FULL"),
        (fails, is_well, "FULL"),
    ],
)
def test_what_was_learned_is_on_the_disk_when_it_was_written(
    store: SqliteStore,
    before: Callable[[SqliteStore], object] | None,
    write: Callable[[SqliteStore], object],
    expected: str,
) -> None:
    if before:
        before(store)
    with watched(store._connection) as commits:
        write(store)
    assert commits == [expected]
    assert level_of(store._connection) == FULL


def test_within_a_lasting_transaction_all_is_lasting(store: SqliteStore) -> None:
    with watched(store._connection) as commits, store.together():
        store.add_capture(make_capture())
        store.add_version(make_version("We keep logs."), [], [])
    assert commits == ["FULL"]


def test_transaction_that_need_not_last_and_fails_leaves_nothing_and_the_next_one_lasts(path: Path) -> None:
    connection = Connection.open(path)

    def fail() -> None:
        with connection.write_transaction(lasting=False) as db:
            assert level_of(connection) == NORMAL
            db.execute("INSERT INTO sites (id, name) VALUES ('shop', 'Shop')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert connection.db.execute("SELECT count(*) FROM sites").fetchone() == (0,)
    assert level_of(connection) == FULL
    connection.close()
