"""The tables `archive_listings` and `archive_captures`: what an archive lists, and what became of it here.

They are what lets a backfill end at any moment and go on later: nothing that was listed or fetched is asked for again.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from storage import captures, documents
from storage.records import ArchivedCapture, ArchiveListing
from storage.times import from_column, to_column, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

    from storage.records import ArchivedState, Capture, DocumentKey, Version

# The time of a capture in its address, as every software of archives spells it.
_TIMESTAMP = re.compile(r"/(\d{14})(?!\d)")
_INSERT = """
    INSERT INTO archive_captures (listing_id, timestamp, original, status, digest, state, capture_id)
    VALUES (:listing_id, :timestamp, :original, :status, :digest, :state, :capture_id) ON CONFLICT DO NOTHING
"""
_LISTING = "SELECT id FROM archive_listings WHERE site = ? AND document = ? AND url = ?"


def listing(db: Database, key: DocumentKey, url: str) -> ArchiveListing:
    """Return how far the list of an address is known."""
    row = db.execute(
        "SELECT reaches_to, whole_at FROM archive_listings WHERE site = ? AND document = ? AND url = ?",
        [key.site, key.document, url],
    ).fetchone()
    return ArchiveListing(row[0], from_column(row[1])) if row else ArchiveListing(None, None)


def add(
    db: Database, key: DocumentKey, url: str, listed: Sequence[ArchivedCapture], whole_at: datetime | None
) -> None:
    """Note a part of the list, and how far it reaches with it."""
    listing_id = _listing_id(db, key, url)
    db.conn.executemany(_INSERT, (_row(listing_id, archived) for archived in listed))
    if listed:
        db.execute(
            "UPDATE archive_listings SET reaches_to = max(coalesce(reaches_to, ''), ?) WHERE id = ?",
            [max(archived.timestamp for archived in listed), listing_id],
        )
    if whole_at is not None:
        db.execute("UPDATE archive_listings SET whole_at = ? WHERE id = ?", [to_column(whole_at), listing_id])


def listed(db: Database, key: DocumentKey, url: str) -> list[ArchivedCapture]:
    """Return what is listed for an address, oldest first."""
    rows = db.query(
        f"SELECT * FROM archive_captures WHERE listing_id = ({_LISTING}) ORDER BY timestamp, original",  # noqa: S608
        [key.site, key.document, url],
    )
    return [_from_row(row) for row in rows]


def keep(db: Database, url: str, archived: ArchivedCapture, capture: Capture) -> Capture:
    """Keep a capture of the archive, and note that it is here."""
    kept = captures.add(db, capture)
    listing_id = _listing_id(db, capture.key, url)
    db.execute(_INSERT, _row(listing_id, archived))
    db.execute(
        "UPDATE archive_captures SET state = 'fetched', capture_id = ?"
        " WHERE listing_id = ? AND timestamp = ? AND original = ?",
        [kept.id, listing_id, archived.timestamp, archived.original],
    )
    return kept


def settle(
    db: Database, key: DocumentKey, url: str, archived: Sequence[ArchivedCapture], state: ArchivedState
) -> None:
    """Note what became of captures of the archive; one whose bytes are here is neither moved nor gone."""
    listing_id = _listing_id(db, key, url)
    for one in archived:
        db.execute(
            "UPDATE archive_captures SET state = ? WHERE listing_id = ? AND timestamp = ? AND original = ?"
            " AND (capture_id IS NULL OR ? NOT IN ('moved', 'gone'))",
            [state, listing_id, one.timestamp, one.original, state],
        )


def miss(db: Database, key: DocumentKey, url: str, archived: ArchivedCapture, *, gone: bool) -> None:
    """Note that a capture was not to be had; the time is that of the first miss, or of the one that made it gone."""
    if archived.missed_at is None:
        raise ValueError("a miss needs a time")
    listing_id = _listing_id(db, key, url)
    db.execute(_INSERT, _row(listing_id, replace(archived, state="listed")))
    db.execute(
        "UPDATE archive_captures SET missed = :reason,"
        " missed_at = CASE WHEN :gone OR missed_at IS NULL THEN :at ELSE missed_at END,"
        " state = CASE WHEN :gone THEN 'gone' ELSE state END"
        " WHERE listing_id = :listing_id AND timestamp = :timestamp AND original = :original"
        " AND capture_id IS NULL",
        {
            "reason": archived.missed,
            "gone": gone,
            "at": to_column(archived.missed_at),
            "listing_id": listing_id,
            "timestamp": archived.timestamp,
            "original": archived.original,
        },
    )


def missed(db: Database, key: DocumentKey, url: str) -> list[ArchivedCapture]:
    """Return what was not to be had of an address, oldest first."""
    rows = db.query(
        f"SELECT * FROM archive_captures WHERE listing_id = ({_LISTING})"  # noqa: S608
        " AND missed_at IS NOT NULL AND state IN ('listed', 'gone') ORDER BY timestamp, original",
        [key.site, key.document, url],
    )
    return [_from_row(row) for row in rows]


def knows(db: Database, key: DocumentKey, archive_url: str) -> bool:
    """Tell whether what stands at an address of the archive is kept for a document."""
    found = _TIMESTAMP.search(archive_url)
    try:
        at = datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return False
    return at is not None and any(
        note.source == "archive" and note.final_url == archive_url for note in captures.notes(db, key, at)
    )


def further_evidence(db: Database, version: Version) -> list[Capture]:
    """Return the captures of archives from the time when a version stood, but for those it was read from.

    Each was placed in the history, and one with another text would have become a version of its own there; or it
    gave the version its time.
    """
    document, at = documents.known_number(db, version.key), to_microseconds(version.observed_at)
    ((following,),) = db.execute(
        "SELECT min(observed_at) FROM versions WHERE document = ? AND observed_at > ? AND NOT replaced",
        [document, at],
    )
    rows = db.execute(
        "SELECT DISTINCT captures.id FROM captures LEFT JOIN archive_captures ON capture_id = captures.id"
        " WHERE document = ? AND fetched_at >= ? AND (? IS NULL OR fetched_at < ?) AND (state = 'placed'"
        " OR (source = 'archive' AND fetched_at = ? AND suspect IS NULL)) ORDER BY fetched_at, captures.id",
        [document, at, following, following, at],
    ).fetchall()
    return [captures.read(db, row[0]) for row in rows if row[0] not in version.capture_ids]


def _listing_id(db: Database, key: DocumentKey, url: str) -> int:
    documents.number(db, key)
    whose = [key.site, key.document, url]
    db.execute(
        "INSERT INTO archive_listings (site, document, url) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", whose
    )
    return cast("int", db.execute(_LISTING, whose).fetchone()[0])


def _row(listing_id: int, archived: ArchivedCapture) -> dict[str, Any]:
    return {
        "listing_id": listing_id,
        "timestamp": archived.timestamp,
        "original": archived.original,
        "status": archived.status,
        "digest": archived.digest,
        "state": archived.state,
        "capture_id": archived.capture_id,
    }


def _from_row(row: Mapping[str, Any]) -> ArchivedCapture:
    return ArchivedCapture(
        timestamp=row["timestamp"],
        original=row["original"],
        status=row["status"],
        digest=row["digest"],
        state=row["state"],
        capture_id=row["capture_id"],
        missed=row["missed"],
        missed_at=from_column(row["missed_at"]),
    )
