"""The server: uvicorn around the application."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING

import uvicorn

from monitor.reading.lexicon import load_all
from monitor.web import writing
from monitor.web.app import FRESH_S, build_app
from monitor.web.collecting import Survivors
from storage import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.routing import Route

    from monitor.web.guard import Access

# A reader that comes while so many others are served is told to come again.
_MOST_AT_ONCE = 200
# How long answers that are on their way may take when the server stops, in seconds.
_SHUTDOWN_S = 3
# A read waits so long for another process, in seconds.
_PATIENCE_S = 5.0


class Server(uvicorn.Server):
    """A server that tells when it can be asked."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready
        self._survivors = Survivors()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        # Loaded before the first reader has to wait for it.
        load_all()
        writing.prepare()
        self._survivors.begin()
        await super().startup(sockets)
        if self.started:
            self._ready()
        else:
            self._survivors.end()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is on its way, and listen no more."""
        self._survivors.end()
        await super().shutdown(sockets)


def server(
    database: str,
    access: Access,
    ready: Callable[[], object] = lambda: None,
    *,
    fresh_s: float = FRESH_S,
    own: Sequence[Route] = (),
) -> Server:
    """Return a server of the pages of a database, which is to listen on sockets of its own.

    Args:
        database: its address, as in the configuration.
        access: who may read.
        ready: called once it answers.
        fresh_s: how old a page may be that others have written behind, in seconds.
        own: what is answered beside the pages, without a password.
    """
    opened = partial(open_store, database, create=False, patience_s=_PATIENCE_S)
    app = build_app(opened, access, fresh_s=fresh_s, own=own)
    config = uvicorn.Config(
        app,
        lifespan="on",
        # Into the log of whoever runs it.
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # The guard looks at who really asks, and believes the proxies of the configuration alone.
        proxy_headers=False,
        limit_concurrency=_MOST_AT_ONCE,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        ws="none",
    )
    return Server(config, ready)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address.

    Raises:
        OSError: the address is in use or is not one of this machine.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    own = socket.socket(family, kind, protocol)
    try:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.bind(address)
        own.listen(256)
    except BaseException:
        own.close()
        raise
    return own
