"""A database seen from outside: whether it is there, can be written and is of this version."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.opening import path_of
from storage.store import StoreError

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What is known of a database that can be used."""

    path: Path
    # In bytes; None where there is none yet.
    size: int | None
    # Whether it is there and has the structure of this version; an older one gets it when it is opened.
    up_to_date: bool


def examine(url: str) -> DatabaseState:
    """Look at the database at an address without changing it.

    Raises:
        StoreBusyError: another process writes to it for long.
        StoreError: it cannot be read, written or made, or is none of ours, or of a newer version.
    """
    path = path_of(url)
    if not path.exists() and path.parent.is_dir():
        if not os.access(path.parent, os.W_OK):
            raise StoreError(f"{path} cannot be made: its folder cannot be written")
        return DatabaseState(path, None, up_to_date=False)
    from storage.connection import Connection  # noqa: PLC0415  (loads the library behind it)

    up_to_date = Connection.is_up_to_date(path, _PATIENCE_S)
    return DatabaseState(path, path.stat().st_size, up_to_date)
