"""A copy of the database while others write to it, made as SQLite's backup interface does it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from storage.failures import explain
from storage.opening import path_of
from storage.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


def back_up(url: str, target: Path, *, force: bool = False) -> int:
    """Copy the database at an address to a new file; return its size in bytes.

    The copy is one moment of the database, whatever is written meanwhile. It is written beside the target,
    verified, and only then takes the target's name: no half-made copy ever bears it.

    Args:
        url: of a database that exists.
        target: takes the copy; its folder exists.
        force: put it in the place of a file that is there.

    Raises:
        StoreError: there is no such database, the target or the log of one exists or it is the database itself,
            or the copy cannot be made or is damaged; the target is as it was.
    """
    source = path_of(url)
    _require_target(source, target, force)
    try:
        draft = _draft(target)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}") from error
    try:
        _copy(source, draft)
        _verify(source, draft)
        size = draft.stat().st_size
        _take_name(draft, target, force)
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        for leftover in _files(draft):
            leftover.unlink(missing_ok=True)
    return size


def _require_target(source: Path, target: Path, force: bool) -> None:
    if not source.is_file():
        raise StoreError(f"no database at {source}; there is nothing to back up")
    if target.is_dir():
        raise StoreError(f"{target} is a folder: name the file for the copy")
    if target.exists() and target.samefile(source):
        raise StoreError(f"{target} is the database itself")
    if target.exists() and not force:
        raise StoreError(_exists(target))
    for leftover in _logs(target):
        if leftover.exists() and not force:
            raise StoreError(
                f"{leftover} belongs to a database that was there, and would be played into the copy;"
                " --force removes it"
            )


def _draft(target: Path) -> Path:
    # For the eyes of its owner alone, as what it holds may be of people.
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(number)
    return Path(name)


def _copy(source: Path, draft: Path) -> None:
    try:
        with closing(_opened(source)) as old, closing(sqlite3.connect(draft)) as new:
            # In one step, which sees one moment; in several, each write of others begins it anew.
            old.backup(new)
    except sqlite3.Error as error:
        raise StoreError(explain(source, error)) from error


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=60.0)


def _verify(source: Path, draft: Path) -> None:
    """Read the whole copy.

    Raises:
        StoreError: SQLite finds it damaged, or it refers to what is not in it.
    """
    try:
        with closing(sqlite3.connect(draft)) as copy:
            (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            astray = copy.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise StoreError(explain(source, error)) from error
    if found != "ok" or astray:
        problem = found if found != "ok" else f"a row of {astray[0]} refers to nothing"
        raise StoreError(f"the copy of {source} is damaged ({problem}); nothing was written")


def _take_name(draft: Path, target: Path, force: bool) -> None:
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    if force:
        # What a killed process left there would be played into the copy by whoever opens it first.
        for leftover in _logs(target):
            leftover.unlink(missing_ok=True)
        draft.replace(target)
        return
    try:
        target.hardlink_to(draft)
    except FileExistsError as error:
        raise StoreError(_exists(target)) from error
    except OSError:
        # A file system without links, where somebody could be quicker between these two.
        if target.exists():
            raise StoreError(_exists(target)) from None
        draft.rename(target)


def _files(draft: Path) -> Iterator[Path]:
    yield draft
    yield from _logs(draft)


def _logs(database: Path) -> Iterator[Path]:
    """Yield what SQLite keeps beside a database while it writes; it takes them for the database's by their names."""
    for ending in ("-journal", "-wal", "-shm"):
        yield database.with_name(database.name + ending)


def _exists(target: Path) -> str:
    return f"{target} exists already and is left as it is; --force overwrites it"
