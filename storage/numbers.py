"""Numbers that never change once they are written, so that a connection asks for each of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sqlite_utils import Database

_known: WeakKeyDictionary[Database, dict[Hashable, int]] = WeakKeyDictionary()


def numbers(db: Database) -> dict[Hashable, int]:
    """Return what is known of a database's numbers, by whatever they belong to; more may be noted there."""
    known = _known.get(db)
    if known is None:
        known = _known[db] = {}
    return known


def forget(db: Database) -> None:
    """Know nothing any more, where a transaction was taken back that may have given some of them."""
    _known.pop(db, None)
