"""Wordings that come and go: which they are, and what a text came back to. Pure functions of what stood when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.extraction.wording import wording_sha256

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.comparison.changes import Comparison
    from storage.records import Version, VersionNote

# A wording that was away no longer than this comes and goes; after more, it was brought back.
_AWAY = timedelta(days=14)
# A wording that was there before may come and go; it is news when it has stayed for so long.
RETURN_STAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Variant:
    """A wording of a document that went and came again within days."""

    # The version that had it first, and when that was seen.
    version_id: int
    first_at: datetime
    # When it came the last time.
    last_at: datetime
    # How often it came, the first time included.
    times: int


def wording_of(version: Version) -> str:
    """Return the hash of a version's wording, also of one that was kept without it."""
    return version.wording_sha256 or wording_sha256(version.text)


def without_meaning(comparison: Comparison) -> Comparison:
    """Return the comparison of two texts with the very same words: nothing in it can matter."""
    changes = tuple(
        replace(change, material=False, direction="neutral", severity="low", noise="formatting")
        if change.material
        else change
        for change in comparison.changes
    )
    return replace(comparison, changes=changes, summary="" if comparison.material else comparison.summary)


def back_to(notes: Sequence[VersionNote], wording: str | None) -> VersionNote | None:
    """Return the last version with a wording that another one has replaced since, or None.

    Args:
        notes: the versions of a document up to the one before, oldest first.
        wording: hash of a text that is the newest now.
    """
    if not notes or wording is None or _wording(notes[-1]) == wording:
        return None
    return next((note for note in reversed(notes) if _wording(note) == wording), None)


def came_back(notes: Sequence[VersionNote]) -> set[int]:
    """Return the ids of those versions of a document whose wording had been there before, of all of them in order."""
    return {note.id for place, note in enumerate(notes) if back_to(notes[:place], _wording(note)) is not None}


def variants(notes: Sequence[VersionNote]) -> list[Variant]:
    """Return the wordings that came again within days of their going, the last that came first.

    Args:
        notes: all versions of a document, oldest first.
    """
    found: dict[str, Variant] = {}
    # When each wording was replaced by another one.
    gone: dict[str, datetime] = {}
    first: dict[str, VersionNote] = {}
    last: str | None = None
    for note in notes:
        wording = _wording(note)
        if wording == last:
            continue
        if last is not None:
            gone[last] = note.observed_at
        known = first.setdefault(wording, note)
        if wording in gone and note.observed_at - gone[wording] <= _AWAY:
            times = found[wording].times + 1 if wording in found else 2
            found[wording] = Variant(known.id, known.observed_at, note.observed_at, times)
        last = wording
    return sorted(found.values(), key=lambda variant: variant.last_at, reverse=True)


def _wording(note: VersionNote) -> str:
    """Return what tells the wording of a version; of one that was kept without it, the text."""
    return note.wording_sha256 or note.text_sha256
