"""The right to be the one daemon of a database; the system takes it back when the process ends, however it ends."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from storage.failures import explain, primary_code
from storage.opening import path_of
from storage.store import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def only_daemon(url: str) -> Iterator[None]:
    """Be the only daemon of the database at an address for the length of a `with` block.

    An empty database beside it is locked, which works alike on every system; it stays behind and does no harm.

    Raises:
        StoreBusyError: another daemon is at work on that database.
        StoreError: the lock cannot be written beside it.
    """
    # Whatever links lead to the database, it has one lock.
    path = path_of(url).resolve()
    lock = path.with_name(f"{path.name}-daemon")
    try:
        held = sqlite3.connect(lock, timeout=0.0, isolation_level=None)
    except sqlite3.Error as error:
        raise StoreError(explain(lock, error)) from error
    with closing(held):
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise _explained(error, path, lock) from error
        yield


def _explained(error: sqlite3.Error, path: Path, lock: Path) -> StoreError:
    if primary_code(error) == sqlite3.SQLITE_BUSY:
        return StoreBusyError(
            f"{path} is already watched by another `policywatch run`; a database has one at a time"
        )
    return StoreError(explain(lock, error))
