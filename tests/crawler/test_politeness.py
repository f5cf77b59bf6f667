"""What servers see of us: how often, how soon and for what they are asked."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.records import FetchFailure, NotModified, Target
from storage.hosts import PassingHosts
from storage.pages import SeenPage
from storage.records import Capture
from storage.store import StoreError
from tests.crawler.crawling import NOW, Clock, crawl, crawl_targets, quick, target
from tests.misbehaviour import MISBEHAVIOURS, PAGE
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CRAWL = """
import sys
from crawler.fetch import fetch
from crawler.loop import run
from crawler.records import CrawlLimits, Target
from storage import DocumentKey, open_store
store = open_store(f"sqlite:///{sys.argv[1]}")
limits = CrawlLimits("tests@example.org", delay_s=float(sys.argv[2]), allow_addresses=("127.0.0.0/8",))
targets = [Target(DocumentKey("shop", f"document-{number}"), url) for number, url in enumerate(sys.argv[3:])]
async def take(target, answer):
    print(getattr(answer, "reason", "captured"), flush=True)
run(lambda: fetch(targets, limits, take, hosts=store.hosts))
"""


def reasons(answers: list[Capture | FetchFailure]) -> list[str]:
    return [answer.reason if isinstance(answer, FetchFailure) else "captured" for answer in answers]


@pytest.fixture
def other() -> Iterator[Site]:
    with Site(host="127.0.0.3") as other:
        yield other


def test_two_crawls_in_a_row_fetch_robots_txt_once(site: Site) -> None:
    hosts = PassingHosts()
    site.robots("User-agent: *\nDisallow: /private")
    urls = [site.set("/privacy", PAGE), site.set("/private", PAGE)]
    for _ in range(2):
        assert reasons(crawl(urls, hosts=hosts)) == ["captured", "robots"]
    assert (site.count("/robots.txt"), site.count("/privacy"), site.count("/private")) == (1, 2, 0)


@pytest.mark.parametrize(
    ("status", "hours", "times"),
    [
        pytest.param(200, 23.9, 1, id="rules are used for a day"),
        pytest.param(200, 24.1, 2, id="and asked for after it"),
        pytest.param(404, 23.9, 1, id="so is that there are none"),
        pytest.param(404, 24.1, 2, id="and no longer"),
        pytest.param(500, 0.1, 1, id="a failing server is not asked by every crawl"),
        pytest.param(500, 0.2, 2, id="but soon again"),
    ],
)
def test_robots_txt_is_asked_for_again_when_it_is_too_old(
    site: Site, status: int, hours: float, times: int
) -> None:
    hosts, clock = PassingHosts(), Clock()
    site.robots("", status=status)
    url = site.set("/privacy", PAGE)
    first = reasons(crawl([url], hosts=hosts, clock=clock))
    asked = site.count("/robots.txt")
    clock.now += timedelta(hours=hours)
    assert reasons(crawl([url], hosts=hosts, clock=clock)) == first
    assert site.count("/robots.txt") == asked * times


def test_host_that_could_not_be_reached_is_asked_by_the_next_crawl(site: Site) -> None:
    hosts = PassingHosts()
    site.set("/privacy", PAGE)
    site.close()
    assert reasons(crawl([site.url("/privacy")], hosts=hosts)) == ["refused"]
    assert hosts._robots == {}


def test_server_that_is_too_busy_for_robots_txt_is_left_alone(site: Site) -> None:
    site.route("/robots.txt", MISBEHAVIOURS["too-many-requests"])
    (answer,) = crawl([site.set("/privacy", PAGE)])
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.retry_at) == ("robots-unreachable", NOW + timedelta(seconds=120))
    assert site.count("/privacy") == 0


def test_crawl_delay_of_robots_txt_is_kept_between_requests(site: Site) -> None:
    arrivals = record_arrivals(site, "/robots.txt", "/1", "/2", robots="User-agent: *\nCrawl-delay: 0.3")
    crawl([site.url("/1"), site.url("/2")], clock=now)
    assert len(arrivals) == 3
    assert min(gaps(arrivals)) >= 0.3


@pytest.mark.parametrize("name", ["too-many-requests", "unavailable"])
def test_host_that_asks_for_a_rest_gets_it_from_all_its_documents(site: Site, other: Site, name: str) -> None:
    hosts, clock = PassingHosts(), Clock()
    busy = site.url(f"/misbehaving/{name}")
    pages = [site.set("/1", PAGE), site.set("/2", PAGE), other.set("/1", PAGE)]
    answers = crawl([busy, *pages], hosts=hosts, clock=clock)
    assert reasons(answers)[1:] == ["retry-after", "retry-after", "captured"]
    until = hosts.resting(NOW)[0].until
    assert [answer.retry_at for answer in answers if isinstance(answer, FetchFailure)] == [until] * 3
    asked = len(site.requests)
    clock.now = until - timedelta(seconds=11)
    assert reasons(crawl(pages, hosts=hosts, clock=clock)) == ["retry-after", "retry-after", "captured"]
    assert len(site.requests) == asked
    clock.now = until
    assert reasons(crawl(pages, hosts=hosts, clock=clock)) == ["captured"] * 3


def test_rest_is_asked_of_the_host_that_a_redirect_led_to(site: Site, other: Site) -> None:
    hosts = PassingHosts()
    first = site.redirect("/privacy", other.url("/misbehaving/too-many-requests"))
    crawl([first], hosts=hosts)
    assert [rest.host for rest in hosts.resting(NOW)] == ["127.0.0.3"]


@pytest.mark.parametrize("name", ["take", "leave", "robots", "keep_robots", "let_rest"])
def test_store_that_fails_ends_the_crawl_and_not_a_page(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fail(*_: object) -> None:
        raise StoreError("disk full")

    hosts = PassingHosts()
    monkeypatch.setattr(hosts, name, fail)
    urls = [site.url("/misbehaving/too-many-requests"), site.set("/privacy", PAGE)]
    with pytest.raises(StoreError, match="disk full"):
        crawl(urls, quick(delay_s=0.01), hosts=hosts, clock=now)


def test_with_two_processes_the_pause_between_two_requests_is_kept(site: Site, tmp_path: Path) -> None:
    paths = [f"/{number}" for number in range(4)]
    arrivals = record_arrivals(site, "/robots.txt", *paths, robots="")
    urls = [site.url(path) for path in paths]
    command = [sys.executable, "-c", CRAWL, str(tmp_path / "shared.db"), "0.3"]
    crawls = [
        subprocess.Popen([*command, *urls[part::2]], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for part in range(2)
    ]
    assert [each.communicate(timeout=60)[0].split() for each in crawls] == [["captured"] * 2] * 2
    assert {path for path, _ in site.requests} == {"/robots.txt", *paths}
    assert len(arrivals) >= 5
    assert min(gaps(arrivals)) >= 0.3


def seen(url: str, **fields: object) -> Target:
    """Return a target of which there is a capture."""
    key = target(url).key
    page = SeenPage(key, url, url, 1, 1, "0" * 64, '"v1"', "Sun, 01 Mar 2026 11:00:00 GMT", NOW, "rules")
    return Target(key, url, replace(page, **fields))  # type: ignore[arg-type]


def asked(site: Site, path: str) -> dict[str, str]:
    return next(headers for asked, headers in reversed(site.requests) if asked == path)


def test_page_that_did_not_change_is_answered_so(site: Site) -> None:
    page = seen(site.set("/privacy", "", status=304))
    assert crawl_targets([page]) == [NotModified(page, NOW)]
    headers = asked(site, "/privacy")
    assert headers["If-None-Match"] == '"v1"'
    assert headers["If-Modified-Since"] == "Sun, 01 Mar 2026 11:00:00 GMT"


def test_page_without_validators_is_asked_for_as_it_is(site: Site) -> None:
    page = seen(site.set("/privacy", "", status=304), etag=None, last_modified=None)
    (answer,) = crawl_targets([page])
    assert isinstance(answer, FetchFailure)
    assert answer.reason == "http-304"
    assert not {"If-None-Match", "If-Modified-Since"} & asked(site, "/privacy").keys()


def test_page_that_changed_is_captured(site: Site) -> None:
    (answer,) = crawl_targets([seen(site.set("/privacy", PAGE))])
    assert isinstance(answer, Capture)
    assert answer.body == PAGE


def test_validators_go_to_the_address_that_gave_them_and_to_no_other(site: Site, other: Site) -> None:
    last = other.set("/privacy", "", status=304)
    first = site.redirect("/privacy", last)
    page = seen(first, final_url=last)
    assert crawl_targets([page]) == [NotModified(page, NOW)]
    assert "If-None-Match" not in asked(site, "/privacy")
    assert asked(other, "/privacy")["If-None-Match"] == '"v1"'
    assert "If-None-Match" not in asked(other, "/robots.txt")


def test_validators_do_not_go_along_to_where_a_page_moved(site: Site, other: Site) -> None:
    (answer,) = crawl_targets([seen(site.redirect("/privacy", other.set("/elsewhere", PAGE)))])
    assert isinstance(answer, Capture)
    assert asked(other, "/elsewhere").keys() <= {
        "Host",
        "User-Agent",
        "Accept",
        "Accept-Encoding",
        "Connection",
    }


def test_304_of_a_page_that_moved_is_no_answer(site: Site, other: Site) -> None:
    (answer,) = crawl_targets([seen(site.redirect("/privacy", other.set("/elsewhere", "", status=304)))])
    assert isinstance(answer, FetchFailure)
    assert answer.reason == "http-304"


def now() -> datetime:
    from crawler.fetch import utc_now

    return utc_now()


def record_arrivals(site: Site, *paths: str, robots: str) -> list[float]:
    """Put a page at each path, and return the list that will hold when it was asked for."""
    arrivals: list[float] = []

    def answer(request, closing):  # type: ignore[no-untyped-def]
        arrivals.append(time.monotonic())
        body = robots.encode() if request.path == "/robots.txt" else PAGE
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    for path in paths:
        site.route(path, answer)
    return arrivals


def gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]
