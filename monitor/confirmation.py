"""Held alerts: a further fetch releases them, or shows that what they tell was undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.comparing import compare_texts
from monitor.comparison.changes import Change
from monitor.reading.markup import clean
from monitor.reversal import is_taken_back
from monitor.variants import came_back
from storage.records import DeliveryState
from storage.store import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
    from datetime import datetime

    from monitor.comparison.changes import Comparison
    from storage.records import Delivery, DocumentKey, Version
    from storage.store import Store

# Why an alert is held whose text is not new: it may come and go, and is news when it has stayed.
SEEN_BEFORE = "the wording was seen before"


@dataclass(frozen=True)
class TakenBack:
    """The held alerts that a new text takes back."""

    # Of which it takes all material changes back.
    material: Sequence[Delivery]
    # Which told watched words alone.
    unwatched: Sequence[Delivery]
    # The text says again what it said before all that was held, and nobody was told otherwise meanwhile.
    untold: bool

    def all_but(self, left: Container[int]) -> list[int]:
        """Return the ids of those of which nothing is left to tell."""
        return [one.id for one in (*self.material, *self.unwatched) if one.id not in left]


def confirm_held(store: Store, key: DocumentKey, at: datetime, at_once: bool) -> int:
    """Release the alerts of a document that have waited long enough; return how many.

    With `at_once` those, too, that wait for nothing but a confirming fetch. A wording that was there before must stay,
    whoever asks: that it is there now is no sign that it does not go again.

    Its changes are confirmed with them, whether or not anybody is sent an alert.
    """
    store.confirmations.confirm(key, at, at_once=_never_there_before(store, key) if at_once else ())
    released = 0
    for delivery in held_of(store, key):
        if at_once and delivery.reason != SEEN_BEFORE:
            store.settle_delivery(delivery.id, DeliveryState.PENDING, at, not_before=at)
            released += 1
        else:
            _set_right(store, delivery, at)
    versions = dict.fromkeys(delivery.version_id for delivery in held_of(store, key))
    return released + sum(store.confirm(key, version_id, at) for version_id in versions)


def _never_there_before(store: Store, key: DocumentKey) -> set[int]:
    """Return the held versions whose wording is new."""
    held = {one.version_id for one in store.confirmations.held(key)}
    return held - came_back(store.version_notes(key)) if held else held


def _set_right(store: Store, delivery: Delivery, at: datetime) -> None:
    """Let an alert wait as long as it would have, where the clock was ahead when it was written and is right again."""
    if at < delivery.created_at <= delivery.not_before:
        wait = delivery.not_before - delivery.created_at
        store.settle_delivery(
            delivery.id, DeliveryState.HELD, at, reason=delivery.reason, not_before=at + wait
        )


def undone_by(
    store: Store, version: Version, compare_texts: Callable[[str, str], Comparison] = compare_texts
) -> list[Delivery]:
    """Return the held alerts whose changes a new text takes back.

    The text is compared with what stood there before each held alert. Where nothing material is left between
    them, that alert and all later ones tell what is no longer so. An alert that the new text does not take back
    stays held: nobody else would ever tell its changes, since the new version is judged against the one before.
    So does one with or after which somebody was told anything: what stood before it is not what they know, and a later
    alert may take back what they were told.
    """
    held = [delivery for delivery in _in_order(store, version) if any(_told(store, delivery, material=True))]
    for position, delivery in enumerate(held):
        if told_since(store, delivery):
            continue
        before = store.version(delivery.previous_version_id)
        # Half a text that goes looks like a page that is broken, but for one that was there before.
        if before.wording_sha256 and before.wording_sha256 == version.wording_sha256:
            return held[position:]
        comparison = compare_texts(before.text, version.text)
        if not comparison.material and not comparison.broken:
            return held[position:]
    return []


def taken_back_by(
    store: Store, version: Version, later: Sequence[Change] | None, undone: Iterable[Delivery]
) -> list[Delivery]:
    """Return the other held alerts of which a new text takes every material change back, whatever else it changes.

    Args:
        store: what is kept.
        version: the new text.
        later: what it changes; None where nobody can tell.
        undone: those that are undone anyway.
    """
    known = {delivery.id for delivery in undone}
    held = [delivery for delivery in _in_order(store, version) if delivery.id not in known]
    return _taken_back(store, version, later, held, material=True)


def left_of(
    store: Store, version: Version, later: Sequence[Change] | None, gone: Iterable[Delivery]
) -> dict[int, list[int]]:
    """Return of alerts whose material changes a new text takes back the watched words that it leaves as they tell.

    Those are still to be told, by the same alert.

    Args:
        store: what is kept.
        version: the new text.
        later: what it changes; None where nobody can tell.
        gone: the alerts.

    Returns:
        The ids of such changes by the id of their alert, for alerts that have any.
    """
    told = [(delivery, number, change) for delivery in gone for number, change in _watched(store, delivery)]
    text = clean(version.text) if told else ""
    left: dict[int, list[int]] = {}
    for delivery, number, change in told:
        if not is_taken_back(change, text, later):
            left.setdefault(delivery.id, []).append(number)
    return left


def reversals_of(store: Store, deliveries: Iterable[Delivery]) -> set[tuple[str, str]]:
    """Return what takes back the material changes of alerts: the words before and after of each."""
    told = [change for delivery in deliveries for change in _told(store, delivery, material=True)]
    return {(change.after, change.before) for change in told}


def unwatched_by(store: Store, version: Version, later: Sequence[Change] | None) -> list[Delivery]:
    """Return the held alerts that are told for watched words alone, where a new text takes all of them back.

    Args:
        store: what is kept.
        version: the new text.
        later: what it changes; None where nobody can tell.
    """
    held = [
        delivery for delivery in _in_order(store, version) if not any(_told(store, delivery, material=True))
    ]
    return _taken_back(store, version, later, held, material=False)


def _taken_back(
    store: Store,
    version: Version,
    later: Sequence[Change] | None,
    held: Iterable[Delivery],
    *,
    material: bool,
) -> list[Delivery]:
    told = [(delivery, list(_told(store, delivery, material=material))) for delivery in held]
    # There are none most of the time, and long texts take their time.
    text = clean(version.text) if told else ""
    return [
        delivery
        for delivery, changes in told
        if changes and all(is_taken_back(change, text, later) for change in changes)
    ]


def quotes_of(store: Store, deliveries: Iterable[Delivery]) -> set[str]:
    """Return the words that alerts tell to have come or gone, without regard to their meaning."""
    told = [change for delivery in deliveries for change in _told(store, delivery, material=False)]
    return {quote for change in told for quote in (change.before, change.after) if quote}


def _told(store: Store, delivery: Delivery, *, material: bool) -> Iterator[Change]:
    for record in store.changes(delivery.version_id, against=delivery.previous_version_id):
        if record.id in delivery.change_ids and record.material == material:
            yield Change.from_json(record.payload)


def told_of(store: Store, delivery: Delivery) -> Iterator[Change]:
    """Yield the changes that an alert tells."""
    for material in (True, False):
        yield from _told(store, delivery, material=material)


@dataclass(frozen=True)
class WayBack:
    """That what an alert tells was taken back before it was sent."""

    # When a version was seen that takes back the last of it.
    at: datetime
    # Whether all that takes it back has stayed. Else it may go again, and nobody would hear of that.
    is_confirmed: bool


def way_back(store: Store, version: Version, told: Collection[Change]) -> WayBack | None:
    """Return how the newest version takes back all that is told of an earlier one; None where it does not.

    An alert never fails for it: where what came later is damaged, it is told as it was.
    """
    ways_back = {(change.after, change.before) for change in told}
    try:
        notes = store.version_notes(version.key)
        place = next((place for place, note in enumerate(notes) if note.id == version.id), len(notes))
        seen = {record.words: note for note in notes[place + 1 :] for record in store.changes(note.id)}
        if not ways_back or not ways_back <= seen.keys():
            return None
        text = clean(store.version(notes[-1].id).text)
    except DamagedError:
        return None
    if not all(is_taken_back(change, text, None) for change in told):
        return None
    brought = [seen[words] for words in ways_back]
    confirmations = [store.confirmations.of_version(note.id) for note in brought]
    is_confirmed = all(one is None or one.state == "confirmed" for one in confirmations)
    return WayBack(max(note.observed_at for note in brought), is_confirmed)


def told_since(store: Store, held: Delivery) -> list[Delivery]:
    """Return the alerts that went out, or go out, about what came with or after the version of a held one."""
    out = [DeliveryState.SENT, DeliveryState.PENDING, DeliveryState.FAILED]
    return [one for one in store.deliveries(states=out, key=held.key) if one.version_id >= held.version_id]


def is_base_known(store: Store, held: Delivery) -> bool:
    """Whether people know the text that an alert is judged against: nothing in it was withdrawn without another alert.

    They know that of one told together with others, which is judged against what they knew before.
    """
    if any(
        record.previous_version_id != held.previous_version_id for record in store.changes(held.version_id)
    ):
        return True
    withdrawn = store.deliveries(states=[DeliveryState.WITHDRAWN], key=held.key)
    return all(one.version_id != held.previous_version_id for one in withdrawn)


def _watched(store: Store, delivery: Delivery) -> Iterator[tuple[int, Change]]:
    for record in store.changes(delivery.version_id, against=delivery.previous_version_id):
        if record.id is not None and record.id in delivery.change_ids and not record.material:
            yield record.id, Change.from_json(record.payload)


def _in_order(store: Store, version: Version) -> list[Delivery]:
    return sorted(held_of(store, version.key), key=lambda delivery: delivery.version_id)


def held_of(store: Store, key: DocumentKey) -> list[Delivery]:
    """Return the alerts of a document that wait to be confirmed."""
    return store.deliveries(states=[DeliveryState.HELD], key=key)
