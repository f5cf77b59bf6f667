"""The daemon's ledgers: made beside its checks, which wait for none of them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing
from typing import TYPE_CHECKING

from monitor.daemon.logs import say
from monitor.ledger.keeping import keep, make, unmade_ledgers
from monitor.rules import ledger_rules
from monitor.workers import Workers, WorkersEnded, WorkersError
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.ledger.keeping import Made, Unmade
    from storage.records import DocumentKey

# A write waits so long for its turn, in seconds: shorter than the daemon may take to stop.
_PATIENCE_S = 2.0
# Histories of together so many characters take some tenths of a second, in which the loop gets its turns.
_SHORT_CHARACTERS = 300_000


class LedgerKeeper:
    """Keeps ledgers in a thread of its own; long histories are read in another process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._workers: Workers | None = None
        self._ended = False

    async def keep(self, keys: Sequence[DocumentKey] | None) -> None:
        """Keep the ledgers of documents (all by default) that are not kept as their histories are now.

        Not to be called again before it has returned.

        Raises:
            StoreError: the store cannot be read or written.
        """
        await asyncio.to_thread(self._keep, keys)

    def end(self) -> None:
        """Give up what is being made, now and from now on: the next start makes it."""
        self._ended = True
        workers = self._workers
        if workers is not None:
            workers.end()

    def _keep(self, keys: Sequence[DocumentKey] | None) -> None:
        with (
            closing(open_store(self._url, patience_s=_PATIENCE_S)) as store,
            # Only for the time being: a process that has read long texts holds much memory.
            Workers(1) as workers,
        ):
            self._workers = workers
            for unmade in unmade_ledgers(store, store.ledgers.stale(ledger_rules(), keys)):
                if self._ended:
                    return
                try:
                    keep(store, self._make(unmade, workers))
                except WorkersEnded:
                    return
                except WorkersError as error:
                    # Of this document alone; it is made for whoever asks, or fails there.
                    sentence = f"the ledger of {unmade[0]} cannot be made: {error}"
                    say("ledger_failed", sentence, level=logging.WARNING)

    @staticmethod
    def _make(unmade: Unmade, workers: Workers) -> Made:
        _, _, versions = unmade
        if sum(len(version.text) for version in versions) <= _SHORT_CHARACTERS:
            return make(unmade)
        return workers.call(make, unmade)
