"""One crawl: from targets to captures and failures."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawler.answers import Answers
from crawler.crawl import PoliteCrawler
from crawler.failures import PageError, fetch_failure
from crawler.guard import AddressGuard
from crawler.handler import crawl_cancelled
from crawler.rendering.chromium import what_is_missing
from crawler.resolver import installed_resolver
from crawler.turns import Turns
from storage.hosts import PassingHosts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from crawler.records import Answer, CrawlLimits, Target
    from storage.hosts import HostStore

# How long a crawl that was cancelled may take to put its things away, in seconds.
_STOP_S = 1.0

# Heard by whoever configures logging, never printed of its own accord.
logging.getLogger("scrapy").addHandler(logging.NullHandler())


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def fetch(
    targets: Sequence[Target],
    limits: CrawlLimits,
    on_answer: Callable[[Target, Answer], Awaitable[Sequence[Target] | None]],
    *,
    clock: Callable[[], datetime] = utc_now,
    hosts: HostStore | None = None,
) -> None:
    """Fetch the targets, and call `on_answer` exactly once for each, one call at a time, as the answers come.

    Targets that `on_answer` returns are fetched in the same crawl: robots.txt is asked for once, the delay holds.
    Must run under `crawler.loop.run`. An error of `on_answer` or `hosts` ends the crawl and is raised here; after it,
    and once the crawl is cancelled, nothing more is answered.

    Args:
        targets: one that was `seen` is answered with `NotModified` where the server says so.
        limits: of this crawl.
        on_answer: takes the answers.
        clock: gives the time, UTC.
        hosts: when each host may be asked, and its robots.txt; without it, what this crawl itself learns.

    Raises:
        ValueError: `limits.allow_addresses` holds something that is no network.
        StoreError: `hosts` cannot be read or written.
    """
    answers = Answers(targets, on_answer)
    guard = AddressGuard(limits.allow_addresses)
    turns = Turns(hosts or PassingHosts(), delay_s=limits.delay_s, timeout_s=limits.timeout_s, clock=clock)
    wanted = any(target.render is not None for target in targets)
    crawler = PoliteCrawler(limits, turns, rendering=wanted and what_is_missing() is None)
    with installed_resolver().guarded_by(guard):
        await _crawl(crawler, answers, guard, clock)
    for number, target in answers.missing():
        lost = PageError("other", "the crawl ended without an answer")
        await answers.give(number, fetch_failure(target, lost, clock()))
    if answers.failed.done():
        raise answers.failed.result()


async def _crawl(
    crawler: PoliteCrawler, answers: Answers, guard: AddressGuard, clock: Callable[[], datetime]
) -> None:
    # Scrapy's runner looks for spiders first, among settings of its own, each time.
    crawl = asyncio.create_task(crawler.crawl_async(answers=answers, guard=guard, clock=clock))
    try:
        either: set[asyncio.Future[Any]] = {crawl, answers.failed}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not crawl.done():
            answers.close()
            await _stop(crawler, crawl)
    if crawl.done() and not crawl.cancelled():
        crawl.result()


async def _stop(crawler: PoliteCrawler, crawl: asyncio.Task[None]) -> None:
    """End a crawl early: downloads break off, what waits for its turn is not fetched any more."""
    crawler.signals.send_catch_log(signal=crawl_cancelled)
    with suppress(TimeoutError):
        async with asyncio.timeout(_STOP_S):
            await crawler.stop_async()
    crawl.cancel()
    await asyncio.wait({crawl}, timeout=_STOP_S)
