"""The last step before the network: every request of a crawl passes here, robots.txt and redirects too."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError

from crawler.failures import PageError
from crawler.guard import WAY_OUT, AddressGuard, AddressRefusedError
from crawler.heads import CountingFactory
from crawler.resolver import installed_resolver
from crawler.retry_after import rest_of
from crawler.turns import host_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.crawl import PoliteCrawler

# Sent through the crawler's signals to break off every download at once.
crawl_cancelled = object()

# Key in a request's meta: seconds that the page took so far, with its redirects and retries.
SPENT = "spent_s"
# Scrapy's key in a request's meta: it is there once the headers have come.
_LATENCY = "download_latency"


class GuardedDownloadHandler(HTTP11DownloadHandler):
    """Downloads what the guard permits, when its host's turn has come, within the time that the page has left.

    The guard is asked twice: here for the spelling of the URL, in `crawler.resolver` for the addresses
    that the connection goes to.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # A request that is sent again by the pool would go out of turn.
        self._pool.retryAutomatically = False
        self._pool._factory = CountingFactory
        self._guard = AddressGuard(crawler.settings.getlist("POLICYWATCH_ALLOW_ADDRESSES"))
        self._turns = cast("PoliteCrawler", crawler).turns
        self._timeout_s = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._first_byte_s = crawler.settings.getfloat("POLICYWATCH_FIRST_BYTE_S")
        self._running: set[asyncio.Future[Response]] = set()
        self._cancelled = False
        crawler.signals.connect(self._cancel, signal=crawl_cancelled)

    async def download_request(self, request: Request) -> Response:
        """Download one answer.

        Raises:
            AddressRefusedError, SchemeRefusedError: the guard refuses the URL or what its name resolved to.
            PageError: the crawl was cancelled, the host wants to be left alone, or the answer does not begin.
            Exception: what Scrapy raises, see `crawler.failures`.
        """
        self._guard.check_url(request.url)
        if self._cancelled:
            raise PageError("other", "the crawl was stopped")
        download = asyncio.ensure_future(self._in_turn(request))
        self._running.add(download)
        try:
            return await download
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
            # Scrapy waits for ever for a download that ends in no ordinary exception.
            raise PageError("other", "the crawl was stopped") from None
        finally:
            self._running.discard(download)

    async def _in_turn(self, request: Request) -> Response:
        """Wait for the host's turn, then download; what is waited counts for no time limit."""
        host = host_of(request.url)
        await self._turns.begin(host)
        try:
            response = await self._in_time(request)
            rest = rest_of(host, response, self._turns.clock())
            if rest:
                self._turns.let_rest(rest)
            return response
        except CannotResolveHostError as error:
            refusal = _refusal(request.url)
            if refusal is None:
                raise
            raise refusal from error
        finally:
            self._turns.end(host)

    async def _in_time(self, request: Request) -> Response:
        left = self._timeout_s - request.meta.get(SPENT, 0.0)
        if left <= 0:
            raise DownloadTimeoutError(f"no time left for {request.url}")
        request.meta["download_timeout"] = left
        request.meta.pop(_LATENCY, None)
        started = monotonic()
        try:
            return await self._begun_in_time(request)
        finally:
            request.meta[SPENT] = request.meta.get(SPENT, 0.0) + monotonic() - started

    async def _begun_in_time(self, request: Request) -> Response:
        """Download an answer whose headers come in time; its body may take what is left of the page's time."""
        task = cast("asyncio.Task[Response]", asyncio.current_task())
        late = False

        def give_up() -> None:
            nonlocal late
            if _LATENCY not in request.meta:
                late = task.cancel()

        timer = asyncio.get_running_loop().call_later(self._first_byte_s, give_up)
        try:
            return await super().download_request(request)
        except asyncio.CancelledError:
            if not late:
                raise
            task.uncancel()
            raise PageError("no-answer") from None
        finally:
            timer.cancel()

    def _cancel(self) -> None:
        self._cancelled = True
        for download in self._running:
            download.cancel()


def _refusal(url: str) -> AddressRefusedError | None:
    """Return the guard's refusal that looks to the client like a name without addresses, or None."""
    host = urlsplit(url).hostname or ""
    address = installed_resolver().refused_address(host)
    if not address:
        return None
    return AddressRefusedError(f"{host} is at {address}, which is not a public address; {WAY_OUT}")
