"""What speaks for a version: the captures that it was read from, what an archive keeps of it, and its own dates."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from monitor.comparison.changes import Change
from monitor.dates import dates_of
from monitor.gaps import Sightings
from monitor.saves import saves_of_version
from monitor.variants import back_to
from monitor.web import objects

if TYPE_CHECKING:
    from monitor.web.page import Asked
    from storage.browsing import NewsItem, VersionMark
    from storage.saves import Save

# What the dates of lately were: each change of a version asks for them, and so does the version.
_RECENT = 64
_dates = lru_cache(_RECENT)(dates_of)


def evidence(asked: Asked, mark: VersionMark, item: NewsItem | None) -> dict[str, Any]:
    """Return the captures, what an archive was asked to keep, and what the stated dates say of the changes.

    Args:
        asked: what the page is made for; two texts are read from its store.
        mark: the version.
        item: what it brought, None for a first version.
    """
    saves = saves_of_version(asked.store, mark.key, mark.id)
    dates = None
    if item is not None:
        version, previous = asked.store.version(mark.id), asked.store.version(item.previous_id)
        dates = _dates(
            version, previous, tuple(Change.from_json(record.payload) for _, record in item.changes)
        )
    return {
        "evidence": captures(asked, mark.id),
        "archived": [told for save in saves if (told := _archived(save, checks=asked.checks))],
        "dates": dates.to_json() if dates else None,
        **_origin(asked, mark),
    }


def _origin(asked: Asked, mark: VersionMark) -> dict[str, Any]:
    """Return which earlier version's wording came back, and for how long nobody had looked before."""
    notes = asked.store.version_notes(mark.key)
    place = next((at for at, note in enumerate(notes) if note.id == mark.id), None)
    if place is None:
        return {"back_to": None, "gap_before": None}
    back = back_to(notes[:place], notes[place].wording_sha256)
    gap = Sightings(asked.store, mark.key).gap_before(notes[place])
    return {
        "back_to": objects.moment(back.observed_at) if back else None,
        "gap_before": gap.to_json() if gap else None,
    }


def _archived(save: Save, *, checks: bool) -> dict[str, Any] | None:
    """Return what an archive was asked to keep; how asking goes is the operators' matter, and told to them alone."""
    link = objects.safe_link(save.address or "")
    if checks:
        return {**save.to_json(), "link": link}
    return {"url": save.url, "address": save.address, "link": link} if save.state == "saved" else None


def captures(asked: Asked, version_id: int) -> list[dict[str, Any]]:
    """Return the captures that date a version and that it was read from."""
    return [objects.capture_object(capture) for capture in asked.store.browse.evidence(version_id)]
