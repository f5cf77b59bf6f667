"""robots.txt by RFC 9309: who says no is obeyed, and who cannot be asked has said no.

What was said is kept in the store for a day, so that crawls do not ask again and again.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import build_from_crawler

from crawler.failures import PageError, reason_of
from crawler.turns import host_of
from storage.hosts import KnownRobots
from storage.store import StoreError

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

    from crawler.crawl import PoliteCrawler

# RFC 9309, section 2.5: at least 500 KiB must be read.
_MAX_BYTES = 512 * 1024
# Section 2.4: what was fetched should not be used for more than 24 hours.
_KEEP = timedelta(hours=24)
# A server that failed may be well again soon; till then it is not asked by every crawl.
_KEEP_FAILURE = timedelta(minutes=10)
# Failures of the whole host; the page would meet the same, so they are told as they are, and kept by nobody.
_OF_THE_HOST = frozenset({"address", "dns", "refused", "retry-after", "scheme", "tls"})


class ObedientRobotsMiddleware(RobotsTxtMiddleware):
    """Asks each origin (scheme, host and port) once a day, however many requests wait for the answer.

    Scrapy's own lets requests pass that arrive while robots.txt is on its way, reads an error page as rules,
    takes an unreachable robots.txt for a yes, and does not apply Crawl-delay.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns = cast("PoliteCrawler", crawler).turns
        # For each origin its rules, None where it has none, or why nothing may be fetched.
        self._rules = cast("PoliteCrawler", crawler).rules
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
                self._rules[origin] = await self._learn(origin)
        rules = self._rules[origin]
        if isinstance(rules, PageError):
            # One of its own for each page: an error that is raised twice would grow.
            raise PageError(rules.reason, rules.note, retry_at=rules.retry_at)
        return rules

    async def _learn(self, origin: str) -> RobotParser | PageError | None:
        """Return what the store knows of an origin, else what the origin says."""
        hosts, now = self._turns.hosts, self._turns.clock()
        known = hosts.robots(origin, now)
        if known is None:
            try:
                known = await self._ask(origin)
            except PageError as error:
                return error
            hosts.keep_robots(origin, known, now + (_KEEP_FAILURE if known.reason else _KEEP))
        return self._understood(origin, known)

    async def _ask(self, origin: str) -> KnownRobots:
        """Fetch the robots.txt of an origin; raise PageError where its host cannot be reached at all."""
        request = Request(
            f"{origin}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={"dont_obey_robotstxt": True},
        )
        try:
            response = await self.crawler.engine.download_async(request)
        except StoreError:
            raise
        except Exception as error:
            return _unreachable(error)
        return _said(response)

    def _understood(self, origin: str, known: KnownRobots) -> RobotParser | PageError | None:
        host = host_of(origin)
        if known.reason:
            return PageError(known.reason, known.note, retry_at=self._turns.resting_until(host))
        if known.rules is None:
            return None
        rules: RobotParser = build_from_crawler(self._parserimpl, self.crawler, known.rules)
        self._turns.slow_down(host, rules.crawl_delay(self._robotstxt_useragent or ""))
        return rules


def _said(response: Response) -> KnownRobots:
    # Too many requests is no "unavailable": who is busy has not said yes.
    if response.status >= 500 or response.status == 429:
        return KnownRobots(None, "robots-unreachable", f"it answered {response.status}")
    if response.status != 200:
        # "Unavailable" (section 2.3.1.3): the site has no rules for us.
        return KnownRobots()
    return KnownRobots(response.body[:_MAX_BYTES])


def _unreachable(error: Exception) -> KnownRobots:
    reason = reason_of(error)
    if reason == "redirects":
        # Section 2.3.1.2: after more than five redirects it may be taken for unavailable.
        return KnownRobots()
    if reason in _OF_THE_HOST:
        raise _of_the_host(reason, error) from error
    return KnownRobots(None, "robots-unreachable", reason)


def _of_the_host(reason: str, error: Exception) -> PageError:
    if isinstance(error, PageError):
        return PageError(reason, error.note, retry_at=error.retry_at)
    return PageError(reason, str(error) if reason in {"address", "scheme"} else "")
