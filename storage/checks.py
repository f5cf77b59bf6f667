"""The table `checks`: how the last checks of each document went."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from storage import documents, notices
from storage.records import DocumentKey, DocumentStatus, WatchedDocument
from storage.rows import query
from storage.times import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlite_utils import Database

    from storage.store import Telling

_TIMES = ("last_checked_at", "last_ok_at", "seen_at", "failing_since", "next_check_at")


def record(
    db: Database,
    key: DocumentKey,
    at: datetime,
    reason: str | None,
    detail: str | None,
    *,
    next_check_at: datetime | None,
    seen_at: datetime | None = None,
    tell: Telling | None = None,
) -> DocumentStatus:
    """Note the end of a check, and what operators are told of it; return the document's new status."""
    documents.number(db, key)
    before = read(db, key)
    status = replace(after_check(before, at, reason, detail, seen_at), next_check_at=next_check_at)
    if tell:
        notices.write(db, tell(before, status))
    row = _row(status)
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT OR REPLACE INTO checks ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608
    return status


def after_check(
    before: DocumentStatus,
    at: datetime,
    reason: str | None,
    detail: str | None,
    seen_at: datetime | None = None,
) -> DocumentStatus:
    """Return the status after one more check: a success without `reason`, else a failure."""
    if reason is None:
        # An archive's capture may be older than our own last look; none is later than the check.
        seen = min(at, max(filter(None, [before.seen_at, seen_at]))) if seen_at else at
        return DocumentStatus(before.key, last_checked_at=at, last_ok_at=at, seen_at=seen)
    return replace(
        before,
        last_checked_at=at,
        failing_since=before.failing_since or at,
        reason=reason,
        detail=detail,
        failures=before.failures + 1,
    )


def read(db: Database, key: DocumentKey) -> DocumentStatus:
    """Return how the last checks of a document went; an empty status where there was none."""
    rows = query(db, "SELECT * FROM checks WHERE site = ? AND document = ?", [key.site, key.document])
    return next(map(from_row, rows), DocumentStatus(key))


def watched(db: Database) -> Iterator[WatchedDocument]:
    """Yield the documents of the configuration in the order of their keys."""
    rows = query(
        db,
        "SELECT documents.site, documents.id AS document, first_seen, last_checked_at, last_ok_at, seen_at,"
        " failing_since, next_check_at, reason, detail, coalesce(failures, 0) AS failures FROM documents"
        " LEFT JOIN checks ON checks.site = documents.site AND checks.document = documents.id"
        " WHERE retired_at IS NULL ORDER BY documents.site, documents.id",
    )
    for row in rows:
        yield WatchedDocument(from_row(row), from_column(row["first_seen"]))


def _row(status: DocumentStatus) -> dict[str, Any]:
    times = {name: getattr(status, name) for name in _TIMES}
    return {
        "site": status.key.site,
        "document": status.key.document,
        **{name: to_column(time) if time else None for name, time in times.items()},
        "reason": status.reason,
        "detail": status.detail,
        "failures": status.failures,
    }


def from_row(row: Mapping[str, Any]) -> DocumentStatus:
    """Return the status that stands in a row, with the document's id as `document`."""
    return DocumentStatus(
        key=DocumentKey(row["site"], row["document"]),
        last_checked_at=from_column(row["last_checked_at"]),
        last_ok_at=from_column(row["last_ok_at"]),
        seen_at=from_column(row["seen_at"]),
        failing_since=from_column(row["failing_since"]),
        reason=row["reason"],
        detail=row["detail"],
        failures=row["failures"],
        next_check_at=from_column(row["next_check_at"]),
    )
