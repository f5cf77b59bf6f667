"""Whatever strangers write into their policies, addresses and names is words on our pages, never markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree, html

from monitor.web import app
from monitor.web.guard import Access
from monitor.web.objects import safe_link
from tests.web.conftest import serving
from tests.web.payloads import ADDRESSES, PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.conftest import Reader

PAGES = [
    "", "sites/", "sites/hostile/", "sites/hostile/privacy-policy/", "topics/", "topics/sharing/",
    "commitments/hostile/privacy-policy/", "directions/weaker/", "directions/weaker/page/2/", "health/",
    "search/?q=share",
    *(f"sites/hostile-{number}/" for number in range(0, len(PAYLOADS), 3)),
    *(f"search/?q={number}%22%3E%3Cscript%3E%27onfocus%3D" for number in range(2)),
]  # fmt: skip
# All that a page of ours is made of.
ELEMENTS = set(
    "html head meta title link body a header div p nav ul ol li form label input button main section h1 h2 h3 h4 h5 h6"
    " article span strong small time br blockquote del ins mark details summary table thead tbody tr th td footer"
    " figure figcaption svg desc text path g rect circle code select option img".split()
)
ATTRIBUTES = set(
    "lang charset name content rel href type title class aria-label aria-labelledby aria-current aria-hidden role"
    " action method for id maxlength placeholder value tabindex datetime scope selected src alt width height viewbox"
    " x y d cx cy r http-equiv open".split()
)


def assert_harmless(tree: Any, where: str, base: str = "http://") -> None:
    for element in tree.iter():
        assert isinstance(element.tag, str), f"{where} holds a comment or an instruction"
        assert element.tag in ELEMENTS, f"{where} has <{element.tag}>"
        for name, value in element.attrib.items():
            assert name.lower() in ATTRIBUTES, f"{where} has {name} of <{element.tag}>"
            if name in ("href", "src", "action"):
                assert re.match(rf"(?:{base}|https?://|[a-z0-9./?#]|$)", value), f"{where} leads to {value}"
                assert not re.match(r"\s*[a-z]+script:|\s*data:|//", value, re.IGNORECASE), (
                    f"{where}: {value}"
                )
        if (
            element.tag == "a"
            and str(element.get("href")).startswith("http")
            and "external" in str(element.get("rel"))
        ):
            assert {"noopener", "nofollow"} <= set(element.get("rel").split())  # fmt: skip


def hostile_pages(hostile: Reader) -> Iterator[str]:
    yield from PAGES
    ids = hostile.get("sites/hostile/privacy-policy.json").data["all_versions"]
    new, old = (version["version"] for version in ids)
    yield from (
        f"versions/{old}/",
        f"versions/{new}/",
        f"compare/{old}/{new}/",
        f"compare/{old}/{new}/inline/",
    )
    yield from (f"versions/{new}/changes/{place}/" for place in range(1, len(PAYLOADS) + 1))


def test_there_are_enough_ways_to_do_harm() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 80


def test_no_page_holds_anything_but_our_own_elements(hostile: Reader) -> None:
    for path in hostile_pages(hostile):
        reply = hostile.get(path)
        assert reply.status == 200, path
        assert_harmless(reply.tree, path)


def test_the_words_of_strangers_are_shown_as_they_are(hostile: Reader) -> None:
    told = hostile.get("sites/hostile-40/").words("//h1")
    assert told == [" ".join(PAYLOADS[40].split())]


def test_markdown_holds_no_markup_of_strangers(hostile: Reader) -> None:
    for path in hostile_pages(hostile):
        if path and "?" not in path:
            text = hostile.get(f"{path.rstrip('/')}.md").text
            outside, *_ = re.split(r"(?m)^`{3,}$", text)
            assert not re.search(r"(?<!\\)<(?!https?://)", outside), path
            assert not re.search(r"(?<!\\)\]\((?!(?:\.\./)*[a-z]+/|(?:\.\./)*index)", outside), path


def test_the_text_of_a_version_cannot_end_its_fence(hostile: Reader) -> None:
    new = hostile.get("sites/hostile/privacy-policy.json").data["document"]["latest_version"]
    lines = hostile.get(f"versions/{new}.md").text.splitlines()
    assert [line for line in lines if re.fullmatch(r"`{6,}", line)] == ["``````", "``````"]
    assert lines[-1] == "``````"


@pytest.mark.parametrize(
    "path", ["feed", "sites/hostile/feed", "topics/sharing/feed", "directions/weaker/feed"]
)
def test_feeds_hold_no_markup_of_strangers(hostile: Reader, path: str) -> None:
    atom = etree.fromstring(hostile.get(f"{path}.atom").body)
    contents = [element.text for element in atom.iter("{http://www.w3.org/2005/Atom}content")]
    contents += [item["content_html"] for item in hostile.get(f"{path}.json").data["items"]]
    assert contents
    for content in contents:
        assert_harmless(html.fragment_fromstring(content, create_parent="div"), path)


def test_only_addresses_of_the_web_become_links(hostile: Reader) -> None:
    assert [address for address in ADDRESSES if safe_link(address)] == []
    assert safe_link("https://shop.example/a?b=c#d") == "https://shop.example/a?b=c#d"
    new = hostile.get("sites/hostile/privacy-policy.json").data["document"]["latest_version"]
    evidence = hostile.get(f"versions/{new}/").tree.xpath("//ul[@class='evidence']/li")
    assert len(evidence) == len(ADDRESSES)
    assert [entry for entry in evidence if entry.xpath(".//a")] == []


@pytest.mark.parametrize(
    "path", ["", "index.json", "feed.atom", "style.css", "nothing/", "api/health", "api/nothing"]
)
def test_every_answer_forbids_scripts_frames_and_guesses(reader: Reader, path: str) -> None:
    headers = reader.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_a_mistake_of_ours_is_answered_as_guarded_as_everything(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(app, "_made", broken)
    with serving(database) as reader:
        reply = reader.get("sites/")
    assert (reply.status, reply.text) == (500, "Something went wrong here.\n")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(reader: Reader, method: str) -> None:
    reply = reader.get("", method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "[::2]"])
def test_a_name_that_is_not_ours_is_refused(reader: Reader, host: str) -> None:
    assert reader.get("", Host=host).status == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8000"])
def test_names_of_this_machine_are_ours(reader: Reader, host: str) -> None:
    assert reader.get("", Host=host).status == 200


def test_a_password_is_wanted_where_one_is_set(database: Path) -> None:
    with serving(database, Access(password="Büro")) as reader:
        refused = reader.get("")
        assert (refused.status, "harbour" in refused.text.lower()) == (401, False)
        assert refused.headers["www-authenticate"].startswith("Basic ")
        for told in ("Basic eDpmYWxzZQ==", "Basic !!!", "Basic", "Bearer x", "Basic eA=="):
            assert reader.get("", Authorization=told).status == 401
        assert reader.get("", Authorization="Basic eDpCw7xybw==").status == 200
        assert reader.get("style.css").status == 401


def test_only_the_trusted_proxy_is_answered_and_believed(database: Path) -> None:
    with serving(database, Access(proxies=("192.0.2.0/24",))) as reader:
        assert reader.get("").status == 403
    with serving(database, Access(proxies=("127.0.0.0/8",), hosts=("policies.example",))) as reader:
        assert reader.get("", Host="policies.example", X_Forwarded_For="203.0.113.9").status == 200
        feed = reader.get("feed.json", Host="policies.example", X_Forwarded_Proto="https").data
        assert feed["feed_url"] == "https://policies.example/feed.json"


def test_odd_addresses_are_answered_in_words(reader: Reader) -> None:
    for path in (
        "sites/%2e%2e/", "sites/a%00b/", "..%2f..%2fetc/passwd", "versions/99999999999999999999/", "versions/0/",
        "versions/-1/", "sites/A/", "a" * 500, f"search/?q={'x' * 3000}", "compare/1/x/", "compare/?old=1&new=x",
        "sites/harbour-books/page/0/", "sites/harbour-books/page/9/", "sites/harbour-books/nothing/", "%ff/", "x.json",
        "a%0Ab/", "a%0Ab.json",
        f"search/?q={'x' * 201}", "search/?q=a&site=nowhere", "api/changes?limit=0", "api/changes?since=9999999",
    ):  # fmt: skip
        reply = reader.get(path)
        assert reply.status in (400, 404), path
        as_data = path.startswith("api/") or path.endswith(".json")
        assert reply.headers["content-type"].startswith("application/json" if as_data else "text/"), path
        assert "Traceback" not in reply.text
