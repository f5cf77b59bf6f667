from __future__ import annotations

import pytest

from crawler.extraction import ExtractionError, extract
from tests.extraction.decorations import PAGES, TEXT


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
    ],
    ids=["PDF", "image", "archive", "random bytes", "too large", "too many tags"],
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
