from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import ChangeRecord, DocumentKey, StoreError, Version
from tests.storage.samples import (
    CHANGE,
    KEY,
    NEW,
    OLD,
    START,
    TERMS,
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

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
PAYLOADS = st.builds(
    lambda extra, material: {**CHANGE, "extra": extra, "material": material}, JSON, st.booleans()
)
HISTORIES = st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ABC")), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(), payloads=st.lists(PAYLOADS, max_size=3))
def test_every_version_and_change_is_read_as_it_was_written(
    store: Store, text: str, payloads: list[dict[str, Any]]
) -> None:
    key = _fresh_document(store)
    store.add_version(make_version(f"{text}.", key=key), [], [])
    version = make_version(text, after(1), key=key, source="archive")
    written = store.add_version(version, [ChangeRecord(payload) for payload in payloads], [])
    assert written == replace(version, id=written.id)
    assert store.version(id_of(written)) == store.latest_version(key) == written
    assert [change.payload for change in store.changes(id_of(written))] == payloads
    assert [change.material for change in store.changes(id_of(written))] == [p["material"] for p in payloads]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_history_in_any_order_stands_in_the_order_of_time(
    store: Store, history: list[tuple[int, str]]
) -> None:
    key = _fresh_document(store)
    returned = {store.add_version(make_version(text, after(m), key=key), [], []) for m, text in history}
    versions = store.versions(key)
    assert set(versions) == returned
    assert versions == sorted(versions, key=lambda version: (version.observed_at, version.id))
    assert all(one.text != other.text for one, other in pairwise(versions))
    assert store.latest_version(key) == (versions[-1] if versions else None)


def test_the_evidence_of_a_version_stands_in_its_order(store: Store) -> None:
    captures = [id_of(store.add_capture(make_capture(bytes([n])))) for n in range(3)]
    evidence = (captures[2], captures[0], captures[1])
    version = store.add_version(make_version(OLD, capture_ids=evidence), [], [])
    store.add_version(make_version(NEW, after(1), capture_ids=(captures[1],)), [], [])
    assert store.version(id_of(version)).capture_ids == evidence
    assert [version.capture_ids for version in store.versions(KEY)] == [evidence, (captures[1],)]


def test_a_version_without_its_evidence_is_not_written(store: Store) -> None:
    with pytest.raises(StoreError, match="contradicts what is stored"):
        store.add_version(make_version(OLD, capture_ids=(7,)), [], [])
    assert store.versions(KEY) == []


def test_an_unchanged_text_writes_nothing(store: Store) -> None:
    first = store.add_version(make_version(OLD), [], [])
    again = store.add_version(make_version(OLD, after(60)), make_changes(), [make_delivery()])
    assert again == first
    assert store.versions(KEY) == [first]
    assert (store.changes(id_of(first)), store.deliveries()) == ([], [])


def test_a_text_that_comes_back_is_a_version_again_and_kept_once(store: Store, path: Path) -> None:
    for minute, text in enumerate([OLD, NEW, OLD]):
        store.add_version(make_version(text, after(minute)), [], [])
    assert [version.text for version in store.versions(KEY)] == [OLD, NEW, OLD]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM contents").fetchone() == (2,)


def test_an_older_text_that_arrives_late_takes_its_place(store: Store) -> None:
    old = store.add_version(make_version("2024", after(0)), [], [])
    new = store.add_version(make_version("2026", after(20)), [], [])
    between = store.add_version(make_version("2025", after(10)), make_changes(), [], previous_id=old.id)
    assert store.versions(KEY) == [old, between, new]
    assert store.latest_version(KEY) == new
    assert store.add_version(make_version("2026", after(15)), [], []) == new
    (change,) = store.changes(id_of(between))
    assert (change.version_id, change.previous_version_id) == (between.id, old.id)


def test_changes_name_both_versions_and_stand_in_the_order_of_the_text(store: Store) -> None:
    first = store.add_version(make_version(OLD), [], [])
    second = store.add_version(make_version(NEW, after(1)), make_changes(3), [])
    changes = store.changes(id_of(second))
    assert [change.payload["summary"] for change in changes] == ["Change 0", "Change 1", "Change 2"]
    assert {(change.version_id, change.previous_version_id) for change in changes} == {(second.id, first.id)}
    assert len({change.id for change in changes}) == 3
    assert store.changes(id_of(first)) == []


def test_changes_can_be_asked_for_by_meaning(store: Store, path: Path) -> None:
    add_transition(store)
    question = (
        "SELECT count(*) FROM changes JOIN meanings ON meanings.id = meaning"
        " WHERE topic = 'sharing' AND direction = 'weaker' AND material"
    )
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(question).fetchone() == (1,)


def test_documents_do_not_share_their_histories(store: Store) -> None:
    version = store.add_version(make_version(OLD), [], [])
    other = store.add_version(make_version(OLD, key=TERMS), [], [])
    assert (store.versions(KEY), store.versions(TERMS)) == ([version], [other])


def test_a_text_that_was_altered_is_not_compared(store: Store, path: Path) -> None:
    version = store.add_version(make_version(OLD), [], [])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE contents SET zstd = x'00'")
    for read in (lambda: store.version(id_of(version)), lambda: store.versions(KEY)):
        with pytest.raises(StoreError, match="the text of version 1 is damaged"):
            read()


@pytest.mark.parametrize("version_id", [1, 0, 10**30])
def test_a_missing_version_is_named(store: Store, path: Path, version_id: int) -> None:
    with pytest.raises(StoreError) as error:
        store.version(version_id)
    assert str(error.value) == f"{path}: there is no version {version_id}"


def test_a_first_version_brings_no_changes(store: Store) -> None:
    with pytest.raises(ValueError, match="first version of shop/privacy-policy"):
        store.add_version(make_version(OLD), make_changes(), [])
    assert store.versions(KEY) == []


def test_a_text_under_the_hash_of_another_is_refused(store: Store) -> None:
    version = replace(make_version(OLD), text_sha256=hashlib.sha256(b"x").hexdigest())
    with pytest.raises(ValueError, match="not the hash of the text of shop/privacy-policy"):
        store.add_version(version, [], [])
    assert store.versions(KEY) == []


def test_a_version_without_timezone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="needs a timezone"):
        store.add_version(make_version(OLD, START.replace(tzinfo=None)), [], [])


def _fresh_document(store: Store) -> DocumentKey:
    known = [(key, "Shop") for key in store.documents()]
    key = DocumentKey("shop", f"document-{len(known)}")
    store.sync_documents([*known, (key, "Shop")], START)
    return key


def test_versions_without_a_document_are_none(store: Store) -> None:
    nobody = DocumentKey("nobody", "privacy-policy")
    nothing: list[Version] = []
    assert (store.versions(nobody), store.latest_version(nobody)) == (nothing, None)


def test_a_text_is_known_that_stood_there_once(store: Store) -> None:
    store.add_version(make_version(OLD), [], [])
    store.add_version(make_version(NEW, after(10)), [], [])
    assert store.knows_text(KEY, make_version(OLD).text_sha256)
    assert not store.knows_text(KEY, make_version("third").text_sha256)
    assert not store.knows_text(TERMS, make_version(OLD).text_sha256)
