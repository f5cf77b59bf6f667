"""Work that blocks, as that with an archive does, in a thread of its own beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

T = TypeVar("T")


class _StoppedError(BaseException):
    """Nobody waits for the work any more; no Exception, so that nobody takes it for a mistake."""


async def beside(work: Callable[[Callable[[float], None]], T]) -> T:
    """Return what blocking work returns, done in a thread that the end of the program does not wait for.

    The work is given a function to sleep by, which ends it once its caller is cancelled.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()
    stopped = threading.Event()

    def sleep(seconds: float) -> None:
        if stopped.wait(seconds):
            raise _StoppedError

    def tell(found: T | None, error: BaseException | None) -> None:
        if not result.done():
            result.set_exception(error) if error else result.set_result(found)  # type: ignore[arg-type]

    def run() -> None:
        found, failed = None, None
        try:
            found = work(sleep)
        except BaseException as error:
            failed = error
        # The loop may have ended meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, found, failed)

    threading.Thread(target=run, name="archive", daemon=True).start()
    try:
        return await result
    finally:
        stopped.set()


async def each_beside(work: Callable[[Callable[[float], None]], Iterable[T]]) -> AsyncGenerator[T]:
    """Yield what blocking work yields, all of it done in one thread as `beside` does it, which waits for no reader."""
    loop = asyncio.get_running_loop()
    # Each in a list of its own, and at last none.
    told: asyncio.Queue[list[T]] = asyncio.Queue()

    def tell_each(sleep: Callable[[float], None]) -> None:
        for one in work(sleep):
            # It ends here once nobody waits any more.
            sleep(0)
            loop.call_soon_threadsafe(told.put_nowait, [one])

    working = asyncio.ensure_future(beside(tell_each))
    working.add_done_callback(lambda _: told.put_nowait([]))
    try:
        while one := await told.get():
            yield one[0]
        await working
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
