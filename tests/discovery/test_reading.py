"""What pages and sitemaps show: links with their places, addresses, and nothing where strangers lie."""

from __future__ import annotations

import gzip

import pytest

from crawler.discovery.addresses import bare, is_never, is_page, language_in, owner
from crawler.discovery.lexicon import lexicon
from crawler.discovery.pages import Link, read_facts
from crawler.discovery.rating import LEAST, rate
from crawler.discovery.sitemaps import Sitemap, read_sitemap, sitemaps_in_robots

WORDS = lexicon()
URL = "https://shop.example/"
EN = frozenset({"en"})


def links(html: str) -> list[Link]:
    return list(read_facts(html.encode(), content_type="text/html", url=URL).links)


def rating(link: Link) -> float:
    return rate(link, "shop.example", WORDS, frozenset(), EN).rating


@pytest.mark.parametrize(
    ("html", "place"),
    [
        ("<footer><a href=/p>Privacy</a></footer>", "footer"),
        ("<div class='page-footer dark'><nav><a href=/p>Privacy</a></nav></div>", "footer"),
        ("<nav><a href=/p>Privacy</a></nav>", "navigation"),
        ("<main><p><a href=/p>Privacy</a></p></main>", "content"),
        ("<div id=cookie-banner><p><a href=/p>Privacy</a></p></div>", "dialog"),
        ("<dialog open><footer><a href=/p>Privacy</a></footer></dialog>", "footer"),
        ("<table><tr><td><a href=/p>Privacy</a></td></tr></table>", "footer"),
    ],
)
def test_place_of_a_link_is_that_of_the_nearest_box_that_tells(html: str, place: str) -> None:
    assert [(link.place, link.url) for link in links(html)] == [(place, "https://shop.example/p")]


def test_links_that_lead_to_no_page_are_left_out() -> None:
    hrefs = [
        "#top",
        "javascript:void(0)",
        "mailto:a@shop.example",
        "/logo.png",
        "http://[privacy",
        "ftp://shop.example/",
    ]
    assert links("".join(f"<a href='{href}'>Privacy</a>" for href in hrefs)) == []


def test_label_may_stand_in_an_attribute_or_a_picture() -> None:
    found = links('<a href=/a aria-label="Privacy"></a><a href=/b><img alt="Terms"></a>')
    assert [link.label for link in found] == ["Privacy", "Terms"]


def test_likelier_links_are_rated_higher() -> None:
    foot = Link("https://shop.example/privacy", "Privacy", "footer")
    named = Link("https://shop.example/x", "Privacy", "content")
    prose = Link("https://shop.example/x", "Privacy", "content", in_prose=True)
    assert 1.0 >= rating(foot) > rating(named) > rating(prose) > 0
    declared = Link("https://shop.example/x", "Read this", "content", frozenset({"privacy-policy"}))
    assert rating(declared) >= LEAST


@pytest.mark.parametrize(
    "link",
    [
        Link("https://shop.example/settings/privacy", "Privacy settings", "footer"),
        Link("https://shop.example/blog/privacy", "What a new law means for privacy", "footer"),
        Link("https://policies.google.com/privacy", "Privacy Policy", "footer"),
        Link("https://maps.example/privacy", "Mapwise's privacy", "content"),
        Link("https://shop.example/shoes", "Shoes", "footer"),
    ],
    ids=lambda link: link.label,
)
def test_links_to_something_else_are_not_worth_a_request(link: Link) -> None:
    assert rating(link) < LEAST


def test_language_that_is_not_looked_for_costs() -> None:
    own, other = (Link(f"https://shop.example/{code}/privacy", "Privacy", "footer") for code in ("en", "it"))
    assert rating(own) > rating(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.shop.example/privacy/", "https://shop.example/privacy"),
        ("https://shop.example/legal/index.html", "https://shop.example/legal"),
        ("https://shop.example/privacy#cookies", "https://SHOP.example/privacy"),
    ],
)
def test_two_spellings_of_an_address_are_one(one: str, other: str) -> None:
    assert bare(one) == bare(other)


def test_owner_is_the_registered_domain() -> None:
    assert owner("https://help.shop.co.uk/a") == owner("https://shop.co.uk") == "shop.co.uk"
    assert owner("https://anna.github.io") != owner("https://otto.github.io")
    assert owner("http://127.0.0.1:81") != owner("http://127.0.0.1:82")


@pytest.mark.parametrize(
    ("url", "language"),
    [
        ("https://shop.example/de-at/privacy", "de"), ("https://fr.shop.example/x", "fr"),
        ("https://shop.example/x?lang=es", "es"), ("https://shop.cn/zh_CN/x", "zh"),
        ("https://shop.example/privacy", None),
    ],
)  # fmt: skip
def test_addresses_may_tell_a_language(url: str, language: str | None) -> None:
    assert language_in(url) == language


def test_posts_are_known_by_their_folder_or_date() -> None:
    for path in ("/blog/privacy", "/2023/07/privacy", "/karriere/datenschutz"):
        assert is_never(f"https://shop.example{path}", WORDS)
    assert not is_never("https://shop.example/legal/privacy-2023", WORDS)


def test_addresses_with_a_password_or_a_foreign_scheme_are_no_pages() -> None:
    urls = ["https://a:b@shop.example/", "ftp://shop.example/", "https://shop.example:x/"]
    assert [is_page(url) for url in urls] == [False, False, False]


def test_sitemap_is_read_plain_packed_or_as_text() -> None:
    xml = b"<urlset><url><loc> https://shop.example/a?x=1&amp;y=2 </loc></url></urlset>"
    expected = Sitemap(("https://shop.example/a?x=1&y=2",))
    assert read_sitemap(xml, 10_000) == read_sitemap(gzip.compress(xml), 10_000) == expected
    assert read_sitemap(b"https://shop.example/a\nnonsense\n", 10_000) == Sitemap(("https://shop.example/a",))


def test_index_names_other_sitemaps() -> None:
    xml = b"<sitemapindex><sitemap><loc><![CDATA[https://shop.example/1.xml]]></loc></sitemap></sitemapindex>"
    assert read_sitemap(xml, 10_000) == Sitemap(sitemaps=("https://shop.example/1.xml",))


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(b"<loc>https://shop.example/a</loc>" + b" " * 20_000),
        gzip.compress(b"x" * 99)[:-9],
        b"",
        b"\xff\xfe",
    ],
    ids=["bomb", "cut", "empty", "binary"],
)
def test_damaged_or_oversized_sitemap_has_no_addresses(body: bytes) -> None:
    assert read_sitemap(body, 10_000) == Sitemap()


def test_robots_txt_names_sitemaps_in_any_case() -> None:
    body = b"User-agent: *\nDisallow:\nSITEMAP: https://shop.example/s.xml\n# Sitemap: https://shop.example/no.xml\n"
    assert sitemaps_in_robots(body) == ["https://shop.example/s.xml"]
