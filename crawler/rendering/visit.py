"""One page in the browser: what it may ask for, where it wants to go, and whether anything is still on its way."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError

from crawler.guard import AddressRefusedError, SchemeRefusedError
from crawler.settings import PRODUCT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import Frame, Page, Request, Route
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

    from crawler.guard import AddressGuard

# What a text may be built by. Pictures, fonts, films and frames are never asked for.
_OF_USE = frozenset({"script", "stylesheet", "xhr", "fetch", "eventsource", "websocket"})
# No page that holds a policy asks for so much.
_MOST_REQUESTS = 400
# A page may load itself again, to see whether its cookie is kept.
MOST_RELOADS = 3
# The headers of a body that we have unpacked already, of the connection that it came by, and what would have the
# browser do something else than show it.
_NOT_PASSED_ON = frozenset(
    {
        b"connection", b"content-disposition", b"content-encoding", b"content-length", b"keep-alive", b"refresh",
        b"set-cookie", b"transfer-encoding",
    }
)  # fmt: skip


class Visit:
    """Answers the browser's requests: the page itself from what was fetched, the rest by permission.

    Args:
        response: the page as its server sent it, body unpacked.
        guard: decides which addresses may be asked at all.
        rules: robots.txt of the origins that were asked for theirs, None where one has none.
    """

    def __init__(
        self, response: Response, guard: AddressGuard, rules: Mapping[str, RobotParser | Exception | None]
    ) -> None:
        self._response = response
        self._guard = guard
        self._rules = rules
        self._shown = False
        self._reloads = 0
        self._main: Frame | None = None
        self._asked = 0
        self._under_way: set[Request] = set()
        self._last = monotonic()
        # Whether every request of the page passes here.
        self.installed = False
        self.crashed = False
        # Where its scripts send the reader.
        self.leads_to: str | None = None

    async def install(self, page: Page, _: object) -> None:
        """Have all that the page does pass here; called before it is opened."""
        self._main = page.main_frame
        # Of the context too, for windows that the page opens before they are closed again.
        await page.context.route("**/*", self._decide)
        await page.route("**/*", self._decide)
        page.context.on("page", _shut)
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        page.on("crash", self._crash)
        self.installed = True

    def quiet_s(self) -> float:
        """Return since when nothing is under way, in seconds; 0 while something is."""
        return 0.0 if self._under_way else monotonic() - self._last

    def _began(self, request: Request) -> None:
        self._under_way.add(request)

    def _ended(self, request: Request) -> None:
        self._under_way.discard(request)
        self._last = monotonic()

    def _crash(self, _: object) -> None:
        self.crashed = True

    async def _decide(self, route: Route) -> None:
        # The page may be closed at any moment.
        try:
            if self._is_main(route.request):
                await self._open(route)
            elif self._may(route.request):
                await route.continue_()
            else:
                await route.abort()
        except BrowserError:
            return

    def _is_main(self, request: Request) -> bool:
        return request.is_navigation_request() and request.frame == self._main

    async def _open(self, route: Route) -> None:
        """Show the page that was fetched, the first time; a page that leads elsewhere is fetched by us."""
        asked_for = route.request
        if self._shown and asked_for.method == "GET" and self.leads_to is None:
            self.leads_to = self._elsewhere(asked_for.url)
        again = asked_for.method == "GET" and asked_for.url == self._response.url
        if self._shown and not (again and self._reloads < MOST_RELOADS):
            # For any other reason the browser would put a page of its own in the place of this one.
            await route.abort("aborted")
            return
        self._reloads += self._shown
        self._shown = True
        await route.fulfill(status=200, headers=_headers(self._response), body=self._response.body)

    def _elsewhere(self, url: str) -> str | None:
        return None if url == self._response.url else url

    def _may(self, request: Request) -> bool:
        """Tell whether something is asked for that a text may need, at an address and by rules that allow it."""
        self._asked += 1
        if self._asked > _MOST_REQUESTS or request.resource_type not in _OF_USE:
            return False
        try:
            self._guard.check_url(request.url)
        except (AddressRefusedError, SchemeRefusedError):
            return False
        parts = urlsplit(request.url)
        rules = self._rules.get(f"{parts.scheme}://{parts.netloc}")
        if isinstance(rules, Exception):
            return False
        return rules is None or rules.allowed(request.url, PRODUCT)


async def _shut(page: Page) -> None:
    await page.close()


def _headers(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1"): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
        if name.lower() not in _NOT_PASSED_ON
    }
