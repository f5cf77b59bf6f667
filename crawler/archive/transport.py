"""How an archive is spoken to: one request at a time, over connections that the network guard allows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, cast

import aiohttp

from crawler.archive.failures import AskingError, NotArchivedError, asking_error
from crawler.decompression import ACCEPTED, decompress
from crawler.failures import PageError
from crawler.guard import AddressGuard, SchemeRefusedError, guarded_connector
from crawler.settings import user_agent

if TYPE_CHECKING:
    from types import TracebackType

    from crawler.records import CrawlLimits

# Lists are longer than pages: about 120 bytes a capture.
MAX_LIST_BYTES = 32 * 2**20
_READ_BYTES = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """What came back, whatever its status."""

    url: str
    status: int
    # In the order received.
    headers: tuple[tuple[str, str], ...]
    # Decompressed.
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """Return the first header of that name, compared without case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Transport:
    """Sends GET requests and waits for each. Belongs to the thread that opened it, and keeps no cookies.

    Redirects are not followed. To be used in a `with` block.
    """

    def __init__(self, limits: CrawlLimits, timeout_s: float = 60.0) -> None:
        """Take the limits of the crawler.

        Args:
            limits: who we are, which private networks may be fetched, and the largest page.
            timeout_s: the longest wait for one whole answer. The Wayback Machine often takes half a minute.

        Raises:
            ValueError: `limits.allow_addresses` holds something that is no network.
        """
        self.max_body_bytes = limits.max_body_bytes
        self._guard = AddressGuard(limits.allow_addresses)
        self._headers = {"User-Agent": user_agent(limits.contact), "Accept-Encoding": ACCEPTED.decode()}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._runner = asyncio.Runner()
        self._session: aiohttp.ClientSession | None = None

    def get(self, url: str, max_bytes: int | None = None) -> Reply:
        """Return the answer to one request.

        Args:
            url: the whole address, as it is to be sent.
            max_bytes: of the body, compressed or not; by default the largest page.

        Raises:
            AskingError: none came, or not the whole of it.
            ArchiveDownError: the guard refuses the address, or it cannot be trusted.
            NotArchivedError: the body is too large, or damaged where it was stored, or the address is none.
        """
        try:
            return self._runner.run(self._get(url, max_bytes or self.max_body_bytes))
        except aiohttp.InvalidURL as error:
            raise NotArchivedError("address", "its address cannot be asked for") from error
        except (aiohttp.ClientError, OSError, SchemeRefusedError) as error:
            raise asking_error(error) from error
        except PageError as error:
            if error.reason == "connection":
                raise AskingError(error.reason, "its answer ends before the whole of it had come") from error
            raise NotArchivedError(error.reason, f"its answer cannot be used ({error})") from error
        except ValueError as error:
            # Of what reads addresses: no request was sent.
            raise NotArchivedError("address", "its address cannot be asked for") from error

    async def _get(self, url: str, max_bytes: int) -> Reply:
        self._guard.check_url(url)
        # The address is sent as it is: a capture is found by its very spelling.
        from yarl import URL  # noqa: PLC0415  comes with aiohttp

        session = self._opened()
        async with session.get(URL(url, encoded=True), allow_redirects=False) as response:
            body = await _read(response, max_bytes)
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers
        )
        codings = [part.strip().lower() for part in response.headers.get("Content-Encoding", "").split(",")]
        plain = decompress(body, codings, max_bytes) if body else body
        return Reply(url, response.status, headers, plain)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=guarded_connector(self._guard),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                headers=self._headers,
                # Unpacked by us, up to the limit.
                auto_decompress=False,
                trust_env=False,
            )
            # aiohttp sends a GET again by itself when a connection breaks, at once and past every pace; it has no
            # public switch for that.
            self._session._retry_connection = False
        return self._session

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._runner.run(self._put_away())
        finally:
            self._runner.close()

    async def _put_away(self) -> None:
        """Close the connections; a request that was interrupted by a signal is still on its way."""
        interrupted = asyncio.all_tasks() - {cast("asyncio.Task[None]", asyncio.current_task())}
        for task in interrupted:
            task.cancel()
        await asyncio.gather(*interrupted, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_chunked(_READ_BYTES):
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise PageError("too-large")
    return b"".join(parts)
