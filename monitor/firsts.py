"""Documents that are seen for the first time: those that are answered in the same moment are written together.

A watchlist begins with all of its documents at once. Each of them written by itself waits for the disk, and has the
index of words put in order, a thousand times over; a dozen of them in one transaction do so once. All of it is in the
database before anybody is told of it, and what a death takes is checked again, as it is without it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from storage.records import Capture
from storage.store import DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from crawler.records import Answer
    from monitor.config.models import DocumentConfig, SiteConfig
    from monitor.framing import Framed
    from monitor.outcomes import Outcome
    from monitor.pipeline import Pipeline, Read
    from storage.records import DocumentKey
    from storage.store import Store

    Document = tuple[DocumentKey, DocumentConfig, SiteConfig]

# So many documents at most, or so many bytes of their pages, are kept waiting for so long, in seconds.
_MOST = 32
_MOST_BYTES = 1_000_000
_LONGEST_S = 0.05


class Firsts:
    """Takes the pages of new documents, and tells what came of them when a group of them is whole.

    Args:
        pipeline: writes to a store that knows the documents.
        new: those that were never read before, as far as is known.
        on_outcome: called for each document, in the order in which they were added.
        clock: gives the time, UTC.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        new: Collection[DocumentKey],
        on_outcome: Callable[[Outcome], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._pipeline = pipeline
        self._new = new
        self._on_outcome = on_outcome
        self._clock = clock
        self._group: list[tuple[Document, list[Capture]]] = []
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._failed: Exception | None = None

    def add(self, document: Document, answers: Sequence[Answer | Framed]) -> bool:
        """Take a document with an answer for each of its addresses; False where it is none of these.

        Raises:
            StoreError: the store cannot be read or written; so it may have been with an earlier one.
        """
        self._raise()
        captures = [answer for answer in answers if isinstance(answer, Capture)]
        if document[0] not in self._new or len(captures) < len(answers):
            return False
        self._group.append((document, captures))
        self._bytes += sum(len(capture.body) for capture in captures)
        if len(self._group) >= _MOST or self._bytes >= _MOST_BYTES:
            self.finish()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LONGEST_S, self._finish_in_time)
        return True

    def finish(self) -> None:
        """Bring to their end the documents that wait.

        Raises:
            StoreError: as `add` does.
        """
        self._raise()
        group = self._group
        self.drop()
        if group:
            for outcome in _taken(self._pipeline, group, self._clock()):
                self._on_outcome(outcome)

    def drop(self) -> None:
        """Forget the documents that wait: nothing of them is stored, and they are checked again another time."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._group, self._bytes = None, [], 0

    def _finish_in_time(self) -> None:
        try:
            self.finish()
        except Exception as error:
            # The loop would only log it; `add` and `finish` raise it.
            self._failed = error

    def _raise(self) -> None:
        if self._failed is not None:
            raise self._failed


def _taken(
    pipeline: Pipeline, group: Sequence[tuple[Document, list[Capture]]], at: datetime
) -> list[Outcome]:
    """Bring documents to their first versions; those that are not so simple, each by itself."""
    kept = _kept(pipeline.store, group)
    reads = {document[0]: pipeline.read_first(*document, captures, at) for document, captures in kept}
    written = _written(pipeline, [read for read in reads.values() if not (read.doubts or read.unexpected)])
    return [
        written.get(document[0])
        or (
            pipeline.judge_first(reads[document[0]])
            if document[0] in reads
            else pipeline.take(*document, captures, at)
        )
        for document, captures in group
    ]


def _kept(
    store: Store, group: Sequence[tuple[Document, list[Capture]]]
) -> list[tuple[Document, list[Capture]]]:
    """Keep the captures of documents without a version, and return those documents with what was kept."""
    try:
        # What is made of them is written next, and makes them last.
        with store.together(lasting=False):
            return [
                (document, [store.add_capture(capture) for capture in captures])
                for document, captures in group
                if store.latest_version(document[0]) is None
            ]
    except DamagedError:
        # Of one of them, which had a version; nothing was written, and each goes by itself.
        return []


def _written(pipeline: Pipeline, reads: Sequence[Read]) -> dict[DocumentKey, Outcome]:
    """Write first versions in one transaction; those that are left out are to be judged by themselves."""
    try:
        with pipeline.store.together():
            outcomes = [pipeline.write_first(read) for read in reads]
    except DamagedError:
        # Of one of them; nothing was written, and each is judged by itself.
        return {}
    return {outcome.key: outcome for outcome in outcomes if outcome is not None}
