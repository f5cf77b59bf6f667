from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import StoreError, contents
from storage.compression import CompressionError, compress, decompress
from storage.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlite_utils import Database

# Each content with the position of the one that it is said to be like.
ARRIVALS = st.lists(st.tuples(st.binary(max_size=300), st.none() | st.integers(0, 30)), max_size=30)


@pytest.fixture
def connection(path: Path) -> Iterator[Connection]:
    with closing(Connection.open(path)) as connection:
        yield connection


def page(number: int, changes: int = 0) -> bytes:
    """Return a page of 20 kB of its own; with each change, one of its words differs."""
    words = [f"{random.Random(number * 10_000 + position).getrandbits(60):x}" for position in range(1300)]
    for change in range(changes):
        words[change * 7 % len(words)] = f"changed-{change}"
    return " ".join(words).encode()


def chain(db: Database) -> list[tuple[int, int | None, int, int]]:
    return list(db.execute("SELECT id, base, depth, length(zstd) FROM contents ORDER BY id"))


def reopened(path: Path, *ids: int) -> list[bytes]:
    """Read with nothing in memory."""
    with closing(Connection.open(path)) as connection:
        return [contents.get(connection.db, content_id, "it") for content_id in ids]


def test_a_history_costs_little_more_than_its_first_text(connection: Connection, path: Path) -> None:
    pages = [page(1, changes) for changes in range(60)]
    ids: list[int] = []
    with connection.write_transaction() as db:
        for each in pages:
            ids.append(contents.put(db, each, ids[-1] if ids else None))
    rows = chain(connection.db)
    key, *others = (length for *_, length in rows)
    assert sum(others) < key
    assert [depth for *_, depth, _ in rows[:3]] == [0, 9, 10]
    assert max(depth for *_, depth, _ in rows) == contents.DEEPEST
    for content_id, each in zip(ids, pages, strict=True):
        assert reopened(path, content_id) == [each]


def test_few_stand_far_from_what_they_resemble_and_all_near_their_key(connection: Connection) -> None:
    ids: list[int] = []
    with connection.write_transaction() as db:
        for changes in range(300):
            ids.append(contents.put(db, page(1, changes), ids[-1] if ids else None))
    bases = {content_id: base for content_id, base, *_ in chain(connection.db)}
    steps = {ids[0]: 0}
    for content_id in ids[1:]:
        steps[content_id] = steps[bases[content_id] or 0] + 1
    assert max(steps.values()) <= contents.DEEPEST
    distances = [content_id - (bases[content_id] or 0) for content_id in ids[1:]]
    assert sum(distance > 20 for distance in distances) <= 3
    assert sum(distance > 1 for distance in distances) <= 20


def test_what_resembles_nothing_stands_for_itself(connection: Connection) -> None:
    with connection.write_transaction() as db:
        first = contents.put(db, page(1))
        contents.put(db, page(2), first)
        contents.put(db, page(1, 5), first)
    assert [(base, depth) for _, base, depth, _ in chain(connection.db)] == [(None, 0), (None, 0), (first, 9)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=ARRIVALS)
def test_contents_in_any_order_are_read_as_they_were_written(
    connection: Connection, path: Path, arrivals: list[tuple[bytes, int | None]]
) -> None:
    ids: list[int] = []
    with connection.write_transaction() as db:
        for content, like in arrivals:
            ids.append(contents.put(db, content, ids[like % len(ids)] if ids and like is not None else None))
    assert reopened(path, *ids) == [content for content, _ in arrivals]
    for content_id, base, depth, _ in chain(connection.db):
        assert (base is None and depth == 0) or (base is not None and base < content_id and depth > 0)


def test_identical_contents_are_kept_once(connection: Connection) -> None:
    with connection.write_transaction() as db:
        first, other = contents.put(db, page(1)), contents.put(db, page(2))
        assert contents.put(db, page(1), other) == first
    assert len(chain(connection.db)) == 2


def test_a_content_that_a_rollback_took_back_is_not_remembered(connection: Connection) -> None:
    with pytest.raises(KeyError), connection.write_transaction() as db:
        lost = contents.put(db, page(1))
        raise KeyError
    with connection.write_transaction() as db:
        kept = contents.put(db, page(2))
    assert kept == lost
    assert contents.recall(connection.db, kept, "it") == page(2)


def steps_to_drop(path: Path, count: int) -> int:
    """Return how much SQLite does, in hundreds of its instructions, to drop so many contents."""
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        unused = [contents.put(db, f"unused {number}".encode(), None) for number in range(count)]
        steps = 0

        def count_step() -> int:
            nonlocal steps
            steps += 1
            return 0

        db.conn.set_progress_handler(count_step, 100)
        for content_id in unused:
            contents.drop(db, content_id)
        db.conn.set_progress_handler(None, 100)
        assert db.execute("SELECT count(*) FROM contents").fetchone() == (0,)
    return steps


def test_four_times_as_much_to_drop_is_no_sixteen_times_the_work(tmp_path: Path) -> None:
    few, many = (steps_to_drop(tmp_path / f"{count}.db", count) for count in (500, 2000))
    assert many < 6 * few


def test_damage_is_told_of_all_that_stand_on_it_and_nothing_new_is_built_on_it(path: Path) -> None:
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        first = contents.put(db, page(1))
        second = contents.put(db, page(1, 1), first)
        db.execute("UPDATE contents SET zstd = ? WHERE id = ?", [compress(page(3)), first])
    for content_id in (first, second):
        with (
            closing(Connection.open(path)) as connection,
            pytest.raises(
                StoreError, match=r"the body of capture 7 is damaged \(it does not match its hash\)"
            ),
            connection.reading() as db,
        ):
            contents.get(db, content_id, "the body of capture 7")
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        third = contents.put(db, page(1, 2), second)
    assert reopened(path, third) == [page(1, 2)]


def test_bases_that_lead_in_a_circle_are_damage(path: Path) -> None:
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        first = contents.put(db, page(1))
        second = contents.put(db, page(1, 1), first)
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute("UPDATE contents SET base = ? WHERE id = ?", [second, first])
    with (
        closing(Connection.open(path)) as connection,
        pytest.raises(StoreError, match="its bases do not end"),
        connection.reading() as db,
    ):
        contents.get(db, second, "it")


@given(content=st.binary(max_size=2000), prefix=st.binary(max_size=2000), cut=st.integers(1, 8))
@settings(deadline=None)
def test_a_frame_gives_back_its_content_beside_its_prefix_alone(
    content: bytes, prefix: bytes, cut: int
) -> None:
    frame = compress(content, prefix, checked=True)
    assert decompress(frame, prefix) == content
    with pytest.raises(CompressionError):
        decompress(frame[:-cut], prefix)


def test_passages_are_found_at_the_other_end_of_a_large_prefix() -> None:
    prefix = random.Random(3).randbytes(5_000_000)
    assert len(compress(prefix[:50_000], prefix)) < 200
    assert decompress(compress(prefix[:50_000], prefix), prefix) == prefix[:50_000]
