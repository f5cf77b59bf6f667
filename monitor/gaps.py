"""Where the past was not looked at for long, so that a change may be much older than the capture that shows it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.records import DocumentKey, Source, Version, VersionNote
    from storage.store import Store

# Policies are archived every few weeks; half a year without a capture leaves open when a change came.
LONG = timedelta(days=183)


@dataclass(frozen=True)
class Gap:
    """A time without a capture; both ends were captured."""

    since: datetime
    until: datetime

    def to_json(self) -> dict[str, str]:
        """Return the object `gap_before` of a version."""
        return {"from": self.since.isoformat(), "to": self.until.isoformat(), "text": str(self)}

    def __str__(self) -> str:
        """Return the gap in words."""
        return f"no capture between {self.since:%Y-%m} and {self.until:%Y-%m}"


def gap_of(source: Source, seen_before: datetime | None, at: datetime) -> Gap | None:
    """Return the gap that ends with a version of an archive, None where there is none.

    Live pages are looked at with every check and kept only when they change, so they have none.

    Args:
        source: who showed the version.
        seen_before: when the document was last captured before it.
        at: when the version was observed.
    """
    if source != "archive" or seen_before is None:
        return None
    gap = Gap(seen_before, at)
    return gap if gap.until - gap.since > LONG else None


class Sightings:
    """When a document was captured, also where an archive calls a capture unchanged and it was not fetched."""

    def __init__(self, store: Store, key: DocumentKey) -> None:
        notes = store.capture_notes(key)
        listed = (one for url in {note.url for note in notes} for one in store.archived(key, url))
        self._times = sorted(
            {note.fetched_at for note in notes if not note.suspect}
            | {one.at for one in listed if one.is_sighting}
        )

    def gap_before(self, version: Version | VersionNote) -> Gap | None:
        """Return the gap that ends with a version of an archive, None where there is none."""
        place = bisect_left(self._times, version.observed_at)
        return gap_of(version.source, self._times[place - 1] if place else None, version.observed_at)
