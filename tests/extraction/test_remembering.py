"""Pages that differ in what decides nothing are read once; all others are read."""

from __future__ import annotations

import pytest
from lxml import etree

from crawler.extraction import extract
from crawler.extraction.parsing import parse
from crawler.extraction.records import Extraction
from crawler.extraction.remembering import Remembered, fingerprint, silence

PAGE = """<html lang="en"><head><title>Privacy</title><script nonce="{mark}">{script}</script></head><body>
<nav data-menu="{mark}"><a href="/">Home</a></nav><main><h1>Privacy</h1><p>{text}</p>
<img src="/{mark}.png" alt="A map"><form><input type="hidden" name="csrf" value="{mark}"></form>
<p>Write to <a href="/cdn-cgi/l/email-protection#{email}"><span data-cfemail="{email}">[hidden]</span></a>.</p>
<script>{script}</script></main></body></html>"""
TEXT = "We keep the address that you give us with an order until the parcel has arrived, and we tell it to nobody else."


def hidden(address: str, key: int) -> str:
    return bytes([key, *(byte ^ key for byte in address.encode())]).hex()


def page(
    text: str = TEXT, mark: str = "a1", script: str = "start(1)", email: str = "us@shop.test", key: int = 7
) -> str:
    return PAGE.format(text=text, mark=mark, script=script, email=hidden(email, key))


def marked(html: str) -> bytes:
    root = parse(html)
    assert root is not None
    silence([root])
    return fingerprint([root])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(page(mark="b2"), id="tokens and addresses of pictures"),
        pytest.param(page(script="start(2) || '<p>'"), id="scripts"),
        pytest.param(page(key=99), id="the key of a hidden e-mail address"),
    ],
)
def test_what_decides_nothing_is_not_looked_at(other: str) -> None:
    assert marked(other) == marked(page())
    assert extract(other.encode()) == extract(page().encode())


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(page(TEXT.replace("nobody", "anybody")), id="a word"),
        pytest.param(page(email="me@shop.test"), id="an e-mail address"),
        pytest.param(page().replace('alt="A map"', 'alt="A plan"'), id="the words for a picture"),
        pytest.param(page().replace('type="hidden"', 'type="password"'), id="what a form asks for"),
        pytest.param(page().replace("<p>We", "<p hidden>We"), id="whether a part is hidden"),
        pytest.param(page().replace('href="/"', 'href="/en"'), id="where a link leads"),
        pytest.param(page(TEXT + ' src="1"'), id="words that look like an attribute"),
        pytest.param(page(TEXT + ' &lt;p src="1">'), id="words that look like a tag"),
    ],
)
def test_what_decides_is_looked_at(other: str) -> None:
    assert marked(other) != marked(page())


def test_words_that_look_like_attributes_are_words() -> None:
    assert marked(page(TEXT + ' &lt;p src="1">')) != marked(page(TEXT + ' &lt;p src="2">'))


def test_what_stands_beside_the_tree_counts() -> None:
    element = etree.fromstring("<p>One</p>")
    assert fingerprint([element], "title") != fingerprint([element], "another title")


def test_pages_with_other_addresses_have_other_links() -> None:
    html = page().encode()
    first = extract(html, url="https://one.test/privacy")
    assert first.text == extract(html, url="https://one.test/privacy").text
    linked = html.replace(b"We keep", b'<a href="/keep">We keep</a>')
    texts = {extract(linked, url=f"https://{name}.test/privacy").text for name in ("one", "two")}
    assert len(texts) == 2


def test_the_page_of_an_address_is_remembered_from_its_second_reading_on() -> None:
    first, second, third = (extract(page(mark=mark).encode(), url="https://again.test/") for mark in "abc")
    assert first == second
    assert first is not second
    assert second is third


def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    remembered = Remembered(most_chars=3000)
    found = [Extraction(letter * 1000, None, None, "html", "utf-8") for letter in "abcd"]
    for number, one in enumerate(found[:3]):
        remembered.put(b"%d" % number, one)
    assert remembered.get(b"0") == found[0]
    remembered.put(b"3", found[3])
    assert [remembered.get(b"%d" % number) is not None for number in range(4)] == [True, False, True, True]


def test_a_text_full_of_what_looks_like_attributes_is_no_more_work_than_another() -> None:
    # Took minutes when each was looked for up to the end of its tag.
    assert marked(page(TEXT + ' src=""' * 150_000)) != marked(page(TEXT + ' src=""' * 150_001))
