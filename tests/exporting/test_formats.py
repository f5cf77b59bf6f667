"""Each format, read by the tools that it is for."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils import Database
from warcio.archiveiterator import ArchiveIterator

from monitor.exporting.run import FORMATS, export
from monitor.importing.git import opened
from monitor.importing.history import History as Past
from monitor.importing.open_terms_archive import archive_in
from storage import StoreError, open_store
from tests.exporting.kept import HOSTILE, PAGE, SHOP, TEXTS
from tests.storage.samples import START

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.exporting.histories import History
    from monitor.exporting.run import Format
    from storage.store import Store


def git(repository: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", repository, *arguments], check=True, capture_output=True, encoding="utf-8"
    ).stdout


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_goes_over_nothing_that_stands_there(
    kept: list[History], tmp_path: Path, form: Format
) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(StoreError, match="there exists already"):
        export(kept, form, there)
    assert there.read_text() == "mine"


def test_git_shows_a_commit_a_version_with_its_date_and_meaning(kept: list[History], tmp_path: Path) -> None:
    export(kept, "git", tmp_path / "policies.git")
    log = git(tmp_path / "policies.git", "log", "--reverse", "--format=%aI %s", "main").splitlines()
    assert log == [
        f"{START:%Y-%m-%dT%H:%M:%S}+00:00 First record of Café terms-of-service",
        f"{START:%Y-%m-%dT%H:%M:%S}+00:00 First record of Shop & Söhne <b> privacy-policy",
        f"{START.replace(day=START.day + 1):%Y-%m-%dT%H:%M:%S}+00:00"
        " Record new changes of Shop & Söhne <b> privacy-policy",
        f"{START.replace(day=START.day + 2):%Y-%m-%dT%H:%M:%S}+00:00"
        " Apply technical or declaration upgrade on Shop & Söhne <b> privacy-policy",
    ]
    assert git(tmp_path / "policies.git", "show", "main~1:shop/privacy-policy.md") == TEXTS[1]
    assert f"- Change 1\n\nSnapshot: {PAGE}/1\n" in git(
        tmp_path / "policies.git", "log", "main", "--format=%B"
    )
    assert git(tmp_path / "policies.git", "fsck", "--strict", "--no-dangling") == ""


def test_the_same_history_gives_the_same_commits(kept: list[History], tmp_path: Path) -> None:
    heads = []
    for name in ("one.git", "two.git"):
        export(kept, "git", tmp_path / name)
        heads.append(git(tmp_path / name, "rev-parse", "main"))
    assert heads[0] == heads[1]


def test_the_repository_is_one_that_we_import(kept: list[History], tmp_path: Path, store: Store) -> None:
    export(kept, "git", tmp_path / "policies.git")
    with (
        closing(open_store(f"sqlite:///{tmp_path}/other.db")) as other,
        opened(tmp_path / "policies.git") as found,
    ):
        archive = archive_in(found, tmp_path)
        other.remember_documents(archive.documents, START)
        assert list(Past(other).take_all(archive)) == ["added"] * 4
        assert [(version.text, version.upgrade) for version in other.versions(SHOP)] == [
            (version.text, version.upgrade) for version in store.versions(SHOP)
        ]


@pytest.mark.parametrize("name", ["captures.warc", "captures.warc.gz"])
def test_warcio_reads_the_captures_and_their_evidence(kept: list[History], tmp_path: Path, name: str) -> None:
    export(kept, "warc", tmp_path / name)
    found: dict[str, list[Any]] = {}
    with (tmp_path / name).open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            found.setdefault(record.rec_type, []).append(
                (record.rec_headers, record.http_headers, record.content_stream().read())
            )
    assert [len(found[kind]) for kind in ("warcinfo", "resource", "response", "metadata")] == [1, 1, 4, 5]
    answers = {about["WARC-Date"]: (about, http, body) for about, http, body in found["response"]}
    about, http, body = answers[f"{START.replace(day=START.day + 1):%Y-%m-%dT%H:%M:%SZ}"]
    assert (about["WARC-Target-URI"], about["WARC-IP-Address"]) == (f"{PAGE}/1", "192.0.2.7")
    assert (http.get_statuscode(), http["X-Crawler-Content-Encoding"], http["X-Evil"]) == (
        "200",
        "gzip",
        None,
    )
    assert body == f"<p>{TEXTS[1]}</p>".encode()
    ((about, _, body),) = found["resource"]
    assert (about["WARC-Target-URI"], body) == ("https://cafe.example/terms", b"Pay in cash.")
    assert any(b"policywatch-suspect: bot-wall\r\n" in body for *_, body in found["metadata"])


def test_tables_for_spreadsheets_hold_no_formula(kept: list[History], tmp_path: Path) -> None:
    export(kept, "csv", tmp_path / "tables")
    rows = {
        path.name: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), strict=True))
        for path in (tmp_path / "tables").iterdir()
    }
    assert {name: len(found) for name, found in rows.items()} == {
        "documents.csv": 2,
        "versions.csv": 4,
        "changes.csv": 2,
    }
    change = rows["changes.csv"][0]
    assert (change["summary"], change["section"], change["material"]) == ("Change 1", f"'{HOSTILE}", "true")
    assert [row["material_changes"] for row in rows["versions.csv"]] == ["0", "0", "1", "1"]
    standings = [row["confirmation"] for row in rows["versions.csv"]]
    assert standings == ["confirmed", "confirmed", "held", "confirmed"]


def test_sqlite_holds_tables_that_belong_together(kept: list[History], tmp_path: Path) -> None:
    export(kept, "sqlite", tmp_path / "policies.db")
    with closing(sqlite3.connect(tmp_path / "policies.db")) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        counts = {table.name: table.count for table in Database(db).tables if "fts" not in table.name}
        del counts["sqlite_stat1"]
        assert counts == {
            "sites": 2, "documents": 2, "captures": 5, "versions": 4, "changes": 2, "version_captures": 4,
        }  # fmt: skip
        held = "SELECT text FROM versions WHERE confirmation = 'held'"
        assert db.execute(held).fetchall() == [(TEXTS[1],)]
        found = "SELECT count(*) FROM versions_fts WHERE versions_fts MATCH 'cash'"
        assert db.execute(found).fetchone() == (1,)
        metadata = json.loads((tmp_path / "policies-metadata.json").read_text())
        tables = metadata["databases"]["policies"]["tables"]
        columns = {name: set(Database(db).table(name).columns_dict) for name in tables}
        for name, table in tables.items():
            named = {table.get("label_column"), table.get("sort_desc"), *table.get("facets", [])} - {None}
            assert named <= columns[name]
        assert (
            len(db.execute(metadata["databases"]["policies"]["queries"]["weakened"]["sql"]).fetchall()) == 2
        )
