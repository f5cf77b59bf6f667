from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils import Database, Migrations

from storage import NewNotice, Notice, StoreError
from storage.connection import Connection
from storage.migrations import (
    APPLICATION_ID,
    archive_captures_and_gates,
    changes_not_analysed,
    compact,
    confirmations_of_versions,
    first_tables,
    hosts_and_pages,
    ledgers_of_documents,
    migrations,
    misses_of_archives,
    notices_to_operators,
    pages_to_save,
    rules,
    schema_of,
    search,
    sources_of_versions_dated_back,
    tallies_of_versions,
    times_of_what_checks_saw,
    upgrades,
    what_needs_contents,
    wordings_and_replacements,
)
from storage.sqlite import SqliteStore
from storage.times import to_column
from tests.storage import old
from tests.storage.samples import (
    CHANGE,
    DOCUMENTS,
    KEY,
    NEW,
    OLD,
    START,
    TERMS,
    add_transition,
    after,
    make_capture,
    make_changes,
    make_delivery,
    make_version,
)

if TYPE_CHECKING:
    from pathlib import Path


STEPS = [
    *(first_tables, upgrades, compact, rules, search, hosts_and_pages, archive_captures_and_gates),
    *(tallies_of_versions, wordings_and_replacements, what_needs_contents, times_of_what_checks_saw),
    *(pages_to_save, notices_to_operators, ledgers_of_documents, misses_of_archives),
    *(sources_of_versions_dated_back, changes_not_analysed, confirmations_of_versions),
]


@pytest.fixture
def later() -> Migrations:
    """The steps of a later program: ours and one more."""
    steps = Migrations("policywatch")
    for step in STEPS:
        steps()(step)

    @steps()
    def notes(db: Database) -> None:
        db.execute("ALTER TABLE sites ADD COLUMN note TEXT NOT NULL DEFAULT ''")
        db.execute("CREATE INDEX sites_by_note ON sites (note)")

    return steps


def structure(db: Database) -> dict[str, Any]:
    """Everything that later statements can rely on: tables, columns, keys, references, indexes and marks."""
    tables = {
        table.name: (
            table.columns,
            table.pks,
            sorted(map(str, table.foreign_keys)),
            sorted((index.name, index.unique, tuple(index.columns)) for index in table.indexes),
            sorted(map(str, table.triggers)),
        )
        for table in db.tables
    }
    marks = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version", "journal_mode")
    }
    return {**tables, **marks}


def opened_structure(path: Path, steps: Migrations) -> dict[str, Any]:
    with closing(Connection.open(path, steps=steps)) as connection:
        return structure(connection.db)


def test_a_new_database_bears_our_mark_and_its_schema(path: Path) -> None:
    found = opened_structure(path, migrations)
    assert found["application_id"] == APPLICATION_ID
    assert found["user_version"] == schema_of(migrations) == 18
    assert found["journal_mode"] == "wal"
    assert {"sites", "documents", "contents", "captures", "versions", "changes", "deliveries"} <= set(found)


def test_a_migrated_database_is_like_a_new_one_and_keeps_its_history(
    tmp_path: Path, later: Migrations
) -> None:
    path = tmp_path / "old.db"
    with closing(SqliteStore(Connection.open(path))) as store:
        store.sync_documents(DOCUMENTS, START)
        add_transition(store, make_delivery())
        kept = store.versions(KEY), store.deliveries()
    migrated = opened_structure(path, later)
    assert migrated == opened_structure(tmp_path / "new.db", later)
    assert migrated["user_version"] == 19
    with closing(SqliteStore(Connection.open(path, steps=later))) as store:
        assert (store.versions(KEY), store.deliveries()) == kept
        assert kept[0][-1].text == NEW


def test_versions_from_before_upgrades_were_told_apart_are_the_sites(path: Path) -> None:
    earlier = Migrations("policywatch")
    earlier()(first_tables)
    with closing(Connection.open(path, steps=earlier)) as connection:
        old.sync(connection.db, KEY)
        old.add_version(connection.db, KEY, START, "Old.")
    with closing(SqliteStore(Connection.open(path))) as store:
        assert [(version.text, version.upgrade) for version in store.versions(KEY)] == [("Old.", False)]


@pytest.fixture
def earlier() -> Migrations:
    """The steps of the program that wrote history at its full length."""
    steps = Migrations("policywatch")
    steps()(first_tables)
    steps()(upgrades)
    return steps


def payload(number: int, material: bool = True) -> dict[str, Any]:
    return {**CHANGE, "summary": f"Change {number}", "material": material}


TEXTS = [f"{OLD} " * 200 + f"It is the {number}th day." for number in range(40)]


@pytest.fixture
def full_length(path: Path, earlier: Migrations) -> Path:
    """A database as it was before: two documents, 40 versions, an alert about changes that were judged again."""
    with closing(Connection.open(path, steps=earlier)) as connection, connection.write_transaction() as db:
        old.sync(db, KEY, TERMS)
        captures = [
            old.add_capture(db, make_capture(text.encode(), fetched_at=after(minute), suspect=suspect))
            for minute, (text, suspect) in enumerate(zip(TEXTS, [None, "bot-wall"] * 20, strict=True))
        ]
        # Not in the order of time, as an archive may bring them.
        versions = {
            minute: old.add_version(
                db, KEY, after(minute), TEXTS[minute], [captures[minute]], upgrade=minute % 2
            )
            for minute in sorted(range(40), key=lambda minute: minute % 3)
        }
        old.add_version(db, TERMS, START, TEXTS[7])
        for minute in range(1, 40):
            pair = versions[minute - 1], versions[minute]
            for position in range(3):
                old.add_change(db, pair, position, payload(100 * minute + position, position == 1))
        first = db.execute("SELECT max(id) FROM changes").fetchone()[0] + 1
        # Of four changes that a version brought once, an alert tells two; the second of them is not material.
        former = versions[0], versions[20]
        old.add_change(db, former, -4, payload(1), first)
        old.add_change(db, former, -2, payload(2, material=False), first + 2)
        old.add_delivery(db, KEY, former, first, first + 2)
        db.table("contents").insert({"sha256": "0" * 64, "size": 3, "zstd": b"not a frame"})
        alone = {"site": KEY.site, "document": KEY.document, "observed_at": to_column(after(99))}
        db.table("versions").insert({**alone, "text_sha256": "0" * 64, "source": "live"})
    return path


def test_every_record_of_before_is_there_after_the_history_was_compacted(full_length: Path) -> None:
    with closing(sqlite3.connect(full_length)) as connection:
        expected = connection.execute(
            "SELECT id, version_id, previous_version_id, payload FROM changes"
            " WHERE position >= 0 ORDER BY version_id, position"
        ).fetchall()
        times = connection.execute("SELECT id, observed_at FROM versions WHERE id < 42").fetchall()
    with closing(SqliteStore(Connection.open(full_length))) as store:
        versions = [store.version(version_id) for version_id, _ in times]
        assert [(version.id, to_column(version.observed_at)) for version in versions] == times
        assert {version.text for version in versions} == set(TEXTS)
        assert [(version.key, version.text) for version in versions][-1] == (TERMS, TEXTS[7])
        ours = [version for version in versions if version.key == KEY]
        for version in ours:
            (capture,) = (store.capture(capture_id) for capture_id in version.capture_ids)
            minute = TEXTS.index(version.text)
            suspect = "bot-wall" if minute % 2 else None
            fetched = make_capture(version.text.encode(), fetched_at=after(minute), suspect=suspect)
            assert capture == replace(fetched, id=capture.id)
            assert version.upgrade == bool(minute % 2)
        found = [change for version in ours for change in store.changes(version.id or 0)]
        assert [
            (change.id, change.version_id, change.previous_version_id, json.dumps(change.payload))
            for change in sorted(found, key=lambda change: (change.version_id, change.id))
        ] == expected


def test_changes_that_an_alert_told_keep_their_ids(full_length: Path) -> None:
    with closing(SqliteStore(Connection.open(full_length))) as store:
        (delivery,) = store.deliveries()
        told = store.changes(delivery.version_id, against=delivery.previous_version_id)
        assert tuple(change.id for change in told) == delivery.change_ids
        assert [change.payload["summary"] for change in told] == ["Change 1", "Change 2"]
        # And those to come have ids of their own.
        last = max(version.id or 0 for version in store.versions(TERMS))
        written = store.add_version(make_version(NEW, after(500), key=TERMS), make_changes(), [])
        (change,) = store.changes(written.id or 0, against=last)
        assert change.id == delivery.change_ids[-1] + 1


def test_what_was_damaged_before_is_damaged_still_and_hinders_nothing(full_length: Path) -> None:
    with closing(SqliteStore(Connection.open(full_length))) as store:
        with pytest.raises(StoreError, match="the text of version 42 is damaged"):
            store.version(42)
        assert store.version(41).text == TEXTS[7]


def test_history_takes_a_fraction_of_its_room(path: Path, earlier: Migrations) -> None:
    noise = random.Random(1)
    words = [f"{noise.getrandbits(60):x}" for _ in range(3000)]
    with closing(Connection.open(path, steps=earlier)) as connection, connection.write_transaction() as db:
        old.sync(db, KEY)
        for minute in range(60):
            words[noise.randrange(3000)] = "other"
            old.add_version(db, KEY, after(minute), "\n".join(words))
    before = path.stat().st_size
    Connection.open(path).close()
    assert path.stat().st_size < before / 4


def test_a_large_database_is_brought_up_to_date_with_a_word_of_it(
    full_length: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.connection._LARGE_BYTES", 1000)
    told: list[str] = []
    for _ in range(2):
        Connection.open(full_length, told=told.append).close()
    assert told == [f"bringing {full_length} (0 MB) up to date for this version, once"]


def test_a_compaction_that_breaks_off_leaves_the_database_as_it_was(
    full_length: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dump() -> list[str]:
        with closing(sqlite3.connect(full_length)) as connection:
            return list(connection.iterdump())

    def fail(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    before = dump()
    monkeypatch.setattr("storage.compacting.changes.bring_over", fail)
    with pytest.raises(KeyboardInterrupt):
        Connection.open(full_length)
    assert dump() == before
    monkeypatch.undo()
    Connection.open(full_length).close()


def test_a_migrated_database_is_refused_by_the_program_of_before(path: Path, later: Migrations) -> None:
    Connection.open(path, steps=later).close()
    with pytest.raises(StoreError, match=r"newer policywatch \(schema 19, this program knows 18\)"):
        Connection.open(path)


def test_a_migration_that_fails_leaves_the_database_as_it_was(path: Path, later: Migrations) -> None:
    before = opened_structure(path, migrations)

    @later()
    def broken(db: Database) -> None:
        db.execute("CREATE TABLE half_made (id INTEGER)")
        db.execute("INSERT INTO missing VALUES (1)")

    with pytest.raises(StoreError, match="no such table: missing"):
        Connection.open(path, steps=later)
    assert opened_structure(path, migrations) == before


def test_deliveries_of_before_go_on_beside_those_to_operators(path: Path) -> None:
    before = Migrations("policywatch")
    for step in STEPS[: STEPS.index(notices_to_operators)]:
        before()(step)
    with closing(Connection.open(path, steps=before)) as connection:
        old_store = SqliteStore(connection)
        old_store.sync_documents(DOCUMENTS, START)
        add_transition(old_store, make_delivery())
        kept = old_store.deliveries()
    with closing(SqliteStore(Connection.open(path))) as store:
        assert store.deliveries() == kept
        assert store.notices() == []
        down = Notice("document.failing", KEY, START, after(60))
        store.record_check(KEY, after(60), "dns", tell=lambda *_: [NewNotice(down, ("ops",))])
        assert [one.notice for one in store.notices()] == [down]
        assert store.deliveries() == kept


def test_references_are_enforced(path: Path) -> None:
    with closing(Connection.open(path)) as connection:
        with (
            pytest.raises(StoreError, match="contradicts what is stored"),
            connection.write_transaction() as db,
        ):
            db.table("version_captures").insert({"version_id": 1, "position": 0, "capture_id": 1})
        assert connection.db.table("version_captures").count == 0


def test_versions_that_an_archive_dated_back_are_its_own_by_their_time(path: Path) -> None:
    with closing(Connection.open(path)) as connection:
        store = SqliteStore(connection)
        store.sync_documents(DOCUMENTS, START)
        kept = [store.add_capture(make_capture(fetched_at=after(minute))) for minute in (0, 10)]
        sources = [
            store.add_version(make_version(text, at, capture_ids=(capture.id,)), [], [], previous_id="any").id
            for text, at, capture in ((OLD, after(-600), kept[0]), (NEW, after(10), kept[1]))
        ]
        with connection.write_transaction() as db:
            sources_of_versions_dated_back(db)
        assert [store.version(number or 0).source for number in sources] == ["archive", "live"]
