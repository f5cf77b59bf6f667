from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.archive.failures import AskingError
from crawler.archive.saving import save_page
from tests.backfill.conftest import URL
from tests.backfill.scripted import answering

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    from tests.backfill.conftest import World

CAPTURE = f"/web/20260501120000/{URL}"


@pytest.mark.parametrize(
    "answer",
    [
        answering("saved", Content_Location=CAPTURE),
        answering(status=302, Location=CAPTURE),
        answering("saved", content_location=CAPTURE),
    ],
    ids=["Content-Location", "redirect", "small letters"],
)
def test_a_saved_page_has_the_address_that_the_archive_gave_it(
    world: World, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    world.archive.misbehave("save", answer)
    assert save_page(world.asker(), URL) == world.archive.base + CAPTURE
    assert world.archive.asked("save") == [f"/save/{URL}"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answering("saving"), "it does not say where the capture is"),
        (answering("no", 403), "it answered 403"),
        (answering("no", 520), "it answered 520"),
        (answering(status=302, Location="/login"), "it does not say where the capture is"),
    ],
    ids=["nowhere", "refused", "broken", "log-in"],
)
def test_a_page_that_was_not_saved_is_one_reason(
    world: World, answer: Callable[[BaseHTTPRequestHandler], None], reason: str
) -> None:
    world.archive.misbehave("save", *[answer] * 4)
    with pytest.raises(AskingError) as raised:
        save_page(world.asker(), URL)
    host = world.archive.base.removeprefix("http://")
    assert str(raised.value) == f"{URL}: the archive at {host}: {reason}"


def test_pages_are_saved_at_the_pace_that_is_asked_of_strangers(world: World) -> None:
    world.archive.misbehave("save", *[answering("saved", Content_Location=CAPTURE)] * 30)
    asker = world.asker()
    for _ in range(30):
        save_page(asker, URL)
    assert world.archive.fullest_minute("save") <= 15
