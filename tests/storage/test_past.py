"""Versions of the past: wherever they land, their neighbours fit."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import ChangeRecord, DocumentKey, StaleVersionError, StoreError, Version
from tests.storage.samples import (
    CHANGE,
    DOCUMENTS,
    KEY,
    NEW,
    OLD,
    OTHER,
    START,
    add_transition,
    after,
    id_of,
    make_capture,
    make_changes,
    make_delivery,
    make_version,
)

if TYPE_CHECKING:
    from pathlib import Path

    from storage.store import Store


def insert(store: Store, text: str, minute: float, key: DocumentKey = KEY, **fields: Any) -> Version:
    """Insert a version whose changes, and those of the one after it, name the texts they are between."""
    version = make_version(text, after(minute), key=key, source="archive", **fields)
    before, following = store.versions_around(key, version.observed_at)
    return store.insert_version(
        version,
        make_capture(text.encode(), key=key, fetched_at=version.observed_at, source="archive"),
        [_change(before, version)] if before else [],
        [_change(version, following)] if following else [],
        previous_id=before.id if before else None,
        next_id=following.id if following else None,
    )


def _change(old: Version, new: Version) -> ChangeRecord:
    return ChangeRecord({**CHANGE, "before": old.text, "after": new.text})


def between(store: Store, version: Version, against: int | None = None) -> list[tuple[str, str]]:
    changes = store.changes(id_of(version), against=against)
    return [(change.payload["before"], change.payload["after"]) for change in changes]


def captures(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute("SELECT count(*) FROM captures").fetchone()[0]
        return count


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(st.integers(0, 9), st.sampled_from("ABC")), max_size=12))
def test_neighbours_differ_and_have_the_changes_between_them(
    store: Store, history: list[tuple[int, str]]
) -> None:
    key = DocumentKey("shop", f"document-{len(store.documents(retired=True))}")
    store.remember_documents([(key, "Shop")], START)
    for minute, text in history:
        insert(store, text, minute, key)
    versions = store.versions(key)
    assert versions == sorted(versions, key=lambda version: (version.observed_at, version.id))
    assert [between(store, new) for new in versions[1:]] == [
        [(old.text, new.text)] for old, new in pairwise(versions)
    ]
    assert all(old.text != new.text for old, new in pairwise(versions))
    assert all(between(store, version) == [] for version in versions[:1])


def test_a_version_between_two_others_changes_what_the_later_one_brought(store: Store) -> None:
    add_transition(store)
    later = store.add_version(make_version("third", after(20)), make_changes(), [])
    between_both = insert(store, "2025", 5, upgrade=True)
    first, middle, second, third = store.versions(KEY)
    assert (middle, third) == (between_both, later)
    assert middle.upgrade
    assert not second.upgrade
    assert between(store, middle) == [(OLD, "2025")]
    assert between(store, second) == [("2025", NEW)]
    assert [change.payload["summary"] for change in store.changes(id_of(third))] == ["Change 0"]
    assert store.changes(id_of(first)) == []
    assert store.capture(middle.capture_ids[0]).body == b"2025"


def test_what_an_alert_told_is_kept_for_it(store: Store) -> None:
    first = store.add_version(make_version(OLD), [], [])
    second = store.add_version(make_version(NEW, after(10)), make_changes(3), [make_delivery()])
    (alert,) = store.deliveries()
    insert(store, "2025", 5)
    insert(store, "2024", 4)
    insert(store, "2026", 6)
    assert store.deliveries() == [alert]
    assert between(store, second) == [("2026", NEW)]
    (told,) = store.changes(id_of(second), against=first.id)
    assert (told.id,) == alert.change_ids
    assert told.payload["summary"] == "Change 0"


def test_a_text_that_stood_there_already_writes_nothing(store: Store, path: Path) -> None:
    first = store.add_version(make_version(OLD), [], [])
    assert insert(store, OLD, 5) == first
    same_time = insert(store, NEW, 0)
    assert insert(store, OLD, 0) == first
    assert store.versions(KEY) == [first, same_time]
    assert captures(path) == 1


def test_a_text_that_was_there_earlier_than_known_is_dated_back(store: Store, path: Path) -> None:
    first = store.add_version(make_version(OLD), [], [])
    second = store.add_version(make_version(NEW, after(10)), make_changes(), [make_delivery()])
    moved = insert(store, NEW, 5)
    assert (moved.id, moved.observed_at, moved.source) == (second.id, after(5), "archive")
    assert store.versions(KEY) == [first, moved]
    assert [change.payload["summary"] for change in store.changes(id_of(moved))] == ["Change 0"]
    assert captures(path) == 1


def test_a_text_that_we_saw_again_later_comes_back_behind_the_new_version(store: Store) -> None:
    evidence = id_of(store.add_capture(make_capture()))
    first = store.add_version(make_version(OLD, capture_ids=(evidence,)), [], [])
    written = store.insert_version(
        make_version(NEW, after(5), source="archive"),
        make_capture(),
        make_changes(1),
        make_changes(2),
        previous_id=first.id,
        next_id=None,
        seen_again_at=after(9),
    )
    *before, again = store.versions(KEY)
    assert before == [first, written]
    assert (again.text, again.observed_at, again.source) == (OLD, after(9), "live")
    assert again.capture_ids == (evidence,)
    assert [len(store.changes(id_of(version))) for version in (first, written, again)] == [0, 1, 2]


def test_a_text_that_stood_beside_another_at_the_same_time_stays_where_it_is(
    store: Store, path: Path
) -> None:
    first = store.add_version(make_version(OLD), [], [])
    second = store.add_version(make_version(NEW, after(10)), make_changes(), [])
    assert insert(store, NEW, 0) == second
    assert store.versions(KEY) == [first, second]
    assert captures(path) == 0


@pytest.mark.parametrize(("previous", "following"), [(None, 2), (1, None), (2, 2), (1, 1)])
def test_a_version_that_was_judged_beside_others_is_not_written(
    store: Store, path: Path, previous: int | None, following: int | None
) -> None:
    add_transition(store)
    with pytest.raises(StaleVersionError):
        store.insert_version(
            make_version("2025", after(5)), make_capture(), [], [], previous_id=previous, next_id=following
        )
    assert [version.text for version in store.versions(KEY)] == [OLD, NEW]
    assert captures(path) == 0


def test_a_first_version_brings_no_changes(store: Store) -> None:
    with pytest.raises(ValueError, match="first version of shop/privacy-policy"):
        store.insert_version(
            make_version(OLD), make_capture(), make_changes(), [], previous_id=None, next_id=None
        )
    assert store.versions(KEY) == []


def test_a_version_of_an_unknown_document_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="does not know the document nobody/privacy-policy"):
        insert(store, OLD, 0, DocumentKey("nobody", "privacy-policy"))


def test_the_versions_around_a_time_are_those_before_and_after_it(store: Store) -> None:
    first, second = add_transition(store), None
    older = store.versions(KEY)[0]
    assert store.versions_around(KEY, after(-1)) == (None, older)
    assert store.versions_around(KEY, after(0)) == (older, first)
    assert store.versions_around(KEY, after(10)) == (first, second)
    assert store.versions_around(OTHER, after(10)) == (None, None)


def test_documents_that_are_remembered_are_watched_by_nobody_and_leave_the_others_alone(store: Store) -> None:
    ours = store.documents()
    new = DocumentKey("shop", "cookie-policy")
    store.remember_documents([(new, "Another name"), (KEY, "Another name")], after(1))
    assert store.documents() == ours
    assert set(store.documents(retired=True)) == {*ours, new}
    assert store.site_name("shop") == "Example Shop"
    store.sync_documents([*DOCUMENTS, (new, "Example Shop")], after(2))
    assert new in store.documents()
