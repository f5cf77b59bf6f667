from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage import StoreBusyError, StoreError, open_store
from storage.connection import Connection
from storage.records import WatchedDocument
from tests.storage.samples import DOCUMENTS, KEY, OTHER, START, TERMS, after

if TYPE_CHECKING:
    from pathlib import Path

    from storage.store import Store


def test_watched_documents_come_with_their_last_checks(store: Store) -> None:
    store.record_check(KEY, after(5), "dns", "shop.example has no address")
    assert store.watched() == [WatchedDocument(store.status(key), START) for key in (OTHER, KEY, TERMS)]


def test_a_retired_document_is_watched_no_more(store: Store) -> None:
    store.record_check(KEY, after(5))
    store.sync_documents(DOCUMENTS[1:], after(10))
    assert [document.key for document in store.watched()] == [OTHER, TERMS]
    store.sync_documents(DOCUMENTS, after(20))
    assert store.watched()[1] == WatchedDocument(store.status(KEY), START)


def test_a_probe_writes_and_changes_nothing(store: Store, path: Path) -> None:
    before = store.watched()
    changes = _version_of_data(path)
    store.probe()
    assert _version_of_data(path) != changes
    assert store.watched() == before
    Connection.open(path).close()


def test_a_probe_fails_where_nothing_can_be_written(store: Store, path: Path) -> None:
    with (
        closing(open_store(f"sqlite:///{path}", patience_s=0.01)) as probing,
        Connection.open(path).write_transaction(),
        pytest.raises(StoreBusyError),
    ):
        probing.probe()
    with closing(Connection.open(path)) as full:
        # As a disk that has no room.
        full.db.execute("PRAGMA max_page_count = 1")
        full.db.execute("PRAGMA query_only = ON")
        from storage.sqlite import SqliteStore

        with pytest.raises(StoreError, match="may not be written to"):
            SqliteStore(full).probe()


def _version_of_data(path: Path) -> int:
    """Return what stands in the write-ahead log."""
    return path.with_name(f"{path.name}-wal").stat().st_size
