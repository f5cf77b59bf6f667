from __future__ import annotations

import resource
import time

import pytest

from crawler.extraction import ExtractionError, extract
from tests.extraction.malformed import ENCODINGS, EXTREMES, malformed

_SECONDS = 2.0


def end_of(body: bytes) -> str:
    """Return a page's text or the reason why it has none, and see that both are sound."""
    try:
        text = extract(body, content_type="text/html", url="https://shop.test/privacy").text
    except ExtractionError as error:
        assert "\n" not in str(error)
        assert str(error)
        return str(error)
    assert not text or (text.endswith("\n") and not text.endswith("\n\n"))
    assert "\0" not in text
    assert " \n" not in text
    text.encode("utf-8")
    return text


def test_fifty_encodings_are_tried() -> None:
    assert len(set(ENCODINGS)) >= 50


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_malformed_pages_end_in_text_or_one_reason(start: int) -> None:
    assert [number for number in range(start, start + 50) if end_of(malformed(number)) is None] == []


def test_the_same_bytes_give_the_same_text() -> None:
    for number in range(300, 340):
        assert end_of(malformed(number)) == end_of(malformed(number))


@pytest.mark.soak
@pytest.mark.parametrize("start", range(0, 10_000, 500))
def test_ten_thousand_malformed_pages_end_soon_in_text_or_one_reason(start: int) -> None:
    slow = {}
    for number in range(start, start + 500):
        body = malformed(number)
        started = time.process_time()
        end_of(body)
        if (took := time.process_time() - started) > _SECONDS:
            slow[number] = took
    assert slow == {}
    # Kilobytes on Linux: what the largest page of this process has taken.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000


@pytest.mark.soak
@pytest.mark.parametrize("name", EXTREMES)
def test_extreme_pages_end_soon_in_text_or_one_reason(name: str) -> None:
    started = time.process_time()
    end = end_of(EXTREMES[name])

    assert time.process_time() - started < _SECONDS
    assert end == "" or "the end" in end[-400:] or "than can be read" in end
