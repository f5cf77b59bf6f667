"""The daemon's answers over HTTP: /healthz, /metrics, and the pages for readers, from a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from monitor.daemon.metrics import CONTENT_TYPE
from monitor.web.serving import listening, server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence
    from typing import TypeVar

    from starlette.requests import Request

    from monitor.daemon.health import Health
    from monitor.daemon.metrics import Metrics
    from monitor.web.guard import Access

    _T = TypeVar("_T")

# The server is given so long to begin, and answers that are on their way to end, in seconds.
_STARTUP_S, _SHUTDOWN_S = 30.0, 1.0
# A daemon that does not answer within this time stands still.
_PATIENCE_S = 5.0


def routes(health: Health, metrics: Metrics) -> list[Route]:
    """Return what is answered about the daemon of the running loop, in whichever loop it is asked."""
    loop = asyncio.get_running_loop()

    async def healthz(_: Request) -> Response:
        try:
            problems = await _asked(health.problems(), loop)
        except TimeoutError:
            problems = [f"the scheduler does not answer within {_PATIENCE_S:.0f} s"]
        text = "".join(f"{line}\n" for line in problems or ["well"])
        return Response(text, 503 if problems else 200, media_type="text/plain")

    async def numbers(_: Request) -> Response:
        async def text() -> bytes:
            return metrics.text()

        try:
            return Response(await _asked(text(), loop), headers={"Content-Type": CONTENT_TYPE})
        except TimeoutError:
            return Response("the scheduler does not answer\n", 503, media_type="text/plain")

    return [Route("/healthz", healthz), Route("/metrics", numbers)]


@asynccontextmanager
async def served(
    own: Sequence[Route], database: str, access: Access, address: tuple[str, int]
) -> AsyncIterator[int]:
    """Answer at an address for the length of a `with` block; give the port, which is a free one for 0.

    Args:
        own: what is answered about the daemon.
        database: its address, for the pages.
        access: who may read.
        address: host and port.

    Raises:
        OSError: the address is in use or is not one of this machine.
    """
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    with listening(*address) as listener:
        pages = server(database, access, lambda: loop.call_soon_threadsafe(ready.set), own=own)
        # A page takes its time elsewhere: the loop of the daemon turns on.
        thread = threading.Thread(target=pages.run, kwargs={"sockets": [listener]}, name="pages", daemon=True)
        thread.start()
        try:
            await asyncio.wait_for(ready.wait(), _STARTUP_S)
            yield listener.getsockname()[1]
        finally:
            pages.should_exit = True
            await asyncio.to_thread(thread.join, _SHUTDOWN_S)


async def _asked(question: Coroutine[object, object, _T], loop: asyncio.AbstractEventLoop) -> _T:
    """Have a question answered in the loop of the daemon."""
    answer = asyncio.run_coroutine_threadsafe(question, loop)
    return await asyncio.wait_for(asyncio.wrap_future(answer), _PATIENCE_S)
