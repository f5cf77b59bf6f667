"""The last step of a page that scripts build: what its server sent is shown to Chromium, and read when it is done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Self, cast

from playwright._impl._errors import TargetClosedError
from playwright.async_api import Error as BrowserError
from scrapy import Request, signals

from crawler.conditional import TARGET
from crawler.failures import PageError
from crawler.guard import AddressGuard
from crawler.handler import SPENT, crawl_cancelled
from crawler.redirects import RedirectMiddleware
from crawler.rendering.browsers import OwnBrowser, own_browsers
from crawler.rendering.chromium import MOST_BYTES, RENDERED
from crawler.rendering.proxy import PageProxy
from crawler.rendering.reading import Reader
from crawler.rendering.visit import Visit
from crawler.turns import host_of

if TYPE_CHECKING:
    from playwright.async_api import Page
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.crawl import PoliteCrawler
    from crawler.records import Rendering, Target


# What the page and all that it asks for may weigh on its way, as a multiple of the largest page.
_TIMES = 8
# Share of the page's time after which it is read as it is; the rest is for the reading.
_WAITED = 0.75
# Where a browser is before its first page.
_NOWHERE = "about:blank"


@dataclass(frozen=True)
class _Shown:
    """A page as it was shown; where it leads, its body is empty."""

    body: bytes
    leads_to: str | None
    # The browser with its version, as captures say it.
    by: str


class _BrowserEndedError(Exception):
    """A page, and no fault of ours that we know of, ended the browser."""


class RenderMiddleware:
    """Renders what targets with `render` were answered with."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = cast("PoliteCrawler", crawler)
        self._guard = AddressGuard(settings.getlist("POLICYWATCH_ALLOW_ADDRESSES"))
        self._redirects = RedirectMiddleware.from_crawler(crawler)
        self._max_bytes = settings.getint("DOWNLOAD_MAXSIZE")
        self._timeout_s = settings.getfloat("DOWNLOAD_TIMEOUT")
        # A browser for each page that is rendered at the same time, so that none ends with the page beside it.
        self._browsers = own_browsers(crawler)
        self._idle = asyncio.LifoQueue[OwnBrowser]()
        for browser in self._browsers:
            self._idle.put_nowait(browser)
        self._names = map(str, count())
        self._running: set[asyncio.Future[_Shown]] = set()
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
        shown = await self._unless_cancelled(request, response, target.render)
        if shown.leads_to is not None:
            return self._redirects.next_request(request, shown.leads_to)
        request.meta[RENDERED] = shown.by
        return response.replace(body=shown.body)

    async def _unless_cancelled(self, request: Request, response: Response, how: Rendering) -> _Shown:
        task = asyncio.ensure_future(self._in_turn(request, response, how))
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

    async def _in_turn(self, request: Request, response: Response, how: Rendering) -> _Shown:
        """Render when a browser is free and the host's turn has come.

        The time that is waited, and the browser's start, do not count.
        """
        host = host_of(request.url)
        browser = await self._idle.get()
        try:
            by = await browser.start()
            await self._crawler.turns.begin(host)
            try:
                return await self._in_time(request, response, how, browser, by)
            except _BrowserEndedError:
                # It may have ended for a reason of its own; a page that ends two has none to be shown in.
                by = await browser.start()
                return await self._in_time(request, response, how, browser, by)
            finally:
                self._crawler.turns.end(host)
        except _BrowserEndedError as error:
            raise PageError("crash", "twice") from error
        finally:
            self._idle.put_nowait(browser)

    async def _in_time(
        self, request: Request, response: Response, how: Rendering, browser: OwnBrowser, by: str
    ) -> _Shown:
        left_s = self._timeout_s - request.meta.get(SPENT, 0.0)
        started = monotonic()
        visit = Visit(response, self._guard, self._crawler.rules)
        try:
            async with asyncio.timeout(left_s), browser.watched():
                body = await self._rendered(request.url, visit, how, browser, left_s)
        except TimeoutError:
            raise PageError("timeout", "its scripts came to no end") from None
        finally:
            request.meta[SPENT] = request.meta.get(SPENT, 0.0) + monotonic() - started
        return _Shown(body, visit.leads_to, by)

    async def _rendered(
        self, url: str, visit: Visit, how: Rendering, browser: OwnBrowser, left_s: float
    ) -> bytes:
        """Return the page when it is done; b"" where it leads elsewhere."""
        name = next(self._names)
        # The proxy opens once the visit decides what the page may ask for.
        async with PageProxy(self._guard, _TIMES * self._max_bytes, lambda: visit.installed) as proxy:
            try:
                page = await _opened(browser, _asking(url, name, visit, proxy, how), visit)
                reader = Reader(page, visit, self._max_bytes, how.select)
                await reader.settle(_WAITED * left_s)
                body = b"" if visit.leads_to else await reader.html()
            except BrowserError as error:
                if visit.leads_to is None:
                    raise _failure(error, visit, browser) from error
                body = b""
            finally:
                await browser.put_away(name)
        if proxy.exceeded:
            raise PageError("too-large", "with all that its scripts ask for")
        return body

    def _cancel(self) -> None:
        self._cancelled = True
        for rendering in self._running:
            rendering.cancel()

    async def _close(self) -> None:
        await asyncio.gather(*(browser.close() for browser in self._browsers))


async def _opened(browser: OwnBrowser, asking: Request, visit: Visit) -> Page:
    try:
        await browser.open(asking)
    except BrowserError:
        # It takes a first copy at once, and cannot while scripts send the page elsewhere; ours comes later.
        opened: Page | None = asking.meta.get("playwright_page")
        if opened is None or opened.url == _NOWHERE:
            raise
    if not visit.installed:
        raise PageError("other", "the browser could not be kept in bounds")
    return cast("Page", asking.meta["playwright_page"])


def _failure(error: BrowserError, visit: Visit, browser: OwnBrowser) -> Exception:
    """Return what it means that the browser failed at a page."""
    if browser.overfilled:
        return PageError("crash", f"its scripts fill more than {MOST_BYTES // 2**20} MiB of memory")
    if visit.crashed:
        return PageError("crash", "a process of it ended, perhaps for want of memory")
    # That a page is gone is heard before that its browser is.
    ended = isinstance(error, TargetClosedError) or not browser.alive
    return _BrowserEndedError() if ended else PageError("other", "the browser did not show it")


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
