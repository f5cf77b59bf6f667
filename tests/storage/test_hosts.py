from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage import open_store
from storage.hosts import KnownRobots, PassingHosts, Rest
from tests.storage.processes import finish, start
from tests.storage.samples import START, after

if TYPE_CHECKING:
    from pathlib import Path

    from storage.hosts import HostStore, Turn
    from storage.store import Store

DELAY = timedelta(minutes=2)
LEASE = timedelta(minutes=5)


@pytest.fixture(params=["database", "memory"])
def hosts(request: pytest.FixtureRequest, store: Store) -> HostStore:
    return store.hosts if request.param == "database" else PassingHosts()


def take(hosts: HostStore, minutes: float, host: str = "shop.example") -> Turn:
    return hosts.take(host, after(minutes), DELAY, LEASE)


def test_a_host_nobody_asked_is_free(hosts: HostStore) -> None:
    assert take(hosts, 0).ready_at is None


def test_a_host_is_taken_until_it_is_left(hosts: HostStore) -> None:
    take(hosts, 0)
    turn = take(hosts, 1)
    assert (turn.ready_at, turn.taken) == (after(5), True)
    assert take(hosts, 1, "bank.example").ready_at is None


def test_the_pause_begins_with_the_end_of_a_request(hosts: HostStore) -> None:
    take(hosts, 0)
    hosts.leave("shop.example", after(1))
    turn = take(hosts, 2.9)
    assert (turn.ready_at, turn.taken) == (after(3), False)
    assert take(hosts, 3).ready_at is None


def test_a_host_whose_visitor_died_is_free_when_the_lease_ends(hosts: HostStore) -> None:
    take(hosts, 0)
    assert take(hosts, 4.9).ready_at is not None
    assert take(hosts, 5).ready_at is None


def test_who_comes_with_a_longer_pause_waits_longer(hosts: HostStore) -> None:
    hosts.leave("shop.example", after(0))
    assert hosts.take("shop.example", after(3), timedelta(minutes=9), LEASE).ready_at == after(9)


def test_a_clock_that_was_set_back_blocks_no_host(hosts: HostStore) -> None:
    take(hosts, 600)
    assert take(hosts, 0).ready_at is None
    hosts.leave("shop.example", after(600))
    assert take(hosts, 1).ready_at is None


def test_a_resting_host_is_left_alone_until_then(hosts: HostStore) -> None:
    rest = Rest("shop.example", after(30), "it answered 429")
    hosts.let_rest(rest)
    assert take(hosts, 29).rest == rest
    assert hosts.resting(after(29)) == [rest]
    assert hosts.resting(after(30)) == []
    assert take(hosts, 30).ready_at is None


def test_a_shorter_rest_does_not_end_a_longer_one(hosts: HostStore) -> None:
    long = Rest("shop.example", after(30), "it answered 429")
    hosts.let_rest(long)
    hosts.let_rest(Rest("shop.example", after(10), "it answered 503"))
    assert hosts.resting(after(1)) == [long]


def test_a_rest_survives_the_end_of_a_request(hosts: HostStore) -> None:
    take(hosts, 0)
    hosts.let_rest(Rest("shop.example", after(30), "it answered 429"))
    hosts.leave("shop.example", after(1))
    assert take(hosts, 20).rest is not None


@pytest.mark.parametrize(
    "robots",
    [
        pytest.param(KnownRobots(b"User-agent: *\nDisallow: /\xff"), id="rules"),
        pytest.param(KnownRobots(), id="no rules"),
        pytest.param(KnownRobots(None, "robots-unreachable", "it answered 500"), id="no answer"),
    ],
)
def test_robots_are_known_until_they_are_too_old(hosts: HostStore, robots: KnownRobots) -> None:
    hosts.keep_robots("https://shop.example", KnownRobots(b"old"), after(1))
    hosts.keep_robots("https://shop.example", robots, after(10))
    assert hosts.robots("https://shop.example", after(9)) == robots
    assert hosts.robots("https://shop.example", after(10)) is None
    assert hosts.robots("http://shop.example", after(9)) is None


def test_what_is_known_of_hosts_outlives_the_program(store: Store, path: Path) -> None:
    store.hosts.leave("shop.example", START)
    store.hosts.let_rest(Rest("bank.example", after(30), "it answered 503"))
    store.hosts.keep_robots("https://shop.example", KnownRobots(b"rules"), after(10))
    with closing(open_store(f"sqlite:///{path}")) as later:
        assert take(later.hosts, 1).ready_at == after(2)
        assert take(later.hosts, 1, "bank.example").rest is not None
        assert later.hosts.robots("https://shop.example", after(9)) == KnownRobots(b"rules")


def test_of_two_processes_one_takes_each_host(store: Store, path: Path) -> None:
    processes = [start("take_hosts", path, "60") for _ in range(2)]
    taken = [line for process in processes for line in finish(process)[1].split()]
    assert sorted(taken) == sorted(f"host-{number}.example" for number in range(60))
