from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage import Hit, StoreError
from storage.connection import Connection
from storage.records import Rewrite
from storage.sqlite import SqliteStore
from tests.storage import old
from tests.storage.samples import DOCUMENTS, KEY, OTHER, START, TERMS, after, id_of, make_version
from tests.storage.test_migrations import earlier  # noqa: F401  a fixture

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Migrations

    from storage import Store

NEVER, MAY = "We never share your data.", "We may share your data."


def write(store: Store, *texts: str, key: object = KEY) -> list[int]:
    return [
        id_of(store.add_version(make_version(text, after(minute), key=key), [], []))
        for minute, text in enumerate(texts)
    ]


def lines(hits: list[Hit]) -> list[str]:
    return [hit.line for hit in hits]


def test_a_line_is_found_once_with_the_versions_between_which_it_stood(store: Store) -> None:
    ids = write(store, f"# Data\n\n{NEVER}\n", f"{NEVER}\n\nMore.", f"More.\n\n{MAY}", f"{NEVER}\n{MAY}")
    assert store.search("never share") == [
        Hit(KEY, NEVER, ids[0], after(0), ids[3], after(3)),
    ]
    assert store.search("may") == [Hit(KEY, MAY, ids[2], after(2), ids[3], after(3))]
    assert store.search("nowhere") == []


@pytest.mark.parametrize("seed", range(4))
def test_versions_in_any_order_give_the_same_spans(store: Store, seed: int) -> None:
    texts = [f"Common.\nOnly {number}.\nEvery {number // 3}." for number in range(9)]
    order = list(range(9))
    random.Random(seed).shuffle(order)
    for minute in order:
        store.add_version(make_version(texts[minute], after(minute)), [], [])
    (common,) = store.search("common")
    assert (common.first_observed_at, common.last_observed_at) == (after(0), after(8))
    assert {(hit.line, hit.first_observed_at, hit.last_observed_at) for hit in store.search("every")} == {
        (f"Every {number}.", after(3 * number), after(3 * number + 2)) for number in range(3)
    }


@pytest.mark.parametrize("rewritten", [False, True])
def test_a_damaged_index_keeps_no_version_from_being_written_and_is_made_anew(
    store: Store, path: Path, rewritten: bool
) -> None:
    numbers = write(store, f"Gone.\n{NEVER}", f"More.\n{NEVER}")
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        db.execute("UPDATE document_lines SET packed = x'00'")
    if rewritten:
        entries = [Rewrite(None, make_version(MAY, after(0)), None), Rewrite(numbers[1], None, ())]
        store.rewrite(KEY, entries, {}, expected=numbers, comparing_rules="today")
        assert lines(store.search("may")) == [MAY]
        assert store.search("gone") == []
    else:
        store.add_version(make_version(MAY, after(9)), [], [])
        assert [(hit.line, hit.first_version_id) for hit in store.search("share your")] == [
            (NEVER, numbers[0]),
            (MAY, numbers[1] + 1),
        ]
        assert lines(store.search("more")) == ["More."]


def test_each_document_has_its_own_lines(store: Store) -> None:
    for key in (TERMS, KEY, OTHER):
        write(store, NEVER, key=key)
    assert {hit.key for hit in store.search("never")} == {KEY, TERMS, OTHER}
    assert len(store.search("never", limit=2)) == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SHARE données", ["We share your Données (opt-out)."]),
        ("donnees", ["We share your Données (opt-out)."]),
        ('"share your"', ["We share your Données (opt-out)."]),
        ('"your share"', []),
        ("your share", ["We share your Données (opt-out)."]),
        ("opt-out", ["We share your Données (opt-out)."]),
        ("out-opt", []),
        ("tracker.test", []),
        ("policy", ["See [our policy]."]),
        ('sha"re', []),
        ('NOT ( * ^ "', []),
        ("not", []),
        ("", []),
        ("...", []),
    ],
)
def test_words_are_found_whatever_their_case_and_accents(store: Store, query: str, found: list[str]) -> None:
    write(store, "We share your Données (opt-out).\nSee [our policy](https://tracker.test/a?b=1).\n***\n")
    assert lines(store.search(query)) == found


def test_a_link_that_changes_makes_no_new_line(store: Store) -> None:
    ids = write(store, *(f"See [our policy](https://shop.test/?{number})." for number in range(5)))
    (hit,) = store.search("policy")
    assert (hit.first_version_id, hit.last_version_id) == (ids[0], ids[-1])


def test_a_history_of_before_can_be_searched(path: Path, earlier: Migrations) -> None:  # noqa: F811
    with closing(Connection.open(path, steps=earlier)) as connection, connection.write_transaction() as db:
        old.sync(db, KEY)
        for minute, text in enumerate([NEVER, f"{NEVER}\n{MAY}", MAY]):
            old.add_version(db, KEY, after(minute), text)
    with closing(SqliteStore(Connection.open(path))) as store:
        assert store.search("never") == [Hit(KEY, NEVER, 1, START, 2, after(1))]
        store.sync_documents(DOCUMENTS, START)
        store.add_version(make_version(NEVER, after(5)), [], [])
        assert [hit.last_observed_at for hit in store.search("never")] == [after(5)]


def test_a_version_that_is_not_written_is_not_found(store: Store) -> None:
    with pytest.raises(StoreError):
        store.add_version(make_version(NEVER, capture_ids=(9,)), [], [])
    assert store.search("never") == []
    write(store, MAY)
    assert lines(store.search("share")) == [MAY]


def test_damage_is_told(store: Store, path: Path) -> None:
    write(store, NEVER)
    with closing(Connection.open(path)) as connection, connection.write_transaction() as db:
        db.execute("UPDATE document_lines SET packed = x'00'")
    with pytest.raises(StoreError, match="the lines of document 2 are damaged"):
        store.search("never")
