from __future__ import annotations

import pytest

from crawler.records import FetchFailure
from tests.crawler.crawling import captured, crawl, crawl_one, failed
from tests.misbehaviour import MISBEHAVIOURS, PAGE
from tests.site import Site


def test_forbidden_pages_are_not_fetched_by_concurrent_requests(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /legal/")
    urls = [site.set(f"/legal/{number}", PAGE) for number in range(8)]
    answers = crawl(urls)
    assert [answer.reason for answer in answers if isinstance(answer, FetchFailure)] == ["robots"] * 8
    assert [path for path, _ in site.requests] == ["/robots.txt"]


def test_rules_for_our_name_count_before_those_for_all(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /\n\nUser-agent: policywatch\nDisallow: /private")
    assert captured(site.set("/privacy", PAGE)).body == PAGE
    assert failed(site.set("/private", PAGE)).reason == "robots"


def test_redirect_to_a_forbidden_page_is_not_followed(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /forbidden")
    site.set("/forbidden", PAGE)
    assert failed(site.redirect("/privacy", "/forbidden")).reason == "robots"
    assert site.count("/forbidden") == 0


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_site_without_robots_txt_may_be_fetched(site: Site, status: int) -> None:
    site.robots("User-agent: *\nDisallow: /", status=status)
    assert captured(site.set("/privacy", PAGE)).body == PAGE


@pytest.mark.parametrize("status", [500, 502, 503])
def test_site_whose_robots_txt_fails_may_not_be_fetched(site: Site, status: int) -> None:
    site.robots("", status=status)
    site.set("/privacy", PAGE)
    failure = failed(site.url("/privacy"))
    assert failure.reason == "robots-unreachable"
    assert str(status) in failure.detail
    assert site.count("/privacy") == 0


@pytest.mark.parametrize("name", ["no-answer", "reset", "wrong-length", "endless", "gzip-bomb"])
def test_site_whose_robots_txt_cannot_be_read_may_not_be_fetched(site: Site, name: str) -> None:
    site.route("/robots.txt", MISBEHAVIOURS[name])
    assert failed(site.set("/privacy", PAGE)).reason == "robots-unreachable"
    assert site.count("/privacy") == 0


def test_robots_txt_behind_a_redirect_counts(site: Site) -> None:
    site.set("/real-robots", "User-agent: *\nDisallow: /")
    site.redirect("/robots.txt", "/real-robots")
    assert failed(site.set("/privacy", PAGE)).reason == "robots"


def test_robots_txt_that_redirects_for_ever_is_none(site: Site) -> None:
    site.route("/robots.txt", MISBEHAVIOURS["redirect-loop"])
    assert captured(site.set("/privacy", PAGE)).body == PAGE


def test_two_ports_of_a_host_have_their_own_rules(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /")
    with Site() as other:
        urls = [site.set("/privacy", PAGE), other.set("/privacy", PAGE)]
        first, second = crawl(urls)
    assert isinstance(first, FetchFailure)
    assert not isinstance(second, FetchFailure)


def test_pattern_made_to_take_for_ever_does_not(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /" + "a*" * 30 + "b$")
    assert not isinstance(crawl_one(site.set("/" + "a" * 200, PAGE)), FetchFailure)


def test_bytes_that_are_no_text_are_no_rules(site: Site) -> None:
    site.set("/robots.txt", bytes(range(256)) * 10, content_type="application/octet-stream")
    assert captured(site.set("/privacy", PAGE)).body == PAGE
