from __future__ import annotations

import random
import re
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from monitor.daemon import keeper
from tests.daemon.simulation import DAY, HOUR, MINUTE, Time, World
from tests.reactor import run_on_reactor
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Hook, Mailbox

# A week in which Europe's clocks go forward.
START = datetime(2026, 3, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def world(
    tmp_path: Path, hook: Hook, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., World]]:
    # A database that is in use is used for simulated hours: nobody needs to wait for it in real ones.
    monkeypatch.setattr(keeper, "_PATIENCE_S", 0.01)
    monkeypatch.setattr("monitor.daemon.ledgers._PATIENCE_S", 0.01)
    monkeypatch.setattr("monitor.daemon.health._PROBE_PATIENCE_S", 0.01)
    with ExitStack() as stack:

        def make(count: int, sites: int, schedule: str) -> World:
            served = [stack.enter_context(Site()) for _ in range(sites)]
            world = World(tmp_path, served, hook, mailbox, Time(START), schedule)
            world.add_documents(count)
            return world

        yield make


def plant(world: World, chance: random.Random, length: timedelta) -> set[tuple[str, int]]:
    """Let the world change: material changes, noise and faults, at seeded moments; return what must be told."""
    planted: set[tuple[str, int]] = set()
    for document in world.documents:
        when, days = DAY + HOUR * chance.uniform(0, 24), 30
        while when < length - 2 * DAY:
            days += chance.randint(1, 40)
            world.at(when, lambda document=document, days=days: document.publish(days=days))
            planted.add((document.name, days))
            when += 3 * DAY + HOUR * chance.uniform(0, 48)
        for _ in range(3):
            noise, date = HOUR * chance.uniform(0, length / HOUR), chance.randint(2, 28)
            world.at(noise, lambda document=document, date=date: document.publish(date=date))
    for document in chance.sample(world.documents, len(world.documents) // 5):
        begin = HOUR * chance.uniform(20, length / HOUR - 60)
        status = chance.choice([404, 500, 503])
        world.at(begin, lambda document=document, status=status: document.publish(status=status))
        world.at(begin + HOUR * chance.uniform(1, 30), lambda document=document: document.publish(status=200))
    return planted


def break_things(world: World, at: timedelta) -> None:
    """Let the receivers be down, the database be in use, and the clock be set, one after the other."""
    world.at(at, lambda: setattr(world.hook, "status", 503))
    world.at(at + 7 * HOUR, lambda: setattr(world.hook, "status", 204))
    world.at(at + 4 * HOUR, lambda: setattr(world.mailbox, "down", True))
    world.at(at + 13 * HOUR, lambda: setattr(world.mailbox, "down", False))
    world.lock(20 * MINUTE, at + 20 * HOUR)
    world.at(at + 26 * HOUR, lambda: setattr(world.time, "set_by", 5 * HOUR))
    world.at(at + 29 * HOUR, lambda: setattr(world.time, "set_by", -2 * HOUR))
    world.at(at + 40 * HOUR, lambda: setattr(world.time, "set_by", timedelta()))


def mailed(world: World) -> Counter[tuple[str, int]]:
    """Count the mails by document and the days of its logs."""
    found = []
    for content in world.mailbox.contents:
        text = message_from_bytes(content, policy=policy.default).get_body(("plain",)).get_content()
        site, days = re.search(r"/(policy-\d+)", text), re.search(r"now kept for (\d+) days", text)
        assert site is not None, text
        assert days is not None, text
        found.append((site[1], int(days[1])))
    return Counter(found)


def check_world(world: World, planted: set[tuple[str, int]], length: timedelta) -> None:
    told = world.told()
    changes = [change for changes in told.values() for change in changes]
    assert sorted(changes) == sorted(planted)
    assert Counter(mailed(world)) == Counter(planted)
    # A repeat bears the key of its first attempt.
    assert len(told) == len(planted)
    undisturbed = [document.name for document in world.documents if _never_failed(world, document.name)]
    assert undisturbed
    for name in undisturbed:
        visits = world.visits[name]
        ends = [*visits, length]
        # The lock of the database, and the clock that was set, make a check late once.
        gaps = sorted(later - earlier for earlier, later in zip(visits, ends[1:], strict=True))
        longest = 12 * HOUR + 11 * MINUTE + world.step
        assert gaps[-3] <= longest, name
        assert gaps[-1] <= longest + 6 * HOUR, name


def _never_failed(world: World, name: str) -> bool:
    return name not in world.failed


def simulate(world: World, seed: int, length: timedelta) -> None:
    chance = random.Random(seed)
    planted = plant(world, chance, length)
    for day in range(2, int(length / DAY) - 3, 7):
        break_things(world, day * DAY)
    world.step = 30 * MINUTE
    world.restarts = [HOUR * chance.uniform(1, length / HOUR) for _ in range(int(length / DAY))]
    run_on_reactor(world.live(length), timeout_s=3_600)
    check_world(world, planted, length)
    assert any("database cannot be written" in problem for problem in world.problems)


def test_a_week_of_50_documents_tells_what_was_planted_and_nothing_else(world: Callable[..., World]) -> None:
    simulate(world(50, 5, 'every = "12h"\njitter = "10m"'), seed=7, length=7 * DAY)


@pytest.mark.soak
def test_a_month_of_500_documents_tells_what_was_planted_and_nothing_else(
    world: Callable[..., World],
) -> None:
    simulate(world(500, 25, 'every = "12h"\njitter = "10m"'), seed=11, length=30 * DAY)


def test_restarts_neither_forget_nor_repeat_checks(world: Callable[..., World]) -> None:
    stopped = world(12, 3, 'every = "6h"\njitter = "10m"')
    stopped.restarts = [HOUR * hours / 2 for hours in range(1, 48)]
    run_on_reactor(stopped.live(DAY), timeout_s=120)
    for document in stopped.documents:
        visits = stopped.visits[document.name]
        gaps = [later - earlier for earlier, later in pairwise(visits)]
        assert len(visits) == 4, document.name
        assert all(5 * HOUR + 50 * MINUTE <= gap <= 6 * HOUR + 11 * MINUTE for gap in gaps)
    assert stopped.problems == []


def test_cron_times_keep_to_the_clocks_of_their_zone(world: Callable[..., World]) -> None:
    daily = world(3, 1, 'cron = "0 6 * * *"\ntimezone = "Europe/Berlin"\njitter = "0"')
    run_on_reactor(daily.live(5 * DAY), timeout_s=60)
    for document in daily.documents:
        moments = [
            (START + visit).astimezone(ZoneInfo("Europe/Berlin")) for visit in daily.visits[document.name]
        ]
        assert [moment.strftime("%d %H:%M") for moment in moments] == [
            f"{day} 06:00" for day in range(26, 31)
        ]
