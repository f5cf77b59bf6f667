"""Rows that have a number of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.failures import RowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database

# The largest that SQLite counts to; a number that a user types may be anything.
_LARGEST_ID = 2**63 - 1


def insert(db: Database, table: str, row: dict[str, Any]) -> int:
    """Write one row; return the number it was given. The names of the table and its columns are ours.

    The library asks for the structure of the table first, each time.
    """
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    added = db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(row.values()))  # noqa: S608
    return int(added.lastrowid or 0)


def query(db: Database, sql: str, parameters: Sequence[Any] = ()) -> Iterator[dict[str, Any]]:
    """Return the rows of a SELECT, by the names of their columns, which differ from each other.

    `Database.query` does the same within a savepoint of its own, in case it is no SELECT: two more statements.
    """
    found = db.execute(sql, parameters)
    names = [column[0] for column in found.description]
    return (dict(zip(names, row, strict=True)) for row in found)


def only(db: Database, sql: str, row_id: int, what: str) -> dict[str, Any]:
    """Return the one row that a query with the id as its parameter finds.

    Raises:
        RowError: there is none ("there is no version 7").
    """
    rows = list(query(db, sql, [row_id])) if 0 < row_id <= _LARGEST_ID else []
    if not rows:
        raise RowError(f"there is no {what} {row_id}")
    return rows[0]
