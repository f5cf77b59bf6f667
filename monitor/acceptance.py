"""When a page that is no longer what it was is taken for the document all the same: after it has stayed.

A page in another language, another document or half of one may be a mishap, or what the site shows from now on.
Error pages, bot walls, log-in pages and empty shells are never a document, however long they stay.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from crawler.expected import is_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.config.values import Persistence
    from storage.records import Capture, CaptureNote
    from storage.store import Store

# Suspicions about what is a document, though perhaps not this one, or not the whole of it.
ACCEPTABLE = frozenset(["half-vanished", "other-document", "other-language", "truncated"])


def has_stayed(
    store: Store, capture: Capture, reason: str, read: Callable[[Capture], str], persistence: Persistence
) -> bool:
    """Whether a suspect page has come so often, over so long a time, that it is the document from now on.

    Captures agree where all were doubted for the same reason and their texts are much the same; one that was
    the policy, or was doubted for another reason, makes the count begin anew.

    Args:
        store: holds the captures of before, with their marks.
        capture: stored and not yet marked; those after it do not count.
        reason: why it is doubted.
        read: gives the text that stands in a capture, also in a doubted one.
        persistence: how many captures, over how long a time.
    """
    if reason not in ACCEPTABLE:
        return False
    text = read(capture)
    agreeing = 1
    for note in _doubted(store, capture, reason):
        if not is_alike(read(store.capture(note.id)), text):
            return False
        agreeing += 1
        if agreeing >= persistence.captures and capture.fetched_at - note.fetched_at >= persistence.over:
            return True
    return False


def _doubted(store: Store, capture: Capture, reason: str) -> Iterator[CaptureNote]:
    """Yield the captures of the same page before this one that were doubted alike, newest first."""
    well = store.status(capture.key).seen_at
    # That the policy was seen later says nothing of whether another page stood there before.
    well = well if well is not None and well <= capture.fetched_at else None
    before = [
        note
        for note in store.capture_notes(capture.key)
        if note.url == capture.url
        and note.id != capture.id
        and note.source == capture.source
        and note.fetched_at <= capture.fetched_at
        and (well is None or note.fetched_at > well)
    ]
    return takewhile(lambda note: note.suspect == reason, reversed(before))
