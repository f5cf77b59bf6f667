"""The one crawl of a discovery: a page at a time, each chosen after the one before it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.discovery.lexicon import lexicon
from crawler.discovery.proposals import discovery
from crawler.discovery.search import MOST_REQUESTS, Search
from crawler.fetch import fetch, utc_now
from crawler.records import FetchFailure, NotModified, Target
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawler.discovery.rating import Candidate
    from crawler.discovery.records import Discovery
    from crawler.records import Answer, CrawlLimits
    from storage.hosts import HostStore

__all__ = ["MOST_REQUESTS", "UnreachableError", "discover"]

_KEY = DocumentKey("discovery", "page")


class UnreachableError(Exception):
    """The first page of a site could not be fetched; the message names it and says why."""


async def discover(
    url: str,
    limits: CrawlLimits,
    *,
    languages: Sequence[str] = (),
    advance: Callable[[], None] = lambda: None,
    clock: Callable[[], datetime] = utc_now,
    hosts: HostStore | None = None,
) -> Discovery:
    """Find the policies of a site; must run under `crawler.loop.run`.

    One request is made at a time, `limits.delay_s` apart, and no more than MOST_REQUESTS; robots.txt is obeyed.

    Args:
        url: an address of the site, mostly its front page.
        limits: how politely and how much is fetched.
        languages: ISO 639-1 codes of the documents that are looked for; that of the first page by default.
        advance: called after every answer.
        clock: tells the time.
        hosts: when each host may be asked, and its robots.txt; without it, what this search itself learns.

    Raises:
        StoreError: `hosts` cannot be read or written.
        UnreachableError: the first page could not be fetched.
        ValueError: `limits.allow_addresses` holds something that is no network.
    """
    search = Search(url, languages, lexicon(), limits.max_body_bytes)
    # The page that is on its way; one at a time.
    asked: list[Candidate] = []

    def ask() -> list[Target]:
        candidate = search.next()
        asked[:] = [candidate] if candidate else []
        return [Target(_KEY, candidate.url)] if candidate else []

    async def learn(_: Target, answer: Answer) -> Sequence[Target]:
        candidate = asked[0]
        if candidate.origin == "start" and isinstance(answer, FetchFailure):
            raise UnreachableError(answer.detail)
        if not isinstance(answer, NotModified):  # nothing was asked for on a condition
            search.learn(candidate, answer)
        advance()
        return ask()

    await fetch(ask(), limits, learn, clock=clock, hosts=hosts)
    return discovery(search)
