"""One page in the browser: what it may ask for, where it wants to go, and whether anything is still on its way."""

from __future__ import annotations

import re
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError

from crawler.guard import AddressRefusedError, SchemeRefusedError
from crawler.settings import PRODUCT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import Frame, Page, Request, Route
    from scrapy import Request as Asking
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

    from crawler.guard import AddressGuard

# What a text may be built by. Pictures, fonts, films and frames are never asked for.
_OF_USE = frozenset({"script", "stylesheet", "xhr", "fetch", "eventsource", "websocket"})
# No page that holds a policy asks for so much.
_MOST_REQUESTS = 400
# A page may load itself again, to see whether its cookie is kept.
MOST_RELOADS = 3
# A page keeps its origin and its scripts. What is not named here it may not do: open windows and dialogs, and have
# files downloaded, which the browser asks for by itself, past all that decides here.
_SANDBOX = "sandbox allow-scripts allow-same-origin allow-forms"
# The headers of a body that we have unpacked already, of the connection that it came by, and what would have the
# browser do something else than show it.
_NOT_PASSED_ON = frozenset(
    {
        b"connection", b"content-disposition", b"content-encoding", b"content-length", b"keep-alive", b"refresh",
        b"set-cookie", b"transfer-encoding",
    }
)  # fmt: skip


# What components keep closed is shown to readers all the same. Set for each document before its own scripts run.
_OPEN_ROOTS = """
(() => {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(how) {
    return attach.call(this, how && typeof how === 'object' ? { ...how, mode: 'open' } : how);
  };
})()
"""
_CLOSED_ROOT = re.compile(rb"""(<template\b[^>]{0,500}\bshadowrootmode\s*=\s*["']?)closed\b""", re.I)


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

    async def install(self, page: Page, asking: Asking) -> None:
        """Have all that the page does pass here; called before it is opened."""
        self._main = page.main_frame
        # Of the context too, for windows that the page opens before they are closed again.
        await page.context.route("**/*", self._decide)
        await page.route("**/*", self._decide)
        page.context.on("page", _shut)
        await page.context.add_init_script(_OPEN_ROOTS)
        await self._hear_of_redirects(page, asking.meta["playwright_context_kwargs"]["proxy"])
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        page.on("crash", self._crash)
        self.installed = True

    async def _hear_of_redirects(self, page: Page, proxy: Mapping[str, str]) -> None:
        """Have what redirects lead to decided, too: routes are only asked about what a page asks for itself."""
        devtools = await page.context.new_cdp_session(page)

        async def answer(method: str, paused: dict[str, Any], **more: object) -> None:
            # The page may be closed at any moment.
            with suppress(BrowserError):
                await devtools.send(method, {"requestId": paused["requestId"], **more})

        async def decide(paused: dict[str, Any]) -> None:
            # Documents are answered by us, or go nowhere.
            if paused["resourceType"] == "Document" or self._permits(paused["request"]["url"]):
                await answer("Fetch.continueRequest", paused)
            else:
                await answer("Fetch.failRequest", paused, errorReason="BlockedByClient")

        async def authorize(paused: dict[str, Any]) -> None:
            known: dict[str, str] = {"response": "CancelAuth"}
            if paused["authChallenge"].get("source") == "Proxy":
                names = ("username", "password")
                known = {"response": "ProvideCredentials", **{name: proxy[name] for name in names}}
            await answer("Fetch.continueWithAuth", paused, authChallengeResponse=known)

        devtools.on("Fetch.requestPaused", decide)
        devtools.on("Fetch.authRequired", authorize)
        await devtools.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}], "handleAuthRequests": True})

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
            elif self._may_ask(route.request.url, route.request.resource_type):
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
        await route.fulfill(status=200, headers=_headers(self._response), body=_opened(self._response.body))

    def _elsewhere(self, url: str) -> str | None:
        return None if url == self._response.url else url

    def _may_ask(self, url: str, kind: str) -> bool:
        """Tell whether something is asked for that a text may need, at an address and by rules that allow it."""
        self._asked += 1
        return self._asked <= _MOST_REQUESTS and kind in _OF_USE and self._permits(url)

    def _permits(self, url: str) -> bool:
        """Tell whether the guard and robots.txt, where we know that of the origin, allow to ask for an address."""
        try:
            self._guard.check_url(url)
        except (AddressRefusedError, SchemeRefusedError):
            return False
        parts = urlsplit(url)
        rules = self._rules.get(f"{parts.scheme}://{parts.netloc}")
        if isinstance(rules, Exception):
            return False
        return rules is None or rules.allowed(url, PRODUCT)


async def _shut(page: Page) -> None:
    await page.close()


def _opened(body: bytes) -> bytes:
    return _CLOSED_ROOT.sub(rb"\1open", body)


def _headers(response: Response) -> dict[str, str]:
    passed = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
        if name.lower() not in _NOT_PASSED_ON
    }
    policy = "content-security-policy"
    return {**passed, policy: ", ".join(filter(None, (passed.get(policy), _SANDBOX)))}
