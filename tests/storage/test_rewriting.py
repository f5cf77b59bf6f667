"""A history that is written anew: in one transaction, with what alerts told kept beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from storage import ChangeRecord, DeliveryState, StaleVersionError, StoreError, Version, open_store
from storage.records import Rewrite
from tests.storage.samples import (
    CHANGE,
    KEY,
    NEW,
    OLD,
    after,
    id_of,
    make_capture,
    make_changes,
    make_delivery,
    make_version,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.store import Store


def history(store: Store, *texts: str) -> list[Version]:
    """Write versions ten minutes apart, each with its capture and, from the second on, a change."""
    versions: list[Version] = []
    for number, text in enumerate(texts):
        capture = store.add_capture(make_capture(text.encode(), fetched_at=after(10 * number)))
        version = make_version(text, after(10 * number), capture_ids=(id_of(capture),), rules="old")
        versions.append(store.add_version(version, make_changes(2) if number else [], []))
    return versions


def rewrite(store: Store, entries: Sequence[Rewrite], expected: Sequence[Version], **readings: str) -> None:
    store.rewrite(
        KEY,
        entries,
        {
            int(number.removeprefix("capture")): ("rules", suspect or None)
            for number, suspect in readings.items()
        },
        expected=[id_of(version) for version in expected],
        comparing_rules="new",
    )


def as_now(version: Version, text: str) -> Rewrite:
    """The same version with another text."""
    new = make_version(text, version.observed_at, capture_ids=version.capture_ids)
    return Rewrite(version.id, new, (ChangeRecord({**CHANGE, "after": text}),))


def rows(path: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return connection.execute(question).fetchall()


def test_texts_changes_and_marks_are_those_of_today(store: Store) -> None:
    versions = history(store, OLD, NEW)
    rewrite(
        store,
        [Rewrite(versions[0].id), as_now(versions[1], "Newer.")],
        versions,
        capture1="",
        capture2="bot-wall",
    )
    first, second = store.versions(KEY)
    assert (first, second.id, second.text) == (replace(versions[0], rules="new"), versions[1].id, "Newer.")
    assert second.rules == "new"
    assert second.capture_ids == versions[1].capture_ids
    assert [change.payload["after"] for change in store.changes(id_of(second))] == ["Newer."]
    assert [(note.rules, note.suspect) for note in store.capture_notes(KEY)] == [
        ("rules", None),
        ("rules", "bot-wall"),
    ]


def test_changes_that_are_not_given_stay(store: Store) -> None:
    versions = history(store, OLD, NEW)
    before = store.changes(id_of(versions[1]))
    rewrite(store, [Rewrite(version.id) for version in versions], versions)
    assert store.changes(id_of(versions[1])) == before
    assert len(before) == 2


def test_a_version_that_is_there_no_more_leaves_its_captures(store: Store, path: Path) -> None:
    versions = history(store, OLD, NEW, "Third.")
    rewrite(store, [Rewrite(versions[0].id), Rewrite(versions[2].id, None, tuple(make_changes(1)))], versions)
    assert [version.text for version in store.versions(KEY)] == [OLD, "Third."]
    (change,) = store.changes(id_of(versions[2]))
    assert change.previous_version_id == versions[0].id
    assert len(store.capture_notes(KEY)) == 3
    with pytest.raises(StoreError, match="no version 2"):
        store.version(2)
    assert rows(path, "SELECT count(*) FROM comparisons WHERE version_id = 2") == [(0,)]


def test_a_version_that_was_not_seen_before_takes_its_place(store: Store) -> None:
    versions = history(store, OLD, "Third.")
    found = make_version(NEW, after(5), capture_ids=(1,))
    entries = [
        Rewrite(versions[0].id),
        Rewrite(None, found, tuple(make_changes(1))),
        Rewrite(versions[1].id, None, tuple(make_changes(1))),
    ]
    rewrite(store, entries, versions)
    first, second, third = store.versions(KEY)
    assert [version.text for version in (first, second, third)] == [OLD, NEW, "Third."]
    assert [change.previous_version_id for change in store.changes(id_of(second))] == [first.id]
    assert [change.previous_version_id for change in store.changes(id_of(third))] == [second.id]


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.PENDING])
def test_what_was_told_stays_as_it_was_told(store: Store, state: DeliveryState) -> None:
    (first,) = history(store, OLD)
    second = store.add_version(make_version(NEW, after(10)), make_changes(3), [make_delivery()])
    (alert,) = store.deliveries()
    if state is DeliveryState.SENT:
        store.settle_delivery(alert.id, state, after(11))
    before = store.deliveries(), store.version(id_of(first)), store.version(id_of(second))
    told = store.changes(id_of(second))[0]
    rewrite(store, [as_now(first, "Old, read better."), as_now(second, "New, read better.")], [first, second])
    versions = store.versions(KEY)
    assert [version.text for version in versions] == ["Old, read better.", "New, read better."]
    assert (store.deliveries(), store.version(id_of(first)), store.version(id_of(second))) == before
    (kept,) = store.changes(id_of(second), against=first.id)
    assert (kept.id, kept.payload) == (told.id, told.payload)
    assert store.latest_version(KEY) == versions[1]
    assert store.versions_around(KEY, after(5)) == (versions[0], versions[1])
    assert not store.knows_text(KEY, second.text_sha256)


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (DeliveryState.HELD, DeliveryState.WITHDRAWN),
        (DeliveryState.PENDING, DeliveryState.WITHDRAWN),
        (DeliveryState.SENT, DeliveryState.SENT),
        (DeliveryState.DEAD, DeliveryState.DEAD),
    ],
)
def test_an_alert_of_a_version_that_is_there_no_more_is_not_sent(
    store: Store, state: DeliveryState, then: DeliveryState
) -> None:
    (first,) = history(store, OLD)
    second = store.add_version(
        make_version(NEW, after(10)), make_changes(1), [make_delivery(state=DeliveryState.HELD)]
    )
    (alert,) = store.deliveries()
    store.settle_delivery(alert.id, state, after(11))
    rewrite(store, [Rewrite(first.id)], [first, second])
    (alert,) = store.deliveries()
    assert alert.state is then
    assert store.version(alert.version_id).text == NEW
    assert len(store.changes(alert.version_id, against=alert.previous_version_id)) == 1
    assert store.versions(KEY) == [replace(first, rules="new")]


def test_a_second_writing_finds_everything_in_its_place(store: Store, path: Path) -> None:
    (first,) = history(store, OLD)
    second = store.add_version(make_version(NEW, after(10)), make_changes(3), [make_delivery()])
    for number in range(3):
        versions = store.versions(KEY)
        rewrite(store, [as_now(version, f"{version.id} {number}") for version in versions], versions)
    assert store.version(id_of(second)).text == NEW
    assert [change.previous_version_id for change in store.changes(id_of(second), against=first.id)] == [
        first.id
    ]
    assert rows(path, "SELECT count(*) FROM versions") == [(4,)]


@pytest.mark.parametrize("expected", [[], [1], [2, 1], [1, 2, 3]])
def test_other_versions_than_expected_leave_everything_as_it_was(store: Store, expected: list[int]) -> None:
    versions = history(store, OLD, NEW)
    with pytest.raises(StaleVersionError, match="has other versions than those that were read again"):
        store.rewrite(
            KEY, [as_now(versions[0], "X")], {1: ("r", None)}, expected=expected, comparing_rules="new"
        )
    assert store.versions(KEY) == versions
    assert store.capture_notes(KEY)[0].rules is None


def test_the_search_finds_the_lines_that_stand_after_the_rewriting_and_no_others(store: Store) -> None:
    first, second, third = history(store, "Cookies last a year.", "We sell nothing.", "We rent lists.")
    rewrite(
        store,
        [as_now(first, "Cookies last a month."), Rewrite(third.id, None, tuple(make_changes(1)))],
        [first, second, third],
    )
    found = {word: [hit.line for hit in store.search(word)] for word in ("year", "month", "sell", "rent")}
    assert found == {"year": [], "month": ["Cookies last a month."], "sell": [], "rent": ["We rent lists."]}
    # A line that comes back is found again.
    store.add_version(make_version("We sell nothing.", after(90)), make_changes(1), [])
    (hit,) = store.search("sell")
    assert hit.first_observed_at == after(90)


def test_texts_that_no_version_has_any_more_are_dropped(store: Store, path: Path) -> None:
    long = " ".join(f"clause-{number}" for number in range(500))
    versions = history(store, "one", "two", "three")
    rewrite(store, [as_now(version, f"{long} as read once {version.id}") for version in versions], versions)
    rewrite(store, [as_now(version, f"as read now {version.id}") for version in versions], versions)
    with closing(sqlite3.connect(path)) as db:
        # The three pages and the three texts of today.
        assert db.execute("SELECT count(*) FROM contents").fetchone() == (6,)
    with closing(open_store(f"sqlite:///{path}")) as reopened:
        assert [version.text for version in reopened.versions(KEY)] == [
            f"as read now {version.id}" for version in versions
        ]
        assert [reopened.capture(note.id).body for note in reopened.capture_notes(KEY)] == [
            b"one",
            b"two",
            b"three",
        ]
