"""What an archive does not have when it is asked: a passing trouble writes nothing off, and nothing is for ever."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crawler.archive.failures import ArchiveDownError
from crawler.archive.transport import Transport
from crawler.records import FetchFailure
from monitor.config.models import DocumentConfig
from monitor.following import Following
from storage import DocumentKey
from storage.records import Capture
from tests.backfill.conftest import KEY, LIMITS, URL, page
from tests.backfill.scripted import answering, memento, send
from tests.backfill.test_misbehaving import DOCUMENT, tell

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from crawler.records import Answer
    from tests.backfill.conftest import World

DAY_S = 86_400
SECOND = f"/web/20100205080000id_/{URL}"


def outage(world: World, status: int = 404) -> None:
    world.archive.misbehave("replay", *[answering("nothing here", status)] * 200)


def well(world: World) -> None:
    world.archive._script.clear()


def days(world: World) -> list[str]:
    return [days for _, days in world.seen()]


def follow(world: World) -> Answer:
    following = Following(world.store, world.wayback(), world.asker().address, world.clock.now)
    (answer,) = following.answers(KEY, DOCUMENT)
    return answer


@pytest.mark.parametrize("status", [403, 404])
def test_an_outage_that_has_nothing_for_anybody_writes_nothing_off(world: World, status: int) -> None:
    tell(world, 6)
    outage(world, status)
    filled = world.fill().filled
    assert (dict(filled.gone), len(world.archive.asked("replay"))) == ({}, 3)
    assert f"it answered {status}" in filled.failures[0]
    assert filled.failures[-1].startswith(f"{KEY}: 3 captures in a row are not to be had")
    well(world)
    # What failed is left alone for a day, the others are not.
    (failure,) = world.fill().filled.failures
    assert failure.startswith(f"{KEY}: 3 of its captures were not to be had within the last day")
    assert days(world) == ["33", "34", "35"]
    world.clock.sleep(DAY_S)
    assert world.fill().filled.failures == []
    assert days(world) == ["30", "31", "32", "33", "34", "35"]


def test_an_archive_that_has_nothing_of_three_sites_is_not_well(world: World) -> None:
    outage(world)
    filling = world.filling()
    for number in range(4):
        key = DocumentKey(f"shop-{number}", "privacy-policy")
        world.store.sync_documents([(key, "Shop")], world.clock.now())
        url = f"https://shop-{number}.test/privacy"
        document = DocumentConfig(type="privacy-policy", url=url)
        world.archive.keep("20100105080000", url, page())
        assert filling.list_captures(key, document)
        if number < 2:
            filling.fill(key, document)
        else:
            with pytest.raises(ArchiveDownError, match="404"):
                filling.fill(key, document)
    assert filling.filled.gone == {}


def test_what_is_missing_twice_a_day_apart_is_gone_and_asked_for_again_after_a_month(world: World) -> None:
    tell(world)
    world.archive.always(SECOND, answering("gone", 404))
    assert dict(world.fill().filled.gone) == {}
    for hours, asked, gone in (
        (12, 1, {}),
        (13, 2, {"http-404": 1}),
        (48, 2, {}),
        (29 * 24, 3, {"http-404": 1}),
    ):
        world.clock.sleep(hours * 3_600)
        assert dict(world.fill().filled.gone) == gone
        assert world.archive.asked("replay").count(SECOND) == asked
    (second,) = [one for one in world.store.archived(KEY, URL) if one.state == "gone"]
    assert (second.missed, second.timestamp) == ("http-404", "20100205080000")
    world.archive._always.clear()
    world.clock.sleep(31 * DAY_S)
    world.fill()
    assert days(world) == ["30", "31", "32"]


def test_an_archived_error_page_is_gone_at_once(world: World) -> None:
    tell(world)
    world.archive.always(SECOND, answering("gone", 404, **memento("20100205080000")))
    filled = world.fill().filled
    assert (dict(filled.gone), filled.failures) == ({"http-404": 1}, [])


def test_what_is_missing_makes_room_for_another_of_its_month(world: World) -> None:
    tell(world)
    world.archive.always(SECOND, answering("gone", 404))
    world.archive.keep("20100207080000", URL, page(45))
    world.fill()
    assert days(world) == ["30", "45", "32"]


def test_what_is_missing_is_asked_for_again_at_once_where_that_is_wanted(world: World) -> None:
    tell(world)
    world.archive.always(SECOND, answering("gone", 404))
    world.fill()
    assert world.archive.asked("replay").count(SECOND) == 1
    for asked in (2, 3):
        again = world.filling(again=True)
        assert again.list_captures(KEY, DOCUMENT)
        again.fill(KEY, DOCUMENT)
        assert world.archive.asked("replay").count(SECOND) == asked
    world.archive._always.clear()
    again = world.filling(again=True)
    assert again.list_captures(KEY, DOCUMENT)
    again.fill(KEY, DOCUMENT)
    assert days(world) == ["30", "31", "32"]


def test_a_page_that_was_too_large_comes_where_more_is_allowed(world: World) -> None:
    world.archive.keep("20100205080000", URL, page(more="<!-- " + "x" * 300_000 + " -->"))
    assert dict(world.fill().filled.gone) == {"too-large": 1}
    with Transport(replace(LIMITS, max_body_bytes=900_000), 5.0) as transport:
        world.transport = transport
        again = world.filling(again=True)
        assert again.list_captures(KEY, DOCUMENT)
        again.fill(KEY, DOCUMENT)
    assert days(world) == ["30"]


def test_a_compressed_page_that_was_cut_comes_whole_with_the_next_try(world: World) -> None:
    tell(world)
    packed = gzip.compress(page(31).encode())[:-40]

    def cut(request: BaseHTTPRequestHandler) -> None:
        send(request, packed, {"Content-Encoding": "gzip", **memento("20100205080000")})

    world.archive.misbehave("replay", cut)
    filled = world.fill().filled
    assert (dict(filled.gone), filled.failures) == ({}, [])
    assert days(world) == ["30", "31", "32"]


def test_a_check_reads_the_twin_of_a_capture_that_is_not_to_be_had(world: World) -> None:
    world.archive.keep("20260101000000", URL, page(90), digest="A" * 32)
    world.archive.keep("20260102000000", URL, page(90), digest="A" * 32)
    world.archive.always(f"/web/20260102000000id_/{URL}", answering("gone", 404))
    answer = follow(world)
    assert isinstance(answer, Capture)
    assert answer.body == page(90).encode()
    assert f"{answer.fetched_at:%Y-%m-%d}" == "2026-01-01"


def test_checks_pass_captures_that_are_not_to_be_had_and_ask_for_each_once_a_day(world: World) -> None:
    world.archive.keep("20260101000000", URL, page(90))
    lost = []
    for day in range(10, 18):
        world.archive.keep(f"202601{day}000000", URL, page(day))
        lost.append(f"/web/202601{day}000000id_/{URL}")
        world.archive.always(lost[-1], answering("gone", 404))
    assert isinstance(follow(world), FetchFailure)
    assert sorted(world.archive.asked("replay")) == lost[3:]
    answer = follow(world)
    assert isinstance(answer, Capture)
    assert answer.body == page(90).encode()
    assert world.archive.repeated() == {}
    # Another day each is asked for once more, and is gone then.
    for _ in range(3):
        world.clock.sleep(DAY_S)
        follow(world)
    assert {world.archive.asked("replay").count(path) for path in lost} == {2}
    assert {one.state for one in world.store.missed_archived(KEY, URL)} == {"gone"}


def test_what_a_check_did_not_get_is_no_list_for_a_backfill_and_is_not_asked_for_before_a_day(
    world: World,
) -> None:
    tell(world)
    third = f"/web/20100305080000id_/{URL}"
    world.archive.always(third, answering("gone", 404))
    assert isinstance(follow(world), Capture)
    assert world.fill().filled.listed == {KEY: 3}
    assert days(world)[:2] == ["30", "31"]
    assert world.archive.asked("replay").count(third) == 1


def test_a_check_asks_for_nothing_that_a_backfill_did_not_get(world: World) -> None:
    tell(world)
    world.archive.always(SECOND, answering("gone", 404, **memento("20100205080000")))
    del world.archive.captures["shop.test)/privacy"][2]
    world.fill()
    follow(world)
    assert world.archive.asked("replay").count(SECOND) == 1
