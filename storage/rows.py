"""Rows that have a number of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from storage.failures import RowError

if TYPE_CHECKING:
    from sqlite_utils import Database

# The largest that SQLite counts to; a number that a user types may be anything.
_LARGEST_ID = 2**63 - 1


def insert(db: Database, table: str, row: dict[str, Any]) -> int:
    """Write one row; return the number it was given."""
    return cast("int", db.table(table).insert(row).last_pk)


def only(db: Database, sql: str, row_id: int, what: str) -> dict[str, Any]:
    """Return the one row that a query with the id as its parameter finds.

    Raises:
        RowError: there is none ("there is no version 7").
    """
    rows = list(db.query(sql, [row_id])) if 0 < row_id <= _LARGEST_ID else []
    if not rows:
        raise RowError(f"there is no {what} {row_id}")
    return rows[0]
