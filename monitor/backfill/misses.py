"""Captures that an archive lists and did not have when it was asked: when that is believed, and when asked again.

An archive that is not well has nothing for anybody, for an hour or a day, and says so as it does of what it lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.archive.failures import ArchiveDownError, NotReplayedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crawler.archive.failures import NotArchivedError
    from storage.records import ArchivedCapture, ArchivedState, DocumentKey
    from storage.store import Store

# An archive that says so again is believed after so long, and is not asked before.
_BELIEVED_AFTER = timedelta(days=1)
# What is gone is asked for again after so long: archives mend what they lost, and limits are raised.
_AGAIN_AFTER = timedelta(days=30)
# So many misses in a row of one document, or of so many sites, and the archive may not be well.
MANY = 3


class Misses:
    """Notes in the store what was not to be had."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, again: bool = False) -> None:
        """Take what notes and the time; with `again`, each is asked for once more, however short ago it failed."""
        self._store = store
        self._clock = clock
        self._again = again
        # Asked for by us, and not to be had.
        self._met: set[tuple[DocumentKey, str, str, str]] = set()
        # Whose captures were missing since one last came.
        self._in_a_row: list[DocumentKey] = []

    def note(self, key: DocumentKey, url: str, archived: ArchivedCapture, error: NotArchivedError) -> bool:
        """Note that a capture was not to be had; return whether it is gone.

        Raises:
            ArchiveDownError: so it was with the last ones of several sites.
            StoreError: the store cannot be written.
        """
        now = self._clock()
        since = archived.missed_at
        gone = not isinstance(error, NotReplayedError) or (
            since is not None and now - since >= _BELIEVED_AFTER
        )
        missed = replace(archived, missed=error.reason, missed_at=now)
        self._store.miss_archived(key, url, missed, gone=gone)
        self._met.add((key, url, archived.timestamp, archived.original))
        if not gone:
            self._in_a_row.append(key)
        if len({missed.site for missed in self._in_a_row}) >= MANY:
            raise ArchiveDownError(error.reason, f"{error}, and so it was with those of other sites")
        return gone

    def came(self) -> None:
        """Take note that a capture came: the archive is well."""
        self._in_a_row.clear()

    def are_many(self, key: DocumentKey) -> bool:
        """Whether so many captures of a document in a row were missing that the next may be, too."""
        return self._in_a_row.count(key) >= MANY

    def waiting(self, key: DocumentKey, url: str) -> int:
        """Return how many captures of an address were missing once, less than a day ago, before we began."""
        return sum(
            one.state == "listed" and not self._was_met(key, url, one) and self.rests(key, url, one)
            for one in self._store.missed_archived(key, url)
        )

    def rests(self, key: DocumentKey, url: str, archived: ArchivedCapture) -> bool:
        """Whether a capture was not to be had and is not to be asked for now."""
        if self._was_met(key, url, archived):
            return True
        if archived.missed_at is None or self._again:
            return False
        wait = _AGAIN_AFTER if archived.state == "gone" else _BELIEVED_AFTER
        return self._clock() - archived.missed_at < wait

    def standing(self, key: DocumentKey, url: str, archived: ArchivedCapture) -> ArchivedCapture:
        """Return a capture as it stands now: what rests is gone, and what was gone for long is as if just listed."""
        if archived.state not in {"listed", "gone"}:
            return archived
        state: ArchivedState = "gone" if self.rests(key, url, archived) else "listed"
        return archived if state == archived.state else replace(archived, state=state)

    def _was_met(self, key: DocumentKey, url: str, archived: ArchivedCapture) -> bool:
        return (key, url, archived.timestamp, archived.original) in self._met
