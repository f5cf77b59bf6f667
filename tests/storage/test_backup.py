from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage import StoreError, open_store
from storage.backup import back_up
from storage.connection import Connection
from tests.storage.processes import finish, start
from tests.storage.samples import KEY, START, add_transition, make_capture, make_delivery

if TYPE_CHECKING:
    from storage.store import Store


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder / "copy.db"


def test_a_copy_holds_all_that_the_database_holds(store: Store, path: Path, copy: Path) -> None:
    capture = store.add_capture(make_capture())
    add_transition(store, make_delivery())
    assert back_up(f"sqlite:///{path}", copy) == copy.stat().st_size
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    with closing(open_store(f"sqlite:///{copy}", create=False)) as copied:
        assert copied.versions(KEY) == store.versions(KEY)
        assert copied.deliveries() == store.deliveries()
        assert copied.capture(capture.id or 0).body == capture.body


def test_a_copy_is_one_moment_while_another_process_writes(store: Store, path: Path, copy: Path) -> None:
    writer = start("fail_checks", path, "300")
    moments = []
    while writer.poll() is None:
        back_up(f"sqlite:///{path}", copy, force=True)
        with closing(open_store(f"sqlite:///{copy}", create=False)) as copied:
            moments.append(copied.status(KEY).failures)
    assert finish(writer)[0] == 0
    assert moments == sorted(moments)
    assert moments
    assert store.status(KEY).failures == 300


def test_a_copy_is_made_while_another_process_holds_the_write_lock(
    store: Store, path: Path, copy: Path
) -> None:
    store.record_check(KEY, START)
    with closing(Connection.open(path)) as other, other.write_transaction() as db:
        db.execute("UPDATE checks SET failures = 9")
        back_up(f"sqlite:///{path}", copy)
    with closing(open_store(f"sqlite:///{copy}", create=False)) as copied:
        assert copied.status(KEY).failures == 0


def test_a_file_that_exists_is_overwritten_with_force_alone(store: Store, path: Path, copy: Path) -> None:
    copy.write_text("mine")
    with pytest.raises(StoreError, match=r"exists already and is left as it is; --force overwrites it"):
        back_up(f"sqlite:///{path}", copy)
    assert copy.read_text() == "mine"
    back_up(f"sqlite:///{path}", copy, force=True)
    with closing(open_store(f"sqlite:///{copy}", create=False)) as copied:
        assert copied.documents() == store.documents()


def with_log_of(database: Path, target: Path) -> None:
    """Leave at the target what a killed process leaves: a database with changes that stand in its log alone."""
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("CREATE TABLE older (number)")
        db.execute("CREATE TABLE log_alone (number)")
        db.commit()
        for ending in ("", "-wal"):
            target.with_name(target.name + ending).write_bytes(Path(f"{database}{ending}").read_bytes())


def test_what_a_killed_process_left_is_not_played_into_the_copy(
    store: Store, path: Path, copy: Path, tmp_path: Path
) -> None:
    with_log_of(tmp_path / "older.db", copy)
    back_up(f"sqlite:///{path}", copy, force=True)
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    with closing(open_store(f"sqlite:///{copy}", create=False)) as copied:
        assert copied.documents() == store.documents()


def test_a_log_without_its_database_is_removed_with_force_alone(
    store: Store, path: Path, copy: Path, tmp_path: Path
) -> None:
    with_log_of(tmp_path / "older.db", copy)
    copy.unlink()
    with pytest.raises(StoreError, match=r"copy\.db-wal belongs to a database that was there"):
        back_up(f"sqlite:///{path}", copy)
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db-wal"]
    back_up(f"sqlite:///{path}", copy, force=True)
    with closing(open_store(f"sqlite:///{copy}", create=False)) as copied:
        assert copied.documents() == store.documents()


def test_the_database_itself_is_never_overwritten(store: Store, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(path)
    for target in (path, link):
        with pytest.raises(StoreError, match="is the database itself"):
            back_up(f"sqlite:///{path}", target, force=True)
    assert store.documents()


@pytest.mark.parametrize(
    ("target", "problem"), [("", "is a folder"), ("absent/copy.db", "cannot be written: No such file")]
)
def test_a_target_that_cannot_be_written_is_named(
    store: Store, path: Path, copy: Path, target: str, problem: str
) -> None:
    with pytest.raises(StoreError, match=problem):
        back_up(f"sqlite:///{path}", copy.parent / target)
    assert list(copy.parent.iterdir()) == []
    store.probe()


def test_without_a_database_there_is_no_copy(path: Path, copy: Path) -> None:
    with pytest.raises(StoreError, match="no database at"):
        back_up(f"sqlite:///{path}", copy)
    assert not copy.exists()
    assert not path.exists()


def test_a_damaged_database_gives_no_copy(store: Store, path: Path, copy: Path) -> None:
    add_transition(store)
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("DELETE FROM documents")
    with pytest.raises(StoreError, match=r"the copy of .* is damaged"):
        back_up(f"sqlite:///{path}", copy)
    assert list(copy.parent.iterdir()) == []


def test_a_restored_copy_is_written_like_the_original(store: Store, path: Path, copy: Path) -> None:
    back_up(f"sqlite:///{path}", copy)
    with closing(open_store(f"sqlite:///{copy}", create=False)) as restored:
        restored.record_check(KEY, START)
        with closing(Connection.open(copy)) as other:
            assert other.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.status(KEY).last_checked_at is None
