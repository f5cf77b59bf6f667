"""Work that blocks, as that with an archive does, in a thread of its own beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class _StoppedError(Exception):
    """Nobody waits for the work any more."""


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
