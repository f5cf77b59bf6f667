from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage import StaleVersionError, StoreBusyError, StoreError, open_store
from storage.connection import Connection
from tests.storage.processes import finish, start
from tests.storage.samples import (
    KEY,
    NEW,
    OLD,
    START,
    add_transition,
    after,
    id_of,
    make_capture,
    make_changes,
    make_delivery,
    make_version,
)

if TYPE_CHECKING:
    from pathlib import Path

    from storage.store import Store


def test_two_processes_making_and_writing_one_database_lose_nothing(path: Path) -> None:
    processes = [start("fail_checks", path, "200") for _ in range(2)]
    assert [finish(process) for process in processes] == [(0, "")] * 2
    with closing(open_store(f"sqlite:///{path}", create=False)) as store:
        assert store.status(KEY).failures == 400


def test_two_processes_claim_each_delivery_once(store: Store, path: Path) -> None:
    add_transition(store, *(make_delivery(f"channel-{number}") for number in range(60)))
    processes = [start("claim_all", path) for _ in range(2)]
    claimed = [line for process in processes for line in finish(process)[1].split()]
    assert sorted(map(int, claimed)) == [delivery.id for delivery in store.deliveries()]
    assert {delivery.attempts for delivery in store.deliveries()} == {1}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("INSERT INTO contents", id="before the text"),
        pytest.param("INSERT INTO versions ", id="between the text and its version"),
        pytest.param("INSERT INTO changes", id="between a version and its changes"),
        pytest.param("INSERT INTO deliveries ", id="between the changes and their alerts"),
        pytest.param("INSERT INTO delivery_changes ", id="between an alert and its changes"),
        pytest.param("COMMIT", id="at the commit"),
    ],
)
def test_a_death_in_a_transaction_leaves_nothing_of_it(store: Store, path: Path, statement: str) -> None:
    first = store.add_version(make_version(OLD), [], [])
    code, output = finish(start("die_at", path, statement))
    assert (code, output) == (9, "")
    assert store.versions(KEY) == [first]
    assert store.deliveries() == []
    assert _counts(path) == {"contents": 1, "changes": 0, "delivery_changes": 0}
    again = store.add_version(make_version(NEW, after(10)), make_changes(), [make_delivery()])
    assert store.latest_version(KEY) == again


def test_what_is_written_together_is_there_wholly_or_not_at_all(store: Store, path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}")) as other:
        with store.together():
            capture = store.add_capture(make_capture())
            store.record_check(KEY, START)
            assert store.status(KEY).last_ok_at == START
            assert (other.status(KEY).last_ok_at, other.capture_notes(KEY)) == (None, [])
        assert other.status(KEY).last_ok_at == START
        with pytest.raises(StoreError), store.together():
            store.record_check(KEY, after(10))
            store.mark_suspect((capture.id or 0) + 1, "empty")
        assert store.status(KEY) == other.status(KEY)
        other.record_check(KEY, after(20))
        assert store.status(KEY).last_ok_at == after(20)


def test_a_writer_that_waited_too_long_says_for_what(path: Path, store: Store) -> None:
    with (
        closing(open_store(f"sqlite:///{path}", patience_s=0.01)) as second,
        Connection.open(path).write_transaction(),
    ):
        assert second.documents() == store.documents()
        with pytest.raises(StoreBusyError) as error:
            second.add_capture(make_capture())
    assert str(error.value) == f"{path} is in use by another process: waited 0 s for its turn"
    assert id_of(store.add_capture(make_capture())) == 1


def test_a_writer_that_waits_can_be_interrupted(path: Path, store: Store) -> None:
    with Connection.open(path).write_transaction():
        waiting = start("wait_for_ever", path)
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "waiting\n"
        waiting.send_signal(signal.SIGINT)
        assert waiting.communicate(timeout=10) == ("interrupted\n", None)


def test_a_new_database_waits_for_whoever_holds_the_file(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusyError, match="in use by another process"):
            open_store(f"sqlite:///{path}", patience_s=0.05)


def test_a_failure_in_a_transaction_undoes_it(path: Path, store: Store) -> None:
    with closing(Connection.open(path)) as connection:
        with pytest.raises(KeyboardInterrupt), connection.write_transaction() as db:
            db.table("sites").insert({"id": "x", "name": "X"})
            raise KeyboardInterrupt
        with connection.write_transaction() as db:
            db.table("sites").insert({"id": "y", "name": "Y"})
    assert (store.site_name("x"), store.site_name("y")) == (None, "Y")


def test_a_comparison_with_an_outdated_version_is_refused(store: Store) -> None:
    first = store.add_version(make_version(OLD), [], [], previous_id=None)
    store.add_version(make_version("third", after(5)), [], [], previous_id=first.id)
    with pytest.raises(StaleVersionError, match="compared with version 1, but version 2 comes before it"):
        store.add_version(make_version(NEW, after(10)), make_changes(), [], previous_id=first.id)
    with pytest.raises(StaleVersionError, match="shop/privacy-policy"):
        store.add_version(make_version(NEW, after(10)), [], [], previous_id=None)
    assert len(store.versions(KEY)) == 2


def test_the_same_text_from_a_second_process_is_one_version(path: Path, store: Store) -> None:
    first = store.add_version(make_version(OLD), [], [], previous_id=None)
    with closing(open_store(f"sqlite:///{path}")) as second:
        assert second.add_version(make_version(OLD, after(1)), [], [], previous_id=None) == first
    assert store.versions(KEY) == [first]
    assert first.observed_at == START


def _counts(path: Path) -> dict[str, int]:
    with closing(Connection.open(path)) as connection:
        return {name: connection.db.table(name).count for name in ("contents", "changes", "delivery_changes")}
