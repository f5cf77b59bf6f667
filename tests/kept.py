"""What a database holds, without the numbers that differ from run to run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage import DocumentKey, Store, Version


def ask(database: Path, *questions: str) -> list[list[Any]]:
    """Return the answers to questions in SQL; the database must be whole."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return [connection.execute(question).fetchall() for question in questions]


def versions(database: Path) -> list[tuple[Any, ...]]:
    """Return each version of each document, in their order, with its changes."""
    with closing(open_store(f"sqlite:///{database}", create=False)) as store:
        return [_version(store, *found) for found in _versions(store)]


def captures(database: Path) -> list[tuple[Any, ...]]:
    """Return every capture, in the order of documents and times, with its headers and its body's hash."""
    ((*ids,),) = ask(database, "SELECT id FROM captures")
    with closing(open_store(f"sqlite:///{database}", create=False)) as store:
        found = [store.capture(capture_id) for (capture_id,) in ids]
    return sorted(
        (capture.key, capture.fetched_at, capture.headers, capture.sha256, capture.suspect)
        for capture in found
    )


def _versions(store: Store) -> Iterator[tuple[DocumentKey, Version]]:
    for key in store.documents(retired=True):
        for version in store.versions(key):
            yield key, version


def _version(store: Store, key: DocumentKey, version: Version) -> tuple[Any, ...]:
    assert version.id is not None
    changes = [change.payload for change in store.changes(version.id)]
    return key, version.observed_at, version.text_sha256, version.source, version.upgrade, changes
