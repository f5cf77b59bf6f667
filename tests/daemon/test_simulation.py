from __future__ import annotations

import logging
import random
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from crawler.extraction import page as extracting
from monitor.daemon import keeper
from monitor.daemon.memory import keep_together
from storage import contents
from tests.daemon.simulation import DAY, HOUR, MINUTE, Disturbance, Time, World
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
    # Kept for the report of a failure, what is logged in a month, with the crawlers that logged it, would be the most
    # of what is held in memory.
    logging.disable()
    # As `monitor.daemon.service` does for the daemon's process.
    keep_together()
    # A database that is in use is used for simulated hours: nobody needs to wait for it in real ones.
    monkeypatch.setattr(keeper, "_PATIENCE_S", 0.01)
    monkeypatch.setattr("monitor.daemon.ledgers._PATIENCE_S", 0.01)
    monkeypatch.setattr("monitor.daemon.health._PROBE_PATIENCE_S", 0.01)
    with ExitStack() as stack:
        stack.callback(logging.disable, logging.NOTSET)

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
        fault = chance.choice([{"status": 404}, {"status": 500}, {"status": 503}, {"walled": True}])
        world.at(begin, lambda document=document, fault=fault: document.publish(**fault))
        end = begin + HOUR * chance.uniform(1, 30)
        world.at(end, lambda document=document: document.publish(status=200, walled=False))
    return planted


def break_things(world: World, at: timedelta) -> None:
    """Let receivers be down, the database be in use, the clock be set, the disk be full, one after the other."""
    world.at(at, lambda: setattr(world.hook, "status", 503))
    world.at(at + 7 * HOUR, lambda: setattr(world.hook, "status", 204))
    world.at(at + 4 * HOUR, lambda: setattr(world.mailbox, "down", True))
    world.at(at + 13 * HOUR, lambda: setattr(world.mailbox, "down", False))
    world.lock(20 * MINUTE, at + 20 * HOUR)
    world.set_clock(5 * HOUR, at + 26 * HOUR)
    world.set_clock(-2 * HOUR, at + 29 * HOUR)
    world.set_clock(timedelta(), at + 40 * HOUR)
    # A clock that goes back by so much lets what was nearly due wait for as long once more.
    world.disturbances.append(Disturbance(at + 26 * HOUR, at + 41 * HOUR, 7 * HOUR))
    world.fill_disk(14 * HOUR, at + 50 * HOUR)


def check_world(world: World, planted: set[tuple[str, int]], length: timedelta, interval: timedelta) -> None:
    """See that exactly what was planted was told, and that no check came later than it may.

    Args:
        world: after its time.
        planted: what must be told.
        length: of the time.
        interval: in which every document is checked, its jitter included.
    """
    changes = [change for changes in world.told.values() for change in changes]
    assert sorted(changes) == sorted(planted)
    assert world.mailed == Counter(planted)
    # A repeat bears the key of its first attempt.
    assert len(world.told) == len(planted)
    undisturbed = [document.name for document in world.documents if document.name not in world.failed]
    assert len(undisturbed) > len(world.documents) / 2
    late = [
        (name, str(earlier), str(later))
        for name in undisturbed
        for earlier, later in pairwise([timedelta(), *world.visits[name], length])
        # Each turn in which something else was due as well takes a second.
        if later - earlier > interval + world.step + MINUTE + world.late_by(earlier, later)
    ]
    assert late == []


EVERY = 'every = "12h"\njitter = "10m"'
IN_ZONE = 'cron = "0 6,18 * * *"\njitter = "2h"\ntimezone = "{}"'


def simulate(world: World, seed: int, length: timedelta, interval: timedelta) -> None:
    chance = random.Random(seed)
    planted = plant(world, chance, length)
    for day in range(2, int(length / DAY) - 3, 7):
        break_things(world, day * DAY)
    world.step = 30 * MINUTE
    run_on_reactor(world.live(length), timeout_s=10_000)
    check_world(world, planted, length, interval)
    for problem in ("database cannot be written", "the disk is full"):
        assert any(problem in told for told in world.problems), world.problems


def test_a_week_of_20_documents_tells_what_was_planted_and_nothing_else(world: Callable[..., World]) -> None:
    week = world(20, 4, EVERY)
    week.restarts = [HOUR * random.Random(3).uniform(1, 7 * 24) for _ in range(7)]
    week.reschedule(IN_ZONE.format("Europe/Berlin"), 3 * DAY)
    week.reschedule(IN_ZONE.format("America/New_York"), 5 * DAY)
    simulate(week, seed=7, length=7 * DAY, interval=14 * HOUR)


@pytest.mark.soak
def test_a_month_of_500_documents_tells_what_was_planted_and_nothing_else_and_needs_no_more_memory(
    world: Callable[..., World],
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What is remembered of texts has a bound in characters, which pages as short as these would take a year to reach.
    monkeypatch.setattr(extracting._remembered, "_most_chars", 400_000)
    monkeypatch.setattr(contents, "_RECENT_BYTES", 400_000)
    # In the days between, one daemon goes on, so that what it may hold on to becomes much.
    chance, month = random.Random(5), world(500, 25, IN_ZONE.format("Europe/Berlin"))
    month.restarts = [
        HOUR * chance.uniform(first, last) for first, last in [(1, 96)] * 6 + [(29 * 24, 30 * 24)] * 3
    ]
    month.reschedule(IN_ZONE.format("America/New_York"), 10 * DAY)
    month.reschedule(EVERY, 20 * DAY)
    simulate(month, seed=11, length=30 * DAY, interval=14 * HOUR)
    record_property("memory of the days, MB", [round(each / 1e6) for each in month.memory])
    fifth, later = month.memory[4], month.memory[5:]
    assert len(later) == 25
    assert max(later) <= 1.1 * fifth


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


@pytest.mark.parametrize(
    ("start", "moments"),
    [
        # The hour that is left out comes an hour later, the hour that comes twice comes twice.
        (datetime(2026, 3, 27, 12, tzinfo=UTC), ["28 01:30", "29 01:30", "30 00:30"]),
        (datetime(2026, 10, 23, 12, tzinfo=UTC), ["24 00:30", "25 00:30", "25 01:30", "26 01:30"]),
    ],
)
def test_cron_times_within_the_hour_that_summer_time_moves(
    world: Callable[..., World], start: datetime, moments: list[str]
) -> None:
    nightly = world(2, 1, 'cron = "30 2 * * *"\ntimezone = "Europe/Berlin"\njitter = "0"')
    nightly.time = Time(start)
    run_on_reactor(nightly.live(3 * DAY), timeout_s=60)
    for document in nightly.documents:
        visits = [(start + visit).strftime("%d %H:%M") for visit in nightly.visits[document.name]]
        assert visits == moments
