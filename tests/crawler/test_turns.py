from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crawler.failures import PageError
from crawler.turns import Turns, in_turn
from storage.hosts import PassingHosts, Rest
from tests.crawler.crawling import NOW, Clock

HOST = "shop.example"


def turns(hosts: PassingHosts, clock: Clock, delay_s: float = 2.0) -> Turns:
    return Turns(hosts, delay_s=delay_s, timeout_s=30, clock=clock, sleep=clock.sleep)


def rest(seconds: float) -> Rest:
    return Rest(HOST, NOW + timedelta(seconds=seconds), "it answered 429")


async def visit(crawl: Turns, clock: Clock, took_s: float = 0.0) -> datetime:
    """Make a request that takes some time; return when it began."""
    await crawl.begin(HOST)
    began = clock.now
    await clock.sleep(took_s)
    crawl.end(HOST)
    return began


def seconds(*times: datetime) -> list[float]:
    return [(time - NOW).total_seconds() for time in times]


async def test_pause_stands_between_the_end_of_a_request_and_the_next() -> None:
    clock = Clock()
    crawl = turns(PassingHosts(), clock)
    assert seconds(*[await visit(crawl, clock, 1.0) for _ in range(3)]) == [0, 3, 6]


async def test_pause_outlasts_the_crawl() -> None:
    clock, hosts = Clock(), PassingHosts()
    first = await visit(turns(hosts, clock), clock)
    second = await visit(turns(hosts, clock), clock)
    assert seconds(first, second) == [0, 2]


async def test_host_that_another_crawl_is_asking_is_waited_for() -> None:
    clock, hosts = Clock(), PassingHosts()
    other = turns(hosts, clock)
    await other.begin(HOST)
    crawl = turns(hosts, clock)
    polls = 0

    async def sleep(wait_s: float) -> None:
        nonlocal polls
        polls += 1
        await clock.sleep(wait_s)
        if polls == 4:
            other.end(HOST)

    crawl._sleep = sleep
    await crawl.begin(HOST)
    assert seconds(clock.now) == [pytest.approx(2.0 + 2.0)]


async def test_host_whose_visitor_died_is_asked_after_the_longest_request() -> None:
    clock, hosts = Clock(), PassingHosts()
    await turns(hosts, clock).begin(HOST)
    assert seconds(await visit(turns(hosts, clock), clock)) == [60]


async def test_without_a_pause_nobody_waits_and_nothing_is_written() -> None:
    clock, hosts = Clock(), PassingHosts()
    crawl = turns(hosts, clock, delay_s=0)
    assert seconds(*[await visit(crawl, clock, 1.0) for _ in range(3)]) == [0, 1, 2]
    assert hosts._states == {}


@pytest.mark.parametrize(
    ("asked_s", "pause_s"),
    [
        pytest.param(7.0, 7.0, id="a longer one than ours"),
        pytest.param(1.0, 2.0, id="a shorter one than ours"),
        pytest.param(86400.0, 60.0, id="a day"),
        pytest.param(float("nan"), 2.0, id="no number"),
        pytest.param(float("inf"), 60.0, id="for ever"),
        pytest.param(-5.0, 2.0, id="less than nothing"),
        pytest.param(None, 2.0, id="none"),
    ],
)
async def test_crawl_delay_is_honoured_up_to_a_minute(asked_s: float | None, pause_s: float) -> None:
    clock = Clock()
    crawl = turns(PassingHosts(), clock)
    await visit(crawl, clock)
    crawl.slow_down(HOST, asked_s)
    assert seconds(await visit(crawl, clock)) == [pause_s]


async def test_crawl_delay_holds_from_the_request_that_brought_it() -> None:
    clock = Clock()
    crawl = turns(PassingHosts(), clock, delay_s=0)
    await visit(crawl, clock)
    crawl.slow_down(HOST, 5)
    assert seconds(await visit(crawl, clock)) == [5]


async def test_short_rest_is_waited_for() -> None:
    clock = Clock()
    crawl = turns(PassingHosts(), clock)
    crawl.let_rest(rest(10))
    assert seconds(await visit(crawl, clock)) == [10]


async def test_longer_rest_ends_the_page_and_says_until_when() -> None:
    clock = Clock()
    crawl = turns(PassingHosts(), clock)
    crawl.let_rest(rest(3600))
    with pytest.raises(
        PageError, match="it answered 429, and is left alone until 2026-03-01 13:00"
    ) as caught:
        await crawl.begin(HOST)
    assert (caught.value.reason, caught.value.retry_at) == ("retry-after", NOW + timedelta(hours=1))
    assert crawl.resting_until(HOST) == NOW + timedelta(hours=1)


@pytest.mark.parametrize("delay_s", [0, 2])
async def test_rest_outlasts_the_crawl_with_and_without_a_pause(delay_s: float) -> None:
    clock, hosts = Clock(), PassingHosts()
    turns(hosts, clock).let_rest(rest(3600))
    later = turns(hosts, clock, delay_s)
    with pytest.raises(PageError):
        await later.begin(HOST)
    clock.now += timedelta(hours=1)
    assert seconds(await visit(later, clock)) == [3600]


async def test_rest_that_another_process_learned_of_is_heeded() -> None:
    clock, hosts = Clock(), PassingHosts()
    crawl = turns(hosts, clock)
    hosts.let_rest(rest(3600))
    with pytest.raises(PageError):
        await crawl.begin(HOST)


def test_things_of_each_host_come_in_turn() -> None:
    things = ["a1", "a2", "a3", "b1", "c1", "c2"]
    assert list(in_turn(things, lambda thing: thing[0])) == ["a1", "b1", "c1", "a2", "c2", "a3"]
