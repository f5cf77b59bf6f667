"""Held alerts: a further fetch releases them, or shows that what they tell was undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.comparing import compare_texts
from monitor.comparison.changes import Change
from monitor.reading.markup import clean
from storage.records import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from monitor.comparison.changes import Comparison
    from storage.records import Delivery, DocumentKey, Version
    from storage.store import Store

# Why an alert is held whose text is not new: it may come and go, and is news when it has stayed.
SEEN_BEFORE = "the wording was seen before"


def confirm_held(store: Store, key: DocumentKey, at: datetime, at_once: bool) -> int:
    """Release the alerts of a document that have waited long enough, with `at_once` all; return how many.

    Its changes are confirmed with them, whether or not anybody is sent an alert.
    """
    store.confirmations.confirm(key, at, at_once=at_once)
    held = held_of(store, key)
    if not at_once:
        versions = dict.fromkeys(delivery.version_id for delivery in held)
        return sum(store.confirm(key, version_id, at) for version_id in versions)
    for delivery in held:
        store.settle_delivery(delivery.id, DeliveryState.PENDING, at, not_before=at)
    return len(held)


def undone_by(
    store: Store, version: Version, compare_texts: Callable[[str, str], Comparison] = compare_texts
) -> list[Delivery]:
    """Return the held alerts whose changes a new text takes back.

    The text is compared with what stood there before each held alert. Where nothing material is left between
    them, that alert and all later ones tell what is no longer so. An alert that the new text does not take back
    stays held: nobody else would ever tell its changes, since the new version is judged against the one before.
    """
    held = [delivery for delivery in _in_order(store, version) if any(_told(store, delivery, material=True))]
    for position, delivery in enumerate(held):
        before = store.version(delivery.previous_version_id)
        # Half a text that goes looks like a page that is broken, but for one that was there before.
        if before.wording_sha256 and before.wording_sha256 == version.wording_sha256:
            return held[position:]
        comparison = compare_texts(before.text, version.text)
        if not comparison.material and not comparison.broken:
            return held[position:]
    return []


def taken_back_by(store: Store, version: Version, undone: Iterable[Delivery]) -> list[Delivery]:
    """Return the other held alerts of which a new text takes every material change back, whatever else it changes.

    Args:
        store: what is kept.
        version: the new text.
        undone: those that are undone anyway.
    """
    known = {delivery.id for delivery in undone}
    held = [delivery for delivery in _in_order(store, version) if delivery.id not in known]
    return _taken_back(store, version, held, material=True)


def reversals_of(store: Store, deliveries: Iterable[Delivery]) -> set[tuple[str, str]]:
    """Return what takes back the material changes of alerts: the words before and after of each."""
    told = [change for delivery in deliveries for change in _told(store, delivery, material=True)]
    return {(change.after, change.before) for change in told}


def unwatched_by(store: Store, version: Version) -> list[Delivery]:
    """Return the held alerts that are told for watched words alone, where a new text takes all of them back."""
    held = [
        delivery for delivery in _in_order(store, version) if not any(_told(store, delivery, material=True))
    ]
    return _taken_back(store, version, held, material=False)


def _taken_back(
    store: Store, version: Version, held: Iterable[Delivery], *, material: bool
) -> list[Delivery]:
    told = [(delivery, list(_told(store, delivery, material=material))) for delivery in held]
    # There are none most of the time, and long texts take their time.
    text = clean(version.text) if told else ""
    return [
        delivery
        for delivery, changes in told
        if changes and all(_is_taken_back(change, text) for change in changes)
    ]


def quotes_of(store: Store, deliveries: Iterable[Delivery]) -> set[str]:
    """Return the words that alerts tell to have come or gone, without regard to their meaning."""
    told = [change for delivery in deliveries for change in _told(store, delivery, material=False)]
    return {quote for change in told for quote in (change.before, change.after) if quote}


def _is_taken_back(change: Change, text: str) -> bool:
    """Whether the words that came are gone again, and those that went are back."""
    return (not change.after or change.after not in text) and (not change.before or change.before in text)


def _told(store: Store, delivery: Delivery, *, material: bool) -> Iterator[Change]:
    for record in store.changes(delivery.version_id, against=delivery.previous_version_id):
        if record.id in delivery.change_ids and record.material == material:
            yield Change.from_json(record.payload)


def _in_order(store: Store, version: Version) -> list[Delivery]:
    return sorted(held_of(store, version.key), key=lambda delivery: delivery.version_id)


def held_of(store: Store, key: DocumentKey) -> list[Delivery]:
    """Return the alerts of a document that wait to be confirmed."""
    return [delivery for delivery in store.deliveries(states=[DeliveryState.HELD]) if delivery.key == key]
