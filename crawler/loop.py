"""The event loop: asyncio with Twisted's reactor as its host, which Scrapy needs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from scrapy.utils.reactor import install_reactor
from twisted.logger import STDLibLogObserver, globalLogBeginner

from crawler.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from twisted.internet.asyncioreactor import AsyncioSelectorReactor
    from twisted.logger import ILogObserver

T = TypeVar("T")


def run(main: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine function to its end under the reactor, in the main thread; once a process.

    Returns what it returns and raises what it raises.

    Raises:
        KeyboardInterrupt: SIGINT or SIGTERM came; `main` was cancelled first and has put its things away, or
            was interrupted in the midst of long work. The program's own handler hears the signal then. A
            second signal does what it does without us.
    """
    install_quietly()
    from twisted.internet import reactor  # noqa: PLC0415 (importing it earlier would install another one)

    host = cast("AsyncioSelectorReactor", reactor)
    loop = asyncio.get_event_loop()
    program = _Program(main, loop)
    host.callWhenRunning(program.start, host.stop)
    try:
        # An interrupt in the midst of long work comes out here; the program's result tells of it.
        with suppress(KeyboardInterrupt):
            host.run(installSignalHandlers=False)  # type: ignore[no-untyped-call]
    finally:
        program.interrupts.stop()
        _put_away(loop)
    return program.result()


def install_quietly() -> None:
    """Install the asyncio reactor, and send Twisted's log where Python's goes."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    logging.getLogger("twisted").addHandler(logging.NullHandler())
    observer = cast("ILogObserver", STDLibLogObserver("twisted"))
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)


class _Program(Generic[T]):
    """A coroutine function on its way, and the signals that end it early."""

    def __init__(self, main: Callable[[], Awaitable[T]], loop: asyncio.AbstractEventLoop) -> None:
        self._main = main
        self._loop = loop
        self._task: asyncio.Task[T] | None = None
        self.interrupts = Interrupts(loop, self._cancel)

    def start(self, then: Callable[[], None]) -> None:
        self._task = self._loop.create_task(self._run())
        self._task.add_done_callback(lambda _: then())
        self.interrupts.listen()

    def result(self) -> T:
        if self._task is None or not self._task.done() or (self._task.cancelled() and self.interrupts.heard):
            self.interrupts.repeat()
        try:
            return cast("asyncio.Task[T]", self._task).result()
        except KeyboardInterrupt:
            self.interrupts.repeat()
            raise

    async def _run(self) -> T:
        return await self._main()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _put_away(loop: asyncio.AbstractEventLoop) -> None:
    """Leave the loop as `asyncio.run` does: no task, generator or thread of ours lives on."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=1.0))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    loop.close()
