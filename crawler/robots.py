"""robots.txt by RFC 9309: who says no is obeyed, and who cannot be asked has said no."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import build_from_crawler

from crawler.failures import PageError, reason_of

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

# RFC 9309, section 2.5: at least 500 KiB must be read.
_MAX_BYTES = 512 * 1024
# Failures of the whole host; the page would meet the same, so they are told as they are.
_OF_THE_HOST = frozenset({"address", "dns", "refused", "scheme", "tls"})


class ObedientRobotsMiddleware(RobotsTxtMiddleware):
    """Asks each origin (scheme, host and port) once a crawl, however many requests wait for the answer.

    Scrapy's own lets requests pass that arrive while robots.txt is on its way, reads an error page as rules,
    and takes an unreachable robots.txt for a yes.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # For each origin its rules, None where it has none, or the reason and note of why it said no.
        self._rules: dict[str, RobotParser | tuple[str, str] | None] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Let a request pass that the rules of its origin allow.

        Raises:
            PageError: "robots" where they do not, "robots-unreachable" where they could not be fetched, or
                the reason why nothing can be fetched from that host.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return
        rules = await self.robot_parser(request)
        if rules is not None and not rules.allowed(request.url, self._robotstxt_useragent or ""):
            raise PageError("robots")

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the request's origin, None where it has none; raise PageError as above."""
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            if origin not in self._rules:
                self._rules[origin] = await self._ask(origin)
        rules = self._rules[origin]
        if isinstance(rules, tuple):
            raise PageError(*rules)
        return rules

    async def _ask(self, origin: str) -> RobotParser | tuple[str, str] | None:
        request = Request(
            f"{origin}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={"dont_obey_robotstxt": True},
        )
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:
            return _unreachable(error)
        return self._read(response)

    def _read(self, response: Response) -> RobotParser | tuple[str, str] | None:
        if response.status >= 500:
            return "robots-unreachable", f"it answered {response.status}"
        if response.status != 200:
            # "Unavailable" (section 2.3.1.3): the site has no rules for us.
            return None
        return build_from_crawler(self._parserimpl, self.crawler, response.body[:_MAX_BYTES])


def _unreachable(error: Exception) -> tuple[str, str] | None:
    reason = reason_of(error)
    if reason == "redirects":
        # Section 2.3.1.2: after more than five redirects it may be taken for unavailable.
        return None
    note = str(error) if reason in {"address", "scheme"} else ""
    return (reason, note) if reason in _OF_THE_HOST else ("robots-unreachable", reason)
