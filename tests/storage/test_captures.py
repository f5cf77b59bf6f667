from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Capture, StoreError
from storage.compression import CompressionError, compress, decompress
from tests.storage.samples import KEY, OTHER, START, TERMS, URL, after, id_of, make_capture

if TYPE_CHECKING:
    from pathlib import Path

    from storage.store import Store

CAPTURES = st.builds(
    Capture,
    key=st.sampled_from([KEY, TERMS, OTHER]),
    url=st.text(),
    final_url=st.text(),
    fetched_at=st.datetimes(timezones=st.just(UTC)),
    source=st.sampled_from(["live", "archive"]),
    status=st.integers(0, 999),
    # A server's headers are bytes: any of them may be decoded into what is no character.
    headers=st.lists(st.tuples(st.text(), st.text(st.characters()))).map(tuple),
    body=st.binary(),
    redirects=st.lists(st.text()).map(tuple),
    ip_address=st.none() | st.ip_addresses().map(str),
    certificate_sha256=st.none() | st.text(),
    rendered=st.none() | st.text(min_size=1),
    suspect=st.none() | st.text(),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(capture=CAPTURES)
def test_every_capture_is_read_as_it_was_written(store: Store, capture: Capture) -> None:
    written = store.add_capture(capture)
    assert store.capture(id_of(written)) == written
    assert Capture(**{**vars(written), "id": None}) == Capture(**{**vars(capture), "id": None})


def test_identical_bodies_are_stored_once(store: Store, path: Path) -> None:
    body = b"<p>We never share your data.</p>" * 1000
    captures = [store.add_capture(make_capture(body, fetched_at=after(minute))) for minute in range(5)]
    assert [store.capture(id_of(capture)).body for capture in captures] == [body] * 5
    assert len({capture.id for capture in captures}) == 5
    with closing(sqlite3.connect(path)) as connection:
        ((size, kept),) = connection.execute("SELECT size, length(zstd) FROM contents")
    assert size == len(body) > 100 * kept


def test_a_page_that_hardly_changes_costs_little(store: Store, path: Path) -> None:
    """Two addresses in turn: each body stands on the last one of its address."""
    noise = random.Random(1)
    pages = {url: [f"{noise.getrandbits(60):x}" for _ in range(2000)] for url in (URL, f"{URL}/2")}
    captures = []
    for minute in range(40):
        url = URL if minute % 2 else f"{URL}/2"
        pages[url][minute] = "other words"
        headers = (
            ("Date", f"minute {minute}"),
            ("Set-Cookie", f"{noise.getrandbits(60):x}"),
            ("Via", "a proxy " * 9),
        )
        body = " ".join(pages[url]).encode()
        captures.append(
            store.add_capture(make_capture(body, url=url, fetched_at=after(minute), headers=headers))
        )
    assert [store.capture(id_of(capture)) for capture in captures] == captures
    with closing(sqlite3.connect(path)) as connection:
        bodies = [length for (length,) in connection.execute("SELECT length(zstd) FROM contents ORDER BY id")]
        details = [
            length for (length,) in connection.execute("SELECT length(details) FROM captures ORDER BY id")
        ]
    assert sum(bodies[2:]) < bodies[0]
    assert max(details[1:]) < 0.7 * details[0]


def test_details_that_were_altered_are_not_taken_for_evidence(store: Store, path: Path) -> None:
    capture = store.add_capture(make_capture())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE captures SET details = ?", [compress(b"[]")[:-3]])
    with pytest.raises(StoreError, match="capture 1 is damaged"):
        store.capture(id_of(capture))
    # What comes next needs nothing of it.
    assert store.capture(id_of(store.add_capture(make_capture(fetched_at=after(1))))).fetched_at == after(1)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (compress(b"<p>We may share your data.</p>"), "it does not match its hash"),
        (compress(b"<p>We never share</p>")[:-4], "damaged"),
        (b"", "damaged"),
        (b"\xff" * 20, "damaged"),
    ],
    ids=["another body", "half a body", "nothing", "garbage"],
)
def test_a_body_that_was_altered_is_not_taken_for_evidence(
    store: Store, path: Path, stored: bytes, message: str
) -> None:
    capture = store.add_capture(make_capture())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE contents SET zstd = ?", [stored])
    with pytest.raises(StoreError) as error:
        store.capture(id_of(capture))
    assert str(error.value).startswith(f"{path}: the body of capture 1 is damaged (")
    assert message in str(error.value)


@pytest.mark.parametrize("capture_id", [2, 0, -1, 10**30])
def test_a_missing_capture_is_named(store: Store, path: Path, capture_id: int) -> None:
    store.add_capture(make_capture())
    with pytest.raises(StoreError) as error:
        store.capture(capture_id)
    assert str(error.value) == f"{path}: there is no capture {capture_id}"


def test_the_latest_capture_is_the_newest_that_was_the_policy(store: Store) -> None:
    assert store.latest_capture(KEY, URL) is None
    newest = store.add_capture(make_capture(b"2", fetched_at=after(2)))
    store.add_capture(make_capture(b"1", fetched_at=after(1)))
    store.add_capture(make_capture(b"3", fetched_at=after(3), suspect="bot-wall"))
    store.add_capture(make_capture(b"4", fetched_at=after(4), url=f"{URL}/2"))
    store.add_capture(make_capture(b"5", fetched_at=after(5), key=TERMS))
    assert store.latest_capture(KEY, URL) == newest


def test_a_capture_found_suspect_later_is_passed_over(store: Store) -> None:
    first = store.add_capture(make_capture(b"1"))
    second = store.add_capture(make_capture(b"2", fetched_at=after(1)))
    store.mark_suspect(id_of(second), "cookie-wall")
    assert store.capture(id_of(second)).suspect == "cookie-wall"
    assert store.latest_capture(KEY, URL) == first
    with pytest.raises(StoreError, match="there is no capture 9"):
        store.mark_suspect(9, "cookie-wall")


def test_a_time_is_kept_in_utc(store: Store) -> None:
    east = START.astimezone(timezone(timedelta(hours=9)))
    store.add_capture(make_capture(b"east", fetched_at=east))
    store.add_capture(make_capture(b"earlier", fetched_at=after(-1)))
    latest = store.latest_capture(KEY, URL)
    assert latest is not None
    assert (latest.body, latest.fetched_at, latest.fetched_at.tzinfo) == (b"east", START, UTC)


@given(content=st.binary(max_size=10_000), cut=st.integers(1, 8))
@settings(deadline=None)
def test_compression_gives_back_what_it_took_and_refuses_half_of_it(content: bytes, cut: int) -> None:
    frame = compress(content)
    assert decompress(frame) == content
    with pytest.raises(CompressionError):
        decompress(frame[:-cut])
