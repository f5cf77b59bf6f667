"""What archives do to their readers: right versions, or one clear reason."""

from __future__ import annotations

import socket
import struct
import tracemalloc
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crawler.archive.addresses import ArchiveAddress
from crawler.archive.failures import ArchiveDownError, AskingError
from crawler.archive.transport import Transport
from crawler.records import CrawlLimits
from monitor.config.models import DocumentConfig
from monitor.following import Following
from tests.backfill.conftest import KEY, URL, page
from tests.backfill.scripted import answering, memento, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from monitor.backfill.filling import Backfill
    from tests.backfill.conftest import World

OUTAGE = "<html><h1>503 Service Unavailable</h1>No server is available to handle this request.</html>"
OFFLINE = "<html><h1>Internet Archive services are temporarily offline.</h1></html>"
DOCUMENT = DocumentConfig(type="privacy-policy", url=URL)


def reset(request: BaseHTTPRequestHandler) -> None:
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.close_connection = True
    request.connection.close()


def broken_off(request: BaseHTTPRequestHandler) -> None:
    """Promise more than comes."""
    request.send_response(200)
    request.send_header("Content-Length", "5000")
    request.send_header("Memento-Datetime", memento("20100105080000")["Memento-Datetime"])
    request.end_headers()
    request.wfile.write(b"test,shop")
    request.wfile.flush()
    request.close_connection = True
    request.connection.close()


def unframed(body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return an answer without a length, whose end is the end of the connection, as in 1996."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + body)
        request.wfile.flush()
        request.close_connection = True
        request.connection.close()

    return answer


def tell(world: World, count: int = 3) -> None:
    for number in range(count):
        world.archive.keep(f"20100{number + 1}05080000", URL, page(30 + number))


def cut(world: World, characters: int) -> bytes:
    """Return the list as it would come without its last characters."""
    lines = "".join(f"{kept.line}\n" for kept in world.archive.captures["shop.test)/privacy"])
    return lines[:-characters].encode()


MOMENTARY = {
    "503 as HTML": answering(OUTAGE, 503),
    "503 with Retry-After": answering(OUTAGE, 503, Retry_After="30"),
    "500": answering("sorry", 500),
    "429": answering("slow down", 429, content_type="text/plain"),
    "429 with Retry-After": answering("slow down", 429, Retry_After="90"),
    "429 with a date": answering("slow down", 429, Retry_After="Fri, 01 May 2026 00:02:00 GMT"),
    "429 with nonsense": answering("slow down", 429, Retry_After="soon"),
    "an outage as a page": answering(OFFLINE),
    "an empty page": answering("", content_type="text/html"),
    "a reset": reset,
    "half an answer": broken_off,
}


@pytest.mark.parametrize("kind", ["search", "replay"])
@pytest.mark.parametrize("answer", MOMENTARY.values(), ids=MOMENTARY)
def test_what_is_over_in_a_moment_changes_nothing(
    world: World, kind: str, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    tell(world)
    world.archive.misbehave(kind, answer)  # type: ignore[arg-type]
    assert world.fill().filled.failures == []
    assert [days for _, days in world.seen()] == ["30", "31", "32"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answering(OUTAGE, 503), "it answered 503 Service Unavailable"),
        (answering(OFFLINE), "it sent a page instead of a list"),
        (answering("", content_type="text/html"), "it sent a page instead of a list"),
        (reset, "the connection broke before the whole answer had come"),
        (answering("no such thing", 404), "its search answered 404"),
        (answering("Blocked Site Error", 403), "it shows this page to nobody"),
    ],
    ids=["503", "page", "empty page", "reset", "404", "excluded"],
)
def test_what_stays_is_one_reason_and_never_no_captures(
    world: World, answer: Callable[[BaseHTTPRequestHandler], None], reason: str
) -> None:
    tell(world)
    world.archive.misbehave("search", *[answer] * 4)
    filled = world.fill().filled
    (failure,) = filled.failures
    assert failure == f"{URL}: the archive at {world.archive.base.removeprefix('http://')}: {reason}."
    assert filled.listed == {}
    world.archive._script.clear()
    assert world.fill().filled.listed == {KEY: 3}


def test_an_index_that_finds_nothing_once_is_asked_again(world: World) -> None:
    tell(world)
    world.archive.misbehave("search", answering("", content_type="text/plain"))
    assert world.fill().filled.listed == {KEY: 3}


@pytest.mark.parametrize("characters", [1, 3, 20, 60, 100])
def test_a_list_that_breaks_off_is_asked_for_again(world: World, characters: int) -> None:
    tell(world)
    world.archive.misbehave("search", unframed(cut(world, characters)))
    assert world.fill().filled.listed == {KEY: 3}
    assert len(world.archive.asked("search")) == 2


def test_a_list_that_always_breaks_off_is_a_reason_and_what_is_whole_in_it_is_not_taken(world: World) -> None:
    tell(world)
    world.archive.misbehave("search", *[unframed(cut(world, 20))] * 4)
    (failure,) = world.fill().filled.failures
    assert failure.endswith("its list breaks off.")


def test_a_server_that_never_ends_its_last_line_is_believed(world: World) -> None:
    tell(world)
    world.archive.misbehave("search", *[unframed(cut(world, 1))] * 4)
    assert world.fill().filled.listed == {KEY: 3}


def test_lines_that_cannot_be_are_left_out(world: World) -> None:
    tell(world)
    lines = cut(world, 1).decode().split("\n")
    digest = "A" * 32
    odd = [
        f"test,shop)/privacy 20101399000000 {URL} text/html 200 {digest} 100",
        f"test,shop)/privacy 00000000000000 {URL} text/html 200 {digest} 100",
        f"test,shop)/privacy 20100405000000 {URL} with a space text/html 200 {digest} 100",
        f"test,shop)/privacy 20100406000000 {URL} text/html 404 {digest} 100",
    ]
    world.archive.misbehave("search", answering("\n".join([*odd, *lines, ""]), content_type="text/plain"))
    assert world.fill().filled.listed == {KEY: 3}


def test_a_list_that_goes_in_circles_is_a_reason(world: World) -> None:
    tell(world)
    circle = answering(f"{cut(world, 1).decode()}\n\nthe+same+key\n", content_type="text/plain")
    world.archive.misbehave("search", *[circle] * 4)
    (failure,) = world.fill().filled.failures
    assert failure.endswith("it gives the same part of its list again and again.")


def keep_many(world: World, count: int, hours: int) -> None:
    for number in range(count):
        at = world.clock.time - timedelta(hours=hours * (count + 1 - number))
        world.archive.keep(f"{at:%Y%m%d%H%M%S}", URL, b"", digest=f"{number // 50:032d}".replace("0", "A"))


def list_many(world: World, count: int) -> tuple[Backfill, int]:
    """List captures and choose among them; return with how much memory that took at most, in bytes."""
    tracemalloc.start()
    try:
        filling = world.filling()
        assert filling.list_captures(KEY, DOCUMENT)
        assert filling.filled.listed == {KEY: count}
        assert filling.pending(KEY, DOCUMENT)
        return filling, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_many_captures_are_listed_in_parts_each_once(world: World) -> None:
    keep_many(world, 20_500, 8)
    filling = world.filling()
    assert filling.list_captures(KEY, DOCUMENT)
    assert filling.filled.listed == {KEY: 20_500}
    assert len(world.archive.asked("search")) == 3
    # A month has 90 of them.
    assert len(filling.pending(KEY, DOCUMENT)) == pytest.approx(20_500 / 91, abs=3)


@pytest.mark.soak
def test_a_hundred_thousand_captures_are_listed_once_and_take_bounded_memory(world: World) -> None:
    keep_many(world, 100_000, 2)
    filling, used = list_many(world, 100_000)
    assert len(world.archive.asked("search")) == 11
    assert len(set(world.archive.asked("search"))) == 11
    assert len(filling.pending(KEY, DOCUMENT)) == pytest.approx(100_000 / 365, abs=3)
    # The parts of a list come and go; what is listed of one document is in memory while it is chosen from.
    assert used < 120e6


def test_following_holds_only_the_newest_of_many_captures(world: World) -> None:
    keep_many(world, 20_500, 8)
    following = Following(world.store, world.wayback(), ArchiveAddress(world.archive.base), world.clock.now)
    newest = following._newest(URL, None)
    assert len(newest) == 100
    assert [one.timestamp for one in newest] == sorted((one.timestamp for one in newest), reverse=True)
    assert newest[0].at > world.clock.time - timedelta(hours=17)


def test_a_list_that_was_cut_between_its_parts_goes_on_from_there(world: World) -> None:
    tell(world, 9)
    filling = world.filling(part=3)
    world.archive.on_request = lambda _: (
        world.archive.misbehave("search", *[reset] * 4) if len(world.archive.requests) == 3 else None
    )
    assert not filling.list_captures(KEY, DOCUMENT)
    assert len(world.store.archived(KEY, URL)) == 6
    assert filling.list_captures(KEY, DOCUMENT)
    assert len(world.store.archived(KEY, URL)) == 9
    assert "from=20100605080000" in world.archive.asked("search")[-1]


def test_a_server_that_gives_no_key_is_asked_from_the_last_capture_on(world: World) -> None:
    tell(world, 9)
    lines = [f"{kept.line}\n" for kept in world.archive.captures["shop.test)/privacy"]]
    parts = [lines[0:4], lines[3:7], lines[6:9]]
    world.archive.misbehave(
        "search", *[answering("".join(part), content_type="text/plain") for part in parts]
    )
    listed = [one.timestamp for part in world.wayback(part=4).listed(URL) for one in part]
    assert sorted(set(listed)) == [f"20100{number}05080000" for number in range(1, 10)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (answering("gone", 404, **memento("20100205080000")), "http-404"),
        (answering("sorry", 500, **memento("20100205080000")), "http-500"),
        (answering("slow", 429, **memento("20100205080000")), "http-429"),
        (answering("x" * 300_000, **memento("20100205080000")), "too-large"),
        (answering("half", Content_Encoding="gzip", **memento("20100205080000")), "other"),
        (answering(page(9), **memento("20990101000000")), "other"),
        (answering(page(9), Memento_Datetime="yesterday"), "other"),
        (answering(status=302, Location=f"/web/20100205080000id_/{URL}"), "redirects"),
        (answering(page(9), Memento_Datetime="Fri, 31 Dec 9999 23:59:59 -2359"), "other"),
        (answering(page(9), Memento_Datetime="Mon, 01 Jan 1900 00:00:00 GMT"), "other"),
    ],
    ids=[
        "archived 404",
        "archived 500",
        "archived 429",
        "large",
        "damaged",
        "future",
        "no time",
        "circle",
        "9999",
        "1900",
    ],
)
def test_a_capture_that_is_not_to_be_had_is_not_asked_for_again_and_the_others_come(
    world: World, answer: Callable[[BaseHTTPRequestHandler], None], reason: str
) -> None:
    tell(world)
    world.archive.always(f"/web/20100205080000id_/{URL}", answer)
    filled = world.fill().filled
    assert (dict(filled.gone), filled.failures) == ({reason: 1}, [])
    assert [days for _, days in world.seen()] == ["30", "32"]
    before = len(world.archive.requests)
    world.fill()
    assert len(world.archive.requests) == before


def test_a_capture_that_always_fails_stops_no_other_and_is_asked_for_next_time(world: World) -> None:
    tell(world)
    poisoned = f"/web/20100105080000id_/{URL}"
    world.archive.always(poisoned, reset)
    (failure,) = world.fill().filled.failures
    assert "the connection broke" in failure
    assert [days for _, days in world.seen()] == ["31", "32"]
    del world.archive._always[poisoned]
    world.fill()
    assert [days for _, days in world.seen()] == ["30", "31", "32"]


def test_an_archive_that_is_not_well_is_left_alone(world: World) -> None:
    tell(world, 9)
    filling = world.filling()
    assert filling.list_captures(KEY, DOCUMENT)
    world.archive.misbehave("replay", *[reset] * 100)
    with pytest.raises(ArchiveDownError, match="the connection broke"):
        filling.fill(KEY, DOCUMENT)
    assert len(world.archive.asked("replay")) == 3 * 4


def test_whoever_is_asked_to_wait_for_an_hour_ends_and_asks_nothing_before(world: World) -> None:
    tell(world)
    world.archive.misbehave("search", answering("slow down", 429, Retry_After="3600"))
    for _ in range(2):
        with pytest.raises(ArchiveDownError, match="it wants to be left alone until 2026-05-01 01:00 UTC"):
            world.fill()
    assert len(world.archive.requests) == 1
    world.clock.sleep(3_700)
    assert world.fill().filled.listed == {KEY: 3}


def test_a_wish_for_the_end_of_time_is_one_for_a_day(world: World) -> None:
    tell(world)
    no = answering("no", 429, Retry_After="Fri, 31 Dec 9999 23:59:59 -2359")
    world.archive.misbehave("search", no)
    with pytest.raises(ArchiveDownError, match="it wants to be left alone until 2026-05-02 00:00 UTC"):
        world.fill()


def test_an_archive_that_stays_busy_is_left_alone(world: World) -> None:
    tell(world)
    world.archive.misbehave("search", *[answering("slow down", 429)] * 9)
    with pytest.raises(ArchiveDownError, match="429 Too Many Requests"):
        world.fill()
    assert len(world.archive.requests) == 4


def test_an_archive_that_hangs_is_not_waited_for(world: World) -> None:
    tell(world)
    limits = CrawlLimits("watch@shop.test", allow_addresses=("127.0.0.0/8",))
    with Transport(limits, 0.2) as transport, socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(AskingError, match="did not answer in time"):
            transport.get(address)


def test_the_guard_is_asked(world: World, tmp_path: Path) -> None:
    before = len(world.archive.requests)
    with Transport(CrawlLimits("watch@shop.test")) as transport:
        for host in ("127.0.0.1", "localhost", "2130706433"):
            with pytest.raises(ArchiveDownError, match="address"):
                transport.get(world.archive.base.replace("127.0.0.1", host))
    assert len(world.archive.requests) == before


def test_an_archive_that_is_not_there_is_one_reason(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        world.archive.base = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ArchiveDownError, match="it cannot be reached"):
        world.fill()


@pytest.mark.parametrize("slow", [False, True], ids=["well", "429 now and then"])
def test_no_minute_is_ever_too_full(world: World, slow: bool) -> None:
    if slow:
        for kind in ("search", "replay"):
            world.archive.misbehave(
                kind,  # type: ignore[arg-type]
                *[_sometimes(world, kind, number % 17 == 11) for number in range(150)],
            )
    asker = world.asker()
    for number in range(150):
        # Others' clocks and disks take their time, too.
        world.clock.time += timedelta(seconds=(number * 7 % 11) / 10)
        asker.ask("searches", f"{world.archive.base}/cdx/search/cdx?url={URL}&limit=5", lambda *_: None)
        asker.ask("captures", f"{world.archive.base}/web/20100105080000id_/{URL}", lambda *_: None)
    assert len(world.archive.asked("search")) >= 150
    assert 10 <= world.archive.fullest_minute("search") <= 24
    assert world.archive.fullest_minute("replay") <= 60


def _sometimes(world: World, kind: str, busy: bool) -> Callable[[BaseHTTPRequestHandler], None]:
    if busy:
        return answering("slow down", 429)
    return lambda request: send(request, b"", memento("20100105080000"))


def test_two_processes_keep_one_pace(world: World) -> None:
    askers = [world.asker(), world.asker()]
    for _ in range(60):
        for asker in askers:
            asker.ask("searches", f"{world.archive.base}/cdx/search/cdx?url={URL}&limit=5", lambda *_: None)
    assert world.archive.fullest_minute("search") <= 24


def test_after_a_429_we_are_slower_for_a_while(world: World) -> None:
    asker = world.asker()
    url = f"{world.archive.base}/cdx/search/cdx?url={URL}&limit=5"
    world.archive.misbehave("search", answering("slow down", 429, Retry_After="5"))
    for _ in range(80):
        asker.ask("searches", url, lambda *_: None)
    times = [at for _, _, at in world.archive.requests]
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    assert min(gaps[1:28]) > 5
    assert max(gaps[-40:]) < 3
