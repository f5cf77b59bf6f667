"""`backfill --alert`: alerts about the past, for who asks for them."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.alerts.rules import route
from monitor.comparison.changes import Change
from monitor.variants import RETURN_STAYS, back_to
from storage.records import DeliveryState, NewDelivery
from storage.store import StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from monitor.backfill.filling import Span
    from monitor.checking import Document
    from monitor.config.models import Config
    from storage.records import Version, VersionNote
    from storage.store import Store


def tell_past(
    store: Store,
    config: Config,
    document: Document,
    span: Span,
    at: datetime,
    *,
    before: datetime | None = None,
) -> int:
    """Put alerts about material changes of the past into the outbox; return how many.

    Only what an archive brought into the history is told, each once to a channel, however often this is called: an
    interrupted backfill tells the rest the next time. What an archive shows between two times when we saw the same
    wording ourselves is a variant, and no news.

    Args:
        store: holds the history.
        config: its channels and rules.
        document: whose past is told.
        span: what is told of it.
        at: the time, UTC.
        before: tell only what is earlier, since what stood at this time is not read yet.

    Raises:
        StoreError: the store cannot be read or written.
        ValueError: a stored change cannot be read.
    """
    key = document[0]
    versions, notes = store.versions(key), store.version_notes(key)
    ours = {note.id for note in store.capture_notes(key) if note.source == "live"}
    returns: Counter[str | None] = Counter()
    told = 0
    for place, (former, version) in enumerate(pairwise(versions), 1):
        if back_to(notes[:place], version.wording_sha256):
            returns[version.wording_sha256] += 1
            following = versions[place + 1].observed_at if place + 1 < len(versions) else at
            # One that stays is news once; one that comes and goes never is.
            if returns[version.wording_sha256] > 1 or following - version.observed_at < RETURN_STAYS:
                continue
        if version.upgrade or not span.holds(version.observed_at) or _is_variant(notes, place, ours):
            continue
        if before is not None and version.observed_at >= before:
            break
        # Between two texts that we saw ourselves at their times, the check has told what changed.
        if "archive" in (former.source, version.source):
            told += _told(store, config, document, (former, version), at)
    return told


def _is_variant(notes: Sequence[VersionNote], place: int, ours: AbstractSet[int]) -> bool:
    """Whether we saw the same wording ourselves before and after what an archive shows between.

    Args:
        notes: all versions of a document, oldest first.
        place: of the version that is to be told.
        ours: the ids of captures that we made ourselves, which a version that an archive dates back may have, too.
    """
    earlier = next((note for note in reversed(notes[:place]) if note.source == "live"), None)
    later = next((note for note in notes[place:] if not ours.isdisjoint(note.capture_ids)), None)
    return bool(earlier and later) and _wording(earlier) == _wording(later)


def _wording(note: VersionNote | None) -> str | None:
    return (note.wording_sha256 or note.text_sha256) if note else None


def _told(
    store: Store, config: Config, document: Document, versions: tuple[Version, Version], at: datetime
) -> int:
    before, version = versions
    if before.id is None or version.id is None:
        raise ValueError(f"a version of {version.key} has no id")
    site = document[2]
    changes = [Change.from_json(record.payload) for record in store.changes(version.id)]
    routed = route(changes, site.id, site.tags, config, (before.text, version.text))
    deliveries = [
        NewDelivery(channel, places, DeliveryState.PENDING, at) for channel, places in routed.items()
    ]
    # Where another process puts a version between them, the next backfill tells both.
    with suppress(StaleVersionError):
        return store.tell(version.id, before.id, deliveries) if deliveries else 0
    return 0
