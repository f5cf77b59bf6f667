from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.plain_text import plain, shortened, unlinked


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        pytest.param("red \x1b[31malert\x1b[0m", "red [31malert[0m", id="terminal colours"),
        pytest.param("title\x1b]0;owned\x07", "title]0;owned", id="terminal title"),
        pytest.param("one\r\nBcc: two", "one Bcc: two", id="line breaks"),
        pytest.param("a\u2028b\x85c", "a b c", id="line breaks of Unicode"),
        pytest.param("safe\u202eelif.exe", "safeelif.exe", id="text turned round"),
        pytest.param("broken\ud800", "broken", id="half a surrogate pair"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="joiners that words are written with"),
        pytest.param("  We   keep\tit ", "We keep it", id="white space"),
        pytest.param("\x9b31mred", "31mred", id="eight-bit control characters"),
    ],
)
def test_hostile_text_becomes_one_harmless_line(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_shortened_text_keeps_to_its_limit(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert len(short) <= limit
    assert short == text or short.endswith("…")


def test_text_is_cut_between_words() -> None:
    assert shortened("We keep server logs for thirty days", 24) == "We keep server logs for…"
    assert shortened("We keep server logs for thirty days", 23) == "We keep server logs…"


def test_a_word_without_end_is_cut_anywhere() -> None:
    assert shortened("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/x",
        "HTTP://EVIL.EXAMPLE",
        "www.evil.example",
        "evil.example/x",
        "t.co",
        "a@evil.example",
        "mailto:a@b",
        "javascript:alert(1)",
        "tel:123",
        "tg://resolve",
        "thief@evil.example",
        "www.4you.1st",
        "sms:123",
        "evil。example",
        "evil．example",
        "evil｡example/path",
        "bücher。example",
        "邪恶。com",
        "evil。中国",
        "evil\u200d.example",
        "evil.\u200cexample",
        "i❤.ws",
        "evil-.example",
        "evil.e\u0301x/path",
        "xn--p1ai.xn--p1ai",
        "10.0.0.1/login",
        "ask 192.168.1.20:8080.",
    ],
)
def test_no_program_finds_an_address_to_make_a_link_of(address: str) -> None:
    shown = unlinked(address)
    assert len(shown) == len(address)
    assert shown != address
    assert not re.search(
        r"://|[^\s.]\.\w|(mailto|javascript|tel|sms):|[。．｡]", shown.replace("4you.1st", ""), re.I
    )


@pytest.mark.parametrize(
    "words",
    [
        "Keep it for 1.5 years.",
        "See: e.g. the U.S.A.",
        "It is 12:30.",
        "Data: all of it. We sell it.",
        "§4.2",
        "Version 1.2.3",
        "我们不会出售您的数据。您可以随时联系我们。",
        "データを販売しません。お問い合わせください。",
        "Nous gardons… vos données . Et puis ?",
    ],
)
def test_words_that_are_no_address_stay_as_they_are(words: str) -> None:
    assert unlinked(words) == words
