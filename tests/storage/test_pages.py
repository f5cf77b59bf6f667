from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from storage.connection import Connection
from storage.pages import SeenPage
from tests.storage.samples import (
    KEY,
    NEW,
    OLD,
    START,
    TERMS,
    URL,
    after,
    id_of,
    make_capture,
    make_version,
)

if TYPE_CHECKING:
    from pathlib import Path

    from storage.store import Store


def seen_page(store: Store, url: str = URL) -> SeenPage:
    """Write a version with its capture; return the page that it was read from."""
    capture = store.add_capture(make_capture(url=url))
    version = store.add_version(make_version(OLD, capture_ids=(id_of(capture),)), [], [])
    page = SeenPage(
        KEY, url, url, id_of(capture), id_of(version), capture.sha256, '"1"', None, START, "rules", version.id
    )
    store.pages.keep([page])
    return page


def test_pages_are_known_by_their_address(store: Store) -> None:
    first, second = seen_page(store), seen_page(store, f"{URL}/2")
    assert store.pages.of_document(KEY) == {first.url: first, second.url: second}
    assert store.pages.of_document(TERMS) == {}
    assert store.pages.seen([TERMS, KEY]) == [first, second]
    assert store.pages.seen([TERMS]) == []


def test_what_was_seen_later_takes_the_place_of_what_was_seen_before(store: Store) -> None:
    page = seen_page(store)
    later = replace(page, etag='"2"', last_modified="yesterday", fetched_at=after(60), rules="others")
    store.pages.keep([later])
    assert store.pages.seen([KEY]) == [later]


def test_page_tells_which_version_is_the_newest(store: Store) -> None:
    page = seen_page(store)
    newest = store.add_version(make_version(NEW, after(5)), [], [])
    (known,) = store.pages.seen([KEY])
    assert (known.version_id, known.latest_id) == (page.version_id, newest.id)


def test_page_goes_with_its_capture_and_is_then_fetched_anew(store: Store, path: Path) -> None:
    page = seen_page(store)
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        db.execute("DELETE FROM version_captures")
        db.execute("DELETE FROM captures WHERE id = ?", [page.capture_id])
    assert store.pages.seen([KEY]) == []
