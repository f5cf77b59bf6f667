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
    from datetime import datetime

    from monitor.backfill.filling import Span
    from monitor.checking import Document
    from monitor.config.models import Config
    from storage.records import Version
    from storage.store import Store


def tell_past(store: Store, config: Config, document: Document, span: Span, at: datetime) -> int:
    """Put alerts about material changes of the past into the outbox; return how many.

    Only versions that an archive showed are told, each once to a channel, however often this is called: an
    interrupted backfill tells the rest the next time.

    Args:
        store: holds the history.
        config: its channels and rules.
        document: whose past is told.
        span: what is told of it.
        at: the time, UTC.

    Raises:
        StoreError: the store cannot be read or written.
        ValueError: a stored change cannot be read.
    """
    key = document[0]
    versions, notes = store.versions(key), store.version_notes(key)
    returns: Counter[str | None] = Counter()
    told = 0
    for place, (before, version) in enumerate(pairwise(versions), 1):
        if back_to(notes[:place], version.wording_sha256):
            returns[version.wording_sha256] += 1
            following = versions[place + 1].observed_at if place + 1 < len(versions) else at
            # One that stays is news once; one that comes and goes never is.
            if returns[version.wording_sha256] > 1 or following - version.observed_at < RETURN_STAYS:
                continue
        if version.source == "archive" and not version.upgrade and span.holds(version.observed_at):
            told += _told(store, config, document, (before, version), at)
    return told


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
