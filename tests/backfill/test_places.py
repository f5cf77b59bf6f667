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


def listing(world: World, *originals: str) -> list[str]:
    """Return which of the addresses in a list are taken for those of the page."""
    lines = "".join(
        f"test,shop)/privacy 2010010{number}080000 {original} text/html 200 {'A' * 32} 100\n"
        for number, original in enumerate(originals, 1)
    )
    world.archive.misbehave("search", *[answering(lines, content_type="text/plain")] * 2)
    return [one.original for part in world.wayback().listed(f"{URL}?b=2&a=1") for one in part]


@pytest.mark.parametrize(
    "original",
    [
        f"{URL}?b=2&a=1",
        "http://shop.test:80/privacy?b=2&a=1",
        "https://www.shop.test/privacy?b=2&a=1",
        "http://www2.SHOP.test:8080/Privacy/?a=1&b=2",
        "https://shop.test./privacy/?A=1&B=2",
        "https://shop.test//privacy?b=2&a=1&PHPSESSID=0123456789abcdef0123456789abcdef",
        "https://shop.test/privacy;jsessionid=0123456789ABCDEF0123456789ABCDEF?b=2&a=1",
        "https://shop.test/priv%61cy?b=2&a=%31",
        "https://me@shop.test/privacy?b=2&a=1#top",
    ],
)
def test_an_archive_spells_a_page_in_many_ways(world: World, original: str) -> None:
    assert listing(world, original) == [original]


@pytest.mark.parametrize(
    "original",
    [
        "https://other.test/privacy?b=2&a=1",
        "https://legal.shop.test/privacy?b=2&a=1",
        "https://shop.test.other.test/privacy?b=2&a=1",
        "https://shop.test/terms?b=2&a=1",
        "https://shop.test/privacy/old?b=2&a=1",
        "https://shop.test/privacy",
        "https://shop.test/privacy?b=2&a=3",
        "http://[bad/privacy?b=2&a=1",
        "javascript:alert(1)",
        "warc/revisit",
    ],
)
def test_a_line_that_names_another_page_is_left_out(world: World, original: str) -> None:
    assert listing(world, f"{URL}?a=1&b=2", original) == [f"{URL}?a=1&b=2"]


@pytest.mark.parametrize("ascii_host", ["xn--bcher-kva.test", "xn--fa-hia.test"])
def test_a_page_of_a_host_in_another_script_is_the_same_in_both_spellings(
    world: World, ascii_host: str
) -> None:
    host = ascii_host[4:-5].encode().decode("punycode") + ".test"
    originals = (f"http://{ascii_host}/dat%C3%A9", f"http://{host}/daté")
    lines = "".join(
        f"test,x)/ 2010010{number}080000 {original} text/html 200 {'A' * 32} 100\n"
        for number, original in enumerate(originals, 1)
    )
    world.archive.misbehave("search", answering(lines, content_type="text/plain"))
    url = f"https://{host}/dat%c3%a9"
    assert [one.original for part in world.wayback().listed(url) for one in part] == list(originals)
