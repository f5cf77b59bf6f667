"""Lists in parts, with lines that say nothing: no part is taken for the whole, and none freezes the next list."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.archive.failures import AskingError
from monitor.backfill.filling import Span
from storage.records import ArchivedCapture
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.scripted import answering, send
from tests.backfill.test_misbehaving import DOCUMENT, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from http.server import BaseHTTPRequestHandler

    from tests.backfill.conftest import World

PART = 10


def row(number: int, status: int = 200) -> str:
    """Return a line of the list, each a day after the one before."""
    day = f"2010{number // 28 + 1:02}{number % 28 + 1:02}"
    return f"test,shop)/privacy {day}080000 {URL} text/html {status} {number:032d} 100"


def keyless(lines: Sequence[str], *, heed_from: bool = True) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return a server that keeps to the limit, gives no key, and shows error pages whatever the filter says."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        since = query.get("from", "") if heed_from else ""
        # A line without a time stands where it stands.
        later = [line for line in lines if line.split(" ")[1] >= since]
        send(request, "".join(f"{line}\n" for line in later[:PART]).encode(), content_type="text/plain")

    return answer


def listed(world: World, answer: Callable[[BaseHTTPRequestHandler], None]) -> list[str]:
    world.archive.misbehave("search", *[answer] * 20)
    parts = world.wayback(part=PART).listed(URL)
    return sorted({one.timestamp for part in parts for one in part})


def test_a_damaged_line_ends_no_list(world: World) -> None:
    lines = [row(number) for number in range(25)]
    lines[4] = lines[4].replace("text/html", "text html")
    assert listed(world, keyless(lines)) == [line.split(" ")[1] for line in lines if "text html" not in line]


def test_a_part_of_error_pages_alone_ends_no_list(world: World) -> None:
    lines = [row(number, 404 if number < 22 else 200) for number in range(25)]
    assert listed(world, keyless(lines)) == [line.split(" ")[1] for line in lines[22:]]


def test_a_part_without_a_good_line_leads_to_the_next_by_its_key(world: World) -> None:
    bad = "test,shop)/privacy 20990101000000 https://other.test/ text/html 200 AAAA 1\n" * PART
    good = "".join(f"{row(number)}\n" for number in range(3))
    answers = [f"{bad}\nthe+key\n", good]
    world.archive.misbehave("search", *[answering(one, content_type="text/plain") for one in answers])
    parts = world.wayback(part=PART).listed(URL)
    assert len([one for part in parts for one in part]) == 3


@pytest.mark.parametrize(
    "answer",
    [
        keyless([row(number) for number in range(25)], heed_from=False),
        answering(
            "test,shop)/privacy 20990101000000 x text/html 200 A 1\n" * PART, content_type="text/plain"
        ),
    ],
    ids=["the same part whatever is asked", "no line with a time"],
)
def test_a_list_that_does_not_go_on_is_no_whole_one(
    world: World, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    with pytest.raises(AskingError, match="does not lead to its end"):
        listed(world, answer)
    filling = world.filling(part=PART)
    assert not filling.list_captures(KEY, DOCUMENT)
    assert world.store.archive_listing(KEY, URL).whole_at is None


def test_a_key_that_stands_in_a_line_is_one_reason(world: World) -> None:
    text = "".join(f"{row(number)}\n" for number in range(PART)) + "\n2010\n"
    with pytest.raises(AskingError, match="its list cannot be read"):
        listed(world, answering(text, content_type="text/plain"))


def test_a_capture_of_the_future_is_left_out_and_freezes_no_list(world: World) -> None:
    tell(world)
    world.archive.keep("20260501230000", URL, page(50))
    world.archive.keep("20310101000000", URL, page(99))
    # Our clock may be late by a day.
    assert world.fill().filled.listed == {KEY: 4}
    assert world.store.archive_listing(KEY, URL).reaches_to == "20260501230000"
    world.clock.sleep(3 * 86_400)
    world.archive.keep("20260503000000", URL, page(90))
    world.fill(Span("change"))
    assert [days for _, days in world.seen()] == ["30", "31", "32", "50", "90"]


def test_a_list_that_was_frozen_by_the_future_is_asked_for_anew(world: World) -> None:
    tell(world)
    future = ArchivedCapture("20310101000000", URL, 200, "")
    world.store.add_archived(KEY, URL, [future], whole_at=world.clock.now())
    world.clock.sleep(2 * 86_400)
    filling = world.fill(Span(until=world.clock.now()))
    assert filling.filled.listed == {KEY: 3}
    assert [days for _, days in world.seen()] == ["30", "31", "32"]
