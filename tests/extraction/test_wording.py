from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction import extract
from crawler.extraction.wording import text_sha256, wording, wording_sha256
from tests.extraction.decorations import BODY, TEXT

SENTENCE = "We keep your e-mail address for 30 days; then we don't."


@pytest.mark.parametrize(
    "dressed",
    [
        "## We keep your e-mail address for 30 days; then we don't.",
        "**We keep** your *e-mail address* for `30 days`; then we ~~don't~~.",
        "We keep your [e-mail address](https://shop.example/x_(y)?a=1) for 30 days; then we don't.",
        "WE KEEP YOUR E-MAIL ADDRESS FOR 30 DAYS; THEN WE DON'T!",
        "We keep your email address for 30 days, then we don’t",
        "- We keep your e\u2011mail\n  address for 30\u00a0days;\n\n- then we don't.",
        "> | We keep your | e-mail address<br>for 30 days | then we don't |",
        "We keep your e-mail address for \\30 days; \uff54hen we don't.",
    ],
    ids=[
        "heading",
        "emphasis",
        "link",
        "capitals",
        "punctuation",
        "lines",
        "table",
        "escapes and wide letters",
    ],
)
def test_wording_ignores_the_dress(dressed: str) -> None:
    assert wording_sha256(dressed) == wording_sha256(SENTENCE)
    assert text_sha256(dressed) != text_sha256(SENTENCE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We keep it for 30 days.", "We keep it for 60 days."),
        ("We never share it.", "We share it."),
        ("a fee of 1.5 per month", "a fee of 15 per month"),
        ("sections 3, 45", "sections 34, 5"),
        ("a fee of 5%", "a fee of 5"),
        ("a fee of $5", "a fee of €5"),
        ("1. We keep it", "2. We keep it"),
        ("Wir löschen es", "Wir loschen es"),
        ("我们不会出售", "我们会出售"),
    ],
)
def test_wording_tells_words_and_numbers_apart(one: str, other: str) -> None:
    assert wording_sha256(one) != wording_sha256(other)


def test_wording_is_that_of_the_page_without_links_and_emphasis() -> None:
    bare = BODY.replace("<strong>", "").replace("</strong>", "").replace("https://bank", "https://new.bank")

    assert extract(bare.encode()).text != TEXT
    assert wording_sha256(extract(bare.encode()).text) == wording_sha256(TEXT)


@given(st.text(alphabet=st.characters(exclude_characters="(<"), max_size=200))
def test_wording_knows_no_unicode_form(text: str) -> None:
    assert wording(unicodedata.normalize("NFD", text)) == wording(unicodedata.normalize("NFC", text))
