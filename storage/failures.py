"""SQLite's errors in words that say what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MEANINGS = {
    sqlite3.SQLITE_FULL: "the disk is full, nothing was written",
    sqlite3.SQLITE_NOTADB: "it is not a database",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_READONLY: "it may not be written to",
    sqlite3.SQLITE_PERM: "it may not be opened by this user",
    sqlite3.SQLITE_CONSTRAINT: "the write contradicts what is stored",
}
# SQLite makes the file `-shm` in pieces of this size.
_LOG_INDEX_BYTES = 32 * 1024
# With these, what SQLite adds says nothing more.
_COMPLETE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOTADB}


class RowError(Exception):
    """What is asked for is not in the database, or is damaged; the message does not name the file."""


class StaleError(RowError):
    """Another version was written meanwhile."""


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's result code without its extension (`sqlite.org/rescode.html`), 0 where it gave none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def explain(path: Path, error: sqlite3.Error) -> str:
    """Return one line that names the file and says what is wrong with it."""
    code = primary_code(error)
    if code == sqlite3.SQLITE_IOERR and _is_full(path):
        code = sqlite3.SQLITE_FULL
    if code == sqlite3.SQLITE_CANTOPEN:
        return f"{path} cannot be opened: {_why_not_opened(path)}"
    meaning = _MEANINGS.get(code, "reading or writing failed")
    return f"{path}: {meaning}" if code in _COMPLETE else f"{path}: {meaning} ({error})"


def _is_full(path: Path) -> bool:
    """Tell whether the disk has no room for the index of the write-ahead log; SQLite has no word for that."""
    try:
        return shutil.disk_usage(path.parent).free < _LOG_INDEX_BYTES
    except OSError:
        return False


def _why_not_opened(path: Path) -> str:
    # SQLite makes two files beside the database, even for reading.
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"the folder {path.parent} may not be written to"
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        return "this user may not read and write it"
    return "the system refuses it"
