from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils import Database, Migrations

from storage import StoreError, contents
from storage.connection import Connection
from storage.documents import sync
from storage.migrations import (
    APPLICATION_ID,
    archive_captures_and_gates,
    first_tables,
    migrations,
    schema_of,
    upgrades,
)
from storage.sqlite import SqliteStore
from storage.times import to_column
from tests.storage.samples import DOCUMENTS, KEY, NEW, START, add_transition, make_delivery

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def later() -> Migrations:
    """The steps of a later program: ours and one more."""
    steps = Migrations("policywatch")
    steps()(first_tables)
    steps()(upgrades)
    steps()(archive_captures_and_gates)

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
    assert found["user_version"] == schema_of(migrations) == 3
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
    assert migrated["user_version"] == 4
    with closing(SqliteStore(Connection.open(path, steps=later))) as store:
        assert (store.versions(KEY), store.deliveries()) == kept
        assert kept[0][-1].text == NEW


def test_versions_from_before_upgrades_were_told_apart_are_the_sites(path: Path) -> None:
    earlier = Migrations("policywatch")
    earlier()(first_tables)
    with closing(Connection.open(path, steps=earlier)) as connection:
        sync(connection.db, DOCUMENTS, START)
        row = {"site": KEY.site, "document": KEY.document, "observed_at": to_column(START), "source": "live"}
        connection.db.table("versions").insert({**row, "text_sha256": contents.put(connection.db, b"Old.")})
    with closing(SqliteStore(Connection.open(path))) as store:
        assert [(version.text, version.upgrade) for version in store.versions(KEY)] == [("Old.", False)]


def test_a_migrated_database_is_refused_by_the_program_of_before(path: Path, later: Migrations) -> None:
    Connection.open(path, steps=later).close()
    with pytest.raises(StoreError, match=r"newer policywatch \(schema 4, this program knows 3\)"):
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


def test_references_are_enforced(path: Path) -> None:
    with closing(Connection.open(path)) as connection:
        with (
            pytest.raises(StoreError, match="contradicts what is stored"),
            connection.write_transaction() as db,
        ):
            db.table("version_captures").insert({"version_id": 1, "position": 0, "capture_id": 1})
        assert connection.db.table("version_captures").count == 0
