"""Whole crawls inside the test process: the reactor runs in a thread of its own, until the end."""

from __future__ import annotations

import asyncio
import threading
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def run_on_reactor(coroutine: Coroutine[Any, Any, T], timeout_s: float = 30.0) -> T:
    """Run a coroutine on the reactor's loop, and return what it returns or raise what it raises."""
    return asyncio.run_coroutine_threadsafe(coroutine, _reactor_loop()).result(timeout_s)


@cache
def _reactor_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    started = threading.Event()
    threading.Thread(target=_run_reactor, args=(loop, started), daemon=True).start()
    assert started.wait(10)
    return loop


def _run_reactor(loop: asyncio.AbstractEventLoop, started: threading.Event) -> None:
    asyncio.set_event_loop(loop)
    from crawler.loop import install_quietly

    install_quietly()
    from twisted.internet import reactor

    reactor.callWhenRunning(started.set)
    reactor.run(installSignalHandlers=False)
