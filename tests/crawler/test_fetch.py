from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from urllib.parse import urljoin

import pytest

from crawler.fetch import fetch, utc_now
from crawler.records import FetchFailure, Target
from storage.records import Capture
from tests.crawler.crawling import NOW, captured, crawl, failed, quick, target
from tests.misbehaviour import PAGE
from tests.reactor import run_on_reactor
from tests.site import Site


def test_page_is_captured_with_its_evidence(site: Site) -> None:
    url = site.set("/privacy", PAGE, headers={"ETag": '"v1"'})
    capture = captured(url)
    assert (capture.body, capture.status, capture.source) == (PAGE, 200, "live")
    assert (capture.url, capture.final_url, capture.redirects) == (url, url, ())
    assert capture.fetched_at == NOW
    assert capture.ip_address == "127.0.0.1"
    assert capture.header("etag") == '"v1"'
    assert capture.certificate_sha256 is None


def test_request_says_who_asks(site: Site) -> None:
    captured(site.set("/privacy", PAGE))
    headers = site.requests[-1][1]
    assert headers["User-Agent"] == "policywatch/0.1 (+tests@example.org)"
    assert "Cookie" not in headers
    assert "Referer" not in headers


def test_redirects_are_followed_and_recorded(site: Site) -> None:
    last = site.set("/privacy", PAGE)
    second = site.redirect("/legal", "/privacy", 301)
    first = site.redirect("/", "legal")
    capture = captured(first)
    assert (capture.url, capture.final_url) == (first, last)
    assert capture.redirects == (first, second)


def test_meta_refresh_is_followed(site: Site) -> None:
    last = site.set("/privacy", PAGE)
    first = site.set("/", '<meta http-equiv="refresh" content="0; url=/privacy">')
    assert captured(first).redirects == (first,)
    assert captured(first).final_url == last


def test_meta_refresh_in_compressed_page_is_followed(site: Site) -> None:
    last = site.set("/privacy", PAGE)
    refresh = gzip.compress(b'<meta http-equiv="refresh" content="0; url=/privacy">')
    first = site.set("/", refresh, headers={"Content-Encoding": "gzip"})
    assert captured(first).final_url == last


@pytest.mark.parametrize("content", ["3600; url=/elsewhere", "5", "5; url=/"])
def test_page_that_only_reloads_itself_is_captured(site: Site, content: str) -> None:
    body = f'<meta http-equiv="refresh" content="{content}"><p>We never sell your data.'
    assert captured(site.set("/", body)).body == body.encode()


def test_error_page_with_a_refresh_is_still_an_error(site: Site) -> None:
    site.set("/", PAGE)
    gone = site.set("/privacy", '<meta http-equiv="refresh" content="0; url=/">', status=404)
    assert failed(gone).reason == "http-404"


@pytest.mark.parametrize("location", ["http://[/", "//shop.example:port/", "http://[v1.x]]/"])
def test_redirect_to_what_is_no_address_is_refused_and_a_refresh_to_it_ignored(
    site: Site, location: str
) -> None:
    site.set("/moved", "", status=301, headers={"Location": location})
    site.set("/page", f'<meta http-equiv="refresh" content="0; url={location}"><p>We sell nothing.</p>')
    assert failed(site.url("/moved")).reason == "address"
    assert captured(site.url("/page")).final_url == site.url("/page")


def test_redirect_to_another_scheme_is_refused(site: Site) -> None:
    assert failed(site.redirect("/privacy", "file:///etc/hosts")).reason == "scheme"


def test_nothing_of_the_first_request_goes_along_to_another_host(site: Site) -> None:
    with Site(host="127.0.0.3") as other:
        last = other.set("/privacy", PAGE)
        captured(site.redirect("/privacy", last))
        asked = next(headers for path, headers in other.requests if path == "/privacy")
    assert asked.keys() <= {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", gzip.compress(PAGE)), ("deflate", zlib.compress(PAGE)), ("utf-8", PAGE)],
    ids=["gzip", "deflate", "no compression at all"],
)
def test_body_is_captured_decompressed_with_headers_as_they_came(
    site: Site, coding: str, body: bytes
) -> None:
    capture = captured(site.set("/privacy", body, headers={"Content-Encoding": coding}))
    assert capture.body == PAGE
    assert capture.header("Content-Encoding") == coding


def test_one_address_in_two_targets_is_answered_twice(site: Site) -> None:
    url = site.set("/privacy", PAGE)
    answers = crawl([url, url, url])
    assert [type(answer) for answer in answers] == [Capture] * 3


def test_very_long_address_is_answered(site: Site) -> None:
    assert captured(site.set("/privacy", PAGE) + "?" + "x" * 5000).body == PAGE


def test_no_targets_need_no_answers() -> None:
    assert crawl([]) == []


def test_one_request_at_a_time_goes_to_a_host(site: Site) -> None:
    running: list[int] = [0, 0]

    def watch(request, closing):  # type: ignore[no-untyped-def]
        running[0] += 1
        running[1] = max(running)
        closing.wait(0.02)
        request.send_response(404)
        request.send_header("Content-Length", "0")
        running[0] -= 1
        request.end_headers()

    crawl([site.route(f"/{number}", watch) for number in range(8)])
    assert running == [0, 1]


def test_delay_stands_between_two_requests_to_a_host(site: Site) -> None:
    started = time.monotonic()
    crawl([site.url(f"/{number}") for number in range(4)], quick(delay_s=0.15), clock=utc_now)
    # Four pauses: robots.txt comes first.
    assert time.monotonic() - started >= 4 * 0.15


def test_error_of_the_receiver_ends_the_crawl_and_is_raised(site: Site) -> None:
    taken: list[Target] = []

    async def refuse(answered: Target, answer: Capture | FetchFailure) -> None:
        taken.append(answered)
        raise OSError("disk full")

    urls = [site.set(f"/{number}", PAGE) for number in range(5)]
    with pytest.raises(OSError, match="disk full"):
        run_on_reactor(fetch([target(url) for url in urls], quick(), refuse))
    assert len(taken) == 1


def test_cancelled_crawl_ends_soon_and_fetches_nothing_more(site: Site) -> None:
    answers: list[object] = []

    async def keep(answered: Target, answer: Capture | FetchFailure) -> None:
        answers.append(answer)

    async def cancelled_crawl() -> float:
        urls = [site.url(f"/misbehaving/no-answer?{number}") for number in range(5)]
        crawl = asyncio.ensure_future(fetch([target(url) for url in urls], quick(timeout_s=30), keep))
        while not site.count("/misbehaving/no-answer"):
            await asyncio.sleep(0.01)
        crawl.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await crawl
        return time.monotonic() - started

    assert run_on_reactor(cancelled_crawl()) < 3
    assert (site.count("/misbehaving/no-answer"), answers) == (1, [])


def test_receiver_is_called_one_answer_at_a_time(site: Site) -> None:
    running = [0, 0]

    async def slowly(answered: Target, answer: Capture | FetchFailure) -> None:
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0.01)
        running[0] -= 1

    with Site(host="127.0.0.3") as other:
        urls = [site.set("/privacy", PAGE), other.set("/privacy", PAGE), "ftp://shop.example/"]
        run_on_reactor(fetch([target(url) for url in urls], quick(), slowly))
    assert running == [0, 1]


def test_targets_that_answers_lead_to_are_fetched_in_the_same_crawl(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /no")
    for path in ("/one", "/two"):
        site.set(path, PAGE)
    # The guard refuses the third before any request, robots.txt the fourth; both lead on all the same.
    waiting = ["/two", "ftp://127.0.0.1/x", "/no", "/missing"]
    answered: list[str] = []

    async def lead_on(target: Target, answer: Capture | FetchFailure) -> list[Target]:
        answered.append(answer.reason if isinstance(answer, FetchFailure) else "page")
        return [Target(target.key, urljoin(site.url(), waiting.pop(0)))] if waiting else []

    run_on_reactor(fetch([target(site.url("/one"))], quick(), lead_on, clock=lambda: NOW))
    assert answered == ["page", "page", "scheme", "robots", "http-404"]
    assert site.count("/robots.txt") == 1
