from __future__ import annotations

import re

import pytest

from crawler.extraction import ExtractionError, extract
from tests.extraction.decorations import BODY, PAGES, TEXT


@pytest.mark.parametrize(
    ("body", "content_type", "url", "form"),
    [
        (b"<!DOCTYPE html><p>Hi", None, None, "html"),
        (b"\xef\xbb\xbf <!-- x --><html>Hi", None, None, "html"),
        (b"Hello <p>a</p><p>b</p><p>c</p>", None, None, "html"),
        (b"<p>Hi</p>", "text/plain", None, "html"),
        (b"Just words", "text/html; charset=utf-8", None, "html"),
        (b"Just words\n\nand more", None, None, "text"),
        (b"Just words", "text/plain", "https://a.example/terms.md", "markdown"),
        (b"# Terms\n\n- one", None, None, "markdown"),
        (b"Terms\n=====\n\nwords", "text/plain", None, "markdown"),
        (b"**Terms**\n\nwe may", None, None, "markdown"),
    ],
)
def test_form_is_told_from_type_and_bytes(
    body: bytes, content_type: str | None, url: str | None, form: str
) -> None:
    assert extract(body, content_type=content_type, url=url).form == form


def test_plain_text_keeps_its_structure() -> None:
    body = "Terms  \r\n\r\n\r\n  1. One\u00a0item   \r   - two\u200b\t\n".encode()

    assert extract(body).text == "Terms\n\n  1. One item\n   - two\n"


def test_hard_breaks_of_markdown_survive_without_trailing_spaces() -> None:
    assert extract(b"# A\n\nMill Lane 4  \nOxford  \n\nEnd").text == "# A\n\nMill Lane 4\\\nOxford\n\nEnd\n"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"PK\x03\x04\x14\0", "ZIP"),
        (bytes(range(256)) * 40, "binary"),
        (b"a" * (25 * 2**20), "larger than 24 MiB"),
        (b"<p>" * 120_000, "tags"),
        (b"<p>a" * 60_000, "elements"),
        (b"<p>" + b"word " * 1_300_000, "more text"),
    ],
    ids=[
        "PDF",
        "image",
        "archive",
        "random bytes",
        "too large",
        "too many tags",
        "too many elements",
        "too much text",
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(body: bytes, words: str) -> None:
    with pytest.raises(ExtractionError, match=words):
        extract(body)


def test_selector_chooses_the_text_and_joins_what_it_finds() -> None:
    page = b"<div class=a><p>One</p></div><p>Between</p><div class=a>Two<div class=a>Three</div></div>"

    assert extract(page, select=".a").text == "One\n\nTwo\n\nThree\n"


def test_remove_drops_what_it_finds_and_nothing_behind_it() -> None:
    page = b"<div id=t><p>Keep <span class=x>drop</span>this</p><p class=x>drop</p>and that</div>"

    assert extract(page, select="#t", remove=[".x"]).text == "Keep this\n\nand that\n"


@pytest.mark.parametrize(
    ("select", "words"),
    [("#none", "'#none' matches nothing"), ("p >", "'p >' is no CSS selector"), ("a[", "no CSS")],
)
def test_selector_at_fault_is_named(select: str, words: str) -> None:
    with pytest.raises(ExtractionError, match=words):
        extract(b"<p>Text</p>", select=select)


def test_selected_text_equals_the_found_text() -> None:
    assert extract(PAGES["landmarks"].encode(), select="main").text == TEXT


FRAMESET = (
    "<html><head><base href='https://old.test/legal/'></head><frameset cols='20%,80%'><frame src='menu.htm'>"
    "<frame src='/privacy.htm'><frame src='menu.htm'><noframes>{}</noframes></frameset></html>"
)


def test_frames_of_a_page_are_told() -> None:
    extraction = extract(FRAMESET.format("<p>Your browser shows no frames.").encode())

    assert (extraction.suspect, extraction.text) == ("frames", "")
    assert extraction.frames == ("https://old.test/legal/menu.htm", "https://old.test/privacy.htm")


def test_text_for_browsers_without_frames_is_read() -> None:
    extraction = extract(
        FRAMESET.format(f"<body>{BODY}</body>").encode(), url="https://lindenhof.example/privacy"
    )

    assert (extraction.suspect, extraction.text, extraction.frames) == (None, TEXT, ())


def test_policy_in_a_box_that_shows_another_page_is_told() -> None:
    page = (
        "<h1>Privacy Policy</h1><iframe src='https://law.test/p/123' height=900></iframe>"
        "<iframe src='https://tags.test/' style='display:none'></iframe><iframe src='/px' width=1></iframe>"
        "<noscript><iframe src='https://tags.test/n'></iframe></noscript>"
    )

    assert extract(page.encode()).frames == ("https://law.test/p/123",)
    assert extract(page.replace("</h1>", f"</h1>{BODY}").encode()).frames == ()


def test_xhtml_with_a_prefix_is_read() -> None:
    tag = re.compile(r"<(/?)(?=[a-z])")
    page = tag.sub(r"<\1x:", f"<html><body>{BODY}</body></html>")
    page = page.replace("<x:html", "<x:html xmlns:x='http://www.w3.org/1999/xhtml'", 1)

    assert extract(f"<?xml version='1.0'?>{page}".encode()).text == TEXT
