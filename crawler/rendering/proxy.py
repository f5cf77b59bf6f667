"""The way out of the browser: a proxy on loopback for one page, which asks the guard for each connection."""

from __future__ import annotations

import asyncio
import base64
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit, urlunsplit

from crawler.guard import AddressRefusedError, SchemeRefusedError
from crawler.resolver import resolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.guard import AddressGuard

_MAX_HEAD_BYTES = 64 * 1024
_MAX_SENT_BODY_BYTES = 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_CONNECT_S = 10.0
_MOST_CONNECTIONS = 64
# Headers between two neighbours on the way (RFC 9110, section 7.6.1), and those that are for a proxy.
_OF_ONE_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "upgrade"}
)

Head = tuple[str, list[tuple[str, str]]]


class _RefusedError(Exception):
    """A request is not passed on; the status says why."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class PageProxy:
    """Passes on what one page asks for, until it is closed or has brought more bytes than it may.

    Only who knows its password is served, so that it is no way out for other programs of this machine.
    """

    # Ports of all that run in this process: no page comes through one to another.
    _ports: ClassVar[set[int]] = set()

    def __init__(
        self, guard: AddressGuard, most_bytes: int, is_open: Callable[[], bool] = lambda: True
    ) -> None:
        """Make a proxy that serves nothing before `is_open` tells so, and brings so many bytes at most."""
        self._guard = guard
        self._left = most_bytes
        self._is_open = is_open
        self._password = secrets.token_urlsafe(24)
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        # Whether it has brought all that it may.
        self.exceeded = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_MAX_HEAD_BYTES)
        self._port = self._server.sockets[0].getsockname()[1]
        self._ports.add(self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        self._cut()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._ports.discard(self._port)

    def settings(self) -> dict[str, str]:
        """Return what Playwright is to tell the browser of it; requests to this machine come this way, too."""
        return {
            "server": f"http://127.0.0.1:{self._port}",
            "bypass": "<-loopback>",
            "username": "page",
            "password": self._password,
        }

    def _cut(self) -> None:
        for connection in self._connections:
            connection.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        full = self.exceeded or len(self._connections) >= _MOST_CONNECTIONS
        if connection is None or full or not self._is_open():
            writer.transport.abort()
            return
        self._connections.add(connection)
        try:
            await self._answer(reader, writer)
        except _RefusedError as error:
            with suppress(OSError):
                await _say(writer, error.status)
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError):
            # The browser sees a connection that broke, and tells its page so.
            pass
        except asyncio.CancelledError:
            # Cut off: nobody waits for this task but `__aexit__`.
            pass
        finally:
            self._connections.discard(connection)
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, headers = _parsed(await reader.readuntil(b"\r\n\r\n"))
        if not self._is_known(headers):
            raise _RefusedError('407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="page"')
        method, target, _ = first.split(" ", 2)
        if method == "CONNECT":
            theirs, ours = await self._connect(f"https://{target}/")
            await _say(writer, "200 Connection established", end=False)
        else:
            theirs, ours = await self._connect(target)
        try:
            if method == "CONNECT":
                await self._tunnel((reader, writer), (theirs, ours))
            else:
                await self._forward((reader, writer), (theirs, ours), (first, headers))
        finally:
            ours.transport.abort()

    def _is_known(self, headers: list[tuple[str, str]]) -> bool:
        expected = "Basic " + base64.b64encode(f"page:{self._password}".encode()).decode()
        given = next((value for name, value in headers if name == "proxy-authorization"), "")
        return secrets.compare_digest(given.encode(), expected.encode())

    async def _connect(self, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the host of a URL, at an address that the guard permits."""
        try:
            self._guard.check_url(url)
        except (AddressRefusedError, SchemeRefusedError) as error:
            raise _RefusedError("403 Forbidden") from error
        parts = urlsplit(url)
        port = parts.port or {"http": 80}.get(parts.scheme, 443)
        for address in await resolved(parts.hostname or ""):
            if not self._guard.permits(address) or port in self._ports:
                continue
            with suppress(OSError):
                async with asyncio.timeout(_CONNECT_S):
                    return await asyncio.open_connection(address, port, limit=_MAX_HEAD_BYTES)
        raise _RefusedError("502 Bad Gateway")

    async def _tunnel(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        await asyncio.gather(_pump(near[0], far[1]), self._bring(far[0], near[1]))

    async def _forward(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        head: Head,
    ) -> None:
        """Pass on one request and its answer; the connection serves no second one, which may go elsewhere."""
        first, headers = head
        method, target, version = first.split(" ", 2)
        path = urlunsplit(("", "", *urlsplit(target)[2:4], "")) or "/"
        length = int(next((value for name, value in headers if name == "content-length"), "0"))
        if length > _MAX_SENT_BODY_BYTES or any(name == "transfer-encoding" for name, _ in headers):
            raise _RefusedError("413 Content Too Large")
        far[1].write(_written(f"{method} {path} {version}", headers))
        far[1].write(await near[0].readexactly(length))
        await far[1].drain()
        answer, told = _parsed(await far[0].readuntil(b"\r\n\r\n"))
        near[1].write(_written(answer, told))
        await self._bring(far[0], near[1])

    async def _bring(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Pass on what a server sends, as long as the page may have more."""
        while data := await source.read(_CHUNK_BYTES):
            self._left -= len(data)
            if self._left < 0:
                self.exceeded = True
                self._cut()
                return
            sink.write(data)
            await sink.drain()
        _end(sink)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK_BYTES):
        sink.write(data)
        await sink.drain()
    _end(sink)


def _end(sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        if sink.can_write_eof():
            sink.write_eof()


async def _say(writer: asyncio.StreamWriter, status: str, *, end: bool = True) -> None:
    rest = "Content-Length: 0\r\nConnection: close\r\n" if end else ""
    writer.write(f"HTTP/1.1 {status}\r\n{rest}\r\n".encode())
    await writer.drain()
    if end:
        _end(writer)


def _parsed(head: bytes) -> Head:
    """Return the first line and the headers, names in small letters."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    headers = [line.partition(":") for line in lines]
    return first, [(name.strip().lower(), value.strip()) for name, _, value in headers]


def _written(first: str, headers: list[tuple[str, str]]) -> bytes:
    kept = [f"{name}: {value}\r\n" for name, value in headers if name not in _OF_ONE_HOP]
    return f"{first}\r\n{''.join(kept)}connection: close\r\n\r\n".encode("latin-1")
