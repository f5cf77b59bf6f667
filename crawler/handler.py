"""The last step before the network: every request of a crawl passes here, robots.txt and redirects too."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError

from crawler.failures import PageError
from crawler.guard import WAY_OUT, AddressGuard, AddressRefusedError
from crawler.resolver import installed_resolver

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

# Sent through the crawler's signals to break off every download at once.
crawl_cancelled = object()

# Key in a request's meta: seconds that the page took so far, with its redirects and retries.
SPENT = "spent_s"


class GuardedDownloadHandler(HTTP11DownloadHandler):
    """Downloads what the guard permits, within the time that the page has left.

    The guard is asked twice: here for the spelling of the URL, in `crawler.resolver` for the addresses
    that the connection goes to.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._guard = AddressGuard(crawler.settings.getlist("POLICYWATCH_ALLOW_ADDRESSES"))
        self._timeout_s = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._running: set[asyncio.Future[Response]] = set()
        self._cancelled = False
        crawler.signals.connect(self._cancel, signal=crawl_cancelled)

    async def download_request(self, request: Request) -> Response:
        """Download one answer.

        Raises:
            AddressRefusedError, SchemeRefusedError: the guard refuses the URL or what its name resolved to.
            PageError: the crawl was cancelled.
            Exception: what Scrapy raises, see `crawler.failures`.
        """
        self._guard.check_url(request.url)
        left = self._timeout_s - request.meta.get(SPENT, 0.0)
        if left <= 0:
            raise DownloadTimeoutError(f"no time left for {request.url}")
        request.meta["download_timeout"] = left
        started = monotonic()
        try:
            return await self._download(request)
        except CannotResolveHostError as error:
            refusal = _refusal(request.url)
            if refusal is None:
                raise
            raise refusal from error
        finally:
            request.meta[SPENT] = request.meta.get(SPENT, 0.0) + monotonic() - started

    async def _download(self, request: Request) -> Response:
        if self._cancelled:
            raise PageError("other", "the crawl was stopped")
        download = asyncio.ensure_future(super().download_request(request))
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
