"""The thread that judges and keeps pages, so that the event loop waits for no disk, lock or comparison."""

from __future__ import annotations

import asyncio
import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

from monitor.comparing import compare_texts
from monitor.pages import read_page
from monitor.reprocessing.report import Report
from monitor.reprocessing.run import rewrite
from monitor.workers import Workers
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from monitor.comparison.changes import Comparison
    from monitor.config.models import DocumentConfig, Reading
    from monitor.pages import PageText
    from storage.records import DocumentKey
    from storage.store import Store

T = TypeVar("T")
Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

# A write waits so long for its turn: shorter than the daemon may take to stop.
_PATIENCE_S = 4.0
# How long the thread may take to finish once its comparison was ended.
_LAST_S = _PATIENCE_S + 0.5
# Two texts of together so many characters take a tenth of a second or so, in which the loop gets its turns.
_SHORT_CHARACTERS = 100_000
# Reading markup and judging a text take a tenth of the time of a comparison; most pages are shorter than this.
_SHORT_BYTES = 500_000
# A process that read so many characters or bytes holds hundreds of megabytes, which no later work may need.
_MUCH = 1_000_000
# A process that had nothing to do for so long, in seconds, ends.
_IDLE_S = 60.0


class Keeper:
    """Has functions called with a store, one after another, in the thread that owns it.

    It is the `monitor.labour.Labour` of those functions: what takes long is done in another process, since a thread
    of this one that computes keeps the loop and the pages waiting.
    """

    def __init__(self, url: str) -> None:
        # What waits for it once the daemon stops gets `WorkersEnded`.
        self._workers = Workers(1, beside=True)
        self._worked_at = time.monotonic()
        self._holds_much = False
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

    def read(self, body: bytes, content_type: str | None, url: str, reading: Reading) -> PageText:
        """Return what stands in a page: long ones are read beside this process; see `compare`."""
        return self.do(read_page, body, content_type, url, reading)

    def compare(self, old: str, new: str) -> Comparison:
        """Return what changed from one text to another: long ones are compared beside this process.

        To be called by the functions that `call` takes.

        Raises:
            WorkersError: the other process was killed, or had too little memory.
            WorkersEnded: it was ended by `stop`.
        """
        if len(old) + len(new) <= _SHORT_CHARACTERS:
            return compare_texts(old, new)
        return self._beside(compare_texts, old, new)

    def do(self, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Return what a function returns: given long texts, it is called beside this process; see `compare`."""
        return work(*arguments) if _size(arguments) <= _SHORT_BYTES else self._beside(work, *arguments)

    def rewrite(self, store: Store, key: DocumentKey, document: DocumentConfig) -> None:
        """Read and compare the history of a document again, beside this process; see `compare`."""
        with self._working(_MUCH):
            rewrite(store, key, document, self._workers, Report())

    def rest(self) -> None:
        """Let the other process end that had nothing to do for a while; to be called now and then by any thread."""
        if time.monotonic() - self._worked_at > _IDLE_S:
            self._workers.release()

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
        try:
            return work(self._store)
        finally:
            if self._holds_much:
                self._workers.release()
                self._holds_much = False

    def _beside(self, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        with self._working(_size(arguments)):
            return self._workers.call(work, *arguments)

    @contextmanager
    def _working(self, size: int) -> Iterator[None]:
        """Have the other process work on so many characters or bytes."""
        self._worked_at = math.inf
        try:
            yield
        finally:
            self._worked_at = time.monotonic()
            self._holds_much = self._holds_much or size >= _MUCH

    def _close(self) -> None:
        self._workers.close()
        if self._store is not None:
            self._store.close()
            self._store = None


def _size(arguments: Iterable[object]) -> int:
    """Return how many characters and bytes there are."""
    return sum(len(one) for one in arguments if isinstance(one, str | bytes))
