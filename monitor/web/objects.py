"""What is shown, as the objects of the API; pages and feeds are made of the same."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from monitor.gaps import gap_of
from monitor.moments import times_of_day
from monitor.overdue import state_of
from monitor.silence import silent_since
from storage.browsing import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.browsing import ChannelNote, DocumentNote, NewsItem, SiteNote, VersionMark
    from storage.records import CaptureNote, ChangeRecord, DocumentStatus, Hit

# Words a minute of somebody who reads a long text for its meaning.
_READING_SPEED = 238

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def moment(at: datetime | None) -> str | None:
    """Return a time in ISO 8601."""
    return at.isoformat() if at else None


def day(at: datetime) -> str:
    """Return a day as newspapers write it ("20 November 2023"), whatever language the machine speaks."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def apart(moments: Mapping[int, datetime]) -> dict[int, str]:
    """Return days in words for what is told apart by them; with the time where several are of one day."""
    times = times_of_day(moments.values())
    return {name: f"{day(at)}, {times[at]}" if times[at] else day(at) for name, at in moments.items()}


def safe_link(url: str) -> str | None:
    """Return an address of the web that a page may link to, None for any other ("javascript:", "data:")."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    unfit = any(character.isspace() or ord(character) < 33 or character in "\"'<>`\\" for character in url)
    # A name before the host can make an address look like another one's.
    return None if unfit or parts.scheme not in ("http", "https") or not host or "@" in parts.netloc else url


def counted(number: int, word: str) -> str:
    """Return a number with what it counts ("1 site", "2 policies")."""
    several = f"{word[:-1]}ies" if word.endswith("cy") else f"{word}s"
    return f"{number:,} {word if number == 1 else several}"


def minutes(words: int | None) -> int:
    """Return how long so many words take to read."""
    return math.ceil((words or 0) / _READING_SPEED)


def tally_object(tally: Tally) -> dict[str, int]:
    """Return the material changes in numbers, and how many nobody has judged."""
    return {
        "weaker": tally.weaker,
        "stronger": tally.stronger,
        "neutral": tally.neutral,
        "not_analysed": tally.unread,
    }


# Of a change that other rules of ours made: what is said of its meaning would be said of the site.
_OURS = {"material": False, "direction": "neutral", "summary": "Our rules read these words in another way."}

# How checks and deliveries go is the operators' matter. It stands in objects of its own, which pages for any web host
# never ask for: nothing else in this module looks at the status of a document.


def checks_of_documents(documents: Sequence[DocumentNote]) -> dict[str, Any]:
    """Return how the checks of documents went, in numbers; of retired ones nothing."""
    watched = [document for document in documents if not document.retired]
    return _checks([document.status for document in watched])


def checks_of_sites(sites: Sequence[SiteNote]) -> dict[str, Any]:
    """Return how the checks of sites went, in numbers."""
    return _checks([status for site in sites for status in site.statuses])


def _checks(statuses: Sequence[DocumentStatus]) -> dict[str, Any]:
    states = [state_of(status, datetime.now(UTC)) for status in statuses]
    return {"failing": states.count("failing"), "well": states.count("well")}


def checks_of_document(document: DocumentNote) -> dict[str, Any]:
    """Return how the checks of a document went."""
    status = document.status
    return {
        "state": state_of(status, datetime.now(UTC)),
        "last_checked_at": moment(status.last_checked_at),
        "last_ok_at": moment(status.last_ok_at),
        "silent_since": moment(silent_since(status)),
        "failing_since": moment(status.failing_since),
        "failures": status.failures,
        "reason": status.reason,
        "detail": status.detail,
        "next_check_at": moment(status.next_check_at),
    }


def site_object(site: SiteNote, *, checks: bool) -> dict[str, Any]:
    """Return a site in numbers, with how its checks went where that may be told."""
    return {
        "site": site.id,
        "name": site.name,
        "documents": site.documents,
        "versions": site.versions,
        **tally_object(site.tally),
        "since": moment(site.since),
        "changed_at": moment(site.changed_at),
        "watched": site.watched,
        **(checks_of_sites([site]) if checks else {}),
    }


def document_object(document: DocumentNote, *, checks: bool) -> dict[str, Any]:
    """Return a document in numbers, with how its checks went where that may be told."""
    return {
        "site": document.key.site,
        "site_name": document.site_name,
        "document": document.key.document,
        "title": document_title(document.key.document),
        "versions": document.versions,
        **tally_object(document.tally),
        "since": moment(document.since),
        "latest_at": moment(document.latest_at),
        "latest_version": document.latest_id,
        "watched": not document.retired,
        **(checks_of_document(document) if checks else {}),
    }


def document_title(document: str) -> str:
    """Return a document's id in words ("privacy policy")."""
    return document.replace("-", " ")


def version_object(mark: VersionMark) -> dict[str, Any]:
    """Return a version in numbers."""
    return {
        "version": mark.id,
        "site": mark.key.site,
        "document": mark.key.document,
        "title": document_title(mark.key.document),
        "observed_at": moment(mark.observed_at),
        "source": mark.source,
        "upgrade": mark.upgrade,
        "accepted": mark.accepted,
        "confirmation": mark.confirmation,
        "untold": len(mark.untold),
        "words": mark.words,
        "reading_minutes": minutes(mark.words),
        # What other rules of ours changed is not the site's doing.
        **tally_object(Tally() if mark.upgrade else mark.tally),
    }


def change_object(mark: VersionMark, place: int, change: ChangeRecord) -> dict[str, Any]:
    """Return a change as `policywatch diff --json` prints it, with its own address.

    Nothing is material that other rules of ours made: the site changed nothing.
    """
    told = {"section": "", "section_before": "", "before": "", "after": "", "summary": "", "noise": None}
    return {
        "address": f"versions/{mark.id}/changes/{place}",
        "place": place,
        **told,
        **change.payload,
        **(_OURS if mark.upgrade else {}),
        "not_analysed": change.not_analysed and not mark.upgrade,
        "upgrade": mark.upgrade,
    }


def news_object(item: NewsItem) -> dict[str, Any]:
    """Return what a version brought."""
    gap = gap_of(item.mark.source, item.origin.seen_before, item.mark.observed_at)
    return {
        **version_object(item.mark),
        "site_name": item.site_name,
        "previous_version": item.previous_id,
        "previous_at": moment(item.previous_at),
        "back_to": moment(item.origin.back_to),
        "gap_before": gap.to_json() if gap else None,
        # When readers of feeds hear of it; None while that waits, and where they never will.
        "told_at": moment(item.mark.told_at) if item.mark.confirmation == "confirmed" else None,
        "changes": [change_object(item.mark, place, change) for place, change in item.changes],
    }


def capture_object(capture: CaptureNote) -> dict[str, Any]:
    """Return the evidence of a capture; `link` is null where the address is none that a reader may follow."""
    return {
        "url": capture.url,
        "final_url": capture.final_url,
        "link": safe_link(capture.final_url),
        "fetched_at": moment(capture.fetched_at),
        "source": capture.source,
        "sha256": capture.sha256,
        "rendered": capture.rendered,
        "suspect": capture.suspect,
    }


def hit_object(hit: Hit, *, until: datetime | None, watched: bool) -> dict[str, Any]:
    """Return a line that was found, as `policywatch search --json` prints it.

    Args:
        hit: the line.
        until: when the first version without it was seen, None where the newest one holds it.
        watched: whether anybody still looks at its document.
    """
    return {
        "site": hit.key.site,
        "document": hit.key.document,
        "title": document_title(hit.key.document),
        "line": hit.line,
        "since": moment(hit.first_observed_at),
        "since_version": hit.first_version_id,
        "until": moment(until),
        "watched": watched,
        "last_version": hit.last_version_id,
    }


def channel_objects(channels: Sequence[ChannelNote], *, named: bool) -> list[dict[str, Any]]:
    """Return deliveries in numbers, by channel and state; by state alone where channels are not named to readers."""
    of_state: dict[tuple[str | None, str], list[ChannelNote]] = {}
    for channel in channels:
        of_state.setdefault((channel.channel if named else None, channel.state), []).append(channel)
    return [
        {
            "channel": name,
            "state": state,
            "deliveries": sum(note.count for note in notes),
            "last_sent_at": moment(
                max((note.last_sent_at for note in notes if note.last_sent_at), default=None)
            ),
        }
        for (name, state), notes in of_state.items()
    ]
