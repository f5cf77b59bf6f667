"""A reader's way through the pages in a real browser, with scripts and without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from tests.web.browsers import AXE, chromium, listened, needs_axe, needs_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.conftest import Reader

pytestmark = needs_chromium

ATOM = "{http://www.w3.org/2005/Atom}"
NARROW, WIDE = (360, 740), (1280, 900)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_reader_finds_what_changed_and_how_to_hear_of_more(
    browser: Any, reader: Reader, *, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    heard = listened(page)
    page.goto(reader.base)
    # What weakened last is told on the first page.
    weakened = page.locator("section.lead-story")
    assert "never share" in weakened.inner_text()

    # A site is found, and what changed is read.
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sites").click()
    page.get_by_role("link", name="Harbour Books").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Harbour Books"
    changes = page.locator("article.change")
    told = "\n".join(changes.all_inner_texts())
    assert "We never share your personal data with third parties." in told
    assert page.locator("article.change ins").first.inner_text()

    # Both versions are compared, side by side and in one text.
    page.get_by_role("link", name="compare with the version").first.click()
    # After a click a page may be on its way yet; what never comes fails.
    page.locator(".beside .row.changed").nth(0).wait_for()
    page.get_by_role("link", name="In one text").click()
    page.locator(".inline del").nth(0).wait_for()
    page.get_by_role("link", name="What changed").first.click()

    # A commitment is followed through time.
    page.goto(f"{reader.base}sites/harbour-books/privacy-policy/")
    page.get_by_role("link", name="each commitment, and since when it stands").click()
    entry = page.locator("ul.ledger > li").filter(has_text="copy of your data").first
    assert "stands since" in entry.inner_text()
    weaker = page.locator("ul.ledger > li").filter(has_text="server logs").first
    assert "kept for 60 days instead of 30" in weaker.locator("ol.steps").inner_text()

    # Words are searched for.
    page.get_by_role("searchbox", name="Search all versions").fill("server logs")
    page.get_by_role("banner").get_by_role("button", name="Search").click()
    assert page.url.endswith("search/?q=server+logs")
    page.locator("ol.hits li").nth(1).wait_for()
    assert page.locator("ol.hits mark").first.inner_text().casefold() in ("server", "logs")

    # The feeds are where readers of feeds look for them.
    page.goto(f"{reader.base}sites/harbour-books/")
    announced = page.locator("link[rel=alternate][type='application/atom+xml']").get_attribute("href")
    follow = page.get_by_role("region", name="Hear of the next change")
    assert follow.get_by_role("link", name="Atom").get_attribute("href") == announced
    feed = context.request.get(page.url + announced if announced.startswith("..") else announced)
    assert etree.fromstring(feed.body()).tag == f"{ATOM}feed"

    assert heard.dialogs == heard.errors == heard.console == []
    assert [url for url in heard.requests if not url.startswith(reader.base)] == []
    context.close()


@pytest.fixture(scope="module")
def pages(reader: Reader) -> list[str]:
    versions = reader.get("sites/harbour-books/privacy-policy.json").data["all_versions"]
    newest, middle, oldest = (version["version"] for version in versions)
    return [
        "", "sites/", "sites/harbour-books/", "sites/harbour-books/privacy-policy/", "sites/kestrel/", "topics/",
        "topics/sharing/", "directions/weaker/", "health/", "search/", "search/?q=data", "search/?q=nowhere",
        "commitments/harbour-books/privacy-policy/", f"versions/{middle}/", f"versions/{middle}/changes/1/",
        f"compare/{oldest}/{middle}/", f"compare/{middle}/{newest}/", f"compare/{middle}/{newest}/inline/", "nothing/",
    ]  # fmt: skip


@needs_axe
def test_nothing_keeps_anybody_from_reading(browser: Any, reader: Reader, pages: list[str]) -> None:
    axe = AXE.read_text(encoding="utf-8")
    found = {}
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    for path in pages:
        page.goto(f"{reader.base}{path}")
        page.evaluate(axe)
        for width, height in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                for violation in page.evaluate("axe.run().then(found => found.violations)"):
                    places = [node["target"] for node in violation["nodes"][:3]]
                    found[path, width, scheme, violation["id"]] = (violation["help"], places)
    assert found == {}
    # It does find what is wrong.
    page.set_content("<html><body><img src=x></body></html>")
    page.evaluate(axe)
    assert "image-alt" in {
        violation["id"] for violation in page.evaluate("axe.run().then(found => found.violations)")
    }
    context.close()


def test_no_page_is_wider_than_a_phone(browser: Any, reader: Reader, pages: list[str]) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    too_wide = []
    for path in pages:
        page.goto(f"{reader.base}{path}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)
    assert too_wide == []
    context.close()


@needs_chromium
def test_a_phone_shows_the_whole_timeline(browser: Any, reader: Reader) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    for path in ("sites/harbour-books/", "sites/harbour-books/privacy-policy/"):
        page.goto(f"{reader.base}{path}")
        shown, whole = page.eval_on_selector("#timeline > .wide", "one => [one.clientWidth, one.scrollWidth]")
        assert whole <= shown, path
    context.close()
