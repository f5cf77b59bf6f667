"""How little a discovery asks of a site, and what it does where it is told no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.discovery.crawl import MOST_REQUESTS, UnreachableError
from crawler.discovery.lexicon import lexicon
from crawler.discovery.search import Search
from crawler.records import FetchFailure, Target
from storage.records import Capture, DocumentKey
from tests.crawler.crawling import NOW
from tests.discovery.finding import documents, found_on
from tests.discovery.layouts import Frame, modern
from tests.discovery.sites import TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.site import Site

PRIVACY, ABOUT = (TEXTS["en"][key].replace("@", "Shop") for key in ("privacy-policy", "about"))


def front(site: Site, footer: Sequence[tuple[str, str]] = (), head: str = "") -> str:
    return site.set("/", modern(Frame("Shop", "en", ABOUT, (), footer, head)))


def put(site: Site, path: str, text: str = PRIVACY) -> str:
    return site.set(path, modern(Frame("Shop", "en", text)))


def test_site_of_a_thousand_policies_is_asked_thirty_times(site: Site) -> None:
    paths = [f"/privacy-{number}" for number in range(1000)]
    for path in paths[:40]:
        put(site, path, PRIVACY.replace("two weeks", f"{path} weeks"))
    found = found_on(front(site, [("Privacy", path) for path in paths]))
    # The crawler's own look at robots.txt comes first.
    assert len(site.requests) == found.requests + 1 == MOST_REQUESTS + 1


def test_no_address_is_asked_for_twice(site: Site) -> None:
    put(site, "/privacy")
    found_on(
        front(site, [("Privacy", "/privacy"), ("Privacy", "/privacy/"), ("Privacy policy", "/privacy#data")])
    )
    asked = [path for path, _ in site.requests if path != "/robots.txt"]
    assert len(asked) == len(set(asked))
    assert site.count("/robots.txt") == 2


def test_what_robots_txt_forbids_is_not_fetched_but_told(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /legal/")
    put(site, "/legal/privacy")
    found = found_on(front(site, [("Privacy", "/legal/privacy")]))
    assert found.proposals == ()
    assert site.count("/legal/privacy") == 0
    (told,) = [one for one in found.rejected if one.url == site.url("/legal/privacy")]
    assert told.type == "privacy-policy"
    assert "robots.txt of the site does not allow" in told.reasons[0]


def test_front_page_that_is_forbidden_ends_it(site: Site) -> None:
    front(site)
    site.robots("User-agent: *\nDisallow: /")
    with pytest.raises(UnreachableError, match=r"robots\.txt of the site does not allow"):
        found_on(site.url("/"))


def test_slow_pages_use_up_the_patience() -> None:
    links = "".join(f"<a href=/privacy-{number}>Privacy</a>" for number in range(20))
    start = Target(DocumentKey("discovery", "page"), "https://shop.example/")
    search = Search(start.url, (), lexicon(), 1000)
    body = f"<title>Shop</title><footer>{links}</footer>".encode()
    page = Capture(start.key, start.url, start.url, NOW, "live", 200, (("Content-Type", "text/html"),), body)
    first = search.next()
    assert first is not None
    search.learn(first, page)
    asked = 0
    while (candidate := search.next()) is not None:
        search.learn(candidate, FetchFailure(start, NOW, "timeout", "It did not come in time."))
        asked += 1
    assert asked == 6


def test_site_that_has_moved_is_searched_where_it_is_now(site: Site, other: Site) -> None:
    site.redirect("/", other.url("/"))
    front(other, [("Privacy", "/privacy")])
    put(other, "/privacy")
    found = found_on(site.url("/"))
    assert documents(found) == {("privacy-policy", ("/privacy",))}
    assert found.url == other.url("/")
    assert found.notes == (f"{site.url('/')} sends on to {other.url('/')}, another host",)


def test_usual_addresses_are_few_and_only_of_what_was_not_found(site: Site) -> None:
    put(site, "/privacy")
    found = found_on(front(site))
    asked = [path for path, _ in site.requests]
    assert documents(found) == {("privacy-policy", ("/privacy",))}
    assert "/privacy-policy" not in asked
    assert {"/terms", "/terms-of-service"} <= set(asked)
    assert len(asked) <= 12


def test_page_that_every_address_shows_is_no_policy(site: Site) -> None:
    for path in ("/privacy", "/terms", "/cookies", "/privacy-policy", "/terms-of-service"):
        put(site, path, ABOUT)
    assert found_on(front(site)).proposals == ()


def test_binary_under_a_policys_name_is_told(site: Site) -> None:
    site.set("/privacy", b"%PDF-1.7", content_type="application/pdf")
    found = found_on(front(site, [("Privacy", "/privacy")]))
    assert [(one.url, one.reasons) for one in found.rejected] == [
        (site.url("/privacy"), ("this PDF is damaged and cannot be read",))
    ]


def test_why_a_named_page_is_not_proposed_is_said_in_words(site: Site) -> None:
    site.set("/privacy", "<title>Privacy policy</title><div id=root></div><script src=/app.js></script>")
    site.redirect("/terms", "/terms")
    found = found_on(front(site, [("Privacy policy", "/privacy"), ("Terms of service", "/terms")]))
    reasons = {one.type: one.reasons for one in found.rejected}
    assert "built by scripts, which are run with render = true" in reasons["privacy-policy"]
    assert reasons["terms-of-service"] == ("the redirects do not lead to a page (they lead in a circle)",)


def test_front_page_that_scripts_build_is_noted(site: Site) -> None:
    site.set(
        "/", "<html><title>Shop</title><body><div id=root></div><script src=/app.js></script></body></html>"
    )
    put(site, "/privacy")
    found = found_on(site.url("/"))
    assert documents(found) == {("privacy-policy", ("/privacy",))}
    assert found.notes == (f"{site.url('/')} is suspect (script-shell): links may be missing from it",)


def test_page_that_holds_two_policies_is_told_once_by_the_links_that_name_them(site: Site) -> None:
    terms = TEXTS["en"]["terms-of-service"].replace("@", "Shop")
    put(site, "/legal", f"Legal\n# Privacy Notice\n{PRIVACY}\n# Terms\n{terms}")
    links = [("Legal", "/legal"), ("Privacy Notice", "/legal#privacy"), ("Terms of Use", "/legal#terms")]
    found = found_on(front(site, links))
    (one,) = found.proposals
    assert one.type in ("privacy-policy", "terms-of-service")
    assert one.urls == (site.url("/legal"),)


def test_sitemaps_of_liars_lead_nowhere(site: Site, other: Site) -> None:
    lies = [
        "http://[privacy",
        other.url("/sitemap.xml"),
        "https://a:b@127.0.0.1/s.xml",
        site.url("/loop.xml"),
    ]
    site.robots("".join(f"Sitemap: {lie}\n" for lie in lies))
    index = "".join(f"<sitemap><loc>{lie}</loc></sitemap>" for lie in lies)
    site.set("/loop.xml", f"<sitemapindex>{index}</sitemapindex>", content_type="application/xml")
    assert found_on(front(site)).proposals == ()
    assert site.count("/loop.xml") == 1
    assert other.requests == []


def test_page_that_praises_privacy_is_no_policy(site: Site) -> None:
    put(site, "/privacy-first", "Privacy first\nWe believe in privacy. That is why we collect as little as we can, and "
        "why we never sell anything. Try it free for thirty days and see what quiet feels like.")  # fmt: skip
    assert found_on(front(site, [("Privacy first", "/privacy-first")])).proposals == ()


APPLICANTS = """Applicant Privacy Notice
What happens to your letter.
# What we collect
We collect your name and your letter, personal data that we share with nobody.
# How long
We keep it for six months; you may ask us for a copy of it, and the data controller is Shop."""


def test_two_policies_of_one_type_get_ids_of_their_own(site: Site) -> None:
    put(site, "/privacy")
    put(site, "/applicants", APPLICANTS)
    found = found_on(front(site, [("Privacy", "/privacy"), ("Applicant privacy notice", "/applicants")]))
    assert documents(found) == {("privacy-policy", ("/privacy",)), ("privacy-policy", ("/applicants",))}
    assert found.proposals[0].id == "privacy-policy"
    assert found.proposals[1].id in ("applicants", "privacy")


def test_search_ends_by_itself_where_nothing_answers() -> None:
    search = Search("https://shop.example/", (), lexicon(), 1000)
    start = search.next()
    assert start is not None and start.url == "https://shop.example/"
    asked = []
    while (candidate := search.next()) is not None:
        asked.append(candidate.url)
    assert asked[0] == "https://shop.example/robots.txt"
    assert len(asked) < MOST_REQUESTS
