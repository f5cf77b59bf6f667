"""Where a version comes from, asked for lists: an earlier wording that is back, and when anybody looked before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.times import from_microseconds

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Origin:
    """What stood and was seen before a version."""

    # When the version was seen whose wording is back; None for a new wording.
    back_to: datetime | None = None
    # When the document was last captured before it, or an archive had it unchanged; None where nobody knows.
    seen_before: datetime | None = None


def of_version(db: Database, version_id: int, previous_id: int) -> Origin:
    """Return the origin of a version that stands behind another one, by a few rows of indexes."""
    at = {"id": version_id, "previous": previous_id}
    back = db.execute(_BACK_TO, at).fetchone()
    captured = db.execute(_CAPTURED, at).fetchone()
    listed = db.execute(_LISTED, at).fetchone()
    seen = [from_microseconds(captured[0])] if captured else []
    if listed and listed[0]:
        seen.append(datetime.strptime(f"{listed[0]}+0000", "%Y%m%d%H%M%S%z").astimezone(UTC))
    return Origin(from_microseconds(back[0]) if back else None, max(seen, default=None))


# The last version with that wording which another one has replaced since.
_BACK_TO = """
    SELECT older.observed_at FROM versions AS own JOIN versions AS previous ON previous.id = :previous
    JOIN versions AS older ON older.document = own.document AND NOT older.replaced
        AND (older.observed_at, older.id) < (own.observed_at, own.id) AND older.wording = own.wording
    WHERE own.id = :id AND previous.wording IS NOT own.wording
    ORDER BY older.observed_at DESC, older.id DESC LIMIT 1
"""
_CAPTURED = """
    SELECT fetched_at FROM versions AS own JOIN captures ON captures.document = own.document
    WHERE own.id = :id AND fetched_at < own.observed_at AND suspect IS NULL ORDER BY fetched_at DESC LIMIT 1
"""
# Captures that an archive calls unchanged are not fetched, and show the policy all the same.
_LISTED = """
    SELECT max((
        SELECT timestamp FROM archive_captures WHERE listing_id = archive_listings.id
            AND timestamp < strftime('%Y%m%d%H%M%S', own.observed_at / 1000000, 'unixepoch')
            AND capture_id IS NULL AND missed_at IS NULL AND state NOT IN ('suspect', 'gone', 'moved')
            AND (status IS NULL OR status < 300 OR status >= 400)
        ORDER BY timestamp DESC LIMIT 1
    )) FROM versions AS own JOIN documents ON number = own.document
    JOIN archive_listings ON archive_listings.site = documents.site AND archive_listings.document = documents.id
    WHERE own.id = :id
"""
