"""The table `pages`: which capture each address of a document last gave, so that nothing is read twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from storage.records import DocumentKey
from storage.rows import query
from storage.times import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.connection import Connection

_COLUMNS = (
    "site", "document", "url", "final_url", "capture_id", "version_id", "body_sha256",
    "etag", "last_modified", "fetched_at", "rules",
)  # fmt: skip
# With the newest version of the document, which tells whether the page still stands behind it.
_SELECT = f"""
    SELECT {", ".join(_COLUMNS)}, (
        SELECT versions.id FROM versions JOIN documents ON number = versions.document
        WHERE documents.site = pages.site AND documents.id = pages.document AND NOT replaced
        ORDER BY observed_at DESC, versions.id DESC LIMIT 1
    ) AS latest_id FROM pages
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class SeenPage:
    """An address as it last gave the text of a version."""

    key: DocumentKey
    # As configured.
    url: str
    # Where the bytes came from, after redirects: what the validators hold for.
    final_url: str
    # The capture with those bytes, and the version whose text was read from them.
    capture_id: int
    version_id: int
    body_sha256: str
    # Headers of the last answer with these bytes.
    etag: str | None
    last_modified: str | None
    # When the whole page last came.
    fetched_at: datetime
    # By which rules the text was read: a fingerprint, see `monitor.rules`.
    rules: str
    # The newest version of the document; given by the store.
    latest_id: int | None = None


class PageStore(Protocol):
    """What was last seen at the addresses of documents."""

    def seen(self, keys: Iterable[DocumentKey]) -> list[SeenPage]:
        """Return the pages of documents."""

    def of_document(self, key: DocumentKey) -> dict[str, SeenPage]:
        """Return the pages of a document by their address as configured."""

    def keep(self, pages: Sequence[SeenPage]) -> None:
        """Remember pages, each in the place of what was known of its address."""


class SqlitePages:
    """A `PageStore` in the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen(self, keys: Iterable[DocumentKey]) -> list[SeenPage]:  # noqa: D102
        with self._connection.reading() as db:
            return [page for key in keys for page in _of_document(db, key)]

    def of_document(self, key: DocumentKey) -> dict[str, SeenPage]:  # noqa: D102
        with self._connection.reading() as db:
            return {page.url: page for page in _of_document(db, key)}

    def keep(self, pages: Sequence[SeenPage]) -> None:  # noqa: D102
        with self._connection.write_transaction() as db:
            for page in pages:
                _put(db, page)


def _of_document(db: Database, key: DocumentKey) -> list[SeenPage]:
    rows = query(db, f"{_SELECT} WHERE site = ? AND document = ?", [key.site, key.document])
    return list(map(_from_row, rows))


def _put(db: Database, page: SeenPage) -> None:
    row = [page.key.site, page.key.document]
    row += [getattr(page, name) for name in _COLUMNS[2:]]
    row[_COLUMNS.index("fetched_at")] = to_column(page.fetched_at)
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT OR REPLACE INTO pages ({', '.join(_COLUMNS)}) VALUES ({marks})", row)  # noqa: S608


def _from_row(row: Mapping[str, Any]) -> SeenPage:
    known = {name: row[name] for name in (*_COLUMNS[2:], "latest_id")}
    known["fetched_at"] = from_column(row["fetched_at"])
    return SeenPage(key=DocumentKey(row["site"], row["document"]), **known)
