"""The tables `sites` and `documents`: what is or was watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.failures import RowError
from storage.numbers import numbers
from storage.records import DocumentKey
from storage.rows import query
from storage.times import to_column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlite_utils import Database


def sync(db: Database, documents: Sequence[tuple[DocumentKey, str]], at: datetime) -> None:
    """Make the configured documents known, retire those that are gone, take back those that returned."""
    for site, name in {key.site: name for key, name in documents}.items():
        # In SQL of our own: the library takes seconds for 10,000 of them.
        db.execute(
            "INSERT INTO sites (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            [site, name],
        )
    configured = {key for key, _ in documents}
    for key in sorted(configured):
        db.execute(
            "INSERT INTO documents (site, id, first_seen) VALUES (?, ?, ?)"
            " ON CONFLICT (site, id) DO UPDATE SET retired_at = NULL",
            [key.site, key.document, to_column(at)],
        )
    for key in known(db, retired=False):
        if key not in configured:
            _retire(db, key, at)


def remember(db: Database, documents: Sequence[tuple[DocumentKey, str]], at: datetime) -> None:
    """Make documents known that nobody watches; those that are known stay as they are."""
    for key, name in documents:
        db.execute("INSERT INTO sites (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING", [key.site, name])
        db.execute(
            "INSERT INTO documents (site, id, first_seen, retired_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [key.site, key.document, to_column(at), to_column(at)],
        )


def known(db: Database, *, retired: bool) -> list[DocumentKey]:
    """Return the documents in the order of their keys; with `retired`, those gone from the config too."""
    rows = query(
        db, "SELECT site, id FROM documents WHERE ? OR retired_at IS NULL ORDER BY site, id", [retired]
    )
    return [DocumentKey(row["site"], row["id"]) for row in rows]


def site_name(db: Database, site: str) -> str | None:
    """Return the site's name as last configured, or None for an unknown site."""
    row = db.execute("SELECT name FROM sites WHERE id = ?", [site]).fetchone()
    return row[0] if row else None


def number(db: Database, key: DocumentKey) -> int:
    """Return the number by which the tables of history name a document.

    Raises:
        RowError: the document is not known.
    """
    found = known_number(db, key)
    if found is None:
        raise RowError(f"it does not know the document {key}")
    return found


def known_number(db: Database, key: DocumentKey) -> int | None:
    """Return the number of a document, or None where it is not known."""
    known = numbers(db)
    if key not in known:
        asked = "SELECT number FROM documents WHERE site = ? AND id = ?"
        found = db.execute(asked, [key.site, key.document]).fetchone()
        if found is None:
            return None
        known[key] = found[0]
    return known[key]


def _retire(db: Database, key: DocumentKey, at: datetime) -> None:
    db.execute(
        "UPDATE documents SET retired_at = ? WHERE site = ? AND id = ?",
        [to_column(at), key.site, key.document],
    )
