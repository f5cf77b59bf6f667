"""Crawls for tests: quick limits, and the answers in the order of the targets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.records import CrawlLimits, FetchFailure, Target
from storage.hosts import PassingHosts
from storage.records import Capture, DocumentKey
from tests.reactor import run_on_reactor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.records import Answer
    from storage.hosts import HostStore

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8",)


def quick(**changes: object) -> CrawlLimits:
    limits: dict[str, object] = {
        "contact": "tests@example.org",
        "delay_s": 0.0,
        "timeout_s": 1.5,
        "first_byte_s": 1.0,
        "max_body_bytes": 100_000,
        "max_redirects": 3,
        "allow_addresses": LOOPBACK,
    }
    return CrawlLimits(**{**limits, **changes})  # type: ignore[arg-type]


def target(url: str, document: str = "privacy-policy") -> Target:
    return Target(DocumentKey("shop", document), url)


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass, in no time."""
        self.now += timedelta(seconds=seconds)


def crawl(
    urls: Sequence[str],
    limits: CrawlLimits | None = None,
    *,
    hosts: HostStore | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
) -> list[Capture | FetchFailure]:
    """Crawl, check that each target was answered once, and return the answers in the order asked for."""
    targets = [target(url, f"document-{number}") for number, url in enumerate(urls)]
    answers = crawl_targets(targets, limits, hosts=hosts, clock=clock)
    return [answer for answer in answers if isinstance(answer, Capture | FetchFailure)]


def crawl_targets(
    targets: Sequence[Target],
    limits: CrawlLimits | None = None,
    *,
    hosts: HostStore | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
) -> list[Answer]:
    """Crawl targets, of which some may have been seen before; return their answers as `crawl` does."""
    from crawler.fetch import fetch

    answers: dict[Target, list[Answer]] = {each: [] for each in targets}

    async def keep(answered: Target, answer: Answer) -> None:
        answers[answered].append(answer)

    run_on_reactor(fetch(targets, limits or quick(), keep, clock=clock, hosts=hosts or PassingHosts()))
    assert [len(given) for given in answers.values()] == [1] * len(targets)
    return [given[0] for given in answers.values()]


def crawl_one(url: str, limits: CrawlLimits | None = None) -> Capture | FetchFailure:
    return crawl([url], limits)[0]


def captured(url: str, limits: CrawlLimits | None = None) -> Capture:
    answer = crawl_one(url, limits)
    assert isinstance(answer, Capture), answer
    return answer


def failed(url: str, limits: CrawlLimits | None = None) -> FetchFailure:
    answer = crawl_one(url, limits)
    assert isinstance(answer, FetchFailure), answer
    return answer
