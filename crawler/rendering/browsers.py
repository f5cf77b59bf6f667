"""A browser for one page at a time: started when it is wanted, watched while it works, replaced when it ended."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as BrowserError
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from crawler.failures import PageError
from crawler.rendering import memory
from crawler.rendering.chromium import MOST_BYTES, bounded_memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.rendering.memory import Process

_CLOSING_S = 5.0
# The folders that Playwright makes for browsers are named so.
_OF_PLAYWRIGHT = "playwright_chromium"
# So often it is looked how much memory the browser fills.
_LOOK_S = 0.2

# Whatever goes wrong becomes the failure of a page.
_log = logging.getLogger("scrapy-playwright")
_log.addHandler(logging.NullHandler())
_log.propagate = False


def own_browsers(crawler: Crawler) -> list[OwnBrowser]:
    """Return the browsers of a crawl, as many as there are pages that are rendered at the same time."""
    return [OwnBrowser(crawler) for _ in range(_AT_ONCE)]


class BoundedProvider(PlaywrightBrowserProvider):  # type: ignore[misc]
    """Starts the system's Chromium with its limits."""

    # Whether what drives the browser came to an end of its own.
    ended = False

    async def start(self) -> None:
        """Start what drives the browser, which hands its limits on."""
        with bounded_memory():
            await super().start()
        client: Any = getattr(self.playwright_context_manager, "_client", None)
        if ended := getattr(getattr(client, "_transport", None), "on_error_future", None):
            ended.add_done_callback(self._end)

    def _end(self, future: asyncio.Future[None]) -> None:
        # An error that nobody takes is told on the standard error.
        self.ended = not future.cancelled() and future.exception() is not None


# Pages at the same time; each may take a core and as much memory as a browser may fill.
_AT_ONCE = 2


class OwnBrowser:
    """A browser with what drives it, neither of them shared with another page of the same time.

    A page may end both: the browser by a crash or by its hunger, what drives it by a message that is too long.

    Args:
        crawler: has the settings of the browser.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._handler: ScrapyPlaywrightDownloadHandler | None = None
        # An argument of its process, by which it is found.
        self.mark = ""
        # What drives it, the parent of all its processes; None where the system does not tell.
        self._head: Process | None = None
        # Where it keeps what it must while it runs.
        self._folder: Path | None = None
        # Whether it was ended because of what its page filled.
        self.overfilled = False

    @property
    def alive(self) -> bool:
        """Whether it runs, and can be told what to do."""
        # Neither is there before it was started, and no browser after it ended.
        provider: BoundedProvider | None = getattr(self._handler, "browser_provider", None)
        browser: Browser | None = getattr(self._handler, "browser", None)
        return bool(provider and browser and browser.is_connected() and not provider.ended)

    async def start(self) -> str:
        """Have it run, anew if it ended; return its name ("Chromium 150.0.7871.100").

        Raises:
            PageError: "no-browser".
        """
        if self._handler is not None and not self.alive:
            await self.close()
        self.overfilled = False
        try:
            if self._handler is None:
                self._handler = self._new_handler()
                await self._handler._launch()
            await self._handler._maybe_launch_browser()
            await asyncio.to_thread(self._learn_processes)
            return f"Chromium {self._handler.browser.version}"
        except Exception as error:
            await self.close()
            first, *_ = str(error).splitlines() or [type(error).__name__]
            raise PageError("no-browser", f"Chromium does not start: {first[:200]}") from error

    async def open(self, asking: Request) -> None:
        """Open a page in a context of its own, as scrapy-playwright is asked to.

        Raises:
            BrowserError: it could not be opened, or not to its end.
        """
        if self._handler is None:
            raise BrowserError("the browser was not started")
        await self._handler.download_request(asking)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """End it when it fills more memory than it may within this block: whatever waits for it fails then."""
        watching = asyncio.ensure_future(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def put_away(self, name: str) -> None:
        """Close a context with its page; one that hangs takes the browser with it."""
        wrapper = self._handler.context_wrappers.pop(name, None) if self._handler else None
        if wrapper is None:
            return
        try:
            async with asyncio.timeout(_CLOSING_S):
                await wrapper.context.close()
        except (TimeoutError, BrowserError):
            await self.close()

    async def close(self) -> None:
        """End it, and what drives it; it can be started again."""
        handler, self._handler = self._handler, None
        if handler is None:
            return
        with suppress(Exception):
            async with asyncio.timeout(_CLOSING_S):
                await handler.close()
        # What does not end when it is asked to, ends all the same: also a browser that nothing drives any more.
        if self._head is not None:
            await asyncio.to_thread(lambda head: memory.end(memory.family_of(head)), self._head)
        await asyncio.to_thread(_end_marked, self.mark)
        # What drove it takes its folder away, unless that ended first.
        if self._folder is not None and _OF_PLAYWRIGHT in self._folder.name:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        self._head = self._folder = None

    def _new_handler(self) -> ScrapyPlaywrightDownloadHandler:
        handler = ScrapyPlaywrightDownloadHandler(self._crawler)
        # A page that ended the browser is given another one by us, once.
        handler.config.target_closed_max_retries = 0
        launch = handler.config.launch_options
        self.mark = f"--policywatch-browser={secrets.token_hex(8)}"
        handler.config.launch_options = {**launch, "args": [*launch["args"], self.mark]}
        return handler

    def _learn_processes(self) -> None:
        browser = memory.process_with(self.mark)
        if browser is not None:
            self._head = memory.starter_of(browser)
            folder = memory.value_of(browser, "--user-data-dir")
            self._folder = Path(folder) if folder else None

    async def _watch(self) -> None:
        while self._head is not None and (family := await asyncio.to_thread(memory.family_of, self._head)):
            if await asyncio.to_thread(memory.filled_bytes, family) > MOST_BYTES:
                self.overfilled = True
                # What drives the browser stays, and tells us of its end.
                await asyncio.to_thread(_end_marked, self.mark)
                return
            await asyncio.sleep(_LOOK_S)


def _end_marked(mark: str) -> None:
    browser = memory.process_with(mark)
    if browser is not None:
        memory.end(memory.family_of(browser))


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
