"""The daemon's answers over HTTP: /healthz and /metrics."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from monitor.daemon.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from monitor.daemon.health import Health
    from monitor.daemon.metrics import Metrics

# How long answers that are on their way may take when the daemon stops, in seconds.
_SHUTDOWN_S = 0.5


def routes(health: Health, metrics: Metrics) -> list[web.RouteDef]:
    """Return what is answered about the daemon; web pages for readers stand beside it."""

    async def healthz(_: web.Request) -> web.Response:
        problems = await health.problems()
        return web.Response(
            text="".join(f"{line}\n" for line in problems or ["well"]), status=503 if problems else 200
        )

    async def numbers(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return [web.get("/healthz", healthz), web.get("/metrics", numbers)]


@asynccontextmanager
async def served(routes: Iterable[web.RouteDef], address: tuple[str, int]) -> AsyncIterator[int]:
    """Answer at an address for the length of a `with` block; give the port, which is a free one for 0.

    Raises:
        OSError: the address is in use or is not one of this machine.
    """
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, *address).start()
        port: int = runner.addresses[0][1]
        yield port
    finally:
        await runner.cleanup()
