from __future__ import annotations

import inspect

import pytest
import scrapy.exceptions
from scrapy.http import Response

from crawler.failures import PageError, fetch_failure, reason_of, status_failure
from tests.crawler.crawling import NOW, target

TARGET = target("https://shop.example/privacy")

# What Scrapy raises for reasons that have nothing to do with the network.
NOT_OF_THE_NETWORK = {
    "NotConfigured", "IgnoreRequest", "DontCloseSpider", "CloseSpider", "StopDownload", "DropItem",
    "UsageError", "ScrapyDeprecationWarning", "ContractFail", "_InvalidOutput",
}  # fmt: skip
NETWORK_ERRORS = [
    kind
    for name, kind in inspect.getmembers(scrapy.exceptions, inspect.isclass)
    if kind.__module__ == "scrapy.exceptions" and name not in NOT_OF_THE_NETWORK
]


@pytest.mark.parametrize("kind", NETWORK_ERRORS)
def test_each_network_error_of_scrapy_has_a_reason(kind: type[Exception]) -> None:
    assert reason_of(kind("gone wrong")) != "other"


def test_failure_names_the_address_and_what_is_known() -> None:
    failure = fetch_failure(
        TARGET, PageError("redirects", "more than 3"), NOW, asked="https://shop.example/b"
    )
    assert (failure.target, failure.at, failure.reason) == (TARGET, NOW, "redirects")
    assert failure.detail == (
        "https://shop.example/privacy: the redirects do not lead to a page, "
        "at https://shop.example/b (more than 3)."
    )


def test_unknown_error_is_named() -> None:
    failure = fetch_failure(TARGET, KeyError("x"), NOW)
    assert (failure.reason, "KeyError" in failure.detail) == ("other", True)


@pytest.mark.parametrize(
    ("status", "words"), [(404, "404 Not Found"), (503, "503 Service Unavailable"), (799, "answered 799.")]
)
def test_status_is_the_reason(status: int, words: str) -> None:
    failure = status_failure(TARGET, Response(TARGET.url, status=status), NOW)
    assert failure.reason == f"http-{status}"
    assert words in failure.detail


def test_retry_after_is_told() -> None:
    response = Response(TARGET.url, status=429, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})
    assert "Wed, 21 Oct 2026 07:28:00 GMT" in status_failure(TARGET, response, NOW).detail
