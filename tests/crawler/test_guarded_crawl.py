"""The guard in whole crawls: a listener at an address that is not allowed must never see a connection.

The first site is at 127.0.0.1, the one allowed address; the listener at 127.0.0.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.records import FetchFailure
from tests.crawler.crawling import NOW, crawl_one, failed, quick, target
from tests.misbehaviour import PAGE
from tests.naming import resolving
from tests.reactor import run_on_reactor
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_ALLOWED = quick(allow_addresses=("127.0.0.1/32",))


@pytest.fixture
def listener() -> Iterator[Site]:
    with Site(host="127.0.0.2") as listener:
        listener.set("/secret", PAGE)
        yield listener


@pytest.fixture
def names() -> Iterator[dict[str, list[list[str]]]]:
    with resolving() as answers:
        yield answers


SPELLINGS = [
    "127.0.0.2", "127.2", "127.0.2", "2130706434", "0x7f000002", "0x7f.0.0.2", "017700000002", "0177.0.0.2",
    "127.0.0.2.", "127%2e0%2e0%2e2", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "127\u30020\u30020\u30022",
    "\uff11\uff12\uff17.0.0.2", "user@127.0.0.2", "example.org@127.0.0.2",
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
def test_private_address_is_not_reached_however_it_is_written(site: Site, listener: Site, host: str) -> None:
    url = f"http://{host}:{listener.port}/secret"
    assert failed(url, ONE_ALLOWED).reason == "address"
    assert failed(site.redirect("/privacy", url), ONE_ALLOWED).reason == "address"
    refresh = f'<meta http-equiv="refresh" content="0; url={url}">'
    assert failed(site.set("/privacy", refresh), ONE_ALLOWED).reason == "address"
    assert (site.count("/privacy"), listener.connections) == (2, 0)


def test_robots_txt_does_not_lead_to_a_private_address(site: Site, listener: Site) -> None:
    site.redirect("/robots.txt", listener.url("/secret"))
    answer = crawl_one(site.set("/privacy", PAGE), ONE_ALLOWED)
    assert isinstance(answer, FetchFailure)
    assert (site.count("/robots.txt"), listener.connections) == (1, 0)


def test_name_that_resolves_privately_is_refused(listener: Site, names: dict[str, list[list[str]]]) -> None:
    names["intranet"] = [["127.0.0.2"]]
    failure = failed(f"http://intranet.example:{listener.port}/secret", ONE_ALLOWED)
    assert failure.reason == "address"
    assert "127.0.0.2" in failure.detail
    assert listener.connections == 0


def test_redirect_to_a_name_that_resolves_privately_is_refused(
    site: Site, listener: Site, names: dict[str, list[list[str]]]
) -> None:
    names["b\u00fccher"] = [["127.0.0.2"]]
    url = f"http://b\u00fccher.example:{listener.port}/secret"
    assert failed(site.redirect("/privacy", url), ONE_ALLOWED).reason == "address"
    assert (site.count("/privacy"), listener.connections) == (1, 0)


def test_name_that_resolves_differently_the_second_time_is_refused_then(
    listener: Site, names: dict[str, list[list[str]]]
) -> None:
    with Site(host="127.0.0.1") as site:
        site.robots("", status=404)
        # Closes after each answer, so that each request connects and resolves anew.
        site.set("/robots.txt", "", status=404, headers={"Connection": "close"})
        names["rebinding"] = [["127.0.0.1"], ["127.0.0.2"]]
        url = f"http://rebinding.example:{site.port}/secret"
        assert failed(url, ONE_ALLOWED).reason == "address"
        assert (site.count("/robots.txt"), site.count("/secret"), listener.connections) == (1, 0, 0)


def test_of_several_addresses_only_the_permitted_one_is_used(
    site: Site, listener: Site, names: dict[str, list[list[str]]]
) -> None:
    names["mixed"] = [["127.0.0.2", "10.0.0.1", "127.0.0.1"]]
    site.set("/privacy", PAGE)
    answer = crawl_one(f"http://mixed.example:{site.port}/privacy", ONE_ALLOWED)
    assert not isinstance(answer, FetchFailure)
    assert (answer.ip_address, listener.connections) == ("127.0.0.1", 0)


def test_proxy_of_the_environment_is_not_used(
    site: Site, listener: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", listener.url())
    assert not isinstance(crawl_one(site.set("/privacy", PAGE), ONE_ALLOWED), FetchFailure)
    assert listener.connections == 0


def test_loopback_is_refused_unless_allowed(listener: Site) -> None:
    assert failed(listener.url("/secret"), quick(allow_addresses=())).reason == "address"
    assert failed(f"http://localhost:{listener.port}/", quick(allow_addresses=())).reason == "address"
    assert listener.connections == 0


def test_last_step_before_the_network_checks_for_itself(listener: Site) -> None:
    from scrapy.crawler import AsyncCrawlerRunner

    from crawler.answers import Answers
    from crawler.crawl import PoliteCrawler
    from crawler.guard import AddressGuard
    from crawler.resolver import installed_resolver
    from crawler.turns import Turns
    from storage.hosts import PassingHosts

    reasons: list[str] = []

    async def keep(_: object, answer: object) -> None:
        reasons.append(getattr(answer, "reason", "captured"))

    async def crawl_with_the_other_checks_off() -> None:
        lax = AddressGuard(["0.0.0.0/0"])
        answers = Answers([target(listener.url("/secret"))], keep)
        turns = Turns(PassingHosts(), delay_s=0, timeout_s=1, clock=lambda: NOW)
        crawler = PoliteCrawler(ONE_ALLOWED, turns)
        with installed_resolver().guarded_by(lax):
            await AsyncCrawlerRunner().crawl(crawler, answers=answers, guard=lax, clock=lambda: NOW)

    run_on_reactor(crawl_with_the_other_checks_off())
    assert (reasons, listener.connections) == (["address"], 0)
