"""The right to be the one daemon, or the one backfill, of a database.

The system takes it back when the process ends, however it ends.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from storage.failures import explain, primary_code
from storage.opening import path_of
from storage.store import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def only_daemon(url: str) -> Iterator[None]:
    """Be the only daemon of the database at an address for the length of a `with` block.

    Raises:
        StoreBusyError: another daemon is at work on that database.
        StoreError: the lock cannot be written beside it.
    """
    with _only(
        url, "daemon", "is already watched by another `policywatch run`; a database has one at a time"
    ):
        yield


@contextmanager
def only_backfill(url: str) -> Iterator[None]:
    """Be the only backfill of the database at an address for the length of a `with` block: two would fetch all twice.

    Raises:
        StoreBusyError: another backfill is at work on that database.
        StoreError: the lock cannot be written beside it.
    """
    busy = "is already filled by another `policywatch backfill`, whose captures would be fetched twice"
    with _only(url, "backfill", busy):
        yield


@contextmanager
def _only(url: str, name: str, busy: str) -> Iterator[None]:
    """Lock an empty database beside that at an address, which works alike on every system.

    It stays behind and does no harm.
    """
    # Whatever links lead to the database, it has one lock.
    path = path_of(url).resolve()
    lock = path.with_name(f"{path.name}-{name}")
    try:
        held = sqlite3.connect(lock, timeout=0.0, isolation_level=None)
    except sqlite3.Error as error:
        raise StoreError(explain(lock, error)) from error
    with closing(held):
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if primary_code(error) == sqlite3.SQLITE_BUSY:
                raise StoreBusyError(f"{path} {busy}") from error
            raise StoreError(explain(lock, error)) from error
        yield
