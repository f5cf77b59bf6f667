"""The last step of a page that scripts build: what its server sent is shown to Chromium, and read when it is done."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, cast

from playwright.async_api import Error as BrowserError
from scrapy import Request, signals
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from crawler.conditional import TARGET
from crawler.failures import PageError
from crawler.guard import AddressGuard
from crawler.handler import SPENT, crawl_cancelled
from crawler.redirects import RedirectMiddleware
from crawler.rendering.chromium import RENDERED, bounded_memory
from crawler.rendering.proxy import PageProxy
from crawler.rendering.reading import Reader
from crawler.rendering.visit import Visit
from crawler.turns import host_of

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.crawl import PoliteCrawler
    from crawler.records import Rendering, Target


# Pages at the same time; each may take a core and hundreds of megabytes.
_AT_ONCE = 2
# What the page and all that it asks for may weigh on its way, as a multiple of the largest page.
_TIMES = 8
# Share of the page's time after which it is read as it is; the rest is for the reading.
_WAITED = 0.75
_CLOSING_S = 10.0
# Where a browser is before its first page.
_NOWHERE = "about:blank"

# Whatever goes wrong becomes the failure of a page.
_log = logging.getLogger("scrapy-playwright")
_log.addHandler(logging.NullHandler())
_log.propagate = False


class BoundedProvider(PlaywrightBrowserProvider):  # type: ignore[misc]
    """Starts the system's Chromium with its limits."""

    async def start(self) -> None:
        """Start what drives the browser, which hands its limits on."""
        with bounded_memory():
            await super().start()


class RenderMiddleware:
    """Renders what targets with `render` were answered with."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = cast("PoliteCrawler", crawler)
        self._guard = AddressGuard(settings.getlist("POLICYWATCH_ALLOW_ADDRESSES"))
        self._redirects = RedirectMiddleware.from_crawler(crawler)
        self._max_bytes = settings.getint("DOWNLOAD_MAXSIZE")
        self._timeout_s = settings.getfloat("DOWNLOAD_TIMEOUT")
        # Starts what drives the browser with the crawl, and the browser with the first page.
        self._handler = ScrapyPlaywrightDownloadHandler(crawler)
        # A page that broke the browser is not shown to the next one.
        self._handler.config.target_closed_max_retries = 0
        self._names = map(str, count())
        # What captures say of it.
        self._name = ""
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._running: set[asyncio.Future[bytes]] = set()
        self._cancelled = False
        crawler.signals.connect(self._cancel, signal=crawl_cancelled)
        crawler.signals.connect(self._close, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from the crawl's settings, as Scrapy asks."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the page as its scripts have made it, or the request for the page that they lead to.

        Raises:
            PageError: it cannot be rendered, takes too long, or becomes too large.
            AddressRefusedError, SchemeRefusedError: the guard refuses where it leads.
        """
        target: Target | None = request.meta.get(TARGET)
        kind = response.headers.get("Content-Type") or b"text/html"
        if target is None or target.render is None or response.status != 200 or b"html" not in kind.lower():
            return response
        visit = Visit(response, self._guard, self._crawler.rules)
        body = await self._unless_cancelled(request, visit, target.render)
        if visit.leads_to is not None:
            return self._redirects.next_request(request, visit.leads_to)
        request.meta[RENDERED] = self._name
        return response.replace(body=body)

    async def _unless_cancelled(self, request: Request, visit: Visit, how: Rendering) -> bytes:
        task = asyncio.ensure_future(self._in_turn(request, visit, how))
        self._running.add(task)
        try:
            if self._cancelled:
                task.cancel()
            return await task
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
            raise PageError("other", "the crawl was stopped") from None
        finally:
            self._running.discard(task)

    async def _in_turn(self, request: Request, visit: Visit, how: Rendering) -> bytes:
        """Render when the host's turn has come; the time that is waited, and the browser's start, do not count."""
        host = host_of(request.url)
        async with self._at_once:
            await self._start()
            await self._crawler.turns.begin(host)
            try:
                return await self._in_time(request, visit, how)
            finally:
                self._crawler.turns.end(host)

    async def _in_time(self, request: Request, visit: Visit, how: Rendering) -> bytes:
        left_s = self._timeout_s - request.meta.get(SPENT, 0.0)
        started = monotonic()
        try:
            async with asyncio.timeout(left_s):
                return await self._rendered(request.url, visit, how, left_s)
        except TimeoutError:
            raise PageError("timeout", "its scripts came to no end") from None
        finally:
            request.meta[SPENT] = request.meta.get(SPENT, 0.0) + monotonic() - started

    async def _rendered(self, url: str, visit: Visit, how: Rendering, left_s: float) -> bytes:
        """Return the page when it is done; b"" where it leads elsewhere."""
        name = next(self._names)
        # The proxy opens once the visit decides what the page may ask for.
        async with PageProxy(self._guard, _TIMES * self._max_bytes, lambda: visit.installed) as proxy:
            try:
                page = await self._opened(_asking(url, name, visit, proxy, how), visit)
                reader = Reader(page, visit, self._max_bytes, how.select)
                await reader.settle(_WAITED * left_s)
                body = b"" if visit.leads_to else await reader.html()
            except BrowserError as error:
                if visit.leads_to is None:
                    note = "its scripts broke the browser" if visit.crashed else "the browser did not show it"
                    raise PageError("other", note) from error
                body = b""
            finally:
                await self._put_away(name)
        if proxy.exceeded:
            raise PageError("too-large", "with all that its scripts ask for")
        return body

    async def _opened(self, asking: Request, visit: Visit) -> Page:
        try:
            await self._handler.download_request(asking)
        except BrowserError:
            # It takes a first copy at once, and cannot while scripts send the page elsewhere; ours comes later.
            opened: Page | None = asking.meta.get("playwright_page")
            if opened is None or opened.url == _NOWHERE:
                raise
        if not visit.installed:
            raise PageError("other", "the browser could not be kept in bounds")
        return cast("Page", asking.meta["playwright_page"])

    async def _start(self) -> None:
        """Have the browser run; scrapy-playwright starts one anew that came to an end."""
        try:
            await self._handler._maybe_launch_browser()
            browser: Browser = self._handler.browser
            self._name = f"Chromium {browser.version}"
        except Exception as error:
            first, *_ = str(error).splitlines() or [type(error).__name__]
            raise PageError("no-browser", f"Chromium does not start: {first[:200]}") from error

    async def _put_away(self, name: str) -> None:
        """Close a page with its context; one that hangs takes the browser with it."""
        wrapper = self._handler.context_wrappers.get(name)
        if wrapper is None:
            return
        try:
            async with asyncio.timeout(_CLOSING_S):
                await wrapper.context.close()
        except (TimeoutError, BrowserError):
            self._handler.context_wrappers.pop(name, None)
            with suppress(TimeoutError, BrowserError):
                async with asyncio.timeout(_CLOSING_S):
                    await self._handler.browser.close()

    def _cancel(self) -> None:
        self._cancelled = True
        for rendering in self._running:
            rendering.cancel()

    async def _close(self) -> None:
        await self._handler.close()


def _asking(url: str, name: str, visit: Visit, proxy: PageProxy, how: Rendering) -> Request:
    """Return the request by which scrapy-playwright opens the page, in a context of its own."""
    context = {
        "proxy": proxy.settings(),
        **({"locale": how.language} if how.language else {}),
        "service_workers": "block",
        "accept_downloads": False,
        "ignore_https_errors": False,
        # High enough that nothing waits to be scrolled to.
        "viewport": {"width": 1280, "height": 4000},
    }
    meta = {
        "playwright": True,
        "playwright_include_page": True,
        "playwright_context": name,
        "playwright_context_kwargs": context,
        "playwright_page_init_callback": visit.install,
        "playwright_page_goto_kwargs": {"wait_until": "commit"},
    }
    return Request(url, meta=meta)


def playwright_settings(launch: dict[str, Any]) -> dict[str, Any]:
    """Return what scrapy-playwright is told of the browser."""
    return {
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_BROWSER_PROVIDER": BoundedProvider,
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch,
        # The browser's own are as they should be.
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
        # In milliseconds; no page of ours becomes a download, which is waited for where a navigation breaks off.
        "PLAYWRIGHT_DOWNLOAD_TIMEOUT": 1000,
    }
