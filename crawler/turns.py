"""Whose turn it is: one request at a time a host, a pause between two, and none while a host wants to rest."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from crawler.failures import PageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator
    from datetime import datetime

    from storage.hosts import HostStore, Rest

T = TypeVar("T")

# A rest that ends so soon is waited for; the documents of a longer one are tried another time.
_PATIENCE = timedelta(seconds=10)
# How often a host is tried that another process is asking.
_POLL_S = 0.5
# The longest Crawl-delay that is honoured; some files ask for days.
_LONGEST_CRAWL_DELAY_S = 60.0
# A request that takes longer than its page may is no longer on its way.
_LEASE_RESERVE_S = 30.0


def host_of(url: str) -> str:
    """Return the host of a URL, in small letters and without port; "" where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def in_turn(things: Iterable[T], host: Callable[[T], str]) -> Iterator[T]:
    """Yield one thing of each host, then a second of each, and so on."""
    queues: dict[str, deque[T]] = {}
    for thing in things:
        queues.setdefault(host(thing), deque()).append(thing)
    while queues:
        for name in list(queues):
            yield queues[name].popleft()
            if not queues[name]:
                del queues[name]


class Turns:
    """Lets one request at a time go to each host, across crawls and processes as far as the store reaches.

    Where no pause is wanted at all nothing is written, and processes do not wait for each other.
    """

    def __init__(
        self,
        hosts: HostStore,
        *,
        delay_s: float,
        timeout_s: float,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.hosts = hosts
        self.clock = clock
        self._sleep = sleep
        self._delay = timedelta(seconds=delay_s)
        self._lease = timedelta(seconds=timeout_s + _LEASE_RESERVE_S)
        # Hosts that want a longer pause than the configured one.
        self._slower: dict[str, timedelta] = {}
        self._rests = {rest.host: rest for rest in hosts.resting(clock())}
        # When the last request of this crawl to each host ended.
        self._last: dict[str, datetime] = {}

    async def begin(self, host: str) -> None:
        """Wait until a request may go to the host; `end` must follow.

        Raises:
            PageError: "retry-after" where the host wants to be left alone for longer than is waited.
        """
        while True:
            now = self.clock()
            wait_s = self._rest_s(host, now) or self._take(host, now)
            if not wait_s:
                return
            await self._sleep(wait_s)

    def end(self, host: str) -> None:
        """Note that the request has ended, whatever came of it."""
        self._last[host] = self.clock()
        if self._pause(host):
            self.hosts.leave(host, self._last[host])

    def slow_down(self, host: str, delay_s: float | None) -> None:
        """Honour a Crawl-delay, up to a minute; a shorter one than is configured changes nothing."""
        # Written so that "not a number" is none.
        if delay_s is None or not delay_s > self._delay.total_seconds():
            return
        before = self._pause(host)
        self._slower[host] = max(before, timedelta(seconds=min(delay_s, _LONGEST_CRAWL_DELAY_S)))
        if not before and host in self._last:
            self.hosts.leave(host, self._last[host])

    def let_rest(self, rest: Rest) -> None:
        """Leave a host alone until the time that it asked for."""
        known = self._rests.get(rest.host)
        if known is None or known.until < rest.until:
            self._rests[rest.host] = rest
        self.hosts.let_rest(rest)

    def resting_until(self, host: str) -> datetime | None:
        """Return until when a host is left alone, None where it is not."""
        rest = self._rests.get(host)
        return rest.until if rest and rest.until > self.clock() else None

    def _pause(self, host: str) -> timedelta:
        return self._slower.get(host, self._delay)

    def _take(self, host: str, now: datetime) -> float:
        """Take the host; return 0, or how long to wait before it is tried again, in seconds."""
        pause = self._pause(host)
        if not pause:
            return 0.0
        turn = self.hosts.take(host, now, pause, self._lease)
        if turn.rest:
            # Another process was told so.
            self._rests[host] = turn.rest
            return self._rest_s(host, now)
        if turn.ready_at is None:
            return 0.0
        wait_s = (turn.ready_at - now).total_seconds()
        return min(wait_s, _POLL_S) if turn.taken else wait_s

    def _rest_s(self, host: str, now: datetime) -> float:
        rest = self._rests.get(host)
        if rest is None or rest.until <= now:
            return 0.0
        if rest.until - now > _PATIENCE:
            note = f"{rest.why}, and is left alone until {rest.until:%Y-%m-%d %H:%M} UTC"
            raise PageError("retry-after", note, retry_at=rest.until)
        return (rest.until - now).total_seconds()
