"""Held alerts that a later text overtakes: in their place one tells what it is beside what stood before them.

A change that waits for its confirming fetch may be changed again meanwhile, or be taken back in part. Told one after
the other, such steps would say what was never confirmed, and whoever hears of one direction alone would hear of a step
that the next one undid. So the text is compared with what stood before the first of them, which is what people know.
So it is with a wording of before that waits until it has stayed, while something new is there to be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.confirmation import held_of, is_base_known, told_of, told_since
from monitor.reading.markup import clean
from monitor.standing import waiting_of
from monitor.variants import without_meaning, wording_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from monitor.comparison.changes import Change, Comparison
    from storage.records import Delivery, Version
    from storage.store import Store


@dataclass(frozen=True)
class Together:
    """What is told in the place of held alerts."""

    instead_of: tuple[Delivery, ...]
    # What people know: the text before the first of them.
    previous: Version
    # Of that with the new text.
    comparison: Comparison
    # The words before and after of those of its changes that somebody was told of meanwhile.
    known: frozenset[tuple[str, str]] = frozenset()

    def is_news(self, position: int) -> bool:
        """Whether a change of the comparison was told to nobody yet."""
        return _words(self.comparison.changes[position]) not in self.known


def together_with(
    store: Store,
    version: Version,
    later: Sequence[Change],
    gone: Collection[int],
    *,
    until: datetime,
    compare_texts: Callable[[str, str], Comparison],
    is_for_anybody: Callable[[Sequence[Change]], bool],
) -> Together | None:
    """Return what is told in the place of held alerts that a new text overtakes; None where each stands for itself.

    Args:
        store: what is kept.
        version: the new text.
        later: what it changes in the text before it.
        gone: the ids of held alerts all of whose changes it takes back.
        until: how long what it brings is held. What is held for longer would be told behind it, out of order.
        compare_texts: compares two texts.
        is_for_anybody: whether any channel is told of any of these changes.
    """
    held = sorted(held_of(store, version.key), key=lambda one: (one.version_id, one.previous_version_id))
    text = clean(version.text) if held else ""
    first = next(
        (
            one
            for one in held
            if one.id in gone
            or one.not_before > until
            or _is_overtaken(list(told_of(store, one)), text, later)
        ),
        None,
    )
    base = None
    if first is None:
        base = _base_of_unheard(store, version, later, is_for_anybody)
    elif is_base_known(store, first):
        base = first.previous_version_id
    if base is None:
        return None
    previous = store.version(base)
    comparison = compare_texts(previous.text, version.text)
    told = told_since(store, first) if first else ()
    known = {_words(change) for one in told for change in told_of(store, one)}
    if comparison.broken or not known <= set(map(_words, comparison.changes)):
        return None
    if wording_of(previous) == version.wording_sha256:
        comparison = without_meaning(comparison)
    # Of one version all alerts stand and fall together, whatever channel they are for.
    instead_of = tuple(one for one in held if first and one.version_id >= first.version_id)
    return Together(instead_of, previous, comparison, frozenset(known))


def _base_of_unheard(
    store: Store,
    version: Version,
    later: Sequence[Change],
    is_for_anybody: Callable[[Sequence[Change]], bool],
) -> int | None:
    """Return the version that people know, where a text overtakes what is held of versions that no alert tells.

    Whoever is told of one direction alone would hear of the way back from what nobody heard of, or saw confirmed.
    """
    newest = max((one.version_id for one in store.deliveries(key=version.key)), default=0)
    waiting = [one for one in waiting_of(store, version.key) if one.held.version_id > newest]
    text = clean(version.text) if waiting else ""
    if not any(_is_overtaken(one.changes, text, later) for one in waiting):
        return None
    if any(is_for_anybody(one.changes) for one in waiting):
        return None
    ids = [note.id for note in store.version_notes(version.key)]
    if waiting[0].previous_id not in ids:
        return None
    place = ids.index(waiting[0].previous_id)
    while place > 0 and _was_withdrawn(store, ids[place]):
        place -= 1
    return ids[place]


def _was_withdrawn(store: Store, version_id: int) -> bool:
    confirmation = store.confirmations.of_version(version_id)
    return confirmation is not None and confirmation.state == "withdrawn"


def _is_overtaken(told: Sequence[Change], text: str, later: Sequence[Change]) -> bool:
    """Whether a text changes anything of what an alert tells, or takes it back."""
    # Looked for in one piece: a page could be written so that each of thousands is compared with each.
    gone, come = ("\n".join(words) for words in zip(*map(_words, later), strict=True)) if later else ("", "")
    return any(
        (change.after and (change.after not in text or change.after in gone))
        or (change.before and change.before in come)
        or (not change.after and any(one.after and one.after in change.before for one in later))
        for change in told
    )


def _words(change: Change) -> tuple[str, str]:
    return change.before, change.after
