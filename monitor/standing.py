"""Whether what a version changed is news yet, and for whom: a fact of the version, with or without alerts.

A change is fetched again before anybody is told of it. Until then its version is held; a text that takes its changes
back before that withdraws it, and is itself no news where it does nothing else. Alerts follow the same rule channel by
channel (`monitor.confirmation`), for each tells a part of a version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.comparison.changes import Change
from monitor.comparison.summary import NOT_ANALYSED
from monitor.reading.markup import clean
from monitor.reversal import is_taken_back
from storage.confirmations import NewConfirmation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta

    from monitor.comparison.changes import Comparison
    from storage.confirmations import Held, Untold
    from storage.records import DocumentKey, Version
    from storage.store import Store


@dataclass(frozen=True)
class Standing:
    """How a new version stands, and which held ones it takes back."""

    # None where it brings nothing that lists tell.
    confirmation: NewConfirmation | None = None
    undone: tuple[int, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """A held version with those of its changes that are to be told."""

    held: Held
    previous_id: int
    changes: tuple[Change, ...]


def standing_of(
    store: Store,
    version: Version,
    comparison: Comparison,
    *,
    at: datetime,
    wait: timedelta,
    compare_texts: Callable[[str, str], Comparison],
) -> Standing:
    """Return how a version stands that is about to be written behind the newest one.

    Args:
        store: what is kept.
        version: the new text.
        comparison: of the newest version with it.
        at: the time of the check, UTC.
        wait: how long its changes wait for the confirming fetch at least; none where they need none.
        compare_texts: compares two texts.
    """
    # Of a text half of which went or came back no change is kept.
    changes = () if comparison.broken else comparison.changes
    told = [change for change in changes if is_told(change)]
    if not told and not comparison.broken:
        return Standing()
    waiting = list(waiting_of(store, version.key))
    undone = _undone(store, version, waiting, compare_texts)
    later = None if comparison.broken else changes
    taken_back = _taken_back(version, later, [one for one in waiting if one not in undone])
    ids = tuple(one.held.version_id for one in (*undone, *taken_back))
    if not told:
        return Standing(None, ids)
    # No feed told of any of them, so that none has to hear that they are gone.
    untold = _untold(told, (*undone, *taken_back))
    silent = undone and is_known(store, undone[0].held.version_id)
    if silent or len(untold) == len(told):
        return Standing(NewConfirmation("withdrawn", at, at), ids)
    return Standing(NewConfirmation("held" if wait else "confirmed", at, at + wait, untold), ids)


def is_known(store: Store, version_id: int) -> bool:
    """Whether the text before a held version is no news when it is back.

    It is where that version took back what was never confirmed: nobody was told what that text says.
    """
    confirmation = store.confirmations.of_version(version_id)
    return confirmation is None or not confirmation.untold


def is_told(change: Change) -> bool:
    """Whether lists tell a change: it matters, or may since nobody has read it."""
    return change.material or change.summary == NOT_ANALYSED


def waiting_of(store: Store, key: DocumentKey) -> Iterable[Waiting]:
    """Yield the held versions of a document that bring anything to be told, oldest first."""
    for held in store.confirmations.held(key):
        records = store.changes(held.version_id)
        changes = tuple(
            change
            for record in records
            if record.words not in held.untold and is_told(change := Change.from_json(record.payload))
        )
        previous = next((record.previous_version_id for record in records), None)
        if changes and previous is not None:
            yield Waiting(held, previous, changes)


def _undone(
    store: Store,
    version: Version,
    waiting: Sequence[Waiting],
    compare_texts: Callable[[str, str], Comparison],
) -> Sequence[Waiting]:
    """Return the held versions before the first of which the same stood as now: with it, all later ones are gone.

    Unless a later one was confirmed meanwhile: what stood before the first is not what readers know then, and another
    one may take back what they were told.
    """
    for place, one in enumerate(waiting):
        if store.confirmations.confirmed_since(version.key, one.held.version_id):
            continue
        before = store.version(one.previous_id)
        if before.wording_sha256 and before.wording_sha256 == version.wording_sha256:
            return waiting[place:]
        comparison = compare_texts(before.text, version.text)
        if not comparison.broken and not any(map(is_told, comparison.changes)):
            return waiting[place:]
    return ()


def _taken_back(
    version: Version, later: Sequence[Change] | None, waiting: Sequence[Waiting]
) -> list[Waiting]:
    """Return the held versions all of whose changes a text takes back, whatever else it changes."""
    text = clean(version.text) if waiting else ""
    return [one for one in waiting if all(is_taken_back(change, text, later) for change in one.changes)]


def _untold(told: Iterable[Change], taken_back: Iterable[Waiting]) -> Untold:
    """Return the words of changes that only take back what nobody was told of."""
    reversals = {(change.after, change.before) for one in taken_back for change in one.changes}
    return tuple(words for change in told if (words := (change.before, change.after)) in reversals)
