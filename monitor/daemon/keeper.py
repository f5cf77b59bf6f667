"""The thread that judges and keeps pages, so that the event loop waits for no disk, lock or comparison."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from monitor.comparing import compare_texts
from monitor.workers import Workers
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.comparison.changes import Comparison
    from storage.store import Store

T = TypeVar("T")

# A write waits so long for its turn: shorter than the daemon may take to stop.
_PATIENCE_S = 4.0
# How long the thread may take to finish once its comparison was ended.
_LAST_S = _PATIENCE_S + 0.5
# Two texts of together so many characters take a tenth of a second or so, in which the loop gets its turns.
_SHORT_CHARACTERS = 100_000


class Keeper:
    """Has functions called with a store, one after another, in the thread that owns it."""

    def __init__(self, url: str) -> None:
        # Compares long texts; what waits for it once the daemon stops gets `WorkersEnded`.
        self._workers = Workers(1)
        self._url = url
        self._store: Store | None = None
        self._thread = ThreadPoolExecutor(1, "keeper")

    async def call(self, work: Callable[[Store], T]) -> T:
        """Return what a function returns that is called with the store, or raise what it raises.

        Where the caller is cancelled, a function that was begun goes on to its end.

        Raises:
            StoreError: the database cannot be opened, made where there is none, read or written.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._with_store, work)

    def compare(self, old: str, new: str) -> Comparison:
        """Return what changed from one text to another: long ones are compared beside this process.

        To be called by the functions that `call` takes.

        Raises:
            WorkersError: the other process was killed, or had too little memory.
            WorkersEnded: it was ended by `stop`.
        """
        if len(old) + len(new) <= _SHORT_CHARACTERS:
            return compare_texts(old, new)
        return self._workers.call(compare_texts, old, new)

    async def stop(self, within_s: float) -> None:
        """Let the function that is running finish, and close the store.

        After `within_s` seconds the comparison that is running is given up; what was not written by then is
        done by the next start.
        """
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(closing), within_s)
        self._workers.end()
        with suppress(TimeoutError):
            await asyncio.wait_for(closing, _LAST_S)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _with_store(self, work: Callable[[Store], T]) -> T:
        if self._store is None:
            self._store = open_store(self._url, patience_s=_PATIENCE_S)
        return work(self._store)

    def _close(self) -> None:
        self._workers.close()
        if self._store is not None:
            self._store.close()
            self._store = None
