"""Threads that read the database for pages, each with a store of its own: the event loop never waits."""

from __future__ import annotations

import asyncio
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.store import Store

_T = TypeVar("_T")
# A question that is under way when the threads are to end has so long, in seconds.
_PATIENCE_S = 2.0


class Readers:
    """A few threads; more would only wait for each other."""

    def __init__(self, opened: Callable[[], Store], count: int = 2) -> None:
        """Start them.

        Args:
            opened: opens the store, in each thread.
            count: how many.
        """
        self._opened = opened
        self._waiting: SimpleQueue[
            tuple[Callable[[Store], object], asyncio.AbstractEventLoop, asyncio.Future[object]] | None
        ] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"reader-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def read(self, question: Callable[[Store], _T]) -> _T:
        """Return what a question finds; it is asked in one of the threads, and what it raises is raised here."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        self._waiting.put((question, loop, future))  # type: ignore[arg-type]
        return await future

    @property
    def waiting(self) -> int:
        """How many questions nobody is at yet."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Let the threads finish what they are at, where that takes no time, and end."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            # What takes longer ends with the process: it only reads.
            thread.join(_PATIENCE_S)

    def _work(self) -> None:
        store: Store | None = None
        try:
            while (work := self._waiting.get()) is not None:
                question, loop, future = work
                try:
                    # Opened late, so that a failure is told to whoever asks, and tried again by the next.
                    store = store or self._opened()
                    found = question(store)
                except Exception as error:
                    _settle(loop, future, None, error)
                else:
                    _settle(loop, future, found, None)
        finally:
            if store is not None:
                store.close()


def _settle(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[object], found: object, error: Exception | None
) -> None:
    def settle() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(found)
        else:
            future.set_exception(error)

    # The loop is gone where the server stopped meanwhile: nobody waits for the answer.
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)
