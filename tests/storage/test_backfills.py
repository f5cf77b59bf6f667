"""What an archive lists, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from storage import StoreError
from storage.records import ArchivedCapture, ArchiveListing
from tests.storage.samples import KEY, NEW, OLD, OTHER, URL, after, make_capture, make_version

if TYPE_CHECKING:
    from storage import Store

FIRST = ArchivedCapture("20260501120000", URL, 200, "A" * 32)
SECOND = ArchivedCapture("20260501121000", URL, None, "")
BYTES = make_capture(source="archive", final_url=f"https://archive.test/web/20260501120000id_/{URL}")


def test_a_list_is_kept_part_by_part_and_knows_how_far_it_reaches(store: Store) -> None:
    assert store.archive_listing(KEY, URL) == ArchiveListing(None, None)
    store.add_archived(KEY, URL, [FIRST])
    store.add_archived(KEY, URL, [FIRST, SECOND])
    assert store.archive_listing(KEY, URL) == ArchiveListing(SECOND.timestamp, None)
    store.add_archived(KEY, URL, [], whole_at=after(5))
    assert store.archive_listing(KEY, URL) == ArchiveListing(SECOND.timestamp, after(5))
    assert store.archived(KEY, URL) == [FIRST, SECOND]
    assert store.archived(OTHER, URL) == store.archived(KEY, f"{URL}/old") == []


def test_bytes_that_came_are_known_by_their_address_and_a_new_list_forgets_nothing(store: Store) -> None:
    store.add_archived(KEY, URL, [FIRST])
    kept = store.keep_archived(URL, FIRST, BYTES)
    store.add_archived(KEY, URL, [FIRST, SECOND])
    assert store.archived(KEY, URL)[0] == replace(FIRST, state="fetched", capture_id=kept.id)
    assert store.knows_archived(KEY, BYTES.final_url)
    assert not store.knows_archived(OTHER, BYTES.final_url)
    assert not store.knows_archived(KEY, f"{BYTES.final_url}/more")


def test_what_another_process_brought_is_not_written_off(store: Store) -> None:
    store.add_archived(KEY, URL, [FIRST, SECOND])
    store.keep_archived(URL, FIRST, BYTES)
    for state in ("moved", "gone"):
        store.settle_archived(KEY, URL, [FIRST, SECOND], state)  # type: ignore[arg-type]
        assert [one.state for one in store.archived(KEY, URL)] == ["fetched", state]
    store.settle_archived(KEY, URL, [FIRST], "placed")
    assert [one.state for one in store.archived(KEY, URL)] == ["placed", "gone"]


def test_captures_placed_while_a_version_stood_are_further_evidence_of_it(store: Store) -> None:
    old = store.add_version(make_version(OLD), [], [])
    new = store.add_version(make_version(NEW, after(20)), [], [])
    for minute, state in ((0, "placed"), (10, "placed"), (15, "suspect"), (20, "placed")):
        archived = ArchivedCapture(f"2026050112{minute:02}00", URL, 200, "")
        store.keep_archived(URL, archived, replace(BYTES, fetched_at=after(minute)))
        store.settle_archived(KEY, URL, [archived], state)  # type: ignore[arg-type]
    assert [capture.fetched_at for capture in store.further_evidence(old)] == [after(0), after(10)]
    assert [capture.fetched_at for capture in store.further_evidence(new)] == [after(20)]


def test_a_document_that_nobody_knows_has_no_list(store: Store) -> None:
    with pytest.raises(StoreError, match="does not know the document"):
        store.add_archived(replace(KEY, document="imprint"), URL, [FIRST])


def test_a_miss_keeps_its_first_time_until_it_is_believed_and_moves_no_list(store: Store) -> None:
    first = replace(FIRST, missed="http-404", missed_at=after(1))
    store.miss_archived(KEY, URL, first, gone=False)
    store.miss_archived(KEY, URL, replace(first, missed="http-403", missed_at=after(2)), gone=False)
    assert store.archive_listing(KEY, URL) == ArchiveListing(None, None)
    assert store.missed_archived(KEY, URL) == [replace(first, missed="http-403")]
    store.add_archived(KEY, URL, [FIRST, SECOND])
    store.miss_archived(KEY, URL, replace(first, missed_at=after(3)), gone=True)
    (gone,) = store.missed_archived(KEY, URL)
    assert gone == replace(first, state="gone", missed_at=after(3))
    assert store.missed_archived(OTHER, URL) == []
    kept = store.keep_archived(URL, FIRST, BYTES)
    store.miss_archived(KEY, URL, first, gone=True)
    assert store.archived(KEY, URL)[0].capture_id == kept.id
    assert store.archived(KEY, URL)[0].state == "fetched"
    assert store.missed_archived(KEY, URL) == []


def test_a_miss_needs_a_time(store: Store) -> None:
    with pytest.raises(ValueError, match="a miss needs a time"):
        store.miss_archived(KEY, URL, FIRST, gone=True)
