from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from crawler.retry_after import rest_of, retry_at
from tests.crawler.crawling import NOW

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        ("Sun, 01 Mar 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Sunday, 01-Mar-26 12:10:00 GMT", timedelta(minutes=10)),
        ("Sun, 01 Mar 2026 12:10:00 -0000", timedelta(minutes=10)),
        ("Sun, 01 Mar 2026 13:10:00 +0100", timedelta(minutes=10)),
        ("999999999", DAY),
        ("9" * 5000, DAY),
        ("Fri, 01 Jan 2088 00:00:00 GMT", DAY),
        ("Fri, 31 Dec 9999 23:59:59 -2359", DAY),
    ],
)
def test_wish_is_read_up_to_a_day(header: str, wait: timedelta) -> None:
    assert retry_at(header, NOW) == NOW + wait


@pytest.mark.parametrize(
    "header",
    [
        *["", "0", "-5", "soon", "1.5", "²"],
        "Sun, 01 Mar 2026 11:00:00 GMT",
        "Sun, 99 Mar 2026 12:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Sun, 01 Mar 99999999999999999999 12:10:00 GMT",
        "Sun, 01 Mar 2026 99999999999999:10:00 GMT",
        "Sun, 01 Mar 2026 12:10:00 +99999999999999999999",
    ],
)
def test_what_names_no_time_ahead_is_none(header: str) -> None:
    assert retry_at(header, NOW) is None


@given(st.text())
def test_no_header_is_an_error(header: str) -> None:
    until = retry_at(header, NOW)
    assert until is None or NOW < until <= NOW + DAY


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "30"}, timedelta(seconds=30)),
        (503, {"Retry-After": "30"}, timedelta(seconds=30)),
        (429, {}, timedelta(minutes=1)),
        (429, {"Retry-After": "whenever"}, timedelta(minutes=1)),
        (429, {"Retry-After": "Sun, 01 Mar 99999999999999999999 12:10:00 GMT"}, timedelta(minutes=1)),
        (503, {}, None),
        (500, {"Retry-After": "30"}, None),
        (301, {"Retry-After": "30"}, None),
    ],
)
def test_busy_answers_ask_for_a_rest(status: int, headers: dict[str, str], wait: timedelta | None) -> None:
    rest = rest_of("shop.example", Response("https://shop.example/", status=status, headers=headers), NOW)
    assert (rest and rest.until) == (wait and NOW + wait)
