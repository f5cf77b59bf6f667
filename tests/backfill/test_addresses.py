from __future__ import annotations

import pytest

from crawler.archive.addresses import ArchiveAddress, Place, page_address
from tests.storage.samples import make_capture

WAYBACK = ArchiveAddress("https://web.archive.org")
PYWB = ArchiveAddress("http://archive.test:8080/policies", "pywb")
PLACE = Place("20150131120000", "http://shop.test/a/privacy?lang=en")


def test_original_bytes_stand_under_the_time_and_the_address() -> None:
    assert (
        WAYBACK.replay(PLACE)
        == "https://web.archive.org/web/20150131120000id_/http://shop.test/a/privacy?lang=en"
    )
    assert (
        PYWB.replay(PLACE)
        == "http://archive.test:8080/policies/20150131120000id_/http://shop.test/a/privacy?lang=en"
    )
    assert (WAYBACK.search, PYWB.search) == (
        "https://web.archive.org/cdx/search/cdx",
        "http://archive.test:8080/policies/cdx",
    )


def test_addresses_are_sent_without_what_may_not_stand_in_a_request() -> None:
    odd = Place("20150131120000", "http://shop.test/a b\x01\x7fé%20")
    assert WAYBACK.replay(odd).endswith("/20150131120000id_/http://shop.test/a%20b%01%7F%C3%A9%20")


@pytest.mark.parametrize(
    ("location", "timestamp", "original"),
    [
        ("/web/20150201000000id_/http://shop.test/a/privacy", "20150201000000", "http://shop.test/a/privacy"),
        ("https://web.archive.org/web/20150201000000/https://b.test/", "20150201000000", "https://b.test/"),
        ("http://web.archive.org/web/20150201000000id_/https://b.test/", "20150201000000", "https://b.test/"),
        ("//web.archive.org/web/20150201000000im_/https://b.test/", "20150201000000", "https://b.test/"),
        ("https://shop.test/legal", "20150131120000", "https://shop.test/legal"),
        ("/legal", "20150131120000", "http://shop.test/legal"),
        ("terms", "20150131120000", "http://shop.test/a/terms"),
        ("https://b.test/web/20150201000000/https://c.test/", "20150131120000",
         "https://b.test/web/20150201000000/https://c.test/"),
    ],
)  # fmt: skip
def test_redirects_lead_to_captures_wherever_they_point(location: str, timestamp: str, original: str) -> None:
    assert WAYBACK.next_place(PLACE, location) == Place(timestamp, original)


def test_links_are_relative_to_the_pages_own_address() -> None:
    archived = make_capture(source="archive", final_url=PYWB.replay(PLACE))
    assert page_address(archived) == PLACE.original
    live = make_capture(final_url="https://shop.test/20150201000000/http://b.test/")
    assert page_address(live) == live.final_url
