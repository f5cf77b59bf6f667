"""Addresses that archives write down wrongly: each is one capture that is not to be had, and stops nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.archive.failures import AskingError
from crawler.archive.saving import save_page
from monitor.following import Following
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.scripted import answering
from tests.backfill.test_misbehaving import DOCUMENT, tell

if TYPE_CHECKING:
    from tests.backfill.conftest import World

UNREADABLE = ["http://[bad", "/web/20100205090000id_/http://[bad", "https://shop.test]/", "//[::1"]


def redirect(world: World, location: str) -> None:
    """Let the second of three captures lead to an address, which is written in UTF-8."""
    tell(world)
    answer = answering(status=302, Location=location.encode().decode("latin-1"))
    world.archive.always(f"/web/20100205080000id_/{URL}", answer)


@pytest.mark.parametrize("location", UNREADABLE)
def test_a_redirect_to_no_address_is_a_capture_that_is_not_to_be_had(world: World, location: str) -> None:
    redirect(world, location)
    filled = world.fill().filled
    assert (dict(filled.gone), filled.failures) == ({"redirects": 1}, [])
    assert [days for _, days in world.seen()] == ["30", "32"]


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("https://shop.test/our privacy", "https://shop.test/our%20privacy"),
        ("https://shop.test/confidentialité", "https://shop.test/confidentialit%C3%A9"),
        ("https://shop.test/confidentialit%C3%A9", "https://shop.test/confidentialit%C3%A9"),
        ("/web/20100205080000id_/https://shop.test/a\tb", "https://shop.test/a%09b"),
    ],
)
def test_a_redirect_is_followed_in_the_spelling_that_can_be_sent(
    world: World, location: str, asked: str
) -> None:
    redirect(world, location)
    world.archive.keep("20100205080000", asked, page(45))
    filled = world.fill().filled
    assert (dict(filled.gone), filled.failures) == ({}, [])
    assert [days for _, days in world.seen()] == ["30", "45", "32"]
    assert world.archive.asked("replay").count(f"/web/20100205080000id_/{asked}") == 1


def test_a_listed_address_with_control_characters_is_asked_for_in_a_spelling_that_can_be_sent(
    world: World,
) -> None:
    tell(world)
    world.archive.keep("20100405080000", f"{URL}\x01\x7f", page(45))
    lines = "".join(f"{kept.line}\n" for kept in world.archive.captures["shop.test)/privacy"])
    odd = f"test,shop)/privacy 20100405080000 {URL}\x01\x7f text/html 200 {'A' * 32} 100\n"
    world.archive.misbehave("search", answering(lines + odd, content_type="text/plain"))
    assert [one.original for part in world.wayback().listed(URL) for one in part][:3] == [URL] * 3
    world.archive.misbehave("search", answering(lines + odd, content_type="text/plain"))
    assert world.fill().filled.failures == []
    assert [days for _, days in world.seen()][:3] == ["30", "31", "32"]


@pytest.mark.parametrize("where", ["http://[bad/web/20260501000000/x", "//[/20260501000000/"])
def test_a_saved_page_at_no_address_is_one_reason(world: World, where: str) -> None:
    world.archive.misbehave("save", answering("saved", Content_Location=where))
    with pytest.raises(AskingError, match="it does not say where the capture is"):
        save_page(world.asker(tries=1), URL)


@pytest.mark.parametrize("url", ["http://[bad", "http://127.0.0.1:99999/", "http://" + "a" * 80 + ".test/"])
def test_an_address_that_cannot_be_asked_for_is_one_reason(world: World, url: str) -> None:
    with pytest.raises(AskingError):
        world.transport.get(url)


def test_a_check_passes_a_redirect_to_no_address(world: World) -> None:
    redirect(world, "http://[bad")
    del world.archive.captures["shop.test)/privacy"][2]
    following = Following(world.store, world.wayback(), world.asker().address, world.clock.now)
    (answer,) = following.answers(KEY, DOCUMENT)
    assert getattr(answer, "body", b"") == page(30).encode()
